"""The two components: what they are made of, and which events they pass on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from gzmap.ui import bridge
from gzmap.webmap import ASSETS, find_assets_version

UI = Path(bridge.__file__).parent


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A stand-in for Streamlit: what was mounted, and a session whose state the test writes."""
    seen = SimpleNamespace(calls=[], session_state={}, carried=[])
    monkeypatch.setattr(bridge, "st", seen)
    monkeypatch.setattr(bridge, "carry", lambda *given: seen.carried.append(given))
    monkeypatch.setattr(bridge, "_component", lambda name: lambda **given: seen.calls.append((name, given)))
    return seen


def test_the_map_is_mounted_under_one_fixed_key(mounted: SimpleNamespace) -> None:
    data = {"hidden": True}
    bridge.mount_map(data, lambda event: None)
    [(name, given)] = mounted.calls
    assert (name, given["key"], given["data"]) == ("mapview", "gz_map", data)


def test_an_event_of_the_map_is_passed_on_once_and_no_event_is_not(mounted: SimpleNamespace) -> None:
    events: list[dict] = []
    bridge.mount_map({}, events.append)
    answer: Callable[[], None] = mounted.calls[0][1]["on_event_change"]
    answer()  # the browser has left the page meanwhile
    mounted.session_state["gz_map"] = {"event": None}
    answer()
    mounted.session_state["gz_map"] = {}
    answer()
    assert events == []
    event = {"kind": "click", "lon": 113.0, "address": {"view": "9/1/2"}, "seen": [1, 2, 3, 4]}
    mounted.session_state["gz_map"] = {"event": event}
    answer()
    assert events == [event]
    assert mounted.carried == [({"view": "9/1/2"}, [1, 2, 3, 4])]


def test_links_pass_on_what_they_hold(mounted: SimpleNamespace) -> None:
    events: list[dict] = []
    bridge.show_linked("<b>x</b>", events.append, key="k", scroll=("chp_1", 3))
    name, given = mounted.calls[0]
    assert (name, given["key"]) == ("linked", "k")
    assert given["data"] == {"html": "<b>x</b>", "scroll_to": "chp_1", "scroll_nonce": 3}
    given["on_go_change"]()
    mounted.session_state["k"] = {"go": None}
    given["on_go_change"]()
    assert events == []
    mounted.session_state["k"] = {"go": {"kind": "close", "address": {"op": "a:0"}}}
    given["on_go_change"]()
    assert [e["kind"] for e in events] == ["close"]
    assert mounted.carried == [({"op": "a:0"}, None)]


def test_the_components_are_made_of_our_own_files(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {}
    component = lambda name, **given: made.update({name: given}) or (lambda **_: None)  # noqa: E731
    fake = SimpleNamespace(components=SimpleNamespace(v2=SimpleNamespace(component=component)))
    monkeypatch.setattr(bridge, "st", fake)
    for name in ("mapview", "linked"):
        bridge._component.__wrapped__(name)
    assert set(made) == {"gzmap_mapview", "gzmap_linked"}
    version = find_assets_version()
    for name, given in made.items():
        assert f"/assets/ui/{version}/{name.removeprefix('gzmap_')}.js" in given["js"]
        for path in re.findall(rf"/assets/ui/{version}/([\w.]+)", given["html"] + given["js"]):
            assert (ASSETS / path).is_file()
    assert made["gzmap_mapview"]["isolate_styles"] is True
    assert made["gzmap_linked"]["isolate_styles"] is False


@pytest.mark.parametrize(
    "path", sorted([*(UI / "static").iterdir(), *(UI / "templates").iterdir()]), ids=lambda p: p.name
)
def test_no_script_style_or_template_names_another_host(path: Path) -> None:
    addresses = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", path.read_text(encoding="utf-8"))
    assert [a for a in addresses if a != "http://www.w3.org"] == []


@pytest.mark.parametrize("path", sorted((UI / "static").glob("*.js")), ids=lambda p: p.name)
def test_scripts_put_no_data_into_markup(path: Path) -> None:
    """Only `linked.js` may set markup: what our templates wrote and escaped."""
    source = path.read_text(encoding="utf-8")
    risky = re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", source)
    assert risky == (["innerHTML"] if path.name == "linked.js" else [])


@pytest.mark.parametrize("path", sorted((UI / "templates").glob("*.html")), ids=lambda p: p.name)
def test_templates_switch_no_escaping_off(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", source)
    assert not re.search(r"\son[a-z]+\s*=", source)


@pytest.mark.parametrize("fresh", [True, False])
def test_a_click_that_starts_a_session_is_answered_and_shown(
    mounted: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, fresh: bool
) -> None:
    """The page of a process that has died starts a session elsewhere, with a click of which Streamlit calls nothing."""
    mounted.reruns = 0

    def rerun() -> None:
        mounted.reruns += 1

    mounted.rerun = rerun
    event = {"kind": "search", "q": "帽峰山", "address": {}}
    monkeypatch.setattr(bridge, "_component", lambda name: lambda **given: SimpleNamespace(go=event, event=None))
    mounted.session_state.update({"k": {"go": event}, bridge.FRESH: fresh})
    events: list[dict] = []
    bridge.show_linked("<b>x</b>", events.append, key="k")
    assert (events, mounted.reruns) == (([event], 1) if fresh else ([], 0))
    bridge.show_linked("<b>x</b>", events.append, key="k")
    assert len(events) == mounted.reruns == int(fresh), "it is answered once"


def test_a_session_that_starts_without_a_click_is_left_alone(mounted: SimpleNamespace) -> None:
    mounted.session_state[bridge.FRESH] = True
    bridge.mount_map({}, lambda event: pytest.fail("nobody clicked"))
    assert mounted.session_state[bridge.FRESH] is True
