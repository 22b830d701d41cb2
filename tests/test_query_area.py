"""What the plan says about an area: relation, certainty and measure, by hand, at random, and in the shipped data."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import METRIC_CRS, SITE_VERTICES, STORAGE_CRS, STUDY_BBOX
from gzmap.crs import convert_shapes_to_metric, find_area_m2, find_length_m
from gzmap.errors import AreaError, NotFoundError, QueryError
from gzmap.own import OwnLayer
from gzmap.own.folder import build_layer
from gzmap.query import (
    AreaAnswer,
    Overlap,
    build_rectangle,
    find_at,
    find_district_area,
    find_evidence,
    find_here,
    find_in_area,
    find_named,
    require_circle,
)
from gzmap.query.ground import FAULTS, require_ground
from gzmap.query.layers import build_rows, find_own_shapes, find_shapes
from gzmap.query.overlaps import RELATIONS, find_lie
from gzmap.query.shapes import Shapes
from gzmap.sites.layers import Layer
from tests.makers import default_layers, make_feature, make_points, make_project, make_square

# One metre in degrees, near enough for distances of some metres around 23.15 N.
M_NORTH = 1 / 110_750
M_EAST = 1 / 102_350
SQUARE = shapely.box(113.24, 23.14, 113.26, 23.16)
"""Where 帽峰山 is in the default project: some 2.0 by 2.2 km."""

POND = shapely.box(113.245, 23.145, 113.255, 23.155)
"""In the middle of it."""


def own_layer(shapes: list[BaseGeometry | None], names: list[str] | None = None, **columns: list) -> OwnLayer:
    """A layer of a planner's own, as a folder of them gives it."""
    frame = geopandas.GeoDataFrame({**columns, "名称": names or [""] * len(shapes)}, geometry=shapes, crs=STORAGE_CRS)
    read = Layer(name="", frame=frame, crs=STORAGE_CRS, name_field="名称", notes=())
    return dataclasses.replace(build_layer(read, "地块.gpkg"), layer_id="own.plots", title="地块")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return read_atlas(make_project(tmp_path_factory.mktemp("small")))


def open_with(folder: Path, *features: dict) -> Atlas:
    layers = {"districts": default_layers()["districts"], "spots": list(features)}
    return read_atlas(make_project(folder, layers, mentions=[]))


def rows_of(answer: AreaAnswer) -> dict[str, Overlap]:
    return {row.feature_id: row for row in answer.rows}


def only(folder: Path, area: BaseGeometry, geometry: dict, **properties: object) -> Overlap | None:
    """The row of the one feature of a project, None where it has none."""
    atlas = open_with(folder, make_feature("spots.b001", "园", geometry, **properties))
    return rows_of(find_in_area(atlas, area)).get("spots.b001")


def told(row: Overlap | None) -> tuple[str, str, bool] | None:
    return row and (row.relation, row.certainty, row.loose)


def make_lines(*lonlats: tuple[float, float]) -> dict:
    return {"type": "MultiLineString", "coordinates": [[list(p) for p in lonlats]]}


# --- relation and certainty


@pytest.mark.parametrize(
    ("inset_m", "expected"),
    [(60, ("within", "certain", False)), (40, ("within", "certain", True)), (0, ("within", "certain", True))],
)
def test_an_area_inside_is_within(tmp_path: Path, inset_m: float, expected: tuple) -> None:
    """It is certainly met; that all of it lies inside is open where its edge is nearer than its accuracy."""
    west = round(113.24 + inset_m * M_EAST, 6)
    assert told(only(tmp_path, SQUARE, make_square(west, 23.145, 0.01))) == expected


@pytest.mark.parametrize(
    ("depth_m", "expected"),
    [
        (60, ("overlaps", "certain", False)),
        (40, ("overlaps", "possible", False)),
        (1, ("overlaps", "possible", False)),
        (0, ("touches", "possible", False)),
        (-40, ("near", "possible", False)),
        (-60, None),
    ],
)
def test_an_area_across_the_edge_follows_its_depth(tmp_path: Path, depth_m: float, expected: tuple | None) -> None:
    west = round(113.26 - depth_m * M_EAST, 6)
    assert told(only(tmp_path, SQUARE, make_square(west, 23.145, 0.01))) == expected


def test_an_area_around_contains_certainly_where_it_reaches_deep(tmp_path: Path) -> None:
    site = shapely.box(113.25, 23.15, 113.2503, 23.1503)
    cases = {
        50: ("contains", "certain", False),
        990: ("contains", "certain", False),
        1_010: ("contains", "certain", True),
        1_200: ("contains", "possible", True),
    }
    for number, (accuracy_m, expected) in enumerate(cases.items()):
        folder = tmp_path / str(number)
        assert told(only(folder, site, make_square(113.24, 23.14), accuracy_m=accuracy_m)) == expected


