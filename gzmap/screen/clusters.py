"""An existing Dask cluster as the place where windows are screened: the only door to dask."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from typing import TYPE_CHECKING

from gzmap.errors import ScreenError
from gzmap.screen.desk import settle, tell_version
from gzmap.screen.plan import Plan

if TYPE_CHECKING:
    from distributed import Client

ANSWER_S, WORKERS_S = 20, 30
"""How long the scheduler, and then its first worker, are waited for."""

RETRIES = 3
"""How often a window is tried again when something on its worker fails; a worker that dies does not count."""


@contextlib.contextmanager
def open_cluster(address: str, plan: Plan) -> Iterator[tuple[Executor, int]]:
    """Open a cluster for a run; every worker gets the plan, those that come later too.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    plan
        What parcels are compared with.

    Yields
    ------
    tuple
        What takes the work, and the number of its threads.

    Raises
    ------
    ScreenError
        If the scheduler does not answer, has no worker, or a worker has another gzmap or none; if the cluster is lost
        on the way.
    """
    # Imported here: it takes half a second, and only those who have a cluster pay for it.
    from distributed import Client  # noqa: PLC0415
    from distributed.scheduler import KilledWorker  # noqa: PLC0415

    try:
        client = Client(address, timeout=ANSWER_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _refuse(address, str(error)) from None
    with client:
        workers = _settle_workers(client, address, plan)
        try:
            yield client.get_executor(pure=False, retries=RETRIES), workers
        except (OSError, CancelledError, KilledWorker) as error:
            raise ScreenError(
                f"The cluster at {address} was lost on the way ({type(error).__name__}); run it again when it is back: "
                "what is done is kept.",
                zh=f"与集群 {address} 的连接中断（{type(error).__name__}）；集群恢复后再次运行，已完成的部分会保留。",
            ) from None


def _refuse(address: str, reason: str) -> ScreenError:
    return ScreenError(
        f"The Dask scheduler {address} does not answer ({reason}); check the address (such as tcp://10.0.0.5:8786), or "
        "leave --scheduler out to work on this machine.",
        zh=f"Dask 调度器 {address} 没有应答（{reason}）；请检查地址（如 tcp://10.0.0.5:8786），"
        "或去掉 --scheduler 在本机运行。",
    )


def _settle_workers(client: Client, address: str, plan: Plan) -> int:
    """Make sure of the workers, and give them the plan; returns how many threads they have."""
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError:
        raise _refuse(address, "no worker") from None
    own = tell_version()
    try:
        others = {worker: version for worker, version in client.run(tell_version).items() if version != own}
    except ImportError as error:
        others = {"a worker": str(error)}
    if others:
        told = ", ".join(f"{worker}: {version}" for worker, version in others.items())
        raise ScreenError(
            f"The workers need gzmap {own} as it is here ({told}); install it on them.",
            zh=f"集群的工作节点需要安装与本机相同的 gzmap {own}（{told}）。",
        )
    client.register_plugin(_build_plugin(plan))
    return sum(client.nthreads().values())


def _build_plugin(plan: Plan) -> object:
    """Make what every worker does first, now or when it joins."""
    from distributed import WorkerPlugin  # noqa: PLC0415

    class Settle(WorkerPlugin):
        name = "gzmap-screen"

        def setup(self, worker: object) -> None:  # noqa: ARG002
            settle(plan)

    return Settle()
