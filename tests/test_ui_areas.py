"""The drawn area: what is taken, what is refused and why, and how the address holds it."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gzmap.config import HOME_BBOX, STUDY_BBOX
from gzmap.crs import find_area_m2, find_length_m
from gzmap.ui import areas
from gzmap.ui.areas import (
    ADDRESS_CHARS,
    MOST_POINTS,
    ROOM,
    check_area,
    dump_area,
    parse_area,
    read_drawing,
    shorten_area,
)

SQUARE = [[113.3, 23.1], [113.4, 23.1], [113.4, 23.2], [113.3, 23.2]]


def draw(points: object, shape: str = "polygon") -> tuple:
    return read_drawing({"kind": "area", "shape": shape, "points": points, "number": 1})


def star(count: int, *, roughness: float = 0.0) -> list[list[float]]:
    """An outline of many points around the city that does not cross itself."""
    angles = [2 * math.pi * n / count for n in range(count)]
    radii = [0.4 + 0.03 * math.sin(17 * a) + roughness * (n % 2) for n, a in enumerate(angles)]
    return [[113.4 + r * math.cos(a), 23.2 + r * math.sin(a)] for r, a in zip(radii, angles, strict=True)]


# --- what is taken


@pytest.mark.parametrize("shape", ["polygon", "rectangle", "anything"])
def test_an_outline_is_taken_as_it_is(shape: str) -> None:
    area, refused = draw(SQUARE, shape)
    assert refused == ()
    assert area.equals(shapely.box(113.3, 23.1, 113.4, 23.2))
    assert area.exterior.is_ccw


@pytest.mark.parametrize(
    "points", [SQUARE[::-1], [*SQUARE, SQUARE[0]], [SQUARE[0], *SQUARE], [tuple(p) for p in SQUARE]]
)
def test_direction_closing_and_doubled_points_make_no_difference(points: list) -> None:
    area, _ = draw(points)
    assert area.equals(draw(SQUARE)[0])
    assert shapely.get_num_coordinates(area) == 5
    assert area.exterior.is_ccw


def test_positions_are_kept_to_a_metre() -> None:
    area, _ = draw([[113.3000049, 23.1], [113.4, 23.1000051], [113.4, 23.2]])
    assert set(shapely.get_coordinates(area).ravel().tolist()) == {113.3, 23.1, 113.4, 23.10001, 23.2}


def test_a_circle_lies_on_the_ellipsoid_and_goes_through_the_point_that_was_clicked() -> None:
    centre, edge = [113.3, 23.1], [113.4, 23.15]
    area, refused = draw([centre, edge], "circle")
    assert refused == ()
    corners = shapely.get_coordinates(area)[:-1].tolist()
    assert len(corners) == areas.CIRCLE_POINTS
    assert edge in corners
    radii = [find_length_m(shapely.LineString([centre, corner])) for corner in corners]
    assert radii == pytest.approx([radii[0]] * len(radii), abs=2)  # the rounding to a metre
    assert find_area_m2(area) == pytest.approx(math.pi * radii[0] ** 2, rel=0.002)
    assert find_area_m2(area) < math.pi * radii[0] ** 2


def test_every_view_of_the_city_and_its_neighbours_can_be_drawn_around() -> None:
    for box in (HOME_BBOX, STUDY_BBOX):
        assert draw(list(map(list, shapely.box(*box).exterior.coords)))[1] == ()


# --- what is refused


@pytest.mark.parametrize(
    ("points", "refusal"),
    [
        (None, ("area_senseless",)),
        ("BFoz5xJ67i1B", ("area_senseless",)),
        ([[113.3, 23.1], [113.4, None], [113.4, 23.2]], ("area_senseless",)),
        ([[113.3, 23.1], [113.4, float("nan")], [113.4, 23.2]], ("area_senseless",)),
        ([[113.3, 23.1], [float("inf"), 23.1], [113.4, 23.2]], ("area_senseless",)),
        ([[113.3, 23.1, 5.0], *SQUARE[1:]], ("area_senseless",)),
        ([["113.3", "23.1"], *SQUARE[1:]], ("area_senseless",)),
        ([[1e300, 23.1], *SQUARE[1:]], ("area_senseless",)),
        ({"type": "Polygon"}, ("area_senseless",)),
        ([], ("area_small",)),
        (SQUARE[:2], ("area_small",)),
        ([SQUARE[0]] * 5, ("area_small",)),
        ([[113.3, 23.1], [113.30001, 23.1], [113.30001, 23.10001]], ("area_small",)),
        ([[23.1, 113.3], [23.2, 113.3], [23.2, 113.4]], ("area_far",)),
        ([[-70.0, 23.1], [113.4, 23.1], [113.4, 23.2]], ("area_far",)),
        (star(MOST_POINTS + 1), ("area_many", str(MOST_POINTS + 1), str(MOST_POINTS))),
        ([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], ("area_crossing", "113.3500", "23.1500")),
        ([SQUARE[0], SQUARE[1], [113.35, 23.1], SQUARE[2], SQUARE[3]], ("area_crossing", "113.4000", "23.1000")),
    ],
)
def test_what_cannot_be_worked_with_is_refused_with_the_reason(points: object, refusal: tuple) -> None:
    assert draw(points) == (None, refusal)


def test_a_circle_of_one_point_is_too_small() -> None:
    assert draw([[113.3, 23.1], [113.3, 23.1]], "circle") == (None, ("area_small",))
    assert draw([[113.3, 23.1]], "circle") == (None, ("area_small",))


def test_as_many_points_as_allowed_are_taken() -> None:
    area, refused = draw(star(MOST_POINTS))
    assert refused == ()
    assert shapely.get_num_coordinates(area) == MOST_POINTS + 1


# --- the address


def test_the_format_is_the_one_that_others_read() -> None:
    """The example of HERE's specification of flexible polylines."""
    outline = [(8.6982122, 50.1022829), (8.6956695, 50.1020076), (8.6914960, 50.1006313), (8.6875156, 50.0987800)]
    assert dump_area(shapely.Polygon(outline)) == "BFoz5xJ67i1B1B7PzIhaxL7Y"


