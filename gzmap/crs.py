"""Coordinate reference systems, ellipsoidal measures and conversions: the only door to pyproj."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import geopandas
import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjCRSError
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from gzmap.config import DELIVERY_CRS, METRIC_CRS, STORAGE_CRS
from gzmap.errors import CRSError

ELLIPSOID = pyproj.Geod(ellps="WGS84")
COINCIDENT = (4326, 4490)
"""EPSG codes of the geographic CRSs that are one at the accuracy of this data: WGS 84 and CGCS2000."""
EPSG_CODE = re.compile(r"EPSG:\d{4,6}")


@dataclass(frozen=True)
class Transformation:
    """What PROJ does from storage CRS to another CRS.

    ``accuracy_m`` is the accuracy that PROJ states in metres, None where it states none. CGCS2000 is taken as
    coincident with WGS 84, which holds within decimetres: far below the accuracy of every feature here.
    """

    crs: str
    crs_name: str
    name: str
    accuracy_m: float | None


def require(frame: geopandas.GeoDataFrame, crs: str = STORAGE_CRS) -> geopandas.GeoDataFrame:
    """Return a frame whose CRS is the one expected, or raise.

    Parameters
    ----------
    frame
        Any frame; it is returned as it is.
    crs
        The expected code, for instance ``"EPSG:4326"``.

    Raises
    ------
    CRSError
        If the frame has no CRS or a different one.
    """
    if frame.crs is None:
        raise CRSError(f"The data has no CRS; set it to {crs} if its coordinates are that.")
    if frame.crs != _require_crs(crs):
        raise CRSError(f"The data is in {frame.crs.to_string()}, but {crs} is needed; convert it first.")
    return frame


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


def convert(frame: geopandas.GeoDataFrame, crs: str) -> geopandas.GeoDataFrame:
    """Convert a layer from storage CRS to another CRS.

    Parameters
    ----------
    frame
        In storage CRS.
    crs
        An EPSG code of a geographic or projected CRS, written like ``"EPSG:4547"``.

    Returns
    -------
    GeoDataFrame
        A new frame; coordinates are longitude, latitude or easting, northing, in that order, whatever the authority
        says. None stays None.

    Raises
    ------
    CRSError
        If the code is unknown or of another datum, the frame is not in storage CRS, or its bbox leaves the area of
        use of ``crs``; the message then names a code that fits.
    """
    target = _require_crs(crs)
    _require_inside(require(frame).geometry.total_bounds, target)
    transformer = _transformer(target)

    def move(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(_transform(transformer, xy[:, 0], xy[:, 1]))

    moved = frame.geometry.to_numpy() if target == frame.crs else shapely.transform(frame.geometry.to_numpy(), move)
    return frame.set_geometry(geopandas.GeoSeries(moved, index=frame.index, crs=target, name=frame.geometry.name))


def convert_point(lon: float, lat: float, crs: str) -> tuple[float, float]:
    """Convert one point from storage CRS.

    Parameters
    ----------
    lon, lat
        Decimal degrees (WGS 84), in that order.
    crs
        An EPSG code.

    Returns
    -------
    tuple
        ``(easting, northing)`` in metres, or ``(lon, lat)`` in degrees.

    Raises
    ------
    CRSError
        If the code is unknown or the point is outside its area of use.
    """
    target = _require_crs(crs)
    _require_inside(np.array([lon, lat, lon, lat], dtype=float), target)
    x, y = _transform(_transformer(target), lon, lat)
    return float(x), float(y)


def convert_to_metric(lon: float, lat: float) -> tuple[float, float]:
    """Convert one point from storage CRS to `config.METRIC_CRS`, quickly and without asking where it is.

    Parameters
    ----------
    lon, lat
        Decimal degrees (WGS 84), in that order.

    Returns
    -------
    tuple
        ``(easting, northing)`` in metres; infinite where the projection does not reach.
    """
    return _metric_worker().submit(_to_metric, lon, lat).result()


@lru_cache(maxsize=1)
def _metric_worker() -> ThreadPoolExecutor:
    # pyproj keeps a transformer per thread and makes it anew in each, 40 ms; the page asks from a new thread each time.
    return ThreadPoolExecutor(1, thread_name_prefix="gzmap-crs")


def _to_metric(lon: float, lat: float) -> tuple[float, float]:
    return _metric_transformer().transform(lon, lat)


@lru_cache(maxsize=1)
def _metric_transformer() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(STORAGE_CRS, METRIC_CRS, always_xy=True)


def describe_transformation(crs: str) -> Transformation:
    """Say what PROJ does from storage CRS to ``crs``, in PROJ's own words.

    Raises
    ------
    CRSError
        If the code is unknown.
    """
    target = _require_crs(crs)
    transformer = _transformer(target)
    accuracy = transformer.accuracy
    return Transformation(
        crs=target.to_string(),
        crs_name=target.name,
        name=transformer.description,
        accuracy_m=None if accuracy is None or accuracy < 0 else float(accuracy),
    )


def dump_wkt(crs: str) -> str:
    """Give a CRS as the text of a Shapefile's ``.prj``: WKT 1 as Esri writes it.

    Raises
    ------
    CRSError
        If the code is unknown.
    """
    return _require_crs(crs).to_wkt("WKT1_ESRI")


def _require_crs(crs: str) -> pyproj.CRS:
    code = str(crs).upper()
    if not EPSG_CODE.fullmatch(code):
        raise CRSError(f"{crs!r} is not an EPSG code; write it like one of {', '.join(DELIVERY_CRS)}.")
    try:
        found = pyproj.CRS.from_user_input(code)
    except ProjCRSError:
        raise CRSError(f"{code} is not known; use one of {', '.join(DELIVERY_CRS)}.") from None
    if not (found.is_projected or found.is_geographic) or len(found.axis_info) != 2:
        raise CRSError(f"{code} ({found.name}) is neither plane nor geographic; use one of {', '.join(DELIVERY_CRS)}.")
    if found.geodetic_crs.to_epsg() not in COINCIDENT:
        # PROJ would shift by nothing, 100 m wrong, or pick one of several parameter sets of 15 m and more.
        raise CRSError(
            f"{code} ({found.name}) has another datum than WGS 84 and CGCS2000, and no exact transformation to it is "
            f"public; use one of {', '.join(DELIVERY_CRS)}."
        )
    return found


def _transformer(target: pyproj.CRS) -> pyproj.Transformer:
    # Made anew each time: pyproj says that transformers may not be shared between threads.
    return pyproj.Transformer.from_crs(STORAGE_CRS, target, always_xy=True)


def _transform(transformer: pyproj.Transformer, lon: object, lat: object) -> tuple:
    try:
        return transformer.transform(lon, lat, errcheck=True)
    except ProjError as error:
        raise CRSError(f"A coordinate cannot be converted ({error}); use {STORAGE_CRS}.") from None


def _is_inside(bbox: np.ndarray, crs: pyproj.CRS) -> bool:
    area = crs.area_of_use
    west, south, east, north = bbox
    return area is not None and area.west <= west <= east <= area.east and area.south <= south <= north <= area.north


def _require_inside(bbox: np.ndarray, target: pyproj.CRS) -> None:
    """Raise where a bbox (degrees; NaN when nothing is located) leaves the area of use of a CRS."""
    if np.isnan(bbox).all() or _is_inside(bbox, target):
        return
    known = [pyproj.CRS.from_user_input(code) for code in DELIVERY_CRS]
    fitting = [c for c in known if c != target and _is_inside(bbox, c)]
    fitting.sort(key=lambda c: (c.is_projected != target.is_projected, c.geodetic_crs != target.geodetic_crs))
    area = target.area_of_use
    bounds = f"{area.west} to {area.east} E, {area.south} to {area.north} N" if area else "not stated"
    west, south, east, north = bbox
    remedy = f"use {fitting[0].to_string()} ({fitting[0].name})" if fitting else "correct the coordinates"
    raise CRSError(
        f"The data ({west:.3f} to {east:.3f} E, {south:.3f} to {north:.3f} N) is not inside the area of use of "
        f"{target.to_string()} ({target.name}: {bounds}); {remedy}."
    )
