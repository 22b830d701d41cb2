"""Features of one layer and those of another: by hand, at random against shapely, and in the shipped data."""

from __future__ import annotations

import dataclasses
import itertools
import math
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import STORAGE_CRS
from gzmap.crs import find_area_m2, find_length_m
from gzmap.errors import CatalogError, NotFoundError, QueryError
from gzmap.own import OwnLayer
from gzmap.own.folder import build_layer
from gzmap.query import Pair, find_between, find_district_area, pairs
from gzmap.query.between import RELATIONS, SYMMETRIC
from gzmap.query.layers import build_rows
from gzmap.query.pairs import Pairs, Side, find_candidates, find_close
from gzmap.query.shapes import Shapes
from gzmap.sites.layers import Layer
from tests.makers import default_layers, make_feature, make_points, make_project, make_square, write_text

# One metre in degrees, near enough for distances of some metres around 23.15 N.
M_NORTH = 1 / 110_750
M_EAST = 1 / 102_350


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return read_atlas(make_project(tmp_path_factory.mktemp("small")))


def open_with(folder: Path, spots: list[dict], parks: list[dict]) -> Atlas:
    layers = {"districts": default_layers()["districts"], "parks": parks, "spots": spots}
    return read_atlas(make_project(folder, layers, mentions=[]))


def make_lines(*lonlats: tuple[float, float]) -> dict:
    return {"type": "MultiLineString", "coordinates": [[list(p) for p in lonlats]]}


def ask(atlas: Atlas, a: str, b: str, relation: str, **how: object) -> dict[tuple[str, str], str]:
    found = find_between(atlas, a, b, relation=relation, **how)
    assert all(pair.relation == relation for pair in found)
    return {(pair.a_id, pair.b_id): pair.certainty for pair in found}


def own_layer(shapes: list[BaseGeometry], names: list[str]) -> OwnLayer:
    frame = geopandas.GeoDataFrame({"名称": names}, geometry=shapes, crs=STORAGE_CRS)
    read = Layer(name="", frame=frame, crs=STORAGE_CRS, name_field="名称", notes=())
    return dataclasses.replace(build_layer(read, "地块.gpkg"), layer_id="own.plots", title="地块")


PARK = make_feature("parks.p001", "园", make_square(113.24, 23.14), accuracy_m=50)


def one(folder: Path, geometry: dict, relation: str, **how: object) -> str | None:
    """The certainty that a spot has the relation to the park, None where it has not."""
    distance_m = how.pop("distance_m", 0.0)
    atlas = open_with(folder, [make_feature("spots.b001", "点", geometry, **how)], [PARK])
    return ask(atlas, "spots", "parks", relation, distance_m=distance_m).get(("spots.b001", "parks.p001"))


# --- near


@pytest.mark.parametrize(
    ("gap_m", "distance_m", "expected"),
    [
        (100, 210, "certain"),
        (100, 190, "possible"),
        (100, 10, "possible"),
        (100, 0, "possible"),
        (120, 10, None),
        (-40, 0, "possible"),
        (-150, 0, "certain"),
    ],
)
def test_near_follows_distance_and_both_accuracies(
    tmp_path: Path, gap_m: float, distance_m: float, expected: str | None
) -> None:
    """Both may be off by 50 m."""
    square = make_square(round(113.26 + gap_m * M_EAST, 6), 23.145, 0.005)
    assert one(tmp_path, square, "near", distance_m=distance_m) == expected


def test_distances_are_planar_metres_between_what_is_drawn(tmp_path: Path) -> None:
    spots = [
        make_feature("spots.b001", "远", make_points((round(113.26 + 700 * M_EAST, 6), 23.15))),
        make_feature("spots.b002", "里", make_points((113.25, 23.15))),
    ]
    pairs_ = find_between(open_with(tmp_path, spots, [PARK]), "spots", "parks", relation="near", distance_m=1_000)
    assert [(p.a_id, p.certainty) for p in pairs_] == [("spots.b002", "certain"), ("spots.b001", "certain")]
    assert [p.distance_m for p in pairs_] == pytest.approx([0, 700], abs=1)
    assert [(p.measure, p.unit, p.share, p.cover) for p in pairs_] == [(None, "", None, None)] * 2


