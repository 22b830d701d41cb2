from __future__ import annotations

import hashlib
import json
import re

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gzmap import catalog, files
from gzmap.config import CATALOG_FILE, SOURCES_FILE, STORAGE_CRS
from gzmap.errors import CatalogError, NotFoundError
from tests.makers import edit_json, make_feature, make_points, make_project, make_square

DEGREES = st.tuples(st.floats(112, 114), st.floats(22, 24))
POINTS = st.lists(DEGREES, min_size=1, max_size=4).map(lambda c: {"type": "MultiPoint", "coordinates": c})
LINES = st.lists(DEGREES, min_size=2, max_size=5).map(lambda c: {"type": "LineString", "coordinates": c})
SQUARES = DEGREES.map(lambda c: make_square(*c))
VALUES = st.none() | st.integers() | st.text(max_size=9) | st.booleans()
PROPERTIES = st.dictionaries(st.text(max_size=5), VALUES, max_size=4)
OPEN_RING = [[[1, 2], [3, 4], [5, 5], [1, 3]]]
FEATURES = st.lists(
    st.builds(
        lambda local, properties, geometry: {
            "type": "Feature",
            "id": f"a.{local}",
            "properties": {**properties, "name": "甲"},
            "geometry": geometry,
        },
        st.text("abc019", min_size=1, max_size=4),
        PROPERTIES,
        st.none() | POINTS | LINES | SQUARES,
    ),
    max_size=5,
    unique_by=lambda f: f["id"],
)


def write_features(path, *features: dict):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def make_raw(geometry: object = None, **changes: object) -> dict:
    return {"type": "Feature", "id": "a.b", "properties": {"name": "甲"}, "geometry": geometry, **changes}


# --- strict reading


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1, column 2 is not valid JSON"),
        ('{"a": 1,\n"b": }', "line 2, column 6 is not valid JSON"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"x": [{"deep": 1, "deep": 1}]}', "the key 'deep' stands twice"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ('{"a": -Infinity}', "-Infinity is no JSON number"),
    ],
)
def test_json_is_strict(text, words):
    with pytest.raises(CatalogError, match=f"here: {words}"):
        files.parse_json(text, "here")


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(CatalogError, match=r"gone\.json: cannot be read.*restore"):
        files.read_text(tmp_path / "gone.json")
    (tmp_path / "gbk.json").write_bytes("广州".encode("gbk"))
    with pytest.raises(CatalogError, match=r"gbk\.json: byte 0 is not UTF-8; save"):
        files.read_text(tmp_path / "gbk.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(CatalogError, match="must be one JSON object, not list"):
        files.read_json(tmp_path / "list.json")


def test_newlines_are_read_as_they_are(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a\r\nb\n")
    assert files.read_text(tmp_path / "a.txt") == "a\r\nb\n"


# --- layers


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        ("x", "feature 1 is not a GeoJSON Feature; remove or repair"),
        ({"type": "Point"}, "feature 1 is not a GeoJSON Feature"),
        (make_raw(id=7), "feature 1 lacks its id"),
        (make_raw(properties=None), "feature 1 lacks its id"),
        (make_raw(properties={}), r"feature 1 \(a\.b\) has no name; give it one"),
        ({k: v for k, v in make_raw().items() if k != "geometry"}, r"feature 1 \(a\.b\) lacks its geometry; draw it"),
        (make_raw({"type": "Pint"}), r"\(a\.b\) has a broken geometry .*redraw it or set it to null"),
        (make_raw({"type": "Point", "coordinates": ["x", 2]}), r"\(a\.b\) has a broken geometry"),
        (make_raw({"type": "LineString", "coordinates": [[1, 2]]}), r"\(a\.b\) has a broken geometry"),
        (make_raw({"type": "Polygon", "coordinates": OPEN_RING}), r"\(a\.b\) has a broken geometry"),
        (make_raw([1]), r"\(a\.b\) has a broken geometry"),
        (make_raw("x"), r"\(a\.b\) has a broken geometry"),
        (make_raw(properties={"name": "\ud800"}), r"'\\ud800' is half of a character"),
    ],
)
def test_a_broken_feature_is_named_with_its_file_and_remedy(tmp_path, feature, words):
    path = write_features(tmp_path / "parks.geojson", feature)
    with pytest.raises(CatalogError, match=words) as told:
        catalog.load_layer(path)
    assert "parks.geojson" in str(told.value)


