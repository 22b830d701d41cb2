"""Links to take away, and the small picture of the districts."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from gzmap.atlas import Atlas
from gzmap.config import HOME_BBOX
from gzmap.ui import links
from gzmap.ui.links import find_base, find_zoom, format_map_link, format_permalink, list_base_layers
from gzmap.ui.outlines import (
    INSET,
    NAME_PX,
    WIDTH,
    draw_districts,
    find_spot,
    fit_window,
    format_path,
)
from tests.ui_support import small, small_root

__all__ = ["small", "small_root"]


@pytest.mark.parametrize(
    ("url", "path", "base"),
    [
        ("http://127.0.0.1:8501/mine?x=1#y", "", "http://127.0.0.1:8501/"),
        ("https://plan.example.cn/gz/text", "gz", "https://plan.example.cn/gz/"),
        ("https://plan.example.cn/", "/a/b/", "https://plan.example.cn/a/b/"),
        (None, "", ""),
        ("file:///etc/passwd", "", ""),
        ("javascript:alert(1)", "", ""),
    ],
)
def test_the_base_is_the_address_that_the_browser_has(
    monkeypatch: pytest.MonkeyPatch, url: str | None, path: str, base: str
) -> None:
    fake = SimpleNamespace(context=SimpleNamespace(url=url), get_option=lambda name: path)
    monkeypatch.setattr(links, "st", fake)
    assert find_base() == base


def test_a_permalink_is_whole_or_nothing() -> None:
    assert format_permalink("https://a.cn/gz/", "text", {"para": "chp_1"}) == "https://a.cn/gz/text?para=chp_1"
    assert format_permalink("https://a.cn/", "map", {"feature": "a.b"}) == "https://a.cn/?feature=a.b"
    assert format_permalink("", "map", {"feature": "a.b"}) == ""


def test_a_link_to_the_map_names_view_and_layers(small: Atlas) -> None:
    features = [small.features["parks.p001"], small.features["parks.p002"], small.features["streams.s001"]]
    link = format_map_link((113.2, 23.1, 113.3, 23.2), features, base_layers=("districts",))
    assert re.fullmatch(r"\./\?view=[\d.]+/23\.1500/113\.2500&layers=districts,parks,streams", link)
    assert "layers" not in format_map_link((113.2, 23.1, 113.3, 23.2))


def test_the_zoom_shows_all_of_a_place_and_not_much_more() -> None:
    for bbox in (HOME_BBOX, (113.2, 23.1, 113.3, 23.2), (113.2, 23.1, 113.4, 23.11)):
        zoom = find_zoom(bbox)
        pixels = 256 * 2**zoom * (bbox[2] - bbox[0]) / 360
        assert pixels <= 640
    assert find_zoom(HOME_BBOX) == 9.0
    assert find_zoom((113.2, 23.1, 113.2, 23.1)) == find_zoom((113.2, 23.1, 113.2001, 23.1001)) == 15.0
    assert find_zoom((0, -60, 170, 60)) == 8.0


def test_base_layers_are_those_that_the_map_shows(atlas: Atlas) -> None:
    assert "districts" in list_base_layers(atlas)
    assert all(atlas.catalog.entries[i].kind == "base" for i in list_base_layers(atlas))


# --- outlines


def test_the_districts_are_drawn_true_to_scale(atlas: Atlas) -> None:
    picture = draw_districts(atlas)
    assert [o.name for o in picture.outlines] == list(atlas.layers["districts"]["name"])
    assert picture.width == WIDTH
    points = np.array([p.split() for o in picture.outlines for p in re.findall(r"[\d.]+ [\d.]+", o.path)], dtype=float)
    assert points.min() >= 0
    assert points[:, 0].max() == pytest.approx(WIDTH, abs=0.1)
    assert points[:, 1].max() == pytest.approx(picture.height, abs=0.1)
    # One degree of latitude is as long as it is on the ground, against one of longitude at the middle.
    west, south, east, north = shapely.total_bounds(list(atlas.layers["districts"].geometry))
    middle = np.cos(np.radians((south + north) / 2))
    assert (picture.height / (north - south)) / (WIDTH / (east - west)) == pytest.approx(1 / middle, rel=1e-3)


def test_words_stand_inside_their_district(atlas: Atlas) -> None:
    picture = draw_districts(atlas)
    for outline in (*picture.outlines, *picture.small):
        rings = [
            shapely.Polygon([tuple(map(float, p.split())) for p in ring.rstrip("Z").split("L")])
            for ring in outline.path.split("M")[1:]
        ]
        area = shapely.union_all([shapely.make_valid(r) for r in rings])
        spot = shapely.Point(outline.x, outline.y)
        assert area.contains(spot), outline.name
        assert area.boundary.distance(spot) == pytest.approx(outline.room, abs=1.5)


def test_small_districts_are_drawn_again_where_nothing_else_is(atlas: Atlas) -> None:
    picture = draw_districts(atlas)
    assert [o.name for o in picture.small] == [o.name for o in picture.outlines if o.room < NAME_PX]
    assert [o.name for o in picture.small] == ["荔湾区", "越秀区", "海珠区", "天河区"]
    left, top, width, height = picture.inset
    assert (left, top, width) == INSET
    frame = shapely.box(left, top, left + width, top + height)
    assert left + width <= picture.width
    assert top + height <= picture.height
    for outline in picture.outlines:
        for ring in outline.path.split("M")[1:]:
            points = [tuple(map(float, p.split())) for p in ring.rstrip("Z").split("L")]
            assert not frame.intersects(shapely.Polygon(points).buffer(0)), outline.name


def test_districts_with_room_need_no_inset(small: Atlas) -> None:
    picture = draw_districts(small)
    assert (picture.inset, picture.small) == (None, ())
    assert [o.feature_id for o in picture.outlines] == ["districts.440111", "districts.440112"]


def test_a_place_is_found_on_the_picture(atlas: Atlas) -> None:
    x, y = find_spot(atlas, 113.264, 23.129)
    yuexiu = next(o for o in draw_districts(atlas).outlines if o.name == "越秀区")
    assert abs(x - yuexiu.x) < 15
    assert abs(y - yuexiu.y) < 15
    assert find_spot(atlas, 112.0, 23.1) is find_spot(atlas, 113.3, 30.0) is None


def test_paths_of_lines_areas_and_nothing() -> None:
    window, height = fit_window((0, 0, 1, 1), 100)
    assert height == pytest.approx(100, abs=0.1)
    [line] = window.project([shapely.LineString([(0, 1), (1, 0)])])
    assert format_path(line) == f"M0.0 0.0L100.0 {height:.1f}"
    hole = shapely.Polygon([(0, 0), (9, 0), (9, 9)], [[(5, 2), (6, 2), (6, 3)]])
    assert format_path(hole).count("M") == format_path(hole).count("Z") == 2
    assert format_path(shapely.Polygon()) == format_path(shapely.Point(1, 2)) == ""
