"""Which coordinate reference systems there are, which of them fit, and which are none."""

from __future__ import annotations

import json
import re
from functools import lru_cache

import geopandas
import numpy as np
import pyproj
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import CRSError as ProjCRSError

from gzmap.config import DELIVERY_CRS, STORAGE_CRS
from gzmap.errors import CRSError

EPSG_CODE = re.compile(r"EPSG:\d{4,6}")
FOR_DISPLAY = "EPSG:3857"
"""Web Mercator: offered, never advised, for its lengths are 9 % too long here."""

NO_CRS = {
    "gcj02": (
        "a displacement of WGS 84 by some 500 m (火星坐标), not a CRS: no exact way back is public",
        "它是把 WGS 84 挪动约 500 米的“火星坐标”，不是坐标系，也没有公开的准确还原方法",
    ),
    "bd09": (
        "Baidu's displacement of GCJ-02, not a CRS: no exact way back is public",
        "它是百度对 GCJ-02 的再次挪动，不是坐标系，也没有公开的准确还原方法",
    ),
    "gz2000": (
        "a local system whose parameters are not public; ask the office that keeps them to convert",
        "它是参数不公开的地方坐标系，请由掌握参数的部门转换",
    ),
}
"""What people take for a CRS, and why it is none, in English and in Chinese."""

ALIASES = {
    **dict.fromkeys(("gcj02", "gcj2", "mars", "火星坐标", "火星坐标系", "amap", "高德坐标"), "gcj02"),
    **dict.fromkeys(("bd09", "bd9", "bd09ll", "bd09mc", "baidu", "百度坐标", "百度坐标系"), "bd09"),
    **dict.fromkeys(("gz2000", "guangzhou2000", "广州2000", "广州2000坐标系", "广州市2000"), "gz2000"),
}
"""Names under which people ask for what is no CRS, folded."""

SOURCE_MARGIN_DEG = 6
"""Degrees by which data may leave the area of use of its own CRS before the CRS is believed to be wrong."""


def require(frame: geopandas.GeoDataFrame, crs: str = STORAGE_CRS) -> geopandas.GeoDataFrame:
    """Return a frame whose CRS is the one expected, or raise.

    Parameters
    ----------
    frame
        Any frame; it is returned as it is.
    crs
        The expected code, for instance ``"EPSG:4326"``.

    Raises
    ------
    CRSError
        If the frame has no CRS or a different one.
    """
    if frame.crs is None:
        raise CRSError(f"The data has no CRS; set it to {crs} if its coordinates are that.")
    if frame.crs != require_system(crs):
        raise CRSError(f"The data is in {frame.crs.to_string()}, but {crs} is needed; convert it first.")
    return frame


def require_code(crs: object) -> str:
    """Return the EPSG code of a CRS, upper case.

    Parameters
    ----------
    crs
        A code such as ``"epsg:4547"``, or the ``crs`` of a frame.

    Raises
    ------
    CRSError
        If it is none, or has no EPSG code.
    """
    return require_system(crs).to_string() if isinstance(crs, str) else _code_of(pyproj.CRS.from_user_input(crs))


def _code_of(system: pyproj.CRS) -> str:
    number = system.to_epsg() or _nearest_epsg(system)
    if number is None:
        raise CRSError(
            f"The CRS {system.name!r} has no EPSG code; set the code that it is, for instance with "
            "set_crs('EPSG:4547', allow_override=True)."
        )
    return f"EPSG:{number}"


def _nearest_epsg(system: pyproj.CRS) -> int | None:
    """Find the code of a CRS in Esri's words, whose names differ: the same ellipsoid, projection and parameters."""
    number = system.to_epsg(min_confidence=25)
    is_same = number is not None and pyproj.CRS.from_epsg(number).equals(system, ignore_axis_order=True)
    return number if is_same else None


def require_system(crs: object) -> pyproj.CRS:
    """Return a plane or geographic CRS.

    Raises
    ------
    CRSError
        If it is none, not known, or neither plane nor geographic; what people take for a CRS is named with the reason.
    """
    offered, offered_zh = f"use one of {', '.join(DELIVERY_CRS)}", f"请用 {'、'.join(DELIVERY_CRS)} 之一"
    code = (crs if isinstance(crs, str) else require_code(crs)).upper()
    if not EPSG_CODE.fullmatch(code):
        folded = re.sub(r"[\W_]", "", code).lower()
        known = NO_CRS.get(ALIASES.get(folded, ""))
        reason, reason_zh = (f" and is {known[0]}", known[1]) if known else (", written like EPSG:4547", "")
        raise CRSError(
            f"{crs!r} is not an EPSG code{reason}; {offered}.",
            zh=f"“{crs}”不是 EPSG 代号（应写成 EPSG:4547 这样）{reason_zh and '：' + reason_zh}；{offered_zh}。",
        )
    try:
        found = _read_system(code)
    except ProjCRSError:
        raise CRSError(f"{code} is not known; {offered}.", zh=f"没有 {code} 这个代号；{offered_zh}。") from None
    if not (found.is_projected or found.is_geographic) or len(found.axis_info) != 2:
        raise CRSError(
            f"{code} ({found.name}) is neither plane nor geographic; {offered}.",
            zh=f"{code}（{found.name}）既不是平面坐标系也不是经纬度坐标系；{offered_zh}。",
        )
    return found


