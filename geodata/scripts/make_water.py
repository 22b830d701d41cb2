"""Make geodata/water_base.geojson: centre lines of the channels for the offline background.

python geodata/scripts/make_water.py
"""

from __future__ import annotations

from typing import Any

from channels import list_channels, trace_channel
from geodraw import ENTERED, ROOT, build_feature, write_layer
from shapely.geometry import MultiLineString

OUTPUT = ROOT / "geodata" / "water_base.geojson"


def build_features() -> list[dict[str, Any]]:
    """Make one feature per channel of channels.json."""
    features = []
    for channel in list_channels():
        properties = {
            "name": channel["name"],
            "name_en": channel["name_en"],
            "aliases": "",
            "source_id": channel["source_id"],
            "method": channel["method"],
            "accuracy_m": channel["accuracy_m"],
            "entered": ENTERED,
            "notes": channel["notes"],
        }
        geometry = MultiLineString([trace_channel(channel["id"])])
        features.append(build_feature(f"water_base.{channel['id']}", properties, geometry))
    return features


def main() -> None:
    """Write the file."""
    write_layer(OUTPUT, build_features())


if __name__ == "__main__":
    main()