def test_the_same_outline_is_within_and_shares_all(tmp_path: Path) -> None:
    row = only(tmp_path, SQUARE, make_square(113.24, 23.14))
    assert told(row) == ("within", "certain", True)
    assert (row.share, row.cover) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([(113.25, 23.10), (113.25, 23.20)], ("crosses", "certain", False)),
        ([(113.245, 23.15), (113.255, 23.15)], ("within", "certain", False)),
        ([(113.25, 23.10), (113.25, 23.1402)], ("crosses", "possible", False)),
        ([(113.22, 23.14), (113.28, 23.14)], ("touches", "possible", False)),
        ([(113.22, 23.1397), (113.28, 23.1397)], ("near", "possible", False)),
        ([(113.22, 23.1390), (113.28, 23.1390)], None),
    ],
)
def test_lines(tmp_path: Path, line: list, expected: tuple | None) -> None:
    row = only(tmp_path, SQUARE, make_lines(*line))
    assert told(row) == expected
    assert row is None or (row.unit, row.cover) == ("km", None)


@pytest.mark.parametrize(
    ("east_m", "expected"),
    [
        (-60, ("within", "certain", False)),
        (-40, ("within", "possible", True)),
        (40, ("near", "possible", False)),
        (60, None),
    ],
)
def test_pins(tmp_path: Path, east_m: float, expected: tuple | None) -> None:
    row = only(tmp_path, SQUARE, make_points((round(113.26 + east_m * M_EAST, 6), 23.15)))
    assert told(row) == expected
    assert row is None or (row.measure, row.unit, row.share, row.cover) == (None, "", None, None)


@pytest.mark.parametrize(
    ("east_m", "expected"),
    [
        (-510, ("within", "certain", False)),
        (-490, ("overlaps", "possible", False)),
        (490, ("overlaps", "possible", False)),
        (510, None),
    ],
)
def test_a_disc_is_possible_where_the_area_meets_it(tmp_path: Path, east_m: float, expected: tuple | None) -> None:
    point = make_points((round(113.26 + east_m * M_EAST, 6), 23.15))
    assert told(only(tmp_path, SQUARE, point, accuracy_m=500)) == expected


def test_a_disc_around_the_area_contains_it(tmp_path: Path) -> None:
    row = only(tmp_path, shapely.box(113.25, 23.15, 113.251, 23.151), make_points((113.25, 23.15)), accuracy_m=900)
    assert told(row) == ("contains", "possible", True)


def test_schematic_is_never_certain(tmp_path: Path) -> None:
    row = only(tmp_path, SQUARE, make_square(113.245, 23.145, 0.005), method="schematic", accuracy_m=10)
    assert told(row) == ("within", "possible", True)


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (make_square(113.245, 23.145, 0.005), ("within", "possible", True)),
        (make_square(113.255, 23.145, 0.02), ("overlaps", "possible", False)),
        (make_square(113.26, 23.145, 0.02), None),
        (make_square(113.265, 23.145, 0.02), None),
        (make_points((113.28, 23.15)), ("overlaps", "possible", False)),
        (make_points((113.32, 23.15)), None),
    ],
)
def test_wide_features_count_only_where_they_are_drawn(tmp_path: Path, geometry: dict, expected: tuple | None) -> None:
    row = only(tmp_path, SQUARE, geometry, accuracy_m=4_000)
    assert told(row) == expected
    assert row is None or row.wide


def test_an_unknown_accuracy_is_wide(tmp_path: Path) -> None:
    row = only(tmp_path, SQUARE, make_square(113.245, 23.145, 0.005), accuracy_m=None)
    assert (told(row), row.wide) == (("within", "possible", True), True)


@pytest.mark.parametrize(
    ("part_acc", "expected"),
    [
        ("100|100", ("overlaps", "certain", False)),
        ("1500|1500", ("overlaps", "possible", False)),
        ("1500|100", ("overlaps", "possible", False)),
        ("100|1500", ("overlaps", "certain", False)),
    ],
)
def test_each_part_counts_with_its_own_accuracy(tmp_path: Path, part_acc: str, expected: tuple) -> None:
    """The first part is 1 km inside, the second far away."""
    parts = make_points((113.25, 23.15), (113.35, 23.15))
    assert told(only(tmp_path, SQUARE, parts, accuracy_m=1_500, part_acc=part_acc)) == expected


def test_parts_that_are_all_inside_are_within(tmp_path: Path) -> None:
    parts = make_points((113.25, 23.15), (113.2501, 23.15), (113.2598, 23.15))
    assert told(only(tmp_path, SQUARE, parts, accuracy_m=50)) == ("within", "certain", True)


def test_a_hole_is_outside() -> None:
    ring = shapely.box(113.2, 23.1, 113.3, 23.2).difference(SQUARE)
    inside = own_layer([shapely.box(113.245, 23.145, 113.255, 23.155)])
    lie = find_lie(find_own_shapes(inside), np.array([0]), require_ground(ring))
    assert len(lie.rows) == 0


