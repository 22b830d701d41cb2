"""Limits: who asks for too much, or comes when too many do, is told so at once (413, 414, 429, 503)."""

from __future__ import annotations

import asyncio
import html
import logging
import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gzmap import metrics
from gzmap.errors import GzmapError

log = logging.getLogger(__name__)
OURS = ("/data/", "/export/", "/coordinates", "/qr.svg", "/own/", "/ogc", "/healthz", "/metrics")
EXPORTS, QUESTIONS = "/export/", "/ogc"
"""Routes that keep a core busy, for seconds or for moments; each kind has a line of its own."""

OTHERS = ("/assets/", "/static/", "/_stcore/", "/media/", "/component/")
RETRY_S = 10
LENGTH_DIGITS = 20
CLOSE_TRY_AGAIN = 1013

SAYINGS = {
    "body": ("请求内容过大。", "The body of the request is too large."),
    "query": ("请求地址过长。", "The address of the request is too long."),
    "busy": ("服务器正忙，请稍后再试。", "The server is busy; try again in a moment."),
    "slow": ("处理时间过长，已停止等待；请缩小范围后再试。", "This took too long; ask for less, or try again later."),
    "sessions": (
        "同时使用的人数已满，页面会自动重试。",
        "Too many people are here at the moment; the page tries again.",
    ),
}
STATUS = {"body": 413, "query": 414, "busy": 429, "slow": 503, "sessions": 429}


@dataclass(frozen=True)
class Limits:
    """How much is too much, for one process.

    ``sessions`` are open pages; ``costly`` are the files, and the answers to GIS programs, that are written at the same
    time. ``waiting`` files and ``asking`` answers may stand in line for it: a program asks for all its layers at once.
    ``at_once`` are all requests to our own routes. ``body`` and ``query`` are bytes, ``seconds`` how long an answer of
    ours may take to begin.
    """

    sessions: int = 300
    costly: int = 2
    waiting: int = 16
    asking: int = 128
    at_once: int = 256
    body: int = 1_000_000
    query: int = 32_000
    seconds: float = 60.0


SETTINGS = {"sessions": "GZMAP_MAX_SESSIONS", "costly": "GZMAP_MAX_EXPORTS", "seconds": "GZMAP_MAX_SECONDS"}


def read_limits(environment: Mapping[str, str] | None = None) -> Limits:
    """Read the limits that can be set: ``GZMAP_MAX_SESSIONS``, ``GZMAP_MAX_EXPORTS`` and ``GZMAP_MAX_SECONDS``.

    Raises
    ------
    GzmapError
        If one is no whole number of 1 or more.
    """
    given = os.environ if environment is None else environment
    values = {}
    for field, name in SETTINGS.items():
        text = given.get(name, "").strip()
        if text and not (text.isascii() and text.isdigit() and int(text) > 0):
            raise GzmapError(f"{name} is {text!r}; give a whole number of 1 or more.")
        if text:
            values[field] = int(text)
    return Limits(**values)


def refuse(limit: str, *, as_page: bool = False) -> Response:
    """Count a refusal and build its answer, in Chinese and English; a page tries again by itself."""
    metrics.REFUSED.labels(limit).inc()
    zh, en = SAYINGS[limit]
    headers = {"Cache-Control": "no-store"}
    if STATUS[limit] in (429, 503):
        headers["Retry-After"] = str(RETRY_S)
    if not as_page:
        code = {429: "too-many", 503: "too-slow"}.get(STATUS[limit], "too-large")
        told = {"error": code, "message": en, "message_zh": zh}
        return JSONResponse(told, status_code=STATUS[limit], headers=headers)
    page = (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{html.escape(zh)}</title>'
        f'<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="{RETRY_S}"></head>'
        f'<body style="font-family: sans-serif; margin: 4rem auto; max-width: 30rem"><h1>{html.escape(zh)}</h1>'
        f'<p lang="en">{html.escape(en)}</p></body></html>'
    )
    return HTMLResponse(page, status_code=STATUS[limit], headers=headers)


class _TooLarge(Exception):  # noqa: N818 - a signal within this module
    """The body went on beyond the limit."""


class _Line:
    """Those who are answered, and those who wait for it."""

    def __init__(self, seats: int, waiting: int) -> None:
        self.seats = asyncio.Semaphore(seats)
        self.longest = seats + waiting
        self.length = 0


