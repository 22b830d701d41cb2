"""Who has which role: by the claims of a person, by the settings, and by the cookie that Streamlit signs."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit import config
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from gzmap.signin import Person, Role, Settings, SignInError, decide_person, parse_settings, read_person, read_settings
from gzmap.signin.people import NAME_CHARS, find_name
from gzmap.signin.roles import NOBODY

NOW = 1_800_000_000.0
ORIGIN = "https://map.bureau.example"
COOKIE_SECRET = "c" * 40
AUTH = {
    "redirect_uri": f"{ORIGIN}/oauth2callback",
    "cookie_secret": COOKIE_SECRET,
    "client_id": "gzmap",
    "client_secret": "x",
    "server_metadata_url": "https://id.bureau.example/.well-known/openid-configuration",
}
LISTS = {"GZMAP_READERS": "li@b.example, Wang@B.example", "GZMAP_EDITORS": "zhang@b.example"}


def settings(**variables: str) -> Settings:
    return parse_settings(AUTH, {**LISTS, **variables}, port=8501)


def claims(email: str = "li@b.example", **more: object) -> dict:
    return {"is_logged_in": True, "iat": NOW - 60, "email": email, "email_verified": True, "name": "李四", **more}


# --- roles


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("li@b.example", Role.READER),
        ("WANG@b.example", Role.READER),
        ("zhang@B.example", Role.EDITOR),
        ("li@b.example.org", Role.PUBLIC),
        ("xli@b.example", Role.PUBLIC),
        ("*", Role.PUBLIC),
        ("", Role.PUBLIC),
    ],
)
def test_an_address_gives_a_role(email: str, role: Role) -> None:
    assert decide_person(claims(email), settings(), now=NOW) == Person(role, "李四")


@pytest.mark.parametrize(
    "wrong",
    [
        {"is_logged_in": False},
        {"is_logged_in": "true"},
        {"is_logged_in": 1},
        {"iat": None},
        {"iat": "1800000000"},
        {"iat": True},
        {"iat": NOW + 3600},
        {"iat": float("nan")},
    ],
)
def test_what_is_unclear_is_the_public(wrong: dict) -> None:
    assert decide_person(claims(**wrong), settings(), now=NOW).role == Role.PUBLIC
    assert decide_person({**claims("zhang@b.example"), **wrong}, settings(), now=NOW).name == ""


@pytest.mark.parametrize("verified", [False, "false", "true", None, 0])
def test_an_address_that_was_not_verified_gives_no_role(verified: object) -> None:
    told = claims("zhang@b.example", email_verified=verified)
    assert decide_person(told, settings(), now=NOW).role == Role.PUBLIC


def test_a_provider_that_says_nothing_of_verifying_is_believed() -> None:
    told = claims("zhang@b.example")
    del told["email_verified"]
    assert decide_person(told, settings(), now=NOW).role == Role.EDITOR


def test_a_sign_in_ends() -> None:
    told = claims("zhang@b.example", iat=NOW)
    assert decide_person(told, settings(), now=NOW + 12 * 3600).role == Role.EDITOR
    assert decide_person(told, settings(), now=NOW + 12 * 3600 + 1) == Person(is_late=True)
    longer = settings(GZMAP_SIGNIN_HOURS="13")
    assert decide_person(told, longer, now=NOW + 12 * 3600 + 1).role == Role.EDITOR


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ("editors", Role.EDITOR),
        (["x", "readers"], Role.READER),
        (["editors", "readers"], Role.EDITOR),
        (["Editors", " "], Role.PUBLIC),
        ("xeditors,readers", Role.PUBLIC),
        ({"editors": True}, Role.PUBLIC),
        ([["editors"]], Role.PUBLIC),
        (None, Role.PUBLIC),
    ],
)
def test_groups_give_a_role(groups: object, role: Role) -> None:
    by_group = settings(GZMAP_ROLE_CLAIM="groups", GZMAP_READERS="readers", GZMAP_EDITORS="editors")
    told = claims("zhang@b.example", groups=groups)
    assert decide_person(told, by_group, now=NOW).role == role


def test_everybody_of_the_provider_may_be_a_reader() -> None:
    everybody = settings(GZMAP_READERS="*")
    assert decide_person(claims("new@b.example"), everybody, now=NOW).role == Role.READER
    assert decide_person(claims("zhang@b.example"), everybody, now=NOW).role == Role.EDITOR
    assert decide_person({}, everybody, now=NOW) == NOBODY


@given(st.dictionaries(st.sampled_from(["name", "email", "sub"]), st.text() | st.integers() | st.none()))
def test_a_name_can_be_shown(told: dict) -> None:
    name = find_name(told)
    assert 1 <= len(name) <= NAME_CHARS
    assert name.isprintable()


def test_a_name_that_turns_the_text_is_straightened() -> None:
    assert find_name({"name": "王\u202e五\n\x00 六"}) == "王五 六"
    assert find_name({"name": "\u202e", "email": "a@b.example"}) == "a@b.example"


# --- settings


def test_without_settings_nobody_signs_in() -> None:
    assert parse_settings(None, {"GZMAP_READERS": " "}, port=8501) is None


def test_what_is_not_said_is_strict() -> None:
    told = settings()
    assert (told.is_open, told.own, told.hours, told.origin) == (True, Role.EDITOR, 12, ORIGIN)
    assert told.is_secure
    here = parse_settings({**AUTH, "redirect_uri": "http://127.0.0.1:{port}/oauth2callback"}, LISTS, port=8777)
    assert (here.origin, here.is_secure) == ("http://127.0.0.1:8777", False)
    assert settings(GZMAP_PUBLIC="no", GZMAP_OWN_LAYERS="reader").own == Role.READER


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"GZMAP_READERS": "", "GZMAP_EDITORS": ""}, "GZMAP_READERS"),
        ({"GZMAP_EDITORS": "*"}, "GZMAP_EDITORS"),
        ({"GZMAP_EDITORS": "zhang"}, "GZMAP_EDITORS"),
        ({"GZMAP_READERS": "@b.example"}, "GZMAP_READERS"),
        ({"GZMAP_READERS": "a@b.example c@d.example"}, "GZMAP_READERS"),
        ({"GZMAP_PUBLIC": "No"}, "GZMAP_PUBLIC"),
        ({"GZMAP_PUBLIC": "0"}, "GZMAP_PUBLIC"),
        ({"GZMAP_OWN_LAYERS": "public"}, "GZMAP_OWN_LAYERS"),
        ({"GZMAP_SIGNIN_HOURS": "0"}, "GZMAP_SIGNIN_HOURS"),
        ({"GZMAP_SIGNIN_HOURS": "721"}, "GZMAP_SIGNIN_HOURS"),
        ({"GZMAP_SIGNIN_HOURS": "１２"}, "GZMAP_SIGNIN_HOURS"),
        ({"GZMAP_DATABASE_IMPORT_URL": "postgresql://o@h/d"}, "GZMAP_DATABASE_URL"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(variables: dict, named: str) -> None:
    with pytest.raises(SignInError, match=named) as told:
        settings(**variables)
    assert named in told.value.zh


@pytest.mark.parametrize("name", ["GZMAP_PUBLIC", "GZMAP_READERS", "GZMAP_EDITORS", "GZMAP_DATABASE_IMPORT_URL"])
def test_a_setting_without_a_service_to_sign_in_at_is_refused(name: str) -> None:
    with pytest.raises(SignInError, match=rf"{name} is set, but secrets\.toml has no \[auth\]") as told:
        parse_settings(None, {name: "no"}, port=8501)
    assert name in told.value.zh


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        *(({name: None}, name) for name in AUTH),
        ({"cookie_secret": "short"}, "cookie_secret"),
        ({"server_metadata_url": "http://id.bureau.example/x"}, "server_metadata_url"),
        ({"server_metadata_url": "file:///etc/passwd"}, "server_metadata_url"),
        ({"redirect_uri": "http://map.bureau.example/oauth2callback"}, "redirect_uri"),
        ({"redirect_uri": "https://a@map.bureau.example/oauth2callback"}, "redirect_uri"),
        ({"redirect_uri": "https://map.bureau.example/"}, "redirect_uri"),
        ({"redirect_uri": "https://map.bureau.example/x/oauth2callback"}, "redirect_uri"),
        ({"redirect_uri": "https://map.bureau.example/oauth2callback?a=1"}, "redirect_uri"),
        ({"google": {"client_id": "y"}}, "google"),
        ({"expose_tokens": "id"}, "expose_tokens"),
    ],
)
def test_a_section_that_cannot_be_meant_is_refused(changed: dict, named: str) -> None:
    auth = {name: value for name, value in {**AUTH, **changed}.items() if value is not None}
    with pytest.raises(SignInError, match=named) as told:
        parse_settings(auth, LISTS, port=8501)
    assert named in told.value.zh
    assert COOKIE_SECRET not in str(told.value)


# --- Streamlit's file and cookie


@pytest.fixture
def secrets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "secrets.toml"
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(path)])
    secrets_singleton._reset()
    yield path
    secrets_singleton._reset()
    config.set_option("secrets.files", before)


def write(path: Path, auth: dict) -> None:
    path.write_text("[auth]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in auth.items()), "utf-8")


def test_the_file_is_read(secrets_file: Path) -> None:
    assert read_settings({}) is None
    write(secrets_file, AUTH)
    assert read_settings(LISTS).origin == ORIGIN
    with pytest.raises(SignInError, match="GZMAP_READERS"):
        read_settings({})


@pytest.mark.parametrize("text", ["[auth\n", "auth = 1\n", "\x00"])
def test_a_file_that_cannot_be_read_is_not_taken_for_none(secrets_file: Path, text: str) -> None:
    secrets_file.write_text(text)
    with pytest.raises(SignInError, match=r"secrets\.toml"):
        read_settings({})


@pytest.fixture
def signed_in(secrets_file: Path) -> Settings:
    write(secrets_file, AUTH)
    return read_settings(LISTS)


def bake(value: dict, secret: str = COOKIE_SECRET) -> dict[str, str]:
    """Make the cookies as Streamlit does."""
    cookies: dict[str, str] = {}

    def sign(name: str, text: str) -> bytes:
        return create_signed_value(secret, name, text)

    def put(name: str, text: str) -> None:
        cookies[name] = sign(name, text).decode()

    set_cookie_with_chunks(put, sign, "_streamlit_user", value, cookie_attr_size=60)
    return cookies


def cookie_claims(**more: object) -> dict:
    return claims("zhang@b.example", origin=ORIGIN, provider="default", **more)


def test_a_signed_cookie_says_who_asks(signed_in: Settings) -> None:
    assert read_person(bake(cookie_claims()), signed_in, now=NOW) == Person(Role.EDITOR, "李四")


def test_a_large_cookie_is_put_together(signed_in: Settings) -> None:
    cookies = bake(cookie_claims(groups=[secrets.token_hex(30) for _ in range(200)]))
    assert len(cookies) > 2
    assert read_person(cookies, signed_in, now=NOW).role == Role.EDITOR
    del cookies["_streamlit_user_2"]
    assert read_person(cookies, signed_in, now=NOW) == NOBODY


@pytest.mark.parametrize(
    "cookies",
    [
        {},
        {"_streamlit_user": ""},
        {"_streamlit_user": "路"},
        {"_streamlit_user": "a.b.c"},
        {"_streamlit_user": json.dumps(cookie_claims())},
        bake(cookie_claims(), secret="another secret of forty characters long"),
        bake({**cookie_claims(), "origin": "https://other.bureau.example"}),
        bake({k: v for k, v in cookie_claims().items() if k != "origin"}),
        {"_streamlit_user": create_signed_value(COOKIE_SECRET, "_streamlit_user", "[1]").decode()},
        {"_streamlit_user": create_signed_value(COOKIE_SECRET, "_streamlit_user", "{").decode()},
        {"_streamlit_user": create_signed_value(COOKIE_SECRET, "_streamlit_user", "chunks-999999999").decode()},
        # What was signed as something else is not what says who somebody is.
        {"_streamlit_user": create_signed_value(COOKIE_SECRET, "_streamlit_user_tokens", "{}").decode()},
        {"_streamlit_user": create_signed_value(COOKIE_SECRET, "other", json.dumps(cookie_claims())).decode()},
    ],
)
def test_any_other_cookie_is_nobodys(signed_in: Settings, cookies: dict) -> None:
    assert read_person(cookies, signed_in, now=NOW) == NOBODY


@given(st.integers(0, 300), st.characters(codec="ascii", categories=["L", "N"]))
def test_one_changed_letter_spoils_a_cookie(place: int, letter: str) -> None:
    text = create_signed_value(COOKIE_SECRET, "_streamlit_user", json.dumps(cookie_claims())).decode()
    place %= len(text) - 1
    if text[place] == letter:
        return
    told = settings()
    before = config.get_option("server.cookieSecret")
    config.set_option("server.cookieSecret", COOKIE_SECRET)
    try:
        whole = read_person({"_streamlit_user": text}, told, now=NOW)
        spoiled = read_person({"_streamlit_user": text[:place] + letter + text[place + 1 :]}, told, now=NOW)
    finally:
        config.set_option("server.cookieSecret", before)
    assert (whole.role, spoiled.role) == (Role.EDITOR, Role.PUBLIC)
