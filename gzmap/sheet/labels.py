"""Names on the map: which of them, how large, and the places that suit each; the important ones first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.sheet.drawing import INK
from gzmap.sheet.frames import Frame
from gzmap.sheet.marks import PX_MM, Mark, SheetLayer
from gzmap.sheet.placing import Label, measure_text, place_labels, write_label
from gzmap.symbols import (
    AREA_NAME_COLOUR,
    NAME_COLOUR,
    NAME_COLOURS,
    PIXEL_M,
    RANKED_SIZES_PX,
    RANKED_ZOOMS,
    find_scale,
)

FEATURE_MM = 2.35
"""Size of the names of features; those for orientation are sized by rank."""
SELECTED = 1.15
"""The selected one's, as many times that."""
BESIDE_EM = 0.62
"""Distance of a name's middle from the edge of the line it runs along."""
AREA_SPACING_EM = 0.14
MOST_OF_A_LAYER = 250
"""A layer with more things in sight is drawn without their names."""
DARK = 0.5
"""Part of ink in the colour of a feature's name, so that it can be read."""
ORDER = {"Point": 0, "LineString": 1, "Polygon": 2}


def draw_labels(layers: Sequence[SheetLayer], frame: Frame, *, selected: str) -> str:
    """Draw the names of what is on the map, and those for orientation that its scale has room for."""
    pins = [m for layer in layers for m in layer.marks if m.rule is not None and m.rule.disc is False]
    taken = [m.shape.buffer(m.radius_mm, quad_segs=1).bounds for m in pins]
    labels = list_labels(layers, selected=selected, scale=frame.scale)
    return "".join(map(write_label, place_labels(labels, (frame.width_mm, frame.height_mm), taken=taken)))


def list_labels(layers: Sequence[SheetLayer], *, selected: str, scale: int) -> Iterator[Label]:
    """List names in the order of their importance: the selected one, districts, points, lines, areas, orientation."""
    shown = [(layer, m) for layer in reversed(layers) if layer.opacity for m in layer.marks]
    crowded = {layer.entry.layer_id for layer in layers if len(layer.marks) > MOST_OF_A_LAYER}
    named = [m for layer, m in shown if layer.entry.kind != "base" and layer.entry.layer_id not in crowded]
    plan = [m for m in named if m.rule.stroke or m.rule.fill]
    yield from (_label_feature(m, bold=True) for m in plan if m.feature_id == selected)
    yield from (_label_district(m) for layer, m in shown if layer.entry.style.get("label"))
    others = sorted(plan, key=lambda m: (ORDER[m.rule.family], bool(m.rule.disc)))
    yield from (_label_feature(m) for m in others if m.feature_id != selected)
    names = [m for _, m in shown if m.rule is None and _is_ranked(m.rank, scale)]
    yield from (_label_place(m) for m in sorted(names, key=lambda m: (m.rank, m.feature_id)))


def _is_ranked(rank: int, scale: int) -> bool:
    """Tell whether a name of a rank is shown at a scale, as on the page at the zoom of that scale."""
    smallest = find_scale(RANKED_ZOOMS[min(rank, len(RANKED_ZOOMS) - 1)])
    # The zooms' scales are reckoned with the page's pixels, of which a sheet has more on the same length.
    return smallest is None or scale <= smallest * PIXEL_M * 1000 / PX_MM


def _label_place(mark: Mark) -> Label:
    size = RANKED_SIZES_PX[min(mark.rank, len(RANKED_SIZES_PX) - 1)] * PX_MM
    x, y = mark.shape.x, mark.shape.y
    anchors = tuple((x, y + shift * size) for shift in (0, -0.7, 0.7, -1.2, 1.2))
    return Label(mark.name, size, NAME_COLOURS.get(mark.category, NAME_COLOUR), anchors)


def _label_district(mark: Mark) -> Label:
    size, places = RANKED_SIZES_PX[0] * PX_MM, tuple(_list_inside(mark.shape))
    return Label(mark.name, size, AREA_NAME_COLOUR, places, spacing_em=AREA_SPACING_EM)


def _label_feature(mark: Mark, *, bold: bool = False) -> Label:
    rule = mark.rule
    base = rule.fill.colour if rule.disc is not None else (rule.stroke or rule.fill).colour
    colour = INK if bold else tuple(round(DARK * i + (1 - DARK) * c) for i, c in zip(INK, base, strict=True))
    size = FEATURE_MM * (SELECTED if bold else 1)
    if rule.disc is not None:
        return Label(mark.name, size, colour, tuple(_list_around(mark, size)), bold=bold)
    if rule.family == "Polygon":
        return Label(mark.name, size, colour, tuple(_list_inside(mark.shape)), bold=bold)
    beside = rule.stroke.width_px * PX_MM / 2 + size * BESIDE_EM
    return Label(mark.name, size, colour, tuple(_list_beside(mark.shape, size)), mark.shape, beside, bold=bold)


def _list_around(mark: Mark, size: float) -> Iterator[tuple[float, float]]:
    """Places around a pin, right of it first; in the middle of a disc, then above and below its middle."""
    x, y, width = mark.shape.x, mark.shape.y, measure_text(mark.name, size)
    if mark.rule.disc:
        yield from ((x, y), (x, y - size * 1.3), (x, y + size * 1.3), (x, y - mark.radius_mm - size))
    across, down = mark.radius_mm + 0.7 + width / 2, mark.radius_mm + 0.7 + size / 2
    for dx, dy in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1)):
        yield x + dx * across, y + dy * down


def _list_inside(shape: BaseGeometry) -> Iterator[tuple[float, float]]:
    """Places inside an area: where it is widest, then others, the nearest to that first."""
    part = max(shapely.get_parts(shape), key=shapely.area)
    if part.geom_type != "Polygon" or not part.is_valid:
        part = shape.envelope
    if part.area == 0:
        yield part.centroid.x, part.centroid.y
        return
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(part, tolerance=1.0))[0]
    yield tuple(middle)
    west, top, east, bottom = part.bounds
    grid = np.array([(x, y) for x in np.linspace(west, east, 9)[1:-1] for y in np.linspace(top, bottom, 9)[1:-1]])
    inside = grid[shapely.contains_xy(part, grid)]
    yield from map(tuple, inside[np.argsort(np.hypot(*(inside - middle).T), kind="stable")])


def _list_beside(shape: BaseGeometry, size: float) -> Iterator[tuple[float, float]]:
    """Places on and beside the longest piece of a line, from its middle outwards."""
    part = max(shapely.get_parts(shape), key=shapely.length)
    for share in (0.5, 0.35, 0.65, 0.2, 0.8):
        point = shapely.line_interpolate_point(part, share, normalized=True)
        for shift in (0, -1.1, 1.1):
            yield point.x, point.y + shift * size
