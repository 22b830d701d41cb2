"""The gate of a server with sign-in: who may ask for what, and what Streamlit's sign-in says when it fails."""

from __future__ import annotations

import html
import logging
import os
from http.cookies import SimpleCookie

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gzmap.own import is_foreign_page
from gzmap.signin import Role, Settings, SignInError, read_person, read_settings

log = logging.getLogger(__name__)
LOGIN, LOGOUT, RETURN = "/auth/login", "/auth/logout", "/oauth2callback"
CLOSED = ("/data/", "/export/", "/coordinates", "/qr.svg", "/own/", "/ogc", "/media/")
"""What tells something of the plan; the page itself asks who looks at it (`gzmap.ui.main`)."""

SHUT = "gzmap.shut"
"""Key of the ASGI scope: whether the one who asks may not see the plan."""

USER_COOKIE = b"_streamlit_user="
TOKEN_COOKIES = b"_streamlit_user_tokens"
MOST_COOKIES = 7_000
"""Bytes of cookies with which a page still gets its websocket: the server takes no line of more than 8 192 bytes."""

SIGNED_COOKIES = (b"_streamlit_user", b"_streamlit_session")
TELLING = {
    "closed": (
        401,
        "本图需要登录才能查看。请先在页面上登录。",
        "This map is for those who are signed in. Sign in on the page first.",
    ),
    "away": (
        502,
        "登录服务暂时连不上，请稍后再试；若一直如此，请告诉管理员。",
        "The sign-in service cannot be reached. Try again later; if it stays so, tell the administrator.",
    ),
    "failed": (
        401,
        "登录没有完成：登录服务没有确认您的身份，或者登录页停留太久。请重新登录。",
        "The sign-in was not completed: the service did not confirm who you are, or it took too long. Sign in again.",
    ),
    "large": (
        502,
        "登录服务给出的账号信息太多，页面无法使用；请管理员让它少给一些（例如只给与本图有关的组）。",
        "The sign-in service says so much of your account that the page could not work; the administrator can have it "
        "say less, such as only the groups that matter here.",
    ),
    "broken": (
        503,
        "登录配置有误，暂停服务。请管理员查看日志。",
        "The sign-in is set up wrongly, so nothing is served. The administrator finds the reason in the log.",
    ),
}
"""By what happened: status, Chinese, English."""


def may_see_own(request: Request) -> bool:
    """Tell whether somebody has the role that sees own layers; without sign-in it is not a matter of roles.

    Raises
    ------
    SignInError
        If the settings cannot be meant.
    """
    settings = read_settings(os.environ)
    return settings is None or read_person(request.cookies, settings).role >= settings.own


class GateMiddleware:
    """ASGI middleware that keeps a closed plan from the public, and tells of a sign-in that failed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            settings = read_settings(os.environ)
        except SignInError as error:
            log.error("nothing is served: %s", error)
            await tell("broken", scope)(scope, receive, send)
            return
        if settings is None:
            await self.app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        if path == LOGOUT and is_foreign_page(headers):
            # Somebody else's page may not sign people out.
            await RedirectResponse("/", status_code=303)(scope, receive, send)
            return
        shut = not settings.is_open and _find_role(headers, settings) < Role.READER
        if shut and path.startswith(CLOSED):
            await tell("closed", scope)(scope, receive, send)
            return
        await self.app({**scope, SHUT: shut}, receive, _Answer(scope, receive, send=send, settings=settings))


def _find_role(headers: Headers, settings: Settings) -> Role:
    cookies = {name: value for text in headers.getlist("cookie") for name, value in cookie_parser(text).items()}
    return read_person(cookies, settings).role


def tell(what: str, scope: Scope) -> Response:
    """Build the answer that says what happened, in Chinese and English: a page for browsers, else JSON."""
    status, zh, en = TELLING[what]
    headers = {"Cache-Control": "no-store", "Vary": "Cookie"}
    if "text/html" not in Headers(scope=scope).get("accept", ""):
        return JSONResponse({"error": what, "message": en, "message_zh": zh}, status_code=status, headers=headers)
    page = (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{html.escape(zh)}</title>'
        '<meta name="viewport" content="width=device-width"></head>'
        f'<body style="font-family: sans-serif; margin: 4rem auto; max-width: 30rem; padding: 0 1rem">'
        f'<h1 style="font-size: 1.4rem">{html.escape(zh)}</h1><p lang="en">{html.escape(en)}</p>'
        '<p><a href="/">回到地图 <span lang="en">Back to the map</span></a></p></body></html>'
    )
    return HTMLResponse(page, status_code=status, headers=headers)


class _Answer:
    """Passes an answer on; what Streamlit says of a failed sign-in is replaced by something that helps."""

    def __init__(self, scope: Scope, receive: Receive, *, send: Send, settings: Settings) -> None:
        self.send, self.scope, self.receive, self.settings = send, scope, receive, settings
        self.is_replaced = False

    async def __call__(self, message: Message) -> None:
        if self.is_replaced:
            return
        if message["type"] != "http.response.start":
            await self.send(message)
            return
        headers = [(name, self._mark(name, value)) for name, value in message.get("headers", [])]
        # Tokens are of use only to name the account to the service when somebody signs out.
        if _measure(headers) > MOST_COOKIES:
            headers = [(name, value) for name, value in headers if not value.startswith(TOKEN_COOKIES)]
        if what := self._find_failure(message["status"], headers):
            self.is_replaced = True
            # Cookies that Streamlit takes back are taken back with our page as well.
            kept = [header for header in headers if header[0].lower() == b"set-cookie" and what != "large"]
            response = tell(what, self.scope)
            response.raw_headers.extend(kept)
            await response(self.scope, self.receive, self.send)
            return
        await self.send({**message, "headers": headers})

    def _mark(self, name: bytes, value: bytes) -> bytes:
        """Keep the cookies of the sign-in to https where the page has it; Streamlit never says so itself."""
        is_signed = name.lower() == b"set-cookie" and value.startswith(SIGNED_COOKIES)
        return value + b"; Secure" if is_signed and self.settings.is_secure and not _is_secure(value) else value

    def _find_failure(self, status: int, headers: list[tuple[bytes, bytes]]) -> str:
        path, query = self.scope["path"], self.scope["query_string"]
        if path == LOGIN and status >= 400:
            return "away"
        # Without these it is the way back from signing out.
        came_back = path == RETURN and any(part.startswith((b"code=", b"error=")) for part in query.split(b"&"))
        if not came_back:
            return ""
        if _measure(headers) > MOST_COOKIES:
            return "large"
        return "" if any(map(_gives_user, headers)) else "failed"


def _measure(headers: list[tuple[bytes, bytes]]) -> int:
    """Measure the cookies of the sign-in as the browser will send them."""
    cookies = [value for name, value in headers if name.lower() == b"set-cookie" and value.startswith(SIGNED_COOKIES)]
    return sum(len(value.partition(b";")[0]) + 2 for value in cookies)


def _is_secure(cookie: bytes) -> bool:
    return b"secure" in (part.strip().lower() for part in cookie.split(b";"))


def _gives_user(header: tuple[bytes, bytes]) -> bool:
    """Tell whether a header says who somebody is, and does not take that back."""
    name, value = header
    if name.lower() != b"set-cookie" or not value.startswith(USER_COOKIE):
        return False
    return any(morsel.value and morsel["max-age"] != "0" for morsel in SimpleCookie(value.decode("latin-1")).values())
