"""Measuring, projecting and writing, shared by the scripts that make geodata/ and layers/."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Geod, Transformer
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from gzmap.catalog import dump_layer

ROOT = Path(__file__).resolve().parents[2]
ENTERED = "2026-11-22"
GEOD = Geod(ellps="WGS84")
METRIC_CRS = "EPSG:4547"


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def convert(geometry: BaseGeometry, source: str, target: str) -> BaseGeometry:
    """Project a geometry; coordinates stay in x, y (longitude, latitude) order.

    Parameters
    ----------
    geometry
        Any shapely geometry in `source`.
    source, target
        CRS names such as ``"EPSG:4326"``.
    """
    step = _transformer(source, target)
    return shapely.transform(geometry, lambda xy: np.column_stack(step.transform(xy[:, 0], xy[:, 1])))


def to_metres(geometry: BaseGeometry) -> BaseGeometry:
    """Project WGS 84 degrees to `METRIC_CRS` metres."""
    return convert(geometry, "EPSG:4326", METRIC_CRS)


def to_degrees(geometry: BaseGeometry) -> BaseGeometry:
    """Project `METRIC_CRS` metres back to WGS 84 degrees."""
    return convert(geometry, METRIC_CRS, "EPSG:4326")


def length_km(geometry: BaseGeometry) -> float:
    """Ellipsoidal length in kilometres of lines in WGS 84 degrees, to 0.1."""
    return round(abs(GEOD.geometry_length(geometry)) / 1000, 1)


def area_km2(geometry: BaseGeometry) -> float:
    """Ellipsoidal area in square kilometres of polygons in WGS 84 degrees, to 0.1."""
    oriented = shapely.orient_polygons(geometry)
    return round(abs(GEOD.geometry_area_perimeter(oriented)[0]) / 1e6, 1)


def storable(geometry: BaseGeometry) -> BaseGeometry:
    """Round to 6 decimals and turn exterior rings counter-clockwise (RFC 7946).

    Raises
    ------
    ValueError
        If rounding makes the geometry invalid.
    """
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, 6))
    rounded = shapely.orient_polygons(rounded)
    if not rounded.is_valid:
        raise ValueError(f"invalid after rounding: {shapely.is_valid_reason(rounded)}")
    return rounded


def build_feature(feature_id: str, properties: dict[str, Any], geometry: BaseGeometry | None) -> dict[str, Any]:
    """Make a GeoJSON feature with the members in the project's order.

    Parameters
    ----------
    feature_id
        ``<layer_id>.<local>``.
    properties
        In the order in which they are to be written.
    geometry
        WGS 84 degrees, or None for a thing without a known place.
    """
    stored = None if geometry is None else json.loads(json.dumps(mapping(storable(geometry))))
    return {"type": "Feature", "id": feature_id, "properties": properties, "geometry": stored}


def write_layer(path: Path, features: list[dict[str, Any]]) -> None:
    """Write features with the project's one GeoJSON writer and say what was written."""
    text = dump_layer(features)
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.relative_to(ROOT)}: {len(features)} features, {len(text.encode()) / 1000:.0f} kB")


def read_features(path: Path) -> list[tuple[str, dict[str, Any], BaseGeometry | None]]:
    """Read a GeoJSON file as (id, properties, geometry) in file order."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return [
        (feature.get("id", ""), feature["properties"], feature["geometry"] and shape(feature["geometry"]))
        for feature in document["features"]
    ]


@cache
def read_districts() -> dict[str, BaseGeometry]:
    """Read geodata/districts.geojson as name → WGS 84 polygons."""
    return {row[1]["name"]: row[2] for row in read_features(ROOT / "geodata" / "districts.geojson")}


@cache
def read_cities() -> dict[str, BaseGeometry]:
    """Read geodata/cities.geojson as name → WGS 84 polygons."""
    return {row[1]["name"]: row[2] for row in read_features(ROOT / "geodata" / "cities.geojson")}


def spanned_districts(geometry: BaseGeometry, *, least_m: float = 200.0) -> str:
    """Name the districts that a geometry runs through or along, joined with ``|``.

    Parameters
    ----------
    geometry
        WGS 84 degrees.
    least_m
        A line counts for a district from this length within 60 m of it; an area from the square of it; a point always.

    Returns
    -------
    str
        Names in order of their code; empty if none.
    """
    inside = to_metres(geometry)
    names = []
    for name, outline in read_districts().items():
        reach = to_metres(outline).buffer(0 if inside.area else 60)
        if _measures(reach.intersection(inside), inside, least_m):
            names.append(name)
    return "|".join(names)


def _measures(common: BaseGeometry, whole: BaseGeometry, least_m: float) -> bool:
    if whole.area:
        return common.area > least_m**2
    return common.length > least_m if whole.length else not common.is_empty
