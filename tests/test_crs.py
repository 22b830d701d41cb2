from __future__ import annotations

import math
import subprocess
from concurrent.futures import ThreadPoolExecutor

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gzmap import crs
from gzmap.config import DELIVERY_CRS, HOME_BBOX, METRIC_CRS, STORAGE_CRS
from gzmap.errors import CRSError

LON = st.floats(HOME_BBOX[0], HOME_BBOX[2])
LAT = st.floats(HOME_BBOX[1], HOME_BBOX[3])


def make_frame(*geometries: object, code: str | None = STORAGE_CRS) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"name": ["x"] * len(geometries)}, geometry=list(geometries), crs=code)


def test_require_returns_the_frame_itself():
    frame = make_frame(shapely.Point(113.3, 23.1))
    assert crs.require(frame) is frame


@pytest.mark.parametrize(("code", "words"), [(None, "no CRS"), ("EPSG:4547", "EPSG:4547")])
def test_require_refuses_a_missing_or_different_crs(code, words):
    with pytest.raises(CRSError, match=words):
        crs.require(make_frame(shapely.Point(113.3, 23.1), code=code))


def test_length_and_area_of_one_degree_at_the_equator():
    # The equator of WGS 84 is 2π · 6 378 137 m long.
    degree_m = math.pi * 6378137 / 180
    assert crs.find_length_m(shapely.LineString([(113, 0), (114, 0)])) == pytest.approx(degree_m, abs=0.001)
    square = shapely.box(113, 0, 113.01, 0.01)
    assert crs.find_length_m(square) == pytest.approx(2 * 0.01 * (degree_m + 110574.3), rel=1e-5)
    assert crs.find_area_m2(square) == pytest.approx(0.01 * degree_m * 0.01 * 110574.3, rel=1e-5)


def test_area_ignores_ring_direction_and_takes_holes_off():
    outer, hole = shapely.box(113, 23, 113.1, 23.1), shapely.box(113.02, 23.02, 113.03, 23.03)
    holed = shapely.difference(outer, hole)
    expected = crs.find_area_m2(outer) - crs.find_area_m2(hole)
    assert crs.find_area_m2(holed) == pytest.approx(expected, rel=1e-9)
    assert crs.find_area_m2(holed.reverse()) == pytest.approx(expected, rel=1e-9)
    assert crs.find_area_m2(shapely.MultiPolygon([holed, hole])) == pytest.approx(crs.find_area_m2(outer), rel=1e-9)
    assert crs.find_length_m(holed) == pytest.approx(crs.find_length_m(outer) + crs.find_length_m(hole))


@pytest.mark.parametrize(
    "geometry", [None, shapely.Point(), shapely.Point(113, 23), shapely.MultiPoint([(1, 2), (3, 4)])]
)
def test_measures_of_what_has_no_extent_are_zero(geometry):
    assert crs.find_length_m(geometry) == 0
    assert crs.find_area_m2(geometry) == 0
    assert crs.find_area_m2(shapely.LineString([(113, 23), (114, 23)])) == 0


def test_many_measures_are_those_of_each():
    outer, hole = shapely.box(113, 23, 113.1, 23.1), shapely.box(113.02, 23.02, 113.03, 23.03)
    plot = shapely.box(113.5, 23.5, 113.503, 23.502)
    line = shapely.MultiLineString([[(113, 23), (113.5, 23.2), (113.6, 23.1)], [(114, 23), (114, 23.001)]])
    mixed = shapely.GeometryCollection([plot, shapely.LineString([(113, 23), (114, 23)]), shapely.Point(113, 23)])
    shapes = np.array(
        [
            None,
            shapely.Point(113, 23),
            outer - hole,
            plot,
            shapely.Polygon(),
            line,
            shapely.MultiPolygon([plot, hole]),
            mixed,
        ]
    )
    expected = [0 if s is mixed else crs.find_area_m2(s) for s in shapes]
    expected[-1] = crs.find_area_m2(plot)
    assert crs.find_areas_m2(shapes).tolist() == pytest.approx(expected, rel=1e-5)
    lines = shapes[[0, 1, 4, 5]]
    assert crs.find_lengths_m(lines).tolist() == pytest.approx([crs.find_length_m(s) for s in lines], rel=1e-12)
    for find in (crs.find_areas_m2, crs.find_lengths_m):
        assert find(np.array([], dtype=object)).tolist() == []


