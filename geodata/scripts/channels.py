"""Centre lines of channels, put together from shared borders and digitised points (channels.json)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from boundaries import load_outlines
from geodraw import to_degrees, to_metres
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

DEFINITIONS = Path(__file__).with_name("channels.json")
FARTHEST_SNAP_DEG = 0.003
VERTEX_SNAP_DEG = 0.0008
SPACING_M = 200.0
STRAIGHT_M = 4.0
"""A position this close to the line without it is left out."""


@cache
def _outlines() -> dict[str, BaseGeometry]:
    return load_outlines()


@cache
def _definitions() -> dict[str, Any]:
    return json.loads(DEFINITIONS.read_text(encoding="utf-8"))


@cache
def shared_border(first: str, second: str) -> np.ndarray:
    """Vertices of the longest shared border of two districts or cities, in WGS 84 degrees.

    Parameters
    ----------
    first, second
        Administrative codes.
    """
    outlines = _outlines()
    common = outlines[first].boundary.intersection(outlines[second].boundary)
    lines = shapely.line_merge(shapely.union_all([part for part in shapely.get_parts(common) if part.length]))
    return shapely.get_coordinates(max(shapely.get_parts(lines), key=lambda line: line.length))


def place_on(border: np.ndarray, position: list[float]) -> Point:
    """Place of a longitude, latitude on a border: a vertex that is close, else the foot of the perpendicular.

    Raises
    ------
    ValueError
        If the border does not come near, as when the district file was replaced by one with other borders.
    """
    distances = np.hypot(*(border - np.array(position)).T)
    if distances.min() < VERTEX_SNAP_DEG:
        return Point(border[distances.argmin()])
    line, point = LineString(border), Point(position)
    if line.distance(point) > FARTHEST_SNAP_DEG:
        raise ValueError(f"no border near {position}; it is {line.distance(point):.4f} degrees away")
    return line.interpolate(line.project(point))


def find_node(name: str) -> list[float]:
    """Position of a named meeting point, longitude first."""
    node = _definitions()["nodes"][name]
    if "border" not in node:
        return node["at"]
    border = shared_border(*node["border"])
    return list(place_on(border, node["at"]).coords[0])


def trace_piece(piece: dict[str, Any]) -> list[list[float]]:
    """Positions of one piece of a channel, in the direction of the flow."""
    if "node" in piece:
        return [find_node(piece["node"])]
    if "points" in piece:
        return piece["points"]
    border = shared_border(*piece["border"])
    line = LineString(border)
    start, end = (line.project(place_on(border, piece[side])) for side in ("from", "to"))
    return [list(position) for position in substring(line, start, end).coords]


def generalise(run: list[list[float]]) -> list[list[float]]:
    """Draw a border run anew at the scale of the map: even steps of about `SPACING_M`, its two ends kept.

    A boundary file has a vertex at every wiggle of the administrative line; a centre line at 1:50 000 needs fewer, and
    its own.
    """
    line = to_metres(LineString(run))
    steps = np.linspace(0, 1, max(1, round(line.length / SPACING_M)) + 1)
    even = LineString(shapely.line_interpolate_point(line, steps, normalized=True)).simplify(STRAIGHT_M)
    return [run[0], *(list(position) for position in to_degrees(even).coords[1:-1]), run[-1]]


@cache
def trace_channel(channel_id: str) -> LineString:
    """Centre line of one channel in WGS 84 degrees, in the direction of the flow.

    Raises
    ------
    KeyError
        If channels.json has no such channel.
    """
    channel = {entry["id"]: entry for entry in _definitions()["channels"]}[channel_id]
    positions: list[tuple[float, float]] = []
    for piece in channel["pieces"]:
        run = trace_piece(piece)
        for lon, lat in generalise(run) if "border" in piece else run:
            place = (round(lon, 6), round(lat, 6))
            if not positions or positions[-1] != place:
                positions.append(place)
    return LineString(positions)


def join_channels(channel_ids: list[str]) -> LineString:
    """Join channels that meet end to start into one line; ``-id`` runs a channel backwards.

    Raises
    ------
    ValueError
        If two channels do not meet.
    """
    positions: list[tuple[float, float]] = []
    for name in channel_ids:
        coordinates = list(trace_channel(name.removeprefix("-")).coords)
        coordinates = coordinates[::-1] if name.startswith("-") else coordinates
        if positions and positions[-1] != coordinates[0]:
            raise ValueError(f"{name} starts at {coordinates[0]}, but the line before it ends at {positions[-1]}")
        positions += coordinates[1:] if positions else coordinates
    return LineString(positions)


def list_channels() -> list[dict[str, Any]]:
    """All channel definitions in file order."""
    return _definitions()["channels"]
