"""A screening from its start to its end: parcels, plan and journal together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from gzmap import __version__
from gzmap.errors import ScreenError
from gzmap.screen.journal import Journal, open_journal
from gzmap.screen.parcels import Parcels, Window
from gzmap.screen.plan import Plan
from gzmap.screen.running import run_windows
from gzmap.screen.summary import Summary, build_summary
from gzmap.screen.writing import WRITERS, export_parts
from gzmap.sites import list_files

SUFFIXES = (*WRITERS, ".xlsx")
"""Ends of what can be written; the workbook, a summary, is made by `gzmap.cli`."""


class Progress(Protocol):
    """Who is told how far a run has come."""

    def step(self, done: int, total: int) -> None:
        """Note that ``done`` of ``total`` parcels are screened; in the thread that asked for the run."""


@dataclass(frozen=True)
class Screening:
    """A run that is open: its windows are screened by `run`, then it is asked for what it found."""

    plan: Plan
    parcels: Parcels
    journal: Journal
    job: dict = field(repr=False)

    def run(self, progress: Progress, *, processes: int = 1, scheduler: str = "") -> None:
        """Screen every window that the journal does not hold.

        Parameters
        ----------
        progress
            Told at the start and after each window.
        processes, scheduler
            As `running.run_windows`.

        Raises
        ------
        SiteError, ScreenError
            If the file cannot be read to its end, changes meanwhile, or the work cannot be done; what is done is kept.
        """
        total, size = self.parcels.count, self.parcels.window
        held = [n for n in range(self.parcels.windows) if self.journal.holds(n)]
        done = sum(min(size, total - number * size) for number in held)
        progress.step(done, total)

        def keep(window: Window, content: bytes) -> None:
            nonlocal done
            self.journal.write(window.number, content)
            done += len(window.wkb)
            progress.step(done, total)

        if len(held) < self.parcels.windows:
            waiting = (w for w in self.parcels.read_windows() if not self.journal.holds(w.number))
            run_windows(self.plan, waiting, keep, processes=processes, scheduler=scheduler)
        if describe_job(self.plan, self.parcels) != self.job:
            raise ScreenError(
                f"{self.parcels.source.path.name} was changed while it was read; run it again.",
                zh=f"“{self.parcels.source.path.name}”在读取时被改动；请再次运行。",
            )

    def read_parts(self) -> Iterator[pa.Table]:
        """Read what was found, in the order of the parcels."""
        for number in range(self.parcels.windows):
            yield self.journal.read(number)

    def build_summary(self) -> Summary:
        """Add up what was found."""
        return build_summary(self.read_parts())

    def export(self, path: Path) -> Path:
        """Write what was found as ``.parquet`` or ``.gpkg``."""
        return export_parts(self.read_parts, path)

    def close(self) -> None:
        """Take the journal away; everything is written."""
        self.journal.close()


@contextlib.contextmanager
def open_screening(plan: Plan, parcels: Parcels, output: Path) -> Iterator[Screening]:
    """Open a run: a new one, or the one that was broken off at the same output.

    Parameters
    ----------
    plan
        What the parcels are compared with.
    parcels
        What is screened.
    output
        Target file; the journal stands beside it.

    Raises
    ------
    ScreenError
        If the output ends otherwise than `SUFFIXES`, another run writes it, or it cannot be written there.
    """
    require_suffix(output)
    job = describe_job(plan, parcels)
    with open_journal(output, job) as journal:
        yield Screening(plan, parcels, journal, job)


def require_suffix(output: Path) -> None:
    """Raise where the end of an output's name is none of `SUFFIXES`, or it is a folder.

    Raises
    ------
    ScreenError
        If so.
    """
    if output.suffix.lower() not in SUFFIXES or output.is_dir():
        raise ScreenError(
            f"{output.name} must be a file that ends in one of {', '.join(SUFFIXES)}.",
            zh=f"输出文件“{output.name}”须以 {'、'.join(SUFFIXES)} 之一结尾。",
        )


def describe_job(plan: Plan, parcels: Parcels) -> dict:
    """Describe what decides the result: the file as it is, how it is read, the plan and the version."""
    source = parcels.source
    files = [(str(file.resolve()), *_stamp(file)) for file in list_files(source.path)]
    return {
        "files": [list(file) for file in files],
        "layer": source.layer,
        "label": source.label,
        "crs": parcels.crs,
        "repair": parcels.repair,
        "window": parcels.window,
        "plan": plan.digest,
        "version": __version__,
    }


def _stamp(file: Path) -> tuple[int, int]:
    stat = file.stat()
    return stat.st_size, stat.st_mtime_ns
