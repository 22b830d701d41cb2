"""Coordinate reference systems, ellipsoidal measures and conversions: the only door to pyproj."""

from __future__ import annotations

from gzmap.crs.conversions import (
    Transformation,
    convert,
    convert_from_metric,
    convert_point,
    convert_shapes_to_metric,
    convert_to_metric,
    describe_transformation,
)
from gzmap.crs.displacement import GCJ02_ACCURACY_M, convert_from_gcj02, convert_to_gcj02
from gzmap.crs.measures import (
    build_circle,
    find_area_m2,
    find_areas_m2,
    find_course,
    find_length_m,
    find_lengths_m,
)
from gzmap.crs.readings import Reading, find_readings, format_dms
from gzmap.crs.sources import GCJ02, find_alias, find_boxes, is_local, parse_wkt
from gzmap.crs.systems import describe_crs, dump_projjson, dump_wkt, require, require_code

__all__ = [
    "GCJ02",
    "GCJ02_ACCURACY_M",
    "Reading",
    "Transformation",
    "build_circle",
    "convert",
    "convert_from_gcj02",
    "convert_from_metric",
    "convert_point",
    "convert_shapes_to_metric",
    "convert_to_gcj02",
    "convert_to_metric",
    "describe_crs",
    "describe_transformation",
    "dump_projjson",
    "dump_wkt",
    "find_alias",
    "find_area_m2",
    "find_areas_m2",
    "find_boxes",
    "find_course",
    "find_length_m",
    "find_lengths_m",
    "find_readings",
    "format_dms",
    "is_local",
    "parse_wkt",
    "require",
    "require_code",
]
