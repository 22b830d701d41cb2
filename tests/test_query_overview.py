"""Where features lie, and the districts at a glance."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gzmap.atlas import Atlas, read_atlas
from gzmap.crs import find_area_m2, find_length_m
from gzmap.errors import CatalogError, NotFoundError
from gzmap.query import find_in_area
from gzmap.query.accounts import CITYWIDE, OUTSIDE
from gzmap.query.ground import find_district_area
from gzmap.query.overview import ALL, KINDS, WHOLE, Scope, count_districts
from gzmap.query.shares import LEAST_M, find_district_names, find_shares
from tests.makers import default_layers, edit_json, make_feature, make_points, make_project, make_square, write_text

BAIYUN, HUANGPU = "白云区", "黄埔区"
# The two districts of the invented project: 113.2 to 113.3 and 113.3 to 113.4 E, both 23.1 to 23.2 N.


def line(*lonlats: tuple[float, float]) -> dict:
    return {"type": "MultiLineString", "coordinates": [[list(p) for p in lonlats]]}


def km(*lonlats: tuple[float, float]) -> float:
    return find_length_m(shapely.LineString(lonlats)) / 1e3


def open_with(folder: Path, **layers: list[dict]) -> Atlas:
    return read_atlas(make_project(folder, {"districts": default_layers()["districts"], **layers}, mentions=[]))


# --- shares


def share_of(folder: Path, geometry: dict | None, **properties: object) -> object:
    layer = "streams" if geometry and "Line" in geometry["type"] else "parks"
    atlas = open_with(folder, **{layer: [make_feature(f"{layer}.x001", "甲", geometry, **properties)]})
    return find_shares(atlas)[f"{layer}.x001"]


def test_a_line_through_two_districts_and_out_of_the_city(tmp_path: Path) -> None:
    share = share_of(tmp_path, line((113.25, 23.15), (113.45, 23.15)), district="黄埔区")
    assert share.drawn == (BAIYUN, HUANGPU, OUTSIDE)
    assert share.named == (HUANGPU,)
    assert share.places == (BAIYUN, HUANGPU, OUTSIDE)
    assert share.measure(BAIYUN) == pytest.approx(km((113.25, 23.15), (113.3, 23.15)), rel=1e-9)
    assert share.measure(HUANGPU) == pytest.approx(km((113.3, 23.15), (113.4, 23.15)), rel=1e-9)
    assert share.measure(OUTSIDE) == pytest.approx(km((113.4, 23.15), (113.45, 23.15)), rel=1e-9)


def test_an_area_that_only_touches_a_district_is_not_in_it(tmp_path: Path) -> None:
    share = share_of(tmp_path, make_square(113.28, 23.14))
    assert share.drawn == (BAIYUN,)
    assert set(share.pieces) == {BAIYUN}
    assert share.measure(HUANGPU) == 0.0


def test_a_line_on_the_border_is_in_both(tmp_path: Path) -> None:
    share = share_of(tmp_path, line((113.3, 23.12), (113.3, 23.18)))
    assert share.drawn == (BAIYUN, HUANGPU)
    assert share.measure(BAIYUN) == share.measure(HUANGPU) == pytest.approx(km((113.3, 23.12), (113.3, 23.18)))


def test_a_sliver_is_kept_but_makes_no_presence(tmp_path: Path) -> None:
    # 0.0009 degrees of longitude are 92 m here, less than the least.
    share = share_of(tmp_path, line((113.25, 23.15), (113.3009, 23.15)))
    assert share.drawn == (BAIYUN,)
    assert 0 < share.measure(HUANGPU) < LEAST_M / 1e3


def test_what_is_small_itself_is_no_sliver(tmp_path: Path) -> None:
    share = share_of(tmp_path, line((113.32, 23.15), (113.3205, 23.15)))
    assert share.drawn == (HUANGPU,)


def test_points_lie_where_they_are_and_have_no_measure(tmp_path: Path) -> None:
    share = share_of(tmp_path, make_points((113.25, 23.15), (113.9, 23.9)))
    assert (share.dimension, share.drawn) == (0, (BAIYUN, OUTSIDE))
    assert share.measure(BAIYUN) is None


@pytest.mark.parametrize(
    ("district", "places"),
    [("", (CITYWIDE,)), ("黄埔区", (HUANGPU,)), ("白云区|黄埔区", (CITYWIDE,)), ("别处", (CITYWIDE,))],
)
def test_what_is_not_drawn_lies_where_it_is_named(tmp_path: Path, district: str, places: tuple[str, ...]) -> None:
    share = share_of(tmp_path, None, district=district)
    assert (share.dimension, share.drawn, share.places, share.measure(HUANGPU)) == (None, (), places, None)


def test_what_is_drawn_elsewhere_than_named_counts_in_both(tmp_path: Path) -> None:
    share = share_of(tmp_path, make_square(113.22, 23.14), district="黄埔区")
    assert share.places == (BAIYUN, HUANGPU)


def test_an_invalid_outline_is_cut_all_the_same(tmp_path: Path) -> None:
    bow = [[113.22, 23.12], [113.24, 23.14], [113.24, 23.12], [113.22, 23.14], [113.22, 23.12]]
    share = share_of(tmp_path, {"type": "MultiPolygon", "coordinates": [[bow]]})
    assert share.drawn == (BAIYUN,)
    # Two triangles, each a quarter of the square around them.
    square = find_area_m2(shapely.box(113.22, 23.12, 113.24, 23.14)) / 1e6
    assert share.measure(BAIYUN) == pytest.approx(square / 2, rel=1e-3)


def test_without_districts_nobody_can_say(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    write_text(project / "geodata/districts.geojson", "{")
    with pytest.raises(CatalogError, match=r"districts\.geojson"):
        count_districts(read_atlas(project))
    edit_json(project / "layers/catalog.json", lambda c: c["layers"].pop(0))
    with pytest.raises(NotFoundError, match="'districts'"):
        find_district_names(read_atlas(project))


# --- overview


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    """Two equal parks and one across the border; a stream on the border; points; things not drawn."""
    parks = [
        make_feature("parks.p001", "甲", make_square(113.22, 23.14), district="白云区"),
        make_feature("parks.p002", "乙", make_square(113.22, 23.14), method="schematic"),
        make_feature("parks.p003", "丙", make_square(113.29, 23.14)),
        make_feature("parks.p004", "丁", None, district="黄埔区"),
        make_feature("parks.p005", "戊", None),
    ]
    streams = [make_feature("streams.s001", "涌", line((113.3, 23.12), (113.3, 23.18)))]
    spots = [make_feature("spots.b001", "园", make_points((113.25, 23.15)))]
    return open_with(tmp_path_factory.mktemp("overview"), parks=parks, streams=streams, spots=spots)


def test_what_is_counted_where(small: Atlas) -> None:
    overview = count_districts(small)
    assert overview.places == (BAIYUN, HUANGPU, OUTSIDE, CITYWIDE)
    ids = {place: overview.tally(place).ids for place in (*overview.places, WHOLE)}
    assert ids == {
        BAIYUN: ("parks.p001", "parks.p002", "parks.p003", "streams.s001", "spots.b001"),
        HUANGPU: ("parks.p003", "parks.p004", "streams.s001"),
        OUTSIDE: (),
        CITYWIDE: ("parks.p005",),
        WHOLE: (*(f"parks.p00{n}" for n in range(1, 6)), "streams.s001", "spots.b001"),
    }


def numbers(overview: object, place: str, kind: str = ALL, scope_id: str = ALL) -> tuple[int, ...]:
    tally = overview.tally(place, kind, scope_id)
    return (tally.features, tally.located, tally.schematic, tally.named, tally.unlocated)


def test_located_against_named(small: Atlas) -> None:
    overview = count_districts(small)
    assert numbers(overview, BAIYUN) == (5, 5, 1, 1, 0)
    assert numbers(overview, HUANGPU) == (3, 2, 0, 1, 1)
    assert numbers(overview, CITYWIDE) == (1, 0, 0, 0, 1)
    assert numbers(overview, WHOLE) == (7, 5, 1, 2, 2)
    assert numbers(overview, HUANGPU, "layer", "parks") == (2, 1, 0, 1, 1)
    assert numbers(overview, HUANGPU, "theme", "all") == numbers(overview, HUANGPU)


def test_lengths_and_areas_as_drawn_and_with_what_is_shared_once(small: Atlas) -> None:
    overview, park = count_districts(small), find_area_m2(shapely.box(113.22, 23.14, 113.24, 23.16)) / 1e6
    stream = km((113.3, 23.12), (113.3, 23.18))
    half = find_area_m2(shapely.box(113.29, 23.14, 113.3, 23.16)) / 1e6
    baiyun, huangpu, whole = (overview.tally(place) for place in (BAIYUN, HUANGPU, WHOLE))
    assert (baiyun.km, huangpu.km, whole.km) == pytest.approx((stream, stream, stream))
    assert (baiyun.km2, huangpu.km2, whole.km2) == pytest.approx((2 * park + half, half, 2 * park + 2 * half))
    assert (baiyun.net_km2, whole.net_km2) == pytest.approx((park + half, park + 2 * half))
    assert overview.area_km2[BAIYUN] == pytest.approx(find_area_m2(find_district_area(small, BAIYUN)) / 1e6)


def test_repeats_tell_what_the_rows_exceed_the_whole_by(small: Atlas) -> None:
    repeats = count_districts(small).count_repeats()
    # The third park and the stream count twice, the stream with its length.
    assert (repeats.features, repeats.located, repeats.unlocated) == (2, 2, 0)
    assert repeats.km == pytest.approx(km((113.3, 23.12), (113.3, 23.18)))
    assert repeats.km2 == pytest.approx(0, abs=1e-6)


def test_what_there_is_not_is_refused(small: Atlas) -> None:
    overview = count_districts(small)
    with pytest.raises(NotFoundError, match=r"Place '白云' .*'白云区'"):
        overview.tally("白云")
    with pytest.raises(NotFoundError, match=r"Layer 'park' .*'parks'"):
        overview.tally(BAIYUN, "layer", "park")


def test_scopes_in_catalogue_order_without_base_layers(small: Atlas) -> None:
    scopes = count_districts(small).scopes
    assert [(s.kind, s.id) for s in scopes] == [
        *((ALL, ALL), ("theme", "all"), ("group", "parks"), ("group", "streams"), ("group", "spots")),
        *(("layer", "parks"), ("layer", "streams"), ("layer", "spots")),
    ]


def test_a_plan_without_features_has_an_overview(tmp_path: Path) -> None:
    overview = count_districts(open_with(tmp_path, parks=[]))
    assert numbers(overview, WHOLE) == numbers(overview, BAIYUN) == (0, 0, 0, 0, 0)
    assert overview.count_repeats().features == 0


# Corners on a coarse grid, so that shapes often end on the borders of the districts, which are on it too.
GRID_LON = st.integers(0, 12).map(lambda n: round(113.15 + n * 0.025, 6))
GRID_LAT = st.integers(0, 8).map(lambda n: round(23.05 + n * 0.025, 6))
CORNERS = st.lists(st.tuples(GRID_LON, GRID_LAT), min_size=2, max_size=5, unique=True)
BOXES = st.tuples(GRID_LON, GRID_LAT, GRID_LON, GRID_LAT).filter(lambda b: b[0] < b[2] and b[1] < b[3])


@settings(max_examples=30)
@given(lines=st.lists(CORNERS, max_size=4), boxes=st.lists(BOXES, max_size=4))
def test_everything_adds_up_and_lies_where_shapely_puts_it(
    tmp_path_factory: pytest.TempPathFactory, lines: list, boxes: list
) -> None:
    # An edge of many kilometres is a longer way round than its pieces; short edges have no such excess.
    shapes = [shapely.MultiPolygon([shapely.segmentize(shapely.box(*b), 0.005)]) for b in boxes]
    atlas = open_with(
        tmp_path_factory.mktemp("random"),
        streams=[make_feature(f"streams.s{n}", "涌", line(*corners)) for n, corners in enumerate(lines)],
        parks=[make_feature(f"parks.p{n}", "园", shapely.geometry.mapping(shape)) for n, shape in enumerate(shapes)],
    )
    overview, outlines = count_districts(atlas), {name: find_district_area(atlas, name) for name in (BAIYUN, HUANGPU)}
    for name, outline in outlines.items():
        # Grid cells are far larger than a sliver: what overlaps at all overlaps by more.
        inside = {f"parks.p{n}" for n, shape in enumerate(shapes) if outline.intersection(shape).area > 0}
        run = {
            f"streams.s{n}" for n, c in enumerate(lines) if outline.intersection(shapely.LineString(c)).length > 1e-9
        }
        assert set(overview.tally(name).ids) == inside | run
    for kind, scope_id in ((ALL, ALL), ("layer", "parks"), ("layer", "streams")):
        whole = overview.tally(WHOLE, kind, scope_id)
        each = [overview.tally(place, kind, scope_id) for place in overview.places]
        repeats = overview.count_repeats(kind, scope_id)
        assert sum(t.km2 for t in each) == pytest.approx(whole.km2, rel=1e-5, abs=1e-9)
        assert sum(t.features for t in each) == whole.features + repeats.features
        # Only a line that runs along the one common border is measured twice.
        border = outlines[BAIYUN].intersection(outlines[HUANGPU])
        doubled = sum(find_length_m(shapely.LineString(c).intersection(border)) for c in lines) / 1e3
        doubled = doubled if scope_id != "parks" else 0.0
        # Where a line is cut or crossed it gets a vertex, off the geodesic: it becomes longer, by centimetres here.
        assert repeats.km == pytest.approx(doubled, rel=1e-4, abs=1e-3)
        assert all(t.net_km2 <= t.km2 * 1.0001 and t.net_km <= t.km * 1.0001 for t in (*each, whole))


# --- the shipped data


TRUTH = {
    # Counted by hand from the property `district` of the layers: all, drawn, named.
    "越秀区": (11, 11, 11),
    "从化区": (10, 9, 10),
    "花都区": (13, 11, 13),
}


@pytest.mark.parametrize("district", TRUTH)
def test_three_districts_of_the_shipped_data(atlas: Atlas, district: str) -> None:
    tally = count_districts(atlas).tally(district)
    assert (tally.features, tally.located, tally.named) == TRUTH[district]


def test_yuexiu_by_hand(atlas: Atlas) -> None:
    overview = count_districts(atlas)
    assert overview.tally("越秀区").ids == (
        *("spatial_structure.s003", "mountains.m001", "mountains.m003", "eco_nodes.n001", "waterfronts.v001"),
        *("eco_corridors.c005", "blueways.g003", "waterways.w001", "waterways.w011", "waterways.w013"),
        "waterways.w014",
    )
    assert overview.tally("越秀区", "layer", "waterways").located == 4
    assert overview.tally("越秀区", "theme", "rural").features == 0


def test_located_and_named_agree_on_the_shipped_data(atlas: Atlas) -> None:
    """The property of what is drawn was computed from the same outlines; slivers aside, both must say the same."""
    differing = {
        share.feature.feature_id
        for share in find_shares(atlas).values()
        if share.dimension is not None and tuple(p for p in share.drawn if p != OUTSIDE) != share.named
    }
    assert differing == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_scope_of_the_shipped_data_adds_up(atlas: Atlas, kind: str) -> None:
    overview = count_districts(atlas)
    for scope in [s for s in overview.scopes if s.kind == kind]:
        whole, repeats = overview.tally(WHOLE, kind, scope.id), overview.count_repeats(kind, scope.id)
        assert abs(repeats.km2) <= max(1e-6 * whole.km2, 1e-6)
        # Only the corridor c001 runs along the borders between districts, for 9.1 km.
        assert repeats.km == pytest.approx(9.107 if "eco_corridors.c001" in whole.ids else 0, abs=0.01)
        assert whole.located + whole.unlocated == whole.features
        assert Scope(kind, scope.id) in overview.scopes


@pytest.mark.parametrize("district", ["越秀区", "从化区", "番禺区"])
def test_the_area_query_says_the_same_of_a_district(atlas: Atlas, district: str) -> None:
    rows = {row.feature_id: row for row in find_in_area(atlas, find_district_area(atlas, district)).rows}
    located = [s for s in find_shares(atlas).values() if district in s.drawn]
    assert {s.feature.feature_id for s in located} <= set(rows)
    # A line on the city's border is in its district here, while for an area it only touches.
    compared = [s for s in located if rows[s.feature.feature_id].relation != "touches" and s.dimension]
    assert len(compared) >= 6
    for share in compared:
        assert rows[share.feature.feature_id].measure == pytest.approx(share.measure(district), rel=1e-3)


def test_the_whole_of_the_shipped_data(atlas: Atlas) -> None:
    overview = count_districts(atlas)
    assert numbers(overview, WHOLE) == (203, 106, 80, 110, 97)
    assert overview.tally(CITYWIDE).features == 91
    # The area of Guangzhou, of which 7434 km² are official.
    assert sum(overview.area_km2.values()) == pytest.approx(7434, rel=0.01)
