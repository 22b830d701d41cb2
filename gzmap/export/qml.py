"""A layer's style as QGIS 3.22 and newer keep it: in a .qml file of its own or inside a project.

Sizes are in points, three quarters of a CSS pixel each, so that a print looks like the screen. Discs are as large as
their uncertainty in metres, part by part.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from gzmap.catalog import Entry
from gzmap.config import DISC_ACCURACY_M
from gzmap.export.markup import add, build_element, dump_xml
from gzmap.symbols import (
    HATCH_LINE_PX,
    HATCH_PX,
    LATITUDE_DEG,
    METHODS,
    Colour,
    Fill,
    Rule,
    Stroke,
    build_rules,
    find_family,
    find_hatch,
)

QGIS_VERSION = "3.22.16-Białowieża"
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
POINT = "Point"
METRES = "RenderMetersInMapUnits"
PT_PER_PX = 0.75
GEOMETRIES = {"Point": ("marker", "0"), "LineString": ("line", "1"), "Polygon": ("fill", "2")}
"""QGIS' kind of symbol and number of the type, by family."""
MERCATOR_STRETCH = f"if(@map_crs = 'EPSG:3857', {1 / math.cos(math.radians(LATITUDE_DEG)):.3f}, 1)"
"""QGIS takes the metres of Web Mercator for metres on the ground."""
EXPRESSION = "3"
"""QGIS' number of a property that is computed."""


def quote_field(name: str) -> str:
    """Write a field's name in an expression."""
    return '"' + name.replace('"', '""') + '"'


def build_key(*words: str) -> str:
    """Give the same unique key for the same words each time, in braces."""
    return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, '/'.join(('gzmap', *words)))}}}"


def build_renderer(entry: Entry, geometry_type: str, names: Mapping[str, str]) -> Element:
    """Build QGIS' rules of a layer: by method, for points by accuracy too; nothing for a layer of names.

    Parameters
    ----------
    entry
        The layer's line of the catalogue.
    geometry_type
        Of the layer in the file.
    names
        Names of the fields in the file, by our own.
    """
    rules = build_rules(entry, find_family(geometry_type))
    if not rules:
        return build_element("renderer-v2", {"type": "nullSymbol"})
    renderer = build_element("renderer-v2", {"type": "RuleRenderer", "symbollevels": "0"})
    listed = add(renderer, "rules", {"key": build_key(entry.layer_id, "rules")})
    symbols = add(renderer, "symbols")
    for number, rule in enumerate(rules):
        told = {"key": build_key(entry.layer_id, rule.name), "symbol": str(number), "label": rule.title}
        add(listed, "rule", {**told, "filter": _filter(rule, entry, names)})
        symbols.append(_symbol(rule, str(number), entry=entry, names=names))
    return renderer


def _filter(rule: Rule, entry: Entry, names: Mapping[str, str]) -> str:
    method = f"coalesce({quote_field(names.get('method', 'method'))}, '')"
    others = ", ".join(f"'{other}'" for other, *_ in METHODS if other)
    condition = f"{method} = '{rule.method}'" if rule.method else f"{method} NOT IN ({others})"
    if rule.disc is None:
        return condition
    listed, whole = _listed_accuracies(entry, names), _whole_accuracy(names)
    each = f"array_foreach({listed}, coalesce({_number('@element')}, {whole}))"
    if rule.disc:
        return f"{condition} AND {f'array_max({each})' if listed else whole} > {DISC_ACCURACY_M}"
    return f"{condition} AND {f'array_min({each})' if listed else whole} <= {DISC_ACCURACY_M}"


def _whole_accuracy(names: Mapping[str, str]) -> str:
    return f"coalesce({quote_field(names.get('accuracy_m', 'accuracy_m'))}, 0)"


def _listed_accuracies(entry: Entry, names: Mapping[str, str]) -> str:
    """Write the list of the accuracies of the parts of a point; empty where the layer has none."""
    if "part_acc" not in entry.fields:
        return ""
    return f"string_to_array(coalesce({quote_field(names.get('part_acc', 'part_acc'))}, ''), '|')"


def _number(text: str) -> str:
    """Write the number that a text holds; NULL where it holds none."""
    return f"nullif(try(to_real({text})), 0)"


def _accuracy_of_part(entry: Entry, names: Mapping[str, str]) -> str:
    listed, whole = _listed_accuracies(entry, names), _whole_accuracy(names)
    if not listed:
        return whole
    part = f"try(array_get({listed}, coalesce(@geometry_part_num, 1) - 1))"
    return f"coalesce({_number(part)}, {whole})"


def _symbol(rule: Rule, name: str, *, entry: Entry, names: Mapping[str, str]) -> Element:
    kind, _ = GEOMETRIES[rule.family]
    symbol = build_element("symbol", {"type": kind, "name": name, "alpha": "1", "clip_to_extent": "1"})
    if rule.family == "LineString":
        symbol.extend([_line(rule.stroke)] if rule.stroke else [])
    elif rule.family == "Polygon":
        symbol.extend(_area(rule, f"@{name}@"))
    else:
        symbol.append(_marker(rule, name, _accuracy_of_part(entry, names)))
    return symbol


