"""Two processes behind Debian's nginx as ``deploy/`` configures it: affinity, limits, and a process that dies."""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import ConnectionClosed

from tests.deployed import Deployed, deployed
from tests.e2e.visit import Visit
from tests.load.sessions import Session, format_query

ID, OTHER = "mountains.m001", "mountains.m002"
CLICK = {"kind": "feature", "id": OTHER}
BACK_MS = 40_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed(tmp_path_factory.mktemp("deployed")) as running:
        yield running


def ask(service: Deployed, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(service.base + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def find_seat(service: Deployed) -> str:
    _, told, _ = ask(service, "/text", Accept="text/html")
    return re.fullmatch(r"gz_seat=([0-9a-f]{32}); Path=/; HttpOnly; SameSite=Lax", told["set-cookie"])[1]


def find_processes(service: Deployed, path: str, *, number: int) -> list[str]:
    """Read in nginx's log who answered; it is written a moment after the answer was sent."""
    for _ in range(100):
        lines = map(json.loads, (service.folder / "gzmap.log").read_text("utf-8").splitlines())
        found = [line["process"] for line in lines if line["path"] == path]
        if len(found) == number:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{path} is {len(found)} times in the log, not {number}")


# --- what nginx lets through


def test_a_page_comes_with_its_headers_and_a_seat(service: Deployed) -> None:
    status, told, body = ask(service, "/", Accept="text/html", Accept_Encoding="gzip")
    assert (status, told["content-encoding"], body[:2]) == (200, "gzip", b"\x1f\x8b")
    assert "'unsafe-eval'" not in told["content-security-policy"]
    assert told["x-content-type-options"] == "nosniff"
    assert told["server"] == "nginx"
    seat = find_seat(service)
    assert "gz_seat" not in ask(service, "/text", Cookie=f"gz_seat={seat}")[1].get("set-cookie", "")
    assert "gz_seat" in ask(service, "/text", Cookie="gz_seat=../../made-up")[1]["set-cookie"]


def test_a_seat_is_always_at_the_same_process_and_seats_are_spread(service: Deployed) -> None:
    places = set()
    for number, seat in enumerate(find_seat(service) for _ in range(12)):
        path = f"/data/seat-{number}.geojson"
        for _ in range(3):
            assert ask(service, path, Cookie=f"gz_seat={seat}")[0] == 404
        used = find_processes(service, path, number=3)
        assert len(set(used)) == 1
        places |= set(used)
    assert len(places) == 2


@pytest.mark.parametrize(
    "path", ["/metrics", "/_stcore/metrics", "/_stcore/agent/openapi.json", "/assets/", "/assets/leaflet/"]
)
def test_counts_folders_and_the_agent_are_not_given_out(service: Deployed, path: str) -> None:
    status, _, body = ask(service, path)
    assert status == 404
    assert b"gzmap_sessions" not in body
    assert b"leaflet.js" not in body


@pytest.mark.parametrize("path", ["/static/", "/static/js/", "/data/", "/export/", "/own/", "/media/"])
def test_no_folder_is_listed(service: Deployed, path: str) -> None:
    _, _, body = ask(service, path)
    assert b"Index of" not in body
    assert b'href="../"' not in body


def test_own_layers_stay_on_the_machine(service: Deployed) -> None:
    assert ask(service, "/own/anything.geojson")[0] == 403


def test_too_large_a_body_is_refused(service: Deployed) -> None:
    request = urllib.request.Request(f"{service.base}/healthz", data=b"x" * 1_100_000)
    with pytest.raises(urllib.error.HTTPError, match="413"):
        urllib.request.urlopen(request, timeout=10)


def test_who_asks_for_too_many_files_is_told_429_and_pages_go_on(service: Deployed) -> None:
    statuses = [ask(service, "/export/none.shp")[0] for _ in range(40)]
    assert set(statuses) == {404, 429}
    assert ask(service, "/healthz")[0] == 200


def test_the_log_has_no_addresses_and_no_queries(service: Deployed) -> None:
    ask(service, "/?q=%E5%B8%BD%E5%B3%B0%E5%B1%B1", X_Forwarded_For="203.0.113.9")
    ask(service, "/coordinates?lon=113.26441&lat=23.12911")
    written = [path for path in service.folder.glob("*") if path.suffix in (".log", ".out")]
    assert {path.name for path in written} >= {"gzmap.log", "app0.log", "app1.log"}
    for path in written:
        text = path.read_text("utf-8")
        for private in ("E5%B8%BD", "帽峰山", "203.0.113.9", "113.26441", "23.12911"):
            assert private not in text, path.name
        people = [line for line in text.splitlines() if "127.0.0.1" in line and '"process"' not in line]
        assert people == [], path.name


# --- a process dies


@pytest.fixture
def whole(service: Deployed) -> Deployed:
    """Give the service with both processes alive, for a test to kill one."""
    service.revive()
    # nginx tries a process that was away only every few seconds.
    for _ in range(60):
        path = f"/data/turn-{time.monotonic_ns()}.geojson"
        for seat in range(16):
            ask(service, path, Cookie=f"gz_seat={seat:032x}")
        if len(set(find_processes(service, path, number=16))) == 2:
            return service
        time.sleep(0.5)
    raise AssertionError("nginx does not find the process that was started anew")


async def go_on_after(service: Deployed, number: int) -> int:
    """Open pages without a browser, kill the process of some, have those come again and go on; count what is held."""
    async with AsyncExitStack() as stack:
        sessions = [Session(service.base, cookie=f"gz_seat={one:032x}") for one in range(number)]
        for session in sessions:
            stack.push_async_callback(session.close)
            await session.open(format_query(feature=ID))
        first, second = service.apps
        lost = first.count_sessions()
        assert 0 < lost < number, "the pages are spread"
        first.kill()
        came_again = 0
        for session in sessions:
            try:
                answer = await session.act("gz_map", "gz_panel", CLICK)
            except ConnectionClosed:
                # As the page itself does: it connects again and sends the click that a person makes then.
                await session.connect()
                answer = await session.act("gz_map", "gz_panel", CLICK)
                came_again += 1
            assert f'data-feature=\\"{OTHER}\\"' in answer.content
        assert came_again == lost
        return second.count_sessions()


def test_people_come_again_when_a_process_dies_and_go_on(
    whole: Deployed, browser: Browser, request: pytest.FixtureRequest
) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 800}, locale="zh-CN")
    visit = Visit(context, whole.base)
    visit.expected = ["ERR_CONNECTION", "ERR_INCOMPLETE", "WebSocket", "502"]
    request.node.visits = [visit]
    page = visit.open(f"/?feature={ID}&view=11/23.18/113.30").page
    card = page.locator("article.gz-card")
    expect(card).to_be_visible()
    [home] = [app for app in whole.apps if app.count_sessions()]
    name = card.locator("h2").inner_text()

    home.kill()
    other = next(app for app in whole.apps if app is not home)
    for _ in range(BACK_MS // 200):
        page.wait_for_timeout(200)
        if other.count_sessions():
            break
    assert other.count_sessions() == 1
    # The card and the view are still there, and the very next click is answered by the other process.
    expect(card.locator("h2")).to_have_text(name)
    assert "view=11/" in page.url
    visit.search("帽峰山")
    visit.turn_to("原文")
    expect(page).to_have_url(re.compile("/text"))
    expect(page.locator("#chp_1")).to_be_attached()
    context.close()
    assert visit.foreign == []
    assert [e for e in visit.errors if not any(part in e for part in visit.expected)] == []


def test_many_come_again_when_a_process_dies(whole: Deployed) -> None:
    # In a thread of its own: the browser of the other tests has an event loop in this one.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, go_on_after(whole, 12)).result() == 12
