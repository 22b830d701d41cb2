"""Headers that tell a browser what a page of ours may do: load from here only, run nothing that a text brought in."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAMES_VARIABLE = "GZMAP_FRAME_ANCESTORS"
KEY_VARIABLE = "GZMAP_TIANDITU_KEY"
TILES = "https://*.tianditu.gov.cn"
INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
ORIGIN = re.compile(r"https?://[A-Za-z0-9.*-]+(:\d+)?")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # The address of a page says what somebody looks at; other hosts need not know.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        ["geolocation=(self)", "fullscreen=(self)", "clipboard-write=(self)"]
        + [f"{name}=()" for name in ("camera", "microphone", "payment", "usb", "serial", "midi", "hid")]
        + [
            f"{name}=()"
            for name in ("accelerometer", "gyroscope", "magnetometer", "display-capture", "browsing-topics")
        ]
    ),
}


def find_inline_scripts(page: bytes) -> list[str]:
    """Give the CSP sources of the scripts that stand in a page itself: Streamlit's index has one."""
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'"
        for body in INLINE.findall(page.replace(b"\r\n", b"\n"))
    ]


def build_policy(inline: Collection[str] = ()) -> str:
    """Write the Content-Security-Policy.

    Streamlit runs the scripts of components from blobs and writes styles into the page; nothing needs ``eval``.
    Whose pages may frame ours is ``GZMAP_FRAME_ANCESTORS`` (origins with spaces between them), else nobody's but ours.

    Parameters
    ----------
    inline
        Sources of scripts that stand in the page, by `find_inline_scripts`.
    """
    tiles = [TILES] if os.environ.get(KEY_VARIABLE, "").strip() else []
    frames = [one for one in os.environ.get(FRAMES_VARIABLE, "").split() if ORIGIN.fullmatch(one)]
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", "blob:", "'wasm-unsafe-eval'", *inline],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *tiles],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'self'", *frames],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


ANSWERS = ("http.response.start", "websocket.http.response.start")
"""Messages that begin an answer: also that by which a page's socket is refused."""

FAULT = {
    "error": "internal",
    "message": "Something went wrong here; the request was not answered. Try again, or tell who runs this server.",
    "message_zh": "服务器内部出错，请求未能完成。请重试；若仍出错，请告知服务器管理人员。",
}


class SecurityMiddleware:
    """ASGI middleware that adds the headers to every answer that has not set one itself.

    What nobody foresaw is answered here too: Starlette would do so outside of all middleware, without a header. The
    error goes on to the server, which writes it to its log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        has_begun = scope["type"] == "websocket"

        async def guard(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] in ANSWERS:
                headers = MutableHeaders(raw=list(message.get("headers", [])))
                for name, value in {**HEADERS, "Content-Security-Policy": build_policy()}.items():
                    headers.setdefault(name, value)
                message = {**message, "headers": headers.raw}
            await send(message)

        try:
            await self.app(scope, receive, guard)
        except Exception:
            if not has_begun:
                headers = {"Cache-Control": "no-store"}
                await JSONResponse(FAULT, status_code=500, headers=headers)(scope, receive, guard)
            raise
