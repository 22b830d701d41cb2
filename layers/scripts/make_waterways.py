"""Make layers/waterways.geojson from waterways.json and the channel lines of the background water.

python layers/scripts/make_waterways.py
"""

from __future__ import annotations

from drawing import build_feature, describe, draw_lines, read_input, save
from geodraw import length_km

LAYER = "waterways"


def main() -> None:
    """Write the file."""
    features = []
    for entry in read_input("waterways.json"):
        geometry = draw_lines([[{"channel": name} for name in part] for part in entry["parts"]])
        extra = {"len_km": length_km(geometry), "off_km": entry["off_km"]}
        features.append(build_feature(f"{LAYER}.{entry['id']}", describe(entry, geometry) | extra, geometry))
    save(LAYER, features)


if __name__ == "__main__":
    main()
