"""What the plan layers must hold beyond the checks: made by their scripts, joined where waters join, honest."""

from __future__ import annotations

import importlib
import json
import math
from collections import Counter
from pathlib import Path
from types import ModuleType

import geopandas
import pytest
import shapely

from gzmap.atlas import Atlas
from gzmap.catalog import Feature, dump_layer
from gzmap.config import METRIC_CRS, STORAGE_CRS
from gzmap.query import find_evidence, find_report
from gzmap.ui.cards import format_card
from tests.conftest import ROOT

INPUTS = sorted((ROOT / "layers/scripts/inputs").glob("*.json"))
LAYER_IDS = [path.stem for path in INPUTS]

TOUCH_M = 30
"""What is this near is joined on the ground: the width of a small river."""

HAZARDS = (
    *("危险废物", "填埋场", "焚烧", "放射", "化工园区", "消纳场", "贮存", "污染地块", "受污染", "污染源"),
    *("排污", "排放口", "饮用水", "水源", "重点水库", "引水工程"),
)
"""Words of dangerous, polluted and water-source places, which are never located from elsewhere."""


def read_input(layer_id: str) -> dict[str, dict]:
    """Features of a layer's input by their full id."""
    content = json.loads((ROOT / f"layers/scripts/inputs/{layer_id}.json").read_text(encoding="utf-8"))
    return {f"{layer_id}.{entry['id']}": entry for entry in content["features"]}


DRAWN = {i: entry["draw"] for layer_id in LAYER_IDS for i, entry in read_input(layer_id).items() if entry.get("draw")}


@pytest.fixture(scope="module")
def shapes(atlas: Atlas) -> dict[str, shapely.Geometry]:
    """Every located feature in metres by its id."""
    located = {i: f.geometry for i, f in atlas.features.items() if f.geometry is not None}
    series = geopandas.GeoSeries(located, crs=STORAGE_CRS).to_crs(METRIC_CRS)
    return dict(zip(series.index, series, strict=True))


def plan_features(atlas: Atlas, *layer_ids: str) -> list[Feature]:
    chosen = layer_ids or [entry.layer_id for entry in atlas.catalog.plan_entries]
    return [f for f in atlas.features.values() if f.layer_id in chosen]


def names_of(atlas: Atlas, layer_id: str) -> dict[str, str]:
    """Names by the local part of the id."""
    return {f.feature_id.partition(".")[2]: f.name for f in plan_features(atlas, layer_id)}


# --- made by the scripts