def _marker(rule: Rule, name: str, accuracy: str) -> Element:
    """Draw a circle filled and edged like an area: a pin in points, a disc in metres on the ground."""
    size = 2 * DISC_ACCURACY_M if rule.disc else 2 * rule.radius_px * PT_PER_PX
    options = {"name": "circle", "size": f"{size:.6g}", "size_unit": METRES if rule.disc else POINT}
    layer = _layer("FilledMarker", {**options, "scale_method": "diameter"})
    sign = ">" if rule.disc else "<="
    computed = {"enabled": f"{accuracy} {sign} {DISC_ACCURACY_M}"}
    if rule.disc:
        computed["size"] = f"2 * {accuracy} * {MERCATOR_STRETCH}"
    layer.append(build_computed(computed))
    sub = add(layer, "symbol", {"type": "fill", "name": f"@{name}@0", "alpha": "1", "clip_to_extent": "1"})
    sub.extend(_area(rule, f"@@{name}@0@"))
    return layer


def _area(rule: Rule, prefix: str) -> Iterator[Element]:
    """Fill, hatch and edge an area; sub-symbols are named after the symbol and their place in it."""
    if rule.fill:
        opacity = find_hatch(rule.fill)[0] if rule.fill.hatch else rule.fill.opacity
        colour = _colour(rule.fill.colour, opacity)
        yield _layer("SimpleFill", {"color": colour, "style": "solid", "outline_style": "no", "joinstyle": "round"})
        if rule.fill.hatch:
            yield _hatch(rule.fill, f"{prefix}1")
    if rule.stroke:
        yield _line(rule.stroke)


def _hatch(fill: Fill, name: str) -> Element:
    distance = {"angle": "45", "distance": _points(HATCH_PX / 2**0.5), "distance_unit": POINT}
    layer = _layer("LinePatternFill", distance)
    line = add(layer, "symbol", {"type": "line", "name": name, "alpha": "1", "clip_to_extent": "1"})
    line.append(_line(Stroke(fill.colour, HATCH_LINE_PX, find_hatch(fill)[1], (), round=False)))
    return layer


def _line(stroke: Stroke) -> Element:
    options = {
        "line_color": _colour(stroke.colour, stroke.opacity),
        "line_style": "solid",
        "line_width": _points(stroke.width_px),
        "line_width_unit": POINT,
        "capstyle": "round" if stroke.round else "flat",
        "joinstyle": "round",
        "use_custom_dash": "1" if stroke.dash_px else "0",
    }
    if stroke.dash_px:
        options |= {"customdash": ";".join(map(_points, stroke.dash_px)), "customdash_unit": POINT}
    return _layer("SimpleLine", options)


def _layer(kind: str, options: Mapping[str, str]) -> Element:
    layer = build_element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    layer.append(build_options(options))
    return layer


def build_options(options: Mapping[str, str]) -> Element:
    """Build QGIS' map of options, all texts, ordered by name."""
    element = build_element("Option", {"type": "Map"})
    for name, value in sorted(options.items()):
        add(element, "Option", {"type": "QString", "name": name, "value": value})
    return element


def build_computed(expressions: Mapping[str, str], tag: str = "data_defined_properties") -> Element:
    """Build QGIS' set of properties that are computed for each feature.

    Parameters
    ----------
    expressions
        By the name of the property.
    tag
        Name of the element.
    """
    element = build_element(tag)
    whole = add(element, "Option", {"type": "Map"})
    add(whole, "Option", {"type": "QString", "name": "name", "value": ""})
    properties = add(whole, "Option", {"type": "Map", "name": "properties"})
    for name, expression in sorted(expressions.items()):
        one = add(properties, "Option", {"type": "Map", "name": name})
        add(one, "Option", {"type": "bool", "name": "active", "value": "true"})
        add(one, "Option", {"type": "QString", "name": "expression", "value": expression})
        add(one, "Option", {"type": "int", "name": "type", "value": EXPRESSION})
    add(whole, "Option", {"type": "QString", "name": "type", "value": "collection"})
    return element


def dump_style(parts: Iterable[Element], *, labels: bool, family: str) -> bytes:
    """Write a style file around its parts."""
    categories = "Symbology|Labeling|Fields|Rendering"
    root = build_element(
        "qgis", {"version": QGIS_VERSION, "styleCategories": categories, "labelsEnabled": "1" if labels else "0"}
    )
    root.extend(parts)
    add(root, "layerGeometryType", text=GEOMETRIES[family][1])
    return dump_xml(root, DOCTYPE)


def _points(pixels: float) -> str:
    return f"{pixels * PT_PER_PX:.6g}"


def _colour(colour: Colour, opacity: float) -> str:
    return ",".join(str(part) for part in (*colour, round(255 * opacity)))
