"""Targets that are whole or not there, one writer at a time, and what a run that was broken off has left."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from gzmap.errors import BusyError

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be deleted, which tells the same
    fcntl = None

log = logging.getLogger(__name__)
PREFIX = ".gzmap-"
OURS = re.compile(r"\.gzmap-[a-z0-9_]{8}")
LOCK = "lock"
"""A file in each temporary folder that its process holds locked; the lock ends with the process, however that ends."""

INNER = "work"
"""The folder in it where what is not whole yet stands."""

HELD = ".gzmap-lock"
"""A file in a folder of several files, there while one writer changes them; without a holder, that was broken off."""

FRESH_S = 60
"""A folder younger than this may belong to a process that has not locked it yet."""


@contextlib.contextmanager
def open_draft(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside a target; what is written there under the target's name is moved when whole.

    What runs that were broken off have left in the same place is taken away first.

    Raises
    ------
    OSError
        If it cannot be written; it names the target, and nothing is left behind.
    """
    remove_left(path.parent)
    with (
        naming(path),
        tempfile.TemporaryDirectory(prefix=PREFIX, dir=path.parent) as folder,
        (Path(folder) / LOCK).open("w+b", buffering=0) as lock,
    ):
        # Whoever looks for what was left holds it for a moment. A lock that names its target has been held by us.
        _lock(lock, wait=True)
        lock.write(path.name.encode())
        inner = Path(folder) / INNER
        inner.mkdir()
        try:
            yield inner
            _flush(inner / path.name)
            (inner / path.name).replace(path)
        finally:
            # Before the lock goes: what is left without one is known only by its age.
            shutil.rmtree(inner, ignore_errors=True)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    OSError
        As `open_draft`.
    """
    with open_draft(path) as inner:
        (inner / path.name).write_bytes(content)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have errors of the system name a target, not a temporary place or, as a full disk does, nothing."""
    try:
        yield
    except OSError as error:
        inside = error.filename is None or PREFIX in str(error.filename)
        if not inside:
            raise
        raise OSError(error.errno or errno.EIO, error.strerror or str(error), str(path)) from error


def _flush(path: Path) -> None:
    """Wait until a file is on the disk, which may find only now that it is full; folders are their writer's matter."""
    if path.is_dir():
        return
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _lock(file: IO[bytes], *, wait: bool = False) -> bool:
    """Lock an open file where files can be locked; False if another process holds it and that is not waited for."""
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError:
            # A file system without locks; what is left there stays for people to take away.
            return True
    return True


@contextlib.contextmanager
def hold(folder: Path, what: str) -> Iterator[None]:
    """Be the only writer of a folder whose files belong together; the log tells where the one before was broken off.

    Parameters
    ----------
    folder
        Exists; a file in it says that somebody writes, as long as that is so.
    what
        Name of the work, for whoever comes meanwhile or finds it broken off.

    Raises
    ------
    BusyError
        If another process writes there.
    OSError
        If the folder cannot be written.
    """
    path = folder / HELD
    with contextlib.ExitStack() as stack:
        with naming(folder):
            file = stack.enter_context(_open_held(path))
            stack.callback(_let_go, path, file)
            if before := file.read().decode(errors="replace"):
                log.warning(
                    "%s: an earlier run (%s) was broken off while it wrote here; every file is whole, the old or the "
                    "new one, and this run does all of it again.", folder, before,
                )  # fmt: skip
            file.truncate(0)
            file.write(what.encode())
        yield


def _let_go(path: Path, file: IO[bytes]) -> None:
    if fcntl is None:
        file.close()
    path.unlink(missing_ok=True)


def _open_held(path: Path) -> IO[bytes]:
    while True:
        file = path.open("a+b", buffering=0)
        try:
            is_ours = _lock(file)
            file.seek(0)
            if is_ours and _is_same(path, file):
                return file
            if not is_ours:
                told = file.read().decode(errors="replace") or "gzmap"
                raise BusyError(
                    f"Another run ({told}) writes in {path.parent} just now; wait for it, then run this again.",
                    zh=f"另一个任务（{told}）正在写入 {path.parent.name}；请等它结束后再运行。",
                )
        except BaseException:
            file.close()
            raise
        file.close()


def _is_same(path: Path, file: IO[bytes]) -> bool:
    """Tell whether a locked file is still at its place: its last holder may have taken it away before we had it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def remove_left(folder: Path) -> None:
    """Take away the temporary folders in a folder whose process is gone, and tell so in the log."""
    for place in folder.glob(f"{PREFIX}*"):
        if not OURS.fullmatch(place.name) or place.is_symlink():
            continue
        target = _find_left(place)
        if target is None:
            continue
        # What another user has left cannot be taken away, and is no reason not to write.
        shutil.rmtree(place, ignore_errors=True)
        if not place.exists():
            log.warning(
                "%s: an earlier run was broken off while it wrote %s; what it left half-written (%s) is removed.",
                folder, target or "a file", place.name,
            )  # fmt: skip


def _find_left(place: Path) -> str | None:
    """Find what a process that is gone was writing in a temporary folder: None while it may live, empty if unknown."""
    try:
        is_old = time.time() - place.stat().st_mtime >= FRESH_S
        with (place / LOCK).open("r+b") as file:
            if not _lock(file):
                return None
            target = file.read().decode(errors="replace")
        if fcntl is None:
            (place / LOCK).unlink()
    except FileNotFoundError:
        return "" if place.is_dir() and is_old else None
    except OSError:
        return None
    return target or ("" if is_old else None)