# --- measures


def test_measures_are_ellipsoidal_and_shares_are_of_feature_and_area(small: Atlas) -> None:
    east = shapely.box(113.25, 23.1, 113.35, 23.2)
    rows = rows_of(find_in_area(small, east))
    park, stream = rows["parks.p001"], rows["streams.s001"]
    half = shapely.box(113.25, 23.14, 113.26, 23.16)
    assert (park.relation, park.unit) == ("overlaps", "km2")
    assert park.measure == pytest.approx(find_area_m2(half) / 1e6, rel=1e-5)
    assert park.share == pytest.approx(0.5, abs=1e-4)
    assert park.cover == pytest.approx(find_area_m2(half) / find_area_m2(east), rel=1e-4)
    line = shapely.LineString([(113.32, 23.11), (113.32, 23.19)])
    assert (stream.relation, stream.unit, stream.share) == ("within", "km", 1.0)
    assert stream.measure == pytest.approx(find_length_m(line) / 1e3, abs=1e-6)


def test_of_what_contains_the_area_the_area_is_shared(small: Atlas) -> None:
    site = shapely.box(113.249, 23.149, 113.251, 23.151)
    row = rows_of(find_in_area(small, site))["parks.p001"]
    assert (row.relation, row.cover) == ("contains", 1.0)
    assert row.measure == pytest.approx(find_area_m2(site) / 1e6, abs=1e-6)
    assert row.share == pytest.approx(find_area_m2(site) / find_area_m2(SQUARE), rel=1e-4)


def test_what_only_touches_shares_nothing(small: Atlas) -> None:
    row = rows_of(find_in_area(small, shapely.box(113.26, 23.14, 113.27, 23.16)))["parks.p001"]
    assert (row.relation, row.measure, row.share, row.cover) == ("touches", 0.0, 0.0, 0.0)


# --- the answer as a whole


def test_districts_are_shares_of_the_area(small: Atlas) -> None:
    area = shapely.box(113.29, 23.14, 113.33, 23.16)
    answer = find_in_area(small, area)
    assert [d.name for d in answer.districts] == ["白云区", "黄埔区"]
    assert [d.share for d in answer.districts] == pytest.approx([0.25, 0.75], abs=1e-4)
    assert sum(d.km2 for d in answer.districts) == pytest.approx(answer.area_km2, abs=2e-6)
    assert answer.area_km2 == pytest.approx(find_area_m2(area) / 1e6, abs=1e-6)


def test_a_district_that_only_touches_is_none_of_them(small: Atlas) -> None:
    answer = find_in_area(small, find_district_area(small, "白云"))
    assert [(d.name, d.share) for d in answer.districts] == [("白云区", 1.0)]


def test_rows_are_ordered_and_say_what_the_catalogue_says(small: Atlas) -> None:
    rows = find_in_area(small, shapely.box(113.2, 23.1, 113.4, 23.2)).rows
    assert [(r.feature_id, r.certainty) for r in rows] == [
        ("parks.p001", "certain"),
        ("streams.s001", "certain"),
        ("spots.b001", "certain"),
        ("spots.b002", "certain"),
        ("parks.p002", "possible"),
    ]
    first = rows[0]
    assert (first.layer_id, first.name, first.category, first.status) == ("parks", "帽峰山", "site", "existing")
    assert first.evidence == find_evidence(small, "parks.p001")
    assert not first.own


def test_base_layers_are_no_rows(small: Atlas) -> None:
    assert {r.layer_id for r in find_in_area(small, SQUARE).rows} == {"parks"}


def test_wide_features_come_last(tmp_path: Path) -> None:
    features = [
        make_feature("spots.b001", "片", make_square(113.21, 23.11), accuracy_m=9_000),
        make_feature("spots.b002", "示", make_square(113.22, 23.12), method="schematic"),
        make_feature("spots.b003", "实", make_square(113.23, 23.13)),
    ]
    rows = find_in_area(open_with(tmp_path, *features), shapely.box(113.2, 23.1, 113.3, 23.2)).rows
    assert [r.feature_id for r in rows] == ["spots.b003", "spots.b002", "spots.b001"]


def test_what_has_no_place_is_told_by_its_district(tmp_path: Path) -> None:
    features = [
        make_feature("spots.b001", "谷", None, district="白云区|黄埔区"),
        make_feature("spots.b002", "坑", None, district="黄埔区"),
        make_feature("spots.b003", "岭", None, district=""),
        make_feature("spots.b004", "岗", make_square(113.21, 23.11), district="白云区"),
    ]
    answer = find_in_area(open_with(tmp_path, *features), SQUARE)
    assert (answer.unlocated, answer.rows) == (("spots.b001",), ())


