"""The shipped data: every file against every check, and what the maps and the plan must hold."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import pytest
import shapely
from jsonschema import Draft202012Validator

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.checks import CODES, Finding, check_atlas, format_project, propose_for
from gzmap.checks.features import METHODS, PROPERTY_PATTERN, STATUSES
from gzmap.config import BOXES, LINK_HOSTS, METRIC_CRS
from gzmap.query import find_at, find_evidence, find_neighbours, find_text, find_unlocated
from tests.conftest import ROOT

CATALOG = json.loads((ROOT / "layers/catalog.json").read_text(encoding="utf-8"))
PATHS = {entry["id"]: entry["path"] for entry in CATALOG["layers"]}
OTHER_FILES = {
    "catalog": "layers/catalog.json",
    "sources": "geodata/sources.json",
    "toponyms": "layers/toponyms.json",
    "mentions": "layers/mentions.jsonl",
    "ledger": "layers/ledger.jsonl",
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
PLAN = {
    "spatial_structure": (
        "s001 一脉三区 s002 山水百景图 s003 新青山 s004 滨海未来城市 s005 云山珠水 s006 北屏 s007 中环 s008 南片"
    ),
    "waterways": (
        "w001 珠江前航道 w002 珠江后航道 w003 珠江西航道 w004 东江 w005 狮子洋 w006 虎门水道 w007 蕉门水道 "
        "w008 洪奇沥水道 w009 流溪河 w010 增江 w011 珠江 w012 沙湾水道 w013 东濠涌 w014 沙河涌 w015 猎德涌 "
        "w016 车陂涌 w017 乌涌 w018 南岗河"
    ),
    "basins": "b001 流溪河流域",
    "coast": ("k001 珠江口 k002 美丽海湾 k003 沿海滩涂 k004 盐沼 k005 大陆自然岸线 k006 海岛自然岸线 k007 砂质岸滩"),
    "coast_sites": "x001 红树林",
    "mountains": "m001 白云山 m002 帽峰山 m003 越秀山",
    "wetlands": "t001 海珠湿地 t002 南沙湿地 t003 海鸥岛",
    "eco_patches": (
        "a001 从化北部生态片区 a002 花都北部生态片区 a003 增城北部生态片区 a004 增城西部生态片区 "
        "a005 帽峰山生态片区 a006 花都西部农林生态片区 a007 增城南部农林生态片区 a008 南沙北部农林生态片区 "
        "a009 南沙滨海生态片区"
    ),
    "biodiversity_hotspots": "h001 从化北部 h002 花都北部 h003 增城北部 h004 增城西部 h005 帽峰山",
    "eco_nodes": (
        "n001 白云山生态节点 n002 海珠湿地生态节点 n003 白云湖生态节点 n004 大夫山—滴水岩生态节点 "
        "n005 黄山鲁生态节点 n006 南沙湿地生态节点"
    ),
    "eco_corridors": (
        "c001 流溪河—珠江西航道—洪奇沥水道 c002 帽峰山—火龙凤—南沙港快速—蕉门水道 c003 增江河—东江—狮子洋 "
        "c004 北二环 c005 珠江前后航道 c006 金山大道—莲花山 c007 沙湾水道 c008 横沥—凫洲水道 "
        "c009 组团级生态廊道 c010 社区级生态廊道"
    ),
    "bird_fish": "f001 东江飞鸟鱼虫带 f002 流溪河飞鸟鱼虫带 f003 狮子洋飞鸟鱼虫带",
    "flyways": "y001 东亚-澳大利西亚候鸟迁飞通道 y002 珠三角水鸟生态廊道",
    "blueways": (
        "g001 流溪河碧道 g002 增江碧道 g003 珠江前航道碧道 g004 珠江后航道碧道 g005 珠江西航道碧道 g006 东江碧道 "
        "g007 南岗河碧道 g008 金坑河碧道 g009 长岭街道骑行碧道 g010 莲花山水道碧道 g011 市桥水道碧道 "
        "g012 阅江路碧道 g013 蕉门河碧道 g014 车陂涌绿美碧带 g015 白云区碧道 g016 千里碧道"
    ),
    "waterfronts": (
        "v001 珠江前航道滨水开放空间 v002 珠江后航道滨水开放空间 v003 珠江西航道滨水开放空间 v004 东江滨水开放空间"
    ),
    "green_rings": "r001 百里翡翠双环 r002 环湾绿链",
    "energy_parks": "p001 白云区新型储能产业园 p002 黄埔区新型储能产业园 p003 花都区新型储能产业园",
    "green_industry": "i001 白云区美丽健康产业园 i002 循环经济产业园",
    "platforms": (
        "q001 广州碳排放权交易中心 q002 国家碳计量中心(广东) q003 粤港澳大湾区气候投融资中心 "
        "q004 广州新时代生态文明建设主题馆 q005 主题地铁站台 q006 成果展示平台 q007 碳普惠体验展馆 "
        "q008 生态环境数据要素创新基地 q009 全运会场馆"
    ),
    "platform_areas": "u001 明珠湾 u002 华南国家植物园",
    "cooperation": (
        "d001 南沙新区 d002 南沙粤港澳全面合作示范区 d003 东莞滨海湾新区 d004 中山翠亨新区 d005 广州开发区 "
        "d006 东莞水乡经济区"
    ),
    "border_coop": "e001 佛山边界协同 e002 清远边界协同 e003 东莞边界协同 e004 中山边界协同 e005 广佛毗邻区域",
    "pilot_area": "z001 环南昆山-罗浮山县镇村引领区(广州)",
    "hot_springs": "o001 从化温泉总部集聚区 o002 增城高滩森林温泉康养集聚区",
    "beautiful_units": ("l001 广州知识城—迳下 l002 黄埔岭头片区 l003 花都赤坭镇 l004 增城环南昆山引领区 l005 石滩镇"),
}
"""Ids and names of the plan layers. An id is never changed; what the plan wants but does not place is in `unsited`."""

UNSITED = "unsited"
WHOLE_DISTRICTS = {"南沙新区", "南沙粤港澳全面合作示范区", "滨海未来城市"}
"""What the source itself says is a whole district."""


def names_of(layer_id: str) -> dict[str, str]:
    """Names of a plan layer by the local part of the id."""
    words = PLAN[layer_id].split()
    return dict(zip(words[::2], words[1::2], strict=True))


def read(path: str) -> dict:
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


# --- every file × every check


@pytest.fixture(scope="module")
def findings() -> tuple[Finding, ...]:
    return check_atlas(ROOT)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", [*PATHS, *OTHER_FILES])
def test_file_passes_check(findings: tuple[Finding, ...], name: str, code: str) -> None:
    file, entry = PATHS.get(name) or OTHER_FILES[name], f"layers/catalog.json: {name}"
    told = [f for f in findings if f.code == code and (f.where.startswith(file) or f.where == entry)]
    assert [str(f) for f in told] == []


def test_nothing_else_is_found(findings: tuple[Finding, ...]) -> None:
    assert [str(f) for f in findings] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_file_fits_its_schema(name: str) -> None:
    schema = read(f"layers/schema/{SCHEMAS[name]}.schema.json")
    faults = Draft202012Validator(schema).iter_errors(read(PATHS.get(name) or OTHER_FILES[name]))
    assert [f"{list(f.path)}: {f.message}" for f in faults] == []


@pytest.mark.parametrize("name", ["mentions", "ledger"])
def test_lines_fit_their_schema(name: str) -> None:
    validator = Draft202012Validator(read(f"layers/schema/{name}.schema.json"))
    lines = (ROOT / f"layers/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
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


def plan_features(atlas: Atlas) -> list[Feature]:
    return [f for f in atlas.features.values() if f.layer_id in (*PLAN, UNSITED)]


@pytest.mark.parametrize("layer_id", PLAN)
def test_plan_layer_holds_its_names(atlas: Atlas, layer_id: str) -> None:
    found = {feature_id.partition(".")[2]: name for feature_id, name in atlas.layers[layer_id]["name"].items()}
    assert found == names_of(layer_id)
    assert atlas.catalog.entries[layer_id].kind == "plan"


def test_there_are_no_other_plan_layers(atlas: Atlas) -> None:
    assert {entry.layer_id for entry in atlas.catalog.plan_entries} == {*PLAN, UNSITED}


@pytest.mark.parametrize("layer_id", [*PLAN, UNSITED])
def test_a_layer_is_described_in_both_languages(atlas: Atlas, layer_id: str) -> None:
    entry = atlas.catalog.entries[layer_id].raw
    for key in ("title", "description", "licence"):
        assert entry[key].strip()
        assert entry[f"{key}_en"].strip()
        assert entry[f"{key}_en"] != entry[key]
    assert len(atlas.layers[layer_id]) > 0
    used = set(atlas.layers[layer_id]["category"])
    assert set(entry["categories"]) == used, "a category that nothing has is clutter in the legend"


def test_baiyun_park_has_four_parts(atlas: Atlas) -> None:
    park = next(f for f in atlas.features.values() if f.name == "白云区新型储能产业园")
    parts = park.properties["part_acc"].split("|")
    assert len(park.properties["parts"].split("|")) == len(parts) == shapely.get_num_geometries(park.geometry) == 4
    assert park.accuracy_m == max(map(int, parts))


def test_only_what_its_source_says_is_a_whole_district(atlas: Atlas, districts: geopandas.GeoDataFrame) -> None:
    whole = set()
    for entry in atlas.catalog.plan_entries:
        for feature_id, shape in atlas.layers[entry.layer_id].to_crs(METRIC_CRS).geometry.dropna().items():
            if (districts.intersection(shape).area / districts.area).max() >= 0.9:
                whole.add(atlas.features[feature_id].name)
                assert atlas.features[feature_id].properties["based_on"], feature_id
    assert whole == WHOLE_DISTRICTS


def test_plan_features_touch_the_districts_they_name(atlas: Atlas, districts: geopandas.GeoDataFrame) -> None:
    for entry in atlas.catalog.plan_entries:
        for _, feature in atlas.layers[entry.layer_id].to_crs(METRIC_CRS).dropna(subset="geometry").iterrows():
            for name in filter(None, feature["district"].split("|")):
                assert districts.geometry[name].distance(feature.geometry) <= feature["accuracy_m"], feature["name"]


def test_what_is_not_placed_is_listed(atlas: Atlas) -> None:
    missing = find_unlocated(atlas)
    assert "花都区新型储能产业园" in {f.name for f in missing}
    assert all(f.properties["notes"] for f in missing)


def test_every_plan_feature_has_notes(atlas: Atlas) -> None:
    assert [f.feature_id for f in plan_features(atlas) if not f.properties["notes"].strip()] == []


# --- the words


def test_every_plan_feature_has_evidence(atlas: Atlas) -> None:
    plan = plan_features(atlas)
    assert [
        f.feature_id for f in plan if not any(e.role == "evidence" for e in find_evidence(atlas, f.feature_id))
    ] == []


def test_mentions_are_what_the_proposer_says_and_people_decided() -> None:
    assert propose_for(ROOT) == (ROOT / "layers/mentions.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("feature_id", "para_id", "role", "exact"),
    [
        ("biodiversity_hotspots.h005", "chp_4__sec_3__para_1", "evidence", "帽峰山"),
        ("mountains.m002", "chp_7__sec_1__para_1", "evidence", "帽峰山"),
        ("waterways.w009", "chp_7__sec_1__para_1", "mention", "流溪河"),
        ("waterways.w009", "chp_4__sec_3__para_3", "evidence", "流溪河"),
        ("bird_fish.f002", "chp_4__sec_3__para_2", "evidence", "流溪河"),
        ("bird_fish.f002", "chp_4__sec_3__para_2", "evidence", "飞鸟鱼虫带"),
        ("waterways.w010", "chp_4__sec_3__para_3", "evidence", "增江"),
        ("waterways.w008", "chp_3__sec_2__para_2", "evidence", "洪奇沥水道"),
        ("waterfronts.v001", "chp_4__sec_1__para_2", "evidence", "滨水开放空间"),
        ("basins.b001", "chp_6__sec_2__para_2", "evidence", "流溪河流域"),
        ("energy_parks.p003", "chp_2__sec_1__para_2", "evidence", "花都区"),
        ("energy_parks.p001", "chp_2__sec_1__para_2", "evidence", "新型储能产业园"),
        ("eco_corridors.c004", "chp_4__sec_1__para_2", "evidence", "三纵五横"),
        ("eco_patches.a009", "chp_4__sec_1__para_3", "evidence", "九大生态片区"),
        ("eco_nodes.n001", "chp_4__sec_1__para_3", "evidence", "六大生态节点"),
        ("spatial_structure.s003", "chp_4", "mention", "新青山新六脉"),
        ("unsited.j044", "chp_1__sec_2__para_1", "mention", "美丽乡村"),
    ],
)
def test_role_of_the_words(atlas: Atlas, feature_id: str, para_id: str, role: str, exact: str) -> None:
    assert (para_id, role, exact) in {(e.para_id, e.role, e.exact) for e in find_evidence(atlas, feature_id)}


def test_a_river_basin_is_not_the_river(atlas: Atlas) -> None:
    assert "chp_6__sec_2__para_2" not in {m.para_id for m in atlas.mentions if m.feature_id == "waterways.w009"}


def test_neighbours_of_an_enumeration(atlas: Atlas) -> None:
    beside = [f.name for f in find_neighbours(atlas, "biodiversity_hotspots.h005") if f.layer_id != UNSITED]
    assert beside[:4] == ["从化北部", "花都北部", "增城北部", "增城西部"]


# --- the ledger


def test_every_place_name_of_the_text_is_in_exactly_one_box(atlas: Atlas) -> None:
    spans = [(a.passage_id, a.start, a.end) for a in atlas.accounts]
    assert len(spans) == len(set(spans)) > 300
    assert {a.box for a in atlas.accounts} == set(BOXES)
    assert all(atlas.document.passages[a.passage_id][a.start : a.end] == a.exact for a in atlas.accounts)


def test_what_is_not_mapped_has_a_reason_and_what_is_has_a_feature(atlas: Atlas) -> None:
    assert [a for a in atlas.accounts if a.box != "mapped" and not a.reason.strip()] == []
    mapped = [a for a in atlas.accounts if a.box == "mapped"]
    assert [a for a in mapped if not any(atlas.features[i].geometry is not None for i in a.feature_ids)] == []
    assert [a for a in atlas.accounts if a.box == "ambiguous" and a.by == "line" and not a.feature_ids] == []


@pytest.mark.parametrize(
    ("passage_id", "exact", "boxes"),
    [
        ("chp_4__sec_1__para_1", "一脉三区", {"unlocatable"}),
        ("chp_4__sec_1__para_3", "三区三线", {"not_place"}),
        ("chp_5__sec_2__para_1", "广州路径", {"not_place"}),
        ("chp_8__sec_1__para_3", "广州方案", {"not_place"}),
        ("chp_7__sec_1__para_1", "广州", {"not_place"}),
        ("chp_8__sec_1", "粤港澳大湾区", {"outside"}),
        ("chp_8__sec_1__para_1", "三屏三廊多心", {"unlocatable"}),
        ("chp_8__sec_1__para_1", "佛山", {"outside"}),
        ("chp_8__sec_1__para_2", "佛山", {"mapped"}),
        ("chp_4__sec_3__para_1", "帽峰山", {"mapped"}),
        ("chp_4__sec_2__para_1", "湾区", {"ambiguous"}),
        ("chp_6__sec_2__para_2", "流溪河流域", {"unlocatable"}),
    ],
)
def test_names_that_look_alike_are_told_apart(atlas: Atlas, passage_id: str, exact: str, boxes: set[str]) -> None:
    assert {a.box for a in atlas.accounts if (a.passage_id, a.exact) == (passage_id, exact)} == boxes


# --- search and place


@pytest.mark.parametrize("query", ["帽峰山", "maofengshan", "mfs", "帽峯山"])
def test_maofengshan_is_found_first(atlas: Atlas, query: str) -> None:
    first = find_text(atlas, query)[0]
    assert (first.kind, first.name) == ("feature", "帽峰山")


def test_storage_finds_the_parks_and_the_paragraph(atlas: Atlas) -> None:
    hits = find_text(atlas, "储能")
    assert {h.name for h in hits if h.kind == "feature"} == set(names_of("energy_parks").values())
    assert [h.id for h in hits if h.kind == "paragraph"] == ["chp_2__sec_1__para_2"]


def test_unknown_names_are_not_found(atlas: Atlas) -> None:
    for name in ("火星基地", "天安门", "不存在的地方", "qqqq"):
        assert find_text(atlas, name) == ()


def test_every_name_finds_its_feature(atlas: Atlas) -> None:
    for feature in atlas.features.values():
        if feature.layer_id in (*PLAN, UNSITED, "districts", "cities", "labels"):
            assert feature.feature_id in {h.id for h in find_text(atlas, feature.name, limit=60)}, feature.name


def test_a_point_in_baiyun(atlas: Atlas) -> None:
    found = find_at(atlas, 113.443, 23.3035)
    assert (found[0].kind, found[0].name, found[0].certainty) == ("district", "白云区", "certain")
    assert {p.certainty for p in found if p.name == "帽峰山"} == {"possible"}


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


# --- presets


@pytest.mark.parametrize("preset", [p["id"] for p in CATALOG["presets"]])
def test_a_preset_shows_something_of_each_of_its_groups(atlas: Atlas, preset: str) -> None:
    [chosen] = [p for p in atlas.catalog.presets if p.preset_id == preset]
    for group_id in chosen.group_ids:
        members = [e.layer_id for e in atlas.catalog.plan_entries if e.group == group_id]
        assert any(atlas.layers[i].geometry.notna().any() for i in members), group_id


def test_presets_differ_and_none_is_all(atlas: Atlas) -> None:
    chosen = [frozenset(p.group_ids) for p in atlas.catalog.presets]
    assert [p.titles["title"] for p in atlas.catalog.presets] == ["规划师", "公众", "水系", "生态", "产业"]
    assert len(set(chosen)) == len(chosen)
    assert all(c < {e.group for e in atlas.catalog.plan_entries} for c in chosen)
