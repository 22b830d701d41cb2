"""Where names stand: each at the first of its places that is free, none over another."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import rtree
import shapely
from markupsafe import escape
from shapely.geometry.base import BaseGeometry

from gzmap.sheet.drawing import colour_of, number
from gzmap.symbols import Colour

Box = tuple[float, float, float, float]
"""West, top, east, bottom in millimetres on paper."""

NARROW_EM = 0.6
"""Width of a letter or digit; a Chinese character is as wide as high."""
LINE_EM = 1.16
MIDDLE_EM = 0.36
"""Height of the middle of a line of letters above its foot."""
GAP_MM = 0.6
"""Least distance of two names."""
EDGE_MM = 0.8
"""Least distance of a name from the map's border."""
ALONG_EM = (1.9, 1.5, 1.16)
"""Distances of the characters of a name along a line that are tried, in their own size."""
SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)
"""Places along a line that are tried: its middle first."""
PARTS_TRIED = 3
STRAIGHT, VERY_STRAIGHT = 0.85, 0.985
"""Least part of a line's own length between its ends where a name runs along it: upright characters, letters."""
HALO_EM, HALO_OPACITY = 0.22, 0.85


@dataclass(frozen=True)
class Label:
    """A name to be placed.

    ``anchors`` are places of its middle, the best first; ``line`` is what it runs along instead, if there is room,
    ``beside_mm`` from its middle.
    """

    text: str
    size_mm: float
    colour: Colour
    anchors: tuple[tuple[float, float], ...] = field(repr=False)
    line: BaseGeometry | None = field(default=None, repr=False)
    beside_mm: float = 0.0
    spacing_em: float = 0.0
    bold: bool = False


@dataclass(frozen=True)
class Placed:
    """A name that has its place.

    ``points`` are the middles of its characters, or of the whole where there is one, which is turned by ``turn_deg``.
    ``boxes`` must be free of other names, and ``apart`` is kept free of later ones, so that two names on one line are
    not read as one.
    """

    label: Label
    points: tuple[tuple[float, float], ...]
    boxes: tuple[Box, ...]
    apart: tuple[Box, ...] = ()
    turn_deg: float = 0.0


def measure_text(text: str, size_mm: float, *, spacing_em: float = 0.0) -> float:
    """Reckon the width of a text in millimetres, rather too wide than too narrow."""
    ems = sum(1.0 if is_wide(c) else NARROW_EM for c in text)
    return size_mm * (ems + spacing_em * len(text))


def is_wide(character: str) -> bool:
    """Tell whether a character is as wide as high."""
    return unicodedata.east_asian_width(character) in "WFA"


def place_labels(labels: Iterable[Label], size_mm: tuple[float, float], *, taken: Iterable[Box] = ()) -> list[Placed]:
    """Give each name the first of its places that is free, in their order.

    Parameters
    ----------
    labels
        The important ones first; a text that has a place is not written again.
    size_mm
        Width and height of the map.
    taken
        Boxes where no name may be.

    Returns
    -------
    list
        The names that have a place; their boxes meet neither each other nor the map's border.
    """
    index = rtree.index.Index()
    for count, box in enumerate(taken):
        index.insert(count, box)
    placed: list[Placed] = []
    written: set[str] = set()
    for label in labels:
        if not label.text.strip() or label.text in written:
            continue
        found = next((p for p in _list_places(label) if all(_is_free(b, index, size_mm) for b in p.boxes)), None)
        if found is not None:
            for box in (*found.boxes, *found.apart):
                index.insert(0, box)
            placed.append(found)
            written.add(label.text)
    return placed


def _is_free(box: Box, index: rtree.index.Index, size_mm: tuple[float, float]) -> bool:
    west, top, east, bottom = box
    if west < EDGE_MM or top < EDGE_MM or east > size_mm[0] - EDGE_MM or bottom > size_mm[1] - EDGE_MM:
        return False
    return index.count((west - GAP_MM, top - GAP_MM, east + GAP_MM, bottom + GAP_MM)) == 0


def _list_places(label: Label) -> Iterator[Placed]:
    if label.line is not None:
        upright = all(map(is_wide, label.text))
        yield from _list_along(label) if upright else _list_turned(label)
    half = measure_text(label.text, label.size_mm, spacing_em=label.spacing_em) / 2
    high = label.size_mm * LINE_EM / 2
    for x, y in label.anchors:
        yield Placed(label, ((x, y),), ((x - half, y - high, x + half, y + high),))


