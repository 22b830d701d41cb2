"""Make geodata/labels.geojson from labels.csv: names for orientation, never places of the plan.

    python geodata/scripts/make_labels.py

`district` in the CSV is what the editor expects; the written value is computed, and the two must agree. A label outside
Guangzhou is refused, except bridges and waters, which lie on borders, and the hills of `BEYOND`.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from geodraw import ENTERED, ROOT, build_feature, read_districts, write_layer
from pypinyin import Style, lazy_pinyin
from shapely.geometry import Point

INPUT = Path(__file__).with_name("labels.csv")
OUTPUT = ROOT / "geodata" / "labels.geojson"
BORDER_CATEGORIES = {"bridge", "water"}
BEYOND = {"南昆山", "罗浮山"}
"""Hills outside the city that the plan names an area after."""
ENDINGS = {
    "街道": "Subdistrict",
    "镇": "Town",
    "大桥": "Bridge",
    "桥": "Bridge",
    "水道": "Channel",
    "站": "Railway Station",
    "岛": "Island",
    "公园": "Park",
    "花园": "Garden",
    "湖": "Lake",
    "河": "River",
    "涌": "Creek",
}
# Heteronyms that pypinyin reads otherwise than Guangzhou does.
READINGS = {
    "涌": "chong",
    "滘": "jiao",
    "长洲": "changzhou",
    "长岭": "changling",
    "长兴": "changxing",
    "长隆": "changlong",
    "海幢": "haichuang",
    "冼村": "xiancun",
    "车陂": "chebei",
    "石碁": "shiqi",
    "东漖": "dongjiao",
}


def name_english(name: str) -> str:
    """Pinyin name with an English generic word: 江高镇 → Jianggao Town."""
    for ending, word in ENDINGS.items():
        if name.endswith(ending) and len(name) > len(ending):
            return f"{spell(name.removesuffix(ending))} {word}"
    return spell(name)


def spell(name: str) -> str:
    """Pinyin of a name as one capitalised word."""
    for part, reading in READINGS.items():
        name = name.replace(part, reading)
    return "".join(lazy_pinyin(name, style=Style.NORMAL)).capitalize()


def find_district(lon: float, lat: float) -> str:
    """Name of the district that contains a point, empty outside Guangzhou."""
    return next((name for name, outline in read_districts().items() if outline.covers(Point(lon, lat))), "")


def build_label(row: dict[str, str]) -> dict[str, Any]:
    """Make one label.

    Raises
    ------
    ValueError
        If it lies outside Guangzhou, or in another district than expected.
    """
    lon, lat = float(row["lon"]), float(row["lat"])
    district = find_district(lon, lat)
    if not district and row["category"] not in BORDER_CATEGORIES and row["name"] not in BEYOND:
        raise ValueError(f"{row['id']} {row['name']} lies outside Guangzhou")
    if row["district"] and row["district"] != district:
        raise ValueError(f"{row['id']} {row['name']} lies in {district or 'no district'}, not in {row['district']}")
    properties = {
        "name": row["name"],
        "name_en": row["name_en"] or name_english(row["name"]),
        "aliases": row["aliases"],
        "category": row["category"],
        "rank": int(row["rank"]),
        "district": district,
        "source_id": row["source_id"],
        "method": row["method"],
        "accuracy_m": int(row["accuracy_m"]),
        "entered": ENTERED,
        "notes": row["notes"],
    }
    return build_feature(f"labels.{row['id']}", properties, Point(lon, lat))


def main() -> None:
    """Write the file."""
    with INPUT.open(encoding="utf-8", newline="") as handle:
        write_layer(OUTPUT, [build_label(row) for row in csv.DictReader(handle)])


if __name__ == "__main__":
    main()
