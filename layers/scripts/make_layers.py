"""Make the plan layers (layers/*.geojson) from their inputs (layers/scripts/inputs/*.json).

    python layers/scripts/make_layers.py [LAYER...]

An input lists features with their common properties, ``draw`` (a rule of rules.py, or ``same`` with the ids of other
features; absent where nothing is known of the place) and ``fields`` (the layer's own properties). What can be computed
is not written there: ``district`` unless given, ``len_km`` and ``area_km2`` as drawn, ``parts``, ``part_acc`` and the
accuracy of points, ``based_on``.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "geodata" / "scripts"))

from geodraw import (  # noqa: E402
    ENTERED,
    ROOT,
    area_km2,
    build_feature,
    length_km,
    read_features,
    spanned_districts,
    write_layer,
)
from rules import RULES, gather  # noqa: E402
from shapely.geometry.base import BaseGeometry  # noqa: E402

INPUTS = HERE / "inputs"
DISTRICTS = ROOT / "geodata" / "districts.geojson"
EMPTY = {"text": "", "date": "", "integer": None, "real": None}


@cache
def read_catalog() -> dict[str, Any]:
    """Read layers/catalog.json."""
    return json.loads((ROOT / "layers" / "catalog.json").read_text(encoding="utf-8"))


@cache
def read_input(layer_id: str) -> dict[str, dict[str, Any]]:
    """Read the features of a layer's input by their full id.

    Raises
    ------
    FileNotFoundError
        If the layer has no input.
    """
    content = json.loads((INPUTS / f"{layer_id}.json").read_text(encoding="utf-8"))
    return {f"{layer_id}.{entry['id']}": entry for entry in content["features"]}


@cache
def draw(feature_id: str) -> BaseGeometry | None:
    """Draw a feature by its rule, None where it has no place.

    Raises
    ------
    ValueError
        If the rule is unknown or cannot be followed; the message names the feature.
    """
    how = read_input(feature_id.partition(".")[0])[feature_id].get("draw")
    if how is None:
        return None
    try:
        if how["rule"] == "same":
            return gather(draw(other) for other in how["as"])
        return RULES[how["rule"]](how)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{feature_id}: cannot be drawn by {how}: {error!r}") from error


def describe(feature_id: str) -> dict[str, Any]:
    """Put a feature's properties together: the common ones, then the layer's own, in the catalogue's order."""
    layer_id = feature_id.partition(".")[0]
    entry, geometry = read_input(layer_id)[feature_id], draw(feature_id)
    own = next(e for e in read_catalog()["layers"] if e["id"] == layer_id)["fields"]
    known = {"aliases": "", "entered": ENTERED, **entry, **entry.get("fields", {})}
    # What a person wrote stands; a null or an empty text left from the time without a place does not.
    known |= {name: value for name, value in computed(entry, geometry).items() if known.get(name) in (None, "")}
    unknown = set(entry.get("fields", {})) - set(own)
    if unknown:
        raise ValueError(f"{feature_id}: {sorted(unknown)} are not fields of {layer_id} in layers/catalog.json")
    fields = {**read_catalog()["fields"], **own}
    return {name: known.get(name, EMPTY[field["type"]]) for name, field in fields.items()}


def computed(entry: dict[str, Any], geometry: BaseGeometry | None) -> dict[str, Any]:
    """Compute the properties that follow from the drawing."""
    if geometry is None:
        return {}
    how = entry["draw"]
    found: dict[str, Any] = {"district": spanned_districts(geometry), "based_on": "|".join(based_on(how))}
    if geometry.geom_type == "MultiLineString":
        found["len_km"] = length_km(geometry)
    if geometry.geom_type == "MultiPolygon":
        found["area_km2"] = area_km2(geometry)
    if how["rule"] == "points":
        accuracies = [place["accuracy_m"] for place in how["places"]]
        found["parts"] = "|".join(place["name"] for place in how["places"])
        found |= {"part_acc": "|".join(map(str, accuracies)), "accuracy_m": max(accuracies)}
    if how["rule"] in ("hull", "hulls"):
        found["limits"] = "|".join(limit for hull in how.get("parts", [how]) for limit in limits(hull))
    return found


def based_on(how: dict[str, Any]) -> list[str]:
    """List the ids of the features whose geometry a drawing takes over whole."""
    if how["rule"] == "district":
        return [feature_id for feature_id, row, _ in read_features(DISTRICTS) if row["name"] in how["names"]]
    return how.get("as", [])


def limits(hull: dict[str, Any]) -> list[str]:
    """Name the places that a hull is drawn by, with the side where only one side is meant."""
    partly = [f"{place['name']}({place['side']})" for place in hull.get("partly", [])]
    return [place["name"] for place in hull["whole"]] + partly


def build_layer(layer_id: str) -> list[dict[str, Any]]:
    """Build the GeoJSON features of one layer."""
    return [build_feature(i, describe(i), draw(i)) for i in read_input(layer_id)]


def main(layer_ids: list[str]) -> None:
    """Write the layers that are named, or all of them."""
    for layer_id in layer_ids or sorted(path.stem for path in INPUTS.glob("*.json")):
        write_layer(ROOT / "layers" / f"{layer_id}.geojson", build_layer(layer_id))


if __name__ == "__main__":
    main(sys.argv[1:])
