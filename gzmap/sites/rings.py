"""Rings of points and the areas they bound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.sites.problems import build_error

Points = list[tuple[float, float]]


def split_rings(points: Points) -> list[Points]:
    """Split a list of points where it comes back to the first point of a ring: the next point begins another."""
    rings: list[Points] = []
    current: Points = []
    for point in points:
        current.append(point)
        if len(current) > 3 and point == current[0]:
            rings.append(current)
            current = []
    # A first point told once more, by who closes a ring twice, is no ring.
    return rings if rings and len(set(current)) < 2 else [*rings, current] if current else rings


def build_area(rings: Sequence[Points], name: str) -> BaseGeometry:
    """Build the area that rings bound: what lies inside an odd number of them.

    Parameters
    ----------
    rings
        Each open or closed, in any direction, outer rings and holes in any order.
    name
        The file's name, for messages.

    Returns
    -------
    Polygon or MultiPolygon
        In the coordinates of the rings. A ring that crosses itself or another gives an invalid polygon, as drawn, for
        `gzmap.sites.areas` to tell of.

    Raises
    ------
    SiteError
        If a ring has fewer than three different points.
    """
    if any(len(set(ring)) < 3 for ring in rings):
        raise build_error("too-few-points", name=name)
    faces = [shapely.Polygon(np.array(ring)) for ring in rings]
    if len(faces) == 1:
        return faces[0]
    if not all(face.is_valid for face in faces):
        return shapely.MultiPolygon(faces)
    area = faces[0]
    for face in faces[1:]:
        area = area.symmetric_difference(face)
    return area