def test_totals_add_up_by_layer_and_status(tmp_path: Path) -> None:
    squares = [
        make_feature("spots.b001", "甲", make_square(113.24, 23.14, 0.005)),
        make_feature("spots.b002", "乙", make_square(113.25, 23.14, 0.005), status="proposed"),
        make_feature("spots.b003", "丙", make_square(113.24, 23.15, 0.005), accuracy_m=3_000),
    ]
    answer = find_in_area(open_with(tmp_path, *squares), SQUARE)
    by_status = {t.status: t for t in answer.totals}
    assert [(t.layer_id, t.count, t.certain, t.wide, t.km, t.own) for t in answer.totals] == [
        ("spots", 2, 1, 1, 0.0, False),
        ("spots", 1, 1, 0, 0.0, False),
    ]
    one = find_area_m2(shapely.box(113.24, 23.14, 113.245, 23.145)) / 1e6
    assert by_status["existing"].km2 == pytest.approx(2 * one, rel=1e-4)
    assert by_status["proposed"].km2 == pytest.approx(one, rel=1e-4)
    assert sum(t.count for t in answer.totals) == answer.count == len(answer.rows)


def test_an_empty_place_has_an_empty_answer(small: Atlas) -> None:
    answer = find_in_area(small, shapely.box(112.5, 23.5, 112.51, 23.51))
    assert (answer.rows, answer.totals, answer.districts, answer.unlocated) == ((), (), (), ())


def test_layers_without_geometry_or_features(tmp_path: Path) -> None:
    layers = {"spots": [make_feature("spots.b001", "谷", None)], "parks": []}
    assert find_in_area(read_atlas(make_project(tmp_path, layers, mentions=[])), SQUARE).rows == ()


def test_rows_are_plain_data(small: Atlas) -> None:
    row = find_in_area(small, SQUARE).rows[0]
    for name, value in dataclasses.asdict(row).items():
        assert type(value) in (str, bool, float, tuple, type(None)), name
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.name = "x"


def test_a_multi_polygon_and_heights(small: Atlas) -> None:
    flat = shapely.MultiPolygon([SQUARE, shapely.box(113.31, 23.1, 113.33, 23.2)])
    high = shapely.force_3d(flat, 7.0)
    assert find_in_area(small, high).rows == find_in_area(small, flat).rows
    assert set(rows_of(find_in_area(small, flat))) == {"parks.p001", "streams.s001"}


# --- layers of the planner's own


def test_own_features_take_part_without_words(small: Atlas) -> None:
    squares = [POND, shapely.box(113.26, 23.14, 113.27, 23.16), None]
    answer = find_in_area(small, SQUARE, own=[own_layer(squares, ["红线甲", "红线乙", "空"])])
    park, one, two = answer.rows
    assert (park.feature_id, one.name, two.name) == ("parks.p001", "红线甲", "红线乙")
    assert (one.own, one.evidence, one.layer_id) == (True, (), "own.plots")
    assert one.feature_id.startswith("own.plots.")
    assert told(one) == ("within", "certain", False)
    assert told(two) == ("touches", "possible", False)
    assert answer.own_titles == {"own.plots": "地块"}
    assert [(t.layer_id, t.count, t.own) for t in answer.totals] == [("parks", 1, False), ("own.plots", 2, True)]


def test_own_features_may_say_their_accuracy_and_method(small: Atlas) -> None:
    said = {"accuracy_m": [5_000.0, None, 10.0], "method": ["derived", None, "schematic"]}
    rows = find_in_area(small, SQUARE, own=[own_layer([POND] * 3, ["粗", "实", "示"], **said)]).rows[1:]
    assert [(r.name, r.certainty, r.wide) for r in rows] == [
        ("实", "certain", False),
        ("示", "possible", False),
        ("粗", "possible", True),
    ]


def test_own_features_without_a_name_are_called_by_their_ids(small: Atlas) -> None:
    one, two = (r for r in find_in_area(small, SQUARE, own=[own_layer([SQUARE, POND], ["", "=cmd|'x'"])]).rows if r.own)
    assert (one.feature_id, two.name) == (f"own.plots.{one.name}", "=cmd|'x'")


def test_own_areas_that_cross_themselves_are_mended(small: Atlas) -> None:
    bow = shapely.Polygon([(113.24, 23.14), (113.26, 23.16), (113.26, 23.14), (113.24, 23.16)])
    row = find_in_area(small, SQUARE, own=[own_layer([bow])]).rows[-1]
    assert (row.own, row.relation) == (True, "within")
    assert row.cover == pytest.approx(0.5, abs=1e-3)


def test_own_mixed_geometries(small: Atlas) -> None:
    shapes = [shapely.Point(113.25, 23.15), shapely.LineString([(113.2, 23.15), (113.25, 23.15)]), SQUARE]
    rows = find_in_area(small, SQUARE, own=[own_layer(shapes)]).rows[1:]
    assert [(r.relation, r.unit) for r in rows] == [("within", ""), ("crosses", "km"), ("within", "km2")]


