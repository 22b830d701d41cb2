"""The gate before our routes: who gets what where people sign in, and what is said of a sign-in that fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from gzmap.errors import GzmapError
from gzmap.server import build_middleware, build_routes, owned
from gzmap.server.gate import CLOSED, GateMiddleware
from tests.conftest import ROOT
from tests.deployed import find_port
from tests.test_signin import AUTH, LISTS, ORIGIN, bake, write
from tests.ui_support import small_root

__all__ = ["small_root"]
PAGE = {"accept": "text/html"}
OPEN_ROUTES = {"/healthz", "/metrics"}
ADDRESSES = {"public": "", "stranger": "x@y.example", "reader": "li@b.example", "editor": "zhang@b.example"}


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_root: Path) -> Iterator[Callable]:
    """Set the sign-in up: variables of the environment, and changes of the section."""
    path = tmp_path / "secrets.toml"
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(path)])
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))

    def write_settings(auth: dict | None = None, **variables: str) -> None:
        write(path, {**AUTH, **(auth or {})})
        secrets_singleton._reset()
        for name, value in {**LISTS, **variables}.items():
            monkeypatch.setenv(name, value)

    secrets_singleton._reset()
    yield write_settings
    secrets_singleton._reset()
    config.set_option("secrets.files", before)


def cookies_of(who: str) -> dict[str, str]:
    address = ADDRESSES[who]
    told = {"is_logged_in": True, "iat": time.time(), "email": address, "origin": ORIGIN, "name": who}
    return bake(told) if address else {}


async def streamlit_login(request: Request) -> Response:
    """Streamlit's sign-in routes, as far as the gate sees them."""
    what = request.query_params.get("what", "")
    if what == "away":
        return PlainTextResponse("Authentication error", status_code=400)
    response = RedirectResponse("/", status_code=302)
    if what == "good":
        response.delete_cookie("_streamlit_user")
        response.set_cookie("_streamlit_user", "signed", httponly=True)
    elif what.startswith("fat"):
        # As Streamlit does: parts of at most 4 096 bytes, for the person and for the tokens.
        for part in range(int(what[3:])):
            response.set_cookie(f"_streamlit_user_{part}" if part else "_streamlit_user", "u" * 3000)
        for part in range(3):
            response.set_cookie(f"_streamlit_user_tokens_{part}" if part else "_streamlit_user_tokens", "t" * 3000)
    elif what == "bad":
        response.delete_cookie("_streamlit_user")
    return response


async def say_shut(request: Request) -> Response:
    return PlainTextResponse(str(request.scope.get("gzmap.shut")))


def client(**options: object) -> TestClient:
    routes = [
        *build_routes(),
        *(Route(path, streamlit_login) for path in ("/auth/login", "/auth/logout", "/oauth2callback")),
        Route("/media/{name}", say_shut),
        Route("/{rest:path}", say_shut),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(GateMiddleware)])
    return TestClient(app, follow_redirects=False, **options)


def ask(path: str, who: str = "public", **headers: str) -> Response:
    # As the TestClient stands in no browser, its cookies are given by hand.
    text = "; ".join(f"{name}={value}" for name, value in cookies_of(who).items())
    return client().get(path, headers={**({"cookie": text} if text else {}), **headers})


# --- a closed plan


def list_routes() -> list[str]:
    paths = [route.path for route in build_routes() if isinstance(route, Route)]
    assert len(paths) > 8
    return [path for path in paths if path not in OPEN_ROUTES]


def test_every_route_of_ours_is_closed_or_known_to_be_open() -> None:
    assert [path for path in list_routes() if not path.startswith(CLOSED)] == []
    mounts = {route.path for route in build_routes() if isinstance(route, Mount)}
    assert {path.split("/")[1] for path in mounts} == {"assets"}


@pytest.mark.parametrize("path", ["/data/water.geojson", "/export/water.geojson", "/ogc", "/ogc/collections", "/own/a"])
@pytest.mark.parametrize("who", ["public", "stranger"])
def test_a_closed_plan_gives_nothing_to_the_public(set_up: Callable, path: str, who: str) -> None:
    set_up(GZMAP_PUBLIC="no")
    answer = ask(path, who)
    assert answer.status_code == 401
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["error"] == "closed"
    assert "登录" in told["message_zh"]
    page = ask(path, who, **PAGE)
    assert page.status_code == 401
    assert "请先在页面上登录" in page.text
    assert "Sign in on the page" in page.text


@pytest.mark.parametrize("who", ["reader", "editor"])
def test_a_closed_plan_is_open_to_who_is_signed_in(set_up: Callable, who: str) -> None:
    set_up(GZMAP_PUBLIC="no")
    assert ask("/data/none.geojson", who).status_code == 404
    assert ask("/media/x.pdf", who).text == "False"


def test_an_open_plan_is_open_to_all(set_up: Callable) -> None:
    set_up()
    assert ask("/data/none.geojson").status_code == 404
    assert ask("/media/x.pdf").text == "False"


def test_the_page_itself_comes_and_knows_that_it_is_shut(set_up: Callable) -> None:
    set_up(GZMAP_PUBLIC="no")
    assert ask("/", **PAGE).text == "True"
    assert ask("/", "reader", **PAGE).text == "False"
    assert ask("/healthz").status_code == 200


