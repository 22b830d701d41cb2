"""Puts our style, title and preloads into the head of Streamlit's page.

The index page knows nothing of ours: the browser would find the scripts of the map one after the other, each when the
one before has run, and would show the page unstyled until then. Named in the head, they load beside those of Streamlit.
"""

from __future__ import annotations

import html
import logging
import os
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gzmap.atlas import open_atlas
from gzmap.errors import GzmapError
from gzmap.server.gate import SHUT, GateMiddleware
from gzmap.server.limits import LimitMiddleware, read_limits
from gzmap.server.owned import read_own_ahead
from gzmap.server.roots import find_served_root
from gzmap.server.security import SecurityMiddleware, build_policy, find_inline_scripts
from gzmap.server.watching import WatchersOnly, WatchMiddleware
from gzmap.signin import read_settings
from gzmap.webmap import build_url, find_assets_version

log = logging.getLogger(__name__)
TITLE = "美丽广州规划地图"
SCRIPTS = (
    "mapview.js",
    "panel.js",
    "layers.js",
    "hover.js",
    "tools.js",
    "address.js",
    "order.js",
    "owned.js",
    "linked.js",
    "host.js",
)
STYLED = ("mine", "districts", "list")
"""Pages that need ``pages.css`` too; others fetch it when they lead there."""

FIRST_LAYERS = 6
OWN_PREFIXES = (
    "/assets/",
    "/data/",
    "/export/",
    "/coordinates",
    "/ogc",
    "/own/",
    "/static/",
    "/_stcore/",
    "/media/",
    "/healthz",
    "/metrics",
    "/auth/",
    "/oauth2callback",
)


def build_middleware() -> list[Middleware]:
    """Build the middleware for `st.App`, outermost first: what is refused is counted and has the headers as well.

    Raises
    ------
    GzmapError
        If a setting of the limits is no number, or the sign-in is set up in a way that cannot be meant.
    """
    read_settings(os.environ)
    return [
        Middleware(WatchMiddleware),
        Middleware(SecurityMiddleware),
        Middleware(WatchersOnly),
        Middleware(GateMiddleware),
        Middleware(LimitMiddleware, limits=read_limits()),
        Middleware(HeadMiddleware),
    ]


def build_head(*, with_map: bool, with_layers: bool, with_pages: bool = False) -> str:
    """Write the lines for the head: style and scripts; for a map also its own, and the layers it shows by itself."""
    version = find_assets_version()
    lines = [f'<link rel="stylesheet" href="/assets/ui/{version}/page.css">']
    lines += [f'<link rel="modulepreload" href="/assets/ui/{version}/{name}">' for name in SCRIPTS]
    if with_pages:
        lines += [f'<link rel="stylesheet" href="/assets/ui/{version}/pages.css">']
    if not with_map:
        return "\n".join(lines) + "\n"
    lines += ['<link rel="preload" as="script" href="/assets/leaflet/leaflet.js">']
    lines += [
        f'<link rel="preload" as="style" href="{href}">'
        for href in ("/assets/leaflet/leaflet.css", f"/assets/ui/{version}/mapview.css")
    ]
    urls = _shown_urls() if with_layers else []
    # The first ones make the first sight of the map; the browser fetches the others when it has nothing better to do.
    ranks = [""] * FIRST_LAYERS + [' fetchpriority="low"'] * len(urls)
    lines += [
        f'<link rel="preload" as="fetch" crossorigin{rank} href="{html.escape(url)}">'
        for url, rank in zip(urls, ranks, strict=False)
    ]
    return "\n".join(lines) + "\n"


def _shown_urls() -> Iterable[str]:
    try:
        atlas = open_atlas(find_served_root())
    except GzmapError as error:
        log.error("nothing to preload: %s", error)  # the page itself will say so to the reader
        return []
    return [
        build_url(atlas, entry)
        for entry in atlas.catalog.entries.values()
        if entry.visible and entry.layer_id in atlas.layers and atlas.layers[entry.layer_id].geometry.notna().any()
    ]


class HeadMiddleware:
    """ASGI middleware that adds `build_head` to HTML pages, and leaves everything else alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not _wants_page(scope):
            await self.app(scope, receive, send)
            return
        # The page must arrive readable: it is a few kB, so nothing is lost by not compressing it.
        plain = [
            (k, v) for k, v in scope["headers"] if k not in (b"accept-encoding", b"if-none-match", b"if-modified-since")
        ]
        path = scope["path"]
        read_own_ahead(scope["client"][0] if scope.get("client") else None, Headers(scope=scope))
        head = build_head(
            with_map=path == "/" and not scope.get(SHUT),
            with_layers=b"layers=" not in scope["query_string"],
            with_pages=path.rpartition("/")[2] in STYLED,
        )
        await self.app({**scope, "headers": plain}, receive, _HeadWriter(send, head))


def _wants_page(scope: Scope) -> bool:
    accepts = "text/html" in Headers(scope=scope).get("accept", "")
    return scope["method"] == "GET" and accepts and not scope["path"].startswith(OWN_PREFIXES)


class _HeadWriter:
    """Holds an HTML answer back until it is whole, then sends it with our head."""

    def __init__(self, send: Send, head: str) -> None:
        self.send = send
        self.head = head.encode()
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if "text/html" not in Headers(raw=message["headers"]).get("content-type", ""):
                await self.send(message)
            else:
                self.start = message
            return
        if self.start is None:
            await self.send(message)
            return
        self.body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self.body.replace(b"</head>", self.head + b"</head>", 1)
        body = body.replace(b"<title>Streamlit</title>", f"<title>{TITLE}</title>".encode(), 1)
        body = body.replace(b'<html lang="en">', b'<html lang="zh-CN">', 1)
        headers = MutableHeaders(raw=list(self.start["headers"]))
        headers["content-length"] = str(len(body))
        headers["cache-control"] = "no-cache"
        headers["content-security-policy"] = build_policy(find_inline_scripts(self.body))
        for stale in ("etag", "last-modified"):
            if stale in headers:
                del headers[stale]
        await self.send({**self.start, "headers": headers.raw})
        await self.send({"type": "http.response.body", "body": body})