# --- areas that cannot be asked about

RING = [(113.2, 23.1), (113.3, 23.1), (113.3, 23.2), (113.2, 23.2)]
BAD = {
    "area-kind": [None, "POLYGON EMPTY", shapely.Point(113.2, 23.1), shapely.LineString(RING)],
    "area-empty": [shapely.Polygon(), shapely.MultiPolygon()],
    "area-infinite": [shapely.transform(shapely.box(0, 0, 1, 1), lambda xy: np.where(xy == 1, math.inf, xy))],
    "area-vertices": [shapely.segmentize(SQUARE, 0.08 / (SITE_VERTICES + 10))],
    "area-degrees": [shapely.box(397_000, 2_560_000, 398_000, 2_561_000)],
    "area-crossing": [shapely.Polygon([(113.2, 23.1), (113.3, 23.2), (113.3, 23.1), (113.2, 23.2)])],
    "area-narrow": [shapely.box(113.2, 23.1, 113.2 + 1e-6, 23.2), shapely.Polygon([(113.2, 23.1)] * 4).buffer(1e-7)],
    "area-antimeridian": [shapely.box(-179, 23, 179, 24), shapely.box(-180, -90, 180, 90)],
    "area-flipped": [shapely.box(23.1, 113.2, 23.2, 113.3)],
    "area-far": [shapely.box(0, 0, 1, 1), shapely.box(116.3, 39.9, 116.5, 40.1)],
    "area-large": [shapely.box(100, 15, 125, 35), shapely.box(113, 23, 117, 24)],
}  # fmt: skip


@pytest.mark.parametrize(("code", "area"), [(code, area) for code, areas in BAD.items() for area in areas])
def test_bad_areas_are_refused(small: Atlas, code: str, area: object) -> None:
    with pytest.raises(AreaError) as caught:
        find_in_area(small, area)
    assert caught.value.code == code
    assert isinstance(caught.value, QueryError)
    assert "{" not in str(caught.value) + caught.value.zh


def test_every_fault_has_two_languages_with_the_same_facts() -> None:
    def facts(text: str) -> set[str]:
        return {part.split("}")[0] for part in text.split("{")[1:]}

    for en, zh in FAULTS.values():
        assert facts(en) == facts(zh)
        assert en.isascii() or "°" in en
        assert not zh.isascii()


def test_a_crossing_is_told_with_its_place(small: Atlas) -> None:
    with pytest.raises(AreaError, match=r"113\.25000, 23\.15000"):
        find_in_area(small, BAD["area-crossing"][0])


def test_an_area_may_reach_a_little_beyond_the_map(small: Atlas) -> None:
    west, south, east, north = STUDY_BBOX
    everything = find_in_area(small, shapely.box(west - 0.5, south - 0.5, east + 0.5, north + 0.5))
    assert {r.relation for r in everything.rows} == {"within"}
    assert len(everything.rows) == 5


# --- districts, rectangles, circles


@pytest.mark.parametrize("name", ["黄埔区", "黄埔", "districts.440112"])
def test_a_district_is_found_by_name_or_id(small: Atlas, name: str) -> None:
    assert find_district_area(small, name).equals(shapely.box(113.3, 23.1, 113.4, 23.2))


def test_an_unknown_district_is_named(small: Atlas) -> None:
    with pytest.raises(NotFoundError, match="did you mean '黄埔区'"):
        find_district_area(small, "黃埔区")


@pytest.mark.parametrize(
    "bbox",
    [(113.3, 23, 113.2, 24), (113, 23, 113, 24), (113, 24, 114, 23), (math.nan, 23, 114, 24), (113, 23, math.inf, 24)],
)
def test_a_rectangle_needs_its_corners_in_order(bbox: tuple) -> None:
    with pytest.raises(AreaError) as caught:
        build_rectangle(bbox)
    assert caught.value.code == "area-bbox"


def test_a_circle_has_its_radius_all_around(small: Atlas) -> None:
    circle = require_circle(113.25, 23.15, 1_000)
    plane = require_ground(circle).plane
    centre = convert_shapes_to_metric(np.array([shapely.Point(113.25, 23.15)]))[0]
    corners = shapely.points(shapely.get_coordinates(plane))
    # Corners between those that the circle was made of are on its edges.
    assert shapely.distance(centre, corners) == pytest.approx([1_000] * len(corners), abs=1.5)
    assert find_area_m2(circle) == pytest.approx(math.pi * 1e6, rel=2e-3)


@pytest.mark.parametrize(
    ("circle", "code"),
    [
        ((113.25, 23.15, 0), "area-circle"), ((113.25, 23.15, -5), "area-circle"), ((math.nan, 23, 5), "area-circle"),
        ((113.25, 23.15, math.inf), "area-circle"), ((113.25, 23.15, 1e8), "area-antimeridian"),
        ((113.25, 23.15, 900_000), "area-large"), ((200, 23, 5), "area-degrees"), ((23.1, 45, 500), "area-far"),
        ((179.99, 23.1, 5_000), "area-far"),
    ],
)  # fmt: skip
def test_bad_circles_are_refused(circle: tuple, code: str) -> None:
    with pytest.raises(AreaError) as caught:
        require_circle(*circle)
    assert caught.value.code == code


