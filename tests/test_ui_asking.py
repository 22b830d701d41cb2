"""What single pages are asked: in the address, in the session, and by their links and forms."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gzmap.atlas import Atlas
from gzmap.ui import state
from gzmap.ui.asking import POSITION
from gzmap.ui.events import answer_go
from gzmap.ui.mapdata import build_data
from gzmap.ui.params import HERE, LONGEST, PARAMS, format_link, read_asked
from gzmap.ui.state import Place, current, move
from tests.ui_support import Params, session, small, small_root

__all__ = ["session", "small", "small_root"]


def go(atlas: Atlas, kind: str, **more: object) -> Place:
    answer_go(atlas)({"kind": kind, **more})
    return current()


def arrive(session: SimpleNamespace, atlas: Atlas, page: str, **query: str) -> Place:
    session.session_state.pop("place", None)
    session.query_params = Params(query)
    return state.enter(atlas, page)


# --- reading and writing


def test_a_page_reads_its_own_parameters_only() -> None:
    query = {"district": " 白云区 ", "figure": "km", "box": "mapped", "place": "", "view": "9/1/2"}
    assert read_asked("districts", query) == {"figure": "km", "district": "白云区"}
    assert read_asked("mine", query) == {"district": "白云区"}
    assert read_asked("text", query) == read_asked("", query) == {}
    assert read_asked("mine", {"place": None, "at": 7}) == {"at": "7"}
    assert len(read_asked("mine", {"place": "湖" * 9999})["place"]) == LONGEST


@pytest.mark.parametrize(
    ("page", "params", "link"),
    [
        ("map", {}, "./"),
        ("map", {"feature": "parks.p001"}, "./?feature=parks.p001"),
        ("list", {"theme": "a,b", "text": ""}, "./list?theme=a,b"),
        ("mine", {"place": "a&b=<\"'>"}, "./mine?place=a%26b%3D%3C%22%27%3E"),
        ("map", {"view": "9.5/23.1/113.2"}, "./?view=9.5/23.1/113.2"),
    ],
)
def test_a_link_says_what_is_asked(page: str, params: dict, link: str) -> None:
    assert format_link(page, params) == link


# --- the address


def test_what_a_page_is_asked_stands_in_its_own_address_only(session: SimpleNamespace, small: Atlas) -> None:
    place = arrive(session, small, "list", theme="all", sort="-name", box="mapped", view="9/1/2")
    assert place.asked == {"list": {"theme": "all", "sort": "-name"}}
    assert (place.box, place.carried) == ("", {"view": "9/1/2"})
    assert state.format_address("list") == {"theme": "all", "sort": "-name", "view": "9/1/2"}
    assert state.format_address("map") == {"view": "9/1/2"}
    assert current().asked == {"list": {"theme": "all", "sort": "-name"}}, "kept for the way back"


def test_the_ledgers_filter_is_no_other_pages_filter(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, "ledger", box="mapped", district="白云区")
    assert (current().box, current().district, current().asked) == ("mapped", "白云区", {})
    assert state.format_address("ledger") == {"box": "mapped", "district": "白云区"}
    assert state.format_address("districts") == {}
    move(asked={"districts": {"district": "黄埔区"}})
    assert state.format_address("districts") == {"district": "黄埔区"}


def test_a_step_back_follows_the_address_and_keeps_what_other_pages_hold(
    session: SimpleNamespace, small: Atlas
) -> None:
    arrive(session, small, "list", theme="all")
    state.write_address("list")
    move(asked={**current().asked, "mine": {"district": "白云区"}}, box="mapped")
    session.query_params = Params(status="proposed")
    place = state.enter(small, "list")
    assert place.asked == {"list": {"status": "proposed"}, "mine": {"district": "白云区"}}
    assert place.box == "mapped"


def test_a_step_back_to_another_page_with_the_same_parameters_is_seen(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, "districts", district="白云区")
    state.write_address("districts")
    move(asked={"mine": {"district": "黄埔区"}})
    place = state.enter(small, "mine")  # the address still says 白云区
    assert place.asked["mine"] == {"district": "白云区"}


def test_a_position_of_the_browser_is_never_written(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, "mine")
    place = go(small, "position", at="113.251,23.152", off="40")
    assert place.asked["mine"] == {HERE: "113.251,23.152", "off": "40"}
    assert (place.switch_to, place.filtered) == ("mine", 1)
    assert state.format_address("mine") == {}
    assert state.enter(small, "mine").asked["mine"] == {HERE: "113.251,23.152", "off": "40"}


def test_a_position_that_was_shared_stays_in_the_address(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, "mine", at="113.251,23.152")
    assert state.format_address("mine") == {"at": "113.251,23.152"}


# --- links and forms


def test_a_link_asks_a_page_and_goes_there(session: SimpleNamespace, small: Atlas) -> None:
    move(asked={"list": {"theme": "all", "part": "2"}, "mine": {"place": "湖"}}, missing=("unknown_feature", "x"))
    place = go(small, "ask", page="list", asked={"status": "proposed", "foreign": "x"})
    assert place.asked == {"list": {"status": "proposed"}, "mine": {"place": "湖"}}
    assert (place.switch_to, place.missing, place.filtered) == ("list", (), 1)


@pytest.mark.parametrize("page", ["", "nowhere", "map"])
def test_a_page_that_asks_nothing_is_not_asked(session: SimpleNamespace, small: Atlas, page: str) -> None:
    before = current()
    assert go(small, "ask", page=page, asked={"theme": "all"}) == before


@pytest.mark.parametrize("page", [p for p in PARAMS if p in ("mine", "list")])
def test_a_form_asks_its_page(session: SimpleNamespace, small: Atlas, page: str) -> None:
    key = "place" if page == "mine" else "text"
    place = go(small, f"{page}_form", **{key: " 白云湖 ", "address": {}, "seen": None})
    assert place.asked == {page: {key: "白云湖"}}
    assert place.switch_to == page


@pytest.mark.parametrize("at", ["", "113,23,5", "nan,inf", "1e9,2", "x", "113.2;23.1", "113.12345678,23.1", "-1,-2 "])
def test_what_is_no_position_asks_nothing(session: SimpleNamespace, small: Atlas, at: str) -> None:
    before = current()
    assert go(small, "position", at=at) == before


def test_positions_are_written_as_scripts_and_links_write_them() -> None:
    assert all(POSITION.fullmatch(text) for text in ("113.264,23.129", "-0.100,5.000", "113,23"))


def test_features_are_shown_together_within_a_district(session: SimpleNamespace, small: Atlas) -> None:
    ids = ["parks.p001", "streams.s001", "parks.gone"]
    place = go(small, "together", ids=ids, within="districts.440111")
    assert (place.picks, place.panel, place.switch_to, place.feature) == (
        ("parks.p001", "streams.s001"),
        "chooser",
        "map",
        "",
    )
    focus = build_data(small, place, hidden=False)["focus"]
    assert focus["bbox"] == pytest.approx((113.2, 23.1, 113.3, 23.2)), "the district, not all that is shown"
    assert focus["layer_ids"] == ["parks", "streams"]
    place = go(small, "together", ids=ids, within="")
    assert build_data(small, place, hidden=False)["focus"]["bbox"] == pytest.approx((113.24, 23.11, 113.32, 23.19))
    place = go(small, "together", ids=[], within="districts.440111")
    assert (place.picks, place.panel) == ((), "intro")


def test_a_passage_is_cited_where_it_is(session: SimpleNamespace, small: Atlas) -> None:
    place = go(small, "cite", id="chp_1__sec_1__para_1")
    assert (place.para, place.cited, place.scroll) == ("chp_1__sec_1__para_1", "chp_1__sec_1__para_1", 0)
    assert go(small, "cite", id="chp_9").cited == "chp_1__sec_1__para_1"
