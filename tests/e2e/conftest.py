"""The real server and the real browser; every host but this machine is out of the browser's reach, and counted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import ROOT
from tests.e2e import drafts
from tests.e2e.visit import Visit

START_S = 30
RESULTS = ROOT / "test-results"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # No name but our own is resolved and no other address is reached, whatever asks: pages, workers, the browser.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("e2e")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> object:
    report = yield
    if report.when == "call" and report.failed:
        for number, visit in enumerate(getattr(item, "visits", ())):
            visit.shoot(RESULTS / f"{re.sub(r'[^0-9A-Za-z_]+', '-', item.nodeid)}-{number}.png")
    return report


@dataclass
class Server:
    """A running gzmap and the project that it serves."""

    root: Path
    port: int
    log: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(root: Path, port: int, log: Path) -> Iterator[Server]:
    """Serve a project with the application of this checkout until the block ends."""
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        f"--server.port={port}",
        "--server.address=127.0.0.1",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GZMAP_", "STREAMLIT_"))}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**environment, "GZMAP_ROOT": str(root)}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}/healthz", log)
        yield Server(root, port, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen, url: str, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    pytest.fail(f"the server does not answer at {url}:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="package")
def find_port() -> Callable[[], int]:
    import socket

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find


@pytest.fixture(scope="package")
def shipped(find_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the project as it is shipped. Nothing may write to it."""
    with serving(ROOT, find_port(), tmp_path_factory.mktemp("shipped") / "server.log") as server:
        yield server


@pytest.fixture(scope="package")
def copied(find_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve a copy of the project with one layer more, `tests.e2e.drafts`."""
    folder = tmp_path_factory.mktemp("copied")
    root = folder / "project"
    for name in ("geodata", "layers"):
        shutil.copytree(ROOT / name, root / name)
    drafts.add_to(root)
    with serving(root, find_port(), folder / "server.log") as server:
        yield server


@pytest.fixture
def editable(copied: Server) -> Iterator[Server]:
    """Give the copy for a test to break; it is put right afterwards."""
    folder = copied.root / "layers"
    before = {path: path.read_bytes() for path in folder.glob("*") if path.is_file()}
    yield copied
    for path, content in before.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


Visiting = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visiting]:
    """Start visits: ``visit(server, path)``. Whatever happens, nothing may leave this machine or fail on the page."""
    contexts, visits = [], []
    request.node.visits = visits

    def start(server: Server, path: str | None = "/", *, tour: bool = False, **options: object) -> Visit:
        options = {"viewport": {"width": 1366, "height": 800}, "locale": "zh-CN", **options}
        contexts.append(browser.new_context(**options))
        one = Visit(contexts[-1], server.base, tour=tour)
        visits.append(one)
        return one if path is None else one.open(path)

    yield start
    for context in contexts:
        context.close()
    for one in visits:
        assert one.foreign == [], "requests to other hosts"
        assert one.dialogs == [], "dialogs"
        assert [e for e in one.errors if not any(part in e for part in one.expected)] == [], "errors in the browser"