def _list_along(label: Label) -> Iterator[Placed]:
    """Places along a line, its characters upright and apart, as Chinese maps write rivers; beside it, else on it."""
    for spacing in ALONG_EM:
        step = spacing * label.size_mm
        for points in _list_runs(label, len(label.text), step, straight=STRAIGHT):
            if len(points) == 1 or _is_apart(points, label.size_mm):
                yield Placed(label, tuple(map(tuple, points)), _box(points, label.size_mm), _find_ends(points, label))


def _list_turned(label: Label) -> Iterator[Placed]:
    """Places along a straight piece of a line for a text with letters, turned with it."""
    width = measure_text(label.text, label.size_mm)
    count = max(2, math.ceil(width / label.size_mm))
    for points in _list_runs(label, count, width / count, straight=VERY_STRAIGHT):
        across, down = points[-1] - points[0]
        middle = (points[0] + points[-1]) / 2
        turn = math.degrees(math.atan2(down, across))
        yield Placed(label, (tuple(middle),), _box(points, label.size_mm * LINE_EM), _find_ends(points, label), turn)


def _list_runs(label: Label, count: int, step: float, *, straight: float) -> Iterator[np.ndarray]:
    """Rows of ``count`` points, ``step`` apart, along the line's longest parts: beside it on both sides, then on it."""
    reach = step * (count - 1)
    parts = sorted(shapely.get_parts(label.line), key=lambda part: -part.length)[:PARTS_TRIED]
    for part in parts:
        smooth = shapely.simplify(part, label.size_mm / 2)
        if smooth.length < reach + 2 * label.size_mm:
            continue
        for side in (-1, 1, 0):
            for share in SHARES:
                along = share * (smooth.length - reach) + step * np.arange(count)
                points = _order(shapely.get_coordinates(shapely.line_interpolate_point(smooth, along)))
                if np.hypot(*(points[-1] - points[0])) >= straight * reach:
                    yield points + side * label.beside_mm * _find_normal(points)


def _order(points: np.ndarray) -> np.ndarray:
    """Turn points so that they are read from the left, or from the top where the line is steep."""
    across, down = points[-1] - points[0]
    return points[::-1] if (across if abs(across) >= abs(down) else down) < 0 else points


def _find_normal(points: np.ndarray) -> np.ndarray:
    """Find the direction across a row of points, of length 1."""
    across, down = points[-1] - points[0]
    length = np.hypot(across, down)
    return np.array([-down, across]) / length if length else np.array([0.0, 1.0])


def _is_apart(points: np.ndarray, size: float) -> bool:
    """Tell whether no character of a size touches the next, and the line does not turn back."""
    steps = np.diff(points, axis=0)
    main = np.argmax(np.abs(points[-1] - points[0]))
    return bool((np.abs(steps).max(axis=1) >= size * 1.02).all() and (steps[:, main] > 0).all())


def _box(points: np.ndarray, side: float) -> tuple[Box, ...]:
    return tuple((x - side / 2, y - side / 2, x + side / 2, y + side / 2) for x, y in points)


def _find_ends(points: np.ndarray, label: Label) -> tuple[Box, ...]:
    """One more character's room before the first and behind the last."""
    step = (points[-1] - points[0]) / max(len(points) - 1, 1)
    return _box(np.array([points[0] - step, points[-1] + step]), label.size_mm)


def write_label(placed: Placed) -> str:
    """Write a name in SVG, on a white halo."""
    label, size = placed.label, placed.label.size_mm
    look = f'fill="{colour_of(label.colour)}" font-size="{number(size)}"' + (
        ' font-weight="bold"' if label.bold else ""
    )
    halo = f'stroke="white" stroke-opacity="{HALO_OPACITY}" stroke-width="{number(size * HALO_EM)}"'
    spacing = f' letter-spacing="{number(label.spacing_em * size)}"' if label.spacing_em else ""
    xs = " ".join(number(x) for x, _ in placed.points)
    ys = " ".join(number(y + MIDDLE_EM * size) for _, y in placed.points)
    x, y = placed.points[0]
    turn = f' transform="rotate({number(placed.turn_deg)} {number(x)} {number(y)})"' if placed.turn_deg else ""
    return (
        f'<text x="{xs}" y="{ys}" text-anchor="middle" {look} {halo} stroke-linejoin="round" paint-order="stroke"'
        f"{spacing}{turn}>{escape(label.text)}</text>"
    )
