"""Make layers/energy_parks.geojson from parks.json; a park whose place is unknown has no geometry.

python layers/scripts/make_parks.py
"""

from __future__ import annotations

from typing import Any

from drawing import build_feature, describe, read_input, save
from shapely.geometry import MultiPoint

LAYER = "energy_parks"


def summarise_parts(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Names and accuracies of the parts in the order of the points, and the worst accuracy (None without parts)."""
    return {
        "parts": "|".join(part["name"] for part in parts),
        "part_acc": "|".join(str(part["accuracy_m"]) for part in parts),
        "accuracy_m": max((part["accuracy_m"] for part in parts), default=None),
    }


def main() -> None:
    """Write the file."""
    features = []
    for entry in read_input("parks.json"):
        parts = entry["places"]
        geometry = MultiPoint([part["at"] for part in parts]) if parts else None
        summary = summarise_parts(parts)
        properties = describe(entry | {"accuracy_m": summary["accuracy_m"]}, geometry)
        extra = {key: summary[key] for key in ("parts", "part_acc")}
        extra |= {key: entry[key] for key in ("area_mu", "area_km2", "area_src")}
        features.append(build_feature(f"{LAYER}.{entry['id']}", properties | extra, geometry))
    save(LAYER, features)


if __name__ == "__main__":
    main()