def test_a_disc_is_near_as_far_as_it_is_drawn(tmp_path: Path) -> None:
    point = make_points((round(113.26 + 1_000 * M_EAST, 6), 23.15))
    cases = ((400, None), (500, "possible"), (1_500, "possible"), (1_600, "certain"))
    for distance_m, expected in cases:
        folder = tmp_path / str(distance_m)
        assert one(folder, point, "near", accuracy_m=500, distance_m=distance_m) == expected


@pytest.mark.parametrize(("distance_m", "expected"), [(90, None), (110, "possible"), (90_000, "possible")])
def test_wide_features_are_near_only_as_drawn(tmp_path: Path, distance_m: float, expected: str | None) -> None:
    """The park may be off by 50 m still: 150 m apart, they are as near as 100 m."""
    square = make_square(round(113.26 + 150 * M_EAST, 6), 23.145, 0.005)
    assert one(tmp_path, square, "near", accuracy_m=5_000, distance_m=distance_m) == expected


def test_schematic_is_never_certain(tmp_path: Path) -> None:
    square = make_square(113.245, 23.145, 0.002)
    for relation, distance_m in (("near", 90_000.0), ("within", 0.0)):
        folder = tmp_path / relation
        assert one(folder, square, relation, method="schematic", distance_m=distance_m) == "possible"


# --- within and contains


@pytest.mark.parametrize(("inset_m", "expected"), [(110, "certain"), (90, "possible"), (-90, "possible"), (-110, None)])
def test_within_follows_the_edge_and_both_accuracies(tmp_path: Path, inset_m: float, expected: str | None) -> None:
    square = make_square(round(113.24 + inset_m * M_EAST, 6), 23.145, 0.005)
    assert one(tmp_path, square, "within") == expected


@pytest.mark.parametrize(
    ("accuracy_m", "east_m", "expected"),
    [
        (100, -160, "certain"),
        (100, -140, "possible"),
        (100, 140, "possible"),
        (100, 160, None),
        (500, -560, "certain"),
        (500, 540, "possible"),
        (500, 560, None),
        (5_000, -900, "possible"),
        (5_000, 100, None),
    ],
)
def test_points_lie_within_by_their_position(
    tmp_path: Path, accuracy_m: float, east_m: float, expected: str | None
) -> None:
    point = make_points((round(113.26 + east_m * M_EAST, 6), 23.15))
    assert one(tmp_path, point, "within", accuracy_m=accuracy_m) == expected


def test_all_parts_must_lie_within(tmp_path: Path) -> None:
    inside, edge, outside = (113.25, 23.15), (round(113.26 - 60 * M_EAST, 6), 23.15), (113.28, 23.15)
    for name, points, expected in (
        ("in", [inside, (113.251, 23.15)], "certain"),
        ("edge", [inside, edge], "possible"),
        ("out", [inside, outside], None),
    ):
        assert one(tmp_path / name, make_points(*points), "within", accuracy_m=50) == expected


def test_a_disc_may_hold_something_a_pin_and_a_line_hold_nothing(tmp_path: Path) -> None:
    pin, disc = make_points((113.25, 23.15)), make_points((113.25, 23.15))
    small_one = make_feature("parks.p001", "小", make_square(113.25, 23.15, 0.0005), accuracy_m=10)
    holders = [
        make_feature("spots.b001", "针", pin, accuracy_m=100),
        make_feature("spots.b002", "盘", disc, accuracy_m=900),
        make_feature("spots.b003", "线", make_lines((113.2, 23.15), (113.3, 23.15)), accuracy_m=900),
    ]
    atlas = open_with(tmp_path, holders, [small_one])
    assert ask(atlas, "spots", "parks", "contains") == {("spots.b002", "parks.p001"): "possible"}


def test_a_line_within_an_area_and_what_it_shares(small: Atlas) -> None:
    (pair,) = find_between(small, "streams", "districts", relation="within")
    assert (pair.a_id, pair.b_name, pair.b_layer, pair.certainty) == (
        "streams.s001", "黄埔区", "districts", "certain"
    )  # fmt: skip
    line = shapely.LineString([(113.32, 23.11), (113.32, 23.19)])
    assert (pair.measure, pair.unit) == (pytest.approx(find_length_m(line) / 1e3, abs=1e-5), "km")
    assert (pair.share, pair.cover, pair.distance_m) == (1.0, None, 0.0)


# --- crosses