@given(LON, LAT, st.floats(1e-4, 0.02), st.floats(1e-4, 0.02))
def test_measured_at_once_or_singly_an_area_is_the_same(lon, lat, width, height):
    shape = shapely.Polygon([(lon, lat), (lon + width, lat), (lon + width / 3, lat + height)])
    assert crs.find_areas_m2(np.array([shape]))[0] == pytest.approx(crs.find_area_m2(shape), rel=1e-9, abs=3)


@pytest.mark.parametrize(
    ("code", "x", "y"),
    [
        ("EPSG:4326", 113.3, 23.1),
        ("EPSG:4490", 113.3, 23.1),
        ("EPSG:4547", 428285.96, 2555783.93),
        ("EPSG:4526", 38428285.96, 2555783.93),
        ("epsg:4547", 428285.96, 2555783.93),
    ],
)
def test_known_point_comes_easting_first(code, x, y):
    assert crs.convert_point(113.3, 23.1, code) == pytest.approx((x, y), abs=0.005)
    moved = crs.convert(make_frame(shapely.Point(113.3, 23.1)), code)
    assert (moved.geometry[0].x, moved.geometry[0].y) == pytest.approx((x, y), abs=0.005)
    assert moved.crs.to_string() == code.upper()


def test_conversion_agrees_with_gdaltransform():
    """A second opinion from the PROJ of Debian's GDAL, which is another one than pyproj's."""
    answer = subprocess.run(
        ["gdaltransform", "-s_srs", "EPSG:4326", "-t_srs", "EPSG:4547"],
        input="113.3 23.1\n",
        capture_output=True,
        text=True,
        check=True,
    )
    easting, northing = (float(v) for v in answer.stdout.split()[:2])
    assert crs.convert_point(113.3, 23.1, "EPSG:4547") == pytest.approx((easting, northing), abs=0.001)


def test_convert_keeps_rows_index_and_missing_geometries():
    frame = make_frame(shapely.Point(113.3, 23.1), None).set_axis(["a.1", "a.2"])
    moved = crs.convert(frame, METRIC_CRS)
    assert list(moved.index) == ["a.1", "a.2"]
    assert moved.geometry["a.2"] is None
    assert frame.geometry["a.1"].x == 113.3
    assert crs.convert(make_frame(None), METRIC_CRS).geometry[0] is None


@settings(max_examples=20)
@given(LON, LAT)
def test_conversion_comes_back_within_a_millimetre(lon, lat):
    x, y = crs.convert_point(lon, lat, METRIC_CRS)
    back = geopandas.GeoSeries([shapely.Point(x, y)], crs=METRIC_CRS).to_crs(STORAGE_CRS)[0]
    assert crs.find_length_m(shapely.LineString([(lon, lat), (back.x, back.y)])) < 0.001


@pytest.mark.parametrize("code", ["EPSG:4549", "EPSG:4527", "EPSG:4513"])
def test_a_wrong_zone_is_refused_and_the_right_code_named(code):
    with pytest.raises(CRSError, match=rf"{code}.*use EPSG:4547"):
        crs.convert(make_frame(shapely.Point(113.3, 23.1)), code)
    with pytest.raises(CRSError, match="use EPSG:4547"):
        crs.convert_point(113.3, 23.1, code)


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("EPSG:4549", "EPSG:4547"),
        ("EPSG:4527", "EPSG:4526"),
        ("EPSG:32650", "EPSG:32649"),
        ("EPSG:4500", "EPSG:4497"),
        ("EPSG:4509", "EPSG:4508"),
    ],
)
def test_the_right_zone_of_the_series_that_was_asked_for_is_named(code, right):
    with pytest.raises(CRSError) as told:
        crs.convert(make_frame(shapely.Point(113.3, 23.1)), code)
    assert f"{right} (" in str(told.value)
    crs.convert(make_frame(shapely.Point(113.3, 23.1)), right)


