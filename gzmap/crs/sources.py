"""Where coordinates would lie if they were of a CRS: for data that does not say it, or says the wrong one."""

from __future__ import annotations

import re

import numpy as np
import pyproj
from pyproj.exceptions import CRSError as ProjCRSError

from gzmap.config import STORAGE_CRS
from gzmap.crs.conversions import LOCAL, _metric_worker, _read_transformer
from gzmap.crs.systems import ALIASES, require_code, require_system
from gzmap.errors import CRSError

GCJ02 = "GCJ-02"
"""What `find_alias` answers for the displaced coordinates of web maps; never a CRS."""

NAMES = {"gcj02": GCJ02, "bd09": "BD-09", "gz2000": "广州2000"}

LOCAL_NAMES = re.compile(r"beijing.?_?(19)?54|xian.?_?(19)?80|guangzhou|广州|北京.?54|西安.?80", re.IGNORECASE)
"""Names of a datum from which no exact transformation is public."""


def find_alias(crs: str) -> str:
    """Tell which of the things that people take for a CRS a word means.

    Returns
    -------
    str
        ``"GCJ-02"``, ``"BD-09"``, ``"广州2000"``, or nothing for any other word.
    """
    return NAMES.get(ALIASES.get(re.sub(r"[\W_]", "", crs).lower(), ""), "")


def is_local(crs: object) -> bool:
    """Tell whether a CRS has a datum that cannot be taken to WGS 84 exactly: Beijing 1954, Xian 1980, a city's own.

    Parameters
    ----------
    crs
        An EPSG code, or the ``crs`` of a frame; WKT without a code is judged by its names.

    Raises
    ------
    CRSError
        If it is a code that is not known.
    """
    system = require_system(crs) if isinstance(crs, str) else pyproj.CRS.from_user_input(crs)
    datum = system.geodetic_crs
    names = f"{system.name} {datum.name if datum else ''} {datum.datum.name if datum and datum.datum else ''}"
    return (datum is not None and datum.to_epsg() in LOCAL) or LOCAL_NAMES.search(names) is not None


def parse_wkt(text: str) -> str:
    """Read which CRS a text means, such as that of a Shapefile's ``.prj``.

    Returns
    -------
    str
        Its EPSG code; its name where it has none; nothing where the text is no WKT.
    """
    try:
        system = pyproj.CRS.from_wkt(text)
    except ProjCRSError:
        return ""
    try:
        return require_code(system)
    except CRSError:
        return system.name or "unknown"


def find_boxes(bounds: np.ndarray, crs: str) -> np.ndarray:
    """Find where bounds of a CRS lie, without asking whether they may be there.

    Parameters
    ----------
    bounds
        Rows of smallest x, smallest y, largest x, largest y: easting or longitude first.
    crs
        EPSG code that they are read in.

    Returns
    -------
    ndarray
        Rows of west, south, east, north of the four corners in degrees (storage CRS); NaN where PROJ cannot tell, or
        where degrees are no degrees.

    Raises
    ------
    CRSError
        If the code is not known.
    """
    corners = bounds[:, [0, 2, 0, 2]], bounds[:, [1, 1, 3, 3]]
    # In the one thread that keeps its transformers: many codes are tried, and each would cost 40 ms in a new thread.
    lon, lat = _metric_worker().submit(_to_storage, crs, *corners).result()
    found = np.column_stack([lon.min(axis=1), lat.min(axis=1), lon.max(axis=1), lat.max(axis=1)])
    is_lost = ~np.isfinite(found).all(axis=1)
    if require_system(crs).is_geographic:
        is_lost |= (np.abs(bounds[:, [0, 2]]) > 180).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90).any(axis=1)
    found[is_lost] = np.nan
    return found


def _to_storage(crs: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _read_transformer(crs, STORAGE_CRS).transform(x, y)
