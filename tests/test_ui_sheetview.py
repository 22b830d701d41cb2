"""The map as the visitor has it becomes the view of a sheet: layers, order, opacity, extent, outline, link."""

from __future__ import annotations

import math

import pytest
import shapely

from gzmap.atlas import Atlas
from gzmap.errors import ExportError, NotFoundError
from gzmap.sheet import SCALES, TITLE_CHARS
from gzmap.ui.areas import dump_area
from gzmap.ui.sheetview import SheetWish, build_view, find_shown, find_view_bbox, format_place_link, list_wheres
from gzmap.ui.state import Place

BASE = "https://map.example.cn/gz/"
AREA = shapely.box(113.2, 23.1, 113.3, 23.2)
SEEN = (113.1, 23.0, 113.5, 23.3)


# --- layers


def test_without_a_wish_the_layers_are_those_of_the_catalogue(atlas: Atlas) -> None:
    shown = find_shown(atlas, {})
    assert shown.layer_ids == tuple(e.layer_id for e in atlas.catalog.entries.values() if e.visible)
    assert shown.opacity == {}


def test_layers_opacity_and_order_are_those_of_the_map(atlas: Atlas) -> None:
    carried = {"layers": "districts,waterways,wetlands,eco_corridors", "op": "waterways:0.5,wetlands:1,parks:0.1,x"}
    usual = find_shown(atlas, carried)
    assert set(usual.layer_ids) == {"districts", "waterways", "wetlands", "eco_corridors"}
    assert usual.opacity == {"waterways": 0.5, "wetlands": 1.0}
    group = atlas.catalog.entries["waterways"].group
    other = atlas.catalog.entries["wetlands"].group
    moved = find_shown(atlas, carried | {"order": f"{other},{group}"})
    assert moved.layer_ids[-2:] == ("wetlands", "waterways")[::-1]
    assert moved.layer_ids[0] == "districts"
    assert set(moved.layer_ids) == set(usual.layer_ids)


@pytest.mark.parametrize("carried", [{"layers": ""}, {"layers": "own.secret,nothing"}])
def test_what_is_not_there_is_not_drawn(atlas: Atlas, carried: dict) -> None:
    assert find_shown(atlas, carried).layer_ids == ()


@pytest.mark.parametrize("text", ["waterways", "waterways:", "waterways:nan", "waterways:2", "waterways:-1", ":::", ""])
def test_an_opacity_that_is_none_is_left_out(atlas: Atlas, text: str) -> None:
    assert find_shown(atlas, {"op": text}).opacity == {}


# --- extent


def test_the_view_is_what_was_seen_else_what_the_address_says() -> None:
    assert find_view_bbox(Place(seen=SEEN, carried={"view": "12/23/113"})) == SEEN
    west, south, east, north = find_view_bbox(Place(carried={"view": "12/23.1/113.3"}))
    assert (west + east) / 2 == pytest.approx(113.3)
    assert (south + north) / 2 == pytest.approx(23.1)
    # A pixel is as wide as high on the ground, which Web Mercator keeps.
    assert (north - south) / (east - west) == pytest.approx(600 / 640 * math.cos(math.radians(23.1)))
    assert east - west == pytest.approx(640 * 360 / 256 / 2**12)


@pytest.mark.parametrize("view", ["", "12", "12/23", "a/b/c", "nan/23/113", "12/99/113", "12/23/999", "99/23/113"])
def test_a_view_that_is_none_is_not_offered(view: str) -> None:
    place = Place(carried={"view": view} if view else {})
    assert find_view_bbox(place) is None
    assert list_wheres(place) == ("city", "district")


def test_a_drawn_area_comes_first() -> None:
    assert list_wheres(Place(seen=SEEN, area=AREA)) == ("area", "view", "city", "district")
    assert list_wheres(Place(seen=SEEN)) == ("view", "city", "district")


def test_each_extent(atlas: Atlas) -> None:
    place = Place(seen=SEEN, area=AREA)
    assert build_view(atlas, place, SheetWish("view")).bbox == SEEN
    assert build_view(atlas, place, SheetWish("area")).bbox == pytest.approx(AREA.bounds)
    assert build_view(atlas, place, SheetWish("city")).bbox is None
    district = build_view(atlas, place, SheetWish("district", "黄埔区"))
    frame = atlas.layers["districts"]
    assert district.bbox == pytest.approx(frame.loc[frame["name"] == "黄埔区"].geometry.iloc[0].bounds)
    assert {build_view(atlas, place, SheetWish(where, "黄埔区")).area for where in list_wheres(place)} == {AREA}


# --- the rest


def test_choices_reach_the_sheet(atlas: Atlas) -> None:
    place = Place(lang="en", feature="waterways.w003", seen=SEEN)
    wish = SheetWish("view", "", "A3", True, SCALES[3], "题", labels=False, cards=True, qr=False)
    view = build_view(atlas, place, wish, base=BASE, number="粤S(2026)001号")
    assert (view.paper, view.landscape, view.scale, view.title) == ("A3", True, SCALES[3], "题")
    assert (view.labels, view.cards, view.lang, view.selected) == (False, True, "en", "waterways.w003")
    assert view.permalink == ""
    assert view.review_number == "粤S(2026)001号"


def test_the_link_holds_the_whole_state() -> None:
    place = Place(feature="waterways.w003", area=AREA, lang="en", carried={"view": "12/23.1/113.3", "layers": "a,b"})
    link = format_place_link(BASE, place)
    assert link.startswith(f"{BASE}?")
    for part in ("feature=waterways.w003", f"area={dump_area(AREA)}", "lang=en", "view=12/23.1/113.3", "layers=a,b"):
        assert part in link
    assert format_place_link("", place) == ""
    assert format_place_link(BASE, Place()) == BASE


def test_the_link_stays_short_with_the_worst_area(atlas: Atlas) -> None:
    many = shapely.Point(113.3, 23.1).buffer(0.1, quad_segs=120)
    carried = {"layers": ",".join(atlas.layers), "op": ",".join(f"{i}:0.5" for i in list(atlas.layers)[:5])}
    assert len(format_place_link(BASE, Place(area=many, feature="waterways.w003", carried=carried))) < 2000


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (SheetWish(paper="A9"), ExportError),
        (SheetWish(scale=12_345), ExportError),
        (SheetWish(title="长" * (TITLE_CHARS + 1)), ExportError),
        (SheetWish("district", "没有区"), NotFoundError),
    ],
)
def test_what_cannot_be_printed_is_said(atlas: Atlas, wish: SheetWish, error: type) -> None:
    with pytest.raises(error):
        build_view(atlas, Place(), wish)
