"""One point in every system that people here ask for, and its degrees written as people write them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gzmap.crs.conversions import convert_point
from gzmap.crs.displacement import CHINA_BBOX, convert_to_gcj02
from gzmap.crs.sources import GCJ02
from gzmap.errors import CRSError

READING_CRS = ("EPSG:4326", "EPSG:4490", "EPSG:4547", "EPSG:4526")
"""Systems in which a point is told: degrees first, then metres without and with the number of the zone."""

DEGREES = ("EPSG:4326", "EPSG:4490", GCJ02)


@dataclass(frozen=True)
class Reading:
    """A point in one system.

    ``crs`` is an EPSG code, or ``GCJ-02``, which is a displacement and no CRS, told to compare with web maps. ``x`` and
    ``y`` are longitude and latitude in degrees, or easting and northing in metres (which surveyors call y and x); both
    are None where the system does not reach, and ``reason`` says why.
    """

    crs: str
    x: float | None
    y: float | None
    reason: str = ""

    @property
    def is_degrees(self) -> bool:
        """Whether ``x`` and ``y`` are longitude and latitude."""
        return self.crs in DEGREES


def find_readings(lon: float, lat: float) -> tuple[Reading, ...]:
    """Read a point in every system of `READING_CRS`, and in GCJ-02.

    Parameters
    ----------
    lon, lat
        Decimal degrees (WGS 84), in that order.

    Returns
    -------
    tuple
        One reading for each, in that order.

    Raises
    ------
    CRSError
        If the point is not on the earth.
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise CRSError(f"{lon}, {lat} is no place on the earth; give longitude and latitude in degrees, in that order.")
    return tuple(_read(crs, lon, lat) for crs in (*READING_CRS, GCJ02))


def _read(crs: str, lon: float, lat: float) -> Reading:
    try:
        x, y = _displace(lon, lat) if crs == GCJ02 else convert_point(lon, lat, crs)
    except CRSError as error:
        return Reading(crs, None, None, str(error))
    return Reading(crs, float(x), float(y))


def _displace(lon: float, lat: float) -> tuple[float, float]:
    west, south, east, north = CHINA_BBOX
    if not (west <= lon <= east and south <= lat <= north):
        raise CRSError(f"{lon:.4f}, {lat:.4f} lies outside China, where there is no {GCJ02}; use EPSG:4326.")
    return convert_to_gcj02(lon, lat)


def format_dms(degrees: float, *, decimals: int = 1) -> str:
    """Write an angle in degrees, minutes and seconds: ``113°19′15.6″``.

    Parameters
    ----------
    degrees
        Decimal degrees; the sign stands in front.
    decimals
        Digits of the seconds; rounding carries, so that there are never 60 of them.
    """
    unit = 10**decimals
    seconds, rest = divmod(round(abs(degrees) * 3600 * unit), unit)
    minutes, seconds = divmod(seconds, 60)
    whole, minutes = divmod(minutes, 60)
    tail = f".{rest:0{decimals}d}" if decimals else ""
    sign = "-" if degrees < 0 and (whole or minutes or seconds or rest) else ""
    return f"{sign}{whole}°{minutes:02d}′{seconds:02d}{tail}″"
