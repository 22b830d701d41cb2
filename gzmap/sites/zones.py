"""Gauss-Krüger zones of CGCS2000: their EPSG codes, and which of them would put given numbers into Guangzhou."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gzmap import crs as crs_door
from gzmap.config import HOME_BBOX, SITE_MARGIN_DEG, STUDY_BBOX

CODES = {
    # width in degrees: first zone, its code with the zone before the easting, its code without
    3: (25, 4513, 4534),
    6: (13, 4491, 4502),
}
LAST_ZONES = {3: 45, 6: 23}
PREFIX_M = 1_000_000
"""Eastings from here on begin with the number of their zone."""

CANDIDATES = (
    *("EPSG:4490", "EPSG:4547", "EPSG:4526", "EPSG:4546", "EPSG:4525", "EPSG:4548", "EPSG:4527"),
    *("EPSG:4497", "EPSG:4498", "EPSG:4509", "EPSG:32649", "EPSG:32650", "EPSG:3857"),
)
"""What data of Guangzhou comes in, the likeliest first. 4508 is left out: it gives the numbers of 4546."""

MILLIMETRES = 1000
MOST = 0.5
"""Share of the shapes of a file that must lie in Guangzhou for its CRS to be believed."""


def find_zone_code(width_deg: int, zone: int, *, has_prefix: bool) -> str:
    """Give the EPSG code of a zone of CGCS2000; nothing when there is none.

    Parameters
    ----------
    width_deg
        3 or 6.
    zone
        The zone's number, such as 38 for the three degrees around 114°E.
    has_prefix
        Whether eastings begin with that number.

    Notes
    -----
    EPSG numbers the zones in one row: 4513 to 4533 are the 3-degree zones 25 to 45, 4534 to 4554 the same without
    prefix; 4491 to 4501 the 6-degree zones 13 to 23, 4502 to 4512 the same without prefix.
    """
    if width_deg not in CODES:
        return ""
    first, with_prefix, without = CODES[width_deg]
    if not first <= zone <= LAST_ZONES[width_deg]:
        return ""
    return f"EPSG:{(with_prefix if has_prefix else without) + zone - first}"


def flip(bounds: np.ndarray) -> np.ndarray:
    """Exchange the two axes of rows of bounds."""
    return bounds[:, [1, 0, 3, 2]]


def is_near(boxes: np.ndarray) -> np.ndarray:
    """Tell which boxes in degrees lie in Guangzhou or near it, so that their CRS may be believed.

    Those that lie in it or within the margin do, and those that touch it and do not leave the study area.
    """
    return is_within(boxes, widen_home(SITE_MARGIN_DEG)) | (is_within(boxes, STUDY_BBOX) & is_meeting(boxes))


def widen_home(margin_deg: float) -> np.ndarray:
    """Give `config.HOME_BBOX`, wider on each side."""
    return np.array(HOME_BBOX) + np.array([-1, -1, 1, 1]) * margin_deg


def is_meeting(boxes: np.ndarray, *, margin_deg: float = 0) -> np.ndarray:
    """Tell which boxes in degrees have a point in common with Guangzhou's, widened by a margin."""
    home = widen_home(margin_deg)
    return (boxes[:, :2] <= home[2:]).all(axis=1) & (boxes[:, 2:] >= home[:2]).all(axis=1)


def is_within(boxes: np.ndarray, limits: Sequence[float]) -> np.ndarray:
    """Tell which boxes lie wholly within limits: west, south, east, north. NaN lies nowhere."""
    return (boxes[:, :2] >= limits[:2]).all(axis=1) & (boxes[:, 2:] <= limits[2:]).all(axis=1)


def find_fitting(bounds: np.ndarray, code: str) -> np.ndarray:
    """Tell which bounds, easting or longitude first, lie in Guangzhou or near it when read in a CRS."""
    return is_near(crs_door.find_boxes(bounds, code))


def is_fitting(bounds: np.ndarray, code: str) -> bool:
    """Tell whether most bounds lie in Guangzhou when read in a CRS: a drawing may have a stray line at its origin."""
    return bool(find_fitting(bounds, code).mean() >= MOST)


def find_candidates(bounds: np.ndarray) -> tuple[str, ...]:
    """Find the CRSs that would put numbers into Guangzhou, in either order of the axes, the likeliest first.

    Parameters
    ----------
    bounds
        Rows of smallest and largest first and second number.
    """
    return tuple(code for code in CANDIDATES if is_fitting(bounds, code) or is_fitting(flip(bounds), code))


def is_in_millimetres(bounds: np.ndarray) -> bool:
    """Tell whether numbers would lie in Guangzhou if they were thousandths of metres."""
    return any(code != CANDIDATES[0] for code in find_candidates(bounds / MILLIMETRES))
