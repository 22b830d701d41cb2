"""The area that a question is about: checked, in degrees and in metres; and areas made from a few words."""

from __future__ import annotations

import math
import re
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.config import SITE_VERTICES, STUDY_BBOX
from gzmap.crs import build_circle, convert_shapes_to_metric
from gzmap.errors import AreaError, NotFoundError
from gzmap.query.grounds import Ground
from gzmap.query.shapes import DISTRICTS, EDGE_DEG, TOUCH_M

REACH_DEG = 1.0
"""How far an area may reach beyond `config.STUDY_BBOX`; the plane of `config.METRIC_CRS` holds there still."""

CIRCLE_POINTS = 128
"""Corners of a circle: its area is 0.04 % too small."""

PLACE = re.compile(r"\[(\S+) (\S+)\]")

FAULTS = {
    "area-kind": (
        "The area is a {kind}; draw a polygon, or close the line to one.",
        "范围不是面（{kind}）；请画多边形，或把线闭合成面。",
    ),
    "area-empty": (
        "The area is empty; draw a polygon with at least three corners.",
        "范围是空的；请画至少有三个角的多边形。",
    ),
    "area-vertices": (
        "The area has {count} vertices, more than {most}; simplify it or ask for its parts.",
        "范围有 {count} 个顶点，超过 {most} 个；请简化，或分块查询。",
    ),
    "area-infinite": (
        "The area has a coordinate that is not a finite number; draw it anew.",
        "范围有坐标不是有限的数；请重画。",
    ),
    "area-degrees": (
        "The area reaches over {at}, which are no degrees; convert it to EPSG:4326, longitude first.",
        "范围的坐标（{at}）不是经纬度；请先转换为 EPSG:4326，经度在前。",
    ),
    "area-crossing": (
        "The area crosses its own outline at {at}; draw it anew without crossing it.",
        "范围的边界在 {at} 处自相交；请重画，边界不要交叉。",
    ),
    "area-narrow": (
        "The area is narrower than {least} m, finer than coordinates are; draw it wider.",
        "范围窄于 {least} 米，小于坐标的精度；请画宽一些。",
    ),
    "area-antimeridian": (
        "The area ({at}) crosses the 180° meridian or rounds the earth; draw it within {mapped}.",
        "范围（{at}）跨越 180° 经线或绕地球一周；请画在 {mapped} 之内。",
    ),
    "area-flipped": (
        "The area ({at}) seems to have latitude and longitude exchanged; give the longitude first.",
        "范围（{at}）的经度与纬度似乎颠倒了；请经度在前。",
    ),
    "area-far": (
        "The area ({at}) lies outside of what is mapped, {mapped}; check its coordinate reference system.",
        "范围（{at}）在本图（{mapped}）之外；请检查它的坐标系。",
    ),
    "area-large": (
        "The area ({at}) is too large; draw it within {mapped}.",
        "范围（{at}）太大；请画在 {mapped} 之内。",
    ),
    "area-bbox": (
        "The bbox {at} is no rectangle; write west,south,east,north in degrees.",
        "矩形 {at} 不成立；请按西、南、东、北的次序写四个度数。",
    ),
    "area-circle": (
        "The circle {at} is none; give longitude, latitude and a radius over 0 in metres.",
        "圆 {at} 不成立；请给出经度、纬度和大于 0 的半径（米）。",
    ),
}
"""What can be wrong with an area, by code, in English and Chinese."""


def require_ground(area: BaseGeometry) -> Ground:
    """Return an area made ready for questions.

    Parameters
    ----------
    area
        A polygon or multi-polygon in storage CRS; heights are left off.

    Raises
    ------
    AreaError
        If it is none, is empty, not finite, crosses itself, has too many vertices, is not in degrees, lies outside of
        what is mapped, reaches far beyond it (across the 180° meridian, too), or is narrower than coordinates are fine.
    """
    flat = shapely.force_2d(_require_polygon(area))
    _require_degrees(shapely.get_coordinates(flat))
    _require_reach(flat)
    if not flat.is_valid:
        place = PLACE.search(shapely.is_valid_reason(flat))
        at = f"{float(place[1]):.5f}, {float(place[2]):.5f}" if place else "?"
        raise build_area_error("area-crossing", at=at)
    return _build_ground(flat)


# The page asks anew at each run, for the table, the map and the file; to shrink a district's outline takes a while.
@lru_cache(maxsize=16)
def _build_ground(flat: BaseGeometry) -> Ground:
    shapely.prepare(flat)
    plane = convert_shapes_to_metric(np.array([shapely.segmentize(flat, EDGE_DEG)], dtype=object))[0]
    inner, outer = (plane.buffer(margin, join_style="mitre") for margin in (-TOUCH_M, TOUCH_M))
    if inner.is_empty:
        raise build_area_error("area-narrow", least=2 * TOUCH_M)
    for shape in (plane, inner, outer):
        shapely.prepare(shape)
    return Ground(flat, plane, inner, outer)