@pytest.mark.parametrize(("depth_m", "expected"), [(150, "certain"), (90, "possible"), (-90, "possible"), (-110, None)])
def test_areas_cross_by_their_depth(tmp_path: Path, depth_m: float, expected: str | None) -> None:
    square = make_square(round(113.26 - depth_m * M_EAST, 6), 23.145, 0.005)
    assert one(tmp_path, square, "crosses") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([(113.22, 23.15), (113.28, 23.15)], "certain"),
        ([(113.22, 23.15), (113.25, 23.15)], "certain"),
        ([(113.245, 23.15), (113.255, 23.15)], None),
        ([(113.2405, 23.15), (113.255, 23.15)], "possible"),
        ([(113.22, 23.15), (113.2405, 23.15)], "possible"),
        ([(113.22, 23.15), (113.2395, 23.15)], "possible"),
        ([(113.22, 23.15), (113.23, 23.15)], None),
    ],
)
def test_lines_cross_areas(tmp_path: Path, line: list, expected: str | None) -> None:
    assert one(tmp_path, make_lines(*line), "crosses", accuracy_m=50) == expected


def test_two_lines_never_cross_certainly(tmp_path: Path) -> None:
    lines = [make_lines((113.24, 23.15), (113.26, 23.15)), make_lines((113.25, 23.14), (113.25, 23.16))]
    spots, parks = (
        [make_feature(i, "线", line, accuracy_m=10)]
        for i, line in zip(("spots.b001", "parks.p001"), lines, strict=True)
    )
    atlas = open_with(tmp_path, spots, parks)
    assert ask(atlas, "spots", "parks", "crosses") == {("spots.b001", "parks.p001"): "possible"}


def test_pins_cross_nothing_and_discs_possibly(tmp_path: Path) -> None:
    edge = make_points((113.26, 23.15))
    assert one(tmp_path / "pin", edge, "crosses", accuracy_m=200) is None
    assert one(tmp_path / "disc", edge, "crosses", accuracy_m=400) == "possible"
    inside = make_points((113.25, 23.15))
    assert one(tmp_path / "inside", inside, "crosses", accuracy_m=400) is None


def test_wide_features_cross_only_as_drawn(tmp_path: Path) -> None:
    apart = make_lines((113.22, 23.15), (round(113.24 - 60 * M_EAST, 6), 23.15))
    through = make_lines((113.22, 23.15), (113.28, 23.15))
    assert one(tmp_path / "apart", apart, "crosses", accuracy_m=5_000) is None
    assert one(tmp_path / "through", through, "crosses", accuracy_m=5_000) == "possible"


def test_what_crosses_shares_its_part(small: Atlas) -> None:
    (pair,) = find_between(small, "白云区", "parks.p001", relation="contains")
    assert (pair.measure, pair.share, pair.cover) == (
        pytest.approx(find_area_m2(shapely.box(113.24, 23.14, 113.26, 23.16)) / 1e6, rel=1e-5),
        pytest.approx(0.04, abs=1e-3),
        1.0,
    )


# --- exact layers of the planner's own


def test_own_plots_that_share_a_border_are_near_and_do_not_cross(small: Atlas) -> None:
    west, east, over = (shapely.box(x, 23.1, x + 0.002, 23.102) for x in (113.32, 113.322, 113.3215))
    layer = own_layer([west, east, over], ["西", "东", "跨"])
    near = {
        frozenset((p.a_name, p.b_name))
        for p in find_between(small, "own.plots", "own.plots", relation="near", own=[layer])
    }
    crossing = find_between(small, "own.plots", "own.plots", relation="crosses", own=[layer])
    assert near == {frozenset(pair) for pair in itertools.combinations(("西", "东", "跨"), 2)}
    assert {(frozenset((p.a_name, p.b_name)), p.certainty) for p in crossing} == {
        (frozenset(("西", "跨")), "certain"),
        (frozenset(("东", "跨")), "certain"),
    }


def test_own_plots_within_and_their_titles(small: Atlas) -> None:
    plots = [shapely.box(113.245, 23.145, 113.246, 23.146), shapely.box(113.24, 23.14, 113.26, 23.16)]
    layer = own_layer(plots, ["小", "同"])
    found = find_between(small, "own.plots", "parks.p001", relation="within", own=[layer])
    assert [(p.a_name, p.a_layer, p.certainty) for p in found] == [
        ("小", "own.plots", "certain"),
        ("同", "own.plots", "possible"),
    ]
    same = own_layer([plots[1], plots[1]], ["甲", "乙"])
    twins = find_between(small, "own.plots", "own.plots", relation="within", own=[same])
    assert sorted((p.a_name, p.b_name, p.certainty) for p in twins) == [
        ("乙", "甲", "certain"), ("甲", "乙", "certain"),
    ]  # fmt: skip


