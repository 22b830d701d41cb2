"""GCJ-02, the displaced coordinates of Chinese web maps (火星坐标), and the way back to WGS 84."""

from __future__ import annotations

import math

import numpy as np

from gzmap.errors import CRSError

SEMI_MAJOR_M = 6_378_245.0
ECCENTRICITY_2 = 0.006_693_421_622_965_943
LARGEST_STEP_DEG = 1e-11
CHINA_BBOX = (72.0, 0.8, 137.9, 55.9)
"""Where the displacement applies; elsewhere web maps show WGS 84."""

GCJ02_ACCURACY_M = 20
"""What is believed of a position taken back to WGS 84, in metres: the series is not official. District borders that
were taken back so met a surveyed bridge within 11 m; this is about twice that."""


def convert_to_gcj02(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift WGS 84 positions to GCJ-02.

    The series is the publicly known one (Krasovsky ellipsoid, origin 105°E 35°N), which nobody official has confirmed:
    that of ``EvilTransform.cs`` (project on4wp7, changeset 21483), which all open converters use.

    Parameters
    ----------
    lon, lat
        WGS 84 degrees, longitude first; arrays or numbers.

    Returns
    -------
    tuple of arrays
        GCJ-02 longitude and latitude in degrees.
    """
    x, y = lon - 105.0, lat - 35.0
    ripple = 20 * (np.sin(6 * math.pi * x) + np.sin(2 * math.pi * x))
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += 2 / 3 * (ripple + 20 * np.sin(math.pi * y) + 40 * np.sin(math.pi * y / 3))
    north += 2 / 3 * (160 * np.sin(math.pi * y / 12) + 320 * np.sin(math.pi * y / 30))
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += 2 / 3 * (ripple + 20 * np.sin(math.pi * x) + 40 * np.sin(math.pi * x / 3))
    east += 2 / 3 * (150 * np.sin(math.pi * x / 12) + 300 * np.sin(math.pi * x / 30))
    phi = np.radians(lat)
    w2 = 1 - ECCENTRICITY_2 * np.sin(phi) ** 2
    meridian = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / w2**1.5
    parallel = SEMI_MAJOR_M / np.sqrt(w2) * np.cos(phi)
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def convert_from_gcj02(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take GCJ-02 positions back to WGS 84, within `GCJ02_ACCURACY_M`.

    Fixed-point iteration on `convert_to_gcj02` until no position moves by more than `LARGEST_STEP_DEG` (a micrometre):
    the series itself is inverted exactly; that it is the true displacement is what nobody can vouch for.

    Parameters
    ----------
    lon, lat
        GCJ-02 degrees, longitude first; arrays or numbers.

    Returns
    -------
    tuple of arrays
        WGS 84 longitude and latitude in degrees.

    Raises
    ------
    CRSError
        If a position is outside China, where there is no such displacement.
    """
    found_lon, found_lat = np.array(lon, float), np.array(lat, float)
    west, south, east, north = CHINA_BBOX
    if not np.all((found_lon >= west) & (found_lon <= east) & (found_lat >= south) & (found_lat <= north)):
        raise CRSError("GCJ-02 is defined inside China only; give degrees of longitude and latitude, longitude first.")
    for _ in range(60):
        there_lon, there_lat = convert_to_gcj02(found_lon, found_lat)
        step_lon, step_lat = lon - there_lon, lat - there_lat
        found_lon, found_lat = found_lon + step_lon, found_lat + step_lat
        if max(np.abs(step_lon).max(initial=0), np.abs(step_lat).max(initial=0)) < LARGEST_STEP_DEG:
            return found_lon, found_lat
    raise CRSError("A GCJ-02 position could not be taken back to WGS 84; correct the coordinates.")
