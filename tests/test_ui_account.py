"""Who looks at the page: what the frame says of them, and what they may see."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from gzmap.atlas import Atlas
from gzmap.signin import Role, parse_settings
from gzmap.ui import account, ownmap, shell
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, say
from tests.test_signin import AUTH, LISTS
from tests.ui_support import read, small, small_root

__all__ = ["small", "small_root"]
WHO = {"public": None, "stranger": "x@y.example", "reader": "li@b.example", "editor": "zhang@b.example"}


@pytest.fixture
def look_as(monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Look at the page as somebody; the settings are changed by variables, None for no sign-in at all."""

    def look(who: str, variables: dict | None, *, age_s: float = 0) -> None:
        settings = None if variables is None else parse_settings(AUTH, {**LISTS, **variables}, port=8501)
        told = {"is_logged_in": True, "iat": time.time() - age_s, "email": WHO[who], "name": f"<i>{who}</i>"}
        user = SimpleNamespace(to_dict=lambda: told if WHO[who] else {"is_logged_in": False})
        monkeypatch.setattr(account, "find_settings", lambda: settings)
        monkeypatch.setattr(account, "st", SimpleNamespace(user=user))

    return look


def see() -> tuple[bool, bool, bool]:
    """Whether the plan is closed, own layers are seen, and a layer may be put into the database."""
    return account.is_shut_out(), account.may_see_own(), account.may_import()


@pytest.mark.parametrize(
    ("who", "variables", "seen"),
    [
        ("public", None, (False, True, False)),
        ("editor", None, (False, True, False)),
        ("public", {}, (False, False, False)),
        ("stranger", {}, (False, False, False)),
        ("reader", {}, (False, False, False)),
        ("editor", {}, (False, True, True)),
        ("public", {"GZMAP_PUBLIC": "no"}, (True, False, False)),
        ("stranger", {"GZMAP_PUBLIC": "no"}, (True, False, False)),
        ("reader", {"GZMAP_PUBLIC": "no"}, (False, False, False)),
        ("editor", {"GZMAP_PUBLIC": "no"}, (False, True, True)),
        ("public", {"GZMAP_OWN_LAYERS": "reader"}, (False, False, False)),
        ("reader", {"GZMAP_OWN_LAYERS": "reader"}, (False, True, False)),
    ],
)
def test_the_role_says_what_is_seen(look_as: Callable, who: str, variables: dict | None, seen: tuple) -> None:
    look_as(who, variables)
    assert see() == seen


def test_a_role_ends_while_the_page_is_open(look_as: Callable) -> None:
    look_as("editor", {"GZMAP_PUBLIC": "no"}, age_s=12 * 3600 - 60)
    assert see() == (False, True, True)
    look_as("editor", {"GZMAP_PUBLIC": "no"}, age_s=12 * 3600 + 60)
    assert see() == (True, False, False)


def test_own_layers_are_not_even_opened_for_others(
    look_as: Callable, small: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_as("reader", {})

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("opened")

    for name in ("_open_folder", "open_own_of"):
        monkeypatch.setattr(ownmap, name, refuse)
    monkeypatch.setattr(ownmap, "find_store", lambda: SimpleNamespace(shelf=None))
    own = ownmap.open_own_here(small)
    assert (own.layers, own.broken) == ((), ())
    assert ownmap.add_near(own, None) is own


def frame(atlas: Atlas, lang: str = "zh") -> object:
    told = account.describe_account(lang)
    return read(shell.format_frame(atlas, Place(lang=lang), pages=("map",), page="map", account=told))


def list_acts(markup: object) -> list[str]:
    acts = [json.loads(a.attrs["data-go"])["kind"] for a in markup.find("a")]
    return [act for act in acts if act.startswith("sign_")]


def test_without_sign_in_the_frame_says_nothing_of_it(look_as: Callable, small: Atlas) -> None:
    look_as("public", None)
    assert list_acts(frame(small)) == []
    assert account.describe_account("zh") is None


@pytest.mark.parametrize("lang", LANGS)
def test_the_frame_offers_to_sign_in(look_as: Callable, small: Atlas, lang: str) -> None:
    look_as("public", {})
    markup = frame(small, lang)
    # Once on the line and once in the menu of small screens.
    assert list_acts(markup) == ["sign_in"] * 2
    [link] = markup.find("a", cls="gz-signin")
    assert link.text == say("sign_in", lang)
    assert "title" not in link.attrs


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("who", "role"), [("stranger", 0), ("reader", 1), ("editor", 2)])
def test_the_frame_names_who_is_signed_in(look_as: Callable, small: Atlas, lang: str, who: str, role: int) -> None:
    look_as(who, {})
    markup = frame(small, lang)
    assert list_acts(markup) == ["sign_out"] * 2
    [details] = markup.find("details", cls="gz-account")
    # As text: a name is whatever somebody calls themselves.
    assert f"<i>{who}</i>" in details.text
    assert say(f"role_{Role(role).value}", lang) in details.text


def test_the_frame_says_that_a_sign_in_is_over(look_as: Callable, small: Atlas) -> None:
    look_as("editor", {}, age_s=13 * 3600)
    [link] = frame(small).find("a", cls="gz-signin")
    assert link.attrs["title"] == "登录已过期，请重新登录"
