"""What a run has done so far, kept beside its output: a run that was killed goes on from there."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from gzmap.errors import ScreenError

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be deleted, which tells the same
    fcntl = None

JOB = "job.json"
LOCK = "lock"
PART = "part-{:06d}.arrow"


@dataclass(frozen=True)
class Journal:
    """The folder of a run: a file for each window that is done, whole or not there.

    ``found`` tells how many were there when it was opened, ``is_other`` whether what was there was of another run
    (other parcels, plan, options or version) and was thrown away, ``is_left`` whether any run was broken off here.
    """

    folder: Path
    found: int
    is_other: bool
    is_left: bool = False

    def holds(self, number: int) -> bool:
        """Tell whether a window is done."""
        return (self.folder / PART.format(number)).is_file()

    def write(self, number: int, content: bytes) -> None:
        """Keep what came out of a window."""
        _replace(self.folder / PART.format(number), content)

    def read(self, number: int) -> pa.Table:
        """Read what came out of a window.

        Raises
        ------
        ScreenError
            If it was damaged since; it is taken away then.
        """
        path = self.folder / PART.format(number)
        try:
            with pa.memory_map(str(path)) as file:
                return pa.ipc.open_file(file).read_all()
        except pa.ArrowInvalid:
            # The disk lost part of it: that window is screened once more by the next run.
            path.unlink()
            raise ScreenError(
                f"{path} was damaged and is removed; run it again: everything else is kept.",
                zh=f"中间结果 {path.name} 已损坏并删除；请再次运行，其余部分会保留。",
            ) from None

    def close(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder)


@contextlib.contextmanager
def open_journal(output: Path, job: Mapping) -> Iterator[Journal]:
    """Open the journal of a run, and hold it.

    Parameters
    ----------
    output
        The file that the run writes; the folder stands beside it, under its name with ``.screen`` at the end.
    job
        What decides what comes out, plain data: a journal of another job counts for nothing.

    Raises
    ------
    ScreenError
        If another run holds it, or the folder cannot be written.
    """
    folder = output.with_name(f".{output.name}.screen")
    is_left = folder.exists()
    try:
        folder.mkdir(exist_ok=True)
        with (folder / LOCK).open("wb") as lock:
            _hold(lock, output)
            told = json.dumps(job, sort_keys=True, ensure_ascii=False).encode()
            kept = folder / JOB
            is_other = kept.exists() and kept.read_bytes() != told
            if is_other or not kept.exists():
                _clear(folder, "part-*")
                _replace(kept, told)
            _clear(folder, "*.new")
            yield Journal(folder, len(list(folder.glob("part-*.arrow"))), is_other, is_left)
    except OSError as error:
        raise ScreenError(
            f"{error.filename or output} cannot be written ({error.strerror or error}); give the run a folder that "
            "exists, that you may write to and that has room, and run it again: what is done is kept.",
            zh=f"写不出 {Path(error.filename or output).name}（{error.strerror or error}）；请检查文件夹是否存在、"
            "可写、有空间，然后再次运行，已完成的部分会保留。",
        ) from error


def _hold(lock: object, output: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Its last holder may have taken the folder away between our opening and locking.
        place = Path(lock.name)
        is_ours = place.exists() and os.path.samestat(place.stat(), os.fstat(lock.fileno()))
    except OSError:
        is_ours = False
    if not is_ours:
        raise ScreenError(
            f"Another run writes {output.name} just now; wait for it, or name another output.",
            zh=f"另一个任务正在写出 {output.name}；请等它结束，或换一个输出文件名。",
        )


def _clear(folder: Path, pattern: str) -> None:
    for file in folder.glob(pattern):
        file.unlink()


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or not there, whenever the machine stops."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
