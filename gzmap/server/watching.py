"""Counts and writes down every request by its route; who asked, and for what exactly, is not kept."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import os
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gzmap import metrics
from gzmap.atlas import open_atlas
from gzmap.errors import GzmapError
from gzmap.own import is_same_machine
from gzmap.own.access import FORWARDED
from gzmap.server.logs import FIELDS, configure_logs
from gzmap.server.roots import find_served_root

log = logging.getLogger(__name__)
access = logging.getLogger("gzmap.access")
VARIABLE = "GZMAP_METRICS_FROM"
FOLDERS = ("data", "export", "own", "assets", "static", "media")
SINGLE = ("coordinates", "qr.svg", "ogc", "healthz", "metrics")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
WATCHED = ("/metrics", "/_stcore/metrics")
"""Paths that only those who look after the server may ask: ours, and Streamlit's own."""


def name_route(path: str) -> str:
    """Name the route of a path: one of a closed list, so that no path that a person made up is ever kept."""
    first, _, rest = path.lstrip("/").partition("/")
    if first == "_stcore":
        known = ("stream", "health", "host-config", "upload_file", "metrics")
        second = rest.partition("/")[0]
        return f"_stcore/{second}" if second in known else "_stcore"
    # ``/data`` and ``/own`` without more are pages.
    is_ours = (first in FOLDERS and "/" in path.lstrip("/")) or first in SINGLE
    return first if is_ours else "page"


class WatchMiddleware:
    """ASGI middleware that counts requests, seconds and open pages; put it outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one page for as long as it is open."""
        if scope["type"] == "websocket":
            await self._watch_page(scope, receive, send)
        elif scope["type"] == "http":
            await self._watch_request(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _watch_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = False

        async def note(message: Message) -> None:
            nonlocal is_open
            if message["type"] == "websocket.accept" and not is_open:
                is_open = True
                configure_logs()
                metrics.SESSIONS.inc()
                metrics.SESSIONS_OPENED.inc()
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            if is_open:
                metrics.SESSIONS.dec()

    async def _watch_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        start, status, size = time.perf_counter(), 500, 0

        async def note(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            route, seconds = name_route(scope["path"]), time.perf_counter() - start
            method = scope["method"] if scope["method"] in METHODS else "other"
            metrics.REQUESTS.labels(route, method, status).inc()
            metrics.REQUEST_SECONDS.labels(route).observe(seconds)
            fields = {"route": route, "method": method, "status": status, "seconds": round(seconds, 4), "bytes": size}
            access.info("request", extra={FIELDS: fields})


def may_watch(request: Request) -> bool:
    """Tell whether somebody may read the counts: this machine, or a network of ``GZMAP_METRICS_FROM``, asked directly.

    A request that a proxy passed on may come from anywhere, and is refused whatever address it has.

    Raises
    ------
    GzmapError
        If the setting names something that is no address or network.
    """
    client = request.client.host if request.client else None
    if is_same_machine(client, request.headers):
        return True
    if client is None or any(request.headers.get(name) for name in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return False
    return any(address in network for network in read_networks(os.environ.get(VARIABLE, "")))


def read_networks(text: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Read addresses and networks with commas between them, such as ``10.0.0.5, 10.1.0.0/16``.

    Raises
    ------
    GzmapError
        If one is neither.
    """
    try:
        return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise GzmapError(f"{VARIABLE}: {error}; give addresses or networks, such as 10.0.0.5,10.1.0.0/16.") from None


def refuse_strangers(request: Request) -> Response | None:
    """Give the answer to who may not read the counts; None for who may."""
    try:
        allowed = may_watch(request)
    except GzmapError as error:
        log.error("nobody may read the counts from elsewhere: %s", error)
        allowed = False
    if allowed:
        return None
    message = f"The counts are given to this machine and to {VARIABLE}, asked directly and not through a proxy."
    return JSONResponse({"error": "forbidden", "message": message}, status_code=403)


def serve_metrics(request: Request) -> Response:
    """Answer with the counts in Prometheus' text format; 403 to strangers."""
    if refusal := refuse_strangers(request):
        return refusal
    try:
        atlas = open_atlas(find_served_root())
    except GzmapError as error:
        log.error("nothing to count of the project: %s", error)
        metrics.ATLAS_UP.set(0)
    else:
        meta = atlas.document.meta
        digest = hashlib.sha256("".join(f"{k}{v}" for k, v in sorted(atlas.versions.items())).encode()).hexdigest()
        about = {"edition": meta["edition"], "edition_date": meta["edition_date"], "digest": digest[:12]}
        metrics.note_atlas(about, served=len(atlas.layers), left_out=len(atlas.broken))
    return Response(metrics.dump_metrics(), media_type=metrics.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


class WatchersOnly:
    """ASGI middleware that keeps strangers from the counts, Streamlit's own included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_watched = scope["type"] == "http" and scope["path"].rstrip("/") in WATCHED
        refusal = refuse_strangers(Request(scope)) if is_watched else None
        await (refusal or self.app)(scope, receive, send)