def test_web_mercator_is_never_advised():
    with pytest.raises(CRSError) as told:
        crs.convert(make_frame(shapely.box(100, 20, 125, 45)), METRIC_CRS)
    assert "3857" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("GCJ-02", "displacement of WGS 84"),
        ("gcj02", "displacement of WGS 84"),
        ("火星坐标系", "displacement of WGS 84"),
        ("BD-09", "Baidu's displacement"),
        ("bd09ll", "Baidu's displacement"),
        ("广州2000", "parameters are not public"),
        ("Guangzhou 2000", "parameters are not public"),
    ],
)
def test_what_is_no_crs_is_refused_by_name_with_the_reason(name, reason):
    with pytest.raises(CRSError, match=rf"not an EPSG code and is .*{reason}.*use one of EPSG:4326"):
        crs.require_code(name)


@pytest.mark.parametrize("source", ["EPSG:4490", "EPSG:4547", "EPSG:4526", "EPSG:3857", "EPSG:32649"])
@pytest.mark.parametrize("target", ["EPSG:4326", "EPSG:4547", "EPSG:32649"])
def test_any_crs_converts_to_any_other_through_the_same_place(source, target):
    start = crs.convert(make_frame(shapely.Point(113.3, 23.1), None), source)
    moved = crs.convert(start, target)
    assert (moved.geometry[0].x, moved.geometry[0].y) == pytest.approx(crs.convert_point(113.3, 23.1, target), abs=1e-4)
    assert moved.geometry[1] is None


def test_a_frame_in_the_target_already_is_not_touched():
    frame = crs.convert(make_frame(shapely.Point(113.3, 23.1)), METRIC_CRS)
    assert crs.convert(frame, METRIC_CRS).geometry[0] is frame.geometry[0]


def test_a_frame_without_crs_is_not_guessed():
    with pytest.raises(CRSError, match="has no CRS"):
        crs.convert(make_frame(shapely.Point(113.3, 23.1), code=None), METRIC_CRS)


@pytest.mark.parametrize("point", [(2555783.93, 428285.96), (113.3, 23.1)])
def test_coordinates_that_contradict_their_crs_are_refused(point):
    """Northing before easting, and degrees that are called metres."""
    with pytest.raises(CRSError, match="set the CRS that the coordinates are in"):
        crs.convert(make_frame(shapely.Point(point), code=METRIC_CRS), STORAGE_CRS)


def test_a_change_of_datum_needs_an_accuracy():
    frame = make_frame(shapely.Point(9, 50), code="EPSG:4258")
    assert crs.convert(frame, "EPSG:25832").crs.to_epsg() == 25832
    told = crs.describe_transformation("EPSG:25832", STORAGE_CRS)
    assert told.accuracy_m == 1
    assert not told.is_coincident
    with pytest.raises(CRSError, match="another datum"):
        crs.convert(make_frame(shapely.Point(113.3, 23.1), code="EPSG:4610"), "EPSG:4490")


def test_esris_wkt_has_its_code_again():
    for code in (*DELIVERY_CRS, "EPSG:4499", "EPSG:32649"):
        frame = make_frame(shapely.Point(0, 0), code=crs.dump_wkt(code))
        assert crs.require_code(frame.crs) == code
    with pytest.raises(CRSError, match="has no EPSG code"):
        crs.require_code(make_frame(None, code="+proj=tmerc +lon_0=113.28 +ellps=GRS80 +units=m").crs)


def test_a_crs_is_named_and_dumped():
    assert crs.describe_crs(METRIC_CRS) == "CGCS2000 / 3-degree Gauss-Kruger CM 114E"
    assert crs.dump_projjson("EPSG:4490")["id"] == {"authority": "EPSG", "code": 4490}


def test_shapes_go_to_metres_without_a_guard():
    moved, none, far = crs.convert_shapes_to_metric([shapely.Point(113.3, 23.1), None, shapely.Point(100, 23.1)])
    assert far.x < 0
    assert (moved.x, moved.y) == pytest.approx(crs.convert_point(113.3, 23.1, METRIC_CRS))
    assert none is None


def test_data_wider_than_the_zone_is_offered_degrees_of_the_same_datum():
    with pytest.raises(CRSError, match="use EPSG:4490"):
        crs.convert(make_frame(shapely.box(111.3, 22.3, 115.0, 25.6)), METRIC_CRS)


