"""A point in every system that people here ask for, as JSON for the panel of coordinates."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gzmap.crs import GCJ02, Reading, find_readings, format_dms
from gzmap.errors import CRSError, QueryError, SiteError
from gzmap.sites import parse_point

DECIMALS = range(3, 8)
"""Decimals of degrees that may be asked for: from 100 m to 1 cm."""

USUAL_DECIMALS = 4
"""About 10 m, which is what a place pointed at on a map is worth, and the most that public maps show."""

METRE_DECIMALS = 5
"""Decimals of degrees that are about a metre; what is beyond them is decimals of metres."""

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def serve_coordinates(request: Request) -> Response:
    """Answer with one point in every system; what is no point earns 400.

    ``?lon=…&lat=…[&decimals=4]`` is a place of the map, ``?text=…[&crs=…]`` what a person typed: then ``notes`` say how
    it was read. Messages and notes are told in Chinese and English.
    """
    try:
        answer = _describe_typed(request) if "text" in request.query_params else _describe_place(request)
    except SiteError as error:
        told = {"message": str(error), "message_zh": error.zh, "suggestions": list(error.suggestions)}
        return JSONResponse({"error": error.code, **told}, status_code=400, headers=HEADERS)
    except (CRSError, QueryError) as error:
        return JSONResponse({"error": "bad-request", "message": str(error)}, status_code=400, headers=HEADERS)
    return JSONResponse(answer, headers=HEADERS)


def _describe_place(request: Request) -> dict:
    decimals = _read_decimals(request)
    # Rounded before it is converted: no system may tell more of a place on the map than another.
    lon, lat = (round(_read_number(request, name), decimals) for name in ("lon", "lat"))
    return describe_point(lon, lat, decimals=decimals)


def _describe_typed(request: Request) -> dict:
    spot = parse_point(request.query_params["text"], crs=request.query_params.get("crs", ""))
    notes = [{"code": note.code, "zh": note.zh, "en": note.en} for note in spot.notes]
    decimals = USUAL_DECIMALS if spot.crs == GCJ02 else DECIMALS[-1]
    return describe_point(spot.lon, spot.lat, decimals=decimals) | {"crs": spot.crs, "notes": notes}


def _read_number(request: Request, name: str) -> float:
    """Read a parameter that must be one number.

    Raises
    ------
    QueryError
        If it is none.
    """
    given = request.query_params.getlist(name)
    try:
        [text] = given
        return float(text)
    except ValueError:
        raise QueryError(f"{name!r} is {given}; ask for /coordinates?lon=113.2644&lat=23.1291.") from None


def _read_decimals(request: Request) -> int:
    text = request.query_params.get("decimals", str(USUAL_DECIMALS))
    if text not in map(str, DECIMALS):
        raise QueryError(f"'decimals' is {text!r}; give {DECIMALS[0]} to {DECIMALS[-1]}.")
    return int(text)


def describe_point(lon: float, lat: float, *, decimals: int = USUAL_DECIMALS) -> dict:
    """Write a point in every system.

    Parameters
    ----------
    lon, lat
        Decimal degrees (WGS 84), in that order.
    decimals
        Of degrees as written; metres are rounded to match, seconds to a little better.

    Returns
    -------
    dict
        ``lon`` and ``lat`` as rounded, and ``readings`` of ``{"crs", "x", "y", "dms", "reason"}``: text without
        thousands marks, longitude or easting in ``x``; ``dms`` is longitude and latitude in degrees, minutes and
        seconds, None for metres; all three are None where the system does not reach, and ``reason`` says why.

    Raises
    ------
    CRSError
        If the point is not on the earth.
    """
    readings = find_readings(lon, lat)
    return {
        "lon": round(lon, decimals),
        "lat": round(lat, decimals),
        "readings": [_describe(reading, decimals) for reading in readings],
    }


def _describe(reading: Reading, decimals: int) -> dict:
    told = {"crs": reading.crs, "x": None, "y": None, "dms": None, "reason": reading.reason}
    if reading.x is None or reading.y is None:
        return told
    pair = (reading.x, reading.y)
    digits = decimals if reading.is_degrees else max(0, decimals - METRE_DECIMALS)
    told["x"], told["y"] = (f"{value:.{digits}f}" for value in pair)
    if reading.is_degrees:
        told["dms"] = [format_dms(value, decimals=max(1, decimals - 4)) for value in pair]
    return told
