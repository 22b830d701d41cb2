"""How the waterways hang together: where they join, what is part of what, and how their lengths are told."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely

from tests.conftest import ROOT

STREAMS = {
    "东濠涌": "珠江前航道",
    "沙河涌": "珠江前航道",
    "猎德涌": "珠江前航道",
    "车陂涌": "珠江前航道",
    "乌涌": "珠江前航道",
    "南岗河": "东江",
}
Position = tuple[float, float]


@pytest.fixture(scope="module")
def waterways() -> gpd.GeoDataFrame:
    """Return the waterways, by name, in degrees."""
    return gpd.read_file(ROOT / "layers" / "waterways.geojson").set_index("name")


@pytest.fixture(scope="module")
def parts(waterways: gpd.GeoDataFrame) -> dict[str, list[list[Position]]]:
    """Return the positions of each part of each waterway."""
    return {name: [list(part.coords) for part in geometry.geoms] for name, geometry in waterways.geometry.items()}


def on_lines(parts: list[list[Position]]) -> set[Position]:
    return {position for part in parts for position in part}


def test_three_channels_meet_in_one_position_at_baietan(parts: dict[str, list[list[Position]]]) -> None:
    baietan = parts["珠江西航道"][0][-1]
    assert parts["珠江前航道"][0][0] == baietan
    assert parts["珠江后航道"][0][0] == baietan


@pytest.mark.parametrize(
    ("upper", "lower"),
    [("流溪河", "珠江西航道"), ("增江", "东江"), ("东江", "狮子洋"), ("珠江前航道", "狮子洋"), ("东江", "虎门水道")],
)
def test_a_river_ends_where_the_next_begins(upper: str, lower: str, parts: dict[str, list[list[Position]]]) -> None:
    assert parts[upper][0][-1] == parts[lower][0][0]


def test_shawan_channel_ends_where_shiziyang_does(parts: dict[str, list[list[Position]]]) -> None:
    assert parts["沙湾水道"][0][-1] == parts["狮子洋"][0][-1]


def test_rear_channel_joins_the_front_channel_twice(parts: dict[str, list[list[Position]]]) -> None:
    main, second = parts["珠江后航道"]
    front = on_lines(parts["珠江前航道"])
    assert main[-1] in front
    assert second[0] in main
    assert second[-1] in front


def test_arm_west_of_datansha_leaves_and_meets_the_main_line(parts: dict[str, list[list[Position]]]) -> None:
    main, arm = parts["珠江西航道"]
    assert main.index(arm[0]) < main.index(arm[-1])


def test_shiziyang_is_the_north_reach_of_humen_channel(
    waterways: gpd.GeoDataFrame, parts: dict[str, list[list[Position]]]
) -> None:
    reach = parts["狮子洋"][0]
    assert parts["虎门水道"][0][: len(reach)] == reach
    assert waterways.loc["狮子洋", "part_of"] == waterways.loc["虎门水道", "id"]


def test_pearl_river_is_its_three_channels(waterways: gpd.GeoDataFrame, parts: dict[str, list[list[Position]]]) -> None:
    channels = waterways[waterways["part_of"] == waterways.loc["珠江", "id"]]
    assert list(channels.index) == ["珠江前航道", "珠江后航道", "珠江西航道"]
    assert waterways.loc["珠江", "based_on"].split("|") == list(channels["id"])
    assert parts["珠江"] == [part for name in channels.index for part in parts[name]]


def test_six_streams_are_told_from_the_six_routes(waterways: gpd.GeoDataFrame) -> None:
    streams = waterways[waterways["category"] == "stream"]
    assert list(streams.index) == list(STREAMS)
    for notes in streams["notes"]:
        assert "生态品牌口径" in notes
        assert "碧道口径" in notes
    assert set(streams["method"]) == {"schematic"}


@pytest.mark.parametrize("name", STREAMS)
def test_stream_reaches_the_line_that_it_flows_into(
    name: str, waterways: gpd.GeoDataFrame, parts: dict[str, list[list[Position]]]
) -> None:
    mouth = parts[name][0][-1]
    assert mouth in on_lines(parts[STREAMS[name]])
    assert waterways.loc[name].geometry.intersection(waterways.loc[STREAMS[name]].geometry) == shapely.Point(mouth)


def test_no_line_crosses_itself(waterways: gpd.GeoDataFrame) -> None:
    for name, geometry in waterways.geometry.items():
        assert all(part.is_simple for part in geometry.geoms), name


def test_difference_from_documents_is_told(waterways: gpd.GeoDataFrame) -> None:
    stated = waterways[waterways["off_km"].notna()]
    assert {"珠江前航道", "珠江后航道", "珠江西航道", "流溪河"} <= set(stated.index)
    off = (stated["len_km"] - stated["off_km"]).abs() > 0.1 * stated["off_km"]
    assert (stated["diff_note"].fillna("") != "").equals(off)
    assert (waterways.loc[waterways["off_km"].isna(), "diff_note"].fillna("") == "").all()


def test_background_holds_the_channels_but_no_stream(parts: dict[str, list[list[Position]]]) -> None:
    text = (ROOT / "geodata" / "water_base.geojson").read_text(encoding="utf-8")
    base = {feature["properties"]["name"]: feature["geometry"] for feature in json.loads(text)["features"]}
    assert not set(STREAMS) & set(base)
    for name in ("流溪河", "增江", "狮子洋", "沙湾水道", "蕉门水道", "洪奇沥水道"):
        assert [[tuple(position) for position in part] for part in base[name]["coordinates"]] == parts[name]
