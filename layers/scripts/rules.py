"""How a feature's geometry is drawn: one function per rule, from what the input says to WGS 84 degrees."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import shapely
from channels import trace_channel, trace_piece
from geodraw import ROOT, read_cities, read_districts, read_features, to_degrees, to_metres
from shapely.geometry import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

Draw = dict[str, Any]

LARGEST_SHARE = 0.6
"""Share of its district or city that a schematic hull may fill."""

DISC_SEGMENTS = 16


def join_pieces(pieces: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Join channels, border runs and digitised points into one run of positions, dropping repeated ones."""
    positions: list[tuple[float, float]] = []
    for piece in pieces:
        run = trace_channel(piece["channel"]).coords if "channel" in piece else trace_piece(piece)
        for lon, lat in run:
            place = (round(lon, 6), round(lat, 6))
            if not positions or positions[-1] != place:
                positions.append(place)
    return positions


def draw_lines(draw: Draw) -> MultiLineString:
    """Draw each of ``parts``, a list of pieces, as one line."""
    return MultiLineString([LineString(join_pieces(pieces)) for pieces in draw["parts"]])


def draw_borders(draw: Draw) -> MultiLineString:
    """Draw every run of the border that Guangzhou shares with the neighbouring city ``city``.

    Raises
    ------
    ValueError
        If the outlines of the two share no run.
    """
    own, other = shapely.union_all(list(read_districts().values())), read_cities()[draw["city"]]
    shared = own.boundary.intersection(other.boundary)
    runs = shapely.line_merge(shapely.union_all([part for part in shapely.get_parts(shared) if part.length]))
    if runs.is_empty:
        raise ValueError(f"the districts and {draw['city']} share no border; were both made from the same outlines?")
    return MultiLineString(list(shapely.get_parts(runs)))


def draw_points(draw: Draw) -> MultiPoint:
    """Draw each of ``places`` as one point, in their order."""
    return MultiPoint([place["at"] for place in draw["places"]])


def draw_traced(draw: Draw) -> MultiPolygon:
    """Draw each of ``rings``, a list of pieces, as one outline; ``holes`` are cut out of them."""
    outlines = [Polygon(join_pieces(pieces)) for pieces in draw["rings"]]
    holes = [Polygon(join_pieces(pieces)) for pieces in draw.get("holes", [])]
    return _areas(shapely.union_all(outlines).difference(shapely.union_all(holes)))


def draw_discs(draw: Draw) -> MultiPolygon:
    """Draw a disc about each of ``places``, of its ``radius_m`` or of its ``area_km2``, cut by ``within``."""
    discs = shapely.union_all([_disc(place["at"], disc_radius_m(place)) for place in draw["places"]])
    return _areas(to_degrees(_within(discs, draw)))


def draw_hull(draw: Draw) -> MultiPolygon:
    """Draw the convex hull of places, cut by ``within``.

    A place of ``whole`` gives a disc of ``radius_m`` about its label, one of ``partly`` its label point alone.

    Raises
    ------
    ValueError
        If the figure would fill most of the one district or city that it is cut by.
    """
    figures = [to_metres(Point(place["at"])) for place in draw.get("partly", [])]
    figures += [_disc(place["at"], draw["radius_m"]) for place in draw["whole"]]
    figure = _within(shapely.union_all(figures).convex_hull, draw)
    bounds = to_metres(_named_outlines(draw["within"]))
    if len(draw["within"]) == 1 and figure.area > LARGEST_SHARE * bounds.area:
        raise ValueError(f"the hull would fill {figure.area / bounds.area:.0%} of {draw['within'][0]}")
    return _areas(to_degrees(figure))


def draw_hulls(draw: Draw) -> MultiPolygon:
    """Draw each of ``parts``, a hull with its own bounds, as one area."""
    return _areas(shapely.union_all([draw_hull(part) for part in draw["parts"]]))


def draw_district(draw: Draw) -> MultiPolygon:
    """Draw the whole outline of the districts in ``names``."""
    return _areas(_named_outlines(draw["names"]))


def draw_base(draw: Draw) -> MultiPolygon:
    """Draw the areas of the base layer ``of`` (geodata/), cut by ``within``."""
    areas = [outline for _, _, outline in read_features(ROOT / "geodata" / f"{draw['of']}.geojson") if outline]
    return _areas(to_degrees(_within(to_metres(shapely.union_all(areas)), draw)))


def draw_union(draw: Draw) -> MultiPolygon:
    """Draw the areas of ``parts``, each by its own rule, as one figure."""
    return _areas(shapely.union_all([RULES[part["rule"]](part) for part in draw["parts"]]))


RULES: dict[str, Callable[[Draw], BaseGeometry]] = {
    "lines": draw_lines,
    "borders": draw_borders,
    "points": draw_points,
    "traced": draw_traced,
    "discs": draw_discs,
    "hull": draw_hull,
    "hulls": draw_hulls,
    "district": draw_district,
    "base": draw_base,
    "union": draw_union,
}
"""Every rule but ``same``, which needs other features (`make_layers`)."""


def gather(figures: Iterable[BaseGeometry]) -> BaseGeometry:
    """Put the figures of several features into one geometry of their kind, unchanged."""
    parts = [part for figure in figures for part in shapely.get_parts(figure)]
    kind = {"LineString": MultiLineString, "Polygon": MultiPolygon, "Point": MultiPoint}[parts[0].geom_type]
    return kind(parts)


def disc_radius_m(place: dict[str, Any]) -> float:
    """Radius in metres that a place states, or that of a circle with its area."""
    return place["radius_m"] if "radius_m" in place else math.sqrt(place["area_km2"] * 1e6 / math.pi)


def _disc(at: list[float], radius_m: float) -> Polygon:
    return to_metres(Point(at)).buffer(radius_m, quad_segs=DISC_SEGMENTS)


def _within(figure: BaseGeometry, draw: Draw) -> BaseGeometry:
    """Cut a figure in metres by the districts or cities that ``within`` names, if it names any."""
    return figure.intersection(to_metres(_named_outlines(draw["within"]))) if draw.get("within") else figure


def _named_outlines(names: list[str]) -> BaseGeometry:
    outlines = {**read_cities(), **read_districts()}
    return shapely.union_all([outlines[name] for name in names])


def _areas(figure: BaseGeometry) -> MultiPolygon:
    return MultiPolygon([part for part in shapely.get_parts(figure) if part.geom_type == "Polygon"])
