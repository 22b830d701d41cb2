"""Where windows are screened: the plan as each process and thread keeps it."""

from __future__ import annotations

import threading

import pyarrow as pa

from gzmap import __version__
from gzmap.errors import ScreenError
from gzmap.query.shapes import Shapes
from gzmap.screen.parcels import Window
from gzmap.screen.plan import Plan
from gzmap.screen.touching import screen_window

_PLANS: dict[str, Plan] = {}
_OPEN = threading.local()


def settle(plan: Plan) -> None:
    """Keep a plan in this process, instead of an older one."""
    _PLANS.clear()
    _PLANS[plan.digest] = plan


def answer(digest: str, window: Window) -> bytes:
    """Screen a window with the plan that was settled here.

    Returns
    -------
    bytes
        The table of `screen_window` as an Arrow file.

    Raises
    ------
    ScreenError
        If another plan or none was settled.
    """
    sink = pa.BufferOutputStream()
    table = screen_window(_find_shapes(digest), window)
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _find_shapes(digest: str) -> Shapes:
    found = getattr(_OPEN, "shapes", None)
    if found is None or found[0] != digest:
        if digest not in _PLANS:
            raise ScreenError("This worker has no plan or another one; start the run again.")
        found = _OPEN.shapes = (digest, _PLANS[digest].open_shapes())
    return found[1]


def tell_version() -> str:
    """Tell which version of gzmap is installed here."""
    return __version__
