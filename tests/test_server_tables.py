"""The tables of the pages as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gzmap.cli import main
from gzmap.server import build_routes
from tests.conftest import ROOT
from tests.ui_support import small_root

__all__ = ["small_root"]


@pytest.fixture
def client(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    monkeypatch.delenv("GZMAP_REVIEW_NUMBER", raising=False)
    return TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False)


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("GZMAP_ROOT", str(ROOT))
    monkeypatch.delenv("GZMAP_REVIEW_NUMBER", raising=False)
    return TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False)


def run(folder: Path, root: Path, *words: str) -> bytes:
    """Give the bytes that a command writes."""
    path = folder / words[-1]
    done = CliRunner().invoke(main, ["--root", str(root), *words[:-1], "-o", str(path)])
    assert done.exit_code == 0, done.output
    return path.read_bytes()


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_the_overview_is_what_the_command_writes(shipped: TestClient, tmp_path: Path, suffix: str) -> None:
    answer = shipped.get(f"/export/overview.{suffix}")
    assert answer.status_code == 200
    assert answer.content == run(tmp_path, ROOT, "overview", f"o.{suffix}")
    assert "gzmap_overview" in answer.headers["content-disposition"]
    assert "%E5%90%84%E5%8C%BA%E4%B8%80%E8%A7%88" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, []),
        ({"theme": "ecology,frame", "sort": "-name"}, ["--theme", "ecology", "--theme", "frame", "--sort", "-name"]),
        ({"district": "南沙区", "located": "no"}, ["--district", "南沙区", "--unlocated"]),
        ({"text": "湿地", "role": "evidence", "located": "yes"}, ["--text", "湿地", "--role", "evidence", "--located"]),
        (
            {"chapter": "4", "method": "schematic", "status": "proposed", "layer": "eco_corridors"},
            [
                *("--chapter", "4", "--method", "schematic"),
                *("--status", "proposed", "--layer", "eco_corridors"),
            ],
        ),
    ],
    ids=["all", "themes", "district", "text", "each"],
)
def test_the_inventory_is_what_the_command_writes(
    shipped: TestClient, tmp_path: Path, suffix: str, query: dict, words: list[str]
) -> None:
    answer = shipped.get(f"/export/inventory.{suffix}", params=query)
    assert answer.status_code == 200
    assert answer.content == run(tmp_path, ROOT, "inventory", *words, f"i.{suffix}")


def test_a_table_in_english(client: TestClient) -> None:
    text = client.get("/export/inventory.csv", params={"lang": "en"}).content.decode("utf-8-sig")
    assert text.startswith("Id,Name,Theme")
    assert client.get("/export/overview.csv", params={"lang": "en"}).text.count("Baiyun") == 0  # names are Chinese
    assert "filename*=UTF-8''Inventory_" in client.get("/export/inventory.csv?lang=en").headers["content-disposition"]


def test_the_review_number_stands_in_the_file(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    before = client.get("/export/overview.xlsx").content
    monkeypatch.setenv("GZMAP_REVIEW_NUMBER", " 粤AS(2026)001号 ")
    assert client.get("/export/overview.xlsx").content != before


def test_an_unchanged_table_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/export/inventory.csv").headers["etag"]
    again = client.get("/export/inventory.csv", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/export/inventory.csv?text=湖", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("inventory.pdf", 404, "/export/inventory.xlsx"),
        ("overview.shp", 404, "/export/overview.csv"),
        ("inventory.csv?theme=x", 400, "Theme 'x'"),
        ("inventory.csv?located=maybe", 400, "give yes or no"),
        ("inventory.csv?sort=size", 400, "Column 'size'"),
        ("inventory.csv?part=2", 400, "'part' is unknown"),
        ("inventory.csv?theme=all&theme=all", 400, "comes twice"),
        ("inventory.csv?lang=fr", 400, "give zh or en"),
        ("overview.xlsx?theme=all", 400, "'theme' is unknown"),
    ],
)
def test_what_makes_no_sense_is_told_as_json(client: TestClient, path: str, status: int, said: str) -> None:
    answer = client.get(f"/export/{path}")
    assert answer.status_code == status
    assert said in answer.json()["message"]


def test_a_project_that_cannot_be_opened_is_503(client: TestClient, small_root: Path) -> None:
    (small_root / "layers/catalog.json").unlink()
    answer = client.get("/export/overview.xlsx")
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")


def test_layers_are_still_exported_beside(client: TestClient) -> None:
    assert client.get("/export/parks.geojson").status_code == 200
    assert client.post("/export/overview.xlsx").status_code == 405