@pytest.mark.parametrize("text", ["{}", '{"type": "FeatureCollection"}', '{"type": "Feature", "features": []}'])
def test_a_file_that_is_no_collection_is_named(tmp_path, text):
    (tmp_path / "a.geojson").write_text(text)
    with pytest.raises(CatalogError, match=r"a\.geojson: must be a GeoJSON FeatureCollection"):
        catalog.read_layer(tmp_path / "a.geojson")


def test_a_layer_is_a_frame_by_feature_id(tmp_path):
    path = tmp_path / "a.geojson"
    features = [make_feature("a.b", "甲", make_points((113, 23))), make_feature("a.c", "乙", None)]
    path.write_text(catalog.dump_layer(features), encoding="utf-8")
    frame = catalog.load_layer(path)
    assert frame.crs == STORAGE_CRS
    assert frame.index.name == "id"
    assert frame.loc["a.b", "name"] == "甲"
    assert frame.geometry["a.b"].equals(shapely.MultiPoint([(113, 23)]))
    assert frame.geometry["a.c"] is None


def test_an_empty_layer_is_an_empty_frame(tmp_path):
    (tmp_path / "a.geojson").write_text(catalog.dump_layer([]))
    frame = catalog.load_layer(tmp_path / "a.geojson")
    assert frame.empty
    assert frame.crs == STORAGE_CRS


# --- canonical text


@given(FEATURES)
def test_canonical_text_is_a_fixed_point(features):
    text = catalog.dump_layer(features)
    again = json.loads(text)["features"]
    assert catalog.dump_layer(again) == text
    assert [f["id"] for f in again] == sorted(f["id"] for f in features)
    assert {f["id"]: f["properties"] for f in again} == {f["id"]: f["properties"] for f in features}
    assert text.endswith("]}\n")


@given(FEATURES.filter(bool))
def test_one_feature_stands_on_one_line(features):
    first, *lines, last, end = catalog.dump_layer(features).split("\n")
    assert (first, last, end) == ('{"type":"FeatureCollection","features":[', "]}", "")
    assert len(lines) == len(features)
    assert all(line.endswith(",") for line in lines[:-1])
    for line in lines:
        assert list(json.loads(line.removesuffix(","))) == ["type", "id", "properties", "geometry"]


@given(DEGREES)
def test_six_decimals_are_kept(lonlat):
    written = catalog.format_geometry(shapely.Point(lonlat))["coordinates"]
    assert all(len(repr(v).partition(".")[2]) <= 6 for v in written)
    assert written == pytest.approx(lonlat, abs=5.1e-7)


def test_rings_turn_as_rfc_7946_has_it_and_height_goes():
    ring = [(113, 23, 5), (113, 24, 5), (114, 24, 5), (114, 23, 5)]
    hole = [(113.2, 23.2, 5), (113.4, 23.2, 5), (113.4, 23.4, 5)]
    written = catalog.format_geometry(shapely.MultiPolygon([shapely.Polygon(ring, [hole])]))
    outer, inner = written["coordinates"][0]
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(inner).is_ccw
    assert {len(position) for position in outer} == {2}


def test_chinese_is_written_as_it_is():
    assert "帽峰山" in catalog.dump_layer([make_feature("a.b", "帽峰山", None)])
    assert files.dump_json({"b": "帽峰山", "a": 1}) == '{\n  "b": "帽峰山",\n  "a": 1\n}\n'


def test_derived_block():
    features = [
        make_feature("a.b", "甲", make_square(113.2, 23.1), accuracy_m=40),
        make_feature("a.c", "乙", make_points((113.5, 23.3)), accuracy_m=900),
        make_feature("a.d", "丙", None),
    ]
    assert catalog.derive(features, b"bytes") == {
        "features": 3,
        "located": 2,
        "bbox": [113.2, 23.1, 113.5, 23.3],
        "worst_accuracy_m": 900,
        "sha256": hashlib.sha256(b"bytes").hexdigest(),
    }


def test_derived_block_of_nothing_located():
    block = catalog.derive([make_feature("a.d", "丙", None)], b"")
    assert (block["features"], block["located"], block["bbox"], block["worst_accuracy_m"]) == (1, 0, None, None)


# --- the register


