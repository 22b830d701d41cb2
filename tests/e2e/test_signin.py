"""Signing in at a service of the tests' own: what the public, readers and editors see, and what nobody gets."""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely
from playwright.sync_api import expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from gzmap import database as db
from gzmap.cli.database import gather_project
from tests.conftest import ROOT
from tests.deployed import AppProcess, deployed, find_port, running_app, wait_until_ready
from tests.e2e.conftest import Visiting
from tests.e2e.test_axe import find_faults
from tests.e2e.visit import Visit
from tests.oidc import EDITOR, READER, STRANGER, Provider, running_provider, write_secrets
from tests.postgres import APP, OWNER, Cluster, build_database
from tests.test_database_own import make_own

OWN = "own.kg"
LISTS = {"GZMAP_READERS": "li.si@bureau.example", "GZMAP_EDITORS": "zhang.san@bureau.example"}
SQUARE = shapely.box(113.30, 23.10, 113.31, 23.11)
BROUGHT = {
    "type": "FeatureCollection",
    "features": [{"type": "Feature", "properties": {"名称": "新地块"}, "geometry": shapely.geometry.mapping(SQUARE)}],
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(autouse=True)
def usual(provider: Provider) -> None:
    """Every test begins with a service that signs the reader in."""
    provider.person, provider.refuses, provider.kid, provider.issued_ago_s = dict(READER), "", "known", 0


def start(stack: ExitStack, folder: Path, provider: Provider, **settings: str) -> AppProcess:
    port = find_port()
    write_secrets(folder, provider)
    provider.returns.add(f"http://127.0.0.1:{port}/oauth2callback")
    app = stack.enter_context(running_app(port, folder / "app.log", {"HOME": str(folder), **LISTS, **settings}))
    wait_until_ready(app.running, f"{app.base}/healthz", app.log)
    return app


@pytest.fixture(scope="module")
def shared(cluster: Cluster) -> Iterator[str]:
    """A database with the project and one layer of the bureau; the owner's address."""
    url = build_database(cluster, "bureau")
    engine = db.open_engine(url, answer_ms=0)
    db.import_project(engine, gather_project(ROOT))
    db.grant_app(engine, APP)
    db.import_own(engine, make_own(OWN, [SQUARE]), readers=[APP])
    engine.dispose()
    yield url
    cluster.run("DROP DATABASE bureau WITH (FORCE)")


@pytest.fixture(scope="module")
def bureau(shared: str, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """An open plan with own layers in a database, and in a folder of the same machine."""
    folder = tmp_path_factory.mktemp("bureau")
    local = folder / "local"
    local.mkdir()
    (local / "folder.geojson").write_text(json.dumps(BROUGHT, ensure_ascii=False), "utf-8")
    settings = {
        "GZMAP_DATABASE_URL": shared.replace(OWNER, APP, 1),
        "GZMAP_DATABASE_IMPORT_URL": shared,
        "GZMAP_CACHE": str(folder / "cache"),
        "GZMAP_LOCAL": str(local),
    }
    with ExitStack() as stack:
        yield start(stack, folder, provider, **settings)


@pytest.fixture(scope="module")
def closed(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with ExitStack() as stack:
        yield start(stack, tmp_path_factory.mktemp("closed"), provider, GZMAP_PUBLIC="no")


# --- what people do


def sign_in(one: Visit) -> Visit:
    one.page.locator(".gz-header > .gz-signin").click()
    expect(one.page.locator(".gz-account > summary")).to_be_visible()
    return one.settle()


def sign_out(one: Visit) -> Visit:
    one.page.locator(".gz-account > summary").click()
    one.page.get_by_role("link", name="退出").first.click()
    expect(one.page.locator(".gz-header > .gz-signin")).to_be_visible()
    return one.settle()


def list_own(one: Visit) -> list[str]:
    return one.page.evaluate("() => Object.keys(window.__gz.state.layers).filter((id) => id.startsWith('own.')).sort()")


def fetch(one: Visit, path: str) -> int:
    """Ask as a script of the page does, with its cookies; what is refused is an error on the console."""
    one.expected.append(path)
    return one.page.evaluate("(path) => fetch(path).then((answer) => answer.status)", path)


def find_cookie(one: Visit) -> dict | None:
    return next((c for c in one.page.context.cookies() if c["name"] == "_streamlit_user"), None)


def expect_public(one: Visit) -> None:
    assert list_own(one) == []
    assert fetch(one, f"/own/{OWN}.geojson") == 403
    assert fetch(one, "/own/own.folder.geojson") == 403


# --- roles


def test_the_public_sees_the_plan_and_no_own_layers(visit: Visiting, bureau: AppProcess) -> None:
    one = visit(bureau)
    expect(one.page.locator(".gz-header > .gz-signin")).to_have_text("登录")
    expect_public(one)
    one.turn_to("数据与方法")
    expect(one.page.locator(".gz-register, .st-key-gz_page").first).to_be_visible()
    assert one.page.get_by_text("存入共享数据库").count() == 0


def test_a_reader_is_named_and_sees_no_own_layers(visit: Visiting, bureau: AppProcess) -> None:
    one = sign_in(visit(bureau))
    one.page.locator(".gz-account > summary").click()
    expect(one.page.locator(".gz-account > div")).to_contain_text("已登录：李四")
    expect(one.page.locator(".gz-account > div")).to_contain_text("读者")
    assert find_faults(one) == []
    expect_public(one)
    one.turn_to("数据与方法")
    assert one.page.get_by_text("存入共享数据库").count() == 0


def test_an_editor_sees_own_layers_until_signing_out(visit: Visiting, bureau: AppProcess, provider: Provider) -> None:
    provider.person = dict(EDITOR)
    one = sign_in(visit(bureau))
    assert list_own(one) == ["own.folder", OWN]
    assert [fetch(one, f"/own/{name}.geojson") for name in (OWN, "own.folder")] == [200, 200]
    cookie = find_cookie(one)
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert one.page.evaluate("() => document.cookie").find("_streamlit_user") == -1

    provider.left.clear()
    sign_out(one)
    assert find_cookie(one) is None
    expect_public(one)
    [left] = provider.left
    assert left["client_id"] == "gzmap-tests"
    assert len(left["id_token_hint"].split(".")) == 3
    assert left["post_logout_redirect_uri"] == f"{bureau.base}/oauth2callback"


def test_an_account_without_a_role_sees_what_the_public_sees(
    visit: Visiting, bureau: AppProcess, provider: Provider
) -> None:
    provider.person = dict(STRANGER)
    one = sign_in(visit(bureau))
    expect(one.page.locator(".gz-account > summary")).to_have_text("<b>路人</b>")
    expect_public(one)


def test_an_address_that_was_not_verified_gives_no_role(
    visit: Visiting, bureau: AppProcess, provider: Provider
) -> None:
    provider.person = {**EDITOR, "email_verified": False}
    expect_public(sign_in(visit(bureau)))


def test_english_and_a_narrow_screen(visit: Visiting, bureau: AppProcess, provider: Provider) -> None:
    provider.person = dict(EDITOR)
    one = visit(bureau, "/?lang=en", viewport={"width": 390, "height": 844})
    menu = one.page.locator(".gz-menu > summary")
    menu.click()
    box = one.page.locator(".gz-menu nav").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    one.page.locator(".gz-menu").get_by_role("link", name="Sign in").click()
    one.page.wait_for_url(f"{bureau.base}/*")
    one.settle()
    menu.click()
    expect(one.page.locator(".gz-menu .gz-narrow")).to_have_text("退出（张三）")
    assert find_faults(one) == []


# --- what nobody gets


def test_a_forged_cookie_is_nobodys(visit: Visiting, bureau: AppProcess) -> None:
    told = {**EDITOR, "is_logged_in": True, "iat": int(time.time()), "origin": bureau.base, "provider": "default"}
    forged = create_signed_value("0" * 64, "_streamlit_user", json.dumps(told)).decode()
    one = visit(bureau, None)
    one.page.context.add_cookies([{"name": "_streamlit_user", "value": forged, "url": bureau.base}])
    one.open("/")
    expect(one.page.locator(".gz-header > .gz-signin")).to_be_visible()
    expect_public(one)


def test_a_sign_in_that_is_too_old_is_over(visit: Visiting, bureau: AppProcess, provider: Provider) -> None:
    provider.person, provider.issued_ago_s = dict(EDITOR), 13 * 3600
    one = visit(bureau)
    one.page.locator(".gz-header > .gz-signin").click()
    expect(one.page.locator(".gz-header > .gz-signin")).to_have_attribute("title", "登录已过期，请重新登录")
    expect_public(one.settle())


def refused(one: Visit) -> str:
    """Click to sign in, and give the page that says why it failed."""
    one.expected += ["/oauth2callback", "/auth/login"]
    one.page.locator(".gz-header > .gz-signin").click()
    expect(one.page.locator("h1")).to_contain_text("登录")
    expect(one.page.get_by_text("Back to the map")).to_be_visible()
    return one.page.locator("h1").inner_text()


def test_a_token_that_somebody_else_signed_is_refused(visit: Visiting, bureau: AppProcess, provider: Provider) -> None:
    provider.person, provider.kid = dict(EDITOR), "unknown"
    one = visit(bureau)
    assert refused(one).startswith("登录没有完成")
    assert find_cookie(one) is None
    one.page.get_by_text("Back to the map").click()
    one.settle()
    expect_public(one)


def test_a_service_that_refuses_is_told_without_its_words(
    visit: Visiting, bureau: AppProcess, provider: Provider
) -> None:
    provider.refuses = "access_denied"
    one = visit(bureau)
    assert refused(one).startswith("登录没有完成")
    assert "alert" not in one.page.content()


def test_a_service_that_is_away_is_told(visit: Visiting, tmp_path: Path) -> None:
    with ExitStack() as stack:
        app = start(stack, tmp_path, Provider(find_port()))
        one = visit(app)
        assert refused(one).startswith("登录服务暂时连不上")
        one.page.get_by_text("Back to the map").click()
        one.settle()
        one.page.close()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def find_location(url: str) -> tuple[int, str]:
    try:
        with urllib.request.build_opener(_Stay).open(url, timeout=10) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("location", "")


def test_nobody_is_sent_anywhere_else(visit: Visiting, bureau: AppProcess, provider: Provider) -> None:
    one = visit(bureau)
    with one.page.expect_request(lambda request: "/auth/login" in request.url) as asked:
        one.page.locator(".gz-header > .gz-signin").click()
    evil = "next=https://evil.example&redirect_uri=https://evil.example&redirect=//evil.example"
    status, location = find_location(f"{asked.value.url}&{evil}")
    assert (status, urlsplit(location).netloc) == (302, f"127.0.0.1:{provider.port}")
    assert parse_qs(urlsplit(location).query)["redirect_uri"] == [f"{bureau.base}/oauth2callback"]
    assert "evil" not in location
    for path in ("/auth/login", "/auth/login?provider=https://evil.example", "/auth/logout", "/oauth2callback"):
        joined = f"{bureau.base}{path}{'&' if '?' in path else '?'}{evil}"
        assert find_location(joined) == (302, "/")
    # An answer that nobody asked for is no sign-in.
    assert find_location(f"{bureau.base}/oauth2callback?code=1&state=2") == (401, "")
    one.settle()


# --- a closed plan


def test_a_closed_plan_shows_only_how_to_sign_in(visit: Visiting, closed: AppProcess) -> None:
    one = visit(closed, None)
    for path in ("/", "/text", "/data"):
        one.page.goto(closed.base + path)
        expect(one.page.get_by_text("本图仅供登录用户查看")).to_be_visible()
        expect(one.page.get_by_text("This map is for those who are signed in")).to_be_visible()
        one.rest()
        assert one.page.locator(".gz-map, .gz-header").count() == 0
    assert find_faults(one) == []
    assert not any(path.endswith(".geojson") for path in one.asked)
    for path in ("/data/mountains.geojson", "/export/mountains.csv", "/ogc/collections", "/export/overview.csv"):
        assert fetch(one, path) == 401
    one.page.get_by_role("button", name="Sign in").click()
    one.settle()
    expect(one.page.locator(".gz-account > summary")).to_have_text("李四")
    assert fetch(one, "/data/mountains.geojson") == 200
    one.page.locator(".gz-account > summary").click()
    one.page.get_by_role("link", name="退出").first.click()
    expect(one.page.get_by_text("本图仅供登录用户查看")).to_be_visible()
    assert fetch(one, "/data/mountains.geojson") == 401


def test_a_closed_plan_tells_an_account_without_a_role_what_to_do(
    visit: Visiting, closed: AppProcess, provider: Provider
) -> None:
    provider.person = dict(STRANGER)
    one = visit(closed, None)
    one.page.goto(closed.base)
    one.page.get_by_role("button", name="Sign in").click()
    expect(one.page.get_by_text("您已登录为 <b>路人</b>")).to_be_visible()
    assert fetch(one, "/data/mountains.geojson") == 401
    one.page.get_by_role("button", name="Sign out").click()
    expect(one.page.get_by_text("请用本单位账号登录。")).to_be_visible()


# --- an editor's layer for all


def test_an_editor_puts_a_layer_into_the_database(
    visit: Visiting, bureau: AppProcess, provider: Provider, tmp_path: Path
) -> None:
    provider.person = dict(EDITOR)
    one = sign_in(visit(bureau))
    one.turn_to("数据与方法")
    one.page.get_by_text("存入共享数据库", exact=True).click()
    assert find_faults(one) == []
    file = tmp_path / "新红线.geojson"
    file.write_text(json.dumps(BROUGHT, ensure_ascii=False), "utf-8")
    one.page.locator("input[type=file]").set_input_files(file)
    one.page.get_by_role("textbox", name="编号").fill(OWN)
    one.page.get_by_role("button", name="存入数据库").click()
    expect(one.page.get_by_text("已有图层")).to_be_visible()
    one.page.get_by_role("textbox", name="编号").fill("own.hongxian2")
    one.page.get_by_role("button", name="存入数据库").click()
    expect(one.page.get_by_text("已存入“新红线”")).to_be_visible()
    one.turn_to("地图")
    one.page.wait_for_timeout(1500)
    one.reload()
    assert "own.hongxian2" in list_own(one)
    assert fetch(one, "/own/own.hongxian2.geojson") == 200


# --- as it is deployed


def test_a_sign_in_goes_through_nginx_and_holds_at_every_process(
    visit: Visiting, provider: Provider, tmp_path: Path
) -> None:
    provider.person = {**EDITOR, "groups": [secrets.token_hex(8) for _ in range(380)]}
    port = find_port()
    write_secrets(tmp_path, provider, origin=f"http://127.0.0.1:{port}")
    provider.returns.add(f"http://127.0.0.1:{port}/oauth2callback")
    settings = {"HOME": str(tmp_path), **LISTS, "GZMAP_PUBLIC": "no"}
    with deployed(tmp_path, settings, port=port) as service:
        one = visit(service, None)
        one.page.goto(service.base)
        one.page.get_by_role("button", name="Sign in").click()
        one.settle()
        expect(one.page.locator(".gz-account > summary")).to_have_text("张三")
        names = [c["name"] for c in one.page.context.cookies()]
        # More than one cookie holds; and what would be too much for a websocket is not there.
        assert "_streamlit_user_1" in names
        assert not any(name.startswith("_streamlit_user_tokens") for name in names)
        text = "; ".join(f"{c['name']}={c['value']}" for c in one.page.context.cookies())
        for app in service.apps:
            request = urllib.request.Request(f"{app.base}/data/mountains.geojson", headers={"Cookie": text})
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert answer.status == 200
            assert find_location(f"{app.base}/data/mountains.geojson")[0] == 401
        one.page.close()