def test_a_forged_cookie_opens_nothing(set_up: Callable) -> None:
    set_up(GZMAP_PUBLIC="no")
    told = json.dumps({"is_logged_in": True, "iat": time.time(), "email": ADDRESSES["editor"], "origin": ORIGIN})
    forged = create_signed_value("0" * 64, "_streamlit_user", told).decode()
    for value in (told, forged, forged[:-1], "%00", "=;="):
        assert client().get("/data/none.geojson", headers={"cookie": f"_streamlit_user={value}"}).status_code == 401
    right = create_signed_value(AUTH["cookie_secret"], "_streamlit_user", told).decode()
    assert client().get("/data/none.geojson", headers={"cookie": f"_streamlit_user={right}"}).status_code == 404


def test_settings_that_cannot_be_meant_stop_everything(set_up: Callable) -> None:
    set_up(GZMAP_READERS="", GZMAP_EDITORS="")
    for path in ("/", "/data/none.geojson", "/auth/login"):
        answer = ask(path)
        assert (answer.status_code, answer.json()["error"]) == (503, "broken")
        assert "GZMAP" not in answer.text
    with pytest.raises(GzmapError, match="GZMAP_READERS"):
        build_middleware()


# --- own layers


@pytest.mark.parametrize(
    ("who", "own", "status"),
    [
        ("public", "editor", 403),
        ("stranger", "editor", 403),
        ("reader", "editor", 403),
        ("editor", "editor", 404),
        ("public", "reader", 403),
        ("stranger", "reader", 403),
        ("reader", "reader", 404),
        ("editor", "reader", 404),
    ],
)
def test_own_layers_need_the_role(
    set_up: Callable, monkeypatch: pytest.MonkeyPatch, who: str, own: str, status: int
) -> None:
    set_up(GZMAP_OWN_LAYERS=own)
    monkeypatch.setattr(owned, "is_same_machine", lambda *_: True)
    answer = ask("/own/none.geojson", who)
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"


def test_a_role_opens_no_folder_of_another_machine(set_up: Callable) -> None:
    set_up()
    answer = ask("/own/none.geojson", "editor", **{"x-forwarded-for": "203.0.113.9"})
    assert answer.status_code == 403
    assert "127.0.0.1" in answer.json()["message"]


# --- the sign-in itself


def test_a_service_that_is_away_is_told(set_up: Callable) -> None:
    set_up()
    answer = ask("/auth/login?what=away", **PAGE)
    assert answer.status_code == 502
    assert "登录服务暂时连不上" in answer.text
    assert "cannot be reached" in answer.text
    assert "Authentication error" not in answer.text


@pytest.mark.parametrize("query", ["code=1&state=2", "error=access_denied&state=2", "state=2&code=1"])
def test_a_sign_in_that_fails_is_told(set_up: Callable, query: str) -> None:
    set_up()
    answer = ask(f"/oauth2callback?{query}&what=bad", **PAGE)
    assert answer.status_code == 401
    assert "登录没有完成" in answer.text
    assert "_streamlit_user=" in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_a_sign_in_that_succeeds_goes_on(set_up: Callable) -> None:
    set_up()
    answer = ask("/oauth2callback?code=1&state=2&what=good", **PAGE)
    assert (answer.status_code, answer.headers["location"]) == (302, "/")
    assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))


def test_tokens_that_are_too_large_are_left_out(set_up: Callable) -> None:
    set_up()
    answer = ask("/oauth2callback?code=1&state=2&what=fat2", **PAGE)
    names = [cookie.partition("=")[0] for cookie in answer.headers.get_list("set-cookie")]
    assert (answer.status_code, names) == (302, ["_streamlit_user", "_streamlit_user_1"])


def test_an_account_that_is_too_large_is_told(set_up: Callable) -> None:
    set_up()
    answer = ask("/oauth2callback?code=1&state=2&what=fat3", **PAGE)
    assert answer.status_code == 502
    assert "账号信息太多" in answer.text
    assert "set-cookie" not in answer.headers


def test_cookies_of_a_page_without_tls_are_left_as_they_are(set_up: Callable) -> None:
    set_up({"redirect_uri": "http://localhost:8501/oauth2callback"})
    answer = ask("/oauth2callback?code=1&state=2&what=good", **PAGE)
    assert not any("secure" in cookie.lower() for cookie in answer.headers.get_list("set-cookie"))


def test_the_way_back_from_signing_out_is_no_failure(set_up: Callable) -> None:
    set_up()
    assert ask("/oauth2callback", **PAGE).status_code == 302


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_somebody_elses_page_signs_nobody_out(set_up: Callable, site: str) -> None:
    set_up()
    answer = ask("/auth/logout?what=bad", **{"sec-fetch-site": site})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers
    assert "set-cookie" in ask("/auth/logout?what=bad", **{"sec-fetch-site": "same-origin"}).headers


def test_without_sign_in_nothing_changes(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    assert client().get("/auth/login?what=away").text == "Authentication error"
    assert client().get("/data/none.geojson").status_code == 404
    assert client().get("/media/x.pdf").text == "None"


def test_a_server_that_is_set_up_wrongly_does_not_start_and_says_why(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GZMAP_", "STREAMLIT_"))}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={find_port()}"]
    settings = {**environment, "HOME": str(tmp_path), "GZMAP_PUBLIC": "no"}
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert "设置了 GZMAP_PUBLIC，但 secrets.toml 里没有 [auth]" in done.stderr
    assert "GZMAP_PUBLIC is set, but secrets.toml has no [auth]" in done.stderr
    assert "Traceback" not in done.stderr
