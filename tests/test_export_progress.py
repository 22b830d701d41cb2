"""Who is told of each step, and that nothing is left behind when a delivery is stopped, killed or out of room."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gzmap.atlas import Atlas, open_atlas
from gzmap.errors import ExportError
from gzmap.export import FORMATS, Choices, Selection, build_dataset, build_order, export_order
from gzmap.export import packet as packet_module
from gzmap.export.packet import export_packet
from gzmap.export.progress import Cancelled, Quiet
from gzmap.export.targets import open_target
from gzmap.export.writers import WRITERS
from gzmap.files import remove_left
from gzmap.files.writing import FRESH_S
from tests.conftest import ROOT
from tests.makers import make_project

CHOICES = Choices("shp")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return open_atlas(make_project(tmp_path_factory.mktemp("project")))


class Recorder:
    """Notes every step, and stops at one of them where asked to."""

    def __init__(self, stop_at: str = "") -> None:
        self.steps: list[tuple[int, int, str]] = []
        self.stop_at = stop_at

    def step(self, done: int, total: int, what: str) -> None:
        self.steps.append((done, total, what))
        if what == self.stop_at:
            raise Cancelled("stopped by the reader")


def test_a_packet_tells_every_part_once_and_in_order(project: Atlas, tmp_path: Path) -> None:
    told = Recorder()
    export_packet(project, Selection(("parks",)), tmp_path / "a.zip", choices=CHOICES, progress=told)
    whats = ["layers", "shp", "gpkg", "tables", "readback", "a.zip", "a.zip"]
    assert told.steps == [(n, 6, what) for n, what in enumerate(whats)]


@pytest.mark.parametrize("what", ["layers", "shp", "gpkg", "tables", "readback", "a.zip"])
def test_a_stopped_packet_leaves_nothing_and_spares_the_old_file(project: Atlas, tmp_path: Path, what: str) -> None:
    old = tmp_path / "a.zip"
    old.write_bytes(b"old")
    with pytest.raises(Cancelled, match="stopped by the reader"):
        export_packet(project, Selection(("parks",)), old, choices=CHOICES, progress=Recorder(what))
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]
    assert old.read_bytes() == b"old"


def test_stopping_is_an_error_of_exports() -> None:
    assert issubclass(Cancelled, ExportError)
    assert Quiet().step(0, 1, "anything") is None


@pytest.mark.parametrize("stop_at", ["", "a.gpkg"])
def test_one_file_tells_its_steps(project: Atlas, tmp_path: Path, stop_at: str) -> None:
    told = Recorder(stop_at)
    order = build_order(build_dataset(project, Selection(("parks",)), "EPSG:4490"), Choices("gpkg", "EPSG:4490"))
    if stop_at:
        with pytest.raises(Cancelled):
            export_order(order, tmp_path / "a.gpkg", told)
    else:
        export_order(order, tmp_path / "a.gpkg", told)
    assert [p.name for p in tmp_path.iterdir()] == ([] if stop_at else ["a.gpkg"])
    assert told.steps == [(0, 1, "a.gpkg"), (1, 1, "a.gpkg")][: 1 if stop_at else 2]


def fill_disk(_order: object, path: Path) -> None:
    """A writer whose disk is full after the first bytes."""
    path.write_bytes(b"half")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_told_and_leaves_nothing(
    project: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WRITERS, "gpkg", fill_disk)
    with pytest.raises(ExportError, match=r"No space left on device.*has room"):
        export_packet(project, Selection(("parks",)), tmp_path / "a.zip", choices=CHOICES)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_at_the_end_leaves_nothing(
    project: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packet_module, "export_zip", lambda _folder, path, _day: fill_disk(None, path))
    with pytest.raises(ExportError, match="No space left on device"):
        export_packet(project, Selection(("parks",)), tmp_path / "a.zip", choices=CHOICES)
    assert list(tmp_path.iterdir()) == []


def _write_half(path: Path) -> None:
    with open_target(path) as folder:
        (folder / "a.txt").write_text("half")
        raise Cancelled("enough")


def test_a_target_is_replaced_only_when_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(Cancelled):
        _write_half(path)
    assert path.read_text() == "old"
    with open_target(path) as folder:
        (folder / "a.txt").write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


KILLED = """
import sys, time
from pathlib import Path
from gzmap.cli.orders import clean_end
from gzmap.export.targets import open_target
with clean_end(), open_target(Path(sys.argv[1])) as folder:
    (folder / "a.zip").write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_told_to_end_cleans_up(tmp_path: Path, signum: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "a.zip")], cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with child:
        assert child.stdout.readline() == b"writing\n"
        assert len(list(tmp_path.iterdir())) == 1
        child.send_signal(signum)
        assert child.wait(timeout=60) != 0
    assert list(tmp_path.iterdir()) == []


def start_export(target: Path) -> subprocess.Popen:
    """Start an export that waits while it writes."""
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(target)], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"writing\n"
    return child


def age(folder: Path) -> Path:
    """Make the temporary folder in a folder look older than it is."""
    (place,) = folder.glob(".gzmap-*")
    old = time.time() - 2 * FRESH_S
    os.utime(place, (old, old))
    return place


