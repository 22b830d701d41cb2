"""Targets that are whole or not there, and what a killed process has left beside them."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from gzmap.errors import ExportError

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be deleted, which tells the same
    fcntl = None

PREFIX = ".gzmap-"
OURS = re.compile(r"\.gzmap-[a-z0-9_]{8}")
LOCK = "lock"
"""A file in each temporary folder that its process holds locked; the lock ends with the process, however that ends."""

FRESH_S = 60
"""A folder younger than this may belong to a process that has not locked it yet."""


@contextlib.contextmanager
def open_target(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside a target; what is written there under the target's name is moved when whole.

    What processes that were killed have left in the same place is taken away first.

    Raises
    ------
    ExportError
        If the folder does not exist or cannot be written to, the target is a folder, or the disk is full; nothing is
        left behind then.
    """
    if path.is_dir():
        raise ExportError(
            f"{path} is a folder and cannot be written; name a file.",
            zh=f"{path.name} 是文件夹；请写明要写出的文件名。",
        )
    remove_left(path.parent)
    try:
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=path.parent) as folder, _hold(Path(folder) / LOCK):
            inner = Path(folder) / "work"
            inner.mkdir()
            yield inner
            _flush(inner / path.name)
            (inner / path.name).replace(path)
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written ({error.strerror or error}); "
            "choose a folder that exists, that you may write to and that has room.",
            zh=f"写不出 {path.name}（{error.strerror or error}）；请检查目标文件夹是否存在、可写、有空间。",
        ) from error


def _flush(path: Path) -> None:
    """Wait until a file is on the disk, which may find only now that it is full."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


@contextlib.contextmanager
def _hold(path: Path) -> Iterator[None]:
    """Hold a new file open, and locked where files can be locked."""
    with path.open("wb") as file:
        if fcntl is not None:
            # A file system without locks says so; what is left there stays for people to take away.
            with contextlib.suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def remove_left(folder: Path) -> None:
    """Take away the temporary folders in a folder whose process is gone."""
    for place in folder.glob(f"{PREFIX}*"):
        if OURS.fullmatch(place.name) and not place.is_symlink() and _is_left(place):
            # What another user has left cannot be taken away, and is no reason not to write.
            shutil.rmtree(place, ignore_errors=True)


def _is_left(place: Path) -> bool:
    """Tell whether no process holds a temporary folder any more."""
    try:
        if time.time() - place.stat().st_mtime < FRESH_S:
            return False
        with (place / LOCK).open("r+b") as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if fcntl is None:
            (place / LOCK).unlink()
    except FileNotFoundError:
        return place.is_dir() and not any(place.iterdir())
    except OSError:
        return False
    return True
