"""The shipped data: every file against every check, and what the maps and the plan must hold."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import pytest
import shapely
from jsonschema import Draft202012Validator

from gzmap.atlas import Atlas
from gzmap.checks import CODES, Finding, check_atlas, format_project, propose_for
from gzmap.checks.features import METHODS, PROPERTY_PATTERN, STATUSES
from gzmap.config import LINK_HOSTS, METRIC_CRS
from gzmap.query import find_at, find_evidence, find_neighbours, find_text, find_unlocated
from tests.conftest import ROOT

CATALOG = json.loads((ROOT / "layers/catalog.json").read_text(encoding="utf-8"))
PATHS = {entry["id"]: entry["path"] for entry in CATALOG["layers"]}
OTHER_FILES = {
    "catalog": "layers/catalog.json",
    "sources": "geodata/sources.json",
    "toponyms": "layers/toponyms.json",
    "mentions": "layers/mentions.jsonl",
    "plan": "geodata/plan",
}
SCHEMAS = {**dict.fromkeys(PATHS, "layer"), "catalog": "catalog", "sources": "sources", "toponyms": "toponyms"}
ORIGINAL = ROOT.parent / "shared/plan/plan.txt"

DISTRICTS = {
    "荔湾区",
    "越秀区",
    "海珠区",
    "天河区",
    "白云区",
    "黄埔区",
    "番禺区",
    "花都区",
    "南沙区",
    "从化区",
    "增城区",
}
CITIES = {"佛山", "肇庆", "清远", "云浮", "韶关", "东莞", "中山"}
PLAN_NAMES = {
    "energy_parks": "白云区新型储能产业园 黄埔区新型储能产业园 花都区新型储能产业园",
    "biodiversity_hotspots": "从化北部 花都北部 增城北部 增城西部 帽峰山",
    "waterways": "珠江前航道 珠江后航道 珠江西航道 东江 狮子洋 虎门水道 蕉门水道 洪奇沥水道 流溪河 增江",
    "eco_corridors": (
        "流溪河—珠江西航道—洪奇沥水道 帽峰山—火龙凤—南沙港快速—蕉门水道 增江河—东江—狮子洋 北二环 "
        "珠江前后航道 金山大道—莲花山 沙湾水道 横沥—凫洲水道"
    ),
}


def read(path: str) -> dict:
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


# --- every file × every check


@pytest.fixture(scope="module")
def findings() -> tuple[Finding, ...]:
    return check_atlas(ROOT)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", [*PATHS, *OTHER_FILES])
def test_file_passes_check(findings: tuple[Finding, ...], name: str, code: str) -> None:
    wheres = (PATHS.get(name, OTHER_FILES.get(name)), f"layers/catalog.json: {name}")
    assert [str(f) for f in findings if f.code == code and f.where.startswith(wheres)] == []


def test_nothing_else_is_found(findings: tuple[Finding, ...]) -> None:
    assert [str(f) for f in findings] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_file_fits_its_schema(name: str) -> None:
    schema = read(f"layers/schema/{SCHEMAS[name]}.schema.json")
    faults = Draft202012Validator(schema).iter_errors(read(PATHS.get(name) or OTHER_FILES[name]))
    assert [f"{list(f.path)}: {f.message}" for f in faults] == []


def test_mentions_fit_their_schema() -> None:
    validator = Draft202012Validator(read("layers/schema/mentions.schema.json"))
    lines = (ROOT / "layers/mentions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [fault.message for line in lines for fault in validator.iter_errors(json.loads(line))] == []


@pytest.mark.parametrize("path", sorted((ROOT / "layers/schema").glob("*.json")), ids=lambda p: p.name)
def test_schemas_are_schemas(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_schema_and_checks_have_the_same_closed_lists() -> None:
    properties = read("layers/schema/layer.schema.json")["properties"]["features"]["items"]["properties"]["properties"]
    assert properties["properties"]["status"]["enum"] == list(STATUSES)
    assert properties["properties"]["method"]["enum"] == list(METHODS)
    assert properties["propertyNames"]["pattern"] == f"^{PROPERTY_PATTERN.pattern}$"


def test_all_files_are_canonical() -> None:
    assert format_project(ROOT, write=False) == ()


# --- the plan


def test_everything_parsed_is_the_text(atlas: Atlas) -> None:
    assert atlas.document.dump().encode() == (ROOT / "geodata/plan/plan.txt").read_bytes()


def test_the_plan_has_its_parts(atlas: Atlas) -> None:
    chapters = atlas.document.chapters
    assert (len(chapters), sum(len(c.sections) for c in chapters), len(atlas.document.paragraphs)) == (9, 28, 60)


@pytest.mark.skipif(not ORIGINAL.is_file(), reason="the text as it was given is not on this machine")
def test_the_plan_is_the_one_that_was_given() -> None:
    assert (ROOT / "geodata/plan/plan.txt").read_bytes() == ORIGINAL.read_bytes()


def test_the_edition_is_stated(atlas: Atlas) -> None:
    meta = atlas.document.meta
    assert (meta["edition"], meta["edition_date"]) == ("公开征求意见稿", "2025-09-23")
    assert (meta["consultation_until"], meta["consultation_closed"]) == ("2025-10-11", True)
    assert meta["formal"]["issued"] == "2025-12-02"


# --- base layers


@pytest.fixture(scope="module")
def districts(atlas: Atlas) -> geopandas.GeoDataFrame:
    return atlas.layers["districts"].set_index("name").to_crs(METRIC_CRS)


def test_eleven_districts(districts: geopandas.GeoDataFrame) -> None:
    assert set(districts.index) == DISTRICTS
    assert len(districts) == len(DISTRICTS)
    assert set(districts["adcode"].str[:4]) == {"4401"}
    assert districts.area.sum() / 1e6 == pytest.approx(7_434, rel=0.03)
    assert (districts.area / 1e6 / districts["area_km2"]).between(0.99, 1.01).all()


def test_districts_neither_overlap_nor_gape(districts: geopandas.GeoDataFrame) -> None:
    assert shapely.coverage_is_valid(districts.geometry.to_numpy())
    whole = districts.union_all()
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(whole)])
    assert filled.area - whole.area < 1


def test_districts_are_small_enough_to_send() -> None:
    assert (ROOT / PATHS["districts"]).stat().st_size <= 400_000


def test_districts_are_in_wgs84(districts: geopandas.GeoDataFrame) -> None:
    # The border of 越秀 and 海珠 runs along the river under 海珠桥; unconverted data would be 500 m off.
    bridge = geopandas.GeoSeries([shapely.Point(113.2617, 23.1153)], crs="EPSG:4326").to_crs(METRIC_CRS).iloc[0]
    border = districts.geometry["越秀区"].intersection(districts.geometry["海珠区"])
    assert border.distance(bridge) <= 50


def test_neighbouring_cities_are_the_seven_of_the_plan(atlas: Atlas) -> None:
    cities = atlas.layers["cities"]
    assert {name.removesuffix("市") for name in cities["name"]} == CITIES
    assert not atlas.catalog.entries["cities"].visible


def test_hong_kong_and_macau_are_not_drawn(atlas: Atlas) -> None:
    # Points well inside both; only the background water may lie there.
    for lonlat in ((114.15, 22.38), (113.545, 22.195)):
        for layer_id in ("districts", "cities"):
            assert not atlas.layers[layer_id].contains(shapely.Point(lonlat)).any()
    drawn = {name for layer in atlas.layers.values() for name in layer["name"]}
    assert not [name for name in drawn if "香港" in name or "澳门" in name]


def test_labels_are_for_orientation(atlas: Atlas) -> None:
    labels = atlas.layers["labels"]
    assert len(labels) >= 140
    assert {"town", "subdistrict", "bridge", "station", "hill"} <= set(labels["category"])
    lonlat = shapely.get_coordinates(labels[labels["category"].isin(["town", "subdistrict"])].geometry)
    assert (abs(lonlat - lonlat.round(3)) < 1e-9).all()


def test_labels_lie_in_their_district(atlas: Atlas, districts: geopandas.GeoDataFrame) -> None:
    labels = atlas.layers["labels"].to_crs(METRIC_CRS)
    far = [
        f"{label['name']} is not in {name}"
        for _, label in labels.iterrows()
        for name in filter(None, str(label["district"] or "").split("|"))
        if districts.geometry[name].distance(label.geometry) > label["accuracy_m"]
    ]
    assert far == []


# --- plan layers


@pytest.mark.parametrize("layer_id", PLAN_NAMES)
def test_plan_layer_holds_its_names(atlas: Atlas, layer_id: str) -> None:
    assert set(atlas.layers[layer_id]["name"]) == set(PLAN_NAMES[layer_id].split())
    assert atlas.catalog.entries[layer_id].kind == "plan"


def test_there_are_four_plan_layers(atlas: Atlas) -> None:
    assert {entry.layer_id for entry in atlas.catalog.plan_entries} == set(PLAN_NAMES)


def test_baiyun_park_has_four_parts(atlas: Atlas) -> None:
    park = next(f for f in atlas.features.values() if f.name == "白云区新型储能产业园")
    parts = park.properties["part_acc"].split("|")
    assert len(park.properties["parts"].split("|")) == len(parts) == shapely.get_num_geometries(park.geometry) == 4
    assert park.accuracy_m == max(map(int, parts))


def test_no_plan_feature_is_a_whole_district(atlas: Atlas, districts: geopandas.GeoDataFrame) -> None:
    for entry in atlas.catalog.plan_entries:
        for shape in atlas.layers[entry.layer_id].to_crs(METRIC_CRS).geometry.dropna():
            overlap = districts.intersection(shape).area / districts.area
            assert overlap.max() < 0.9


def test_plan_features_touch_the_districts_they_name(atlas: Atlas, districts: geopandas.GeoDataFrame) -> None:
    for entry in atlas.catalog.plan_entries:
        for _, feature in atlas.layers[entry.layer_id].to_crs(METRIC_CRS).dropna(subset="geometry").iterrows():
            for name in filter(None, feature["district"].split("|")):
                assert districts.geometry[name].distance(feature.geometry) <= feature["accuracy_m"], feature["name"]


def test_what_is_not_placed_is_listed(atlas: Atlas) -> None:
    missing = find_unlocated(atlas)
    assert "花都区新型储能产业园" in {f.name for f in missing}
    assert all(f.properties["notes"] for f in missing)


def test_schematic_and_wide_are_said_in_the_notes(atlas: Atlas) -> None:
    assert [
        f.feature_id for f in atlas.features.values() if f.layer_id in PLAN_NAMES and not f.properties["notes"]
    ] == []


# --- the words


def test_every_plan_feature_has_evidence(atlas: Atlas) -> None:
    plan = [f for f in atlas.features.values() if f.layer_id in PLAN_NAMES]
    assert [f.name for f in plan if not any(e.role == "evidence" for e in find_evidence(atlas, f.feature_id))] == []


def test_mentions_are_what_the_proposer_says_and_people_decided() -> None:
    assert propose_for(ROOT) == (ROOT / "layers/mentions.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "para_id", "role", "exact"),
    [
        ("帽峰山", "chp_4__sec_3__para_1", "evidence", "帽峰山"),
        ("帽峰山", "chp_7__sec_1__para_1", "mention", "帽峰山"),
        ("流溪河", "chp_7__sec_1__para_1", "mention", "流溪河"),
        ("流溪河", "chp_4__sec_3__para_2", "evidence", "流溪河"),
        ("增江", "chp_4__sec_3__para_3", "evidence", "增江"),
        ("花都区新型储能产业园", "chp_2__sec_1__para_2", "evidence", "花都区"),
        ("白云区新型储能产业园", "chp_2__sec_1__para_2", "evidence", "新型储能产业园"),
        ("北二环", "chp_4__sec_1__para_2", "evidence", "三纵五横"),
        ("洪奇沥水道", "chp_3__sec_2__para_2", "evidence", "洪奇沥水道"),
    ],
)
def test_role_of_the_words(atlas: Atlas, name: str, para_id: str, role: str, exact: str) -> None:
    feature = next(f for f in atlas.features.values() if f.name == name and f.layer_id in PLAN_NAMES)
    assert (para_id, role, exact) in {(e.para_id, e.role, e.exact) for e in find_evidence(atlas, feature.feature_id)}


def test_a_river_basin_is_not_the_river(atlas: Atlas) -> None:
    assert "chp_6__sec_2__para_2" not in {m.para_id for m in atlas.mentions}


def test_neighbours_of_an_enumeration(atlas: Atlas) -> None:
    hotspot = next(f for f in atlas.features.values() if f.name == "帽峰山" and f.layer_id in PLAN_NAMES)
    assert [f.name for f in find_neighbours(atlas, hotspot.feature_id)] == [
        "从化北部",
        "花都北部",
        "增城北部",
        "增城西部",
    ]


# --- search and place


@pytest.mark.parametrize("query", ["帽峰山", "maofengshan", "mfs", "帽峯山"])
def test_maofengshan_is_found_first(atlas: Atlas, query: str) -> None:
    first = find_text(atlas, query)[0]
    assert (first.kind, first.name) == ("feature", "帽峰山")


def test_storage_finds_the_parks_and_the_paragraph(atlas: Atlas) -> None:
    hits = find_text(atlas, "储能")
    assert {h.name for h in hits if h.kind == "feature"} == set(PLAN_NAMES["energy_parks"].split())
    assert [h.id for h in hits if h.kind == "paragraph"] == ["chp_2__sec_1__para_2"]


def test_unknown_names_are_not_found(atlas: Atlas) -> None:
    for name in ("火星基地", "天安门", "不存在的地方", "qqqq"):
        assert find_text(atlas, name) == ()


def test_every_name_finds_its_feature(atlas: Atlas) -> None:
    for feature in atlas.features.values():
        if feature.layer_id in (*PLAN_NAMES, "districts", "cities", "labels"):
            assert feature.feature_id in {h.id for h in find_text(atlas, feature.name, limit=60)}, feature.name


def test_a_point_in_baiyun(atlas: Atlas) -> None:
    found = find_at(atlas, 113.443, 23.3035)
    assert (found[0].kind, found[0].name, found[0].certainty) == ("district", "白云区", "certain")
    assert [p.certainty for p in found if p.name == "帽峰山"] == ["possible"]


# --- sources


def test_only_listed_hosts_are_links() -> None:
    for source in read("geodata/sources.json")["sources"]:
        if source["kind"] in ("secondary", "memory", "package", "open_data"):
            assert source["url"] is None, source["id"]
        assert source["url"] is None or any(host in source["url"] for host in LINK_HOSTS)


def test_every_source_is_used_or_explained() -> None:
    used = {s for entry in CATALOG["layers"] for s in entry["sources"]}
    for path in PATHS.values():
        used |= {s for f in read(path)["features"] for s in f["properties"].get("source_id", "").split("|")}
    idle = {s["id"] for s in read("geodata/sources.json")["sources"]} - used
    # What the one command that replaces the districts will name.
    assert idle <= {"standard_map"}
