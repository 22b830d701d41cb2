"""Where coordinates lie: zones, axes, displaced coordinates, and what is advised."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gzmap import crs as crs_door
from gzmap import sites
from gzmap.config import HOME_BBOX
from gzmap.errors import CRSError
from gzmap.sites.suspicion import BD_WORDS, GCJ_WORDS, find_better_fit, find_hints
from gzmap.sites.zones import CANDIDATES, find_candidates, find_zone_code, flip, is_near
from tests.site_makers import CORNERS, SQUARE, lines, make_geojson, make_kml, make_placemark, make_zip

LON = st.floats(HOME_BBOX[0], HOME_BBOX[2])
LAT = st.floats(HOME_BBOX[1], HOME_BBOX[3])
# The 6-degree zones reach to 114°E only, those of UTM too.
WEST_LON = st.floats(HOME_BBOX[0], 113.99)


# --- zones


@pytest.mark.parametrize("width", [3, 6])
@pytest.mark.parametrize("has_prefix", [True, False])
def test_zone_codes_are_what_epsg_calls_them(width, has_prefix):
    for zone in {3: range(25, 46), 6: range(13, 24)}[width]:
        name = crs_door.describe_crs(find_zone_code(width, zone, has_prefix=has_prefix))
        middle = 3 * zone if width == 3 else 6 * zone - 3
        stem = "CGCS2000 / 3-degree Gauss-Kruger" if width == 3 else "CGCS2000 / Gauss-Kruger"
        assert name == (f"{stem} zone {zone}" if has_prefix else f"{stem} CM {middle}E")


@pytest.mark.parametrize(("width", "zone"), [(3, 24), (3, 46), (6, 12), (6, 24), (5, 38), (0, 0)])
def test_there_is_no_code_of_a_zone_that_is_none(width, zone):
    assert find_zone_code(width, zone, has_prefix=True) == ""


@given(LON, LAT, st.sampled_from(["EPSG:4490", "EPSG:4547", "EPSG:4526"]), st.booleans())
def test_the_zone_of_guangzhou_is_always_advised_first(lon, lat, code, swapped):
    x, y = crs_door.convert_point(lon, lat, code)
    bounds = np.array([[x, y, x, y]])
    assert find_candidates(flip(bounds) if swapped else bounds)[0] == code


@given(WEST_LON, LAT, st.sampled_from(["EPSG:4497", "EPSG:4508", "EPSG:32649"]))
def test_other_zones_are_advised_among_others(lon, lat, code):
    x, y = crs_door.convert_point(lon, lat, code)
    # 4508 and 4546 are one projection; Chinese data is of the latter.
    assert {"EPSG:4508": "EPSG:4546"}.get(code, code) in find_candidates(np.array([[x, y, x, y]]))


def test_every_candidate_is_a_crs():
    assert all(crs_door.require_code(code) == code for code in CANDIDATES)


def test_nothing_is_advised_for_numbers_from_nowhere():
    for bounds in ([[0.0, 0, 1, 1]], [[np.nan] * 4], [[np.inf] * 4], [[1e300, 1e300, 1e300, 1e300]]):
        assert find_candidates(np.array(bounds)) == ()


@pytest.mark.parametrize(
    ("box", "near"),
    [
        (HOME_BBOX, True),
        ((113.3, 23.1, 113.3, 23.1), True),
        ((112.5, 22.1, 112.6, 22.2), True),  # within the margin
        ((112.0, 23.0, 113.5, 23.2), True),  # reaches in from the study area
        ((112.0, 23.0, 112.3, 23.2), False),  # near, but without a point in common
        ((110.0, 23.0, 113.5, 23.2), False),  # leaves the study area
        ((110.3, 23.1, 110.3, 23.1), False),  # three degrees off: the wrong zone
        ((np.nan,) * 4, False),
    ],
)
def test_near_is_what_may_be_believed(box, near):
    assert is_near(np.array([box])).tolist() == [near]


# --- displaced coordinates


def test_declared_gcj02_is_taken_back_and_its_accuracy_told():
    displaced = [crs_door.convert_to_gcj02(lon, lat) for lon, lat in CORNERS]
    site = sites.parse_site(lines(displaced), crs="火星坐标")
    assert shapely.hausdorff_distance(site.geometry, SQUARE) < 1e-8
    assert site.crs == "GCJ-02"
    (note,) = site.notes
    assert note.code == "gcj02-converted"
    assert f"{crs_door.GCJ02_ACCURACY_M} 米" in note.zh
    assert f"{crs_door.GCJ02_ACCURACY_M} m" in note.en


def test_declared_gcj02_goes_before_what_the_file_says():
    displaced = shapely.transform(SQUARE, crs_door.convert_to_gcj02, interleaved=False)
    site = sites.read_site(make_geojson(displaced), "高德.geojson", crs="GCJ-02")
    assert shapely.hausdorff_distance(site.geometry, SQUARE) < 1e-8
    assert [note.code for note in site.notes] == ["gcj02-converted"], "what is declared is not suspected"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (make_geojson(), "高德导出.geojson", "gcj02-suspected"),
        (make_geojson(), "AMap_2024.geojson", "gcj02-suspected"),
        (make_geojson(gcj02_lng=1), "a.geojson", "gcj02-suspected"),
        (make_kml(make_placemark(), name="腾讯地图收藏").encode(), "a.kml", "gcj02-suspected"),
        (make_zip({"火星坐标/doc.kml": make_kml(make_placemark(), name="GCJ-02")}), "a.kmz", "gcj02-suspected"),
        (make_geojson(), "百度地图.geojson", "bd09-suspected"),
        (make_geojson(), "roadmap_datamap.geojson", None),
        (make_geojson(), "白云区.geojson", None),
    ],
)
def test_names_of_web_maps_are_told_and_nothing_is_shifted(data, name, code):
    site = sites.read_site(data, name)
    assert shapely.hausdorff_distance(site.geometry, SQUARE) < 1e-8
    assert [note.code for note in site.notes] == ([code] if code else [])


def test_hints_name_the_word_and_the_place_once():
    notes = find_hints([("a.json", "无"), ("KML name", "从高德地图导出"), ("b", "gcj02")])
    assert [note.code for note in notes] == ["gcj02-suspected"]
    assert "“KML name”中有“高德”" in notes[0].zh
    assert GCJ_WORDS.search("gcj_02")
    assert BD_WORDS.search("bd09ll")
    assert not BD_WORDS.search("bd0912")


def shift(shape: object) -> object:
    return shapely.transform(shape, crs_door.convert_to_gcj02, interleaved=False)


def test_a_displaced_district_fits_its_border_better_when_taken_back(atlas):
    districts = atlas.layers["districts"]
    outlines = dict(zip(districts["name"], districts.geometry, strict=True))
    for name, outline in outlines.items():
        assert find_better_fit(outline, outlines) is None
        note = find_better_fit(shift(outline), outlines)
        assert note is not None, name
        assert note.code == "gcj02-fits"
        assert name in note.zh
        assert "GCJ-02" in note.en


@given(LON, LAT, st.floats(0.002, 0.05), st.integers(8, 40))
def test_a_round_site_fits_no_border(atlas, lon, lat, radius, corners):
    districts = atlas.layers["districts"]
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    site = shapely.Polygon(np.column_stack([lon + radius * np.cos(turn), lat + radius * np.sin(turn)]))
    assert find_better_fit(site, dict(zip(districts["name"], districts.geometry, strict=True))) is None


def test_small_sites_and_sites_without_outlines_are_not_compared():
    outline = shapely.box(113.2, 23.0, 113.4, 23.2)
    assert find_better_fit(shift(shapely.box(113.2, 23.0, 113.203, 23.003).segmentize(0.0005)), {"a": outline}) is None
    assert find_better_fit(shift(outline), {}) is None


# --- the door


@given(LON, LAT)
def test_there_and_back_is_the_same_place(lon, lat):
    there = crs_door.convert_to_gcj02(lon, lat)
    back = crs_door.convert_from_gcj02(*there)
    assert back == (pytest.approx(lon, abs=1e-10), pytest.approx(lat, abs=1e-10))
    away = shapely.Point(crs_door.convert_to_metric(lon, lat)).distance(
        shapely.Point(crs_door.convert_to_metric(*there))
    )
    assert 350 < away < 700


def test_displacement_agrees_with_a_published_pair():
    """The pair is that of the first public implementations of the series (Beijing, 2013)."""
    lon, lat = crs_door.convert_to_gcj02(116.404, 39.915)
    assert (lon, lat) == (pytest.approx(116.41024449916938, abs=1e-6), pytest.approx(39.91640428150164, abs=1e-6))


@pytest.mark.parametrize("point", [(0.0, 0.0), (200.0, 23.0), (np.nan, 23.0), (428285.0, 2555783.0)])
def test_there_is_no_displacement_outside_china(point):
    with pytest.raises(CRSError, match="inside China"):
        crs_door.convert_from_gcj02(*map(np.array, point))


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("GCJ-02", "GCJ-02"),
        ("gcj02", "GCJ-02"),
        ("高德坐标", "GCJ-02"),
        ("BD09", "BD-09"),
        ("广州2000", "广州2000"),
        ("x", ""),
    ],
)
def test_aliases_are_recognised(word, meant):
    assert crs_door.find_alias(word) == meant


@pytest.mark.parametrize(
    ("code", "local"),
    [("EPSG:2383", True), ("EPSG:4214", True), ("EPSG:4610", True), ("EPSG:4555", True), ("EPSG:4547", False)],
)
def test_local_datums_are_recognised(code, local):
    assert crs_door.is_local(code) == local


def test_boxes_come_in_degrees_or_not_at_all():
    x, y = crs_door.convert_point(113.3, 23.1, "EPSG:4547")
    boxes = crs_door.find_boxes(np.array([[x, y, x, y], [np.nan] * 4, [1e300, 0, 1e300, 0]]), "EPSG:4547")
    assert boxes[0] == pytest.approx([113.3, 23.1, 113.3, 23.1])
    assert np.isnan(boxes[1:]).all()
    assert np.isnan(crs_door.find_boxes(np.array([[x, y, x, y]]), "EPSG:4326")).all()


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:4547", "EPSG:4526", "EPSG:2383"])
def test_a_projection_file_in_esris_words_has_its_code(code):
    assert crs_door.parse_wkt(crs_door.dump_wkt(code)) == code


def test_a_projection_file_of_its_own_gives_its_name_and_nonsense_nothing():
    own = crs_door.dump_wkt("EPSG:4547").replace("114.0", "113.28").replace("CGCS2000_3_Degree_GK_CM_114E", "GZ_local")
    assert crs_door.parse_wkt(own) == "GZ_local"
    for text in ("", "banana", "GEOGCS[", "EPSG:4490", "+proj=longlat", "\0"):
        assert crs_door.parse_wkt(text) == ""
