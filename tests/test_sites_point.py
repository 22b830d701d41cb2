"""One point that a person types, in whatever way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap import crs
from gzmap.config import HOME_BBOX
from gzmap.errors import SiteError
from gzmap.sites import parse_point

PLACE = pytest.approx((113.2644, 23.1291), abs=2e-6)
LON = st.floats(HOME_BBOX[0], HOME_BBOX[2])
LAT = st.floats(HOME_BBOX[1], HOME_BBOX[3])


def read(text: str, code: str = "") -> tuple[tuple[float, float], str, set[str]]:
    spot = parse_point(text, crs=code)
    assert all(note.zh and note.en for note in spot.notes)
    return (spot.lon, spot.lat), spot.crs, {note.code for note in spot.notes}


@pytest.mark.parametrize(
    ("text", "code", "notes"),
    [
        ("113.2644, 23.1291", "EPSG:4326", {"crs-assumed", "east-first"}),
        ("113.2644\t23.1291", "EPSG:4326", {"crs-assumed", "east-first"}),
        ("１１３．２６４４，２３．１２９１", "EPSG:4326", {"crs-assumed", "east-first"}),
        ("23.1291 113.2644", "EPSG:4326", {"crs-assumed", "axes-swapped"}),
        ("东经 113.2644°，北纬 23.1291°", "EPSG:4326", {"crs-assumed"}),
        ("23°07′44.76″N 113°15′51.84″E", "EPSG:4326", {"crs-assumed"}),
        ("113 15 51.84, 23 7 44.76", "EPSG:4326", {"crs-assumed", "east-first"}),
        ("X=2559024.74 Y=424654.89", "EPSG:4547", {"crs-by-place", "axes-swapped"}),
        ("424654.89,2559024.74", "EPSG:4547", {"crs-by-place", "east-first"}),
        ("J1,2559024.74,424654.89", "EPSG:4547", {"crs-by-place", "axes-swapped"}),
        ("X（北）2559024.74，Y（东）38424654.89", "EPSG:4526", {"crs-by-place", "axes-swapped"}),
        ("38424654.89\n2559024.74", "EPSG:4526", {"crs-by-place", "east-first"}),
        ("113.2644,23.1291; 113.3,23.2", "EPSG:4326", {"crs-assumed", "east-first", "first-point"}),
    ],
)
def test_a_point_is_read_as_the_place_in_guangzhou_and_told_how(text: str, code: str, notes: set[str]) -> None:
    assert read(text) == (PLACE, code, notes)


def test_what_is_chosen_goes_before_what_fits() -> None:
    assert read("2559024.74 424654.89", "EPSG:4547") == (PLACE, "EPSG:4547", {"axes-swapped"})
    assert read("113.2644 23.1291", "EPSG:4490") == (PLACE, "EPSG:4490", {"east-first"})
    shown = crs.convert_to_gcj02(113.2644, 23.1291)
    place, code, notes = read(f"{shown[0]:.7f}, {shown[1]:.7f}", "GCJ-02")
    assert (place, code) == (PLACE, crs.GCJ02)
    assert "gcj02-converted" in notes


@given(LON, LAT, st.sampled_from(["EPSG:4326", "EPSG:4547", "EPSG:4526"]), st.booleans())
def test_every_place_of_the_city_comes_back(lon: float, lat: float, code: str, swapped: bool) -> None:
    x, y = crs.convert_point(lon, lat, code)
    text = f"{y:.8f}, {x:.8f}" if swapped else f"{x:.8f} {y:.8f}"
    place, read_as, notes = read(text)
    assert place == pytest.approx((lon, lat), abs=1e-7)
    assert read_as == code
    assert ("axes-swapped" in notes) == swapped


@pytest.mark.parametrize(
    ("text", "code", "error", "words"),
    [
        ("", "", "line-unreadable", "读不出坐标"),
        ("广州", "", "line-unreadable", "广州"),
        ("113.2644", "", "line-unreadable", "113.2644"),
        ("113.2644, 23.1291" + " " * 400, "", "line-unreadable", "读不出坐标"),
        ("nan, inf", "", "line-unreadable", "读不出坐标"),
        ("2.35, 48.86", "", "outside", "48.86"),
        ("733000, 2560000", "", "crs-missing", "EPSG:32649"),
        ("2559024, 6000000", "", "crs-missing", "请核对坐标"),
        ("2559024, 424656", "EPSG:4526", "outside", "EPSG:4547"),
        ("113.2644, 23.1291", "EPSG:9999", "crs-unknown", "EPSG:9999"),
        ("113.2644, 23.1291", "BD-09", "bd09", "BD-09"),
        ("113.2644, 23.1291", "广州2000", "crs-local", "广州2000"),
    ],
)
def test_what_cannot_be_a_point_here_is_refused_with_a_remedy(text: str, code: str, error: str, words: str) -> None:
    with pytest.raises(SiteError) as caught:
        parse_point(text, crs=code)
    assert caught.value.code == error
    assert words in caught.value.zh
    assert str(caught.value)