@lru_cache(maxsize=64)
def _read_system(code: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(code)


def describe_crs(crs: str) -> str:
    """Give the name of a CRS, such as ``CGCS2000 / 3-degree Gauss-Kruger CM 114E``.

    Raises
    ------
    CRSError
        If the code is unknown.
    """
    return require_system(crs).name


def dump_wkt(crs: str) -> str:
    """Give a CRS as the text of a Shapefile's ``.prj``: WKT 1 as Esri writes it.

    Raises
    ------
    CRSError
        If the code is unknown.
    """
    return require_system(crs).to_wkt("WKT1_ESRI")


def dump_projjson(crs: str) -> dict:
    """Give a CRS as PROJJSON, as GeoParquet wants it.

    Raises
    ------
    CRSError
        If the code is unknown.
    """
    return json.loads(require_system(crs).to_json())


def is_inside(bbox: np.ndarray, system: pyproj.CRS, *, margin_deg: float = 0) -> bool:
    """Tell whether a bbox in degrees lies in the area of use of a CRS, widened by a margin."""
    area = system.area_of_use
    west, south, east, north = bbox
    return (
        area is not None
        and area.west - margin_deg <= west <= east <= area.east + margin_deg
        and area.south - margin_deg <= south <= north <= area.north + margin_deg
    )


def require_inside(bbox: np.ndarray, system: pyproj.CRS) -> None:
    """Raise where a bbox leaves the area of use of a CRS.

    Parameters
    ----------
    bbox
        West, south, east, north in degrees; NaN when nothing is located.
    system
        The CRS.

    Raises
    ------
    CRSError
        Naming the codes that fit.
    """
    if np.isnan(bbox).all() or is_inside(bbox, system):
        return
    fitting = [f"{c.to_string()} ({c.name})" for c in _find_fitting(bbox, system)]
    remedy = f"use {' or '.join(fitting)}" if fitting else "correct the coordinates"
    remedy_zh = f"请用 {' 或 '.join(fitting)}" if fitting else "请核对坐标"
    west, south, east, north = bbox
    area = system.area_of_use
    used = f"东经 {area.west}–{area.east}，北纬 {area.south}–{area.north}" if area else "未说明"
    raise CRSError(
        f"The data ({_format_bbox(bbox)}) is not inside the area of use of "
        f"{system.to_string()} ({system.name}: {_format_area(system)}); {remedy}.",
        zh=f"数据（东经 {west:.3f}–{east:.3f}，北纬 {south:.3f}–{north:.3f}）超出 {system.to_string()}"
        f"（{system.name}）的适用范围（{used}）；{remedy_zh}。",
    )


def require_source(bbox: np.ndarray, system: pyproj.CRS) -> None:
    """Raise where data is so far from the area of use of its own CRS that the CRS must be wrong.

    Raises
    ------
    CRSError
        If so; the bbox is in degrees, as that CRS would have it.
    """
    if np.isnan(bbox).all() or is_inside(bbox, system, margin_deg=SOURCE_MARGIN_DEG):
        return
    raise CRSError(
        f"Read as {system.to_string()} ({system.name}), the data lies at {_format_bbox(bbox)}, far from where that CRS "
        f"is used ({_format_area(system)}); set the CRS that the coordinates are in, easting or longitude first."
    )


def _format_bbox(bbox: np.ndarray) -> str:
    west, south, east, north = bbox
    return f"{west:.3f} to {east:.3f} E, {south:.3f} to {north:.3f} N"


def _format_area(system: pyproj.CRS) -> str:
    area = system.area_of_use
    return f"{area.west} to {area.east} E, {area.south} to {area.north} N" if area else "not stated"


def _find_fitting(bbox: np.ndarray, system: pyproj.CRS) -> list[pyproj.CRS]:
    """Find CRSs to advise: of the offered ones the likest, and the right zone of the series that was asked for."""
    if not np.isfinite(bbox).all() or np.abs(bbox[[0, 2]]).max() > 180 or np.abs(bbox[[1, 3]]).max() > 90:
        return []
    known = [require_system(code) for code in DELIVERY_CRS if code != FOR_DISPLAY]
    fitting = [c for c in known if c != system and is_inside(bbox, c)]
    fitting.sort(key=lambda c: (c.is_projected != system.is_projected, c.geodetic_crs != system.geodetic_crs))
    zones = _find_zones(bbox, system)
    if system.is_projected and (zones or any(c.is_projected for c in fitting)):
        fitting = [c for c in fitting if c.is_projected]
    return list(dict.fromkeys([*fitting[:1], *zones]))


def _find_zones(bbox: np.ndarray, system: pyproj.CRS) -> list[pyproj.CRS]:
    """Find the zones of a projected CRS's own series, such as its UTM zones, that hold a bbox."""
    stem = _stem(system.name)
    if not system.is_projected or stem == system.name:
        return []
    west, south, east, north = bbox.tolist()
    area = AreaOfInterest(west, south, east, north)
    infos = query_crs_info("EPSG", PJType.PROJECTED_CRS, area_of_interest=area, contains=True)
    found = [require_system(f"EPSG:{info.code}") for info in infos if _stem(info.name) == stem]
    return [c for c in found if is_inside(bbox, c)]


def _stem(name: str) -> str:
    return re.sub(r"\d+[A-Z]?$", "", name)
