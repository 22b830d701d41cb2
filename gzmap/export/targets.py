"""Targets that are whole or not there, with errors that a visitor understands."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from gzmap.errors import ExportError
from gzmap.files import open_draft

FULL_BYTES = 1 << 16
"""A write that fails with less room than this has failed for want of it."""


@contextlib.contextmanager
def open_target(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside a target; what is written there under the target's name is moved when whole.

    What processes that were killed have left in the same place is taken away first, and told in the log.

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
    try:
        with open_draft(path) as inner, _telling_full(inner):
            yield inner
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written ({error.strerror or error}); "
            "choose a folder that exists, that you may write to and that has room.",
            zh=f"写不出 {path.name}（{error.strerror or error}）；请检查目标文件夹是否存在、可写、有空间。",
        ) from error


@contextlib.contextmanager
def _telling_full(folder: Path) -> Iterator[None]:
    """Have a full disk told as one, whatever a library makes of it: GDAL speaks of a table that is missing."""
    try:
        yield
    except ExportError as error:
        # Here, where what was written half still takes its room.
        if shutil.disk_usage(folder).free >= FULL_BYTES:
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
