"""One person's visit to the page in a real browser: what they do, and an account of everything that happened."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Frame, Locator, WebSocket, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

LOCAL = {"127.0.0.1", "localhost"}
OWN_SCHEMES = {"data", "blob", "about", "chrome", "chrome-error"}
PATIENCE_MS = 15_000
# Streamlit's browser side looks for its server below the page's path first and takes the 404 for an answer.
STREAMLIT_PROBE = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")
expect.set_options(timeout=PATIENCE_MS)


class Visit:
    """A page with a record: requests to other hosts, errors, dialogs, script runs, requests for data."""

    def __init__(self, context: BrowserContext, base: str, *, tour: bool = False) -> None:
        self.base = base
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self.expected: list[str] = []
        self.dialogs: list[str] = []
        self.asked: list[str] = []
        self.runs = 0
        self.running = True
        self.reruns_asked = 0
        self.frames = 0
        context.on("request", lambda request: self._note_request(request.url))
        context.set_default_timeout(PATIENCE_MS)
        if not tour:
            context.add_init_script("try { localStorage.setItem('gz-tour', '1'); } catch {}")
        self.page = context.new_page()
        self.page.on("websocket", self._note_socket)
        self.page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.page.on("console", self._note_console)
        self.page.on("dialog", self._note_dialog)
        self.page.on("framenavigated", self._note_frame)

    # --- the record

    def _note_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in OWN_SCHEMES and parts.hostname not in LOCAL:
            self.foreign.append(url)
        self.asked.append(parts.path)

    def _note_socket(self, socket: WebSocket) -> None:
        self._note_request(socket.url)
        socket.on("framesent", self._note_sent)
        socket.on("framereceived", self._note_received)

    def _note_sent(self, payload: bytes | str) -> None:
        self.frames += 1
        if isinstance(payload, bytes) and BackMsg.FromString(payload).WhichOneof("type") == "rerun_script":
            self.reruns_asked += 1

    def _note_received(self, payload: bytes | str) -> None:
        kind = ForwardMsg.FromString(payload).WhichOneof("type") if isinstance(payload, bytes) else ""
        self.runs += kind == "new_session"
        # Not counted in pairs: a run that is cut short by the next may never say that it ended.
        if kind in ("new_session", "script_finished"):
            self.running = kind == "new_session"

    def _note_console(self, message: object) -> None:
        url = message.location.get("url", "")
        if message.type == "error" and not STREAMLIT_PROBE.search(url):
            self.errors.append(f"console: {message.text} {url}")

    def _note_dialog(self, dialog: object) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note_frame(self, frame: Frame) -> None:
        if frame.parent_frame is not None:
            self.errors.append(f"a frame was opened: {frame.url}")

    # --- going about

    def open(self, path: str = "/") -> Visit:
        """Go to an address and wait until the page stands."""
        self.page.goto(self.base + path)
        return self.settle()

    def reload(self) -> Visit:
        self.page.reload()
        return self.settle()

    def settle(self) -> Visit:
        """Wait until the map lives, every layer has answered and no script run is under way."""
        self.page.wait_for_function(
            """() => window.__gz && Object.values(window.__gz.state.layers)
                 .every((l) => l.failed || !l.url || l.isLoaded
                   || (l.byId ? l.byId.size || l.empty : l.labels.length))""",
            timeout=PATIENCE_MS,
        )
        return self.rest()

    def rest(self, quiet_ms: int = 220) -> Visit:
        """Wait until no script run has begun or ended for a while."""
        for _ in range(PATIENCE_MS // quiet_ms):
            before = (self.runs, self.reruns_asked)
            self.page.wait_for_timeout(quiet_ms)
            if before == (self.runs, self.reruns_asked) and not self.running:
                return self
        raise AssertionError(f"the page does not come to rest after {self.runs} runs")

    def turn_to(self, title: str) -> Visit:
        """Follow a link of the header to another page; where there is no room for the links, they are in a menu."""
        link = self.page.locator(".gz-header").get_by_role("link", name=title, exact=True)
        if not link.count():
            self.page.locator(".gz-menu > summary").click()
        link.click()
        return self.rest()

    def search(self, text: str) -> Locator:
        box = self.page.locator(".gz-search input")
        box.fill(text)
        box.press("Enter")
        results = self.page.locator(".gz-results")
        expect(results.locator("h2")).to_contain_text(text)
        self.rest()
        return results

    # --- the map

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place lies on the screen."""
        x, y = self.page.evaluate(
            """([lat, lon]) => {
                 const map = window.__gz.map, box = map.getContainer().getBoundingClientRect();
                 const at = map.latLngToContainerPoint([lat, lon]);
                 return [box.x + at.x, box.y + at.y];
               }""",
            [lat, lon],
        )
        return x, y

    def click_at(self, lon: float, lat: float) -> Visit:
        self.page.mouse.click(*self.pixel(lon, lat))
        return self.rest()

    def hover_at(self, lon: float, lat: float) -> Locator:
        x, y = self.pixel(lon, lat)
        self.page.mouse.move(x - 3, y - 3)
        self.page.mouse.move(x, y)
        return self.page.locator(".leaflet-tooltip")

    def drag(self, dx: int, dy: int) -> None:
        box = self.page.locator(".gz-map").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=5)
        self.page.mouse.up()

    def held(self, layer_id: str) -> dict[str, str]:
        """Names of a layer's features that the browser holds, by id."""
        return self.page.evaluate(
            """(id) => Object.fromEntries(
                 [...window.__gz.state.layers[id].byId].map(([key, layer]) => [key, layer.feature.properties.name]))""",
            layer_id,
        )

    def is_on_map(self, layer_id: str) -> bool:
        return self.page.evaluate("(id) => window.__gz.map.hasLayer(window.__gz.state.layers[id])", layer_id)

    def count_pixels(self) -> dict[str, int]:
        """Painted pixels of the map's canvases, by rough colour ``r,g,b`` (each in steps of 32)."""
        return self.page.evaluate(
            """() => {
                 const found = {};
                 for (const canvas of window.__gz.map.getContainer().querySelectorAll("canvas")) {
                   const d = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                   for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 100) {
                     const key = [d[i] >> 5, d[i + 1] >> 5, d[i + 2] >> 5].join();
                     found[key] = (found[key] ?? 0) + 1;
                   }
                 }
                 return found;
               }"""
        )

    def count_dark_pixels(self) -> int:
        """Pixels of the map's canvases of the outline's near-black, however transparent."""
        return self.page.evaluate(
            """() => {
                 let found = 0;
                 for (const canvas of window.__gz.map.getContainer().querySelectorAll("canvas")) {
                   const d = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                   for (let i = 0; i < d.length; i += 4)
                     found += d[i + 3] > 60 && Math.max(d[i], d[i + 1], d[i + 2]) < 60;
                 }
                 return found;
               }"""
        )

    def be_still(self) -> None:
        """Wait until the map has stopped gliding and zooming."""
        before = None
        while before != (before := self.view()):
            self.page.wait_for_timeout(150)

    def mark_map(self) -> None:
        """Put a mark on the living map object, to know it again."""
        self.page.evaluate("() => { window.__gz.map.marked = window.marked = Math.random(); }")

    def is_same_map(self) -> bool:
        return self.page.evaluate(
            "() => window.__gz.mounts === 1 && window.__gz.map.marked === window.marked && !!window.marked"
        )

    def view(self) -> tuple[float, float, float]:
        """Zoom, latitude and longitude of the map."""
        return tuple(
            self.page.evaluate(
                "() => { const c = window.__gz.map.getCenter(); return [window.__gz.map.getZoom(), c.lat, c.lng]; }"
            )
        )

    # --- the panel and the address

    @property
    def card(self) -> Locator:
        return self.page.locator(".gz-card")

    def query(self) -> dict[str, str]:
        return {k: v[0] for k, v in parse_qs(urlsplit(self.page.url).query, keep_blank_values=True).items()}

    def go_of(self, link: Locator) -> dict:
        return json.loads(link.get_attribute("data-go"))

    def shoot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
