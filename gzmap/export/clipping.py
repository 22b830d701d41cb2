"""Cut geometries at an area, without the slivers that two drawings of one border leave."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.crs import convert_shapes_to_metric

SLIVER_M = 2.0
"""Metres: a piece of an area whose mean width, or of a line whose length, is less than this is no part of a feature."""

MAKERS = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)


def clip_shapes(shapes: np.ndarray, region: BaseGeometry) -> tuple[np.ndarray, np.ndarray]:
    """Cut geometries at an area.

    Lines between two positions are straight in degrees, as RFC 7946 has them, so that what is cut lies on what was
    drawn; what is a sliver is judged in metres, in `config.METRIC_CRS`.

    Parameters
    ----------
    shapes
        In storage CRS; None stays None.
    region
        An area in storage CRS.

    Returns
    -------
    tuple
        The geometries of what lies inside, of the dimension that they had and multi where they were cut, None where
        nothing does; and which were changed. What lies inside whole is returned as it is.
    """
    shapely.prepare(region)
    cut = np.full(len(shapes), None, dtype=object)
    whole = shapely.covered_by(shapes, region)
    cut[whole] = shapes[whole]
    rows = np.flatnonzero(~whole & shapely.intersects(shapes, region))
    parts, owners = shapely.get_parts(shapely.intersection(shapes[rows], region), return_index=True)
    is_kept = shapely.get_dimensions(parts) == shapely.get_dimensions(shapes[rows])[owners]
    parts, owners = parts[is_kept], owners[is_kept]
    is_kept = ~find_slivers(parts)
    parts, owners = parts[is_kept], owners[is_kept]
    for dimension, make in enumerate(MAKERS):
        of_kind = shapely.get_dimensions(parts) == dimension
        if of_kind.any():
            kept, numbers = np.unique(owners[of_kind], return_inverse=True)
            cut[rows[kept]] = make(parts[of_kind], indices=numbers)
    changed = np.zeros(len(shapes), dtype=bool)
    changed[rows] = ~shapely.is_missing(cut[rows])
    return cut, changed


def find_slivers(parts: np.ndarray) -> np.ndarray:
    """Tell which single geometries, in storage CRS, are too thin or short to mean anything; no point is."""
    metric = convert_shapes_to_metric(parts)
    dimensions, lengths = shapely.get_dimensions(metric), shapely.length(metric)
    # The mean width of a long strip is twice its area over its perimeter.
    widths = 2 * shapely.area(metric) / np.where(lengths > 0, lengths, 1)
    return np.where(dimensions == 2, widths < SLIVER_M, (dimensions == 1) & (lengths < SLIVER_M))
