"""(12) What a GIS program waits for: a thousand items in a box, from /ogc and from pygeoapi's own GeoJSON provider."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.bench.projects import PLOTS, add_plots, copy_project, place_plot
from tests.bench.rows import NARROW, Bench
from tests.bench.servers import ROOT, BenchError, find_port, serve_ours, stop, wait_ready
from tests.bench.table import Aim, Row

SIZES = (1_000, 20_000)
ITEMS = 1_000
TIMES_LESS = 5
ROUNDS = 4
PEER = "stock pygeoapi, GeoJSON provider"
SPEC = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def measure_service(bench: Bench) -> list[Row]:
    """Ask both servers for the same thousand polygons of the same file, in turn."""
    return [measure_size(bench, size) for size in SIZES]


def measure_size(bench: Bench, size: int) -> Row:
    """Measure one size of the file that the thousand are in."""
    project = add_plots(copy_project(bench.project, bench.folder / f"plots-{size}"), size)
    query = f"/collections/{PLOTS}/items?f=json&limit={ITEMS}&bbox={','.join(map(str, find_box(size)))}"
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    found: dict[str, set[str]] = {}
    with ExitStack() as stack:
        ours = stack.enter_context(serve_ours(project)).url
        peer = stack.enter_context(serve_stock(project / f"layers/{PLOTS}.geojson", bench.folder / f"stock-{size}"))
        for turn in range(ROUNDS * bench.repeat + 1):
            for name, url in (("ours", f"{ours}/ogc{query}"), ("peer", f"{peer}{query}")):
                took, body = fetch(url)
                if turn:  # the first round only warms the servers
                    times[name].append(took)
                else:
                    found[name] = require_items(body, name)
    if found["ours"] != found["peer"]:
        raise BenchError(f"Both servers gave {ITEMS} items, but not the same ones: nothing can be compared.")
    few, many = (f"{number:,}".replace(",", NARROW) for number in (ITEMS, size))
    return Row(
        12,
        f"/ogc items in a bbox: {few} of {many} polygons",
        "ms",
        times["ours"],
        times["peer"],
        PEER,
        [Aim("less", TIMES_LESS)],
    )


def find_box(size: int) -> tuple[float, float, float, float]:
    """Find a box (west, south, east, north) that holds the first thousand plots of a grid, and few others."""
    places = [place_plot(number, size) for number in range(size)]
    side = round(ITEMS**0.5 + 0.5)
    west, south, reach = places[0]
    step = reach / 0.4
    return tuple(round(v, 6) for v in (west - reach, south - reach, west + side * step, south + side * step))


def require_items(body: bytes, name: str) -> set[str]:
    """Return the ids in an answer, or raise where they are not a thousand."""
    ids = {feature["id"] for feature in json.loads(body)["features"]}
    if len(ids) != ITEMS:
        raise BenchError(f"{name} gave {len(ids)} items instead of {ITEMS}: nothing can be compared.")
    return ids


def fetch(url: str) -> tuple[float, bytes]:
    """Ask for an address as plain text; return ms until the last byte, and the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.connect()
    start = time.perf_counter()
    connection.request("GET", f"{parts.path}?{parts.query}", headers={"Accept-Encoding": "identity"})
    answer = connection.getresponse()
    body = answer.read()
    took = 1000 * (time.perf_counter() - start)
    connection.close()
    if answer.status != 200:
        raise BenchError(f"{url} answers {answer.status}: {body[:300].decode(errors='replace')}")
    return took, body


@contextmanager
def serve_stock(data: Path, folder: Path) -> Iterator[str]:
    """Serve a file by pygeoapi as it comes, with the same kind of server below it as ours."""
    folder.mkdir()
    port = find_port()
    url = f"http://127.0.0.1:{port}"
    config = folder / "config.yml"
    config.write_text(yaml.safe_dump(describe_stock(data, url)), encoding="utf-8")
    (folder / "openapi.yml").write_text("openapi: 3.0.2\n", encoding="utf-8")
    command = [sys.executable, "-m", "uvicorn", "pygeoapi.starlette_app:APP", "--port", str(port)]
    settings = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(folder / "openapi.yml")}
    log = folder / "server.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [*command, "--log-level", "warning"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_ready(child, url, log, path="/conformance?f=json")
            yield url
        finally:
            stop(child)


def describe_stock(data: Path, url: str) -> dict:
    """Write the least that pygeoapi wants to be told."""
    words = {"title": "plots", "description": "plots", "keywords": ["plots"]}
    provider = {"type": "feature", "name": "GeoJSON", "data": str(data), "id_field": "id"}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": urlsplit(url).port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": False,
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 10_000},
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**words, "terms_of_service": url, "url": url},
            "license": {"name": "none", "url": url},
            "provider": {"name": "none", "url": url},
            "contact": {"name": "none"},
        },
        "resources": {
            PLOTS: {
                "type": "collection",
                **words,
                "links": [],
                "extents": {"spatial": {"bbox": [-180, -90, 180, 90], "crs": SPEC}},
                "providers": [provider],
            }
        },
    }
