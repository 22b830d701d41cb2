"""Two servers on one shared database, in the browser: a change reaches both, an outage is told and outlived."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from playwright.sync_api import expect

from gzmap import database as db
from gzmap.cli.database import gather_project
from tests.conftest import ROOT
from tests.deployed import AppProcess, find_port, read_url, running_app, wait_until_ready
from tests.e2e.conftest import RESULTS, Visiting
from tests.postgres import APP, OWNER, Cluster, build_database

FEATURE = "waterways.w001"
PATIENCE_S = 30


@pytest.fixture(scope="module")
def shared(cluster: Cluster) -> Iterator[str]:
    """A database with the shipped project; the owner's address."""
    url = build_database(cluster, "two_servers")
    engine = db.open_engine(url, answer_ms=0)
    db.import_project(engine, gather_project(ROOT))
    db.grant_app(engine, APP)
    engine.dispose()
    yield url
    cluster.run("DROP DATABASE two_servers WITH (FORCE)")


@pytest.fixture(scope="module")
def servers(shared: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[AppProcess]]:
    """Two processes, each with copies of its own, as on two machines; neither has the project's files."""
    folder = tmp_path_factory.mktemp("servers")
    started = []
    with ExitStack() as stack:
        for name in ("one", "two"):
            home = folder / name
            home.mkdir()
            settings = {
                "GZMAP_DATABASE_URL": shared.replace(OWNER, APP, 1),
                "GZMAP_CACHE": str(home),
                "GZMAP_ROOT": str(home),
            }
            started.append(stack.enter_context(running_app(find_port(), folder / f"{name}.log", settings)))
        for app in started:
            wait_until_ready(app.running, f"{app.base}/healthz", app.log)
        yield started


def wait_for(ask: Callable[[], object], expected: object) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while (found := ask()) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def read_notes(app: AppProcess) -> str:
    layer = json.loads(read_url(f"{app.base}/data/waterways.geojson"))
    return next(f["properties"]["notes"] for f in layer["features"] if f["id"] == FEATURE)


def read_status(app: AppProcess) -> str:
    return json.loads(read_url(f"{app.base}/healthz"))["database"]["status"]


def test_a_change_reaches_both_servers_and_their_open_pages(
    visit: Visiting, shared: str, servers: list[AppProcess]
) -> None:
    pages = [visit(app, f"/?feature={FEATURE}") for app in servers]
    for number in range(2):
        told = f"改过第{number}次"
        with psycopg.connect(shared, autocommit=True) as connection:
            changed = "jsonb_set(properties::jsonb, '{notes}', to_jsonb(%s::text))::json"
            connection.execute(f"UPDATE layers.waterways SET properties = {changed} WHERE id = %s", (told, FEATURE))
        for app in servers:
            wait_for(lambda a=app: read_notes(a), told)
    for one in pages:
        one.reload()
        expect(one.page.locator(".gz-card")).to_contain_text("改过第1次")


@pytest.mark.parametrize("width", [1400, 390])
def test_an_outage_is_told_on_the_page_and_outlived(
    visit: Visiting, cluster: Cluster, servers: list[AppProcess], width: int
) -> None:
    first, second = servers
    one = visit(first, "/", viewport={"width": width, "height": 844})
    footer = one.page.locator(".gz-footer")
    expect(footer).not_to_contain_text("连不上")
    cluster.stop()
    try:
        for app in servers:
            wait_for(lambda a=app: read_status(a), "away")
        one.turn_to("查询")
        one.turn_to("地图")
        expect(footer).to_contain_text("（北京时间）起连不上；显示的是此前的数据，恢复后自动更新")
        assert one.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        one.settle().shoot(RESULTS / f"database-away-{width}.png")
        # Who comes meanwhile sees the map as well.
        late = visit(second, f"/?feature={FEATURE}&lang=en")
        expect(late.page.locator(".gz-footer")).to_contain_text("The database has been away since")
    finally:
        cluster.start()
    for app in servers:
        wait_for(lambda a=app: read_status(a), "ok")
    one.turn_to("查询")
    one.turn_to("地图")
    expect(footer).not_to_contain_text("连不上")
