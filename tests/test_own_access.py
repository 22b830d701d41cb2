"""Who may see the planner's own layers, and the route that gives them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gzmap.own import find_own_folder, is_same_machine
from gzmap.server import build_routes, owned
from tests.makers import make_feature, make_square
from tests.ui_support import small_root

__all__ = ["small_root"]
HERE = "127.0.0.1"


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        (None, {}),
        (HERE, {"host": "127.0.0.1:8501"}),
        ("127.9.9.9", {"host": "localhost:8501", "sec-fetch-site": "same-origin"}),
        ("::1", {"host": "[::1]:8501", "sec-fetch-site": "none"}),
    ],
)
def test_who_sits_at_the_machine_sees_own_layers(client: str | None, headers: dict) -> None:
    assert is_same_machine(client, headers)


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        ("192.168.1.7", {"host": "127.0.0.1:8501"}),
        ("2001:db8::1", {}),
        ("testclient", {}),
        ("", {"host": "192.168.1.2:8501"}),
        (HERE, {"host": "evil.example:8501"}),
        (HERE, {"host": "127.0.0.1.evil.example"}),
        (HERE, {"host": "127.0.0.1", "sec-fetch-site": "cross-site"}),
        (HERE, {"host": "127.0.0.1", "sec-fetch-site": "same-site"}),
        (HERE, {"host": "127.0.0.1", "x-forwarded-for": "192.168.1.7"}),
        (HERE, {"host": "127.0.0.1", "forwarded": "for=192.168.1.7"}),
        (HERE, {"host": "127.0.0.1", "via": "1.1 proxy"}),
    ],
)
def test_nobody_else_does(client: str, headers: dict) -> None:
    assert not is_same_machine(client, headers)


def test_the_folder_is_the_projects_or_the_one_named(tmp_path: Path) -> None:
    assert find_own_folder(tmp_path) == tmp_path / "local"
    assert find_own_folder(tmp_path, "mine") == tmp_path / "mine"
    assert find_own_folder(tmp_path, "/elsewhere ") == Path("/elsewhere")


# --- the route


def write_own(root: Path, names: list[str]) -> None:
    folder = root / "local"
    folder.mkdir(exist_ok=True)
    features = [make_feature(n, n, make_square(113.2 + 0.01 * i, 23.1, 0.005)) for i, n in enumerate(names)]
    content = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (folder / "红线.geojson").write_text(content, "utf-8")


def ask(root: Path, monkeypatch: pytest.MonkeyPatch, path: str, *, client: str = HERE, **headers: str) -> object:
    monkeypatch.setenv("GZMAP_ROOT", str(root))
    app = Starlette(routes=build_routes())
    asker = TestClient(app, base_url="http://127.0.0.1", client=(client, 50000))
    return asker.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_own_layers_go_to_this_machine_and_are_not_stored(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_own(small_root, ["甲", "乙"])
    answer = ask(small_root, monkeypatch, "/own/own.hongxian.geojson")
    assert answer.status_code == 200
    assert [f["properties"] for f in answer.json()["features"]] == [{"name": "甲"}, {"name": "乙"}]
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    write_own(small_root, ["甲", "乙", "丙"])
    assert len(ask(small_root, monkeypatch, "/own/own.hongxian.geojson").json()["features"]) == 3


def test_a_large_own_layer_is_sent_as_it_is(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_own(small_root, [f"地块{n}" for n in range(800)])
    answer = ask(small_root, monkeypatch, "/own/own.hongxian.geojson", accept_encoding="gzip")
    assert "content-encoding" not in answer.headers, "it stays on this machine, where packing only takes time"
    assert len(answer.json()["features"]) == 800


# --- reading ahead


def watch_dumps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    dumped: list[str] = []
    monkeypatch.setattr(owned, "dump_for_map", lambda layer: dumped.append(layer.layer_id))
    return dumped


def wait_for_reading() -> None:
    with owned._READING:
        pass


@pytest.mark.parametrize(
    ("client", "headers", "read"),
    [
        (HERE, {"host": "127.0.0.1:8501"}, ["own.hongxian"]),
        ("10.0.0.9", {"host": "127.0.0.1:8501"}, []),
        (HERE, {"host": "127.0.0.1", "x-forwarded-for": "10.0.0.9"}, []),
    ],
)
def test_own_layers_are_read_while_a_page_of_this_machine_loads(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, client: str, headers: dict, read: list[str]
) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    dumped = watch_dumps(monkeypatch)
    write_own(small_root, ["甲"])
    owned.read_own_ahead(client, headers)
    wait_for_reading()
    assert dumped == read


def test_what_cannot_be_read_ahead_is_logged_and_left_to_the_page(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    owned.read_own_ahead(HERE, {})  # without a folder there is nothing to read
    write_own(small_root, ["甲"])
    (small_root / "layers/catalog.json").write_text("{", encoding="utf-8")
    owned.read_own_ahead(HERE, {})
    wait_for_reading()
    assert ["own layers cannot be read" in message for message in caplog.messages] == [True]


@pytest.mark.parametrize(
    ("path", "client", "headers", "status"),
    [
        ("/own/own.hongxian.geojson", "10.0.0.9", {}, 403),
        ("/own/own.hongxian.geojson", HERE, {"sec_fetch_site": "cross-site"}, 403),
        ("/own/own.hongxian.geojson", HERE, {"x_forwarded_for": "10.0.0.9"}, 403),
        ("/own/own.hongxian.geojson", HERE, {"host": "evil.example"}, 403),
        ("/own/own.unknown.geojson", HERE, {}, 404),
        ("/own/own.hongxian.json", HERE, {}, 404),
        ("/data/own.hongxian.geojson", HERE, {}, 404),
        ("/export/own.hongxian.shp", HERE, {}, 404),
    ],
)
def test_nothing_of_an_own_layer_goes_anywhere_else(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, path: str, client: str, headers: dict, status: int
) -> None:
    write_own(small_root, ["机密地块"])
    answer = ask(small_root, monkeypatch, path, client=client, **headers)
    assert answer.status_code == status
    assert "机密地块" not in answer.text
