"""Counts of requests and pages, and who may read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from gzmap import metrics
from gzmap.config import CATALOG_FILE
from gzmap.errors import GzmapError
from gzmap.server import build_routes
from gzmap.server.watching import WatchersOnly, WatchMiddleware, name_route, read_networks
from tests.ui_support import small_root

__all__ = ["small_root"]
HERE = ("127.0.0.1", 50000)


def count(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0


async def open_page(socket: WebSocket) -> None:
    await socket.accept()
    await socket.receive_text()
    await socket.close()


async def refuse_page(socket: WebSocket) -> None:
    await socket.close()


async def break_down(_request: Request) -> None:
    raise RuntimeError("天河区某路 12 号")


async def tell_counts(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("Streamlit's counts")


def build_client(client: tuple[str, int] = HERE, host: str = "127.0.0.1") -> TestClient:
    routes = [
        *build_routes(),
        Route("/_stcore/metrics", tell_counts),
        Route("/break", break_down),
        WebSocketRoute("/_stcore/stream", open_page),
        WebSocketRoute("/refused", refuse_page),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(WatchMiddleware), Middleware(WatchersOnly)])
    return TestClient(app, f"http://{host}", raise_server_exceptions=False, client=client)


@pytest.fixture
def client(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    return build_client()


# --- routes


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "page"),
        ("/data", "page"),
        ("/own", "page"),
        ("/天河区某路12号", "page"),
        ("/data/parks.geojson", "data"),
        ("/export/parks.shp", "export"),
        ("/coordinates", "coordinates"),
        ("/ogc", "ogc"),
        ("/ogc/collections/parks", "ogc"),
        ("/_stcore/stream", "_stcore/stream"),
        ("/_stcore/upload_file/a-session/a-file", "_stcore/upload_file"),
        ("/_stcore/made-up", "_stcore"),
        ("//", "page"),
    ],
)
def test_a_path_is_counted_under_a_known_name(path: str, route: str) -> None:
    assert name_route(path) == route


def test_requests_are_counted_by_route_and_status(client: TestClient) -> None:
    before = {s: count("gzmap_requests_total", route="data", method="GET", status=s) for s in ("200", "404")}
    timed = count("gzmap_request_seconds_count", route="data")
    client.get("/data/parks.geojson")
    client.get("/data/none.geojson")
    assert count("gzmap_requests_total", route="data", method="GET", status="200") == before["200"] + 1
    assert count("gzmap_requests_total", route="data", method="GET", status="404") == before["404"] + 1
    assert count("gzmap_request_seconds_count", route="data") == timed + 2


def test_a_request_that_breaks_down_is_a_500(client: TestClient) -> None:
    before = count("gzmap_requests_total", route="page", method="GET", status="500")
    assert client.get("/break").status_code == 500
    assert count("gzmap_requests_total", route="page", method="GET", status="500") == before + 1


def test_methods_that_people_make_up_are_not_kept(client: TestClient) -> None:
    client.request("天河".encode().hex().upper(), "/healthz")
    assert count("gzmap_requests_total", route="healthz", method="other", status="405") >= 1


# --- open pages


def test_open_pages_are_counted_while_they_are_open(client: TestClient) -> None:
    opened = count("gzmap_sessions_opened_total")
    held = count("gzmap_sessions")
    with client.websocket_connect("/_stcore/stream") as socket:
        assert count("gzmap_sessions") == held + 1
        socket.send_text("bye")
        assert socket.receive()["type"] == "websocket.close"
    assert count("gzmap_sessions") == held
    assert count("gzmap_sessions_opened_total") == opened + 1


def test_a_page_that_is_refused_is_not_counted(client: TestClient) -> None:
    opened = count("gzmap_sessions_opened_total")
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/refused"):
        pytest.fail("it was accepted")
    assert (count("gzmap_sessions_opened_total"), count("gzmap_sessions")) == (opened, 0)


# --- who may read


def test_the_counts_tell_of_the_atlas(client: TestClient, small_root: Path) -> None:
    meta = json.loads((small_root / "geodata/plan/meta.json").read_text("utf-8"))
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert f'edition_date="{meta["edition_date"]}"' in answer.text
    assert 'gzmap_layers{state="served"} 5.0' in answer.text


def test_the_digest_follows_the_data(client: TestClient, small_root: Path) -> None:
    def digest() -> str:
        client.get("/metrics")
        [info] = next(iter(metrics.ATLAS.collect())).samples
        return info.labels["digest"]

    before = digest()
    path = small_root / "layers/parks.geojson"
    path.write_text(path.read_text("utf-8").replace("白云湖", "白云池"), "utf-8")
    assert digest() != before


def test_a_project_that_does_not_open_is_told_and_the_rest_counted(client: TestClient, small_root: Path) -> None:
    (small_root / CATALOG_FILE).write_text("{", "utf-8")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "gzmap_atlas_up 0.0" in answer.text


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics", "/_stcore/metrics/"])
@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
def test_who_asks_through_a_proxy_reads_nothing(client: TestClient, path: str, header: str, monkeypatch) -> None:
    monkeypatch.setenv("GZMAP_METRICS_FROM", "127.0.0.1, 0.0.0.0/0")
    answer = client.get(path, headers={header: "127.0.0.1"})
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    assert "gzmap_sessions" not in answer.text


@pytest.mark.parametrize(
    ("address", "setting", "status"),
    [
        ("10.0.0.5", "", 403),
        ("10.0.0.5", "10.0.0.5", 200),
        ("10.0.0.6", "10.0.0.5", 403),
        ("10.1.2.3", "10.0.0.5, 10.1.0.0/16", 200),
        ("fd00::5", "fd00::/8", 200),
        ("testclient", "0.0.0.0/0", 403),
        ("10.0.0.5", "everybody", 403),
    ],
)
def test_only_named_networks_read_from_elsewhere(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, address: str, setting: str, status: int
) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    monkeypatch.setenv("GZMAP_METRICS_FROM", setting)
    for path in ("/metrics", "/_stcore/metrics"):
        assert build_client((address, 1), "gzmap.example.cn").get(path).status_code == status


def test_a_name_that_points_here_from_elsewhere_reads_nothing(small_root: Path, monkeypatch) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    assert build_client(HERE, "evil.example").get("/metrics").status_code == 403


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(GzmapError, match=r"GZMAP_METRICS_FROM: 'everybody'.*10\.1\.0\.0/16"):
        read_networks("10.0.0.1, everybody")
    assert read_networks(" , ") == []
