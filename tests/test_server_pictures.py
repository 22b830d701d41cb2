"""The QR code of a link, and the pictures of the help."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gzmap.server import build_routes, pictures

LINK = "https://map.example.cn/?view=12/23.1/113.3&layers=a,b"


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=build_routes()))


def test_a_link_becomes_a_code(client: TestClient) -> None:
    answer = client.get("/qr.svg", params={"text": LINK})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "no-store"
    assert ElementTree.fromstring(answer.text).tag.endswith("svg")
    assert answer.text != client.get("/qr.svg", params={"text": LINK + "c"}).text


def test_the_longest_link_becomes_a_code(client: TestClient) -> None:
    longest = LINK + "x" * (pictures.MOST_CHARS - len(LINK))
    assert client.get("/qr.svg", params={"text": longest}).status_code == 200
    assert client.get("/qr.svg", params={"text": longest + "x"}).status_code == 400


@pytest.mark.parametrize(
    "text", ["", "words", "javascript:alert(1)", "ftp://a/b", "http://", "http://[", "http://a/\x00", "//a/b"]
)
def test_what_is_no_link_is_refused(client: TestClient, text: str) -> None:
    answer = client.get("/qr.svg", params={"text": text})
    assert answer.status_code == 400
    assert answer.json()["error"] == "bad-request"


def test_the_code_says_the_link(client: TestClient) -> None:
    """Drawn again by the library that made it: the picture is that of this text and no other."""
    import segno

    made = segno.make(LINK, error="l", boost_error=True, micro=False)
    side = made.symbol_size(border=4)[0]
    assert f'viewBox="0 0 {side} {side}"' in client.get("/qr.svg", params={"text": LINK}).text


def test_pictures_of_the_help_are_served_and_nothing_beside_them(client: TestClient) -> None:
    [first, *_] = sorted(pictures.PICTURES.glob("*.png"))
    answer = client.get(f"/assets/help/{first.name}")
    assert answer.content == first.read_bytes()
    for path in ("../index.md", "..%2Findex.md", "nothing.png"):
        assert client.get(f"/assets/help/{path}").status_code == 404


def test_a_copy_without_pictures_still_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pictures, "PICTURES", tmp_path / "none")
    assert TestClient(Starlette(routes=build_routes())).get("/healthz").status_code in (200, 503)
