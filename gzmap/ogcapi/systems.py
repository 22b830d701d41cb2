"""The coordinate systems of the service: their addresses, the order of their axes, and layers converted to them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import shapely

from gzmap.config import METRIC_CRS, STORAGE_CRS
from gzmap.crs import convert
from gzmap.errors import CRSError

OGC = "http://www.opengis.net/def/crs"


@dataclass(frozen=True)
class System:
    """One coordinate system.

    Attributes
    ----------
    uri
        Its address, by which requests name it (OGC API - Features, Part 2).
    crs
        The EPSG code that our own conversions know.
    is_flipped
        Whether the authority writes the northing or latitude first.
    is_degrees
        Whether the coordinates are degrees, so that a box may cross the 180th meridian.
    decimals
        Decimals that are served, None for those of the file.
    """

    uri: str
    crs: str
    is_flipped: bool
    is_degrees: bool = True
    decimals: int | None = None


CRS84 = System(f"{OGC}/OGC/1.3/CRS84", STORAGE_CRS, is_flipped=False)
SYSTEMS = (
    CRS84,
    System(f"{OGC}/EPSG/0/4326", STORAGE_CRS, is_flipped=True),
    System(f"{OGC}/EPSG/0/4490", "EPSG:4490", is_flipped=True, decimals=8),
    # CGCS2000 / 3-degree Gauss-Kruger CM 114E: X is the northing and comes first, Y the easting.
    System(f"{OGC}/EPSG/0/4547", METRIC_CRS, is_flipped=True, is_degrees=False, decimals=3),
)


def find_fitting(frame: geopandas.GeoDataFrame) -> tuple[System, ...]:
    """Find the systems whose area of use holds a layer; CRS84 is always the first of them."""
    return tuple(system for system in SYSTEMS if _fits(frame, system))


def _fits(frame: geopandas.GeoDataFrame, system: System) -> bool:
    try:
        convert(frame, system.crs)
    except CRSError:
        return False
    return True


def convert_shapes(frame: geopandas.GeoDataFrame, system: System) -> np.ndarray:
    """Convert a layer's geometries.

    Returns
    -------
    numpy.ndarray
        In the frame's order, longitude or easting first, rounded to the decimals of the system; None stays None.

    Raises
    ------
    CRSError
        If the layer is outside the system's area of use.
    """
    shapes = convert(frame, system.crs).geometry.to_numpy()
    if system.decimals is None:
        return shapes
    return shapely.transform(shapes, lambda points: np.round(points, system.decimals))


def flip(shapes: np.ndarray) -> np.ndarray:
    """Exchange the two axes of geometries."""
    return shapely.transform(shapes, lambda points: points[:, ::-1])
