"""The command that screens parcels, and real processes that are killed on the way: alone, several, a Dask cluster."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas
import openpyxl
import psutil
import pytest
import shapely
from click.testing import CliRunner, Result

from gzmap.cli import main
from gzmap.config import AREA_TITLE, STORAGE_CRS
from tests.clusters import serve_cluster
from tests.conftest import ROOT
from tests.parcel_makers import make_parcels, write_parcels

COUNT, WINDOW = 3_000, 60
BOW = shapely.Polygon([(113.3, 23.1), (113.302, 23.102), (113.302, 23.1), (113.3, 23.102)])
COMMAND = (sys.executable, "-c", "from gzmap.cli import main; main()", "--root", str(ROOT), "screen")
DONE = re.compile(r"^(\d+)/\d+（")
PATIENCE_S = 120


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parcels(make_parcels(COUNT, seed=7), tmp_path_factory.mktemp("parcels") / "地块.gpkg")


@pytest.fixture(scope="module")
def expected(source: Path) -> bytes:
    """What comes out of one process that nothing happens to."""
    target = source.with_name("不间断.parquet")
    done = subprocess.run(
        [*COMMAND, str(source), "-o", str(target), *options(1)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(geopandas.read_parquet(target)) > COUNT
    return target.read_bytes()


def options(processes: int) -> list[str]:
    return ["--processes", str(processes), "--window", str(WINDOW)]


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["--root", str(ROOT), "screen", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


@contextmanager
def start(*arguments: object) -> Iterator[subprocess.Popen]:
    """A run in a process of its own, which is gone in the end, with all its children."""
    child = subprocess.Popen([*COMMAND, *map(str, arguments)], stderr=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        child.stderr.close()


def wait_for(child: subprocess.Popen, parcels: int) -> None:
    """Read what a run tells until it has done so many parcels."""
    for line in child.stderr:
        told = DONE.match(line)
        if told and int(told[1]) >= parcels:
            return
    pytest.fail("the run ended before it was to be killed")


def find_workers(child: subprocess.Popen) -> list[psutil.Process]:
    """Give the worker processes of a run, which are forks of one of its children."""
    return [worker for server in psutil.Process(child.pid).children() for worker in server.children()]


# --- the command


def test_a_result_in_every_form(tmp_path: Path) -> None:
    frame = make_parcels(40, seed=3).to_crs(STORAGE_CRS)
    frame.loc[40] = ["GZ坏", "=1+1", BOW]
    source = write_parcels(frame, tmp_path / "地块.gpkg")
    targets = [tmp_path / f"结果{suffix}" for suffix in (".parquet", ".gpkg", ".xlsx")]
    result = run(source, "--processes", 1, *(part for target in targets for part in ("-o", target)))
    assert result.exit_code == 1, "a parcel could not be screened"
    assert "共 41 宗" in result.stdout
    assert "未能核查 1 宗" in result.stdout
    assert "第 41 宗 GZ坏：范围的边界在" in result.stdout
    assert AREA_TITLE[0] in result.stdout
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([source.name, *(t.name for t in targets)])
    book = openpyxl.load_workbook(targets[2])
    assert book.sheetnames == ["汇总", "涉及要素", "未能核查"]
    rows = list(book["涉及要素"].iter_rows(values_only=True))
    assert rows[0][0] == AREA_TITLE[0]
    assert rows[1][0] == "地块：地块.gpkg，共 41 宗。"
    head = next(n for n, row in enumerate(rows) if row[0] == "编号")
    found = geopandas.read_parquet(targets[0])
    counts = found.dropna(subset="feature_id").groupby("feature_id").size()
    assert {row[0]: row[5] for row in rows[head + 1 :]} == counts.to_dict()
    assert all(row[9] for row in rows[head + 1 :]), "every feature is told with its words"
    broken = list(book["未能核查"].iter_rows(values_only=True))[-1]
    assert broken[:3] == (41, "GZ坏", "area-crossing")


def test_json_tells_the_numbers(tmp_path: Path) -> None:
    source = write_parcels(make_parcels(30, seed=5), tmp_path / "a.gpkg")
    result = run(source, "-o", tmp_path / "a.parquet", "--processes", 1, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["kind"], told["parcels"], told["problems"]) == ("screening", 30, {})
    assert told["touched"] + told["untouched"] == 30
    assert told["outputs"] == [str(tmp_path / "a.parquet")]


def test_a_mended_outline_is_told(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"名称": ["甲"]}, geometry=[BOW], crs=STORAGE_CRS)
    result = run(write_parcels(frame, tmp_path / "a.gpkg"), "-o", tmp_path / "a.parquet", "--repair", "--processes", 1)
    assert result.exit_code == 0
    assert "修复了 1 宗" in result.stdout


def test_a_bad_request_is_told_in_one_line(tmp_path: Path) -> None:
    source = write_parcels(make_parcels(3), tmp_path / "a.gpkg")
    bare = write_parcels(make_parcels(3).set_crs(None, allow_override=True), tmp_path / "b.gpkg")
    for arguments, told in (
        ((source, "-o", tmp_path / "a.csv"), ".parquet, .gpkg, .xlsx"),
        ((tmp_path / "none.gpkg", "-o", tmp_path / "a.parquet"), "none.gpkg"),
        ((bare, "-o", tmp_path / "a.parquet"), "EPSG:4547"),
        ((source, "-o", tmp_path / "none" / "a.parquet"), "cannot be written"),
        ((source, "-o", tmp_path / "a.parquet", "--label", "x"), "no field 'x'"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert told in result.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.gpkg", "b.gpkg"]


# --- killed


@pytest.mark.parametrize("processes", [1, 2])
def test_a_killed_run_goes_on_and_gives_the_same_bytes(
    source: Path, expected: bytes, tmp_path: Path, processes: int
) -> None:
    target = tmp_path / "结果.parquet"
    arguments = (source, "-o", target, *options(processes))
    with start(*arguments) as child:
        wait_for(child, 10 * WINDOW)
        workers = psutil.Process(child.pid).children(recursive=True)
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        gone, alive = psutil.wait_procs(workers, timeout=PATIENCE_S)
        assert (bool(gone), alive) == (processes > 1, []), "what it had started ends with it"
    assert not target.exists()
    again = run(*arguments)
    assert again.exit_code == 0
    went_on = re.search(r"接着上次未完成的任务：(\d+)/50 段已完成", again.stderr)
    assert int(went_on[1]) >= 10
    assert target.read_bytes() == expected
    assert list(tmp_path.iterdir()) == [target]


def test_a_killed_worker_process_is_told_and_nothing_done_is_lost(
    source: Path, expected: bytes, tmp_path: Path
) -> None:
    target = tmp_path / "结果.parquet"
    arguments = (source, "-o", target, *options(2))
    with start(*arguments) as child:
        wait_for(child, 5 * WINDOW)
        find_workers(child)[0].send_signal(signal.SIGKILL)
        told = child.stderr.read()
        assert child.wait() == 2
    assert "A worker process died" in told
    assert "Traceback" not in told
    assert run(*arguments).exit_code == 0
    assert target.read_bytes() == expected


# --- a Dask cluster


def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed(
    source: Path, expected: bytes, tmp_path: Path
) -> None:
    target = tmp_path / "结果.parquet"
    with serve_cluster(tmp_path, 2) as cluster:
        with start(source, "-o", target, "--scheduler", cluster.address, *options(1)) as child:
            wait_for(child, 5 * WINDOW)
            cluster.workers[0].send_signal(signal.SIGKILL)
            told = child.stderr.read()
            assert child.wait() == 0, told
        assert cluster.workers[0].wait() == -signal.SIGKILL
        assert cluster.workers[1].poll() is None
    assert target.read_bytes() == expected


def test_a_cluster_that_is_lost_is_told_and_the_run_goes_on_here(source: Path, expected: bytes, tmp_path: Path) -> None:
    target = tmp_path / "结果.parquet"
    with (
        serve_cluster(tmp_path, 1) as cluster,
        start(source, "-o", target, "--scheduler", cluster.address, *options(1)) as child,
    ):
        wait_for(child, 5 * WINDOW)
        cluster.scheduler.kill()
        told = child.stderr.read()
        assert child.wait() == 2, told
    assert "was lost on the way" in told
    assert run(source, "-o", target, *options(1)).exit_code == 0
    assert target.read_bytes() == expected


def test_a_scheduler_that_does_not_answer_is_named(source: Path, tmp_path: Path, free_port: int) -> None:
    address = f"tcp://127.0.0.1:{free_port}"
    done = subprocess.run(
        [*COMMAND, str(source), "-o", str(tmp_path / "a.parquet"), "--scheduler", address],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"The Dask scheduler {address} does not answer" in done.stderr
    assert "Traceback" not in done.stderr
