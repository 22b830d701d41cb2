"""Commands that are broken off at a chosen step, stopped in the middle of it, or run out of room.

A workshop is a process that has imported everything and then forks a child for each command: what is tried a hundred
times must not load Python a hundred times. The child counts its own steps: each file that it opens for writing, makes,
moves, flushes or deletes below a watched folder, by Python's audit events. Before the step that is asked for it kills
or stops itself. Libraries in C write without such events; for them there is a limit of the size of a file, at which the
system ends the process in the middle of a write, as ``kill -9`` would.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gzmap.files.writing import FRESH_S
from tests.conftest import ROOT
from tests.makers import edit_json, make_square
from tests.ui_support import make_shown_project

WARM = (
    *("gzmap.cli", "gzmap.database", "gzmap.export.metadata", "gzmap.publish", "gzmap.screen", "gzmap.sheet"),
    *("owslib.iso", "pypinyin", "xlsxwriter"),
)
LEFT = re.compile(r"\.gzmap-\w{8}")
TEMPORARY = re.compile(r"\btmp\w{8}\b")
RENAMES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, or the signal as a negative number; its steps, where they were counted."""

    code: int
    out: str
    err: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """What befalls a command: a signal before a step (the first is 0), or the end of the process at a file's size."""

    watch: str = ""
    step: int = -1
    signal: int = signal.SIGKILL
    statement: int = -1
    size: int = -1
    is_ignored: bool = False


# --- in the workshop


class Counter:
    """Counts the steps of this process below a folder, and ends or stops it before one of them."""

    def __init__(self, fault: Fault, steps: int) -> None:
        self.fault, self.steps = fault, steps
        self.count = 0
        # What earlier runs have left is cleared by a number of steps that would shift the others.
        self.old = {path.name for path in Path(fault.watch).rglob(".gzmap-*")}
        sys.addaudithook(self.hear)
        flush = os.fsync
        os.fsync = lambda file: self.note("fsync", _find_name(file)) or flush(file)

    def hear(self, event: str, arguments: tuple) -> None:
        if event == "open":
            path, mode, flags = arguments
            if (set(mode or "") & set("wax+")) or (mode is None and flags & WRITES):
                self.note(event, path)
        elif event in RENAMES:
            folder = arguments[-1] if isinstance(arguments[-1], int) and arguments[-1] >= 0 else None
            path = arguments[0]
            if folder is not None and event in ("os.remove", "os.rmdir"):
                path = f"{_find_name(folder)}/{os.fsdecode(path)}"
            self.note(event, path)

    def note(self, event: str, path: object) -> None:
        name = str(Path(os.fsdecode(path)).absolute()) if isinstance(path, str | bytes | os.PathLike) else ""
        if not name.startswith(f"{self.fault.watch}/") or self.old & set(Path(name).parts):
            return
        told = LEFT.sub(".gzmap-…", TEMPORARY.sub("tmp…", name.removeprefix(f"{self.fault.watch}/")))
        os.write(self.steps, f"{event} {told}\n".encode())
        if self.count == self.fault.step:
            os.kill(os.getpid(), self.fault.signal)
        self.count += 1


def _find_name(file: object) -> str:
    number = file if isinstance(file, int) else file.fileno()
    return str(Path(f"/proc/self/fd/{number}").readlink())


def _count_statements(fault: Fault, steps: int) -> None:
    """End or stop this process before a statement to the database, a commit being one."""
    import psycopg

    count = 0

    def counting(method: Callable) -> Callable:
        def call(*arguments: object, **named: object) -> object:
            nonlocal count
            os.write(steps, f"{method.__name__}\n".encode())
            if count == fault.statement:
                os.kill(os.getpid(), fault.signal)
            count += 1
            return method(*arguments, **named)

        return call

    for owner, name in ((psycopg.Cursor, "execute"), (psycopg.Cursor, "executemany"), (psycopg.Connection, "commit")):
        setattr(owner, name, counting(getattr(owner, name)))


def _perform(order: dict, ends: dict[str, int]) -> None:
    """Run a command in this child, and end it."""
    code = 70
    try:
        fault = Fault(**order["fault"])
        os.environ.update(order["environment"])
        os.dup2(ends["out"], 1)
        os.dup2(ends["err"], 2)
        sys.stdout, sys.stderr = (os.fdopen(end, "w", encoding="utf-8", closefd=False) for end in (1, 2))
        if fault.watch:
            Counter(fault, ends["steps"])
        if fault.statement >= 0:
            _count_statements(fault, ends["steps"])
        if fault.size >= 0:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN if fault.is_ignored else signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (fault.size, fault.size))
        from gzmap.cli import main

        main(args=order["arguments"], prog_name="gzmap")
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - the parent reads it
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def serve() -> None:
    """Take orders from standard input, one JSON object a line, and answer each with another one."""
    # So that no child has to, one after the other.
    for name in WARM:
        importlib.import_module(name)
    # A child has only the thread that forked; locks of others would stay locked for ever.
    assert threading.active_count() == 1
    pids: dict[int, dict[str, int]] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            told = _wait(order["wait"], pids)
        else:
            pipes = {name: os.pipe() for name in ("out", "err", "steps")}
            pid = os.fork()
            if pid == 0:
                _perform(order, {name: ends[1] for name, ends in pipes.items()})
            for _, end in pipes.values():
                os.close(end)
            pids[pid] = {name: ends[0] for name, ends in pipes.items()}
            told = {"pid": pid}
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()


