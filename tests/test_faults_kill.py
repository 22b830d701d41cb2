"""``kill -9`` at every kind of step of whatever writes: the old output or the new one, and the next run tells."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import geopandas
import pyogrio
import pytest

from gzmap import database as db
from gzmap.atlas import read_atlas
from gzmap.files.writing import INNER
from tests.faults import Fault, Workshop, age_left, choose_steps, list_left, projects, read_tree, workshop
from tests.parcel_makers import make_parcels, write_parcels
from tests.ui_support import make_shown_project

__all__ = ["projects", "workshop"]
SIZES = (0, 300, 5_000, 30_000, 100_000)
"""Bytes of a file at which the system ends the process; writers in C meet them in the middle of a write."""

BROKEN_OFF = "an earlier run"


@dataclass
class Trial:
    """A command that writes into a folder, what was there before, and what should be there after."""

    workshop: Workshop
    out: Path
    command: Callable[[Path], list]
    projects: tuple[Path, Path]
    old: dict[str, bytes] = field(default_factory=dict)
    new: dict[str, bytes] = field(default_factory=dict)

    def prepare(self) -> tuple[str, ...]:
        """Write the old output, the new one elsewhere; return the steps of replacing one by the other."""
        self.out.mkdir()
        self.write_old()
        self.old = read_tree(self.out)
        self.workshop.root = self.projects[1]
        steps = self.workshop.list_steps(*self.command(self.out), watch=self.out)
        self.new = read_tree(self.out)
        assert self.old
        assert self.new.keys() >= self.old.keys()
        assert self.new != self.old
        self.restore()
        return steps

    def write_old(self) -> None:
        self.workshop.root = self.projects[0]
        done = self.workshop.run(*self.command(self.out))
        assert done.code == 0, done.err
        self.workshop.root = self.projects[1]

    def restore(self) -> None:
        """Put the old output back, and leave what is beside it."""
        for name, content in self.old.items():
            (self.out / name).write_bytes(content)

    def break_off(self, fault: Fault) -> bool:
        """Run under a fault: whether it was broken off. What is there is the old or the new, file by file."""
        left = age_left(self.out)
        done = self.workshop.run(*self.command(self.out), fault=fault)
        assert done.code in (0, -fault.signal, -signal.SIGXFSZ), done
        if left:
            assert BROKEN_OFF in done.err, (left, done)
        now = read_tree(self.out)
        for name in {*self.old, *now}:
            assert now.get(name) in (self.old.get(name), self.new.get(name)), name
        if done.code == 0:
            assert now == self.new
            assert list_left(self.out) == []
        return done.code != 0

    def finish(self) -> None:
        """Run to the end, which tells of what was left."""
        left = age_left(self.out)
        done = self.workshop.run(*self.command(self.out))
        assert done.code == 0, done.err
        assert BROKEN_OFF in done.err or not left, left
        assert read_tree(self.out) == self.new
        assert list_left(self.out) == []


Make = Callable[[Callable[[Path], list]], Trial]


@pytest.fixture
def trial(workshop: Workshop, projects: tuple[Path, Path], tmp_path: Path) -> Make:
    return lambda command: Trial(workshop, tmp_path / "out", command, projects)


COMMANDS = {
    "export geojson": (lambda out: ["export", "parks", "--format", "geojson", "-o", out / "a.geojson"], 10),
    "export shp": (lambda out: ["export", "parks", "streams", "--format", "shp", "-o", out / "a.zip"], 7),
    "export gpkg": (lambda out: ["export", "parks", "--format", "gpkg", "-o", out / "a.gpkg"], 6),
    "export xlsx": (lambda out: ["export", "parks", "--format", "xlsx", "-o", out / "a.xlsx"], 5),
    "packet": (lambda out: ["packet", "--layers", "parks", "--format", "gpkg", "-o", out / "a.zip"], 5),
    "print pdf": (lambda out: ["print", "--cards", "-o", out / "a.pdf"], 4),
    "print png": (lambda out: ["print", "--cards", "--dpi", "72", "-o", out / "a.png"], 5),
    "publish one file": (lambda out: ["publish", "--single-file", out / "a.html"], 4),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_run_leaves_the_old_output_or_the_new_one(trial: Make, name: str) -> None:
    command, most = COMMANDS[name]
    one = trial(command)
    steps = choose_steps(one.prepare(), most)
    assert len(steps) > 3
    sources = [read_tree(root) for root in one.projects]
    for step in steps:
        assert one.break_off(Fault(str(one.out), step)), f"step {step} is met"
        one.restore()
    one.finish()
    assert [read_tree(root) for root in one.projects] == sources


@pytest.mark.parametrize("name", ["export shp", "export gpkg", "print pdf", "publish one file"])
def test_a_run_that_dies_within_a_write_leaves_the_old_output(trial: Make, name: str) -> None:
    one = trial(COMMANDS[name][0])
    one.prepare()
    broken = [one.break_off(Fault(size=size)) for size in SIZES if size < 5 * max(map(len, one.new.values()))]
    assert broken[0]
    assert sum(broken) >= 3
    one.finish()


ASSET = re.compile(rb"a/[\w.-]+\.[0-9a-f]{12}\.\w+")


def test_a_killed_edition_has_all_that_its_pages_need(
    workshop: Workshop, projects: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "edition"
    command = ["publish", folder]
    trees = []
    for root in projects:
        workshop.root = root
        steps = workshop.list_steps(*command, watch=tmp_path)
        trees.append(read_tree(folder))
    old, new = ({name: body for name, body in tree.items() if name.endswith(".html")} for tree in trees)
    assert (old.keys(), old == new) == (new.keys(), False)
    for step in choose_steps(steps, 8):
        left = age_left(folder)
        done = workshop.run(*command, fault=Fault(str(tmp_path), step))
        assert done.code in (0, -signal.SIGKILL), done
        assert BROKEN_OFF in done.err or not left
        tree = read_tree(folder)
        for name in old:
            assert tree[name] in (old[name], new[name])
            needed = {asset.decode() for asset in ASSET.findall(tree[name])}
            assert needed
            assert needed <= tree.keys(), name
        for name, body in trees[0].items():
            (folder / name).write_bytes(body)
    left = age_left(folder)
    done = workshop.run(*command)
    assert done.code == 0
    assert BROKEN_OFF in done.err or not left
    assert {name: read_tree(folder)[name] for name in new} == new
    assert list_left(folder) == []


def test_a_killed_export_of_a_geodatabase_leaves_the_old_one(
    workshop: Workshop, projects: tuple[Path, Path], tmp_path: Path
) -> None:
    """Its bytes are others each time."""
    target = tmp_path / "a.gdb.zip"
    command = ["export", "parks", "--format", "gdb", "-o", target]
    workshop.root = projects[0]
    steps = workshop.list_steps(*command, watch=tmp_path)
    before = target.read_bytes()
    workshop.root = projects[1]
    moved = next(number for number, step in enumerate(steps) if step == f"os.rename .gzmap-…/{INNER}/a.gdb.zip")
    faults = [Fault(str(tmp_path), step) for step in choose_steps(steps[: moved + 1], 5)]
    for fault in (*faults, Fault(size=100), Fault(size=5_000)):
        age_left(tmp_path)
        assert workshop.run(*command, fault=fault).code in (-signal.SIGKILL, -signal.SIGXFSZ)
        assert target.read_bytes() == before
    age_left(tmp_path)
    done = workshop.run(*command)
    assert BROKEN_OFF in done.err
    assert list(tmp_path.iterdir()) == [target]
    assert "改过" in set(pyogrio.read_dataframe(f"/vsizip/{target}", layer="parks")["notes"])


# --- files that people keep


KEPT = ("layers/parks.geojson", "layers/streams.geojson", "geodata/sources.json", "layers/mentions.jsonl")


@pytest.mark.parametrize("command", ["format", "propose --write"])
def test_a_killed_run_spares_the_projects_files(workshop: Workshop, tmp_path: Path, command: str) -> None:
    root = workshop.root = make_shown_project(tmp_path / "project")
    for name in KEPT:
        path = root / name
        path.write_bytes(path.read_bytes().replace(b'"matched"', b'"manual"').replace(b'":', b'":  '))
    if command != "format":
        (root / KEPT[-1]).write_bytes(b"")
    old = read_tree(root)
    arguments = command.split()
    steps = workshop.list_steps(*arguments, watch=root)
    new = read_tree(root)
    assert {name for name in old if old[name] != new[name]} == set(KEPT if command == "format" else KEPT[-1:])
    for step in choose_steps(steps, 9):
        for name, content in old.items():
            (root / name).write_bytes(content)
        age_left(root)
        assert workshop.run(*arguments, fault=Fault(str(root), step)).code == -signal.SIGKILL
        now = read_tree(root)
        assert now.keys() == old.keys()
        assert all(now[name] in (old[name], new[name]) for name in now)
        assert read_atlas(root).broken == {}
        left = age_left(root)
        done = workshop.run(*arguments)
        assert done.code == 0, done.err
        assert (BROKEN_OFF in done.err) == bool(left), (step, left, done.err)
        assert (read_tree(root), list_left(root)) == (new, [])


# --- parcels


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame = make_parcels(12, seed=3)
    return write_parcels(frame, tmp_path_factory.mktemp("parcels") / "地块.gpkg")


def test_a_killed_screening_goes_on_to_the_same_rows(
    workshop: Workshop, projects: tuple[Path, Path], parcels: Path, tmp_path: Path
) -> None:
    workshop.root, before = projects[1], parcels.read_bytes()
    outputs = [tmp_path / name for name in ("a.parquet", "a.gpkg", "a.xlsx")]
    command = ["screen", parcels, "--processes", 1, "--window", 4, *(part for one in outputs for part in ("-o", one))]
    steps = workshop.list_steps(*command, watch=tmp_path)
    whole = read_tree(tmp_path)
    rows = geopandas.read_parquet(outputs[0])
    assert rows["parcel"].nunique() == 12
    faults = [Fault(str(tmp_path), step) for step in choose_steps(steps, 10)]
    for fault in (*faults, Fault(size=300), Fault(size=9_000), Fault(size=70_000)):
        for path in outputs:
            path.unlink(missing_ok=True)
        broken = workshop.run(*command, fault=fault)
        assert broken.code in (-signal.SIGKILL, -signal.SIGXFSZ), fault
        now = read_tree(tmp_path)
        assert same(now, {name: whole[name] for name in now})
        left = age_left(tmp_path)
        done = workshop.run(*command)
        assert done.code == 0, done.err
        assert bool(left) == ("接着上次未完成的任务" in done.err or BROKEN_OFF in done.err)
        assert same(read_tree(tmp_path), whole)
        assert list_left(tmp_path) == []
    assert geopandas.read_parquet(outputs[0]).equals(rows)
    assert parcels.read_bytes() == before


def same(found: dict[str, bytes], wanted: dict[str, bytes]) -> bool:
    """Compare outputs; a GeoPackage has the time of its writing in it."""
    return found.keys() == wanted.keys() and all(found[n] == wanted[n] for n in wanted if not n.endswith(".gpkg"))


# --- the shared database


def test_a_killed_import_changes_nothing(workshop: Workshop, projects: tuple[Path, Path], database: str) -> None:
    workshop.root = projects[0]
    assert workshop.run("db", "import", "--url", database).code == 0
    workshop.root = projects[1]
    with opened(database) as engine:
        before = db.read_project(engine)
        never = workshop.run("db", "import", "--url", database, fault=Fault(statement=10**6))
        assert never.code == 0, never.err
        after = db.read_project(engine)
        assert after.texts != before.texts
        workshop.root = projects[0]
        assert workshop.run("db", "import", "--url", database).code == 0
        workshop.root = projects[1]
        start = db.read_project(engine)
        assert start.texts == before.texts
        count = len(never.steps)
        assert count > 20
        assert never.steps[-1] == "commit" or "commit" in never.steps
        for statement in sorted({0, *range(3, count, count // 6), count - 1}):
            done = workshop.run("db", "import", "--url", database, fault=Fault(statement=statement))
            assert done.code == -signal.SIGKILL
            now = db.read_project(engine)
            assert now.texts in (before.texts, after.texts)
            assert (now.texts == after.texts) == (now.version != start.version), "all or nothing"
            if now.texts == after.texts:
                break
        done = workshop.run("db", "import", "--url", database)
        assert done.code == 0, done.err
        assert db.read_project(engine).texts == after.texts


class opened:  # noqa: N801 - used like a function
    def __init__(self, url: str) -> None:
        self.engine = db.open_engine(url)

    def __enter__(self) -> db.Engine:
        return self.engine

    def __exit__(self, *_: object) -> None:
        self.engine.dispose()


@pytest.mark.parametrize("is_new", [True, False])
def test_a_killed_export_of_the_database_leaves_whole_files(
    workshop: Workshop, projects: tuple[Path, Path], database: str, tmp_path: Path, is_new: bool
) -> None:
    workshop.root = projects[1]
    assert workshop.run("db", "import", "--url", database).code == 0
    target = tmp_path / "copy"
    command = ["db", "export", target, "--url", database]
    steps = workshop.list_steps(*command, watch=tmp_path)
    new = read_tree(target)
    old = {} if is_new else {name: body.replace("改过".encode(), b"") + b"\n" for name, body in new.items()}

    def restore() -> None:
        for name in new:
            (target / name).unlink(missing_ok=True)
        for path in sorted(target.rglob("*"), reverse=True) if is_new else ():
            path.rmdir()
        if is_new and target.exists():
            target.rmdir()
        for name, body in old.items():
            (target / name).write_bytes(body)

    if not is_new:
        restore()
        steps = workshop.list_steps(*command, watch=tmp_path)
    for step in choose_steps(steps, 6):
        restore()
        age_left(tmp_path)
        assert workshop.run(*command, fault=Fault(str(tmp_path), step)).code == -signal.SIGKILL
        now = read_tree(target) if target.exists() else {}
        assert now in ({}, new) if is_new else all(now[name] in (old[name], new[name]) for name in new)
        left = age_left(tmp_path)
        done = workshop.run(*command)
        assert done.code == 0, done.err
        assert (read_tree(target), list_left(tmp_path)) == (new, [])
        assert not left or BROKEN_OFF in done.err
