"""Streamlit servers as child processes: started on a free port of the loopback interface, stopped by their id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).parent / "scripts"
LEAFLET = ROOT / "gzmap/assets/leaflet"
START_S = 90
STOP_S = 10
OPTIONS = {"server.address": "127.0.0.1", "server.headless": "true", "server.fileWatcherType": "none"}


class BenchError(RuntimeError):
    """The benchmark cannot be run; the message says what is missing."""


@dataclass(frozen=True)
class Server:
    """A running Streamlit server."""

    url: str
    process: psutil.Process

    def read_cpu_s(self) -> float:
        """Return the processor time that the server has used so far, its children's included, in seconds."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(times.user + times.system for times in (p.cpu_times() for p in family))

    def wait_idle(self, limit_s: float = 120) -> None:
        """Wait until the server has nothing to do: under 3 % of a core for one second."""
        end, quiet, before = time.monotonic() + limit_s, 0, self.read_cpu_s()
        while quiet < 2:
            if time.monotonic() > end:
                raise BenchError(f"{self.url} was still busy after {limit_s:g} s.")
            time.sleep(0.5)
            now = self.read_cpu_s()
            quiet = quiet + 1 if now - before < 0.015 else 0
            before = now

    def measure_idle(self, seconds: float = 3) -> float:
        """Return the share of a core that the server uses while nobody asks it for anything."""
        before = self.read_cpu_s()
        time.sleep(seconds)
        return (self.read_cpu_s() - before) / seconds


@contextmanager
def serve_ours(project: Path) -> Iterator[Server]:
    """Serve gzmap over a project folder."""
    with serve(ROOT / "app.py", {"GZMAP_ROOT": str(project)}, log=project.with_suffix(".ours.log")) as server:
        yield server


@contextmanager
def serve_script(name: str, folder: Path, project: Path | None = None) -> Iterator[Server]:
    """Serve one of the peers' pages from a folder made for it, with Leaflet beside it."""
    own = folder / f"{name}-{project.name if project else 'page'}"
    shutil.copytree(LEAFLET, own / "static")
    script = Path(shutil.copy(SCRIPTS / f"{name}.py", own))
    env = {"GZMAP_ROOT": str(project)} if project else {}
    with serve(script, env, log=own / "server.log", options={"server.enableStaticServing": "true"}) as server:
        yield server


@contextmanager
def serve(
    script: Path, env: Mapping[str, str], *, log: Path, options: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run ``streamlit run script`` and stop it afterwards, whatever happens.

    All pages run from the repository's root and so with the same ``.streamlit/config.toml``.
    """
    port = find_port()
    settings = {**OPTIONS, **(options or {}), "server.port": str(port)}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [part for key, value in settings.items() for part in (f"--{key}", value)]
    with log.open("wb") as output:
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=output, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_ready(child, url, log)
            yield Server(url, psutil.Process(child.pid))
        finally:
            stop(child)


def find_port() -> int:
    """Find a TCP port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_ready(child: subprocess.Popen, url: str, log: Path, *, path: str = "/_stcore/health") -> None:
    """Wait until a server answers; raise with the end of its log when it does not."""
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
    end = time.monotonic() + START_S
    while time.monotonic() < end and child.poll() is None:
        try:
            with ask.open(url + path, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise BenchError(f"The server at {url} did not start:\n{tail}")


def stop(child: subprocess.Popen) -> None:
    """Stop a child, gently first."""
    child.terminate()
    try:
        child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