@given(st.lists(st.floats(0.05, 0.5), min_size=3, max_size=40), st.floats(111, 115), st.floats(21.6, 26))
def test_what_is_written_is_read_back_exactly(radii: list[float], lon: float, lat: float) -> None:
    angles = [2 * math.pi * n / len(radii) for n in range(len(radii))]
    area, refused = check_area(
        [(lon + r * math.cos(a), lat + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    )
    assert refused == ()
    code = dump_area(area)
    assert parse_area(code) == area
    assert set(code) <= set(areas.ALPHABET), "no sign that an address must escape"


places = st.tuples(st.floats(ROOM[0] - 1, ROOM[2] + 1), st.floats(ROOM[1] - 1, ROOM[3] + 1))


@given(st.lists(places, max_size=12))
def test_whatever_is_drawn_is_either_an_area_or_refused(points: list) -> None:
    area, refused = check_area(points)
    assert (area is None) == bool(refused)
    assert area is None or (area.is_valid and shapely.box(*ROOM).covers(area))


@pytest.mark.parametrize(
    "code",
    [
        *("", "B", "BF", "BFoz5xJ", "BFoz5xJ67i1B1B7PzIhaxL7Y", "<script>", "BF%00", "113.3,23.1;113.4,23.2"),
        "CF" + dump_area(draw(SQUARE)[0])[2:],
        "BG" + dump_area(draw(SQUARE)[0])[2:],
        dump_area(draw(SQUARE)[0])[:-1],
        dump_area(draw(SQUARE)[0]) + "x",
        dump_area(draw(SQUARE)[0]) + "A",
        "BF" + "_" * 5_000 + "A" + "B",
        "BF" + "A" * 10_000,
        dump_area(shapely.Polygon([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]])),
    ],
)
def test_a_broken_address_is_no_area(code: str) -> None:
    assert parse_area(code) is None


@given(st.text(alphabet=areas.ALPHABET, max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    area = parse_area("BF" + text)
    assert area is None or area.is_valid


def test_a_simple_area_is_written_whole() -> None:
    area, _ = draw(SQUARE)
    assert shorten_area(area) == (dump_area(area), 0.0)
    circle, _ = draw(SQUARE[:2], "circle")
    assert shorten_area(circle) == (dump_area(circle), 0.0)


def test_a_long_outline_is_simplified_for_the_address_as_little_as_need_be() -> None:
    area, _ = draw(star(MOST_POINTS, roughness=0.0005))
    assert len(dump_area(area)) > ADDRESS_CHARS
    code, off_deg = shorten_area(area)
    assert ADDRESS_CHARS / 2 < len(code) <= ADDRESS_CHARS
    assert 0 < off_deg < 0.002
    simple = parse_area(code)
    corners = shapely.points(shapely.get_coordinates(area))
    assert shapely.distance(corners, simple.exterior).max() <= off_deg + 1e-9
    assert simple.area == pytest.approx(area.area, rel=0.01)


def test_what_cannot_be_simplified_is_left_out_of_the_address() -> None:
    area, _ = draw(star(MOST_POINTS, roughness=0.2))
    assert shorten_area(area) == ("", 0.0)
