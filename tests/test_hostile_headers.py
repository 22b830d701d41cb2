"""Headers, whatever is asked: on every answer, faults and refusals too; no folder is listed, no header broken."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient

from gzmap.config import CATALOG_FILE
from gzmap.server import build_middleware, build_routes
from gzmap.server.limits import LENGTH_DIGITS, LimitMiddleware, Limits
from gzmap.server.security import FAULT, HEADERS, SecurityMiddleware
from gzmap.webmap import ASSETS
from tests.hostile_queries import Told, ask, ask_once, build_scope, require_sound
from tests.makers import edit_json
from tests.ui_support import small_root

__all__ = ["small_root"]
SECRET = "what nobody may read"


def fail(_request: object) -> None:
    raise LookupError(SECRET)


def ask_app(app: object, target: str, *headers: tuple[bytes, bytes]) -> Told:
    return asyncio.run(ask(app, build_scope(target.encode(), [(b"host", b"127.0.0.1"), *headers])))


@pytest.fixture
def app(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    return Starlette(
        routes=[Route("/data/fault", fail), Route("/fault", fail), *build_routes()], middleware=build_middleware()
    )


@pytest.mark.parametrize("path", ["/fault", "/data/fault"])
def test_a_fault_is_told_with_headers_and_without_its_trace(app: Starlette, path: str) -> None:
    told = TestClient(app, raise_server_exceptions=False).get(path)
    assert (told.status_code, told.json()) == (500, FAULT)
    assert {name: told.headers.get(name) for name in HEADERS} == HEADERS
    assert "content-security-policy" in told.headers
    assert SECRET not in told.text
    with pytest.raises(LookupError, match=SECRET):  # the server's log has it
        TestClient(app).get(path)


def test_a_refused_socket_has_the_headers() -> None:
    async def run() -> list[dict]:
        sent: list[dict] = []
        app = SecurityMiddleware(LimitMiddleware(fail, Limits(sessions=0)))
        extensions = {"websocket.http.response": {}}
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [], "extensions": extensions}

        async def receive() -> dict:
            return {"type": "websocket.connect"}

        async def send(message: dict) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return sent

    start, body = asyncio.run(run())
    assert start["status"] == 429
    assert {name.lower().encode() for name in (*HEADERS, "Content-Security-Policy")} <= {k for k, _ in start["headers"]}
    assert body["body"]


def test_a_fault_in_a_socket_is_no_answer_to_it() -> None:
    async def greet(socket: object) -> None:
        raise LookupError(SECRET)

    app = Starlette(routes=[WebSocketRoute("/", greet)], middleware=build_middleware())
    with pytest.raises(LookupError, match=SECRET), TestClient(app).websocket_connect("/"):
        pass


@pytest.mark.parametrize("length", ["²", "٣", "9" * 5000, "1" * LENGTH_DIGITS, "+1", "1_0", "0x1", " "])
def test_a_length_that_is_no_number_is_too_large(length: str) -> None:
    told = ask_once(b"/healthz", [(b"content-length", length.encode())])
    assert told.status == 413
    require_sound(told)


def list_folders(root: Path) -> list[str]:
    return ["", *(path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_dir())]


ENDS = ("", "/", "/.", "/%2e", "//", "/?list", "/index.html", "/..")


def test_no_folder_is_listed() -> None:
    folders = [f"/assets/ui/x/{name}".rstrip("/") for name in list_folders(ASSETS)]
    for folder in (*folders, "/assets/help", "/data", "/export", "/own", "/data/layers", "/export/.."):
        for end in ENDS:
            told = ask_once(f"{folder}{end}".encode())
            assert told.status in (307, 400, 403, 404, 405), (folder, end, told)
            assert b"<li>" not in told.body
            assert b".py" not in told.body


STRANGE = (
    *("%00", "a%00.js", "x" * 5000, "%ff%fe", "..%2f..%2fserver%2fhead.py", "..%5c..%5cx", "page.css/x"),
    "%2fetc%2fpasswd",
)


@pytest.mark.parametrize("folder", ["/assets/ui/x/", "/assets/help/", "/data/", "/export/", "/own/", "/ogc/", "/"])
def test_a_strange_name_is_not_found(folder: str) -> None:
    for name in STRANGE:
        told = ask_once((folder + name).encode())
        assert told.status in (400, 403, 404), name
        require_sound(told)


WICKED_ID = 'a"b; filename=x/../é甲'


def test_a_wicked_id_of_a_layer_breaks_no_header(app: Starlette, small_root: Path) -> None:
    def rename(catalog: dict) -> None:
        next(entry for entry in catalog["layers"] if entry["id"] == "spots")["id"] = WICKED_ID

    edit_json(small_root / CATALOG_FILE, rename)
    for suffix in ("csv", "geojson", "shp"):
        told = ask_app(app, f"/export/{quote(WICKED_ID)}.{suffix}?crs=EPSG:4490")
        assert told.status in (200, 400), told.body
        require_sound(told)
    told = ask_app(app, f"/export/{quote(WICKED_ID)}.csv?crs=EPSG:4490")
    assert told.status == 200
    assert re.match(
        r"attachment; filename=\"gzmap_a_b__filename_x_\.\._+4490\.csv\"; filename\*=UTF-8''[^\"; ]+$",
        told.headers["content-disposition"],
    )


def test_without_a_project_every_route_answers_in_its_form(tmp_path: Path) -> None:
    app = Starlette(routes=build_routes(), middleware=build_middleware())
    with patch.dict(os.environ, {"GZMAP_ROOT": str(tmp_path)}):
        for path in ("/healthz", "/data/parks.geojson", "/export/parks.csv", "/export/overview.csv", "/ogc"):
            told = ask_app(app, path)
            assert told.status == 503, path
            content = json.loads(told.body)
            assert content.get("message", content.get("description"))
            assert "content-security-policy" in told.headers
