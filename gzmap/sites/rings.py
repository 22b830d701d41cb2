"""Rings of points and the areas they bound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.sites.problems import build_error
from gzmap.sites.tangles import require_apart, require_spread, require_untangled

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
        If a ring has fewer than three different points, or they cross too often.
    """
    if any(len(set(ring)) < 3 for ring in rings):
        raise build_error("too-few-points", name=name)
    faces = [shapely.Polygon(np.array(ring)) for ring in rings]
    if len(faces) == 1:
        return faces[0]
    require_spread(faces, name)
    require_apart(faces, name)
    require_untangled(faces, name)
    if not all(face.is_valid for face in faces):
        return shapely.MultiPolygon(faces)
    # In pairs, and pairs of these: taken one after the other, each of ten thousand rings would meet all before it.
    while len(faces) > 1:
        pairs = shapely.symmetric_difference(faces[: len(faces) // 2 * 2 : 2], faces[1::2])
        faces = [*pairs, *faces[len(pairs) * 2 :]]
    return faces[0]
