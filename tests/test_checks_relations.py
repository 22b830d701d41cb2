"""What features are to one another and to the city, and how their measures stand to those of documents."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
import shapely

from gzmap.checks import check_atlas, find_lengths
from gzmap.checks.figures import farthest_m, find_number, read_figures
from gzmap.checks.reading import read_project
from gzmap.config import METRIC_CRS, STORAGE_CRS
from gzmap.crs import find_area_m2, find_length_m
from tests.makers import default_layers, edit_json, make_feature, make_points, make_project, make_square, write_text

CODES = {"based-on", "part-of", "overlap", "leaves-city", "measure-stale", "length-unexplained"}
# One metre in degrees, near enough for some hundred metres around 23.15 N.
M_NORTH = 1 / 110_750
M_EAST = 1 / 102_350


def make_line(*lonlats: tuple[float, float]) -> dict:
    return {"type": "MultiLineString", "coordinates": [[list(p) for p in lonlats]]}


def make_areas(*squares: dict) -> dict:
    return {"type": "MultiPolygon", "coordinates": [ring for square in squares for ring in square["coordinates"]]}


def found(folder: Path, *features: dict, layer: str = "parks", **others: list[dict]) -> set[tuple[str, str]]:
    """Codes of this file's kind, with the local id of the feature, in a project of these layers."""
    layers = {"districts": default_layers()["districts"], **others, layer: list(features)}
    findings = check_atlas(make_project(folder, layers, mentions=[]))
    return {(f.code, f.where.rpartition(".")[2]) for f in findings if f.code in CODES}


def park(local: str, geometry: dict | None, **properties: object) -> dict:
    return make_feature(f"parks.{local}", local, geometry, **properties)


def stream(local: str, geometry: dict | None, **properties: object) -> dict:
    return make_feature(f"streams.{local}", local, geometry, **properties)


WEST, EAST = make_square(113.21, 23.11), make_square(113.27, 23.11)


# --- figures


def test_broken_figures_are_left_to_others(tmp_path: Path) -> None:
    bow = [[113.2, 23.1], [113.3, 23.2], [113.3, 23.1], [113.2, 23.2], [113.2, 23.1]]
    features = [
        park("a", WEST),
        park("b", None),
        park("c", {"type": "MultiPolygon", "coordinates": [[bow]]}),
        park("d", make_square(116.3, 39.9)),
    ]
    project = make_project(tmp_path, {"parks": features}, mentions=[])
    edit_broken = (project / "layers/parks.geojson").read_text(encoding="utf-8").replace("116.3,", '"x",', 1)
    write_text(project / "layers/parks.geojson", edit_broken)
    figures = read_figures(read_project(project))
    assert list(figures) == ["parks.a", "parks.b"]
    assert figures["parks.b"].shape.is_empty
    assert figures["parks.a"].shape.area == pytest.approx(2046.5 * 2215, rel=0.01)


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3.0), (2.5, 2.5), (None, None), (True, None), ("3", None), ([], None), (10**400, float("inf"))],
)
def test_only_numbers_are_numbers(value: object, number: float | None) -> None:
    assert find_number({"n": value}, "n") == number
    assert find_number({}, "n") is None


def test_the_farthest_place_may_lie_between_two_vertices() -> None:
    valley = shapely.LineString([(0, 0), (1000, 0)])
    ends = shapely.union_all([shapely.Point(0, 0).buffer(10), shapely.Point(1000, 0).buffer(10)])
    assert farthest_m(valley, ends) == pytest.approx(490, abs=5)
    assert farthest_m(shapely.Point(0, 5), ends) == 0
    assert farthest_m(valley, shapely.Polygon()) == farthest_m(shapely.Polygon(), valley) == 0


# --- based_on


def test_a_copy_is_based_on_its_original(tmp_path: Path) -> None:
    one, other = park("a", WEST), park("b", EAST)
    copies = [
        make_feature("nodes.n1", "同", WEST, based_on="parks.a"),
        make_feature("nodes.n2", "合", make_areas(EAST, WEST), based_on="parks.a|parks.b"),
        make_feature("nodes.n3", "空", None, based_on="parks.c"),
    ]
    assert found(tmp_path, one, other, park("c", None), nodes=copies) == set()