def test_a_point_and_a_small_circle_agree(atlas: Atlas) -> None:
    """Which features contain a point, and which a circle of a metre around it, is the same question."""
    for lon, lat in ((113.33, 23.07), (113.6, 22.6), (113.45, 23.35), (113.28, 23.18), (113.8, 23.6)):
        at = {p.id: p.certainty for p in find_at(atlas, lon, lat) if p.kind == "feature" and p.relation == "contains"}
        around = find_in_area(atlas, require_circle(lon, lat, 1.0)).rows
        assert {r.feature_id: r.certainty for r in around if r.relation == "contains"} == at


# --- random layouts against shapely, on a grid of some 100 m

STEP = 0.001
WEST, SOUTH = 113.2, 23.1
CORNER = st.tuples(st.integers(0, 12), st.integers(0, 12))
GROUNDS = st.lists(CORNER, min_size=3, max_size=7).map(lambda points: shapely.MultiPoint(points).convex_hull)
SHAPES = st.one_of(
    GROUNDS, st.lists(CORNER, min_size=2, max_size=4, unique=True).map(shapely.LineString), CORNER.map(shapely.Point)
)
ACCURACIES = st.sampled_from([0, 10, 60, 150, 280, 500, 1_200, 3_000])


def to_degrees(shape: BaseGeometry) -> BaseGeometry:
    """From grid numbers to degrees; rounded, so that the same corner is the same number."""
    return shapely.transform(shape, lambda xy: np.round(xy * STEP + (WEST, SOUTH), 6))


def build_random(shapes: list[BaseGeometry], accuracies: list[int], methods: list[str]) -> Shapes:
    columns = {"name": "园", "accuracy_m": [float(a) for a in accuracies], "method": methods}
    frame = geopandas.GeoDataFrame(columns, geometry=[to_degrees(s) for s in shapes], crs=STORAGE_CRS)
    frame.index = [f"spots.{n}" for n in range(len(shapes))]
    return Shapes(build_rows("spots", frame))


LAYOUTS = st.lists(st.tuples(SHAPES, ACCURACIES, st.sampled_from(["derived", "schematic"])), min_size=1, max_size=6)


def expected_relation(
    shape: BaseGeometry, ground: BaseGeometry, *, plane: BaseGeometry, drawn: BaseGeometry, accuracy: int
) -> str | None:
    """What the relation is, by shapely's own predicates on whole numbers; distances in the plane."""
    gap = shapely.distance(plane, drawn)
    if shape.geom_type == "Point" and accuracy > 300:
        return expected_of_disc(plane, drawn, accuracy)
    is_line = shape.geom_type == "LineString"
    common = shape.intersection(ground)
    shares = common.difference(ground.boundary).length > 0 if is_line else common.area > 0
    if shares or (shape.geom_type == "Point" and ground.covers(shape)):
        part = "crosses" if is_line else "overlaps"
        return "within" if ground.covers(shape) else "contains" if shape.covers(ground) else part
    apart = "touches" if shape.intersects(ground) else "near" if gap <= accuracy else None
    return None if accuracy > 2_000 else apart


def expected_of_disc(plane: BaseGeometry, centre: BaseGeometry, radius_m: float) -> str | None:
    if plane.covers(centre) and shapely.distance(plane.boundary, centre) >= radius_m:
        return "within"
    corners = shapely.points(shapely.get_coordinates(plane))
    if shapely.distance(centre, corners).max() <= radius_m:
        return "contains"
    return "overlaps" if shapely.distance(plane, centre) < radius_m else None


def sample_depth(inner: BaseGeometry, outer: BaseGeometry, *, step_m: float) -> float:
    """Greatest depth in an area that a net of points in another shape finds; the true one is at most a step more."""
    if inner.is_empty:
        return -math.inf
    west, south, east, north = inner.bounds
    net = np.array(
        [(x, y) for x in np.arange(west, east + step_m, step_m) for y in np.arange(south, north + step_m, step_m)]
    )
    points = np.concatenate([net, shapely.get_coordinates(shapely.segmentize(inner, step_m))])
    points = shapely.points(points)
    points = points[shapely.dwithin(inner, points, 1e-6) & shapely.covers(outer, points)]
    return float(shapely.distance(outer.boundary, points).max()) if len(points) else -math.inf


