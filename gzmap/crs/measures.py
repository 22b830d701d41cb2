"""Lengths and areas on the ellipsoid."""

from __future__ import annotations

import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

ELLIPSOID = pyproj.Geod(ellps="WGS84")


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
    return float(ELLIPSOID.geometry_length(lines)) if shapely.get_dimensions(lines) == 1 else 0.0


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


def build_circle(centre: tuple[float, float], edge: tuple[float, float], *, points: int) -> shapely.Polygon:
    """Draw the circle around a point through another, on the ellipsoid.

    Parameters
    ----------
    centre, edge
        ``(lon, lat)`` in degrees WGS 84: the middle, and a point that the circle goes through.
    points
        How many vertices, the first of them ``edge``. They lie on the geodesic circle; the straight sides between
        them take ``1 - sin(2π/n) / (2π/n)`` of its area off: 0.16 % with 64.

    Returns
    -------
    Polygon
        In storage CRS; empty area where both points are one.
    """
    start, _, radius_m = ELLIPSOID.inv(*centre, *edge)
    # Against the clock, as RFC 7946 has outlines.
    bearings = [start - 360 * number / points for number in range(points)]
    lons, lats, _ = ELLIPSOID.fwd([centre[0]] * points, [centre[1]] * points, bearings, [radius_m] * points)
    return shapely.Polygon(list(zip(lons, lats, strict=True)))
