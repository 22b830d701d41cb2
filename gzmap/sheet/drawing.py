"""The map's drawing in SVG: lines, areas, hatching, discs and pins, in millimetres."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from markupsafe import escape
from shapely.geometry.base import BaseGeometry

from gzmap.sheet.marks import PX_MM, Mark, SheetLayer
from gzmap.symbols import HATCH_LINE_PX, HATCH_PX, WHITE, Colour, Fill, Stroke, find_hatch

INK: Colour = (34, 34, 34)
"""Of texts, borders and of what stands out, as on the page."""

HALO_PX, HALO_OPACITY = 3, 0.85
"""Around a selected line, on each side; the numbers are those of ``layers.js``."""
AROUND_PX, AROUND_OPACITY = 8, 0.4
"""Behind the edge of a selected area, whose dashes must stay readable."""
OUTLINE = Stroke(INK, 1.6, 1.0, (), round=True)
"""Of the area that a query asked about, on a white line little wider than it: what runs along it stays in sight."""
CASING_PX = 1


def number(value: float) -> str:
    """Write a length in millimetres, to a micrometre."""
    return f"{value:.3f}".rstrip("0").rstrip(".") or "0"


def colour_of(colour: Colour) -> str:
    """Write a colour as SVG has it."""
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"


def element(name: str, /, **attributes: object) -> str:
    """Write an empty element; ``_`` in names of attributes stands for ``-``, and values are escaped."""
    told = " ".join(f'{key.replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name} {told}/>"


def build_path(shape: BaseGeometry) -> str:
    """Write lines and rings as the ``d`` of a path; points and what is empty give nothing."""
    pieces = []
    for part in _list_lines(shape):
        points = [f"{number(x)} {number(y)}" for x, y in shapely.get_coordinates(part)]
        if part.is_ring:
            points[-1] = "Z"
        pieces.append("M" + "L".join(points).replace("LZ", "Z"))
    return "".join(pieces)


def _list_lines(shape: BaseGeometry) -> Iterable[BaseGeometry]:
    for part in shapely.get_parts(shape):
        if part.is_empty:
            continue
        if part.geom_type == "Polygon":
            yield from (part.exterior, *part.interiors)
        elif part.geom_type == "GeometryCollection" or part.geom_type.startswith("Multi"):
            yield from _list_lines(part)
        elif part.geom_type in ("LineString", "LinearRing"):
            yield part


def draw_stroke(path: str, stroke: Stroke, *, opacity: float = 1.0) -> str:
    """Draw a path's line."""
    return element("path", d=path, fill="none", **_describe_stroke(stroke, opacity))


def _describe_stroke(stroke: Stroke, opacity: float) -> dict[str, str]:
    dashes = {"stroke_dasharray": " ".join(number(d * PX_MM) for d in stroke.dash_px)} if stroke.dash_px else {}
    return {
        "stroke": colour_of(stroke.colour),
        "stroke_width": number(stroke.width_px * PX_MM),
        "stroke_opacity": number(stroke.opacity * opacity),
        "stroke_linejoin": "round",
        "stroke_linecap": "round" if stroke.round else "butt",
        **dashes,
    }


def draw_area(shape: BaseGeometry, fill: Fill, stroke: Stroke | None, *, opacity: float = 1.0) -> str:
    """Fill an area, hatched or plain, and draw its edge where it has one."""
    ground, line = find_hatch(fill) if fill.hatch else (fill.opacity, 0.0)
    colour, path = colour_of(fill.colour), build_path(shape)
    filled = {"fill": colour, "fill_rule": "evenodd", "fill_opacity": number(ground * opacity)}
    edge = _describe_stroke(stroke, opacity) if stroke else {"stroke": "none"}
    if not fill.hatch:
        return element("path", d=path, **filled, **edge)
    hatching = build_path(find_hatching(shape, HATCH_PX * PX_MM / 2**0.5))
    thin = {"stroke_width": number(HATCH_LINE_PX * PX_MM), "stroke_opacity": number(line * opacity)}
    drawn = element("path", d=path, **filled) + element("path", d=hatching, fill="none", stroke=colour, **thin)
    return drawn + (element("path", d=path, fill="none", **edge) if stroke else "")


