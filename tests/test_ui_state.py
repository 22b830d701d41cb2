"""Where the page stands, and how the address says it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import shapely

from gzmap.atlas import Atlas
from gzmap.errors import CatalogError
from gzmap.ui import state
from gzmap.ui.areas import dump_area
from gzmap.ui.state import Place
from tests.ui_support import Params, session, small, small_root

__all__ = ["session", "small", "small_root"]
AREA = shapely.box(113.3, 23.1, 113.4, 23.2)
CODE = dump_area(AREA)


def arrive(session: SimpleNamespace, atlas: Atlas, **query: str) -> Place:
    session.session_state.pop("place", None)
    session.query_params = Params(query)
    return state.enter(atlas)


def test_open_here_follows_the_environment(small_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_ROOT", str(small_root))
    assert state.open_here().root == small_root.resolve()
    monkeypatch.delenv("GZMAP_ROOT")
    monkeypatch.chdir(small_root / "layers")
    assert state.open_here().root == small_root.resolve()
    monkeypatch.setenv("GZMAP_ROOT", "/nowhere")
    with pytest.raises(CatalogError, match=r"catalog\.json"):
        state.open_here()


def test_move_changes_only_what_is_named(session: SimpleNamespace) -> None:
    state.move(feature="a.b", query="q")
    state.move(query="r")
    assert state.current() == Place(feature="a.b", query="r")
    with pytest.raises(TypeError):
        state.move(nonsense=1)


def test_show_feature_keeps_the_choice_it_came_from(session: SimpleNamespace) -> None:
    state.move(picks=("a.b", "a.c"), missing=("unknown_feature", "x"), bbox=(1, 2, 3, 4))
    state.show_feature("a.b")
    assert state.current() == Place(feature="a.b", panel="card", picks=("a.b", "a.c"))
    state.show_feature("a.z", focus=True)
    assert state.current() == Place(feature="a.z", panel="card", focus=1)


def test_clear_selection(session: SimpleNamespace) -> None:
    state.move(
        feature="a.b",
        panel="card",
        picks=("a.b",),
        point=(1, 2, 3),
        missing=("unknown_feature", "x"),
        query="q",
        lang="en",
    )
    state.clear_selection()
    assert state.current() == Place(query="q", lang="en")


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({}, Place()),
        ({"feature": "parks.p001"}, Place(feature="parks.p001", panel="card", focus=1)),
        ({"para": "chp_2__sec_1__para_1"}, Place(para="chp_2__sec_1__para_1", scroll=1)),
        ({"q": "帽峰山"}, Place(query="帽峰山", panel="results")),
        ({"q": "山", "feature": "parks.p001"}, Place(query="山", feature="parks.p001", panel="card", focus=1)),
        ({"lang": "en"}, Place(lang="en")),
        ({"lang": "xx"}, Place()),
        ({"feature": "parks.p9"}, Place(missing=("unknown_feature", "parks.p9"))),
        ({"para": "chp_9"}, Place(missing=("unknown_paragraph", "chp_9"))),
        ({"feature": "", "para": "", "q": ""}, Place()),
        (
            {"view": "9/1/2", "layers": "a,b", "op": "a:0.5"},
            Place(carried={"view": "9/1/2", "layers": "a,b", "op": "a:0.5"}),
        ),
        ({"foreign": "x"}, Place()),
        ({"para": "chp_2"}, Place(para="chp_2", scroll=1)),
        ({"para": "front__line_1"}, Place(para="front__line_1", scroll=1)),
        (
            {"box": "mapped", "chapter": "2", "district": "白云区"},
            Place(box="mapped", chapter="2", district="白云区"),
        ),
        ({"box": "nowhere", "chapter": "9", "district": "<b>"}, Place()),
        ({"box": "", "chapter": "front"}, Place(chapter="front")),
        ({"area": CODE}, Place(area=AREA, panel="area", focus=1, bbox=AREA.bounds)),
        ({"area": CODE, "feature": "parks.p001"}, Place(area=AREA, feature="parks.p001", panel="card", focus=1)),
        ({"area": CODE, "q": "山"}, Place(area=AREA, query="山", panel="results", focus=1, bbox=AREA.bounds)),
        ({"area": ""}, Place()),
        ({"area": "BF<b>"}, Place(missing=("broken_area", "BF<b>"))),
        ({"area": CODE[:-1]}, Place(missing=("broken_area", CODE[:-1]))),
    ],
)
def test_the_first_run_reads_the_address(session: SimpleNamespace, small: Atlas, query: dict, place: Place) -> None:
    assert arrive(session, small, **query) == place


def test_an_answered_run_follows_the_session(session: SimpleNamespace, small: Atlas) -> None:
    """The answer to a quick second click may come before the browser has heard of the first one's address."""
    arrive(session, small, feature="parks.p001")
    state.write_address()
    state.carry({"view": "9/1/2"})
    state.show_feature("parks.p002")
    session.query_params = Params(feature="parks.p001")
    place = state.enter(small)
    assert (place.feature, place.answered) == ("parks.p002", False)


