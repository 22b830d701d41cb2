"""Conversions from one CRS to another, with what PROJ says about them."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import geopandas
import numpy as np
import pyproj
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup

from gzmap.config import DELIVERY_CRS, METRIC_CRS, STORAGE_CRS
from gzmap.crs.systems import require_code, require_inside, require_source, require_system
from gzmap.errors import CRSError

COINCIDENT = (4326, 4490)
"""EPSG codes of the geographic CRSs that are one at the accuracy of this data: WGS 84 and CGCS2000."""

LOCAL = (4214, 4555, 4610)
"""Beijing 1954, New Beijing and Xian 1980: PROJ would shift by nothing, 100 m wrong, or pick one of several sets."""

WORST_M = 5
"""Accuracy in metres that PROJ must state for a change of datum."""


@dataclass(frozen=True)
class Transformation:
    """What PROJ does from one CRS to another.

    ``source`` and ``crs`` are EPSG codes, ``name`` is PROJ's own description; ``accuracy_m`` is the accuracy that PROJ
    states in metres, None where it states none. CGCS2000 is taken as coincident with WGS 84 (``is_coincident``), which
    holds within decimetres: far below the accuracy of every feature here.
    """

    crs: str
    crs_name: str
    name: str
    accuracy_m: float | None
    source: str = STORAGE_CRS
    source_name: str = "WGS 84"
    is_coincident: bool = False


def convert(frame: geopandas.GeoDataFrame, crs: str) -> geopandas.GeoDataFrame:
    """Convert a layer from its CRS to another.

    Parameters
    ----------
    frame
        With a CRS.
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
        If the frame has no CRS or one that its coordinates contradict, the code is unknown, no exact transformation
        leads there, or the data leaves the area of use of ``crs``; the message then names a code that fits.
    """
    end = require_system(crs)
    if frame.crs is None:
        raise CRSError("The data has no CRS; set the one that its coordinates are in, for instance EPSG:4490.")
    start = require_system(require_code(frame.crs))
    bbox = _find_bbox(frame.geometry.total_bounds, start)
    require_source(bbox, start)
    require_inside(bbox, end)
    shapes = frame.geometry.to_numpy()
    if start != end:
        transformer = _find_transformer(start, end, bbox)
        shapes = shapely.transform(shapes, lambda x, y: _transform(transformer, x, y), interleaved=False)
    return frame.set_geometry(geopandas.GeoSeries(shapes, index=frame.index, crs=end, name=frame.geometry.name))


def _find_bbox(bounds: np.ndarray, system: pyproj.CRS) -> np.ndarray:
    """Give bounds of a CRS in degrees of its own datum."""
    if system.is_geographic or np.isnan(bounds).all():
        return bounds
    transformer = _read_transformer(system.to_string(), require_code(system.geodetic_crs))
    return np.array(transformer.transform_bounds(*bounds))


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
    start, end = require_system(STORAGE_CRS), require_system(crs)
    bbox = np.array([lon, lat, lon, lat], dtype=float)
    require_inside(bbox, end)
    x, y = _transform(_find_transformer(start, end, bbox), lon, lat)
    return float(x), float(y)


def convert_shapes_to_metric(shapes: np.ndarray) -> np.ndarray:
    """Convert geometries from storage CRS to `config.METRIC_CRS` without asking where they are.

    Parameters
    ----------
    shapes
        Geometries in degrees, longitude first; None stays None.
    """
    return _ask_worker(_shapes_to_metric, shapes)


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
    return _ask_worker(_to_metric, lon, lat)


def convert_from_metric(easting_m: float, northing_m: float) -> tuple[float, float]:
    """Convert one point from `config.METRIC_CRS` to storage CRS without asking where it is.

    Returns
    -------
    tuple
        ``(lon, lat)`` in degrees.
    """
    return _ask_worker(_from_metric, easting_m, northing_m)


def _ask_worker(convert_: Callable, *values: object) -> object:
    """Convert in a thread that lasts; the main one does, and need not wait for another."""
    if threading.current_thread() is threading.main_thread():
        return convert_(*values)
    return _metric_worker().submit(convert_, *values).result()


@lru_cache(maxsize=1)
def _metric_worker() -> ThreadPoolExecutor:
    # pyproj keeps a transformer per thread and makes it anew in each, 40 ms; the page asks from a new thread each time.
    return ThreadPoolExecutor(1, thread_name_prefix="gzmap-crs")


def _shapes_to_metric(shapes: np.ndarray) -> np.ndarray:
    return shapely.transform(shapes, _read_transformer(STORAGE_CRS, METRIC_CRS).transform, interleaved=False)


def _to_metric(lon: float, lat: float) -> tuple[float, float]:
    return _read_transformer(STORAGE_CRS, METRIC_CRS).transform(lon, lat)


def _from_metric(easting_m: float, northing_m: float) -> tuple[float, float]:
    return _read_transformer(METRIC_CRS, STORAGE_CRS).transform(easting_m, northing_m)


def describe_transformation(source: str, target: str, *, bbox: np.ndarray | None = None) -> Transformation:
    """Say what PROJ does from one CRS to another, in PROJ's own words.

    Parameters
    ----------
    source, target
        EPSG codes, or the ``crs`` of a frame.
    bbox
        West, south, east, north in degrees: where the data is, for changes of datum; None for the areas of use.

    Raises
    ------
    CRSError
        If a code is unknown or no exact transformation leads there.
    """
    start, end = require_system(source), require_system(target)
    transformer = _find_transformer(start, end, bbox)
    accuracy = transformer.accuracy
    return Transformation(
        crs=end.to_string(),
        crs_name=end.name,
        name=transformer.description,
        accuracy_m=None if accuracy is None or accuracy < 0 else float(accuracy),
        source=start.to_string(),
        source_name=start.name,
        is_coincident=start.geodetic_crs != end.geodetic_crs and _is_coincident(start, end),
    )


def _is_coincident(start: pyproj.CRS, end: pyproj.CRS) -> bool:
    return {start.geodetic_crs.to_epsg(), end.geodetic_crs.to_epsg()} <= set(COINCIDENT)


def _find_transformer(start: pyproj.CRS, end: pyproj.CRS, bbox: np.ndarray | None) -> pyproj.Transformer:
    if start.geodetic_crs == end.geodetic_crs or _is_coincident(start, end):
        return _read_transformer(start.to_string(), end.to_string())
    area = None if bbox is None or np.isnan(bbox).all() else AreaOfInterest(*bbox.tolist())
    with warnings.catch_warnings():
        # That a better one would need a grid shows in the accuracy, which is what decides.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(start, end, always_xy=True, area_of_interest=area)
    best = next(iter(group.transformers), None)
    is_local = {start.geodetic_crs.to_epsg(), end.geodetic_crs.to_epsg()} & set(LOCAL)
    if is_local or best is None or not 0 <= best.accuracy <= WORST_M:
        raise CRSError(
            f"{end.to_string()} ({end.name}) has another datum than {start.to_string()} ({start.name}), and no "
            f"transformation of {WORST_M} m or better is public; use one of {', '.join(DELIVERY_CRS)}.",
            zh=f"{end.to_string()}（{end.name}）与 {start.to_string()}（{start.name}）的大地基准不同，没有公开的、精度 "
            f"{WORST_M} 米以内的转换方法；请用 {'、'.join(DELIVERY_CRS)} 之一。",
        )
    return best


@lru_cache(maxsize=32)
def _read_transformer(start: str, end: str) -> pyproj.Transformer:
    # It takes 40 ms; pyproj keeps one for each thread inside, so that threads may share what is given here.
    return pyproj.Transformer.from_crs(start, end, always_xy=True)


def _transform(transformer: pyproj.Transformer, x: object, y: object) -> tuple:
    try:
        return transformer.transform(x, y, errcheck=True)
    except ProjError as error:
        raise CRSError(f"A coordinate cannot be converted ({error}); use {STORAGE_CRS}.") from None