@pytest.fixture(scope="module")
def make_layers() -> ModuleType:
    """The script that makes the layers, which is no part of the package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "layers/scripts"))
        return importlib.import_module("make_layers")


@pytest.mark.parametrize("layer_id", LAYER_IDS)
def test_a_layer_is_what_its_script_makes_of_its_input(make_layers: ModuleType, layer_id: str) -> None:
    made = dump_layer(make_layers.build_layer(layer_id))
    assert (ROOT / f"layers/{layer_id}.geojson").read_text(encoding="utf-8") == made


def test_every_plan_layer_has_an_input(atlas: Atlas) -> None:
    assert sorted(entry.layer_id for entry in atlas.catalog.plan_entries) == LAYER_IDS


# --- waters


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("白鹅潭", ("w001", "w002", "w003")),
        ("流溪河口", ("w009", "w003")),
        ("东江口", ("w001", "w004", "w005", "w006")),
        ("沙湾水道口", ("w012", "w005", "w006")),
        ("官海口", ("w010", "w004")),
    ],
)
def test_waters_join_in_one_vertex(atlas: Atlas, where: str, ids: tuple[str, ...]) -> None:
    vertices = [
        {tuple(v) for v in shapely.get_coordinates(atlas.features[f"waterways.{i}"].geometry).round(6)} for i in ids
    ]
    assert len(set.intersection(*vertices)) >= 1


@pytest.mark.parametrize(
    ("stream", "river"),
    [
        ("w013", "w001"),
        ("w014", "w001"),
        ("w015", "w001"),
        ("w016", "w001"),
        ("w017", "w001"),
        ("w018", "w004"),
        ("w002", "w001"),
    ],
)
def test_a_stream_ends_in_its_river(shapes: dict, stream: str, river: str) -> None:
    ends = [shapely.Point(part.coords[-1]) for part in shapely.get_parts(shapes[f"waterways.{stream}"])]
    assert min(shapes[f"waterways.{river}"].distance(end) for end in ends) <= TOUCH_M


def test_the_river_is_its_three_channels(atlas: Atlas) -> None:
    river = atlas.features["waterways.w011"]
    channels = [atlas.features[f"waterways.w00{n}"] for n in (1, 2, 3)]
    assert [c.properties["part_of"] for c in channels] == [river.feature_id] * 3
    assert atlas.features["waterways.w005"].properties["part_of"] == "waterways.w006"
    assert parts_of(river) == sum((parts_of(c) for c in channels), Counter())


# --- drawn like others


def parts_of(feature: Feature) -> Counter:
    return Counter(part.normalize().wkb for part in shapely.get_parts(feature.geometry))


@pytest.mark.parametrize(
    ("copy", "originals"),
    [
        *((f"biodiversity_hotspots.h00{n}", [f"eco_patches.a00{n}"]) for n in range(1, 6)),
        *((f"bird_fish.f00{n}", [f"waterways.w00{w}"]) for n, w in ((1, 4), (2, 9), (3, 5))),
        *((f"waterfronts.v00{n}", [f"waterways.w00{n}"]) for n in range(1, 5)),
        *((f"blueways.g00{n}", [f"waterways.w{w:03d}"]) for n, w in ((1, 9), (2, 10), (3, 1), (4, 2), (5, 3), (6, 4))),
        ("eco_nodes.n001", ["mountains.m001"]),
        ("eco_nodes.n002", ["wetlands.t001"]),
        ("eco_nodes.n006", ["wetlands.t002"]),
        ("eco_corridors.c005", ["waterways.w001", "waterways.w002"]),
        ("eco_corridors.c007", ["waterways.w012"]),
        ("spatial_structure.s003", ["mountains.m001", "mountains.m002"]),
    ],
)
def test_what_is_one_thing_is_drawn_once(atlas: Atlas, copy: str, originals: list[str]) -> None:
    feature = atlas.features[copy]
    assert feature.properties["based_on"].split("|") == originals
    assert parts_of(feature) == sum((parts_of(atlas.features[i]) for i in originals), Counter())
    # Nobody knows a copy better than its original.
    assert feature.accuracy_m >= max(atlas.features[i].accuracy_m for i in originals)


def test_flyways_are_their_nodes_and_never_a_line(atlas: Atlas) -> None:
    flyways = plan_features(atlas, "flyways")
    assert len(flyways) == 2
    for flyway in flyways:
        nodes = [atlas.features[i] for i in flyway.properties["based_on"].split("|")]
        assert [n.name for n in nodes] == flyway.properties["nodes"].split("|")
        assert {n.layer_id for n in nodes} == {"wetlands"}


# --- corridors


CONNECTED = {
    "c001": ["waterways.w009", "waterways.w003", "waterways.w008"],
    "c002": ["mountains.m002", "waterways.w007"],
    "c003": ["waterways.w010", "waterways.w004", "waterways.w005"],
    "c004": ["waterways.w009"],
    "c005": ["waterways.w001", "waterways.w002"],
    "c006": [],
    "c007": ["waterways.w012", "waterways.w005"],
    "c008": ["waterways.w007", "waterways.w006"],
}
PASSED = {"c002": ["凤凰山", "火炉山"], "c006": ["莲花山"], "c008": ["上横沥水道", "下横沥水道", "凫洲水道"]}


@pytest.mark.parametrize("corridor", CONNECTED)
def test_corridors_touch_what_they_connect(atlas: Atlas, shapes: dict, corridor: str) -> None:
    shape = shapes[f"eco_corridors.{corridor}"]
    far = {i: shape.distance(shapes[i]) for i in CONNECTED[corridor]}
    assert {i: d for i, d in far.items() if d > TOUCH_M} == {}
    labels = {f.name: f for f in atlas.features.values() if f.layer_id == "labels"}
    slack = atlas.features[f"eco_corridors.{corridor}"].accuracy_m
    for name in PASSED.get(corridor, []):
        assert shape.distance(shapes[labels[name].feature_id]) <= slack, name


@pytest.mark.parametrize("corridor", CONNECTED)
def test_a_corridor_is_in_one_piece(shapes: dict, corridor: str) -> None:
    assert shapely.get_num_geometries(shapes[f"eco_corridors.{corridor}"].buffer(TOUCH_M)) == 1


def test_the_levels_of_the_corridors(atlas: Atlas) -> None:
    levels = {f.feature_id.partition(".")[2]: f.properties["level"] for f in plan_features(atlas, "eco_corridors")}
    assert levels == {**dict.fromkeys(CONNECTED, "区域"), "c009": "组团", "c010": "社区"}
    categories = Counter(f.properties["category"] for f in plan_features(atlas, "eco_corridors"))
    assert (categories["vertical"], categories["horizontal"]) == (3, 5)


# --- outlines and figures


@pytest.mark.parametrize("feature_id", [i for i, draw in DRAWN.items() if draw["rule"] == "traced"] or ["none"])
def test_a_traced_outline_has_a_dozen_vertices(atlas: Atlas, feature_id: str) -> None:
    if feature_id == "none":
        pytest.fail("no outline is traced at all")
    for part in shapely.get_parts(atlas.features[feature_id].geometry):
        assert len(part.exterior.coords) - 1 >= 12


def test_areas_that_are_not_schematic_are_near_the_official_ones(atlas: Atlas) -> None:
    measured = [r for r in find_report(atlas) if r.unit == "km2" and r.drawn and r.method != "schematic"]
    assert {r.id: r.difference_pct for r in measured if abs(r.difference_pct or 0) > 15} == {}
    assert len([r for r in measured if r.difference_pct is not None]) >= 6


def test_a_disc_or_hull_is_known_no_better_than_its_radius(atlas: Atlas) -> None:
    for feature_id, draw in DRAWN.items():
        if draw["rule"] in ("discs", "hull", "hulls"):
            feature = atlas.features[feature_id]
            assert feature.accuracy_m >= radius_m(draw), feature_id
            assert feature.properties["method"] == "schematic", feature_id


def radius_m(draw: dict) -> float:
    """Greatest radius, in metres, of the discs that a figure is drawn from."""
    if draw["rule"] == "discs":
        return max(p.get("radius_m") or math.sqrt(p["area_km2"] * 1e6 / math.pi) for p in draw["places"])
    return max(part["radius_m"] for part in draw.get("parts", [draw]))


def test_points_name_their_parts(atlas: Atlas) -> None:
    for feature in plan_features(atlas):
        if feature.geometry is not None and feature.geometry.geom_type == "MultiPoint":
            accuracies = [int(a) for a in feature.properties["part_acc"].split("|")]
            names = feature.properties["parts"].split("|")
            assert len(names) == len(accuracies) == shapely.get_num_geometries(feature.geometry), feature.feature_id
            assert feature.accuracy_m == max(accuracies)
            assert all(names)


# --- what stays off the map


def test_what_the_plan_does_not_place_is_listed_and_not_drawn(atlas: Atlas) -> None:
    unsited = plan_features(atlas, "unsited")
    assert [f.name for f in unsited if f.geometry is not None] == []
    assert [f.name for f in unsited if not any(e.role == "evidence" for e in find_evidence(atlas, f.feature_id))] == []
    assert [f.name for f in unsited if f.properties["district"]] == []


@pytest.mark.parametrize(
    "words",
    [
        *(
            "加氢站",
            "生物质发电",
            "岸电",
            "零排放货运走廊",
            "电动船舶示范航线",
            "汽车零部件再制造产业园",
            "建筑废弃物消纳场",
        ),
        *("分拣中心", "集中贮存转运中心", "观测站", "植物保护小区", "专类植物园", "扩繁基地", "自然公园", "自然保护区"),
        *("生态社区", "美丽乡村", "圩镇", "环境教育基地", "绿道", "南粤古驿道"),
    ],
)
def test_every_typed_facility_is_listed(atlas: Atlas, words: str) -> None:
    assert any(words in name for name in names_of(atlas, "unsited").values())


def test_dangerous_places_are_never_located(atlas: Atlas) -> None:
    kept_off = [f for f in plan_features(atlas) if f.properties["category"] in ("sensitive", "waste")]
    assert len(kept_off) >= 10
    assert [f.name for f in kept_off if f.geometry is not None] == []
    shown = [f for f in plan_features(atlas) if f.geometry is not None]
    spoken = {f.feature_id: f"{f.name}|{f.properties['aliases']}|{f.properties.get('parts', '')}" for f in shown}
    assert {i: text for i, text in spoken.items() if any(word in text for word in HAZARDS)} == {}


def test_mentions_of_dangerous_places_lead_to_nothing_drawn(atlas: Atlas) -> None:
    led = [m for m in atlas.mentions if any(word in m.exact for word in HAZARDS)]
    assert len(led) >= 5
    assert [m.id for m in led if atlas.features[m.feature_id].geometry is not None] == []


def test_only_what_is_shared_lies_outside_the_city(atlas: Atlas) -> None:
    away = {f.layer_id for f in plan_features(atlas) if f.geometry is not None and not f.properties["district"]}
    assert away <= {"cooperation"}


# --- what the cards say


@pytest.mark.parametrize("layer_id", ["eco_patches", "eco_nodes"])
def test_the_card_of_an_inferred_place_says_so(atlas: Atlas, layer_id: str) -> None:
    assert len(names_of(atlas, layer_id)) in (9, 6)
    assert [
        f.name for f in plan_features(atlas, layer_id) if "推断" not in format_card(atlas, f.feature_id, "zh")
    ] == []


def test_the_card_of_the_six_streams_tells_of_both_definitions(atlas: Atlas) -> None:
    card = format_card(atlas, "spatial_structure.s003", "zh")
    streams = ("东濠涌", "沙河涌", "猎德涌", "车陂涌", "乌涌", "南岗河")
    routes = ("通山达海线", "山水画廊线", "广佛发展线", "城央环岛线", "黄金水道线", "田园风光线")
    assert [name for name in (*streams, *routes) if name not in card] == []
    assert {f.name for f in plan_features(atlas, "waterways") if f.properties["category"] == "stream"} == set(streams)


def test_the_card_of_what_is_paired_names_its_partners(atlas: Atlas) -> None:
    pairs = {f.name: f.properties["pair"] for f in plan_features(atlas, "cooperation")}
    assert "东莞滨海湾新区" in pairs["南沙新区"]
    assert "中山翠亨新区" in pairs["南沙新区"]
    assert "东莞水乡经济区" in pairs["广州开发区"]
    assert pairs["广州开发区"] in format_card(atlas, "cooperation.d005", "zh")


def test_a_schematic_shape_says_that_it_is_no_border(atlas: Atlas) -> None:
    """Whoever reads the notes of a figure drawn by a rule learns that it is one."""
    said = ("不是边界", "只示方位")
    drawn = {i: atlas.features[i] for i, d in DRAWN.items() if d["rule"] in ("discs", "hull", "hulls")}
    assert [f.name for f in drawn.values() if not any(words in f.properties["notes"] for words in said)] == []


def test_the_report_tells_of_every_feature(atlas: Atlas) -> None:
    assert {r.id for r in find_report(atlas)} == {f.feature_id for f in plan_features(atlas)}


def test_inputs_are_where_the_scripts_look(make_layers: ModuleType) -> None:
    assert Path(make_layers.INPUTS) == INPUTS[0].parent
