"""The service as ``deploy/`` has it, on loopback: processes of the app and Debian's nginx with our configuration."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT

NGINX = ROOT / "deploy/nginx"
START_S = 60
SESSIONS = re.compile(r"^gzmap_sessions (\S+)$", re.MULTILINE)
MAIN = """
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/main-error.log warn;
{user}
events {{ worker_connections 4096; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    {temporary}
    include {folder}/gzmap-upstream.conf;
    include {folder}/gzmap.conf;
}}
"""


def find_port() -> int:
    """Find a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_nginx() -> str:
    """Find nginx, which Debian keeps off the PATH of users."""
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if path is None:
        raise RuntimeError("nginx is not installed: run `make test`, which installs it or says how.")
    return path


def read_url(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


@dataclass
class AppProcess:
    """One process of the app, started by us."""

    port: int
    running: subprocess.Popen
    log: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count_sessions(self) -> int:
        return int(float(SESSIONS.search(read_url(f"{self.base}/metrics"))[1]))

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.running.kill()
        self.running.wait()


@dataclass
class Deployed:
    """The whole service: its address, and the processes behind it."""

    port: int
    folder: Path
    apps: list[AppProcess] = field(default_factory=list)
    settings: Mapping[str, str] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, port: int, log: Path) -> AppProcess:
        """Start a process and wait until it answers; it ends with the service."""
        app = self.stack.enter_context(running_app(port, log, self.settings))
        wait_until_ready(app.running, f"{app.base}/healthz", app.log)
        return app

    def revive(self) -> None:
        """Start those processes anew that have died, as systemd would."""
        self.apps = [app if app.running.poll() is None else self.start(app.port, app.log) for app in self.apps]


@contextmanager
def running_app(port: int, log: Path, settings: Mapping[str, str]) -> Iterator[AppProcess]:
    """Run one process of the app until the block ends."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GZMAP_", "STREAMLIT_"))}
    environment = {**kept, "GZMAP_ROOT": str(ROOT), **settings}
    with log.open("ab") as out:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield AppProcess(port, running, log)
    finally:
        _stop(running)


def _stop(running: subprocess.Popen) -> None:
    if running.poll() is None:
        running.terminate()
    try:
        running.wait(10)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def wait_until_ready(running: subprocess.Popen, url: str, log: Path) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and running.poll() is None:
        try:
            read_url(url)
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers at {url}:\n{log.read_text(errors='replace')}")


def substitute(text: str, port: int, ports: Sequence[int], folder: Path) -> str:
    """Put ports and paths of a test into a configuration of nginx; everything else stays as it is shipped."""
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("    listen [::]:80;\n", "")
    for shipped, own in zip((8501, 8502), ports, strict=True):
        text = text.replace(f"127.0.0.1:{shipped}", f"127.0.0.1:{own}")
    return text.replace("/var/log/nginx", str(folder)).replace("/var/cache/nginx", str(folder))


def write_nginx(folder: Path, port: int, ports: Sequence[int]) -> Path:
    """Write our configuration, and around it what Debian's own has."""
    for name in ("gzmap.conf", "gzmap-upstream.conf"):
        (folder / name).write_text(substitute((NGINX / name).read_text("utf-8"), port, ports, folder), "utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n    ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(MAIN.format(folder=folder, user=user, temporary=temporary), "utf-8")
    return path


@contextmanager
def running_nginx(folder: Path, port: int, ports: Sequence[int]) -> Iterator[None]:
    """Run nginx until the block ends."""
    log = folder / "nginx.out"
    command = [find_nginx(), "-p", str(folder), "-c", str(write_nginx(folder, port, ports))]
    with log.open("wb") as out:
        running = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(running, f"http://127.0.0.1:{port}/healthz", log)
        yield
    finally:
        _stop(running)


@contextmanager
def deployed(folder: Path, settings: Mapping[str, str] | None = None, *, port: int = 0) -> Iterator[Deployed]:
    """Run two processes and nginx until the block ends; nginx on a given port, or any that is free."""
    settings = {"STREAMLIT_SERVER_COOKIE_SECRET": "0" * 64, "GZMAP_LOG": "json", **(settings or {})}
    with ExitStack() as stack:
        service = Deployed(port or find_port(), folder, settings=settings, stack=stack)
        service.apps = [service.start(find_port(), folder / f"app{number}.log") for number in range(2)]
        stack.enter_context(running_nginx(folder, service.port, [app.port for app in service.apps]))
        yield service