def find_hatching(shape: BaseGeometry, spacing_mm: float) -> BaseGeometry:
    """Find the lines that hatch an area, rising to the right, on one grid for the whole sheet.

    Lines of their own and no pattern: a pattern's tiles show as seams in some viewers.
    """
    west, top, east, bottom = shape.bounds
    step = spacing_mm * 2**0.5
    # On every line x + y is the same.
    sums = np.arange(np.ceil((west + top) / step), np.floor((east + bottom) / step) + 1) * step
    ends = np.array([[(s - bottom, bottom), (s - top, top)] for s in sums]).reshape(-1, 2, 2)
    lines = shapely.linestrings(ends)
    shapely.prepare(shape)
    return shapely.MultiLineString([p for p in shapely.get_parts(shapely.intersection(lines, shape)) if p.length > 0])


def draw_mark(mark: Mark, *, opacity: float = 1.0) -> str:
    """Draw one thing by its rule; a name alone gives nothing."""
    rule = mark.rule
    if rule is None:
        return ""
    if rule.disc is not None:
        return _draw_point(mark, opacity=opacity)
    if rule.fill:
        return draw_area(mark.shape, rule.fill, rule.stroke, opacity=opacity)
    return draw_stroke(build_path(mark.shape), rule.stroke, opacity=opacity) if rule.stroke else ""


def _draw_point(mark: Mark, *, opacity: float) -> str:
    rule, stroke, x, y = mark.rule, mark.rule.stroke, number(mark.shape.x), number(mark.shape.y)
    line = {
        "stroke": colour_of(stroke.colour), "stroke_width": number(stroke.width_px * PX_MM),
        "stroke_opacity": number(stroke.opacity * opacity),
    }  # fmt: skip
    if not rule.disc:
        filled = {"fill": colour_of(rule.fill.colour), "fill_opacity": number(rule.fill.opacity * opacity)}
        return element("circle", cx=x, cy=y, r=number(mark.radius_mm), **filled, **line)
    dashes = " ".join(number(d * PX_MM) for d in stroke.dash_px)
    ground = draw_area(mark.shape.buffer(mark.radius_mm, quad_segs=48), rule.fill, None, opacity=opacity)
    return ground + element(
        "circle", cx=x, cy=y, r=number(mark.radius_mm), fill="none", stroke_dasharray=dashes, **line
    )


def draw_halo(mark: Mark) -> str:
    """Draw what makes a selected thing stand out, to lie below it."""
    rule = mark.rule
    if rule is None or not (rule.stroke or rule.fill):
        return ""
    if rule.disc is not None:
        radius, width = (mark.radius_mm, AROUND_PX) if rule.disc else (mark.radius_mm + 2 * PX_MM, HALO_PX)
        line = {"stroke": colour_of(INK), "stroke_opacity": AROUND_OPACITY if rule.disc else HALO_OPACITY}
        at = {"cx": number(mark.shape.x), "cy": number(mark.shape.y), "r": number(radius)}
        return element("circle", **at, fill="none", stroke_width=number(width * PX_MM), **line)
    if rule.family == "Polygon":
        return draw_stroke(build_path(mark.shape), Stroke(INK, AROUND_PX, AROUND_OPACITY, (), round=True))
    dashed = bool(rule.stroke.dash_px)
    width = rule.stroke.width_px + 2 * HALO_PX
    halo = Stroke(INK, width, AROUND_OPACITY if dashed else HALO_OPACITY, (), round=True)
    return draw_stroke(build_path(mark.shape), halo)


def draw_outline(shape: BaseGeometry) -> str:
    """Outline the area that a query asked about."""
    path = build_path(shape)
    casing = Stroke(WHITE, OUTLINE.width_px + 2 * CASING_PX, 0.8, (), round=True)
    return draw_stroke(path, casing) + draw_stroke(path, OUTLINE)


def draw_layers(layers: Sequence[SheetLayer], selected: str) -> tuple[str, str]:
    """Draw the layers: what lies below the grid (the base layers) and what above; a selected feature comes last."""
    below, above, chosen = [], [], []
    for layer in layers:
        target = below if layer.entry.kind == "base" else above
        for mark in layer.marks:
            if mark.feature_id == selected:
                chosen.append((mark, layer.opacity))
            else:
                target.append(draw_mark(mark, opacity=layer.opacity))
    above += [draw_halo(mark) for mark, _ in chosen]
    above += [draw_mark(mark, opacity=opacity) for mark, opacity in chosen]
    return "".join(below), "".join(above)
