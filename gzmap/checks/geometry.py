"""Checks of geometry: valid, of one type, longitude first, inside the study area, not overprecise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.catalog import parse_geometry
from gzmap.checks.features import spot
from gzmap.checks.findings import Finding, build_finding
from gzmap.checks.reading import Project
from gzmap.config import COORDINATE_DECIMALS, STUDY_BBOX
from gzmap.errors import CatalogError


def check_geometry(project: Project) -> Iterator[Finding]:
    """Find geometries that are unfit to be drawn, measured and delivered."""
    for layer in project.layers:
        for feature in layer.features:
            where = spot(layer, feature)
            try:
                geometry = parse_geometry(feature["geometry"], feature["id"])
            except CatalogError as error:
                wrong = str(error).removeprefix(feature["id"]).partition("; ")[0].strip()
                yield build_finding("geometry-invalid", where, wrong, remedy="redraw it or set it to null")
                continue
            if geometry is not None:
                yield from _check_shape(where, geometry, str(layer.entry["geometry_type"]))
                yield from _check_position(where, geometry)


def _check_shape(where: str, geometry: BaseGeometry, wanted: str) -> Iterator[Finding]:
    if geometry.is_empty:
        yield build_finding("geometry-invalid", where, "the geometry is empty", remedy="set it to null, or draw it")
    elif not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        yield build_finding("geometry-invalid", where, f"the geometry is not valid: {reason}", remedy="redraw it there")
    if geometry.geom_type != wanted:
        wrong = f"the geometry is a {geometry.geom_type}, the layer holds {wanted}"
        yield build_finding("geometry-type", where, wrong, remedy=f"make it a {wanted}, or set it to null")


def _check_position(where: str, geometry: BaseGeometry) -> Iterator[Finding]:
    lonlat = shapely.get_coordinates(geometry)
    outside = lonlat[~_inside(lonlat)]
    if len(outside) and _inside(outside[:, ::-1]).all():
        wrong = f"{len(outside)} of {len(lonlat)} coordinates are latitude first, such as {_say(outside[0])}"
        yield build_finding("lonlat-flipped", where, wrong, remedy="write longitude first, then latitude")
    elif len(outside):
        wrong = f"{len(outside)} of {len(lonlat)} coordinates are outside the study area, such as {_say(outside[0])}"
        yield build_finding("outside-boundary", where, wrong, remedy="correct or clip them; is it WGS 84 in degrees?")
    fine = lonlat[(lonlat != np.round(lonlat, COORDINATE_DECIMALS)).any(axis=1)]
    if len(fine):
        wrong = f"{len(fine)} coordinates have more than {COORDINATE_DECIMALS} decimals, such as {_say(fine[0])}"
        yield build_finding("overprecise", where, wrong, remedy="run `gzmap format`")


def _inside(lonlat: np.ndarray) -> np.ndarray:
    west, south, east, north = STUDY_BBOX
    lon, lat = lonlat.T
    return (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)


def _say(point: np.ndarray) -> str:
    return f"[{point[0]:.10g}, {point[1]:.10g}]"