def _require_polygon(area: BaseGeometry) -> BaseGeometry:
    kind = area.geom_type if isinstance(area, BaseGeometry) else type(area).__name__
    if kind not in ("Polygon", "MultiPolygon"):
        raise build_area_error("area-kind", kind=kind)
    if area.is_empty:
        raise build_area_error("area-empty")
    count = int(shapely.get_num_coordinates(area))
    if count > SITE_VERTICES:
        raise build_area_error("area-vertices", count=count, most=SITE_VERTICES)
    return area


def _require_degrees(points: np.ndarray) -> None:
    if not np.isfinite(points).all():
        raise build_area_error("area-infinite")
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    if west < -180 or east > 180 or south < -90 or north > 90:
        # Longitudes of this place are no latitudes, so that exchanged ones end up here.
        is_flipped = shapely.intersects(shapely.box(*STUDY_BBOX), shapely.box(south, west, north, east))
        at = f"{west:.10g}, {south:.10g} – {east:.10g}, {north:.10g}"
        raise build_area_error("area-flipped" if is_flipped else "area-degrees", at=at)


def _require_reach(area: BaseGeometry) -> None:
    west, south, east, north = area.bounds
    told = {
        "at": f"{west:.4f}, {south:.4f} – {east:.4f}, {north:.4f}",
        "mapped": "{:g}, {:g} – {:g}, {:g}".format(*STUDY_BBOX),
    }
    if east - west > 180:
        raise build_area_error("area-antimeridian", **told)
    study = shapely.box(*STUDY_BBOX)
    if not study.intersects(shapely.box(*area.bounds)):
        raise build_area_error("area-far", **told)
    if not study.buffer(REACH_DEG, join_style="mitre").covers(shapely.box(*area.bounds)):
        raise build_area_error("area-large", **told)


def build_area_error(code: str, **facts: object) -> AreaError:
    """Make the error of a code, a key of `FAULTS`; facts are what its sentences name."""
    en, zh = FAULTS[code]
    return AreaError(code, en.format(**facts), zh.format(**facts))


def find_district_area(atlas: Atlas, name: str) -> BaseGeometry:
    """Find the outline of a district.

    Parameters
    ----------
    atlas
        Whose layer of districts.
    name
        Its name, with or without 区, or its feature id.

    Raises
    ------
    NotFoundError, CatalogError
        If there is no such district, or the layer of districts is missing or broken.
    """
    frame = atlas.require_layer(DISTRICTS)
    is_meant = (frame["name"] == name) | (frame["name"] == f"{name}区") | (frame.index == name)
    if not is_meant.any():
        raise NotFoundError.unknown("District", name, frame["name"], where=f"the layer {DISTRICTS!r}")
    return shapely.union_all(frame.geometry[is_meant].to_numpy())


def build_rectangle(bbox: tuple[float, float, float, float]) -> BaseGeometry:
    """Build a rectangle from ``(west, south, east, north)`` in degrees.

    Raises
    ------
    AreaError
        If a number is not finite or the corners are in another order.
    """
    west, south, east, north = bbox
    if not (all(map(math.isfinite, bbox)) and west < east and south < north):
        raise build_area_error("area-bbox", at=",".join(f"{number:g}" for number in bbox))
    return shapely.box(west, south, east, north)


def require_circle(lon: float, lat: float, radius_m: float) -> BaseGeometry:
    """Return a circle that can be asked about, drawn on the ellipsoid.

    Parameters
    ----------
    lon, lat
        Its centre in decimal degrees (WGS 84), in that order.
    radius_m
        In metres, greater than zero.

    Returns
    -------
    Polygon
        In storage CRS.

    Raises
    ------
    AreaError
        If a number is not finite, the radius is not positive, or the circle leaves what is mapped.
    """
    if not all(map(math.isfinite, (lon, lat, radius_m))) or radius_m <= 0:
        raise build_area_error("area-circle", at=f"{lon:g},{lat:g},{radius_m:g}")
    # Where the plane holds, a degree is at least 90 km.
    reach_deg = radius_m / 90_000
    around = (
        max(lon - reach_deg, -180),
        max(lat - reach_deg, -90),
        min(lon + reach_deg, 180),
        min(lat + reach_deg, 90),
    )
    _require_degrees(np.array([[lon, lat]]))
    _require_reach(shapely.box(*around))
    return build_circle((lon, lat), radius_m, points=CIRCLE_POINTS)
