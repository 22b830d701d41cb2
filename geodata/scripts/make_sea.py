"""Make geodata/water_sea.geojson: the estuary near Guangzhou, from OpenStreetMap's coastline.

python geodata/scripts/make_sea.py
"""

from __future__ import annotations

import shapely
from coast import read_land
from geodraw import ENTERED, ROOT, build_feature, to_degrees, to_metres, write_layer
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

OUTPUT = ROOT / "geodata" / "water_sea.geojson"
# The window keeps clear of the waters of Hong Kong and Macao, whose limits are not drawn.
WINDOW = Polygon([(113.50, 22.48), (113.72, 22.48), (113.80, 22.56), (113.80, 22.80), (113.50, 22.80)])
TOLERANCE_M = 50.0
SMALLEST_M2 = 100_000.0
NOTE = "由开放街图海岸线在珠江口近广州一侧截取并化简（约50米）；窗口边缘不是岸线；虎门以内见水道中线。"


def draw_sea(land: BaseGeometry) -> BaseGeometry:
    """Water of the window: what is not land, without islets and puddles below `SMALLEST_M2`, simplified."""
    water = to_metres(WINDOW).difference(to_metres(land)).simplify(TOLERANCE_M).buffer(0)
    parts = [part for part in shapely.get_parts(water) if part.area > SMALLEST_M2]
    drawn = [Polygon(p.exterior, [ring for ring in p.interiors if Polygon(ring).area > SMALLEST_M2]) for p in parts]
    return shapely.set_precision(to_degrees(MultiPolygon(drawn)), 1e-6)


def main() -> None:
    """Write the file."""
    properties = {
        "name": "珠江口",
        "name_en": "Pearl River Estuary",
        "aliases": "伶仃洋",
        "source_id": "osm_coast",
        "method": "derived",
        "accuracy_m": 200,
        "entered": ENTERED,
        "notes": NOTE,
    }
    write_layer(OUTPUT, [build_feature("water_sea.estuary", properties, draw_sea(read_land(WINDOW)))])


if __name__ == "__main__":
    main()
