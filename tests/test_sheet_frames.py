"""Where ground lies on paper: layouts, scales, the kilometre grid, north."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gzmap.crs import convert_from_metric, convert_to_metric
from gzmap.sheet import PAPERS, SCALES, SheetView
from gzmap.sheet.frames import (
    FIT_MARGIN,
    LARGEST_SCALE,
    ROUND,
    Frame,
    build_frame,
    build_layout,
    find_bounds_m,
    find_convergence_deg,
    fit_scale,
)
from gzmap.sheet.grids import GRID_MM, find_bar, find_grid_km, format_angle, list_grid

LAYOUTS = [(paper, landscape) for paper in PAPERS for landscape in (False, True)]


def make_frame(paper: str = "A3", landscape: bool = True, **members: object) -> Frame:
    view = SheetView(("districts",), "图", paper=paper, landscape=landscape, **members)
    return build_frame(view, build_layout(paper, landscape=landscape))


# --- layout


@pytest.mark.parametrize(("paper", "landscape"), LAYOUTS)
def test_the_parts_of_a_sheet_fill_its_paper(paper: str, landscape: bool) -> None:
    layout = build_layout(paper, landscape=landscape)
    width, height = layout.map_mm
    assert (layout.width_mm, layout.height_mm) == (PAPERS[paper][::-1] if landscape else PAPERS[paper])
    across = 2 * layout.margin_mm + width + 2 * layout.band_mm + layout.gap_mm + layout.strip_mm
    down = 2 * layout.margin_mm + layout.title_mm + height + 2 * layout.band_mm + layout.foot_mm
    assert (across, down) == pytest.approx((layout.width_mm, layout.height_mm))
    assert width * height > 0.5 * layout.width_mm * layout.height_mm


# --- scale


@given(width=st.floats(1, 400_000), height=st.floats(1, 400_000), paper=st.floats(100, 300), across=st.floats(100, 400))
def test_a_fitted_sheet_shows_all_at_the_largest_round_scale(
    width: float, height: float, paper: float, across: float
) -> None:
    scale = fit_scale(width, height, (across, paper))
    tens = 10 ** math.floor(math.log10(scale))
    assert round(scale / tens, 1) in ROUND
    free = (1 - 2 * FIT_MARGIN) * (1 + 1e-8)
    assert width * 1000 / scale <= across * free
    assert height * 1000 / scale <= paper * free
    if scale > LARGEST_SCALE:
        larger = max(r * t for r in ROUND for t in (tens / 10, tens) if r * t < scale - 1e-6)
        assert width * 1000 / larger > across * free or height * 1000 / larger > paper * free


@pytest.mark.parametrize(("paper", "landscape"), LAYOUTS)
def test_a_bbox_is_in_the_middle_and_whole(paper: str, landscape: bool) -> None:
    view = SheetView(("districts",), "图", paper=paper, landscape=landscape, bbox=(113.2, 22.9, 113.6, 23.2))
    frame = build_frame(view, build_layout(paper, landscape=landscape))
    west, south, east, north = find_bounds_m(view)
    assert frame.bounds_m[0] < west < east < frame.bounds_m[2]
    assert frame.bounds_m[1] < south < north < frame.bounds_m[3]
    assert frame.middle_m == pytest.approx(((west + east) / 2, (south + north) / 2))
    # The corners in degrees lie inside, and so does the whole edge between them.
    for lon, lat in ((113.2, 22.9), (113.6, 22.9), (113.4, 23.2), (113.2, 23.05)):
        x, y = convert_to_metric(lon, lat)
        assert west - 1 <= x <= east + 1
        assert south - 1 <= y <= north + 1


def test_an_area_is_shown_with_as_much_again_around() -> None:
    view = SheetView(("districts",), "图", area=shapely.box(113.3, 23.1, 113.32, 23.11))
    west, south, east, north = find_bounds_m(view)
    assert east - west == pytest.approx(2 * 2045, rel=0.02)
    assert north - south == pytest.approx(1107 + 2045, rel=0.02)


@pytest.mark.parametrize("scale", SCALES)
def test_paper_and_ground_are_one_another_back(scale: int) -> None:
    frame = make_frame(center=(113.3, 23.1), scale=scale)
    assert frame.to_ground(frame.to_paper(1234.5)) == pytest.approx(1234.5)
    assert frame.to_paper(scale) == pytest.approx(1000)
    west, south, east, north = frame.bounds_m
    drawn = frame.draw(np.array([shapely.box(west, south, east, north)]))[0]
    assert drawn.bounds == pytest.approx((0, 0, frame.width_mm, frame.height_mm))
    # North is up: what lies further north lies nearer the top.
    top, bottom = frame.draw(np.array([shapely.Point(west, north), shapely.Point(west, south)]))
    assert top.y < bottom.y


@pytest.mark.parametrize(("lon", "lat"), [(113.0, 22.6), (113.3, 23.1), (114.0, 23.9)])
def test_true_north_is_the_meridian(lon: float, lat: float) -> None:
    """As the formula of the projection has it, to its first term: the difference of longitude times sin of latitude."""
    frame = make_frame(center=(lon, lat), scale=10_000)
    assert find_convergence_deg(frame) == pytest.approx((114 - lon) * math.sin(math.radians(lat)), abs=0.001)


# --- grid, border, bar


@pytest.mark.parametrize("scale", SCALES)
def test_the_grid_is_of_round_kilometres_and_has_room(scale: int) -> None:
    frame = make_frame(center=(113.3, 23.1), scale=scale)
    step = find_grid_km(frame)
    assert frame.to_paper(step * 1000) >= GRID_MM
    eastings, northings = list_grid(frame)
    west, south, east, north = frame.bounds_m
    for km, x in eastings:
        assert km % step == pytest.approx(0, abs=1e-9)
        assert west + frame.to_ground(x) == pytest.approx(km * 1000)
        assert 0 <= x <= frame.width_mm
    for km, y in northings:
        assert north - frame.to_ground(y) == pytest.approx(km * 1000)
        assert 0 <= y <= frame.height_mm
    assert len(eastings) in (math.floor((east - west) / step / 1000), math.floor((east - west) / step / 1000) + 1)
    assert len(northings) >= 1
    assert south < northings[0][0] * 1000 < north


@pytest.mark.parametrize("scale", [*SCALES, 2_000, 130_000, 1_600_000])
def test_a_scale_bar_is_round_and_has_room(scale: int) -> None:
    bar = find_bar(scale, longest_mm=60)
    assert bar.count in (4, 5)
    assert bar.step_mm * bar.count <= 60
    assert bar.step_mm * bar.count > 25
    assert bar.step_mm == pytest.approx(bar.step_m * 1000 / scale)
    assert f"{bar.step_m:.0e}"[0] in "125" or bar.step_m % 25 == 0


@pytest.mark.parametrize(
    ("degrees", "told"),
    [(113.25, "113°15′00″"), (22.999999, "23°00′00″"), (-0.25, "0°15′00″"), (113.123456, "113°07′24″")],
)
def test_angles_are_told_in_degrees_minutes_seconds(degrees: float, told: str) -> None:
    assert format_angle(degrees) == told


def test_metric_coordinates_convert_back() -> None:
    assert convert_from_metric(*convert_to_metric(113.3, 23.1)) == pytest.approx((113.3, 23.1), abs=1e-9)
