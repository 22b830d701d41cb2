"""Lengths and areas on the ellipsoid."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

ELLIPSOID = pyproj.Geod(ellps="WGS84")

SHORT_EDGE_DEG = 0.005
"""Edges up to this, 500 m, are as good as straight in a projection: they bend by 2 mm at most."""


def find_length_m(geometry: BaseGeometry | None) -> float:
    """Measure lines on the ellipsoid.

    Parameters
    ----------
    geometry
        In storage CRS, longitude first.

    Returns
    -------
    float
        Metres along the WGS 84 ellipsoid; of an area, its perimeter with the rings of holes; 0 for points, empty
        geometries and None.
    """
    if geometry is None or geometry.is_empty:
        return 0.0
    lines = geometry.boundary if shapely.get_dimensions(geometry) == 2 else geometry
    # All edges at once: pyproj's own way takes a call for each part, and united lines have thousands of parts.
    return float(find_lengths_m(np.array([lines], dtype=object))[0])


def find_area_m2(geometry: BaseGeometry | None) -> float:
    """Measure areas on the ellipsoid, holes taken off.

    Parameters
    ----------
    geometry
        In storage CRS, longitude first.

    Returns
    -------
    float
        Square metres on the WGS 84 ellipsoid; 0 for lines, points, empty geometries and None.
    """
    if geometry is None or geometry.is_empty or shapely.get_dimensions(geometry) < 2:
        return 0.0
    return float(ELLIPSOID.geometry_area_perimeter(shapely.orient_polygons(geometry))[0])


def find_lengths_m(shapes: np.ndarray) -> np.ndarray:
    """Measure many lines on the ellipsoid at once.

    Parameters
    ----------
    shapes
        Lines in storage CRS, longitude first.

    Returns
    -------
    ndarray
        Metres along the WGS 84 ellipsoid, as `find_length_m`; 0 for points, empty geometries and None.
    """
    parts, owners = shapely.get_parts(shapes, return_index=True)
    points, lines = shapely.get_coordinates(parts, return_index=True)
    is_step = lines[1:] == lines[:-1]
    starts, ends = points[:-1][is_step], points[1:][is_step]
    steps = ELLIPSOID.inv(*starts.T, *ends.T)[2] if len(starts) else []
    return np.bincount(owners[lines[1:][is_step]], weights=steps, minlength=len(shapes))


def find_areas_m2(shapes: np.ndarray) -> np.ndarray:
    """Measure many areas on the ellipsoid at once, holes taken off.

    What has only short edges is measured in the cylindrical equal-area projection of the WGS 84 ellipsoid (Snyder, Map
    Projections, 1987, equation 3-12 and page 81): pyproj would measure one polygon per call, which takes too long for
    a hundred thousand. Other areas are measured one by one.

    Parameters
    ----------
    shapes
        In storage CRS, longitude first.

    Returns
    -------
    ndarray
        Square metres; they differ from those of `find_area_m2`, whose edges are geodesics, by less than 1 m² for
        each edge of 500 m and by the cube less for a shorter one. 0 for lines, points, empty geometries and None.
    """
    parts, owners = shapely.get_parts(shapes, return_index=True)
    is_area = shapely.get_dimensions(parts) == 2
    areas = _measure_polygons(parts[is_area])
    return np.bincount(owners[is_area], weights=areas, minlength=len(shapes))


def _measure_polygons(shapes: np.ndarray) -> np.ndarray:
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    edges = np.abs(np.diff(points, axis=0)).max(axis=1, initial=0)
    # The step from one ring to the next is no edge, but to measure such a polygon singly does no harm.
    is_edge = owners[1:] == owners[:-1]
    is_long = np.bincount(owners[1:][is_edge & (edges > SHORT_EDGE_DEG)], minlength=len(shapes)) > 0
    areas = np.zeros(len(shapes))
    areas[~is_long] = shapely.area(shapely.transform(shapes[~is_long], _flatten, interleaved=False))
    areas[is_long] = [find_area_m2(shape) for shape in shapes[is_long]]
    return areas


def _flatten(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put degrees into the cylindrical equal-area projection, metres."""
    e = np.sqrt(ELLIPSOID.es)
    sine = np.sin(np.radians(lat))
    q = (1 - e**2) * (sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e)
    return ELLIPSOID.a * np.radians(lon), ELLIPSOID.a * q / 2


def find_course(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """Find the bearing, degrees from north with the clock, and the metres of the geodesic from a point to another.

    Points are ``(lon, lat)`` in degrees WGS 84.
    """
    bearing_deg, _, length_m = ELLIPSOID.inv(*start, *end)
    return bearing_deg, length_m


def build_circle(
    centre: tuple[float, float], radius_m: float, *, points: int, bearing_deg: float = 0.0
) -> shapely.Polygon:
    """Draw a circle on the ellipsoid.

    Parameters
    ----------
    centre
        ``(lon, lat)`` in degrees WGS 84.
    radius_m
        In metres along the ellipsoid; 0 makes an outline without area.
    points
        How many vertices. They lie on the geodesic circle; the straight sides between them take
        ``1 - sin(2π/n) / (2π/n)`` of its area off: 0.16 % with 64.
    bearing_deg
        Where the first vertex lies, in degrees from north with the clock.

    Returns
    -------
    Polygon
        In storage CRS.
    """
    # Against the clock, as RFC 7946 has outlines.
    bearings = [bearing_deg - 360 * number / points for number in range(points)]
    lons, lats, _ = ELLIPSOID.fwd([centre[0]] * points, [centre[1]] * points, bearings, [radius_m] * points)
    return shapely.Polygon(list(zip(lons, lats, strict=True)))
