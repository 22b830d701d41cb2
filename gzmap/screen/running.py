"""A run: every window screened, here, in processes of this machine or on a cluster, and none of them twice."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from multiprocessing.context import BaseContext

from gzmap.errors import ScreenError
from gzmap.screen import desk
from gzmap.screen.clusters import open_cluster
from gzmap.screen.desk import answer, settle
from gzmap.screen.parcels import Window
from gzmap.screen.plan import Plan

AHEAD = 2
"""Windows that are read for each worker: one is screened, one waits. More would only take memory."""

FORK_SERVER = "forkserver"
"""How processes are started where the system can pass them open files: on everything but Windows."""

Keep = Callable[[Window, bytes], None]


def run_windows(plan: Plan, windows: Iterable[Window], keep: Keep, *, processes: int = 1, scheduler: str = "") -> None:
    """Screen windows, in any order, and hand on what comes out of each as soon as it does.

    Parameters
    ----------
    plan
        What the parcels are compared with.
    windows
        Read as they are needed, in this process alone: workers need not see the file.
    keep
        Takes a window and the bytes of `desk.answer`, in this thread.
    processes
        Of this machine; 1 screens in this one.
    scheduler
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``; it goes before ``processes``.

    Raises
    ------
    ScreenError
        If a worker process dies, or the cluster cannot be reached, is lost or cannot do the work.
    """
    if not scheduler and processes == 1:
        settle(plan)
        for window in windows:
            keep(window, answer(plan.digest, window))
        return
    with open_cluster(scheduler, plan) if scheduler else _open_processes(plan, processes) as (executor, workers):
        _run_ahead(executor, windows, keep, digest=plan.digest, ahead=AHEAD * workers)


def _run_ahead(executor: Executor, windows: Iterable[Window], keep: Keep, *, digest: str, ahead: int) -> None:
    """Keep some windows on their way, and read the next when one is done."""
    under_way: dict[Future, Window] = {}
    for window in windows:
        under_way[executor.submit(answer, digest, window)] = window
        if len(under_way) >= ahead:
            _keep_done(under_way, keep)
    while under_way:
        _keep_done(under_way, keep)


def _keep_done(under_way: dict[Future, Window], keep: Keep) -> None:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in sorted(done, key=lambda f: under_way[f].number):
        keep(under_way.pop(future), future.result())


def prepare_processes() -> None:
    """Begin to load what worker processes need, while this one does something else."""
    if _choose_context().get_start_method() == FORK_SERVER:
        # Imported here: not every system has it.
        from multiprocessing import forkserver  # noqa: PLC0415

        forkserver.ensure_running()


def _choose_context() -> BaseContext:
    """Choose how worker processes begin: as forks of one that has loaded everything and done nothing.

    Not as forks of this one, for GDAL and pyarrow have threads here, whose locks a fork would copy; and not each by
    itself, for to load everything takes as long as to screen thirty thousand parcels.
    """
    if FORK_SERVER not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context(FORK_SERVER)
    context.set_forkserver_preload([desk.__name__])
    return context


@contextlib.contextmanager
def _open_processes(plan: Plan, count: int) -> Iterator[tuple[Executor, int]]:
    executor = ProcessPoolExecutor(count, mp_context=_choose_context(), initializer=_begin, initargs=(plan,))
    try:
        yield executor, count
    except BrokenProcessPool:
        raise ScreenError(
            "A worker process died, perhaps for want of memory; run it again, with fewer --processes: what is done is "
            "kept.",
            zh="一个工作进程意外终止（可能内存不足）；请减少 --processes 后再次运行，已完成的部分会保留。",
        ) from None
    finally:
        executor.shutdown(cancel_futures=True)


def _begin(plan: Plan) -> None:
    # The terminal's Ctrl+C reaches all; only the first process answers it, and ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settle(plan)


def _end_with_parent() -> None:
    """End this process when the one that started it is killed: nothing else would tell it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