def test_a_point_off_the_earth_is_refused():
    with pytest.raises(CRSError, match="correct the coordinates"):
        crs.convert_point(200, 23, METRIC_CRS)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("EPSG:99999", "not known"),
        ("GCJ-02", "not an EPSG code"),
        ("4547", "not an EPSG code"),
        ("EPSG:5737", "neither plane nor geographic"),  # a height
        ("EPSG:4479", "neither plane nor geographic"),  # geocentric
        ("EPSG:4610", "another datum"),  # Xian 1980: PROJ would shift by nothing
        ("EPSG:4214", "another datum"),  # Beijing 1954
    ],
)
def test_unfit_codes_are_refused_with_the_ones_to_use(code, words):
    calls = [lambda c: crs.describe_transformation(STORAGE_CRS, c), lambda c: crs.convert_point(113.3, 23.1, c)]
    for call in calls if words == "another datum" else [*calls, crs.dump_wkt]:
        with pytest.raises(CRSError, match=rf"{words}.*EPSG:4547"):
            call(code)


@pytest.mark.parametrize("code", DELIVERY_CRS)
def test_transformation_is_described_in_projs_words(code):
    told = crs.describe_transformation(STORAGE_CRS, code)
    assert (told.source, told.crs) == (STORAGE_CRS, code)
    assert told.name
    assert told.is_coincident == (told.accuracy_m is None) == (code not in (STORAGE_CRS, "EPSG:3857"))


def test_wkt_is_esris_with_longitude_first_and_no_axes():
    wkt = crs.dump_wkt("EPSG:4547")
    assert wkt.startswith('PROJCS["CGCS2000_3_Degree_GK_CM_114E"')
    assert 'PROJECTION["Gauss_Kruger"]' in wkt
    assert "AXIS" not in wkt
    assert wkt.isascii()


def test_metric_points_agree_with_the_general_conversion_from_any_thread():
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: crs.convert_to_metric(113.3, 23.1), range(8)))
    assert len(set(found)) == 1
    assert found[0] == pytest.approx((428285.956, 2555783.929), abs=0.001)
    assert found[0] == pytest.approx(crs.convert_point(113.3, 23.1, METRIC_CRS), abs=1e-6)


def test_metric_points_out_of_reach_are_infinite_not_an_error():
    assert not any(map(math.isfinite, crs.convert_to_metric(24.0, 0.0)))


# --- circles, and what is said in Chinese


@pytest.mark.parametrize(("centre", "edge"), [((113.3, 23.1), (113.4, 23.1)), ((113.3, 23.1), (113.3, 23.5))])
def test_a_circle_is_geodesic_and_begins_where_it_was_asked_to(centre, edge):
    bearing_deg, radius_m = crs.find_course(centre, edge)
    circle = crs.build_circle(centre, radius_m, points=64, bearing_deg=bearing_deg)
    corners = shapely.get_coordinates(circle)[:-1]
    assert len(corners) == 64
    assert corners[0] == pytest.approx(edge, abs=1e-12)
    assert circle.exterior.is_ccw
    assert radius_m == pytest.approx(crs.find_length_m(shapely.LineString([centre, edge])), abs=1e-6)
    for corner in corners.tolist():
        assert crs.find_length_m(shapely.LineString([centre, corner])) == pytest.approx(radius_m, abs=1e-6)
    # Of a polygon in a circle: its sides, geodesics but for millimetres, leave sin(2π/n) / (2π/n) of the area.
    share = math.sin(2 * math.pi / 64) / (2 * math.pi / 64)
    assert crs.find_area_m2(circle) == pytest.approx(math.pi * radius_m**2 * share, rel=1e-5)


def test_a_circle_around_itself_has_no_area():
    assert crs.find_area_m2(crs.build_circle((113.3, 23.1), 0, points=64)) == 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("EPSG:4549", ("EPSG:4547", "适用范围")),
        ("GCJ-02", ("火星坐标", "EPSG:4490")),
        ("bd09", ("百度",)),
        ("广州2000", ("参数不公开",)),
        ("EPSG:99999", ("没有 EPSG:99999",)),
        ("EPSG:4978", ("既不是平面",)),
        ("nonsense", ("应写成 EPSG:4547",)),
        ("EPSG:4214", ("大地基准不同",)),
    ],
)
def test_what_a_visitor_can_choose_wrongly_is_said_in_chinese_as_well(code, words):
    with pytest.raises(CRSError) as caught:
        crs.convert(make_frame(shapely.Point(113.3, 23.1)), code)
    assert all(word in caught.value.zh for word in words)
    assert caught.value.zh.endswith("。")
    assert code.upper() in str(caught.value).upper()
