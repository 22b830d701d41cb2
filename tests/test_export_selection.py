"""What is taken of an atlas: layers, districts, views, drawn areas, searches; cut without slivers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gzmap import crs as crs_door
from gzmap.atlas import open_atlas
from gzmap.errors import CRSError, ExportError, NotFoundError
from gzmap.export import Selection, build_dataset
from gzmap.export.clipping import SLIVER_M, clip_shapes, find_slivers
from tests.makers import make_project

WEST = shapely.box(113.2, 23.0, 113.3, 23.1)
EVERY = ("mountains", "waterways", "blueways", "energy_parks", "unsited", "labels", "districts", "water_base")
DISTRICTS = (
    "越秀区",
    "海珠区",
    "荔湾区",
    "天河区",
    "白云区",
    "黄埔区",
    "花都区",
    "番禺区",
    "南沙区",
    "从化区",
    "增城区",
)


def take(atlas, crs="EPSG:4490", **selection):
    """Feature ids by layer, and the whole."""
    dataset = build_dataset(atlas, Selection(**{"layer_ids": EVERY, **selection}), crs)
    return {t.name: list(t.ids) for t in dataset.tables}, dataset


def test_layers_are_taken_whole_and_once(atlas):
    found, dataset = take(atlas, layer_ids=("mountains", "unsited", "mountains"))
    assert found == {layer: list(atlas.layers[layer].index) for layer in ("mountains", "unsited")}
    assert dataset.losses == ()
    assert set(dataset.entries) == {"mountains", "unsited"}
    assert {s["id"] for s in dataset.sources} == {s for e in dataset.entries.values() for s in e.sources}
    assert dataset.title == atlas.document.meta["title"]


@pytest.mark.parametrize("name", DISTRICTS)
def test_a_district_takes_what_its_property_names(atlas, name):
    """The property was computed from the geometry, so the selection must find the same features, cut or not."""
    layers = [i for i, frame in atlas.layers.items() if "district" in frame]
    expected = {
        feature_id
        for layer in layers
        for feature_id, value in atlas.layers[layer]["district"].items()
        if name in str(value).split("|")
    }
    for clip in (False, True):
        found, _ = take(atlas, layer_ids=layers, district=name, clip=clip)
        assert {i for ids in found.values() for i in ids} == expected


def test_a_district_keeps_features_without_geometry_by_their_property(atlas):
    _, dataset = take(atlas, layer_ids=("beautiful_units", "blueways"), district="增城区")
    null = [
        i
        for t in dataset.tables
        for i, g, d in zip(t.ids, t.geometries, t.column("district").values, strict=True)
        if g is None and "增城区" in d
    ]
    everything = [
        f.feature_id
        for f in atlas.features.values()
        if f.layer_id in ("beautiful_units", "blueways")
        and f.geometry is None
        and "增城区" in str(f.properties["district"]).split("|")
    ]
    assert null
    assert set(null) == set(everything)


def test_clipping_keeps_dimension_and_what_is_inside(atlas):
    district = atlas.layers["districts"].set_index("name").geometry["白云区"]
    whole, _ = take(atlas, district="白云区")
    cut, dataset = take(atlas, district="白云区", clip=True)
    assert whole == cut
    grown = district.buffer(1e-9)
    for table in dataset.tables:
        located = [g for g in table.geometries if g is not None]
        assert shapely.covered_by(located, grown).all()
        before = atlas.layers[table.name].geometry.dropna()
        assert set(shapely.get_dimensions(located)) == set(shapely.get_dimensions(before))
        if table.name in {loss.layer for loss in dataset.losses}:
            assert not find_slivers(shapely.get_parts(located)).any()
    assert {"clipped", "layer-empty"} >= {loss.code for loss in dataset.losses}


def test_lengths_and_areas_of_what_was_cut_are_measured_anew(atlas):
    _, whole = take(atlas, layer_ids=("waterways", "mountains"), district="白云区")
    _, cut = take(atlas, layer_ids=("waterways", "mountains"), district="白云区", clip=True)
    for before, after, name in zip(whole.tables, cut.tables, ("len_km", "area_km2"), strict=True):
        measure, per_unit = (crs_door.find_length_m, 1e3) if name == "len_km" else (crs_door.find_area_m2, 1e6)
        sizes = [measure(shape) / per_unit for shape in after.geometries]
        assert list(after.column(name).values) == pytest.approx(sizes, abs=0.06)
        assert sum(after.column(name).values) < sum(before.column(name).values)
    assert {loss.layer for loss in cut.losses if loss.code == "clipped"} == {"waterways", "mountains"}


def test_a_view_takes_what_it_touches_and_tells_what_has_no_place(atlas):
    found, dataset = take(atlas, layer_ids=("mountains", "blueways", "unsited"), bbox=(113.2, 23.1, 113.4, 23.3))
    assert found["mountains"] == [
        i for i, g in atlas.layers["mountains"].geometry.items() if g.intersects(shapely.box(113.2, 23.1, 113.4, 23.3))
    ]
    assert "unsited" not in found
    assert {(x.code, x.layer) for x in dataset.losses} >= {("unplaced", "blueways"), ("layer-empty", "unsited")}


def test_conditions_must_all_hold(atlas):
    hills = atlas.layers["mountains"]
    ids = frozenset(hills.index)
    found, _ = take(atlas, feature_ids=ids)
    assert found == {"mountains": list(hills.index)}
    area = hills.geometry.iloc[0].buffer(0.001)
    found, _ = take(atlas, feature_ids=ids, area=area)
    assert found == {"mountains": [i for i, g in hills.geometry.items() if g.intersects(area)]}
    with pytest.raises(ExportError, match="Nothing is selected"):
        take(atlas, feature_ids=ids, area=shapely.box(113.9, 22.5, 113.91, 22.51))


def test_a_selection_may_fit_a_zone_that_its_layer_does_not(atlas):
    with pytest.raises(CRSError, match="EPSG:4547"):
        take(atlas, "EPSG:4547", layer_ids=("cities",))
    found, _ = take(atlas, "EPSG:4547", layer_ids=("cities",), bbox=(113.6, 22.6, 113.9, 23.0), clip=True)
    assert found["cities"]


@pytest.mark.parametrize(
    ("selection", "error", "words"),
    [
        ({"layer_ids": ()}, ExportError, "No layer is named"),
        ({"layer_ids": ("mountain",)}, NotFoundError, "did you mean 'mountains'"),
        ({"district": "白云"}, NotFoundError, "did you mean '白云区'"),
        ({"bbox": (113.4, 23.1, 113.2, 23.3)}, ExportError, "bbox .* is empty"),
        ({"bbox": (113.2, 23.1, 113.4, float("nan"))}, ExportError, "bbox .* is empty"),
        ({"area": shapely.LineString([(113, 23), (114, 23)])}, ExportError, "draw it again"),
        ({"area": shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])}, ExportError, "draw it again"),
        ({"feature_ids": frozenset()}, ExportError, "Nothing is selected"),
    ],
)
def test_selections_that_mean_nothing_are_named(atlas, selection, error, words):
    with pytest.raises(error, match=words):
        take(atlas, **selection)


def clip(*shapes: object) -> tuple[list, list]:
    array = np.array(shapes, dtype=object)
    cut, changed = clip_shapes(array, WEST)
    return list(cut), changed.tolist()


def test_what_lies_inside_is_the_same_object_and_what_lies_outside_is_none():
    inside, outside = shapely.Point(113.25, 23.05), shapely.box(113.4, 23, 113.5, 23.1)
    cut, changed = clip(inside, outside, None, shapely.Polygon())
    assert cut[0] is inside
    assert cut[1] is None
    assert cut[2] is None
    assert changed == [False] * 4


def test_what_only_touches_is_not_inside():
    touching = [shapely.box(113.3, 23, 113.4, 23.1), shapely.LineString([(113.3, 23), (113.4, 23)])]
    assert clip(*touching)[0] == [None, None]


def test_a_sliver_along_the_border_is_no_part():
    sliver_deg = SLIVER_M / 102_000 / 2  # half of the smallest width, as degrees of longitude here
    neighbour = shapely.box(113.3 - sliver_deg, 23.0, 113.4, 23.1)
    crossing = shapely.union(neighbour, shapely.box(113.28, 23.04, 113.31, 23.06))
    spur = shapely.LineString([(113.3 - sliver_deg, 23.05), (113.4, 23.05)])
    cut, changed = clip(neighbour, crossing, spur)
    assert cut[0] is None
    assert cut[2] is None
    assert changed == [False, True, False]
    # Joined to a real part, the strip stays: it is no piece of its own.
    assert shapely.area(cut[1]) == pytest.approx(0.02 * 0.02, rel=0.01)


def test_a_line_along_the_border_is_inside():
    border = shapely.LineString([(113.3, 23.02), (113.3, 23.08)])
    assert clip(border)[0] == [border]


def test_cut_geometries_are_multi_and_of_their_dimension():
    line = shapely.LineString([(113.1, 23.05), (113.25, 23.05), (113.25, 23.2), (113.28, 23.2), (113.28, 23.05)])
    points = shapely.MultiPoint([(113.25, 23.05), (114, 23)])
    cut, changed = clip(line, points, shapely.box(113.1, 22.9, 113.25, 23.05))
    assert [g.geom_type for g in cut] == ["MultiLineString", "MultiPoint", "MultiPolygon"]
    assert [len(g.geoms) for g in cut] == [2, 1, 1]
    assert changed == [True] * 3


def test_a_layer_without_features_is_taken_as_it_is(tmp_path):
    project = make_project(tmp_path / "p")
    (project / "layers/parks.geojson").write_text('{"type": "FeatureCollection", "features": []}\n', encoding="utf-8")
    dataset = build_dataset(open_atlas(project), Selection(layer_ids=("parks",)), "EPSG:4490")
    assert [(table.name, table.size) for table in dataset.tables] == [("parks", 0)]
    assert dataset.evidence.size == 0
