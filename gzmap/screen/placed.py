"""The parcels of a window as areas that can be asked about, and what is wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap import crs as crs_door
from gzmap.config import SITE_VERTICES, STORAGE_CRS, STUDY_BBOX
from gzmap.errors import AreaError
from gzmap.query.ground import REACH_DEG, build_area_error, require_ground
from gzmap.query.grounds import Areas, build_areas
from gzmap.query.shapes import TOUCH_M, repair
from gzmap.screen.parcels import Window
from gzmap.sites.zones import is_within

AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, eq=False)
class Placed:
    """The parcels of a window in storage CRS.

    ``shapes`` has an entry for each, None where it has no area or lies elsewhere; ``sound`` are the places of those
    that can be asked about, ``areas`` these made ready, in the same order; ``faults`` tells by place what is wrong with
    the others; ``mended`` are the places of those that were repaired.
    """

    shapes: np.ndarray
    sound: np.ndarray
    areas: Areas
    faults: dict[int, AreaError]
    mended: np.ndarray


def place_parcels(window: Window) -> Placed:
    """Take the parcels of a window to storage CRS and make sure of each, by the rules of `query.ground`."""
    raw = shapely.from_wkb(window.wkb.to_numpy(zero_copy_only=False), on_invalid="ignore")
    faults = _find_unreadable(raw, window)
    shapes = shapely.force_2d(raw)
    code = STORAGE_CRS if window.crs == crs_door.GCJ02 else window.crs
    shapes = _convert(shapes, _find_near(shapes, code, faults), code)
    if window.crs == crs_door.GCJ02:
        shapes = shapely.transform(shapes, crs_door.convert_from_gcj02, interleaved=False)
    is_there = ~shapely.is_missing(shapes)
    crossing = np.flatnonzero(is_there & ~shapely.is_valid(shapes))
    mended = crossing if window.repair else crossing[:0]
    shapes[mended] = repair(shapes[mended])
    _find_faults(shapes, faults)
    sound = np.array([n for n in np.flatnonzero(is_there).tolist() if n not in faults], dtype=int)
    areas = build_areas(shapes[sound])
    narrow = shapely.is_empty(areas.inner)
    if narrow.any():
        faults |= {int(n): build_area_error("area-narrow", least=2 * TOUCH_M) for n in sound[narrow]}
        sound = sound[~narrow]
        areas = build_areas(shapes[sound])
    return Placed(shapes, sound, areas, faults, np.array([n for n in mended.tolist() if n not in faults], dtype=int))


def _find_unreadable(shapes: np.ndarray, window: Window) -> dict[int, AreaError]:
    """Tell what is nothing, and what is no geometry that is read, such as a surface with curved edges."""
    faults = {}
    for number in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)).tolist():
        is_odd = shapes[number] is None and window.wkb[number].is_valid
        told = {"kind": "curve or broken"} if is_odd else {}
        faults[number] = build_area_error("area-kind" if is_odd else "area-empty", **told)
    return faults


def _find_near(shapes: np.ndarray, code: str, faults: dict[int, AreaError]) -> np.ndarray:
    """Tell which shapes lie where parcels can be asked about; adds what is wrong with the others."""
    bounds = shapely.bounds(shapes)
    boxes = crs_door.find_boxes(bounds, code)
    west, south, east, north = STUDY_BBOX
    near = is_within(boxes, (west - REACH_DEG, south - REACH_DEG, east + REACH_DEG, north + REACH_DEG))
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    # Bounds leave out what is no number.
    for number in np.unique(owners[~np.isfinite(points).all(axis=1)]).tolist():
        near[number] = False
        faults[number] = build_area_error("area-infinite")
    for number in np.flatnonzero(~near).tolist():
        if number not in faults:
            faults[number] = _refuse_place(bounds[number], boxes[number])
    return near


def _refuse_place(bounds: np.ndarray, box: np.ndarray) -> AreaError:
    # Where exchanged degrees lie cannot be told; there is a message of its own for them.
    told = box if np.isfinite(box).all() else bounds
    # Of a line or point the bounds have no extent: what is asked is only where they are.
    fault = find_fault(shapely.box(*(told + np.array([-1, -1, 1, 1]) * 1e-6)))
    return fault or build_area_error("area-degrees", at="{:.10g}, {:.10g} – {:.10g}, {:.10g}".format(*told))


def _convert(shapes: np.ndarray, near: np.ndarray, code: str) -> np.ndarray:
    kept = np.where(near, shapes, None)
    return crs_door.convert(geopandas.GeoDataFrame(geometry=kept, crs=code), STORAGE_CRS).geometry.to_numpy().copy()


def _find_faults(shapes: np.ndarray, faults: dict[int, AreaError]) -> None:
    """Ask `query.ground` what is wrong with those that are not plainly well."""
    is_area = np.isin(shapely.get_type_id(shapes), AREAS) & (shapely.get_num_coordinates(shapes) <= SITE_VERTICES)
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    is_well = is_area & finite & shapely.is_valid(shapes)
    for number in np.flatnonzero(~is_well & ~shapely.is_missing(shapes)).tolist():
        fault = find_fault(shapes[number])
        if fault is not None:
            faults.setdefault(number, fault)


def find_fault(shape: BaseGeometry) -> AreaError | None:
    """Find what is wrong with an area; None when it can be asked about."""
    try:
        require_ground(shape)
    except AreaError as fault:
        return fault
    return None