def test_a_district_may_be_a_base(tmp_path: Path) -> None:
    district = default_layers()["districts"][0]
    assert found(tmp_path, park("a", district["geometry"], based_on="districts.440111")) == set()


def test_neighbours_may_be_made_one(tmp_path: Path) -> None:
    west, east = (f["geometry"] for f in default_layers()["districts"])
    whole = {
        "type": "MultiPolygon",
        "coordinates": [[[[113.2, 23.1], [113.4, 23.1], [113.4, 23.2], [113.2, 23.2], [113.2, 23.1]]]],
    }
    assert found(tmp_path / "one", park("a", whole, based_on="districts.440111|districts.440112")) == set()
    assert found(tmp_path / "half", park("a", west, based_on="districts.440111|districts.440112")) == {
        ("based-on", "a")
    }
    assert found(tmp_path / "other", park("a", east, based_on="districts.440111")) == {("based-on", "a")}


@pytest.mark.parametrize(
    ("geometry", "based_on"),
    [
        (EAST, "parks.a"),
        (None, "parks.a"),
        (WEST, "parks.c"),
        (WEST, "parks.a|parks.b"),
        (make_areas(WEST, EAST), "parks.a"),
        (make_square(113.21, 23.11, 0.020001), "parks.a"),
        (WEST, "parks.z"),
        (WEST, "parks.a|parks.z"),
        (WEST, "nodes.n1"),
    ],
)
def test_what_is_no_copy_is_found(tmp_path: Path, geometry: dict | None, based_on: str) -> None:
    copy = make_feature("nodes.n1", "同", geometry, based_on=based_on)
    assert found(tmp_path, park("a", WEST), park("b", EAST), park("c", None), nodes=[copy]) == {("based-on", "n1")}


def test_the_parts_count_as_often_as_they_are_named(tmp_path: Path) -> None:
    spots = [make_feature("spots.a", "一", make_points((113.25, 23.15))), make_feature("spots.b", "二", None)]
    twice = make_points((113.25, 23.15), (113.25, 23.15))
    copy = make_feature("sites.c", "重", twice, based_on="spots.a")
    assert found(tmp_path, *spots, layer="spots", sites=[copy]) == {("based-on", "c")}


def test_a_broken_layer_is_not_accused_of_lacking_features(tmp_path: Path) -> None:
    layers = {
        **default_layers(),
        "nodes": [make_feature("nodes.n1", "同", WEST, based_on="parks.z", part_of="parks.y")],
    }
    project = make_project(tmp_path, layers)
    write_text(project / "layers/parks.geojson", "{")
    assert not {f.code for f in check_atlas(project)} & CODES


# --- part_of


def test_a_part_lies_within_its_whole(tmp_path: Path) -> None:
    whole = stream("a", make_line((113.25, 23.11), (113.25, 23.19)))
    part = stream("b", make_line((113.25, 23.12), (113.25, 23.15)), part_of="streams.a")
    assert found(tmp_path, whole, part, layer="streams") == set()


@pytest.mark.parametrize(("offset_m", "codes"), [(90, set()), (110, {("part-of", "b")})])
def test_a_part_may_be_off_by_the_accuracy_of_the_whole(tmp_path: Path, offset_m: float, codes: set) -> None:
    lon = 113.25 + offset_m * M_EAST
    whole = stream("a", make_line((113.25, 23.11), (113.25, 23.19)), accuracy_m=100)
    part = stream("b", make_line((lon, 23.12), (lon, 23.15)), part_of="streams.a", accuracy_m=5_000)
    assert found(tmp_path, whole, part, layer="streams") == codes


@pytest.mark.parametrize("part_of", ["streams.z", "streams.b", "streams.a|streams.z"])
def test_a_part_of_nothing_is_found(tmp_path: Path, part_of: str) -> None:
    line = make_line((113.25, 23.11), (113.25, 23.19))
    assert found(tmp_path, stream("a", line), stream("b", line, part_of=part_of), layer="streams") >= {("part-of", "b")}


