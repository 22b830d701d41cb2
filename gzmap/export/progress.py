"""How far a delivery has come, and how to stop it."""

from __future__ import annotations

from typing import Protocol

from gzmap.errors import ExportError


class Progress(Protocol):
    """Who is told of each step.

    ``step`` is called before and after each part of the work, in the thread that does it, with the number of parts
    that are done, of all parts, and the name of the file or folder that comes next (when all is done: of the target).
    It may raise `Cancelled`; nothing is left behind then.
    """

    def step(self, done: int, total: int, what: str) -> None:
        """Note that ``done`` of ``total`` parts are done and that ``what`` comes next."""


class Cancelled(ExportError):  # noqa: N818 (it is no error of anyone)
    """The delivery was stopped on request; nothing was written: for `Progress.step` to raise."""


class Quiet:
    """A progress that tells nobody."""

    def step(self, done: int, total: int, what: str) -> None:
        """Do nothing."""
