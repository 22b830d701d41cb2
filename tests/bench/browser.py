"""A headless Chromium that can reach no host but this one, and what it tells."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.bench.servers import BenchError

PROBE = Path(__file__).parent / "probe.js"
VIEWPORT = {"width": 1440, "height": 900}
OWN_HOSTS = {"127.0.0.1", "localhost"}
# Hosts are blocked by name resolution: Playwright's routes would slow every request and turn the cache off.
ARGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--no-proxy-server"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
TIMEOUT_MS = 120_000


@dataclass
class Chrome:
    """The browser, and the requests to other hosts that its pages tried."""

    browser: Browser
    foreign: list[str] = field(default_factory=list)

    @contextmanager
    def open_page(self) -> Iterator[Page]:
        """Open a page in a context of its own, whose cache is empty."""
        context = self.browser.new_context(viewport=VIEWPORT, locale="zh-CN")
        try:
            context.set_default_timeout(TIMEOUT_MS)
            context.add_init_script(PROBE.read_text(encoding="utf-8"))
            context.on("request", lambda request: self.note(request.url))
            yield context.new_page()
        finally:
            context.close()

    def note(self, url: str) -> None:
        """Remember a request that should not have been made."""
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in OWN_HOSTS:
            self.foreign.append(url)


@contextmanager
def open_chrome() -> Iterator[Chrome]:
    """Start the system's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGS)
        try:
            yield Chrome(browser)
        finally:
            browser.close()


def find_chromium() -> str:
    """Find the system's Chromium.

    Raises
    ------
    BenchError
        If there is none on the path.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise BenchError("Chromium is not on the PATH: run `make bench`, which installs it or says how.")
    return path


class RunCounter:
    """Counts a page's script runs by what its server says on the socket: a run opens with ``new_session``.

    Make it before the page is opened. Nothing is changed in the page or the server.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.begun = self.finished = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._read)

    def _read(self, payload: str | bytes) -> None:
        kind = ForwardMsg.FromString(payload).WhichOneof("type") if isinstance(payload, bytes) else None
        self.begun += kind == "new_session"
        self.finished += kind == "script_finished"

    def wait_quiet(self, quiet_ms: int = 1200) -> int:
        """Wait until no run is under way and none has begun for a while; return how many have begun so far."""
        step, still, before = 100, 0, -1
        while still < quiet_ms:
            self.page.wait_for_timeout(step)
            still = still + step if self.begun == before and self.finished >= self.begun else 0
            before = self.begun
        return self.begun

    def wait_finished(self, count: int) -> None:
        """Wait until so many runs are over."""
        waited = 0
        while self.finished < count:
            self.page.wait_for_timeout(20)
            waited += 20
            if waited > TIMEOUT_MS:
                raise BenchError(f"Run {count} of {self.page.url} did not end in {TIMEOUT_MS / 1000:g} s.")
