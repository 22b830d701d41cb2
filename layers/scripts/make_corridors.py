"""Make layers/eco_corridors.geojson from corridors.json; river axes reuse the waterways' lines.

python layers/scripts/make_corridors.py
"""

from __future__ import annotations

from drawing import build_feature, describe, draw_lines, read_input, save
from geodraw import length_km

LAYER = "eco_corridors"


def main() -> None:
    """Write the file."""
    features = []
    for entry in read_input("corridors.json"):
        geometry = draw_lines(entry["parts"])
        extra = {"code": entry["code"], "level": "区域", "len_km": length_km(geometry)}
        features.append(build_feature(f"{LAYER}.{entry['id']}", describe(entry, geometry) | extra, geometry))
    save(LAYER, features)


if __name__ == "__main__":
    main()
