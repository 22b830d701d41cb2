"""Two writers at once: one is stopped in the middle, the other runs, the first goes on; nothing is half or lost."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import geopandas
import psycopg
import pytest

from gzmap import database as db
from gzmap.checks import check_atlas, format_project
from gzmap.files.writing import INNER
from tests.faults import Fault, Workshop, list_left, projects, read_tree, workshop
from tests.parcel_makers import make_parcels, write_parcels
from tests.ui_support import make_shown_project

__all__ = ["projects", "workshop"]
PATIENCE_S = 60


def find_step(steps: tuple[str, ...], wanted: str) -> int:
    return next(number for number, step in enumerate(steps) if step.startswith(wanted))


EXPORTS = {
    "a.geojson": ("export", "parks", "--format", "geojson"),
    "a.zip": ("export", "parks", "--format", "shp"),
    "p.zip": ("packet", "--layers", "parks", "--format", "gpkg"),
    "a.pdf": ("print",),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_two_exports_to_one_target_end_with_one_of_them_whole(
    workshop: Workshop, projects: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    target = tmp_path / name
    command = [*EXPORTS[name], "-o", target]
    wholes = []
    for workshop.root in projects:
        steps = workshop.list_steps(*command, watch=tmp_path)
        wholes.append(target.read_bytes())
    # Before its first byte, and before it is moved to its place.
    for wanted in ("os.mkdir .gzmap-…/work", "os.rename .gzmap-…/work")[name != "a.geojson" :]:
        workshop.root = projects[0]
        first = workshop.stop_at(find_step(steps, wanted), *command, watch=tmp_path)
        workshop.root = projects[1]
        second = workshop.run(*command)
        assert second.code == 0, second.err
        assert "broken off" not in second.err, "the other run is alive"
        assert target.read_bytes() == wholes[1]
        done = workshop.go_on(first)
        assert done.code == 0, done.err
        assert target.read_bytes() == wholes[0]
        assert list(tmp_path.iterdir()) == [target]


def require_refused(code: int, err: str, what: str) -> None:
    assert code == 2
    assert f"Another run ({what}) writes in" in err
    assert "wait for it" in err


def test_two_editions_in_one_folder(workshop: Workshop, projects: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "edition"
    workshop.root = projects[0]
    assert workshop.run("publish", folder).code == 0
    workshop.root = projects[1]
    first = workshop.stop_at(4, "publish", folder, watch=tmp_path)
    before = read_tree(folder)
    second = workshop.run("publish", folder)
    require_refused(second.code, second.err, "gzmap publish")
    assert read_tree(folder) == before
    assert workshop.go_on(first).code == 0
    assert list_left(folder) == []
    after = read_tree(folder)
    alone = tmp_path / "alone"
    assert workshop.run("publish", alone).code == 0
    whole = {name: body for name, body in read_tree(alone).items() if name != "edition.json"}
    assert whole.items() <= after.items()
    assert after["index.html"] != before["index.html"]


# --- the project's files


def test_two_formats_of_one_project(workshop: Workshop, tmp_path: Path) -> None:
    root = workshop.root = make_shown_project(tmp_path / "project")
    wanted = read_tree(root)
    spoil(root)
    before = read_tree(root)
    steps = workshop.list_steps("format", watch=root)
    spoil(root)
    first = workshop.stop_at(find_step(steps, "os.rename"), "format", watch=root)
    for command in (["format"], ["propose", "--write"]):
        second = workshop.run(*command)
        require_refused(second.code, second.err, "gzmap format")
    assert workshop.run("format", "--check").code == 1, "who only looks is not kept out"
    assert read_tree(root) == before
    assert workshop.go_on(first).code == 0
    assert (read_tree(root), list_left(root)) == (wanted, [])


def spoil(root: Path) -> None:
    for name in ("layers/parks.geojson", "layers/streams.geojson"):
        path = root / name
        path.write_bytes(path.read_bytes().replace(b'":', b'":  '))


def test_what_somebody_saves_while_files_are_formatted_is_not_lost(workshop: Workshop, tmp_path: Path) -> None:
    root = workshop.root = make_shown_project(tmp_path / "project")
    spoil(root)
    steps = workshop.list_steps("format", watch=root)
    renamed = [number for number, step in enumerate(steps) if step.startswith("os.rename")]
    names = [Path(steps[number]).name for number in renamed]
    assert sorted(names[:2]) == ["parks.geojson", "streams.geojson"]
    spoil(root)
    first = workshop.stop_at(renamed[0], "format", watch=root)
    path = root / "layers" / names[1]
    saved = path.read_bytes().replace("条".encode(), "條".encode()) + b"\n"
    path.write_bytes(saved)
    done = workshop.go_on(first)
    assert done.code == 2
    assert f"{names[1]}: was saved by somebody meanwhile and is left as it is; run this again" in done.err
    assert path.read_bytes() == saved
    assert list_left(root) == []
    assert format_project(root, write=True)
    assert not [f for f in check_atlas(root) if f.severity == "error"]


# --- parcels


def test_two_screenings(workshop: Workshop, projects: tuple[Path, Path], tmp_path: Path) -> None:
    workshop.root = projects[1]
    source = write_parcels(make_parcels(12, seed=3), tmp_path / "地块.gpkg")
    out = tmp_path / "out"
    out.mkdir()
    one, two, shared = (out / name for name in ("one.xlsx", "two.xlsx", "both.parquet"))
    options = ["--processes", 1, "--window", 4]
    command = ["screen", source, "-o", one, "-o", shared, *options]
    steps = workshop.list_steps(*command, watch=out)
    rows = geopandas.read_parquet(shared)
    whole = shared.read_bytes()
    shared.unlink()
    first = workshop.stop_at(find_step(steps, f"os.rename .gzmap-…/{INNER}/both.parquet"), *command, watch=out)
    again = workshop.run(*command)
    assert again.code == 2
    assert "Another run writes one.xlsx just now" in again.err
    other = workshop.run("screen", source, "-o", two, "-o", shared, *options)
    assert other.code == 0, other.err
    assert shared.read_bytes() == whole
    assert workshop.go_on(first).code == 0
    assert sorted(path.name for path in out.iterdir()) == ["both.parquet", "one.xlsx", "two.xlsx"]
    assert geopandas.read_parquet(shared).equals(rows)


# --- the shared database


def start_waiting(workshop: Workshop, url: str, *arguments: object) -> int:
    """Start a command that will wait for a lock of the database, and come back when it does."""
    pid = workshop.start(*arguments)
    deadline = time.monotonic() + PATIENCE_S
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(waiting).fetchone() == (0,):
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.02)
    return pid


@pytest.mark.parametrize("is_expected", [False, True])
def test_two_imports_come_one_after_the_other(
    workshop: Workshop, projects: tuple[Path, Path], database: str, is_expected: bool
) -> None:
    workshop.root = projects[0]
    command = ["db", "import", "--url", database]
    assert workshop.run(*command).code == 0
    engine = db.open_engine(database)
    try:
        start = db.read_project(engine)
        first = workshop.start(*command, fault=Fault(statement=12, signal=signal.SIGSTOP))
        assert workshop.wait(first) is None
        workshop.root = projects[1]
        expected = ["--expect", start.version] if is_expected else []
        second = start_waiting(workshop, database, *command, *expected)
        os.kill(first, signal.SIGCONT)
        ended = workshop.wait(first)
        assert ended.code == 0, ended.err
        done = workshop.wait(second)
        found = db.read_project(engine)
    finally:
        engine.dispose()
    if is_expected:
        assert done.code == 2
        assert f"not {start.version}: somebody changed it since" in done.err
        assert (found.texts, found.version > start.version) == (start.texts, True)
    else:
        assert done.code == 0, done.err
        assert "改过".encode() in found.texts["layers/parks.geojson"]


@pytest.mark.parametrize("is_new", [True, False])
def test_two_exports_of_the_database_to_one_folder(
    workshop: Workshop, projects: tuple[Path, Path], database: str, tmp_path: Path, is_new: bool
) -> None:
    workshop.root = projects[0]
    assert workshop.run("db", "import", "--url", database).code == 0
    folder = tmp_path / "copy"
    command = ["db", "export", folder, "--url", database]
    assert workshop.run(*command).code == 0
    whole = read_tree(folder)
    if is_new:
        folder.rename(tmp_path / "other")
        command[2] = folder
        steps = workshop.list_steps(*command[:2], tmp_path / "third", *command[3:], watch=tmp_path)
    else:
        (folder / "layers/parks.geojson").write_bytes(b"old")
        steps = workshop.list_steps(*command, watch=tmp_path)
        (folder / "layers/parks.geojson").write_bytes(b"old")
    first = workshop.stop_at(find_step(steps, "os.rename"), *command, watch=tmp_path)
    second = workshop.run(*command)
    if is_new:
        assert second.code == 0, second.err
        done = workshop.go_on(first)
        assert done.code == 2
        assert "copy: Directory not empty" in done.err
    else:
        require_refused(second.code, second.err, "gzmap db export")
        assert workshop.go_on(first).code == 0
    assert (read_tree(folder), list_left(tmp_path)) == (whole, [])
