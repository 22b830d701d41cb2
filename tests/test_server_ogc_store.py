"""/ogc over a shared database: what it holds is served, and a change there is seen without a restart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gzmap import database as db
from gzmap.checks import format_project
from gzmap.cli.database import gather_project
from gzmap.database import following
from gzmap.server import build_routes
from tests.postgres import APP, OWNER
from tests.ui_support import make_shown_project

ITEMS = "/ogc/collections/parks/items"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return make_shown_project(tmp_path / "project")


@pytest.fixture
def client(database: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of a server that may only read the database, and stands in a folder without a project."""
    fill(database, project)
    url = database.replace(OWNER, APP, 1)
    monkeypatch.setenv("GZMAP_DATABASE_URL", url)
    monkeypatch.setenv("GZMAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GZMAP_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    yield TestClient(Starlette(routes=build_routes()))
    following._FOLLOWERS.pop(db.Settings(url, tmp_path / "cache")).close()


def fill(url: str, project: Path) -> None:
    engine = db.open_engine(url)
    db.import_project(engine, gather_project(project))
    db.grant_app(engine, APP)
    engine.dispose()


def test_items_come_from_the_database_and_follow_it(client: TestClient, database: str, project: Path) -> None:
    first = client.get(ITEMS)
    assert first.status_code == 200
    assert "帽峰山" in first.text
    path = project / "layers/parks.geojson"
    path.write_text(path.read_text("utf-8").replace("帽峰山", "改名之山"), encoding="utf-8")
    format_project(project, write=True)
    assert client.get(ITEMS).json()["features"] == first.json()["features"]  # the file alone changes nothing
    fill(database, project)
    deadline = time.monotonic() + 30
    while "改名之山" not in client.get(ITEMS).text:
        assert time.monotonic() < deadline, "the change is not served"
        time.sleep(0.05)
    page = client.get(f"{ITEMS}/parks.p001", params={"f": "html"}).text
    assert "<h1>改名之山 " in page
