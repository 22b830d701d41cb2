"""Too much, too long, too many: refused at once, in words, and everything else goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from gzmap import metrics
from gzmap.errors import GzmapError
from gzmap.server.limits import OURS, SAYINGS, STATUS, LimitMiddleware, Limits, read_limits, refuse

App = Callable


def count_refused(limit: str) -> float:
    return metrics.REGISTRY.get_sample_value("gzmap_refused_total", {"limit": limit}) or 0


def count_in_line(app: LimitMiddleware) -> int:
    return sum(line.length for line in app.lines.values())


def build_scope(path: str, **changes: object) -> Scope:
    base = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    return {**base, "raw_path": path.encode(), "extensions": {}, **changes}


async def ask(app: App, scope: Scope, *bodies: bytes) -> dict:
    """Ask an ASGI app once; several bodies come in pieces."""
    pieces = list(bodies or [b""])
    sent: list[dict] = []

    async def receive() -> dict:
        if not pieces:
            await asyncio.Event().wait()  # the other end stays and says nothing more
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: dict) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    headers = {k.decode(): v.decode() for k, v in start.get("headers", [])}
    return {"status": start.get("status"), "headers": headers, "body": b"".join(m.get("body", b"") for m in sent)}


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{len(body)}")(scope, receive, send)


# --- settings


def test_limits_are_read() -> None:
    given = {"GZMAP_MAX_SESSIONS": "20", "GZMAP_MAX_EXPORTS": " 3 ", "GZMAP_MAX_SECONDS": ""}
    assert read_limits(given) == Limits(sessions=20, costly=3)
    assert read_limits({}) == Limits()


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "٣"])
def test_a_limit_that_is_no_number_is_named(text: str) -> None:
    with pytest.raises(GzmapError, match=r"GZMAP_MAX_SESSIONS is .*; give a whole number of 1 or more"):
        read_limits({"GZMAP_MAX_SESSIONS": text})


# --- what is told


@pytest.mark.parametrize("limit", SAYINGS)
@pytest.mark.parametrize("as_page", [False, True])
def test_a_refusal_is_counted_and_told_in_both_languages(limit: str, as_page: bool) -> None:
    before = count_refused(limit)
    response = refuse(limit, as_page=as_page)
    text = response.body.decode()
    assert all(words in text for words in SAYINGS[limit])
    assert response.status_code == STATUS[limit]
    assert ("retry-after" in response.headers) == (STATUS[limit] in (429, 503))
    assert count_refused(limit) == before + 1


# --- size


@pytest.mark.parametrize("path", [p + "x" for p in OURS])
def test_too_long_an_address_is_refused(path: str) -> None:
    app = LimitMiddleware(answer, Limits(query=100))
    assert asyncio.run(ask(app, build_scope(path, query_string=b"a" * 101)))["status"] == 414
    assert asyncio.run(ask(app, build_scope(path, query_string=b"a" * 50)))["status"] == 200


@pytest.mark.parametrize("length", ["11", "-1", "1e3", "十"])
def test_too_large_a_body_is_refused_before_it_is_read(length: str) -> None:
    scope = build_scope("/ogc/search", headers=[(b"content-length", length.encode())])
    assert asyncio.run(ask(LimitMiddleware(answer, Limits(body=10)), scope, b"x"))["status"] == 413


def test_too_large_a_body_that_comes_in_pieces_is_refused() -> None:
    app = LimitMiddleware(answer, Limits(body=10))
    assert asyncio.run(ask(app, build_scope("/ogc/search"), b"x" * 6, b"x" * 6, b"x" * 6))["status"] == 413
    told = asyncio.run(ask(app, build_scope("/ogc/search"), b"x" * 6, b"x" * 4))
    assert (told["status"], told["body"]) == (200, b"10")
    assert app.busy == count_in_line(app) == 0


def test_streamlit_s_own_uploads_are_left_alone() -> None:
    scope = build_scope("/_stcore/upload_file/a/b", headers=[(b"content-length", b"11")])
    assert asyncio.run(ask(LimitMiddleware(answer, Limits(body=10)), scope, b"x" * 11))["status"] == 200


# --- time


def test_what_takes_too_long_is_told_and_keeps_its_seat_until_it_ends() -> None:
    async def run() -> None:
        release = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await release.wait()
            await PlainTextResponse("LATE")(scope, receive, send)

        app = LimitMiddleware(slow, Limits(seconds=0.05, costly=1, waiting=0))
        told = await ask(app, build_scope("/export/parks.shp"))
        assert (told["status"], b"LATE" in told["body"]) == (503, False)
        assert (await ask(app, build_scope("/export/parks.shp")))["status"] == 429
        release.set()
        while app.late:
            await asyncio.sleep(0)
        assert app.busy == count_in_line(app) == 0
        app.app = answer
        assert (await ask(app, build_scope("/export/parks.shp")))["status"] == 200

    asyncio.run(run())


def test_a_thread_that_does_not_end_holds_up_nobody() -> None:
    async def run() -> None:
        ended = threading.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await asyncio.to_thread(ended.wait)
            raise RuntimeError("nobody hears this")

        app = LimitMiddleware(slow, Limits(seconds=0.05))
        assert (await ask(app, build_scope("/export/parks.shp")))["status"] == 503
        app.app = answer
        assert (await ask(app, build_scope("/healthz")))["status"] == 200
        ended.set()
        while app.late:
            await asyncio.sleep(0.01)

    asyncio.run(run())


def test_an_answer_that_has_begun_may_take_its_time() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x"
            await asyncio.sleep(0.05)

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(pieces())(scope, receive, send)

    told = asyncio.run(ask(LimitMiddleware(stream, Limits(seconds=0.1)), build_scope("/export/parks.shp")))
    assert (told["status"], told["body"]) == (200, b"xxxx")


def test_an_error_is_the_route_s_own() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("its own")

    app = LimitMiddleware(broken)
    with pytest.raises(LookupError, match="its own"):
        asyncio.run(ask(app, build_scope("/data/x")))
    assert app.busy == 0


# --- number


def test_costly_requests_stand_in_line_and_the_line_has_an_end() -> None:
    async def run() -> None:
        release, now, most = asyncio.Event(), 0, 0

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await release.wait()
            now -= 1
            await PlainTextResponse("done")(scope, receive, send)

        app = LimitMiddleware(slow, Limits(costly=2, waiting=3))
        asked = [asyncio.create_task(ask(app, build_scope("/export/parks.shp"))) for _ in range(7)]
        for _ in range(20):
            await asyncio.sleep(0)
        assert most == 2
        release.set()
        statuses = [told["status"] for told in await asyncio.gather(*asked)]
        assert sorted(statuses) == [200] * 5 + [429] * 2
        assert (most, app.busy, count_in_line(app)) == (2, 0, 0)

    asyncio.run(run())


def test_gis_programs_wait_for_no_file_and_stand_in_a_longer_line() -> None:
    async def run() -> None:
        release = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"].startswith("/export/"):
                await release.wait()
            await PlainTextResponse("done")(scope, receive, send)

        app = LimitMiddleware(slow, Limits(costly=1, waiting=0, asking=30))
        file = asyncio.create_task(ask(app, build_scope("/export/parks.shp")))
        await asyncio.sleep(0)
        told = await asyncio.gather(*(ask(app, build_scope("/ogc/collections/parks/items")) for _ in range(31)))
        assert {one["status"] for one in told} == {200}
        assert (await ask(app, build_scope("/export/parks.shp")))["status"] == 429
        release.set()
        assert (await file)["status"] == 200
        assert count_in_line(app) == 0

    asyncio.run(run())


def test_small_requests_do_not_wait_for_costly_ones() -> None:
    async def run() -> None:
        release = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"].startswith("/export"):
                await release.wait()
            await PlainTextResponse("done")(scope, receive, send)

        app = LimitMiddleware(slow, Limits(costly=1, waiting=5, at_once=4))
        asked = [asyncio.create_task(ask(app, build_scope("/export/parks.shp"))) for _ in range(3)]
        await asyncio.sleep(0)
        assert (await ask(app, build_scope("/healthz")))["status"] == 200
        asked.append(asyncio.create_task(ask(app, build_scope("/export/parks.shp"))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (await ask(app, build_scope("/healthz")))["status"] == 429
        release.set()
        assert {told["status"] for told in await asyncio.gather(*asked)} == {200}

    asyncio.run(run())


# --- open pages


async def connect(app: App, sent: list[dict], until: asyncio.Event, *, can_tell: bool = True) -> None:
    extensions = {"websocket.http.response": {}} if can_tell else {}

    async def receive() -> dict:
        return {"type": "websocket.connect"}

    async def send(message: dict) -> None:
        sent.append(message)

    await app({"type": "websocket", "path": "/_stcore/stream", "headers": [], "extensions": extensions}, receive, send)


@pytest.mark.parametrize("can_tell", [True, False])
def test_when_all_seats_are_taken_pages_are_told_to_come_again(can_tell: bool) -> None:
    async def run() -> None:
        until = asyncio.Event()

        async def hold(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await PlainTextResponse("page")(scope, receive, send)
                return
            await send({"type": "websocket.accept"})
            await until.wait()

        app = LimitMiddleware(hold, Limits(sessions=2))
        sent: list[list[dict]] = [[] for _ in range(3)]
        first = [asyncio.create_task(connect(app, one, until)) for one in sent[:2]]
        await asyncio.sleep(0)
        before = count_refused("sessions")
        await connect(app, sent[2], until, can_tell=can_tell)
        assert [m["type"] for one in sent[:2] for m in one] == ["websocket.accept"] * 2
        if can_tell:
            assert (sent[2][0]["type"], sent[2][0]["status"]) == ("websocket.http.response.start", 429)
        else:
            assert sent[2] == [{"type": "websocket.close", "code": 1013}]
        assert count_refused("sessions") == before + 1
        html = build_scope("/text", headers=[(b"accept", b"text/html")])
        told = await ask(app, html)
        assert (told["status"], told["headers"]["retry-after"]) == (429, "10")
        assert 'http-equiv="refresh"' in told["body"].decode()
        assert (await ask(app, build_scope("/text")))["status"] == 200
        assets = build_scope("/static/x.js", headers=[(b"accept", b"text/html")])
        assert (await ask(app, assets))["status"] == 200
        until.set()
        await asyncio.gather(*first)
        assert app.pages == 0
        assert (await ask(app, html))["status"] == 200

    asyncio.run(run())
