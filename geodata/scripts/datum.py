"""GCJ-02, the displaced datum of Chinese web maps, and its way back to WGS 84."""

from __future__ import annotations

import math

import numpy as np

SEMI_MAJOR_M = 6_378_245.0
ECCENTRICITY_2 = 0.006_693_421_622_965_943
LARGEST_STEP_DEG = 1e-11


def displace(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift WGS 84 positions to GCJ-02.

    The series is the publicly known one (Krasovsky ellipsoid, origin 105°E 35°N).

    Parameters
    ----------
    lon, lat
        WGS 84 degrees, longitude first.

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


def restore(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take GCJ-02 positions back to WGS 84, exactly.

    Fixed-point iteration on :func:`displace` until no position moves by more than `LARGEST_STEP_DEG` (a micrometre).

    Parameters
    ----------
    lon, lat
        GCJ-02 degrees, longitude first.

    Returns
    -------
    tuple of arrays
        WGS 84 longitude and latitude in degrees.

    Raises
    ------
    ArithmeticError
        If the iteration does not settle, which positions outside China can cause.
    """
    found_lon, found_lat = np.array(lon, float), np.array(lat, float)
    for _ in range(60):
        there_lon, there_lat = displace(found_lon, found_lat)
        step_lon, step_lat = lon - there_lon, lat - there_lat
        found_lon, found_lat = found_lon + step_lon, found_lat + step_lat
        if max(np.abs(step_lon).max(initial=0), np.abs(step_lat).max(initial=0)) < LARGEST_STEP_DEG:
            return found_lon, found_lat
    raise ArithmeticError("GCJ-02 could not be inverted; are the positions inside China?")
