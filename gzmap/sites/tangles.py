"""Outlines that are drawn to keep a machine busy: their edges are counted before anything is computed of them.

Whether an area is valid costs time for every pair of edges whose boxes meet, and putting it in order for every crossing
squared: a star of 400 corners, a text of 10 kB, would keep a core busy for minutes. Surveys have a few crossings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.sites.problems import build_error

MOST_NEIGHBOURS = 20_000_000
"""Pairs of edges whose boxes meet, each counted from both sides: a second of work."""

MOST_MEETINGS, MEETINGS_PER_EDGE = 100_000, 7
"""Pairs of edges that meet beyond each with itself and its neighbours, counted from both sides; an outline that was
drawn twice over has six for each edge."""

REPAIRED_MEETINGS = 5_000
"""Such pairs in an outline that is to be repaired, whose cost grows with their square."""

MOST_NESTED = 2_000_000
"""Pairs of rings whose boxes meet, counted from both sides: those of fourteen hundred, one inside the other."""

OWN_MEETINGS = 3
"""Edges that an edge of a ring always meets: itself, the one before and the one behind."""

CHUNK = 256


def require_apart(shapes: Sequence[BaseGeometry], name: str) -> None:
    """Raise where so many edges lie over one another that even looking at them takes long.

    Parameters
    ----------
    shapes
        Polygons in any coordinates, all of a site.
    name
        The file's name, for messages.

    Raises
    ------
    SiteError
        If so.
    """
    starts, ends = _list_edges(shapes)
    corners = (*np.minimum(starts, ends).T, *np.maximum(starts, ends).T)
    _count(shapely.box(*corners), name, limit=MOST_NEIGHBOURS)


def require_untangled(shapes: Sequence[BaseGeometry], name: str, *, is_repaired: bool = False) -> None:
    """Raise where boundaries cross or touch themselves or each other too often to be put in order.

    Parameters
    ----------
    shapes, name
        As `require_apart`, which must have passed.
    is_repaired
        Whether they are to be repaired, which takes longer.

    Raises
    ------
    SiteError
        If so.
    """
    pairs = np.stack(_list_edges(shapes), axis=1)
    if is_repaired:
        # An edge that was drawn twice is one to a repair.
        turned = (pairs[:, 0] > pairs[:, 1]).any(axis=1) & ~(pairs[:, 0, 0] < pairs[:, 1, 0])
        pairs = np.unique(np.where(turned[:, None, None], pairs[:, ::-1], pairs), axis=0)
    edges = shapely.linestrings(pairs)
    limit = REPAIRED_MEETINGS if is_repaired else MOST_MEETINGS + MEETINGS_PER_EDGE * len(edges)
    _count(edges, name, limit=limit + OWN_MEETINGS * len(edges), predicate="intersects")


def require_spread(shapes: Sequence[BaseGeometry], name: str) -> None:
    """Raise where so many rings lie inside or over one another that finding the holes takes long.

    Parameters
    ----------
    shapes, name
        As `require_apart`.

    Raises
    ------
    SiteError
        If so.
    """
    _count(shapely.envelope(list(shapes)), name, limit=MOST_NESTED)


def _list_edges(shapes: Sequence[BaseGeometry]) -> tuple[np.ndarray, np.ndarray]:
    """List the edges of all rings by their first and last points, arrays of shape (edges, 2)."""
    points, rings = shapely.get_coordinates(shapely.get_rings(list(shapes)), return_index=True)
    inner = rings[:-1] == rings[1:]
    return points[:-1][inner], points[1:][inner]


def _count(edges: np.ndarray, name: str, *, limit: int, predicate: str | None = None) -> None:
    """Count pairs piece by piece, so that neither time nor memory grows beyond the limit."""
    tree, count = shapely.STRtree(edges), 0
    for start in range(0, len(edges), CHUNK):
        count += tree.query(edges[start : start + CHUNK], predicate=predicate).shape[1]
        if count > limit:
            raise build_error("too-tangled", name=name)
