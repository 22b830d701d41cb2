"""A Dask cluster on the loopback interface, for tests and bench: a scheduler and its workers, in processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 120


@dataclass(frozen=True)
class Cluster:
    """Processes of a cluster, and the address of its scheduler."""

    address: str
    scheduler: subprocess.Popen
    workers: list[subprocess.Popen]


@contextmanager
def serve_cluster(folder: Path, count: int) -> Iterator[Cluster]:
    """Serve a scheduler and so many workers of one thread, without nannies, which would start killed ones again."""
    place = folder / "scheduler.json"
    # What an earlier cluster has left here names an address where nobody is.
    place.unlink(missing_ok=True)
    started: list[subprocess.Popen] = []
    with (folder / "cluster.log").open("wb") as log:

        def begin(module: str, *arguments: str) -> subprocess.Popen:
            # From elsewhere: workers need gzmap installed, and nothing else of what is here.
            command = [
                sys.executable,
                "-m",
                f"distributed.cli.{module}",
                *arguments,
                "--dashboard-address",
                "127.0.0.1:0",
            ]
            started.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=folder))
            return started[-1]

        local = ("--scheduler-file", str(place), "--host", "127.0.0.1")
        alone = ("--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
        try:
            scheduler = begin("dask_scheduler", *local, "--port", "0")
            workers = [begin("dask_worker", *local, *alone) for _ in range(count)]
            address = _read_address(place, folder / "cluster.log")
            _wait_for_workers(address, count, folder / "cluster.log")
            yield Cluster(address, scheduler, workers)
        finally:
            for process in reversed(started):
                process.kill()
                process.wait()


def _read_address(place: Path, log: Path) -> str:
    deadline = time.monotonic() + PATIENCE_S
    while not place.exists() or not place.read_text():
        if time.monotonic() > deadline:
            raise TimeoutError(log.read_text(encoding="utf-8"))
        time.sleep(0.05)
    return json.loads(place.read_text())["address"]


def _wait_for_workers(address: str, count: int, log: Path) -> None:
    """Wait in a process of its own: dask's client warns of what it does itself."""
    wait = f"Client({address!r}, timeout={PATIENCE_S}).wait_for_workers({count}, timeout={PATIENCE_S})"
    command = [sys.executable, "-c", f"from distributed import Client; {wait}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{done.stderr}\n{log.read_text(encoding='utf-8')}")