def test_a_part_of_what_is_not_located_is_no_error(tmp_path: Path) -> None:
    part = stream("b", make_line((113.25, 23.12), (113.25, 23.15)), part_of="streams.a")
    assert found(tmp_path, stream("a", None), part, layer="streams") == set()


# --- overlap


@pytest.mark.parametrize(("overlap_m", "codes"), [(90, set()), (110, {("overlap", "a")})])
def test_areas_may_overlap_by_both_accuracies(tmp_path: Path, overlap_m: float, codes: set) -> None:
    neighbour = make_square(round(113.23 - overlap_m * M_EAST, 6), 23.11)
    assert found(tmp_path, park("a", WEST, accuracy_m=60), park("b", neighbour, accuracy_m=40)) == codes


def test_a_narrow_strip_is_no_overlap_however_long_and_oblique(tmp_path: Path) -> None:
    def strip(*corners: tuple[float, float]) -> dict:
        return {"type": "MultiPolygon", "coordinates": [[[list(p) for p in (*corners, corners[0])]]]}

    lower = strip((113.21, 23.11), (113.29, 23.11), (113.29, 23.1907))
    upper = strip((113.21, 23.11), (113.29, 23.19), (113.21, 23.19))
    assert found(tmp_path, park("a", lower, accuracy_m=50), park("b", upper, accuracy_m=50)) == set()


@pytest.mark.parametrize(
    ("ones", "others"),
    [
        ({"part_of": "parks.b"}, {"part_of": ""}),
        ({"part_of": ""}, {"part_of": "parks.a"}),
        ({"based_on": "parks.b"}, {"based_on": ""}),
        ({"based_on": "nodes.n1"}, {"based_on": "nodes.n1"}),
    ],
)
def test_what_belongs_together_may_overlap(tmp_path: Path, ones: dict, others: dict) -> None:
    node = make_feature("nodes.n1", "同", WEST)
    assert found(tmp_path, park("a", WEST, **ones), park("b", WEST, **others), nodes=[node]) == set()


def test_parts_of_one_whole_may_not_overlap(tmp_path: Path) -> None:
    features = [park("a", WEST, part_of="parks.c"), park("b", WEST, part_of="parks.c"), park("c", WEST, part_of="")]
    assert found(tmp_path, *features) == {("overlap", "a")}


def test_layers_may_lie_over_one_another(tmp_path: Path) -> None:
    assert found(tmp_path, park("a", WEST), nodes=[make_feature("nodes.n1", "同", WEST)]) == set()


def test_points_never_overlap(tmp_path: Path) -> None:
    spots = [make_feature(f"spots.{i}", i, make_points((113.25, 23.15))) for i in "ab"]
    assert found(tmp_path, *spots, layer="spots") == set()


@pytest.mark.parametrize(
    ("north", "offset_m", "codes"),
    [
        (23.19, 0, {("overlap", "a")}),
        (23.19, 25, {("overlap", "a")}),
        (23.19, 40, set()),
        (23.14, 0, {("overlap", "a")}),
        # Along one another for two of five kilometres, or for less than both accuracies: a shared reach of a network.
        (23.1275, 0, set()),
        (23.1118, 0, set()),
    ],
)
def test_lines_may_share_a_reach(tmp_path: Path, north: float, offset_m: float, codes: set) -> None:
    lon, bend = 113.25 + offset_m * M_EAST, round(23.11 + (23.19 - north), 6)
    straight = stream("a", make_line((113.25, 23.11), (113.25, 23.155)), accuracy_m=200)
    # From the south together as far as `north`, then away to the east.
    leaving = stream("b", make_line((lon, 23.11), (lon, min(north, 23.155)), (lon + 0.04, bend)), accuracy_m=200)
    assert found(tmp_path, straight, leaving, layer="streams") == codes


