"""Data files that are cut short, empty, of another encoding or half of another: named everywhere, and outlived."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gzmap.atlas import open_atlas, read_atlas
from gzmap.checks import check_atlas, format_project
from gzmap.errors import GzmapError
from gzmap.server import build_routes
from gzmap.ui.words import say
from tests.cli_runner import run
from tests.test_app import messages, start
from tests.ui_support import small_root

__all__ = ["small_root"]
LAYER = "layers/parks.geojson"
FILES = (
    *(LAYER, "layers/catalog.json", "layers/toponyms.json", "layers/mentions.jsonl", "layers/ledger.jsonl"),
    *("geodata/sources.json", "geodata/plan/meta.json", "geodata/plan/plan.txt"),
)
LINES = ("layers/mentions.jsonl", "layers/ledger.jsonl", "geodata/plan/plan.txt")
"""Files that are whole after any of their lines, and with nothing in them."""

DEEP = {
    "lists": b"[" * 100_000,
    "objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "collections": b'{"type":"GeometryCollection","geometries":[' * 400 + b"]}" * 400,
}
CUTS = 12


def spoil(whole: bytes) -> Iterator[tuple[str, bytes]]:
    """Give a file spoilt in every way, with what was done to it."""
    text = whole.decode()
    for part in range(1, CUTS):
        yield f"cut after {part}/{CUTS}", whole[: len(whole) * part // CUTS]
    first = next(place for place, byte in enumerate(whole) if byte > 127)
    yield "cut within a character", whole[: first + 1]
    yield "empty", b""
    yield "GBK", text.encode("gbk")
    yield "UTF-16", text.encode("utf-16")
    yield "UTF-16 without its mark", text.encode("utf-16-le")
    yield "NUL bytes only", bytes(len(whole))
    yield "NUL bytes within", whole[: first - 1] + bytes(40) + whole[first + 40 :]
    yield "the first half twice", whole[: len(whole) // 2] * 2
    yield "all of it twice", whole * 2
    yield "a number of 5000 digits", whole.replace(b":", b":" + b"9" * 5_000, 1)
    for name, content in DEEP.items():
        yield f"nested {name}", content


@pytest.mark.parametrize("name", FILES)
def test_a_spoilt_file_is_named_by_everything_that_reads_it(small_root: Path, name: str) -> None:
    path = small_root / name
    if not path.exists() or not path.read_bytes().strip():
        path.write_bytes(LEDGER.encode())
    whole = path.read_bytes()
    before = set(check_atlas(small_root))
    found = 0
    for what, content in spoil(whole):
        path.write_bytes(content)
        told = [*broken_in(small_root), *refused_by(small_root)]
        findings = [f for f in check_atlas(small_root) if f.severity == "error" and f not in before]
        assert all(path.name in one for one in told), (what, told)
        assert path.read_bytes() == content, what
        if told:
            found += 1
            assert any(path.name in f.where or path.name in f.message for f in findings), (what, told)
        else:
            # A file of lines may be whole where it is cut; what is said of the edition may be any object.
            assert name in LINES or (name, what) == ("geodata/plan/meta.json", "nested collections"), what
    path.write_bytes(whole)
    assert read_atlas(small_root).broken == {}
    assert set(check_atlas(small_root)) == before
    assert found >= (8 if name in LINES else 20)


LEDGER = (
    '{"id":"x","para_id":"chp_1__sec_1__para_1","start":0,"end":2,"exact":"共建","box":"not_place",'
    '"feature_ids":[],"reason":"不是地名"}\n'
)


def broken_in(root: Path) -> list[str]:
    """What opening the project tells: what is left out, or why it cannot be opened."""
    try:
        atlas = read_atlas(root)
    except GzmapError as error:
        return [str(error)]
    assert len(atlas.features) > 0
    return list(atlas.broken.values())


def refused_by(root: Path) -> list[str]:
    """Why the files cannot be brought into form."""
    try:
        format_project(root, write=False)
    except GzmapError as error:
        return [str(error)]
    return []


def test_a_mark_at_the_beginning_is_told(small_root: Path) -> None:
    """Notepad of older Windows puts one before every text."""
    path = small_root / LAYER
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    [told] = broken_in(small_root)
    assert "layers/parks.geojson: line 1, column 1" in told
    assert "BOM" in told


@pytest.mark.parametrize("name", FILES)
def test_the_commands_tell_a_spoilt_file_in_one_line(small_root: Path, name: str) -> None:
    path = small_root / name
    path.write_bytes(b"\xff" + path.read_bytes())
    checked = run(small_root, "check")
    assert checked.exit_code == 1
    assert Path(name).name in checked.output
    for command in (
        ("format",),
        ("find", "白云湖"),
        ("export", "parks", "--format", "geojson", "-o", small_root / "x.geojson"),
    ):
        done = run(small_root, *command)
        if done.exit_code == 0:
            assert (command[0], name) in UNREAD, (command, name)
            continue
        assert done.exit_code == 2, (command, done.output)
        [told] = [line for line in done.stderr.splitlines() if line.startswith("Error")]
        assert Path(name).name in told
        assert "byte 0 is not UTF-8; save the file as UTF-8" in told
    assert not (small_root / "x.geojson").exists() or ("export", name) in UNREAD


UNREAD = {
    *(("format", "geodata/plan/meta.json"), ("format", "geodata/plan/plan.txt")),
    ("find", LAYER),
}
"""Commands that do not need a file: what is found in other layers is still found."""


# --- a server that goes on


SHOTS = {
    "cut": lambda whole: whole[: len(whole) // 2],
    "empty": lambda _: b"",
    "GBK": lambda w: w.decode().encode("gbk"),
}


@pytest.fixture
def client(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    return TestClient(Starlette(routes=build_routes()))


@pytest.mark.parametrize("shot", SHOTS)
def test_a_server_leaves_a_spoilt_layer_out_and_takes_it_in_again(
    client: TestClient, small_root: Path, caplog: pytest.LogCaptureFixture, shot: str
) -> None:
    path = small_root / LAYER
    whole = path.read_bytes()
    addresses = ("/data/parks.geojson", "/ogc/collections/parks/items", "/data/districts.geojson", "/ogc/collections")
    good = {address: client.get(address) for address in addresses}
    assert {answer.status_code for answer in good.values()} == {200}
    path.write_bytes(SHOTS[shot](whole))
    with caplog.at_level(logging.ERROR):
        health = client.get("/healthz")
    assert health.status_code == 200
    assert health.json()["left_out"] == ["parks"]
    assert "layer parks is left out" in caplog.text
    assert LAYER in caplog.text
    for address in addresses[:2]:
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert "Traceback" not in answer.text
    assert LAYER in client.get(addresses[0]).json()["message"]
    assert client.get(addresses[2]).content == good[addresses[2]].content
    collections = client.get(addresses[3]).json()["collections"]
    assert "parks" not in [one["id"] for one in collections]
    assert collections
    path.write_bytes(whole)
    assert client.get("/healthz").json()["left_out"] == []
    assert [client.get(address).content for address in addresses[:3:2]] == [good[a].content for a in addresses[:3:2]]
    # The service's answers have the time in them.
    assert client.get(addresses[1]).json()["features"] == good[addresses[1]].json()["features"]


@pytest.mark.parametrize("name", [name for name in FILES if name != LAYER])
def test_a_server_says_which_file_keeps_it_and_recovers(client: TestClient, small_root: Path, name: str) -> None:
    path = small_root / name
    whole = path.read_bytes()
    assert client.get("/healthz").status_code == 200
    path.write_bytes(b"\xff" + whole)
    for address in ("/healthz", "/ogc/collections", "/data/parks.geojson"):
        answer = client.get(address)
        assert answer.status_code == 503, address
        assert "Traceback" not in answer.text
    assert name in client.get("/healthz").json()["message"]
    path.write_bytes(whole)
    for address in ("/healthz", "/ogc/collections", "/data/parks.geojson"):
        assert client.get(address).status_code == 200


def test_a_file_that_is_taken_away_while_it_is_served_is_told(
    client: TestClient, small_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atlas = open_atlas(small_root)
    monkeypatch.setattr("gzmap.server.routes.open_atlas", lambda _root: atlas)
    (small_root / LAYER).unlink()
    answer = client.get("/data/parks.geojson")
    assert answer.status_code == 503
    assert answer.json()["error"] == "unavailable"
    assert "ask again" in answer.json()["message"]


@pytest.mark.parametrize("name", [LAYER, "layers/catalog.json", "layers/mentions.jsonl", "geodata/plan/plan.txt"])
def test_the_page_says_which_file_is_spoilt_and_recovers(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = small_root / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xff")
    app = start(small_root, monkeypatch)
    assert not app.exception
    [told] = messages(app)
    assert Path(name).name in told
    assert "Traceback" not in told
    assert told.startswith(say("cannot_open", "zh")) == (name != LAYER)
    path.write_bytes(whole)
    app.run()
    assert not app.exception
    assert messages(app) == []