def test_a_run_that_nothing_of_ours_caused_keeps_a_state_that_the_address_says(
    session: SimpleNamespace, small: Atlas
) -> None:
    arrive(session, small, feature="parks.p001")
    state.write_address()
    before = state.current()
    session.query_params = Params(feature="parks.p001", view="10/3/4")
    assert state.enter(small) == before


def test_a_step_back_in_the_history_follows_the_address(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, feature="parks.p001", lang="en")
    state.write_address()
    session.query_params = Params(feature="parks.p002", view="10/3/4")
    place = state.enter(small)
    assert (place.feature, place.lang, place.panel) == ("parks.p002", "zh", "card")
    assert place.carried == {"view": "10/3/4"}
    assert (place.focus, place.scroll) == (1, 1)  # the map stays, the text scrolls
    state.write_address()
    assert session.query_params.writes == 0


def test_what_the_bridge_wrote_is_carried(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, feature="parks.p001", view="9/1/2")
    state.carry({"view": "11/1/2", "op": "a:0.5", "feature": "parks.p002", "foreign": "x"})
    assert state.current().carried == {"view": "11/1/2", "op": "a:0.5"}
    assert state.current().feature == "parks.p001"
    assert state.format_address() == {"feature": "parks.p001", "view": "11/1/2", "op": "a:0.5"}
    session.session_state.pop("place")
    state.carry({"view": "1/1/1"})  # an event of a session that has just gone
    assert "place" not in session.session_state


def test_order_and_names_are_the_bridges_to_write(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, order="parks", names="0", q="山")
    assert state.current().carried == {"order": "parks", "names": "0"}
    state.carry({"order": "spots,parks"})
    assert state.format_address() == {"q": "山", "order": "spots,parks"}


def test_an_event_answers_the_description_that_was_offered(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small)
    state.move(offered="abc")
    assert state.current().told == ""
    state.carry({})
    assert state.current().told == "abc"
    state.write_address()
    state.move(offered="def", answered=False)
    session.query_params["feature"] = "parks.p001"  # a step back in the history is no answer
    place = state.enter(small)
    assert (place.feature, place.told, place.offered) == ("parks.p001", "abc", "def")


def test_what_vanished_from_disk_is_let_go_and_named(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small)
    state.move(feature="gone.x", panel="card", picks=("gone.x", "parks.p001"), answered=True)
    place = state.enter(small)
    assert (place.feature, place.panel, place.picks) == ("", "intro", ("parks.p001",))
    assert place.missing == ("unknown_feature", "gone.x")
    state.move(picks=("gone.x", "parks.p001"), panel="chooser", missing=(), answered=True)
    place = state.enter(small)
    assert (place.picks, place.panel, place.missing) == (("parks.p001",), "chooser", ())
    state.move(picks=("gone.x",), panel="chooser", answered=True)
    place = state.enter(small)
    assert (place.picks, place.panel) == ((), "intro")
    state.move(feature="parks.p001", picks=("gone.x", "parks.p001"), panel="card", answered=True)
    place = state.enter(small)
    assert (place.feature, place.picks, place.panel) == ("parks.p001", ("parks.p001",), "card")


