"""Coordinate reference systems, ellipsoidal measures and conversions: the only door to pyproj."""

from __future__ import annotations

from gzmap.crs.conversions import (
    Transformation,
    convert,
    convert_point,
    convert_shapes_to_metric,
    convert_to_metric,
    describe_transformation,
)
from gzmap.crs.measures import build_circle, find_area_m2, find_length_m
from gzmap.crs.systems import describe_crs, dump_projjson, dump_wkt, require, require_code

__all__ = [
    "Transformation",
    "build_circle",
    "convert",
    "convert_point",
    "convert_shapes_to_metric",
    "convert_to_metric",
    "describe_crs",
    "describe_transformation",
    "dump_projjson",
    "dump_wkt",
    "find_area_m2",
    "find_length_m",
    "require",
    "require_code",
]
