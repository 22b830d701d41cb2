"""The area that a visitor draws on the map: what the browser tells is checked here, and written to the address."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate

import shapely

from gzmap.crs import build_circle, find_area_m2, find_course

DECIMALS = 5
"""Of the degrees that are kept: 1 m, so that the address holds exactly what is shown and taken away."""

MOST_POINTS = 500
"""Vertices that an outline may have; a drawn one has a dozen, a circle 64."""

CIRCLE_POINTS = 64

LEAST_M2 = 100
"""Square metres; less is a slip of the hand."""

ROOM = (110.0, 21.0, 116.0, 26.6)
"""``(west, south, east, north)`` in degrees that an area must lie in: Guangzhou and a degree beyond its neighbours."""

ADDRESS_CHARS = 1200
"""Characters that an area may take of an address, which some programs cut at 2 000."""

WORST_SIMPLIFICATION_DEG = 0.01

HEADER = "BF"
"""What a flexible polyline of version 1 with `DECIMALS` decimals and two dimensions begins with."""
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
OTHER_SIGN = re.compile(f"[^{re.escape(ALPHABET)}]")
CROSSING = re.compile(r"\[(\S+) (\S+)\]")

Refusal = tuple[str, ...]
"""A phrase key, and what the phrase names; empty where nothing is refused."""


def read_drawing(event: Mapping) -> tuple[shapely.Polygon | None, Refusal]:
    """Read what was drawn.

    Parameters
    ----------
    event
        With ``shape`` (``polygon``, ``rectangle`` or ``circle``) and ``points``, ``(lon, lat)`` in degrees WGS 84:
        the outline, or the middle of a circle and a point that it goes through.

    Returns
    -------
    tuple
        A valid polygon in storage CRS with `DECIMALS` decimals, or None and why not.
    """
    points = event.get("points")
    if not _is_places(points):
        return None, ("area_senseless",)
    if event.get("shape") == "circle" and len(points) == 2:
        centre, edge = map(tuple, points)
        bearing_deg, radius_m = find_course(centre, edge)
        circle = build_circle(centre, radius_m, points=CIRCLE_POINTS, bearing_deg=bearing_deg)
        return check_area(shapely.get_coordinates(circle).tolist())
    return check_area(points)


def _is_places(points: object) -> bool:
    return isinstance(points, list | tuple) and all(
        isinstance(place, list | tuple) and len(place) == 2 and all(_is_degrees(value) for value in place)
        for place in points
    )


def _is_degrees(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and abs(value) <= 180


def check_area(points: Sequence[Sequence[float]]) -> tuple[shapely.Polygon | None, Refusal]:
    """Make a polygon of an outline, closed or not, if it is one that can be worked with.

    Parameters
    ----------
    points
        ``(lon, lat)``, finite degrees.

    Returns
    -------
    tuple
        A valid polygon with `DECIMALS` decimals, counter-clockwise, or None and why not.
    """
    rounded = [(round(float(lon), DECIMALS), round(float(lat), DECIMALS)) for lon, lat in points]
    outline = [place for place, after in zip(rounded, rounded[1:] + rounded[:1], strict=True) if place != after]
    if len(outline) > MOST_POINTS:
        return None, ("area_many", str(len(outline)), str(MOST_POINTS))
    if len(outline) < 3:
        return None, ("area_small",)
    area = shapely.Polygon(outline)
    if not shapely.box(*ROOM).contains(area.envelope):
        return None, ("area_far",)
    if not area.is_valid:
        found = CROSSING.search(shapely.is_valid_reason(area))
        return None, ("area_crossing", *(f"{float(value):.4f}" for value in found.groups()))
    if find_area_m2(area) < LEAST_M2:
        return None, ("area_small",)
    return shapely.orient_polygons(area), ()


# --- the address


def dump_area(area: shapely.Polygon) -> str:
    """Write an outline as a flexible polyline: HERE's format, version 1, whose signs need no escape in an address.

    Differences from point to point, latitude first, in units of the last decimal, as numbers to the base 32.
    """
    signs, before = [HEADER], (0, 0)
    for lon, lat in shapely.get_coordinates(area.exterior)[:-1].tolist():
        now = (round(lat * 10**DECIMALS), round(lon * 10**DECIMALS))
        signs += [sign for a, b in zip(now, before, strict=True) for sign in _dump_number(a - b)]
        before = now
    return "".join(signs)


def _dump_number(value: int) -> Iterator[str]:
    value = ~(value << 1) if value < 0 else value << 1
    while value > 31:
        yield ALPHABET[value & 31 | 32]
        value >>= 5
    yield ALPHABET[value]


def parse_area(text: str) -> shapely.Polygon | None:
    """Read what `dump_area` wrote; None for anything else, and for what would be refused if it were drawn."""
    if not text.startswith(HEADER) or len(text) > ADDRESS_CHARS or OTHER_SIGN.search(text):
        return None
    numbers, value, shift = [], 0, 0
    for sign in text[len(HEADER) :]:
        digit = ALPHABET.index(sign)
        value |= (digit & 31) << shift
        shift += 5
        if not digit & 32:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or not numbers or len(numbers) % 2 or max(map(abs, numbers)) > 360 * 10**DECIMALS:
        return None
    lats, lons = ([total / 10**DECIMALS for total in accumulate(numbers[part::2])] for part in (0, 1))
    points = list(zip(lons, lats, strict=True))
    return check_area(points)[0] if _is_places(points) else None


@lru_cache(maxsize=64)
def shorten_area(area: shapely.Polygon) -> tuple[str, float]:
    """Write an area for an address, simplified as far as it must be.

    Returns
    -------
    tuple
        At most `ADDRESS_CHARS` signs, and by how many degrees the outline may be off; an empty text where even
        `WORST_SIMPLIFICATION_DEG` is not enough.
    """
    code, off_deg, tolerance = dump_area(area), 0.0, 10**-DECIMALS
    while len(code) > ADDRESS_CHARS:
        tolerance *= 2
        if tolerance > WORST_SIMPLIFICATION_DEG:
            return "", 0.0
        simple = check_area(shapely.get_coordinates(shapely.simplify(area, tolerance)).tolist())[0]
        if simple:
            code, off_deg = dump_area(simple), shapely.hausdorff_distance(simple.exterior, area.exterior)
    return code, float(off_deg)
