"""What the scripts of the plan layers share: their inputs, the common properties and the pieces of a line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "geodata" / "scripts"))

from channels import trace_channel, trace_piece  # noqa: E402
from geodraw import ENTERED, ROOT, build_feature, spanned_districts, write_layer  # noqa: E402
from shapely.geometry import LineString, MultiLineString  # noqa: E402
from shapely.geometry.base import BaseGeometry  # noqa: E402

COMMON = (
    "name",
    "name_en",
    "aliases",
    "category",
    "status",
    "district",
    "source_id",
    "method",
    "accuracy_m",
    "entered",
    "notes",
)


def read_input(name: str) -> list[dict[str, Any]]:
    """Read the `features` of a JSON file that lies beside the scripts."""
    return json.loads((HERE / name).read_text(encoding="utf-8"))["features"]


def describe(entry: dict[str, Any], geometry: BaseGeometry | None) -> dict[str, Any]:
    """Put the common properties of a feature in their order.

    Parameters
    ----------
    entry
        One feature of an input file; `district` is computed unless it is given.
    geometry
        WGS 84 degrees, or None.
    """
    known = {"entered": ENTERED, **entry}
    if "district" not in known:
        known["district"] = spanned_districts(geometry) if geometry is not None else ""
    return {key: known[key] for key in COMMON}


def draw_line(pieces: list[dict[str, Any]]) -> LineString:
    """Join channels, border runs and digitised points into one line, dropping repeated positions."""
    positions: list[tuple[float, float]] = []
    for piece in pieces:
        run = trace_channel(piece["channel"]).coords if "channel" in piece else trace_piece(piece)
        for lon, lat in run:
            place = (round(lon, 6), round(lat, 6))
            if not positions or positions[-1] != place:
                positions.append(place)
    return LineString(positions)


def draw_lines(parts: list[list[dict[str, Any]]]) -> MultiLineString:
    """Draw each part as one line."""
    return MultiLineString([draw_line(pieces) for pieces in parts])


def save(layer_id: str, features: list[dict[str, Any]]) -> None:
    """Write layers/<layer_id>.geojson."""
    write_layer(ROOT / "layers" / f"{layer_id}.geojson", features)


__all__ = ["build_feature", "describe", "draw_lines", "read_input", "save"]
