"""The headers of every answer."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from gzmap.server import build_middleware
from gzmap.server.security import HEADERS, SecurityMiddleware, build_policy, find_inline_scripts
from tests.ui_support import small_root

__all__ = ["small_root"]
INLINE = "\n      window.prerenderReady = false\n    "


def read_policy(text: str) -> dict[str, list[str]]:
    rules = [rule.split() for rule in text.split(";")]
    assert len({rule[0] for rule in rules}) == len(rules)
    return {name: sources for name, *sources in rules}


async def own(_request: object) -> PlainTextResponse:
    headers = {"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "origin"}
    return PlainTextResponse("x", headers=headers)


async def page(_request: object) -> HTMLResponse:
    return HTMLResponse(f"<html><head><script>{INLINE}</script><script src='x.js'></script></head><body></body></html>")


@pytest.fixture
def client(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    routes = [Route("/own", own), Route("/", page)]
    return TestClient(Starlette(routes=routes, middleware=build_middleware()))


@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_every_answer_has_the_headers(client: TestClient, path: str) -> None:
    told = client.get(path).headers
    assert {name: told.get(name) for name in HEADERS} == HEADERS
    assert "content-security-policy" in told
    assert "geolocation=(self)" in told["permissions-policy"]


def test_what_an_answer_says_itself_stands(client: TestClient) -> None:
    told = client.get("/own").headers
    assert told["content-security-policy"] == "default-src 'none'"
    assert told["referrer-policy"] == "origin"
    assert told["x-content-type-options"] == "nosniff"


def test_the_policy_is_tight() -> None:
    rules = read_policy(build_policy())
    assert rules["default-src"] == ["'none'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:", "data:"} & set(rules["script-src"])
    assert rules["connect-src"] == ["'self'"]
    assert rules["frame-ancestors"] == ["'self'"]
    assert not re.search(r"https?:|\*", build_policy())


def test_only_the_inline_scripts_of_the_page_itself_may_run(client: TestClient) -> None:
    told = client.get("/", headers={"accept": "text/html"}).headers
    digest = base64.b64encode(hashlib.sha256(INLINE.encode()).digest()).decode()
    inline = [s for s in read_policy(told["content-security-policy"])["script-src"] if s.startswith("'sha256-")]
    assert inline == [f"'sha256-{digest}'"]


def test_the_inline_script_of_streamlit_is_found() -> None:
    index = (Path(streamlit.__file__).parent / "static/index.html").read_bytes()
    assert len(find_inline_scripts(index)) == index.count(b"<script>") == 1


def test_tiles_may_be_loaded_only_where_there_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "tianditu" not in build_policy()
    monkeypatch.setenv("GZMAP_TIANDITU_KEY", "k")
    rules = read_policy(build_policy())
    assert "https://*.tianditu.gov.cn" in rules["img-src"]
    assert not any("tianditu" in source for name in ("script-src", "connect-src") for source in rules[name])


def test_a_portal_may_be_named_that_frames_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_FRAME_ANCESTORS", "https://portal.example.cn; http://a:8080 x';script-src * javascript:")
    assert read_policy(build_policy())["frame-ancestors"] == ["'self'", "http://a:8080"]
    monkeypatch.setenv("GZMAP_FRAME_ANCESTORS", "https://portal.example.cn")
    assert read_policy(build_policy())["frame-ancestors"] == ["'self'", "https://portal.example.cn"]


def test_sockets_pass() -> None:
    from starlette.routing import WebSocketRoute
    from starlette.websockets import WebSocket

    async def greet(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.close()

    app = Starlette(routes=[WebSocketRoute("/", greet)], middleware=[Middleware(SecurityMiddleware)])
    with TestClient(app).websocket_connect("/") as socket:
        assert socket.receive_text() == "hello"
