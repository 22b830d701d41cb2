"""What Streamlit knows of the sign-in: its secrets, and the cookie that it signs; all use of its insides is here."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from streamlit import config
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from gzmap.signin.people import decide_person
from gzmap.signin.roles import NOBODY, Person
from gzmap.signin.settings import Settings, SignInError, parse_settings

MOST_CHUNKS = 10
"""Of a cookie that was too large for one; more is nothing that Streamlit wrote."""


def read_settings(variables: Mapping[str, str]) -> Settings | None:
    """Read the settings of the sign-in; None where it is not set up.

    Raises
    ------
    SignInError
        If the settings cannot be meant, secrets.toml cannot be read, or the library for it is missing.
    """
    settings = parse_settings(_read_auth(), variables, port=int(config.get_option("server.port")))
    if settings is not None and find_spec("authlib") is None:
        raise SignInError(
            "Sign-in needs the library Authlib; install gzmap with its requirements (make setup).",
            zh="登录需要 Authlib 库；请按要求安装依赖（make setup）。",
        )
    return settings


def _read_auth() -> Mapping[str, object] | None:
    """Give ``[auth]``. Streamlit takes a file that it cannot read for none: then nothing would be guarded."""
    if secrets_singleton.load_if_toml_exists():
        auth = secrets_singleton.get("auth")
        if auth is not None and not isinstance(auth, Mapping):
            raise SignInError(
                "auth in secrets.toml is no section; write [auth].",
                zh="secrets.toml 里的 auth 不是一节；请写成 [auth]。",
            )
        return auth
    there = [path for path in config.get_option("secrets.files") if Path(path).exists()]
    if there:
        raise SignInError(
            f"{there[0]} cannot be read as TOML; correct it or take it away.",
            zh=f"{there[0]} 不是有效的 TOML 文件；请改正或移走。",
        )
    return None


def read_person(cookies: Mapping[str, str], settings: Settings, *, now: float | None = None) -> Person:
    """Decide who asks by the cookie that Streamlit signed; one that is forged, foreign or too old is nobody's.

    Parameters
    ----------
    cookies
        Of the request.
    settings
        Of the sign-in.
    now
        Seconds since 1970, for tests.
    """
    secret = get_cookie_secret()

    def find_part(name: str) -> bytes | None:
        text = cookies.get(name, "")
        return decode_signed_value(secret, name, text) if text.isascii() else None

    head = find_part(USER_COOKIE_NAME)
    if head is None or _count_chunks(head) > MOST_CHUNKS:
        return NOBODY
    claims = _parse(get_cookie_with_chunks(find_part, USER_COOKIE_NAME))
    # Signed with the same secret for another address, such as that of a second installation.
    if claims.get("origin") != settings.origin:
        return NOBODY
    return decide_person(claims, settings, now=time.time() if now is None else now)


def _count_chunks(head: bytes) -> int:
    number = head.removeprefix(b"chunks-")
    return int(number) if number != head and number.isdigit() else 0


def _parse(text: bytes | None) -> dict[str, object]:
    if text is None:
        return {}
    try:
        claims = json.loads(text)
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}