@given(GROUNDS, LAYOUTS)
def test_random_layouts_lie_as_shapely_says(outline: BaseGeometry, layout: list) -> None:
    assume(outline.geom_type == "Polygon")
    # A line that goes the same way twice is measured once or twice, as its corners are rounded.
    layout = [thing for thing in layout if thing[0].is_valid and thing[0].is_simple and not thing[0].is_empty]
    assume(layout)
    shapes = build_random(*map(list, zip(*layout, strict=True)))
    ground = require_ground(to_degrees(outline))
    lie = find_lie(shapes, np.arange(len(shapes)), ground)
    found = {int(row): n for n, row in enumerate(lie.rows)}
    for row, drawn in enumerate(shapes.parts["geometry"]):
        number = int(shapes.parts["id"][row].split(".")[1])
        shape, accuracy, method = layout[number]
        thresholds = (shapely.distance(ground.plane, drawn), shapely.distance(ground.plane.boundary, drawn))
        if any(abs(t - accuracy) < 1 for t in thresholds if accuracy):
            continue
        relation = expected_relation(shape, outline, plane=ground.plane, drawn=drawn, accuracy=accuracy)
        assert (RELATIONS[lie.relation[found[row]]] if row in found else None) == relation
        if row in found:
            check_certainty(lie.sure[found[row]], ground.plane, drawn, accuracy=accuracy, method=method)
            check_size(lie.size[found[row]], shape, outline)


def check_certainty(sure: bool, plane: BaseGeometry, drawn: BaseGeometry, *, accuracy: int, method: str) -> None:
    if method == "schematic" or accuracy > 2_000:
        assert not sure
        return
    if not accuracy:
        return
    step = 15.0
    common = plane.intersection(drawn)
    depths = [sample_depth(common, plane, step_m=step)]
    if drawn.geom_type in ("Polygon", "MultiPolygon"):
        depths.append(sample_depth(common, drawn, step_m=step))
    if max(depths) > accuracy + 0.01:
        assert sure
    if max(depths) + step < accuracy:
        assert not sure


def check_size(size: float, shape: BaseGeometry, outline: BaseGeometry) -> None:
    """Shared km or km² against the intersection on whole numbers, carried to degrees and measured there."""
    common = shape.intersection(outline)
    if shape.geom_type == "Point":
        assert math.isnan(size)
    elif shape.geom_type == "LineString":
        inside = to_degrees_exact(common)
        on_edge = find_length_m(to_degrees_exact(common.intersection(outline.boundary)))
        assert find_length_m(inside) - on_edge - 1 <= size <= find_length_m(inside) + 1
    else:
        assert size == pytest.approx(find_area_m2(to_degrees_exact(common)), abs=50)


def to_degrees_exact(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: xy * STEP + (WEST, SOUTH))


def test_the_depth_of_a_net_is_the_depth() -> None:
    square, core = shapely.box(0, 0, 1_000, 1_000), shapely.box(400, 400, 600, 450)
    assert sample_depth(core, square, step_m=10) == pytest.approx(450, abs=10)
    assert sample_depth(square, core, step_m=10) == pytest.approx(25, abs=10)


# --- here, and words


def test_here_tells_districts_features_wide_ones_and_sentences(small: Atlas) -> None:
    here = find_here(small, 113.25, 23.15, radius_m=9_000)
    assert [t.place.name for t in here.districts] == ["白云区"]
    by_id = {t.place.id: t for t in here.features}
    assert by_id["streams.s001"].place.distance_m == pytest.approx(7_169, abs=2)
    assert by_id["streams.s001"].layer_id == "streams"
    assert by_id["parks.p001"].evidence == find_evidence(small, "parks.p001") != ()
    assert {t.place.id for t in here.told} == {p.id for p in find_at(small, 113.25, 23.15, radius_m=9_000)}


def test_here_folds_wide_features_and_tells_own_ones(tmp_path: Path) -> None:
    wide = make_feature("spots.b001", "片", make_square(113.21, 23.11), accuracy_m=9_000)
    layer = own_layer([shapely.box(113.219, 23.119, 113.221, 23.121), shapely.Point(113.2205, 23.12)], ["甲", "乙"])
    here = find_here(open_with(tmp_path, wide), 113.22, 23.12, radius_m=100, own=[layer])
    assert [t.place.id for t in here.wide] == ["spots.b001"]
    assert here.features == ()
    assert [(t.place.name, t.place.kind, t.place.relation, t.place.certainty, t.layer_id) for t in here.own] == [
        ("乙", "own", "near", "certain", "own.plots"),
        ("甲", "own", "contains", "certain", "own.plots"),
    ]  # in the order of `find_at`: the smaller first


def test_a_paragraph_names_features_in_reading_order(small: Atlas) -> None:
    named = find_named(small, "chp_2__sec_1__para_1")
    assert [(n.feature_id, n.role, n.located) for n in named] == [
        ("spots.b001", "evidence", True),
        ("spots.b002", "evidence", True),
        ("parks.p001", "mention", True),
    ]
    text = small.document.passages["chp_2__sec_1__para_1"]
    assert [text[a:b] for a, b in named[0].spans] == ["白云区", "新型储能产业园"]
    assert [n.name for n in find_named(small, "chp_1__sec_1__para_1")] == ["帽峰山", "白云湖", "无名谷"]
    assert not find_named(small, "chp_1__sec_1__para_1")[-1].located