# --- sides, order, symmetry


def test_no_feature_is_near_itself_and_each_pair_stands_once(small: Atlas) -> None:
    found = [(p.a_id, p.b_id) for p in find_between(small, "parks", "parks", relation="near", distance_m=50_000)]
    assert found == [("parks.p001", "parks.p002")]
    districts = find_between(small, "districts", "districts", relation="near")
    assert [(p.a_name, p.b_name, p.distance_m) for p in districts] == [("白云区", "黄埔区", 0.0)]


def test_a_feature_against_its_own_layer(small: Atlas) -> None:
    for a, b in (("parks.p002", "parks"), ("parks", "parks.p002")):
        found = find_between(small, a, b, relation="near", distance_m=50_000)
        assert [{p.a_id, p.b_id} for p in found] == [{"parks.p001", "parks.p002"}]


@pytest.mark.parametrize("name", ["黄埔区", "黄埔", "districts.440112"])
def test_a_side_may_be_a_district(small: Atlas, name: str) -> None:
    assert {p.a_id for p in find_between(small, "streams", name, relation="within")} == {"streams.s001"}


def test_a_side_may_be_a_base_layer(small: Atlas) -> None:
    found = ask(small, "labels", "parks", "within")
    assert set(found) == {("labels.l001", "parks.p001")}


@pytest.mark.parametrize("relation", [*RELATIONS, "near"])
def test_the_shipped_layers_the_other_way_round(atlas: Atlas, relation: str) -> None:
    """Crossing and nearness hold both ways, and what one contains lies within it."""
    turned = {"contains": "within", "within": "contains"}.get(relation, relation)
    how = {"distance_m": 3_000.0} if relation == "near" else {}
    for a, b in (("eco_corridors", "districts"), ("energy_parks", "eco_patches"), ("wetlands", "blueways")):
        there, back = ask(atlas, a, b, relation, **how), ask(atlas, b, a, turned, **how)
        assert there == {(i, j): certainty for (j, i), certainty in back.items()}


def test_pairs_are_ordered(atlas: Atlas) -> None:
    found = find_between(atlas, "blueways", "waterways", relation="near", distance_m=5_000)
    keys = [(p.wide, p.certainty != "certain", p.distance_m) for p in found]
    assert keys == sorted(keys)
    assert len({key[:2] for key in keys}) > 1


def test_pairs_are_plain_data(small: Atlas) -> None:
    (pair,) = find_between(small, "streams", "黄埔", relation="within")
    for name, value in dataclasses.asdict(pair).items():
        assert type(value) in (str, bool, float, type(None)), name


def test_nothing_found_is_empty(small: Atlas) -> None:
    for relation in (*RELATIONS, "near"):
        assert find_between(small, "spots.b002", "parks", relation=relation) == ()