@pytest.mark.parametrize(
    "query", [{"feature": "parks.p001", "lang": "en", "q": "山", "view": "9/1/2"}, {"para": "chp_1__sec_1__para_1"}, {}]
)
def test_the_address_says_the_state_and_is_left_alone_when_it_does(
    session: SimpleNamespace, small: Atlas, query: dict
) -> None:
    arrive(session, small, **query)
    state.write_address()
    assert session.query_params.writes == 0
    assert state.format_address() == query
    session.query_params.clear()
    state.write_address()
    assert session.query_params == query
    assert session.query_params.writes == (1 if query else 0)


def test_an_unknown_id_leaves_the_address(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, feature="parks.p9", view="9/1/2")
    state.write_address()
    assert session.query_params == {"view": "9/1/2"}


def test_a_move_of_the_map_is_no_new_place_in_the_history(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, feature="parks.p001", view="9/1/2")
    state.carry({"view": "10/1/2"})
    state.write_address()
    assert session.query_params.writes == 0
    state.move(feature="parks.p002")
    state.write_address()
    assert session.query_params == {"feature": "parks.p002", "view": "10/1/2"}


def test_the_drawn_area_stands_in_the_address(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, view="9/1/2")
    state.move(area=AREA)
    state.write_address()
    assert session.query_params == {"area": CODE, "view": "9/1/2"}
    assert arrive(session, small, **session.query_params).area == AREA
    state.clear_area()
    state.write_address()
    assert session.query_params == {"view": "9/1/2"}


def test_what_is_too_complex_is_not_in_the_address_but_is_kept(
    session: SimpleNamespace, small: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(session, small)
    monkeypatch.setattr(state, "shorten_area", lambda _: ("", 0.0))
    state.move(area=AREA)
    state.write_address()
    assert "area" not in session.query_params
    assert state.enter(small).area == AREA


def test_a_step_back_brings_the_area_of_then(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, area=CODE)
    state.write_address()
    state.move(area=None, refused=("area_small",), drawn=4)
    state.carry({})
    state.write_address()
    state.enter(small)
    session.query_params = Params(area=CODE)
    place = state.enter(small)
    assert (place.area, place.refused, place.drawn, place.panel) == (AREA, (), 4, "area")


def test_letting_go_of_the_area_leaves_the_card(session: SimpleNamespace, small: Atlas) -> None:
    state.move(area=AREA, panel="area", refused=("area_small",))
    state.clear_area()
    assert state.current() == Place()
    state.move(area=AREA, panel="card", feature="parks.p001")
    state.clear_area()
    assert state.current() == Place(panel="card", feature="parks.p001")


def test_the_download_page_is_told_to_take_the_area(session: SimpleNamespace) -> None:
    state.choose_area()
    assert session.session_state["gz_where"] == "area"


def test_the_ledgers_filter_stands_in_the_address(session: SimpleNamespace, small: Atlas) -> None:
    arrive(session, small, box="mapped", view="9/1/2")
    state.move(chapter="front")
    state.write_address()
    assert session.query_params == {"box": "mapped", "chapter": "front", "view": "9/1/2"}
    state.move(box="", chapter="")
    state.write_address()
    assert session.query_params == {"view": "9/1/2"}


@pytest.mark.parametrize(
    ("seen", "kept"),
    [
        ([113, 22.5, 114, 24], (113.0, 22.5, 114.0, 24.0)),
        (None, None),
        ([], None),
        ([113, 22.5, 114], None),
        ([114, 22.5, 113, 24], None),
        ([113, 24, 114, 24], None),
        ([113, float("nan"), 114, 24], None),
        (["113", 22.5, 114, 24], None),
    ],
)
def test_what_the_map_shows_is_kept_when_it_is_a_bbox(session: SimpleNamespace, seen: object, kept: object) -> None:
    state.move(seen=(1.0, 2.0, 3.0, 4.0))
    state.carry({"view": "9/1/2"}, seen)
    assert state.current().seen == kept
    assert state.current().carried == {"view": "9/1/2"}