def test_catalogue_keeps_the_drawing_order_and_knows_plan_layers(tmp_path):
    read = catalog.read_catalog(make_project(tmp_path))
    assert list(read.entries) == ["districts", "labels", "parks", "streams", "spots"]
    assert [e.layer_id for e in read.plan_entries] == ["parks", "streams", "spots"]
    assert read.require_entry("parks").geometry_type == "MultiPolygon"
    assert read.sources["survey"]["title"] == "测绘"


def test_common_fields_come_first_and_a_layers_own_follow(tmp_path):
    feature = make_feature("parks.p001", "甲", make_square(113.2, 23.1), extra="x")
    read = catalog.read_catalog(make_project(tmp_path, {"parks": [feature]}))
    fields = list(read.fields_of(read.entries["parks"]))
    assert fields[0] == "name"
    assert fields[-1] == "extra"


def test_an_unknown_layer_is_named(tmp_path):
    with pytest.raises(NotFoundError, match=r"'park' is not in layers.catalog\.json; did you mean 'parks'"):
        catalog.read_catalog(make_project(tmp_path)).require_entry("park")


@pytest.mark.parametrize("key", ["id", "kind", "path", "theme", "title", "geometry_type", "fields", "style", "sources"])
def test_an_entry_without_a_key_is_named(tmp_path, key):
    raw = files.read_json(make_project(tmp_path) / CATALOG_FILE)["layers"][2]
    del raw[key]
    name = "?" if key == "id" else "parks"
    with pytest.raises(CatalogError, match=re.escape(f"layer '{name}' lacks the key '{key}'")):
        catalog.parse_entry(raw)


@pytest.mark.parametrize("file", [CATALOG_FILE, SOURCES_FILE])
def test_a_register_without_its_list_is_named(tmp_path, file):
    root = make_project(tmp_path)
    (root / file).write_text("{}")
    with pytest.raises(CatalogError, match=r"a top-level key .* is missing"):
        catalog.read_catalog(root)


def test_a_feature_gives_its_name_and_accuracy():
    feature = catalog.Feature("a.b", "a", {"name": "甲", "accuracy_m": 50}, None)
    assert (feature.name, feature.accuracy_m) == ("甲", 50)
    assert catalog.Feature("a.b", "a", {"name": "甲"}, None).accuracy_m is None


# --- groups


def test_groups_stand_where_their_topmost_layer_does(tmp_path) -> None:
    root = make_project(tmp_path)

    def join(content: dict) -> None:
        for entry in content["layers"]:
            if entry["id"] in ("parks", "spots"):
                entry["group"] = "places"
        content["groups"] = [{"id": "places", "title": "山与园", "title_en": "Hills and parks"}]

    edit_json(root / CATALOG_FILE, join)
    groups = catalog.read_catalog(root).groups
    assert [g.group_id for g in groups] == ["districts", "labels", "streams", "places"]
    assert [e.layer_id for e in groups[-1].entries] == ["parks", "spots"]
    assert (groups[-1].titles["title"], groups[-1].titles["title_en"]) == ("山与园", "Hills and parks")
    assert groups[2].titles["title"] == "streams"


def test_a_catalogue_without_titles_of_groups_has_those_of_its_layers(tmp_path) -> None:
    found = catalog.read_catalog(make_project(tmp_path))
    assert found.group_titles == {}
    assert [g.titles["title"] for g in found.groups] == [e.title for e in found.entries.values()]


# --- presets


PRESET = {"id": "green", "title": "绿", "title_en": "Green", "groups": ["parks", "gone"]}


def test_presets_are_read_in_order(tmp_path):
    root = make_project(tmp_path)
    assert catalog.read_catalog(root).presets == ()
    edit_json(root / CATALOG_FILE, lambda c: c.update(presets=[PRESET, {**PRESET, "id": "again"}]))
    first, second = catalog.read_catalog(root).presets
    assert (first.preset_id, first.group_ids) == ("green", ("parks", "gone"))
    assert first.titles == {"title": "绿", "title_en": "Green"}
    assert second.preset_id == "again"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("green", "no object"),
        ({**PRESET, "title": 1}, "no object"),
        ({k: v for k, v in PRESET.items() if k != "groups"}, "the 'groups' of preset 'green'"),
        ({**PRESET, "groups": "parks"}, "the 'groups' of preset 'green'"),
        ({**PRESET, "groups": [1]}, "the 'groups' of preset 'green'"),
    ],
)
def test_a_preset_that_is_none_is_refused(raw, words):
    with pytest.raises(CatalogError, match=words):
        catalog.parse_preset(raw)
