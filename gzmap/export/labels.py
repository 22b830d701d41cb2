"""Names on the map as QGIS writes them: of areas, and of places for orientation by rank and category."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from gzmap.catalog import Entry
from gzmap.export.markup import add, build_element
from gzmap.export.qml import POINT, PT_PER_PX, build_computed, build_key, quote_field
from gzmap.symbols import (
    AREA_NAME_COLOUR,
    NAME_COLOUR,
    NAME_COLOURS,
    RANKED_SIZES_PX,
    RANKED_ZOOMS,
    WHITE,
    Colour,
    find_scale,
    is_text_only,
)

FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei")
HALO_PX = 2
AREA_SPACING_EM = 0.14
OVER_POINT, CENTRED = "1", "4"
"""QGIS' numbers of a placement over a point (the centroid of an area) and of its middle."""


def build_labeling(entry: Entry, names: Mapping[str, str]) -> Element | None:
    """Build the names of a layer, None where the map shows none.

    Parameters
    ----------
    entry
        The layer's line of the catalogue.
    names
        Names of the fields in the file, by our own.
    """
    if is_text_only(entry):
        return _ranked(entry, names)
    if not entry.style.get("label"):
        return None
    labeling = build_element("labeling", {"type": "simple"})
    size_px = RANKED_SIZES_PX[0]
    settings = _settings(names, size_px=size_px, colour=AREA_NAME_COLOUR, spacing_px=AREA_SPACING_EM * size_px)
    labeling.append(settings)
    return labeling


def _ranked(entry: Entry, names: Mapping[str, str]) -> Element:
    """Show the names of a rank from its zoom on, in the colour of their category."""
    labeling = build_element("labeling", {"type": "rule-based"})
    rules = add(labeling, "rules", {"key": build_key(entry.layer_id, "names")})
    rank = f"coalesce({quote_field(names.get('rank', 'rank'))}, {len(RANKED_ZOOMS) - 1})"
    category = f"coalesce({quote_field(names.get('category', 'category'))}, '')"
    cases = "".join(f" WHEN {category} = '{k}' THEN '{_colour(c)}'" for k, c in NAME_COLOURS.items())
    computed = {"Color": f"CASE{cases} ELSE '{_colour(NAME_COLOUR)}' END", "Italic": f"{category} = 'water'"}
    for number, (zoom, size_px) in enumerate(zip(RANKED_ZOOMS, RANKED_SIZES_PX, strict=True)):
        told = {"key": build_key(entry.layer_id, f"rank {number}"), "filter": f"{rank} = {number}"}
        shown = {"scalemaxdenom": str(scale)} if (scale := find_scale(zoom)) else {}
        rule = add(rules, "rule", {**told, **shown, "description": f"rank {number}"})
        rule.append(_settings(names, size_px=size_px, colour=NAME_COLOUR, rank=number, computed=computed))
    return labeling


def _settings(
    names: Mapping[str, str],
    *,
    size_px: float,
    colour: Colour,
    spacing_px: float = 0,
    rank: int = 0,
    computed: Mapping[str, str] | None = None,
) -> Element:
    settings = build_element("settings", {"calloutType": "simple"})
    told = {
        "fieldName": names.get("name", "name"),
        "isExpression": "0",
        "fontFamily": FONTS[0],
        "fontSize": f"{size_px * PT_PER_PX:.6g}",
        "fontSizeUnit": POINT,
        "fontLetterSpacing": f"{spacing_px * PT_PER_PX:.6g}",
        "textColor": f"{_colour(colour)},255",
        "textOpacity": "1",
    }
    style = add(settings, "text-style", told)
    families = add(style, "families")
    for font in FONTS:
        add(families, "family", {"name": font})
    halo = {"bufferDraw": "1", "bufferSize": f"{HALO_PX * PT_PER_PX:.6g}", "bufferSizeUnits": POINT}
    add(style, "text-buffer", {**halo, "bufferColor": f"{_colour(WHITE)},255", "bufferOpacity": "0.9"})
    # Names keep off each other only: they may stand on any symbol.
    place = {"placement": OVER_POINT, "quadOffset": CENTRED, "centroidInside": "0", "centroidWhole": "1"}
    add(settings, "placement", {**place, "priority": str(10 - rank), "dist": "0"})
    add(settings, "rendering", {"drawLabels": "1", "obstacle": "0", "labelPerPart": "0", "displayAll": "0"})
    if computed:
        settings.append(build_computed(computed, tag="dd_properties"))
    return settings


def _colour(colour: Colour) -> str:
    return ",".join(map(str, colour))