def test_a_heading_that_names_nothing_and_an_unknown_passage(small: Atlas) -> None:
    assert find_named(small, "chp_1") == ()
    with pytest.raises(NotFoundError):
        find_named(small, "chp_9")


def test_the_whole_plan_is_named_in_reading_order(atlas: Atlas) -> None:
    """Every mention that stands is in some passage, once."""
    spans = [
        (para_id, named.feature_id, span)
        for para_id in atlas.document.passages
        for named in find_named(atlas, para_id)
        for span in named.spans
    ]
    assert len(spans) == len(set(spans)) == len({(m.para_id, m.feature_id, (m.start, m.end)) for m in atlas.mentions})
    for para_id in atlas.document.passages:
        firsts = [named.spans[0] for named in find_named(atlas, para_id)]
        assert firsts == sorted(firsts)


# --- the shipped data, by what people know


@pytest.mark.parametrize(
    ("district", "inside", "outside"),
    [
        ("海珠区", {"海珠湿地", "珠江前航道", "珠江后航道"}, {"南沙湿地", "流溪河", "白云山"}),
        ("南沙区", {"南沙湿地", "蕉门水道", "洪奇沥水道"}, {"海珠湿地", "流溪河", "增江"}),
        ("从化区", {"流溪河", "从化温泉总部集聚区"}, {"珠江前航道", "南沙湿地", "增江"}),
        ("增城区", {"增江", "东江"}, {"流溪河", "珠江西航道", "海珠湿地"}),
        ("番禺区", {"海鸥岛", "沙湾水道"}, {"增江", "流溪河", "东濠涌"}),
        ("越秀区", {"东濠涌"}, {"流溪河", "猎德涌", "海珠湿地"}),
    ],
)
def test_what_lies_in_a_district_is_known(atlas: Atlas, district: str, inside: set[str], outside: set[str]) -> None:
    answer = find_in_area(atlas, find_district_area(atlas, district))
    names = {row.name for row in answer.rows}
    assert inside <= names
    assert not outside & names
    assert [d.name for d in answer.districts] == [district]


def test_the_whole_city_holds_every_located_feature_of_a_district(atlas: Atlas) -> None:
    answer = find_in_area(atlas, shapely.union_all(atlas.layers["districts"].geometry.to_numpy()))
    assert len(answer.districts) == 11
    assert sum(d.share for d in answer.districts) == pytest.approx(1, abs=1e-3)
    plan = {e.layer_id for e in atlas.catalog.plan_entries}
    located = {
        f.feature_id
        for f in atlas.features.values()
        if f.layer_id in plan and f.geometry is not None and f.properties.get("district")
    }
    assert located <= {row.feature_id for row in answer.rows}


def test_what_is_schematic_or_wide_is_nowhere_certain(atlas: Atlas) -> None:
    answer = find_in_area(atlas, shapely.box(112.9, 22.5, 114.1, 23.95))
    for row in answer.rows:
        said = atlas.features[row.feature_id].properties
        if said["method"] == "schematic" or said["accuracy_m"] > 2_000:
            assert row.certainty == "possible"
    assert any(row.certainty == "certain" for row in answer.rows)


def test_shares_of_the_shipped_features_are_those_of_the_ellipsoid(atlas: Atlas) -> None:
    area = find_district_area(atlas, "南沙区")
    for row in find_in_area(atlas, area).rows:
        geometry = atlas.features[row.feature_id].geometry
        if row.unit == "km2" and row.relation == "overlaps":
            assert row.measure == pytest.approx(find_area_m2(geometry.intersection(area)) / 1e6, abs=1e-4)
        if row.unit == "km" and row.relation == "crosses":
            assert row.measure == pytest.approx(find_length_m(geometry.intersection(area)) / 1e3, abs=1e-4)


def test_a_size_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []

    def count(lonlats: np.ndarray, dimensions: np.ndarray) -> np.ndarray:
        measured.extend(lonlats)
        return np.ones(len(lonlats))

    monkeypatch.setattr("gzmap.query.shapes.measure_shapes", count)
    shapes = find_own_shapes(own_layer([SQUARE, POND]))
    assert shapes.measure(np.array([1, 1, 1])).tolist() == [1, 1, 1]
    assert shapes.measure(np.array([1, 0])).tolist() == [1, 1]
    assert len(measured) == 2


def test_shapes_are_made_once(atlas: Atlas) -> None:
    assert find_shapes(atlas) is find_shapes(atlas)
    layer = own_layer([SQUARE])
    assert find_own_shapes(layer) is find_own_shapes(layer)
    assert find_own_shapes(layer).frame.crs == METRIC_CRS