class LimitMiddleware:
    """ASGI middleware that keeps the limits; Streamlit's own routes are left alone but for the number of pages."""

    def __init__(self, app: ASGIApp, limits: Limits | None = None) -> None:
        self.app = app
        self.limits = limits or Limits()
        self.pages = 0
        self.busy = 0
        self.lines = {
            EXPORTS: _Line(self.limits.costly, self.limits.waiting),
            QUESTIONS: _Line(self.limits.costly, self.limits.asking),
        }
        self.late: set[asyncio.Task] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one page for as long as it is open."""
        if scope["type"] == "websocket":
            await self._serve_page(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(OURS):
            refusal = self._refuse_at_once(scope)
            await (refusal or self._serve_ours)(scope, receive, send)
        elif scope["type"] == "http" and self.pages >= self.limits.sessions and _opens_page(scope):
            await refuse("sessions", as_page=True)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _serve_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.pages >= self.limits.sessions:
            await receive()
            await _refuse_socket(scope, send)
            return
        self.pages += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.pages -= 1

    def _refuse_at_once(self, scope: Scope) -> Response | None:
        size = Headers(scope=scope).get("content-length", "0")
        # Digits of other scripts are digits too, but no numbers; of very many Python makes none.
        if not (size.isascii() and size.isdigit() and len(size) < LENGTH_DIGITS) or int(size) > self.limits.body:
            return refuse("body")
        if len(scope["query_string"]) + len(scope.get("raw_path", b"")) > self.limits.query:
            return refuse("query")
        is_full = self.busy >= self.limits.at_once
        line = self._find_line(scope)
        return refuse("busy") if is_full or (line is not None and line.length >= line.longest) else None

    def _find_line(self, scope: Scope) -> _Line | None:
        return next((line for prefix, line in self.lines.items() if scope["path"].startswith(prefix)), None)

    async def _serve_ours(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the answer begins, but no longer than the limit; then it may take its time to be sent."""
        gate = _Gate(send)
        line = self._find_line(scope)
        # Counted before anything is waited for, else many that come at once would all find room.
        self.busy += 1
        if line is not None:
            line.length += 1
        task = asyncio.create_task(self._run(scope, self._measured(receive), gate))
        task.add_done_callback(lambda _: self._leave(line))
        begun = asyncio.create_task(gate.begun.wait())
        try:
            await asyncio.wait({task, begun}, timeout=self.limits.seconds, return_when=asyncio.FIRST_COMPLETED)
            if not gate.begun.is_set() and not task.done():
                # A thread cannot be stopped: it keeps its seat until it ends, and what it says then is not heard.
                gate.is_shut = True
                self.late.add(task)
                task.add_done_callback(self._note_late)
                await refuse("slow")(scope, receive, send)
                return
            await task
        except _TooLarge:
            if gate.begun.is_set():
                raise
            await refuse("body")(scope, receive, send)
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            begun.cancel()

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        line = self._find_line(scope)
        async with nullcontext() if line is None else line.seats:
            await self.app(scope, receive, send)

    def _leave(self, line: _Line | None) -> None:
        self.busy -= 1
        if line is not None:
            line.length -= 1

    def _note_late(self, task: asyncio.Task) -> None:
        self.late.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("an answer that nobody waited for has failed", exc_info=task.exception())

    def _measured(self, receive: Receive) -> Receive:
        size = 0

        async def count() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.limits.body:
                raise _TooLarge
            return message

        return count


class _Gate:
    """Passes an answer on, knows whether it has begun, and can be shut before that."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.begun = asyncio.Event()
        self.is_shut = False

    async def __call__(self, message: Message) -> None:
        if self.is_shut:
            return
        self.begun.set()
        await self.send(message)


def _opens_page(scope: Scope) -> bool:
    accepts = "text/html" in Headers(scope=scope).get("accept", "")
    return scope["method"] == "GET" and accepts and not scope["path"].startswith(OTHERS)


async def _refuse_socket(scope: Scope, send: Send) -> None:
    """Refuse a page's socket with 429 where the server can say so; the page tries again by itself."""
    metrics.REFUSED.labels("sessions").inc()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": CLOSE_TRY_AGAIN})
        return
    headers = [(b"retry-after", str(RETRY_S).encode()), (b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": "\n".join(SAYINGS["sessions"]).encode()})
