"""(9) A layer of the planner's own with 20 000 polygons: when it is seen, and whether the map moves smoothly."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import geopandas
from playwright.sync_api import Page

from gzmap.config import STORAGE_CRS
from tests.bench.browser import VIEWPORT
from tests.bench.pages import list_plan_marks
from tests.bench.projects import copy_project, make_plots
from tests.bench.rows import Bench
from tests.bench.servers import LEAFLET, SCRIPTS, serve_ours
from tests.bench.table import Aim, Row

PLOTS = 20_000
LAYER = "own.dikuai"
PEER = "the same as L.geoJSON, preferCanvas, bare page"
SECONDS_MS, JANK_MS = 3000, 100
STEPS, STEP_PX, STEP_MS, REST_MS = 24, 12, 16, 700
ZOOM = 10
"""All polygons are in view: the most that there is to draw."""

WATCH = """() => {
  const seen = (window.bench_pan = { frames: [], tasks: [], on: true });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.tasks.push(duration);
  }).observe({ type: "longtask" });
  let last = null;
  const step = (now) => {
    if (last !== null) seen.frames.push(now - last);
    last = now;
    if (seen.on) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}"""


def write_own(folder: Path, count: int) -> Path:
    """Write the polygons as a GeoPackage, as a planner's program would; return its path."""
    frame = geopandas.GeoDataFrame.from_features(make_plots(count), crs=STORAGE_CRS)[["name", "category", "geometry"]]
    folder.mkdir(parents=True)
    frame.to_file(folder / "地块.gpkg")
    return folder / "地块.gpkg"


def measure_own(bench: Bench) -> list[Row]:
    """Measure first view and pan, ours and the peer in turn."""
    project = copy_project(bench.project, bench.folder / "own")
    write_own(project / "local", PLOTS)
    firsts: dict[str, list[float]] = {"ours": [], "peer": []}
    pans: dict[str, list[Mapping[str, float]]] = {"ours": [], "peer": []}
    marks = list_plan_marks(project)
    with ExitStack() as stack:
        ours = stack.enter_context(serve_ours(project)).url
        peer = stack.enter_context(serve_peer(bench.folder / "peer", PLOTS))
        turns = (("ours", ours, marks, f"gz-drawn-{LAYER}"), ("peer", peer, ["gz-drawn-map"], "gz-drawn-own"))
        for turn in range(bench.repeat + 1):
            for name, url, begin, end in turns:
                with bench.chrome.open_page() as page:
                    first = time_between(page, url, begin=begin, end=end)
                    pan = watch_pan(page)
                if turn:  # the first round only warms the servers
                    firsts[name].append(first)
                    pans[name].append(pan)
    return [_row_first(firsts), *_rows_pan(pans)]


def _row_first(firsts: Mapping[str, list[float]]) -> Row:
    what = f"own layer, {PLOTS} polygons: first plan feature → drawn"
    aims = [Aim("most", SECONDS_MS)]
    return Row(9, what, "ms", firsts["ours"], firsts["peer"], f"{PEER}: map → drawn", aims)


def _rows_pan(pans: Mapping[str, list[Mapping[str, float]]]) -> list[Row]:
    kinds = {"longest": ("longest frame", "ms", JANK_MS), "share": ("time in tasks over 50 ms", "%", 10)}
    return [
        Row(
            9,
            f"own layer, {PLOTS} polygons: pan, {what}",
            unit,
            [pan[key] for pan in pans["ours"]],
            [pan[key] for pan in pans["peer"]],
            PEER,
            [Aim("most", limit)],
        )
        for key, (what, unit, limit) in kinds.items()
    ]


@contextmanager
def serve_peer(folder: Path, count: int) -> Iterator[str]:
    """Serve the peer's page, Leaflet and the polygons from a folder made for it."""
    folder.mkdir()
    shutil.copytree(LEAFLET, folder / "leaflet")
    shutil.copy(SCRIPTS / "canvas.html", folder / "index.html")
    content = json.dumps({"type": "FeatureCollection", "features": make_plots(count)}, ensure_ascii=False)
    (folder / "plots.geojson").write_text(content, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *_: object) -> None:
        """Leave the terminal to the table."""


def time_between(page: Page, url: str, *, begin: list[str], end: str) -> float:
    """Open a page; return the ms between the first of some sights and another one."""
    page.goto(url, wait_until="commit")
    page.wait_for_function("(end) => end in window.bench.first", arg=end)
    first = page.evaluate("window.bench.first")
    return first[end] - min(first[name] for name in begin if name in first)


def watch_pan(page: Page) -> dict[str, float]:
    """Drag the map to and fro; return its longest frame in ms and the share of the time in long tasks, in per cent."""
    page.wait_for_timeout(3000)  # what the page still has to fetch
    move = "(zoom) => { (window.__gz?.map ?? window.bench_map).setView([23.1, 113.4], zoom, { animate: false }); }"
    page.evaluate(move, ZOOM)
    page.wait_for_timeout(2000)
    page.evaluate(WATCH)
    x, y = VIEWPORT["width"] / 2, VIEWPORT["height"] / 2
    for sign in (1, -1):
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(1, STEPS + 1):
            page.mouse.move(x + sign * step * STEP_PX, y + sign * step * STEP_PX / 3)
            page.wait_for_timeout(STEP_MS)
        page.mouse.up()
        page.wait_for_timeout(REST_MS)
    seen = page.evaluate("() => { window.bench_pan.on = false; return window.bench_pan; }")
    return {"longest": max(seen["frames"]), "share": 100 * sum(seen["tasks"]) / sum(seen["frames"])}
