"""Make layers/biodiversity_hotspots.geojson from hotspots.json, by one rule.

    python layers/scripts/make_hotspots.py

A place that is named whole gives a disc of `radius_m` about its label, a place of which only one side is named
gives its label point alone; the convex hull of these is cut by the named district. Where an official area is stated
instead, the figure is one disc of that area.
"""

from __future__ import annotations

import math
from typing import Any

import shapely
from drawing import build_feature, describe, read_input, save
from geodraw import read_districts, to_degrees, to_metres
from shapely.geometry import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

LAYER = "biodiversity_hotspots"
LARGEST_SHARE = 0.6
DISC_SEGMENTS = 16


def disc_radius_m(area_km2: float) -> float:
    """Radius in metres of a circle with this area."""
    return math.sqrt(area_km2 * 1e6 / math.pi)


def draw_area(entry: dict[str, Any], district: BaseGeometry) -> BaseGeometry:
    """Draw a hotspot by the rule of this script.

    Parameters
    ----------
    entry
        One feature of hotspots.json.
    district
        WGS 84 polygons that the figure must stay within.

    Raises
    ------
    ValueError
        If the figure would fill most of the district.
    """
    radius_m = disc_radius_m(entry["off_km2"]) if entry["off_km2"] else entry["radius_m"]
    figures = [to_metres(Point(place["at"])) for place in entry["partly"]]
    figures += [to_metres(Point(place["at"])).buffer(radius_m, quad_segs=DISC_SEGMENTS) for place in entry["whole"]]
    bounds = to_metres(district)
    figure = shapely.union_all(figures).convex_hull.intersection(bounds)
    if figure.area > LARGEST_SHARE * bounds.area:
        raise ValueError(f"{entry['name']} would fill {figure.area / bounds.area:.0%} of its district")
    return to_degrees(figure)


def main() -> None:
    """Write the file."""
    districts, features = read_districts(), []
    for entry in read_input("hotspots.json"):
        area = draw_area(entry, districts[entry["district"]])
        geometry = area if area.geom_type == "MultiPolygon" else MultiPolygon([area])
        limits = [place["name"] for place in entry["whole"]]
        limits += [f"{place['name']}({place['side']})" for place in entry["partly"]]
        extra = {"limits": "|".join(limits), "off_km2": entry["off_km2"]}
        features.append(build_feature(f"{LAYER}.{entry['id']}", describe(entry, geometry) | extra, geometry))
    save(LAYER, features)


if __name__ == "__main__":
    main()