def test_what_a_killed_process_left_is_taken_away_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    with start_export(target) as child:
        child.kill()
        child.wait(timeout=60)
    assert not target.exists()
    left = age(tmp_path)
    (tmp_path / ".gzmap-notes").mkdir()
    (tmp_path / ".gzmap-12345678").write_text("a file")
    with open_target(target) as folder:
        assert not left.exists()
        (folder / "a.zip").write_text("whole")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".gzmap-12345678", ".gzmap-notes", "a.zip"]


def test_what_another_process_is_writing_stays(tmp_path: Path) -> None:
    with start_export(tmp_path / "a.zip") as child:
        place = age(tmp_path)
        remove_left(tmp_path)
        assert (place / "work" / "a.zip").read_text() == "half"
        child.kill()
        child.wait(timeout=60)
    remove_left(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_just_made_stays(tmp_path: Path) -> None:
    """Its process may not have locked it yet."""
    place = tmp_path / ".gzmap-abcdefgh"
    place.mkdir()
    remove_left(tmp_path)
    assert place.exists()
    age(tmp_path)
    remove_left(tmp_path)
    assert not place.exists()


def test_a_target_that_is_a_folder_is_refused_before_anything_is_written(project: Atlas, tmp_path: Path) -> None:
    (tmp_path / "a.zip").mkdir()
    told = Recorder()
    with pytest.raises(ExportError, match=r"a\.zip is a folder and cannot be written; name a file"):
        export_packet(project, Selection(("parks",)), tmp_path / "a.zip", choices=CHOICES, progress=told)
    assert "shp" not in [what for _, _, what in told.steps]
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


COMMAND = "from gzmap.cli import main; main()"
BOUND = "setpriv"
"""A tool of every Debian that takes from root the power to write where it may not."""


def run_command(project: Atlas, *arguments: object, before: tuple = ()) -> subprocess.CompletedProcess:
    command = [*before, sys.executable, "-c", COMMAND, "--root", str(project.root), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", [("export", "parks", "--format", "gpkg"), ("packet", "--layers", "parks")])
def test_a_folder_that_may_not_be_written_to_is_told(project: Atlas, tmp_path: Path, command: tuple) -> None:
    place = tmp_path / "readonly"
    place.mkdir(mode=0o555)
    before = (BOUND, "--bounding-set=-dac_override") if os.geteuid() == 0 else ()
    target = place / ("a.gpkg" if command[0] == "export" else "a.zip")
    done = run_command(project, *command, "-o", target, before=before)
    assert done.returncode == 2, done.stderr
    assert "cannot be written (Permission denied); choose a folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(place.iterdir()) == []


# --- a disk that is full


SMALL = """
import json, resource, sys
from pathlib import Path
import geopandas, shapely
from gzmap.errors import ExportError
from gzmap.export import FORMATS, export_frame
folder, parts = Path(sys.argv[1]), json.loads(sys.argv[2])
points = shapely.points([[113 + n / 1e4, 23] for n in range(2000)])
frame = geopandas.GeoDataFrame({"name": [f"公园{n:05d}" for n in range(2000)]}, geometry=points, crs="EPSG:4326")
for fmt, limits in FORMATS.items():
    target = folder / f"a{limits.suffix}"
    export_frame(frame, target, fmt=fmt, layer="parks")
    whole = target.read_bytes()
    for part in parts:
        target.unlink(missing_ok=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(len(whole) * part), resource.RLIM_INFINITY))
        told = ""
        try:
            export_frame(frame, target, fmt=fmt, layer="parks")
        except ExportError as error:
            told = str(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        is_whole = target.exists() and (fmt == "gdb" or target.read_bytes() == whole)
        names = [path.name for path in folder.iterdir()]
        print(json.dumps({"fmt": fmt, "part": part, "told": told, "is_whole": is_whole, "names": names}))
    target.unlink(missing_ok=True)
"""
"""A limit of the size of a file does what a full disk does: a write fails, wherever it comes."""

PARTS = (0.1, 0.6, 0.9, 0.97, 2.5)
"""Limits as parts of the size of the whole file; what is packed needs more than its own size on the way."""


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What became of exports of every format under every limit, all in one process."""
    folder = tmp_path_factory.mktemp("small")
    command = [sys.executable, "-c", SMALL, str(folder), json.dumps(PARTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("fmt", FORMATS)
def test_no_format_is_written_half_on_a_full_disk(small_disk: list[dict], fmt: str) -> None:
    """GDAL does not tell of itself that the end of a .dbf or an index could not be written."""
    found = [one for one in small_disk if one["fmt"] == fmt]
    assert [one["part"] for one in found] == list(PARTS)
    for one in found:
        assert bool(one["told"]) != one["is_whole"], one
        assert one["part"] > 1 or one["told"], one
        assert one["names"] == ([f"a{FORMATS[fmt].suffix}"] if one["is_whole"] else []), one
        assert not one["told"] or re.search("room|free space", one["told"]), one
