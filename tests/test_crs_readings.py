"""One point in every system, and degrees as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap import crs
from gzmap.config import HOME_BBOX
from gzmap.crs.readings import READING_CRS
from gzmap.errors import CRSError

LON = st.floats(HOME_BBOX[0], HOME_BBOX[2])
LAT = st.floats(HOME_BBOX[1], HOME_BBOX[3])


def read(lon: float, lat: float) -> dict[str, crs.Reading]:
    return {reading.crs: reading for reading in crs.find_readings(lon, lat)}


def test_a_point_is_read_in_every_system_in_order() -> None:
    found = crs.find_readings(113.2644, 23.1291)
    assert [r.crs for r in found] == [*READING_CRS, crs.GCJ02]
    assert [r.is_degrees for r in found] == [True, True, False, False, True]
    assert all(r.reason == "" for r in found)


@given(LON, LAT)
def test_the_readings_are_the_conversions(lon: float, lat: float) -> None:
    found = read(lon, lat)
    assert (found["EPSG:4326"].x, found["EPSG:4326"].y) == (lon, lat)
    assert (found["EPSG:4490"].x, found["EPSG:4490"].y) == pytest.approx((lon, lat), abs=1e-9)
    east, north = crs.convert_point(lon, lat, "EPSG:4547")
    assert (found["EPSG:4547"].x, found["EPSG:4547"].y) == (east, north)
    # The same projection with the number of the zone before the easting.
    assert found["EPSG:4526"].x == pytest.approx(east + 38_000_000, abs=1e-3)
    assert found["EPSG:4526"].y == pytest.approx(north, abs=1e-3)


def test_gcj02_lies_about_half_a_kilometre_south_east() -> None:
    there = read(113.2644, 23.1291)[crs.GCJ02]
    assert there.x - 113.2644 == pytest.approx(0.0053, abs=0.0006)
    assert there.y - 23.1291 == pytest.approx(-0.0026, abs=0.0006)


def test_a_system_that_does_not_reach_says_why() -> None:
    found = read(2.35, 48.86)
    assert (found["EPSG:4326"].x, found["EPSG:4326"].y) == (2.35, 48.86)
    for code in ("EPSG:4490", "EPSG:4547", "EPSG:4526", crs.GCJ02):
        assert (found[code].x, found[code].y) == (None, None)
        assert "use EPSG:4326" in found[code].reason


@pytest.mark.parametrize("point", [(math.nan, 23), (113, math.inf), (181, 23), (113, -91)])
def test_what_is_no_place_is_refused(point: tuple[float, float]) -> None:
    with pytest.raises(CRSError, match="no place on the earth"):
        crs.find_readings(*point)


@pytest.mark.parametrize(
    ("degrees", "decimals", "text"),
    [
        (113.2644, 1, "113°15′51.8″"),
        (23.1291, 3, "23°07′44.760″"),
        (23.9999999, 2, "24°00′00.00″"),
        (-1.5, 0, "-1°30′00″"),
        (-0.000001, 1, "0°00′00.0″"),
        (0, 0, "0°00′00″"),
    ],
)
def test_degrees_minutes_seconds(degrees: float, decimals: int, text: str) -> None:
    assert crs.format_dms(degrees, decimals=decimals) == text


@given(st.floats(-180, 180), st.integers(0, 4))
def test_degrees_minutes_seconds_round_and_carry(value: float, decimals: int) -> None:
    text = crs.format_dms(value, decimals=decimals)
    degrees, minutes, seconds = (float(part) for part in text.rstrip("″").replace("°", "′").split("′"))
    assert minutes < 60
    assert seconds < 60
    size = abs(degrees) + minutes / 60 + seconds / 3600
    assert size == pytest.approx(abs(value), abs=0.51 / 3600 / 10**decimals)
    assert text.startswith("-") == (value < 0 and size > 0)