def test_layers_without_geometry_or_features(tmp_path: Path) -> None:
    layers = {"spots": [make_feature("spots.b001", "谷", None)], "parks": []}
    atlas = read_atlas(make_project(tmp_path, layers, mentions=[]))
    for relation in (*RELATIONS, "near"):
        assert find_between(atlas, "spots", "parks", relation=relation) == ()
        assert find_between(atlas, "parks", "spots.b001", relation=relation) == ()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"relation": "touches"}, "crosses, contains, within, near"),
        ({"relation": "near", "distance_m": -1}, "distance_m"),
        ({"relation": "near", "distance_m": math.nan}, "distance_m"),
        ({"relation": "near", "distance_m": math.inf}, "distance_m"),
        ({"relation": "crosses", "distance_m": 10}, "near only"),
    ],
)
def test_bad_questions_are_refused(small: Atlas, how: dict, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        find_between(small, "parks", "streams", **how)


def test_a_side_may_be_a_layer_by_its_title(atlas: Atlas) -> None:
    entry = atlas.catalog.entries["eco_corridors"]
    expected = find_between(atlas, "eco_corridors", "黄埔区", relation="crosses")
    for title in (entry.title, entry.title_en):
        assert find_between(atlas, title, "黄埔区", relation="crosses") == expected != ()


def test_unknown_sides_are_named(small: Atlas) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'parks'"):
        find_between(small, "park", "streams", relation="near")
    with pytest.raises(NotFoundError, match="did you mean '黄埔区'"):
        find_between(small, "parks", "黃埔区", relation="near")
    with pytest.raises(NotFoundError):
        find_between(small, "own.plots", "parks", relation="near")


def test_a_broken_layer_is_named(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    write_text(project / "layers/parks.geojson", "{")
    with pytest.raises(CatalogError, match=r"layers/parks\.geojson"):
        find_between(read_atlas(project), "parks", "streams", relation="near")


def test_too_many_pairs_are_refused(small: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "MOST_PAIRS", 3)
    with pytest.raises(QueryError, match="More than 3 pairs"):
        find_between(small, "districts", "parks", relation="near", distance_m=90_000)


def test_large_layers_are_looked_through_in_pieces(small: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    plots = [shapely.box(x, 23.1, x + 0.001, 23.101) for x in np.arange(113.2, 113.3, 0.002)]
    layer = own_layer(plots, [str(n) for n in range(len(plots))])
    how = {"relation": "near", "distance_m": 150.0, "own": [layer]}
    whole = find_between(small, "own.plots", "own.plots", **how)
    monkeypatch.setattr(pairs, "CHUNK", 7)
    assert find_between(small, "own.plots", "own.plots", **how) == whole
    assert len(whole) == len(plots) - 1


# --- random layouts against shapely, on a grid of some 100 m

STEP = 0.001
CORNER = st.tuples(st.integers(0, 20), st.integers(0, 20))
SHAPES = st.one_of(
    st.lists(CORNER, min_size=3, max_size=8, unique=True)
    .map(lambda points: shapely.MultiPoint(points).convex_hull)
    .filter(lambda hull: hull.geom_type == "Polygon"),
    st.lists(CORNER, min_size=2, max_size=3, unique=True).map(shapely.LineString),
    CORNER.map(shapely.Point),
)
# Small accuracies are the more frequent ones, or hardly a pair would be certain.
ACCURACIES = st.sampled_from([10, 10, 10, 60, 60, 150, 280, 500, 1_200, 3_000])
METHODS = st.sampled_from(["derived", "derived", "derived", "schematic"])
THING = st.tuples(SHAPES, ACCURACIES, METHODS)
SIDES = st.lists(THING, min_size=1, max_size=4)


def build_side(things: list, layer_id: str) -> Side:
    columns = {"name": "园", "accuracy_m": [float(a) for _, a, _ in things], "method": [m for _, _, m in things]}
    drawn = [shapely.transform(s, lambda xy: np.round(xy * STEP + (113.2, 23.1), 6)) for s, _, _ in things]
    frame = geopandas.GeoDataFrame(columns, geometry=drawn, crs=STORAGE_CRS)
    frame.index = [f"{layer_id}.{n}" for n in range(len(things))]
    shapes = Shapes(build_rows(layer_id, frame))
    return Side(shapes, np.arange(len(shapes)))


@dataclasses.dataclass(frozen=True)
class Thing:
    """One shape of a side, said plainly, for the definitions below."""

    drawn: BaseGeometry
    body: BaseGeometry
    accuracy: float
    slack: float
    pad: float
    firm: bool
    wide: bool

    @classmethod
    def of(cls, side: Side, row: int) -> Thing:
        drawn, accuracy, disc = (side.shapes.parts[name][row] for name in ("geometry", "accuracy_m", "disc_m"))
        wide = accuracy > 2_000
        return cls(
            drawn=drawn,
            body=drawn.buffer(disc, quad_segs=16) if disc else drawn,
            accuracy=accuracy,
            slack=disc if wide else accuracy,
            pad=0.0 if disc or wide else accuracy,
            firm=not wide and not side.shapes.parts["schematic"][row],
            wide=wide,
        )

    @property
    def dimension(self) -> int:
        return int(shapely.get_dimensions(self.drawn))

    @property
    def has_area(self) -> bool:
        return shapely.get_dimensions(self.body) == 2


def is_within(a: Thing, b: Thing, margin: float) -> bool:
    """Whether what is drawn of A, moved by a margin, can still lie in B's body (or, below 0, must)."""
    return bool(b.body.buffer(margin).covers(a.drawn))


def expect_near(a: Thing, b: Thing, distance_m: float) -> str | None:
    gap = a.drawn.distance(b.drawn)
    if gap > distance_m + a.slack + b.slack:
        return None
    sure = gap + a.accuracy + b.accuracy <= distance_m or share_surely(a, b)
    return "certain" if sure and a.firm and b.firm else "possible"


def share_surely(a: Thing, b: Thing) -> bool:
    both = a.accuracy + b.accuracy
    deep = [(one.drawn, other.drawn.buffer(-both)) for one, other in ((a, b), (b, a)) if other.dimension == 2]
    return any(not core.is_empty and core.intersects(drawn) for drawn, core in deep)


def expect_within(a: Thing, b: Thing) -> str | None:
    if not b.has_area or not is_within(a, b, (0.0 if a.wide else a.slack) + b.pad):
        return None
    sure = b.dimension == 2 and is_within(a, b, -(a.accuracy + b.accuracy)) and a.firm and b.firm
    return "certain" if sure else "possible"


def expect_crosses(a: Thing, b: Thing) -> str | None:
    if any(thing.body.geom_type == "Point" for thing in (a, b)):
        return None
    pad = a.pad + b.pad
    shares = a.body.intersects(b.body) and not a.body.touches(b.body)
    met = a.body.distance(b.body) <= pad if pad else shares
    inside = [
        other.has_area and (other.body.buffer(-pad).covers(one.body) if pad else other.body.covers(one.body))
        for one, other in ((a, b), (b, a))
    ]
    if not met or any(inside):
        return None
    both = a.accuracy + b.accuracy
    stick_out = not b.body.buffer(both).covers(a.drawn) and not a.body.buffer(both).covers(b.drawn)
    sure = min(a.dimension, b.dimension) > 0 and share_surely(a, b) and stick_out and a.firm and b.firm
    return "certain" if sure else "possible"


def farthest(one: BaseGeometry, other: BaseGeometry) -> float:
    """How far the corners of one are from the other, at most."""
    return float(shapely.distance(shapely.points(shapely.get_coordinates(one)), other).max())


def is_clear(a: Thing, b: Thing, distance_m: float) -> bool:
    """Whether no distance is so near to a threshold that the roundness of a buffer decides."""
    edges = [shape.boundary if shapely.get_dimensions(shape) == 2 else shape for shape in (a.body, b.body)]
    shapes = ((a.drawn, a.body, edges[0]), (b.drawn, b.body, edges[1]))
    gaps = [x.distance(y) for x, y in itertools.product(*shapes)]
    gaps += [farthest(x, y) for one, other in (shapes, shapes[::-1]) for x in one[:2] for y in other[1:]]
    sums = {x + y for x in (a.accuracy, a.slack, a.pad, 0) for y in (b.accuracy, b.slack, b.pad, 0)}
    limits = {abs(distance_m + sign * s) for s in sums for sign in (1, -1)} | sums
    # A buffer of eight edges a quarter is some 0.5 % too narrow.
    return all(abs(gap - limit) > 1 + 0.01 * limit for gap in gaps for limit in limits if limit > 0)


@given(SIDES, SIDES, st.sampled_from([0.0, 350.0, 2_222.0]))
def test_random_pairs_are_as_their_definitions_say(left: list, right: list, distance_m: float) -> None:
    a, b = build_side(left, "left"), build_side(right, "right")
    candidates = find_candidates(a, b, reach_m=distance_m)
    found = {
        "near": find_close(candidates, distance_m),
        **{relation: find(candidates) for relation, find in RELATIONS.items()},
    }
    told = {relation: {(i, j): s for i, j, s in zip(p.i, p.j, p.sure, strict=True)} for relation, p in found.items()}
    for i, j in itertools.product(range(len(a.shapes)), range(len(b.shapes))):
        one_, other = Thing.of(a, i), Thing.of(b, j)
        if not is_clear(one_, other, distance_m):
            continue
        expected = {
            "near": expect_near(one_, other, distance_m),
            "within": expect_within(one_, other),
            "contains": expect_within(other, one_),
            "crosses": expect_crosses(one_, other),
        }
        for relation, certainty in expected.items():
            sure = told[relation].get((i, j))
            said = None if sure is None else "certain" if sure else "possible"
            assert said == certainty, (relation, one_, other)


def test_the_definitions_are_not_all_empty() -> None:
    """The random layouts would prove nothing if no definition ever held."""
    park = build_side([(shapely.box(0, 0, 10, 10), 60, "derived")], "left")
    pond = build_side([(shapely.box(4, 4, 6, 6), 60, "derived"), (shapely.box(8, 8, 20, 20), 60, "derived")], "right")
    whole, inner, across = Thing.of(park, 0), Thing.of(pond, 0), Thing.of(pond, 1)
    assert (expect_within(inner, whole), expect_crosses(inner, whole)) == ("certain", None)
    assert (expect_within(across, whole), expect_crosses(across, whole)) == (None, "certain")
    assert (expect_near(inner, across, 0.0), expect_near(inner, across, 1_000.0)) == (None, "certain")


def test_candidates_leave_nothing_out_and_no_feature_meets_itself() -> None:
    side = build_side([(shapely.box(0, 0, 1, 1), 60, "derived"), (shapely.box(1, 1, 2, 2), 60, "derived")], "left")
    found = find_candidates(side, side, reach_m=0)
    assert isinstance(found, Pairs)
    assert sorted(zip(found.i.tolist(), found.j.tolist(), strict=True)) == [(0, 1), (1, 0)]


# --- the shipped data, by what people know


def names(pairs_: tuple[Pair, ...]) -> set[tuple[str, str]]:
    return {(p.a_name, p.b_name) for p in pairs_}


def test_corridors_that_cross_huangpu(atlas: Atlas) -> None:
    """The Pearl River and the northern ring run through 黄埔区, two more along its edges; the others are elsewhere."""
    found = find_between(atlas, "eco_corridors", "黄埔区", relation="crosses")
    assert {p.a_name for p in found} == {
        *("珠江前后航道", "北二环", "增江河—东江—狮子洋", "帽峰山—火龙凤—南沙港快速—蕉门水道"),
    }
    assert {p.a_name for p in found if p.certainty == "certain"} == {"珠江前后航道"}
    outline = find_district_area(atlas, "黄埔区")
    for pair in found:
        inside = atlas.features[pair.a_id].geometry.intersection(outline)
        assert pair.measure == pytest.approx(find_length_m(inside) / 1e3, abs=1e-4)


def test_wetlands_within_a_kilometre_of_a_greenway(atlas: Atlas) -> None:
    found = find_between(atlas, "wetlands", "blueways", relation="near", distance_m=1_000)
    drawn = {(p.a_name, p.b_name) for p in found if p.distance_m <= 1_000}
    assert drawn == {("海珠湿地", "珠江后航道碧道"), ("海鸥岛", "莲花山水道碧道")}
    assert {p.certainty for p in found} == {"possible"}


def test_wetlands_and_their_districts(atlas: Atlas) -> None:
    found = names(find_between(atlas, "wetlands", "districts", relation="within"))
    assert found == {("海珠湿地", "海珠区"), ("南沙湿地", "南沙区"), ("海鸥岛", "番禺区")}


def test_districts_and_their_streams(atlas: Atlas) -> None:
    found = names(find_between(atlas, "districts", "waterways", relation="contains"))
    assert {("越秀区", "东濠涌"), ("天河区", "猎德涌"), ("南沙区", "蕉门水道"), ("增城区", "增江")} <= found
    assert not {name for name in found if name[1] in ("流溪河", "珠江", "珠江前航道", "东江")}


def test_the_liuxi_crosses_the_districts_that_it_runs_through(atlas: Atlas) -> None:
    (river,) = {f.feature_id for f in atlas.features.values() if f.name == "流溪河" and f.layer_id == "waterways"}
    found = {p.b_name for p in find_between(atlas, river, "districts", relation="crosses")}
    assert {"从化区", "花都区", "白云区"} <= found
    assert not found & {"南沙区", "番禺区", "增城区", "海珠区"}


def test_neighbouring_districts(atlas: Atlas) -> None:
    found = names(find_between(atlas, "districts", "districts", relation="near"))
    neighbours = {frozenset(pair) for pair in found}
    assert {
        frozenset(("越秀区", "天河区")),
        frozenset(("番禺区", "南沙区")),
        frozenset(("从化区", "增城区")),
    } <= neighbours
    assert not {frozenset(("南沙区", "从化区")), frozenset(("花都区", "增城区"))} & neighbours
    assert len(found) == len(neighbours)


def test_symmetric_relations_are_named() -> None:
    assert set(SYMMETRIC) == {"crosses", "near"}
