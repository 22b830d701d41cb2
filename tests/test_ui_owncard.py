"""The card of an own feature, what a click means among own layers, and that none of it gets into an address."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import geopandas
import pandas as pd
import pytest
import shapely

from gzmap.atlas import Atlas
from gzmap.errors import NotFoundError
from gzmap.own import OwnLayers, open_own
from gzmap.ui.answers import MOST_ROWS
from gzmap.ui.events import answer_go, answer_map
from gzmap.ui.lists import format_chooser
from gzmap.ui.mapdata import build_data
from gzmap.ui.nearby import format_nearby
from gzmap.ui.owncard import FEW, MOST_PICKS, find_own_area, find_own_at, format_own_card, point_out
from gzmap.ui.params import HELD
from gzmap.ui.state import Place, current, format_address, move, show_feature
from gzmap.ui.words import LANGS, say
from tests.ui_support import goes, read, session, small, small_root

__all__ = ["session", "small", "small_root"]
PLOT = shapely.box(113.30, 23.10, 113.31, 23.11)
INNER = shapely.box(113.302, 23.102, 113.304, 23.104)
LINE = shapely.LineString([(113.29, 23.105), (113.32, 23.105)])
BOW_TIE = shapely.Polygon([(113.40, 23.10), (113.41, 23.11), (113.41, 23.10), (113.40, 23.11)])
HOSTILE = "<script>alert('x')</script>`=cmd&"


def put(root: Path, name: str, geometries: list, **fields: list) -> None:
    folder = root / "local"
    folder.mkdir(exist_ok=True)
    geopandas.GeoDataFrame(fields, geometry=geometries, crs="EPSG:4490").to_file(folder / name)


@pytest.fixture
def own(small_root: Path) -> OwnLayers:
    put(small_root, "红线.gpkg", [PLOT, INNER, BOW_TIE], 名称=["甲地", "乙地", None])
    put(small_root, "道路.gpkg", [LINE], 名称=["一路"])
    return open_own(small_root / "local")


def ids(own: OwnLayers, title: str) -> list[str]:
    layer = next(layer for layer in own.layers if layer.title == title)
    return [f"{layer.layer_id}.{local}" for local in layer.frame.index]


def all_ids(own: OwnLayers) -> list[str]:
    return [layer.layer_id for layer in own.layers]


# --- a click


def test_a_click_means_what_contains_it_and_lines_that_are_near(small: Atlas, own: OwnLayers) -> None:
    (plot, inner, _), (road,) = ids(own, "红线"), ids(own, "道路")
    at = (113.303, 23.103)
    assert find_own_at(small, own, (*at, 20.0), layer_ids=all_ids(own)) == (inner, plot), "the smallest first"
    assert find_own_at(small, own, (*at, 400.0), layer_ids=all_ids(own)) == (road, inner, plot)
    assert find_own_at(small, own, (*at, 20.0), layer_ids=[road.rpartition(".")[0]]) == ()
    assert find_own_at(small, own, (*at, 20.0), layer_ids=()) == ()


def test_an_area_that_is_only_near_is_meant_where_nothing_else_is(small: Atlas, own: OwnLayers) -> None:
    plot = ids(own, "红线")[0]
    beside = (113.2999, 23.108, 30.0)
    assert find_own_at(small, own, beside, layer_ids=all_ids(own)) == (plot,)


def test_no_more_are_offered_than_can_be_read(small: Atlas, small_root: Path) -> None:
    put(small_root, "叠.gpkg", [PLOT.buffer(0.0001 * n) for n in range(MOST_PICKS + 5)], n=list(range(MOST_PICKS + 5)))
    own = open_own(small_root / "local")
    found = find_own_at(small, own, (113.305, 23.105, 5.0), layer_ids=all_ids(own))
    assert found == tuple(ids(own, "叠")[:MOST_PICKS])
    assert MOST_PICKS < MOST_ROWS


def click(atlas: Atlas, lon: float, lat: float, layer_ids: list[str]) -> Place:
    event = {"kind": "click", "lon": lon, "lat": lat, "tolerance_m": 20.0, "layer_ids": layer_ids}
    answer_map(atlas)(event)
    return current()


def test_a_click_on_one_own_feature_opens_its_card(session: SimpleNamespace, small: Atlas, own: OwnLayers) -> None:
    plot = ids(own, "红线")[0]
    place = click(small, 113.308, 23.108, all_ids(own))
    assert (place.panel, place.own, place.feature, place.own_picks) == ("own", plot, "", (plot,))
    assert "own" not in json.dumps(format_address())
    assert click(small, 113.308, 23.108, []).panel == "here", "what is not shown is not clicked"


def test_own_features_and_those_of_the_plan_are_offered_together(
    session: SimpleNamespace, small: Atlas, small_root: Path
) -> None:
    around = small.features["parks.p001"].geometry
    put(small_root, "红线.gpkg", [around.buffer(0.01)], 名称=[HOSTILE])
    own = open_own(small_root / "local")
    (mine,) = ids(own, "红线")
    at = around.representative_point()
    place = click(small, at.x, at.y, ["parks", *all_ids(own)])
    assert (place.panel, place.own_picks) == ("chooser", (mine,))
    assert "parks.p001" in place.picks
    html = format_chooser(small, place, own)
    assert say("chooser", "zh", n=len(place.picks) + 1) in read(html).texts("h2")
    assert next(go["id"] for go in goes(read(html)) if go["kind"] == "pick") == mine
    assert "<script" not in html
    assert mine not in [e.attrs.get("href", "") for e in read(html).elements]
    assert HOSTILE in read(html).texts("b")


def test_the_choice_is_kept_when_one_of_it_is_looked_at(session: SimpleNamespace, small: Atlas, own: OwnLayers) -> None:
    plot, inner, _ = ids(own, "红线")
    click(small, 113.303, 23.103, all_ids(own))
    answer_go(small)({"kind": "pick", "id": plot})
    assert (current().panel, current().own, current().own_picks) == ("own", plot, (inner, plot))
    answer_go(small)({"kind": "back"})
    assert current().panel == "chooser"
    move(picks=("parks.p001",))
    show_feature("parks.p001")
    assert current().own_picks == (inner, plot)
    show_feature("parks.p002")
    assert current().own_picks == ()
    answer_map(small)({"kind": "feature", "id": inner})
    assert (current().own, current().own_picks) == (inner, ())
    answer_go(small)({"kind": "close"})
    assert (current().panel, current().own_picks) == ("intro", ())


# --- the card


@pytest.mark.parametrize("lang", LANGS)
def test_a_card_tells_name_layer_file_fields_and_measures(own: OwnLayers, lang: str) -> None:
    html = format_own_card(own, Place(own=ids(own, "红线")[0], panel="own", lang=lang))
    page = read(html)
    told = dict(zip(page.texts("dt"), page.texts("dd"), strict=False))
    assert "甲地" in page.texts("h2")
    assert told["名称"] == "甲地"
    assert told[say("own_file", lang)] == "红线.gpkg"
    assert "EPSG:4490" in told[say("own_crs", lang)]
    assert told[say("area_size", lang)].startswith("1.13")
    assert say("area_perimeter", lang) in told
    assert [go["kind"] for go in goes(read(html))] == ["close", "own_ask"]


def test_a_line_has_a_length_and_no_area_to_ask_about(own: OwnLayers) -> None:
    html = format_own_card(own, Place(own=ids(own, "道路")[0], panel="own"))
    assert say("own_length", "zh") in read(html).texts("dt")
    assert "own_ask" not in [go["kind"] for go in goes(read(html))]


def test_a_feature_without_a_name_is_told_by_its_number(own: OwnLayers) -> None:
    html = format_own_card(own, Place(own=ids(own, "红线")[2], panel="own"))
    assert say("own_numbered", "zh", n=3) in read(html).texts("h2")


def test_fields_are_escaped_and_many_are_folded(small_root: Path) -> None:
    fields = {f"字段{n}": [HOSTILE] for n in range(FEW + 3)}
    moments = {"日": pd.to_datetime(["2025-01-02"]), "时": pd.to_datetime(["2025-01-02T03:04"])}
    put(small_root, "多.gpkg", [PLOT], 整=[7.0], 小=[1.25], **fields, **moments)
    own = open_own(small_root / "local")
    html = format_own_card(own, Place(own=ids(own, "多")[0], panel="own"))
    page = read(html)
    assert "<script" not in html
    assert HOSTILE in page.texts("dd")
    assert {"7", "1.25", "2025-01-02"} <= set(page.texts("dd"))
    assert any(text.startswith("2025-01-02") and "03:04" in text for text in page.texts("dd"))
    assert say("own_more", "zh", n=7) in page.texts("summary")


@pytest.mark.parametrize("gone", ["own.hongxian.0000000000000000", "own.unknown.0", "own."])
def test_a_feature_that_is_gone_is_told_so(own: OwnLayers, gone: str) -> None:
    assert say("own_gone", "zh") in format_own_card(own, Place(own=gone, panel="own", own_picks=(gone,)))


def test_nobody_else_is_told_of_an_own_feature(own: OwnLayers) -> None:
    none = OwnLayers(own.folder, (), ())
    plot = ids(own, "红线")[0]
    place = Place(own=plot, panel="own", asked={"query": {HELD + "own": plot}})
    assert "甲地" not in format_own_card(none, place)
    data = {"focus": None, "selected": None}
    assert point_out(data, none, place) is data
    with pytest.raises(NotFoundError):
        find_own_area(none, place)


# --- on the map and on 查询


def test_the_map_is_told_which_own_feature_is_chosen(small: Atlas, own: OwnLayers) -> None:
    plot = ids(own, "红线")[0]
    place = Place(own=plot, panel="own", focus=3, bbox=PLOT.bounds)
    data = point_out(build_data(small, place, hidden=False), own, place)
    assert data["selected"] == {"feature_id": plot, "layer_id": "own.hongxian"}
    assert data["focus"] == {"nonce": 3, "bbox": PLOT.bounds, "layer_ids": ["own.hongxian"]}
    elsewhere = Place(own=plot, panel="card", feature="parks.p001")
    assert point_out(build_data(small, elsewhere, hidden=False), own, elsewhere)["selected"]["layer_id"] == "parks"


def test_an_own_area_is_asked_about_and_in_no_address(session: SimpleNamespace, small: Atlas, own: OwnLayers) -> None:
    plot = ids(own, "红线")[0]
    answer_go(small)({"kind": "own_ask", "id": plot})
    place = current()
    assert (place.switch_to, place.asked["query"]) == ("query", {HELD + "own": plot})
    assert "own" not in json.dumps(format_address("query"))
    area, title, within = find_own_area(own, place)
    assert area.equals(PLOT)
    assert (title, within) == (say("name_in_layer", "zh", name="甲地", layer="红线"), "")
    answer_go(small)({"kind": "ask", "page": "query", "asked": {"of": "district"}})
    assert current().asked["query"] == {"of": "district"}, "another question lets go of it"


def test_an_area_that_crosses_itself_is_put_right_before_it_is_asked(own: OwnLayers) -> None:
    place = Place(asked={"query": {HELD + "own": ids(own, "红线")[2]}})
    area, _, _ = find_own_area(own, place)
    assert area.is_valid
    assert area.area == pytest.approx(0.5 * 0.01 * 0.01)
    (road,) = ids(own, "道路")
    assert find_own_area(own, Place(asked={"query": {HELD + "own": road}}))[0] is None


def test_going_to_an_own_feature_opens_its_card_there(session: SimpleNamespace, small: Atlas, own: OwnLayers) -> None:
    plot = ids(own, "红线")[0]
    answer_go(small)({"kind": "goto", "id": plot, "bbox": list(PLOT.bounds)})
    place = current()
    assert (place.panel, place.own, place.bbox, place.switch_to) == ("own", plot, PLOT.bounds, "map")
    before = current()
    for go in ({"id": "parks.p001", "bbox": [1, 2, 3, 4]}, {"id": plot, "bbox": "x"}):
        answer_go(small)({"kind": "goto", **go})
        assert current() == before


def test_what_is_near_leads_to_own_cards_but_not_to_the_one_that_is_open(small: Atlas, own: OwnLayers) -> None:
    plot, inner, _ = ids(own, "红线")
    place = Place(own=plot, panel="own", own_picks=(plot,), point=(113.308, 23.108, 20.0))
    html = format_nearby(small, place, own.layers)
    assert {go["id"] for go in goes(read(html)) if go["kind"] == "pick"} == {inner, ids(own, "道路")[0]}
    assert all("own." not in e.attrs.get("href", "") for e in read(html).elements)
