"""Shapes as paths of a small picture in the page: the districts, with an inset for those too small to be read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.query.accounts import DISTRICTS

WIDTH = 420.0
"""Pixels of the picture of the city."""

COARSE_PX = 0.7
"""How far an outline may be simplified: less than a pixel."""

NAME_PX = 21.0
"""Least radius of a circle in a district into which its name is written."""

INSET = (275.0, 372.0, 145.0)
"""Left, top and width of the inset, where the city leaves the picture empty."""


@dataclass(frozen=True)
class Window:
    """How degrees become pixels: an equirectangular picture that is true to scale at its middle."""

    west: float
    north: float
    per_lon: float
    per_lat: float
    left: float = 0.0
    top: float = 0.0

    def place(self, degrees: np.ndarray) -> np.ndarray:
        """Place points, ``lon, lat`` in rows, on the picture: x to the right, y downwards, in pixels."""
        x = (degrees[:, 0] - self.west) * self.per_lon + self.left
        y = (self.north - degrees[:, 1]) * self.per_lat + self.top
        return np.column_stack((x, y))

    def project(self, geometries: Iterable[BaseGeometry]) -> np.ndarray:
        """Project geometries in degrees to pixels."""
        return shapely.transform(np.array(list(geometries), dtype=object), self.place)


@dataclass(frozen=True)
class Outline:
    """One shape: its SVG path, where a word in it stands best, and the radius of what is free there, in pixels."""

    name: str
    feature_id: str
    path: str
    x: float
    y: float
    room: float


@dataclass(frozen=True)
class Picture:
    """Outlines in a frame of ``width`` by ``height`` pixels; ``small`` of them are drawn again in the inset."""

    width: float
    height: float
    outlines: tuple[Outline, ...]
    inset: tuple[float, float, float, float] | None
    small: tuple[Outline, ...]


def fit_window(bbox: tuple[float, float, float, float], width: float) -> tuple[Window, float]:
    """Fit a bbox in degrees into a width in pixels; the height comes with it."""
    west, south, east, north = bbox
    per_lon = width / (east - west)
    per_lat = per_lon / math.cos(math.radians((south + north) / 2))
    return Window(west, north, per_lon, per_lat), round(float(north - south) * per_lat, 1)


def format_path(geometry: BaseGeometry) -> str:
    """Write lines and areas as SVG path data, with one decimal; empty where there are none."""
    parts = []
    for part in shapely.get_parts(geometry):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            points = shapely.get_coordinates(ring)
            if len(points) > 1:
                steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
                parts.append(f"M{steps}{'Z' if part.geom_type == 'Polygon' else ''}")
    return "".join(parts)


@lru_cache(maxsize=4)
def draw_districts(atlas: Atlas) -> Picture:
    """Draw the districts, and once more in an inset those in which a name has no room.

    Raises
    ------
    NotFoundError, CatalogError
        If there is no layer of districts, or it is broken.
    """
    frame = atlas.require_layer(DISTRICTS)
    shapes = list(frame.geometry)
    window, height = fit_window(tuple(shapely.total_bounds(shapes)), WIDTH)
    ids = dict(zip(frame["name"], frame.index, strict=True))
    outlines = _draw(window.project(shapes), ids)
    small = [name for name, outline in zip(ids, outlines, strict=True) if outline.room < NAME_PX]
    if not small or len(small) == len(outlines):
        return Picture(WIDTH, height, outlines, None, ())
    few = [shape for name, shape in zip(ids, shapes, strict=True) if name in small]
    left, top, width = INSET
    close, tall = fit_window(tuple(shapely.total_bounds(few)), width)
    moved = Window(close.west, close.north, close.per_lon, close.per_lat, left, top)
    inset = _draw(moved.project(few), {name: ids[name] for name in small})
    return Picture(WIDTH, max(height, top + tall), outlines, (left, top, width, tall), inset)


def _draw(shapes: np.ndarray, ids: Mapping[str, str]) -> tuple[Outline, ...]:
    # Neighbours are simplified together: no gap opens between them.
    simple = shapely.coverage_simplify(shapes, COARSE_PX)
    free = shapely.maximum_inscribed_circle(shapes, tolerance=1.0)
    return tuple(
        Outline(name, feature_id, format_path(shape), *(round(v, 1) for v in line.coords[0]), round(line.length, 1))
        for (name, feature_id), shape, line in zip(ids.items(), simple, free, strict=True)
    )


def find_spot(atlas: Atlas, lon: float, lat: float) -> tuple[float, float] | None:
    """Find where a place lies on the picture of the districts, in pixels; None outside of it."""
    frame = atlas.require_layer(DISTRICTS)
    window, height = fit_window(tuple(shapely.total_bounds(list(frame.geometry))), WIDTH)
    [[x, y]] = window.place(np.array([[lon, lat]])).tolist()
    return (round(x, 1), round(y, 1)) if 0 <= x <= WIDTH and 0 <= y <= height else None
