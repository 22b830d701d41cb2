"""How the map on the page draws a layer, as data that style files and printed sheets are made from.

The rules are those of ``ui/static/layers.js``, sizes in CSS pixels (1/96 inch); a test holds the two together. Solid is
known, thin is derived, dashed is schematic; a point less accurate than `DISC_ACCURACY_M` is a dashed disc as large as
its uncertainty; no geometry, no symbol.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from gzmap.catalog import Entry

Colour = tuple[int, int, int]
"""Red, green, blue."""

WHITE: Colour = (255, 255, 255)
PAPER: Colour = (247, 246, 242)
"""Ground of the map, as in ``ui/static/mapview.css``; so are the colours of names."""
NAME_COLOURS: dict[str, Colour] = {"water": (42, 106, 148), "hill": (46, 107, 79)}
NAME_COLOUR: Colour = (68, 68, 63)
AREA_NAME_COLOUR: Colour = (110, 110, 103)

RANKED_ZOOMS = (0, 9.5, 10.5, 11.5, 12.5, 13.5)
"""Zoom of the page's map from which a name of rank 0, 1, 2 … is shown."""
RANKED_SIZES_PX = (16, 13, 12, 12, 12, 12)
PIXEL_M = 0.0254 / 96
"""A CSS pixel on paper, in metres."""
LATITUDE_DEG = 23.2
"""Of Guangzhou, for measures that change with it."""
ZOOM_0_M = 2 * math.pi * 6378137 / 256 * math.cos(math.radians(LATITUDE_DEG))
"""Ground covered by a pixel of the page's map at zoom 0, in metres."""

PIN_PX = 6
PIN_OPACITY = 0.9
POINT_STROKE_PX = 1.5
DISC_DASH_PX = (3, 5)
FILL_OPACITY = 0.2
SCHEMATIC_OPACITY = 0.85
THIN = 0.75

HATCH_PX = 8
"""Side of the tile that hatching repeats: one diagonal each."""
HATCH_LINE_PX = 1.2
HATCH_GROUND = 0.35
"""Opacity of the ground between the lines, as a part of that of the lines."""


@dataclass(frozen=True)
class Stroke:
    """A line: ``dash_px`` is empty for a solid one; ends are round, or flat where not ``round``."""

    colour: Colour
    width_px: float
    opacity: float
    dash_px: tuple[float, ...]
    round: bool


@dataclass(frozen=True)
class Fill:
    """An area's filling, hatched with lines of ``opacity`` or plain."""

    colour: Colour
    opacity: float
    hatch: bool = False


@dataclass(frozen=True)
class Rule:
    """One line of a legend: which features, and how they are drawn.

    Attributes
    ----------
    name
        ASCII name, unique in a layer.
    title, title_en
        For people.
    method
        ``schematic`` or ``derived``; empty for all others.
    family
        ``Point``, ``LineString`` or ``Polygon``.
    disc
        True for points known worse than `DISC_ACCURACY_M`, False for other points, None for lines and areas.
    stroke, fill
        None where nothing is drawn.
    radius_px
        Of a pin, else None. A disc's radius is its uncertainty.
    """

    name: str
    title: str
    title_en: str
    method: str
    family: str
    disc: bool | None
    stroke: Stroke | None
    fill: Fill | None
    radius_px: float | None = None


METHODS = (
    ("", "known", "位置有据", "Position known"),
    ("derived", "derived", "由其他数据推导", "Derived from other data"),
    ("schematic", "schematic", "示意", "Schematic"),
)
"""Method, name of the rule, and its words; the first is for every other method."""


def is_text_only(entry: Entry) -> bool:
    """Tell whether a layer is drawn as names alone, as place names for orientation are."""
    return entry.layer_id == "labels"


def find_family(geometry_type: str) -> str:
    """Give ``Point``, ``LineString`` or ``Polygon`` for a type of geometry, multi or not."""
    return geometry_type.removeprefix("Multi")


def build_rules(entry: Entry, family: str) -> tuple[Rule, ...]:
    """Build the rules of a layer, the surest first.

    Parameters
    ----------
    entry
        The layer's line of the catalogue.
    family
        ``Point``, ``LineString`` or ``Polygon``.

    Returns
    -------
    tuple
        One rule per method, two for points; none for a layer of names.
    """
    if is_text_only(entry):
        return ()
    return tuple(rule for method in METHODS for rule in _rules_of(entry, family, method))


def _rules_of(entry: Entry, family: str, row: tuple[str, str, str, str]) -> Iterator[Rule]:
    method, name, title, title_en = row
    stroke, fill = _find_stroke(entry, method), _find_fill(entry, method)
    if family == "Point":
        white = Stroke(WHITE, POINT_STROKE_PX, stroke.opacity, stroke.dash_px, stroke.round)
        pin = Fill(stroke.colour, PIN_OPACITY)
        radius = entry.style.get("radius", PIN_PX)
        yield Rule(f"{name}_point", title, title_en, method, family, False, white, pin, radius)
        edge = Stroke(stroke.colour, POINT_STROKE_PX, stroke.opacity, DISC_DASH_PX, stroke.round)
        disc = Fill(fill.colour, fill.opacity, hatch=True)
        words = f"{title}，位置在此圆内", f"{title_en}, somewhere inside"
        yield Rule(f"{name}_disc", *words, method, family, True, edge, disc)
        return
    drawn = stroke if stroke.width_px and stroke.opacity else None
    filled = fill if family == "Polygon" and fill.opacity else None
    yield Rule(name, title, title_en, method, family, None, drawn, filled)


def _find_stroke(entry: Entry, method: str) -> Stroke:
    style, schematic = entry.style, method == "schematic"
    width = max(1, style["weight"] * THIN) if method == "derived" else style["weight"]
    dash = (4 + width, 2 + width) if schematic else tuple(float(d) for d in (style.get("dash") or "").split())
    opacity = style.get("opacity", 1) * (SCHEMATIC_OPACITY if schematic else 1)
    return Stroke(read_colour(style["color"]), width, opacity, dash, round=not schematic)


def _find_fill(entry: Entry, method: str) -> Fill:
    style = entry.style
    colour = read_colour(style.get("fill") or style["color"])
    hatch = bool(style.get("hatch")) and method == "schematic"
    return Fill(colour, style.get("fill_opacity", FILL_OPACITY), hatch)


def read_colour(text: str) -> Colour:
    """Read a colour of the catalogue, six hexadecimal digits after a number sign."""
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


def find_hatch(fill: Fill) -> tuple[float, float]:
    """Give the opacities of ground and lines of a hatched fill, where the lines are drawn over the ground.

    Returns
    -------
    tuple
        Ground, lines: laid over each other, they are as opaque as ``fill.opacity``.
    """
    ground = HATCH_GROUND * fill.opacity
    return ground, (fill.opacity - ground) / (1 - ground)


def find_scale(zoom: float, *, pixel_m: float = PIXEL_M) -> int | None:
    """Give the scale denominator of a zoom level of the page's map around Guangzhou, to three digits.

    Parameters
    ----------
    zoom
        Zoom level; 0 shows at every scale.
    pixel_m
        Size of a pixel in metres: a CSS pixel, or the 0.28 mm of OGC.

    Returns
    -------
    int or None
        None for zoom 0.
    """
    if not zoom:
        return None
    exact = ZOOM_0_M / 2**zoom / pixel_m
    digits = 3 - len(str(int(exact)))
    return int(round(exact, digits))
