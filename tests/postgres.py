"""A PostgreSQL of the system, started on loopback for the tests: its own data, its own port, ended by its id."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

DEBIAN = Path("/usr/lib/postgresql")
ACCOUNT = "postgres"
"""Debian's account for the server, which refuses to run as root."""

OWNER, APP, WATER, ROADS = "gzmap_owner", "gzmap_app", "bureau_water", "bureau_roads"
"""Roles: who imports, what a server logs in as, and two departments."""

SETTINGS = {
    "fsync": "off",
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "64MB",
    "max_connections": "40",
    "timezone": "UTC",
}


@dataclass
class Cluster:
    """A server and its data; it may be stopped and started again."""

    tools: Path
    folder: Path
    port: int
    process: subprocess.Popen | None = field(default=None, repr=False)

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [self.tools / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-k", self.folder]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen([*command, *options], stdout=log, stderr=log, **_account())
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"PostgreSQL does not start:\n{(self.folder / 'log').read_text()[-2000:]}")
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT ends it at once and in order, SIGQUIT as a crash does."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def run(self, command: str, *, database: str = "postgres", role: str = "postgres") -> list[tuple]:
        with psycopg.connect(self.url(role, database), autocommit=True) as connection:
            cursor = connection.execute(command)
            return cursor.fetchall() if cursor.description else []


def _account() -> dict[str, str]:
    return {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}


def find_tools() -> Path:
    """Find the server's programs; their absence is a failure, never a skip."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0))
    path = found[-1] if found else shutil.which("initdb")
    if path is None:
        pytest.fail("PostgreSQL is not installed: run the tests with `make test`, which installs it or says how.")
    return Path(path).resolve().parent


@contextlib.contextmanager
def run_cluster() -> Iterator[Cluster]:
    """Run a server until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="gzmap-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, ACCOUNT, ACCOUNT)
        tools = find_tools()
        make = [
            tools / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        subprocess.run(make, check=True, capture_output=True, **_account())
        cluster = Cluster(tools, folder, _find_port())
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def prepare(cluster: Cluster) -> None:
    """Create the roles, and a database with PostGIS that others are copies of."""
    for role in (OWNER, APP, WATER, ROADS):
        cluster.run(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
    cluster.run("CREATE DATABASE pattern")
    cluster.run("CREATE EXTENSION postgis", database="pattern")


def build_database(cluster: Cluster, name: str) -> str:
    """Create a database that the owner may fill; return the owner's address of it."""
    cluster.run(f"CREATE DATABASE {name} TEMPLATE pattern OWNER {OWNER}")
    return cluster.url(OWNER, name)
