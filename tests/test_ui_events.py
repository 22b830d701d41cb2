"""What a click means."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.ui.events import answer_go, answer_map
from gzmap.ui.state import Place, current, move
from tests.makers import default_layers, make_feature, make_square
from tests.ui_support import make_shown_project, session, small, small_root

__all__ = ["session", "small", "small_root"]
ALL = ["parks", "streams", "spots"]


@pytest.fixture
def nested(tmp_path: object) -> Atlas:
    """Over one place: an area known well, a smaller 示意 one, a wide one; further west only two wide ones."""
    layers = default_layers() | {
        "parks": [
            make_feature("parks.sure", "甲", make_square(113.24, 23.14, 0.02)),
            make_feature("parks.wide", "乙", make_square(113.20, 23.10, 0.08), accuracy_m=5000),
            make_feature("parks.wider", "丙", make_square(113.20, 23.10, 0.03), accuracy_m=2001),
            make_feature("parks.edge", "丁", make_square(113.256, 23.14, 0.01), accuracy_m=2000),
        ]
    }
    return read_atlas(make_shown_project(tmp_path, layers))


def click(atlas: Atlas, lon: float, lat: float, layer_ids: list[str] | None = None, tolerance_m: float = 20) -> Place:
    event = {
        "kind": "click",
        "lon": lon,
        "lat": lat,
        "tolerance_m": tolerance_m,
        "layer_ids": ALL if layer_ids is None else layer_ids,
    }
    answer_map(atlas)(event)
    return current()


def go(atlas: Atlas, kind: str, **more: object) -> Place:
    answer_go(atlas)({"kind": kind, **more})
    return current()


# --- the map


def test_a_click_on_one_feature_selects_it_without_moving_the_map(session: SimpleNamespace, small: Atlas) -> None:
    move(missing=("unknown_feature", "x"))
    place = click(small, 113.25, 23.15)
    assert (place.feature, place.panel, place.picks, place.focus) == ("parks.p001", "card", ("parks.p001",), 0)
    assert place.missing == ()
    assert place.point == (113.25, 23.15, 20)


def test_a_click_on_nothing_is_about_the_place(session: SimpleNamespace, small: Atlas) -> None:
    move(feature="parks.p001", panel="card")
    place = click(small, 113.39, 23.11)
    assert (place.feature, place.panel, place.picks, place.point) == ("", "here", (), (113.39, 23.11, 20))


def test_a_click_looks_only_at_layers_that_are_on_and_known(session: SimpleNamespace, small: Atlas) -> None:
    assert click(small, 113.25, 23.15, ["streams", "gone"]).panel == "here"
    assert click(small, 113.25, 23.15, []).panel == "here"
    assert click(small, 113.25, 23.15, ["parks", "gone"]).feature == "parks.p001"


def test_the_tolerance_of_a_click_counts(session: SimpleNamespace, small: Atlas) -> None:
    assert click(small, 113.3210, 23.15, tolerance_m=50).panel == "here"
    assert click(small, 113.3210, 23.15, tolerance_m=150).feature == "streams.s001"


def test_several_features_are_a_choice_wide_ones_last(session: SimpleNamespace, nested: Atlas) -> None:
    place = click(nested, 113.245, 23.145)
    assert (place.panel, place.feature, place.picks) == ("chooser", "", ("parks.sure", "parks.wide"))
    assert click(nested, 113.258, 23.145).picks == ("parks.sure", "parks.edge", "parks.wide")
    assert click(nested, 113.21, 23.11).picks == ("parks.wider", "parks.wide")


@pytest.mark.parametrize("broken", [{"lon": float("nan")}, {"lat": float("inf")}, {"tolerance_m": float("nan")}])
def test_a_map_of_no_size_reports_no_place(session: SimpleNamespace, small: Atlas, broken: dict) -> None:
    before = current()
    answer_map(small)({"kind": "click", "lon": 113.25, "lat": 23.15, "tolerance_m": 20, "layer_ids": ALL} | broken)
    assert current() == before


def test_the_button_below_the_layers_lists_what_is_not_located(session: SimpleNamespace, small: Atlas) -> None:
    move(feature="parks.p001", picks=("parks.p001",), missing=("unknown_feature", "x"))
    answer_map(small)({"kind": "unlocated"})
    assert current() == Place(panel="unlocated")


def test_a_row_without_drawings_opens_its_own_group_of_the_list(session: SimpleNamespace, small: Atlas) -> None:
    answer_map(small)({"kind": "unlocated", "group": "parks"})
    assert current() == Place(panel="unlocated", group="parks")


def test_a_place_of_the_list_is_selected_like_one_on_the_map(session: SimpleNamespace, small: Atlas) -> None:
    answer_map(small)({"kind": "feature", "id": "parks.p001"})
    place = current()
    assert (place.feature, place.panel, place.picks, place.focus) == ("parks.p001", "card", (), 0), "the map stays"


@pytest.mark.parametrize("feature_id", ["parks.gone", "", None, 7, ["parks.p001"]])
def test_a_place_that_is_none_selects_nothing(session: SimpleNamespace, small: Atlas, feature_id: object) -> None:
    answer_map(small)({"kind": "feature", "id": feature_id})
    assert current() == Place()


def test_a_browser_without_the_description_is_told_it_again(session: SimpleNamespace, small: Atlas) -> None:
    move(told="abc", offered="abc", feature="parks.p001")
    answer_map(small)({"kind": "describe"})
    assert current() == Place(offered="abc", feature="parks.p001")


def test_an_unknown_event_of_the_map_changes_nothing(session: SimpleNamespace, small: Atlas) -> None:
    answer_map(small)({"kind": "dance"})
    assert current() == Place()


# --- drawing

SQUARE = [[113.3, 23.1], [113.4, 23.1], [113.4, 23.2], [113.3, 23.2]]


def draw(atlas: Atlas, shape: str = "polygon", points: object = None, number: int = 1) -> Place:
    answer_map(atlas)({"kind": "area", "shape": shape, "points": points or SQUARE, "number": number})
    return current()


def test_a_drawing_is_kept_and_told_of(session: SimpleNamespace, small: Atlas) -> None:
    move(feature="parks.p001", panel="card", picks=("parks.p001",), missing=("unknown_feature", "x"), query="山")
    place = draw(small, number=3)
    assert place == Place(area=place.area, drawn=3, panel="area", query="山")
    assert place.area.bounds == (113.3, 23.1, 113.4, 23.2)
    assert draw(small, "circle", SQUARE[:2]).area.bounds != place.area.bounds


def test_a_drawing_that_is_refused_takes_the_place_of_the_one_before(session: SimpleNamespace, small: Atlas) -> None:
    draw(small)
    place = draw(small, points=[SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], number=2)
    assert place == Place(refused=("area_crossing", "113.3500", "23.1500"), drawn=2, panel="area")
    assert draw(small, number=3).refused == ()


def test_an_area_is_cleared_on_the_map_and_in_the_panel(session: SimpleNamespace, small: Atlas) -> None:
    draw(small)
    assert draw(small, "none") == Place(drawn=1)
    draw(small)
    assert go(small, "area_clear") == Place(drawn=1)
    assert session.session_state.get("gz_where") is None


def test_the_area_is_told_of_again_when_it_is_asked_for(session: SimpleNamespace, small: Atlas) -> None:
    area = draw(small, number=5).area
    click(small, 113.25, 23.15)
    place = draw(small, "shown")
    assert (place.panel, place.area, place.drawn, place.feature) == ("area", area, 5, "")
    draw(small, "none")
    assert draw(small, "shown").panel == "intro"


def test_a_click_and_a_closed_card_leave_the_area(session: SimpleNamespace, small: Atlas) -> None:
    area = draw(small).area
    assert click(small, 113.25, 23.15).area == area
    assert go(small, "close").area == area


def test_the_area_is_taken_to_the_download_page(session: SimpleNamespace, small: Atlas) -> None:
    draw(small)
    assert go(small, "area_take").switch_to == "download"
    assert session.session_state["gz_where"] == "area"


# --- the links


def test_close_forgets_selection_and_search(session: SimpleNamespace, small: Atlas) -> None:
    move(feature="parks.p001", panel="card", query="山", picks=("parks.p001",), lang="en")
    assert go(small, "close") == Place(lang="en")


def test_pages_language_and_search(session: SimpleNamespace, small: Atlas) -> None:
    assert go(small, "page", id="text").switch_to == "text"
    assert go(small, "language").lang == "en"
    assert go(small, "language").lang == "zh"
    move(feature="parks.p001", picks=("parks.p001",))
    place = go(small, "search", q="  帽峰山 ")
    assert (place.query, place.panel, place.feature, place.picks, place.switch_to) == (
        "帽峰山",
        "results",
        "",
        (),
        "map",
    )
    assert go(small, "search", q="   ").panel == "intro"


def test_pick_and_back(session: SimpleNamespace, small: Atlas) -> None:
    move(picks=("parks.p001", "parks.p002"), panel="chooser")
    place = go(small, "pick", id="parks.p002")
    assert (place.feature, place.panel, place.focus) == ("parks.p002", "card", 0)
    place = go(small, "back")
    assert (place.feature, place.panel, place.picks) == ("", "chooser", ("parks.p001", "parks.p002"))


def test_a_link_to_a_feature_moves_the_map_to_it(session: SimpleNamespace, small: Atlas) -> None:
    place = go(small, "feature", id="streams.s001")
    assert (place.feature, place.panel, place.focus, place.switch_to) == ("streams.s001", "card", 1, "map")
    assert go(small, "feature", id="streams.s001").focus == 2


def test_words_for_one_or_several_features(session: SimpleNamespace, small: Atlas) -> None:
    assert go(small, "features", ids=["parks.p001"]).feature == "parks.p001"
    place = go(small, "features", ids=["spots.b001", "spots.b002", "gone.x"])
    assert (place.feature, place.panel, place.picks, place.switch_to) == (
        "",
        "chooser",
        ("spots.b001", "spots.b002"),
        "map",
    )
    assert place.focus == 2


def test_a_label_moves_the_map_and_selects_nothing(session: SimpleNamespace, small: Atlas) -> None:
    move(feature="parks.p001", panel="results")
    place = go(small, "label", id="labels.l001")
    assert (place.feature, place.panel, place.focus) == ("", "results", 1)
    assert place.bbox == pytest.approx((113.24, 23.14, 113.26, 23.16))
    assert go(small, "label", id="districts.440111").bbox == pytest.approx((113.2, 23.1, 113.3, 23.2))


def test_a_paragraph_is_scrolled_to_each_time(session: SimpleNamespace, small: Atlas) -> None:
    place = go(small, "paragraph", id="chp_1__sec_1__para_1")
    assert (place.para, place.scroll, place.switch_to) == ("chp_1__sec_1__para_1", 1, "text")
    assert go(small, "paragraph", id="chp_1__sec_1__para_1").scroll == 2


def test_the_ledgers_filter_is_replaced_as_a_whole(session: SimpleNamespace, small: Atlas) -> None:
    place = go(small, "ledger", box="mapped", chapter="2", district="")
    assert (place.box, place.chapter, place.district, place.filtered, place.switch_to) == (
        "mapped",
        "2",
        "",
        1,
        "ledger",
    )
    place = go(small, "ledger", box="", chapter="", district="白云区")
    assert (place.box, place.chapter, place.district, place.filtered) == ("", "", "白云区", 2)
