"""A disk without room: what, where and what to do is told, the earlier output stays whole, nothing is left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults import Done, Fault, Workshop, list_left, projects, read_tree, workshop
from tests.parcel_makers import make_parcels, write_parcels
from tests.ui_support import make_shown_project

__all__ = ["projects", "workshop"]
MEGABYTE = 1 << 20
ROOMS = (0, 3_000, 40_000)
"""Bytes that are left: none, less than the smallest output, less than the drafts of the larger ones."""


@dataclass(frozen=True)
class Disk:
    """A small disk; where none may be mounted, a limit of the size of every file does what a full disk does."""

    folder: Path
    is_mounted: bool

    def fill(self, room: int) -> Fault:
        """Leave so many bytes, in whole pages."""
        if not self.is_mounted:
            return Fault(size=room, is_ignored=True)
        (self.folder / "filler").unlink(missing_ok=True)
        pages = os.statvfs(self.folder)
        free = pages.f_bavail * pages.f_frsize - room
        (self.folder / "filler").write_bytes(bytes(max(free - free % -pages.f_frsize, 0)))
        return Fault()

    def clear(self) -> None:
        (self.folder / "filler").unlink(missing_ok=True)

    def require_told(self, done: Done, name: str) -> None:
        """The file, the cause and the remedy, in one line, with the exit code of a request that cannot be met."""
        assert done.code == 2, done
        told = done.err.strip().splitlines()[-1]
        assert "room" in told or "free space" in told, done.err
        if self.is_mounted:
            assert name in told, done.err
            assert "No space left on device" in told, done.err
        else:
            # GDAL does not tell of a limit, and the disk has room: its errors speak of the layer.
            assert name in told or "parks" in told, done.err
            assert "File too large" in told or "check the free space" in told, done.err


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    yield Disk(folder, is_mounted)
    if is_mounted:
        subprocess.run(["umount", str(folder)], check=True)


COMMANDS = {
    "geojson": ("export", "parks", "--format", "geojson", "-o", "a.geojson"),
    "shp": ("export", "parks", "--format", "shp", "-o", "a.zip"),
    "gpkg": ("export", "parks", "--format", "gpkg", "-o", "a.gpkg"),
    "gdb": ("export", "parks", "--format", "gdb", "-o", "a.gdb.zip"),
    "xlsx": ("export", "parks", "--format", "xlsx", "-o", "a.xlsx"),
    "packet": ("packet", "--layers", "parks", "--format", "shp", "-o", "a.zip"),
    "print": ("print", "-o", "a.pdf"),
    "publish": ("publish", "edition"),
    "one file": ("publish", "--single-file", "a.html"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_output_without_room(
    workshop: Workshop, projects: tuple[Path, Path], disk: Disk, tmp_path: Path, name: str
) -> None:
    place = disk.folder / "out"
    command = [str(place / part) if part in ("edition", *LAST) else part for part in COMMANDS[name]]
    disk.clear()
    place.mkdir()
    try:
        workshop.root = projects[0]
        first = workshop.run(*command)
        assert first.code == 0, first.err
        before = read_tree(place)
        workshop.root = projects[1]
        for room in ROOMS:
            done = workshop.run(*command, fault=disk.fill(room))
            if done.code == 0:
                break
            disk.require_told(done, "edition" if name == "publish" else COMMANDS[name][-1])
            assert read_tree(place) == before
            assert list_left(place) == []
        assert room > 0, "without any room it was written"
        disk.clear()
        again = workshop.run(*command)
        assert again.code == 0, again.err
        assert read_tree(place) != before
    finally:
        disk.clear()
        subprocess.run(["rm", "-rf", str(place)], check=True)


LAST = tuple(command[-1] for command in COMMANDS.values())


@pytest.mark.parametrize("suffix", [".parquet", ".gpkg", ".xlsx"])
def test_a_screening_without_room_keeps_what_is_done(
    workshop: Workshop, projects: tuple[Path, Path], disk: Disk, tmp_path: Path, suffix: str
) -> None:
    workshop.root = projects[0]
    source = write_parcels(make_parcels(30, seed=3), tmp_path / "地块.gpkg")
    place = disk.folder / "screen"
    place.mkdir()
    target = place / f"结果{suffix}"
    command = ["screen", source, "-o", target, "--processes", 1, "--window", 10]
    disk.clear()
    target.write_bytes(b"old")
    done = workshop.run(*command, fault=disk.fill(0))
    disk.require_told(done, target.name)
    done = workshop.run(*command, fault=disk.fill(12_000))
    disk.require_told(done, target.name)
    assert read_tree(place) == {target.name: b"old"}
    assert [name for name in list_left(place) if "gzmap" in name] == []
    disk.clear()
    done = workshop.run(*command)
    assert done.code == 0, done.err
    assert "接着上次未完成的任务" in done.err
    elsewhere = [*command[:3], tmp_path / target.name, *command[4:]]
    assert workshop.run(*elsewhere).code == 0
    assert list(place.iterdir()) == [target]
    assert target.stat().st_size == (tmp_path / target.name).stat().st_size
    target.unlink()
    place.rmdir()


@pytest.mark.parametrize("command", ["format", "propose --write"])
def test_the_projects_files_without_room(workshop: Workshop, disk: Disk, command: str) -> None:
    disk.clear()
    root = workshop.root = make_shown_project(disk.folder / "project")
    try:
        path = root / ("layers/parks.geojson" if command == "format" else "layers/mentions.jsonl")
        path.write_bytes(path.read_bytes().replace(b'":', b'":  ') if command == "format" else b"")
        before = read_tree(root)
        for room in (0, 300):
            done = workshop.run(*command.split(), fault=disk.fill(room))
            disk.require_told(done, "project")
            assert "make room on the disk and run it again" in done.err
            assert read_tree(root) == before
            assert list_left(root) == []
        disk.clear()
        assert workshop.run(*command.split()).code == 0
        assert path.read_bytes() != before[path.relative_to(root).as_posix()]
    finally:
        disk.clear()
        subprocess.run(["rm", "-rf", str(root)], check=True)


def test_copies_of_the_database_without_room(
    workshop: Workshop, projects: tuple[Path, Path], disk: Disk, database: str
) -> None:
    workshop.root = projects[0]
    assert workshop.run("db", "import", "--url", database).code == 0
    disk.clear()
    cache, target = disk.folder / "cache", disk.folder / "copy"
    cache.mkdir()
    shared = {"GZMAP_DATABASE_URL": database, "GZMAP_CACHE": str(cache)}
    for room in ROOMS[:2]:
        disk.require_told(workshop.run("find", "白云湖", fault=disk.fill(room), **shared), "cache")
        disk.require_told(workshop.run("db", "export", target, "--url", database, fault=disk.fill(room)), "copy")
        assert not target.exists()
        assert [path for path in cache.rglob("*") if path.is_file()] == []
        assert list_left(disk.folder) == []
    disk.clear()
    assert workshop.run("find", "白云湖", **shared).code == 0
    assert workshop.run("db", "export", target, "--url", database).code == 0
    assert read_tree(target)