def _wait(pid: int, pids: dict[int, dict[str, int]]) -> dict:
    """Wait until a child ends or stops; what it wrote is told at its end."""
    _, status = os.waitpid(pid, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return {"code": None}
    told = {"code": os.waitstatus_to_exitcode(status)}
    for name, end in pids.pop(pid).items():
        with os.fdopen(end, encoding="utf-8", errors="replace") as file:
            told[name] = file.read()
    return told


# --- in the tests


@dataclass
class Workshop:
    """The process that runs commands, as the tests see it."""

    process: subprocess.Popen = field(repr=False)
    root: Path = ROOT

    def run(self, *arguments: object, fault: Fault | None = None, **environment: str) -> Done:
        """Run a command to its end, well or not."""
        done = self.wait(self.start(*arguments, fault=fault, **environment))
        assert done is not None, "the command was stopped, not ended"
        return done

    def start(self, *arguments: object, fault: Fault | None = None, **environment: str) -> int:
        """Start a command; return the id of its process."""
        command = ["--root", str(self.root), *map(str, arguments)]
        named = {"LC_ALL": "C.UTF-8", **environment}
        return self._ask({"arguments": command, "fault": vars(fault or Fault()), "environment": named})["pid"]

    def wait(self, pid: int) -> Done | None:
        """Wait until a command has ended; None if it stopped on the way."""
        told = self._ask({"wait": pid})
        if told["code"] is None:
            return None
        assert "Traceback" not in told["err"], told["err"]
        return Done(told["code"], told["out"], told["err"], tuple(told["steps"].splitlines()))

    def stop_at(self, step: int, *arguments: object, watch: Path, **environment: str) -> int:
        """Start a command that stops before a step, and wait until it has."""
        pid = self.start(*arguments, fault=Fault(str(watch), step, signal.SIGSTOP), **environment)
        done = self.wait(pid)
        assert done is None, done
        return pid

    def go_on(self, pid: int) -> Done:
        """Have a stopped command go on, to its end."""
        os.kill(pid, signal.SIGCONT)
        done = self.wait(pid)
        assert done is not None
        return done

    def list_steps(self, *arguments: object, watch: Path, **environment: str) -> tuple[str, ...]:
        """List the steps of a command that nothing happens to."""
        done = self.run(*arguments, fault=Fault(str(watch)), **environment)
        assert done.code in (0, 1), done.err
        return done.steps

    def _ask(self, order: dict) -> dict:
        self.process.stdin.write(f"{json.dumps(order)}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the workshop has ended"
        return json.loads(line)


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    """Return a running workshop."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GZMAP_")}
    single = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults"], cwd=ROOT, env=environment | single, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        yield Workshop(process)
        process.stdin.close()


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two states of one project: what was written before comes from the first, what is written now from the second."""
    folder = tmp_path_factory.mktemp("projects")
    old, new = (make_shown_project(folder / name) for name in ("old", "new"))
    edit_json(new / "layers/parks.geojson", _change)
    return old, new


def _change(content: dict) -> None:
    """Have the park's name, notes and place be others."""
    park = content["features"][0]
    park["properties"].update(name="改过", notes="改过")
    park["geometry"] = make_square(113.26, 23.16)


def choose_steps(steps: tuple[str, ...], most: int) -> list[int]:
    """Choose steps so that each kind is met, the first and the last one too; at most so many."""
    kinds: dict[str, int] = {}
    for number, step in enumerate(steps):
        event, _, name = step.partition(" ")
        kinds.setdefault(f"{event} {re.sub(r'[0-9a-f]{6,}', '', name)}", number)
    found = sorted({*kinds.values(), len(steps) - 1})
    if len(found) <= most:
        return found
    return sorted({found[round(n * (len(found) - 1) / (most - 1))] for n in range(most)})


def read_tree(folder: Path) -> dict[str, bytes]:
    """Read all files below a folder, but for what runs keep for themselves."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in names.items() if not is_ours(name)}


def age_left(folder: Path) -> list[str]:
    """List what the next run has to tell of below a folder; what its age tells of looks a minute older."""
    for place in folder.rglob(".gzmap-????????"):
        if place.is_dir():
            old = time.time() - 2 * FRESH_S
            os.utime(place, (old, old))
    # A lock that nobody had written to yet is no work that was broken off.
    return [name for name in list_left(folder) if (folder / name).is_dir() or (folder / name).stat().st_size]


def is_ours(name: str) -> bool:
    """Tell whether a name below a folder is of a temporary or a lock file."""
    return ".gzmap-" in name or ".screen/" in name


def list_left(folder: Path) -> list[str]:
    """List what runs that were broken off have left below a folder."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if is_ours(p.name) or ".screen" in p.name)


if __name__ == "__main__":
    serve()