def test_lines_may_cross(tmp_path: Path) -> None:
    one = stream("a", make_line((113.25, 23.11), (113.25, 23.19)), accuracy_m=1)
    other = stream("b", make_line((113.21, 23.15), (113.29, 23.15)), accuracy_m=1)
    assert found(tmp_path, one, other, layer="streams") == set()


# --- the city


@pytest.mark.parametrize(("out_m", "codes"), [(45, set()), (60, {("leaves-city", "a")})])
def test_a_feature_may_leave_the_city_by_its_accuracy(tmp_path: Path, out_m: float, codes: set) -> None:
    square = make_square(round(113.2 - out_m * M_EAST, 6), 23.15)
    assert found(tmp_path, park("a", square, accuracy_m=50)) == codes


def test_points_and_lines_leave_it_too(tmp_path: Path) -> None:
    line = make_line((113.25, 23.15), (113.25, 23.25))
    assert found(tmp_path / "lines", stream("a", line), layer="streams") == {("leaves-city", "a")}
    spot = make_feature("spots.a", "点", make_points((113.25, 23.15), (113.25, 23.25)))
    assert found(tmp_path / "points", spot, layer="spots") == {("leaves-city", "a")}


def test_the_estuary_belongs_to_the_city(tmp_path: Path) -> None:
    sea = make_feature("water_sea.s1", "海", make_square(113.25, 23.2, 0.05))
    project = make_project(
        tmp_path,
        {
            "districts": default_layers()["districts"],
            "water_sea": [sea],
            "parks": [park("a", make_square(113.26, 23.19))],
        },
        mentions=[],
    )
    edit_json(project / "layers/catalog.json", lambda c: c["layers"][1].update(kind="base"))
    assert not {f.code for f in check_atlas(project)} & CODES


@pytest.mark.parametrize(("theme", "codes"), [("all", {"leaves-city"}), ("cooperation", set())])
def test_what_the_city_shares_may_lie_in_its_neighbours(tmp_path: Path, theme: str, codes: set) -> None:
    layers = {
        "districts": default_layers()["districts"],
        "cities": [make_feature("cities.c1", "邻市", make_square(113.2, 23.2, 0.1))],
        "parks": [park("a", make_square(113.26, 23.25), accuracy_m=50)],
    }
    project = make_project(tmp_path, layers, mentions=[])

    def give_theme(catalog: dict) -> None:
        catalog["themes"].append({**catalog["themes"][0], "id": "cooperation"})
        catalog["layers"][2]["theme"] = theme

    edit_json(project / "layers/catalog.json", give_theme)
    assert {f.code for f in check_atlas(project)} & CODES == codes


def test_without_districts_nobody_leaves_the_city(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"parks": [park("a", make_square(113.9, 23.9))]}, mentions=[])
    assert not {f.code for f in check_atlas(project)} & CODES


# --- measures


def measure(geometry: dict) -> tuple[float, float]:
    shape = shapely.from_geojson(str(geometry).replace("'", '"'))
    return find_length_m(shape) / 1e3, find_area_m2(shape) / 1e6


LINE = make_line((113.25, 23.11), (113.25, 23.19))
LENGTH, AREA = measure(LINE)[0], measure(WEST)[1]


def test_the_examples_have_the_sizes_that_they_should() -> None:
    metric = geopandas.GeoSeries(shapely.from_geojson([str(LINE).replace("'", '"')]), crs=STORAGE_CRS).to_crs(
        METRIC_CRS
    )
    assert metric.length.iloc[0] / 1e3 == pytest.approx(LENGTH, rel=1e-3) == pytest.approx(8.86, abs=0.01)
    assert pytest.approx(4.53, abs=0.01) == AREA


@pytest.mark.parametrize(
    ("stated", "is_stale"),
    [
        (round(LENGTH, 1), False),
        (round(LENGTH, 2), False),
        (round(LENGTH, 1) + 0.2, True),
        (round(LENGTH) - 2, True),
        (None, True),
    ],
)
def test_a_stated_length_is_the_drawn_one(tmp_path: Path, stated: float | None, is_stale: bool) -> None:
    codes = found(tmp_path, stream("a", LINE, len_km=stated), layer="streams")
    assert codes == ({("measure-stale", "a")} if is_stale else set())


