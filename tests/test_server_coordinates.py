"""The route /coordinates: a place of the map, or what a person typed, in every system."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gzmap.crs import convert_point, convert_to_gcj02
from gzmap.server import build_routes
from gzmap.server.coordinates import describe_point


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False)


def ask(client: TestClient, **query: object) -> dict:
    answer = client.get("/coordinates", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def by_crs(answer: dict) -> dict[str, dict]:
    return {reading["crs"]: reading for reading in answer["readings"]}


def test_a_place_of_the_map_is_told_to_about_ten_metres(client: TestClient) -> None:
    answer = ask(client, lon="113.26438765", lat="23.12912345")
    assert (answer["lon"], answer["lat"]) == (113.2644, 23.1291)
    told = by_crs(answer)
    assert list(told) == ["EPSG:4326", "EPSG:4490", "EPSG:4547", "EPSG:4526", "GCJ-02"]
    for code in ("EPSG:4326", "EPSG:4490"):
        assert (told[code]["x"], told[code]["y"]) == ("113.2644", "23.1291")
        assert told[code]["dms"] == ["113°15′51.8″", "23°07′44.8″"]
    # Of the rounded place: no system tells more than another.
    east, north = convert_point(113.2644, 23.1291, "EPSG:4547")
    assert (told["EPSG:4547"]["x"], told["EPSG:4547"]["y"]) == (f"{east:.0f}", f"{north:.0f}")
    assert (told["EPSG:4526"]["x"], told["EPSG:4526"]["y"]) == (f"38{east:.0f}", f"{north:.0f}")
    assert told["EPSG:4547"]["dms"] is None
    assert [told["GCJ-02"]["x"], told["GCJ-02"]["y"]] == [f"{v:.4f}" for v in convert_to_gcj02(113.2644, 23.1291)]
    assert "notes" not in answer


@pytest.mark.parametrize(("decimals", "x", "east"), [(3, "113.264", 0), (6, "113.264388", 1), (7, "113.2643877", 2)])
def test_decimals_can_be_asked_for(client: TestClient, decimals: int, x: str, east: int) -> None:
    told = by_crs(ask(client, lon="113.26438769", lat="23.12912345", decimals=decimals))
    assert told["EPSG:4326"]["x"] == x
    assert len(told["EPSG:4547"]["x"].partition(".")[2]) == east


def test_where_a_system_does_not_reach_there_is_nothing(client: TestClient) -> None:
    told = by_crs(ask(client, lon=2.35, lat=48.86))
    assert told["EPSG:4326"]["x"] == "2.3500"
    for code in ("EPSG:4547", "GCJ-02"):
        assert (told[code]["x"], told[code]["y"], told[code]["dms"]) == (None, None, None)
        assert told[code]["reason"]


def test_what_was_typed_is_told_to_a_centimetre_with_how_it_was_read(client: TestClient) -> None:
    answer = ask(client, text="X=2559024.74 Y=424654.89")
    assert (answer["lon"], answer["lat"]) == pytest.approx((113.2644, 23.1291), abs=1e-6)
    assert answer["crs"] == "EPSG:4547"
    assert {note["code"] for note in answer["notes"]} == {"crs-by-place", "axes-swapped"}
    assert all(note["zh"] and note["en"] for note in answer["notes"])
    told = by_crs(answer)
    assert (told["EPSG:4547"]["x"], told["EPSG:4547"]["y"]) == ("424654.89", "2559024.74")
    assert told["EPSG:4526"]["x"] == "38424654.89"


def test_a_point_of_a_web_map_is_told_no_better_than_it_is(client: TestClient) -> None:
    answer = ask(client, text="113.26970, 23.12642", crs="GCJ-02")
    assert by_crs(answer)["EPSG:4326"]["x"] == "113.2644"
    assert answer["crs"] == "GCJ-02"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "'lon' is []"),
        ({"lon": "113"}, "'lat' is []"),
        ({"lon": "x", "lat": "23"}, "'lon' is ['x']"),
        ({"lon": ["113", "114"], "lat": "23"}, "'lon' is ['113', '114']"),
        ({"lon": "nan", "lat": "23"}, "no place on the earth"),
        ({"lon": "113", "lat": "91"}, "no place on the earth"),
        ({"lon": "113", "lat": "23", "decimals": "9"}, "'decimals' is '9'"),
        ({"lon": "113", "lat": "23", "decimals": "many"}, "give 3 to 7"),
    ],
)
def test_what_is_no_place_is_refused(client: TestClient, query: dict, words: str) -> None:
    answer = client.get("/coordinates", params=query)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad-request")
    assert words in answer.json()["message"]


def test_what_cannot_be_read_is_refused_in_both_languages(client: TestClient) -> None:
    answer = client.get("/coordinates", params={"text": "2559024, 424656", "crs": "EPSG:4526"})
    assert answer.status_code == 400
    told = answer.json()
    assert told["error"] == "outside"
    assert "EPSG:4547" in told["message"]
    assert "不在广州" in told["message_zh"]
    assert told["suggestions"] == ["EPSG:4547"]


def test_a_script_stays_text(client: TestClient) -> None:
    answer = client.get("/coordinates", params={"text": "<script>alert(1)</script>"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_point_itself_is_not_rounded_by_the_description() -> None:
    told = by_crs(describe_point(113.26438765, 23.12912345, decimals=4))
    east, _ = convert_point(113.26438765, 23.12912345, "EPSG:4547")
    assert told["EPSG:4547"]["x"] == f"{east:.0f}"