def test_a_stated_area_is_the_drawn_one(tmp_path: Path) -> None:
    assert found(tmp_path / "is", park("a", WEST, area_km2=round(AREA, 1))) == set()
    assert found(tmp_path / "was", park("a", WEST, area_km2=AREA * 1.1)) == {("measure-stale", "a")}


def test_nothing_drawn_has_no_measure(tmp_path: Path) -> None:
    drawn = stream("b", LINE)
    assert found(tmp_path / "null", stream("a", None, len_km=None, off_km=12.0), drawn, layer="streams") == set()
    assert found(tmp_path / "some", stream("a", None, len_km=12.0), drawn, layer="streams") == {("measure-stale", "a")}


def test_an_area_of_points_is_a_document_s(tmp_path: Path) -> None:
    spot = make_feature("spots.a", "点", make_points((113.25, 23.15)), area_km2=99.0, off_km2=3.0)
    assert found(tmp_path, spot, layer="spots") == set()


@pytest.mark.parametrize(
    ("share", "note", "is_found"),
    [
        (1.09, "", False),
        (0.91, "", False),
        (1.12, "", True),
        (0.88, "", True),
        (1.12, " ", True),
        (1.5, "缺上游", False),
    ],
)
def test_a_length_far_from_the_official_one_needs_a_note(
    tmp_path: Path, share: float, note: str, is_found: bool
) -> None:
    codes = found(tmp_path, stream("a", LINE, off_km=LENGTH / share, diff_note=note), layer="streams")
    assert codes == ({("length-unexplained", "a")} if is_found else set())


@pytest.mark.parametrize(
    ("share", "method", "note", "is_found"),
    [
        (1.14, "digitized", "", False),
        (1.17, "digitized", "", True),
        (0.83, "derived", "", True),
        (2.0, "schematic", "", False),
        (2.0, "digitized", "不含水面", False),
    ],
)
def test_an_area_far_from_the_official_one_needs_a_note_unless_schematic(
    tmp_path: Path, share: float, method: str, note: str, is_found: bool
) -> None:
    area = park("a", WEST, off_km2=AREA / share, method=method, diff_note=note)
    assert found(tmp_path, area) == ({("length-unexplained", "a")} if is_found else set())


def test_a_schematic_line_needs_a_note_too(tmp_path: Path) -> None:
    line = stream("a", LINE, off_km=LENGTH / 2, method="schematic")
    assert found(tmp_path, line, layer="streams") == {("length-unexplained", "a")}


@pytest.mark.parametrize("odd", ["x", True, [], {}, 0, 0.0, -1])
def test_odd_official_figures_are_survived(tmp_path: Path, odd: object) -> None:
    codes = found(tmp_path, stream("a", LINE, off_km=odd, len_km=odd, diff_note=odd), layer="streams")
    assert ("measure-stale", "a") in codes


def test_lengths_are_listed_beside_the_official_ones(tmp_path: Path) -> None:
    features = [
        stream("a", LINE, off_km=10.0, diff_note="缺口门"),
        stream("b", LINE, off_km=None, part_of="streams.a"),
        stream("c", None, off_km=2000.0),
    ]
    layers = {"parks": [park("a", WEST, off_km2=3.0)], "streams": features}
    first, second = find_lengths(make_project(tmp_path, layers, mentions=[]))
    assert (first.feature_id, first.name, first.unit, first.official, first.diff_note) == (
        *("streams.a", "a", "km"),
        *(10.0, "缺口门"),
    )
    assert first.drawn == pytest.approx(LENGTH)
    assert first.difference_pct == pytest.approx(LENGTH * 10 - 100)
    assert (second.feature_id, second.drawn, second.difference_pct) == ("streams.c", None, None)


def test_an_empty_folder_has_no_lengths(tmp_path: Path) -> None:
    assert find_lengths(tmp_path) == ()
