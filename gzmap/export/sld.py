"""Styled Layer Descriptor 1.0 of a layer: valid by its schema, read by GeoServer and, with less, by QGIS.

SLD 1.0 measures in pixels only. The size of a disc is therefore computed from the scale that GeoServer tells in its
variable ``wms_scale_denominator``; a client without that variable draws discs as at `DISC_SCALE`, or in a size of its
own. Disc fills are plain, as opaque as their hatching is in the mean, and a disc is as large as the worst part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from gzmap.catalog import Entry
from gzmap.config import DISC_ACCURACY_M
from gzmap.export.markup import add, build_element, dump_xml
from gzmap.symbols import (
    AREA_NAME_COLOUR,
    HATCH_GROUND,
    HATCH_LINE_PX,
    HATCH_PX,
    METHODS,
    NAME_COLOUR,
    NAME_COLOURS,
    RANKED_SIZES_PX,
    RANKED_ZOOMS,
    WHITE,
    Colour,
    Fill,
    Rule,
    Stroke,
    build_rules,
    find_family,
    find_hatch,
    find_scale,
    is_text_only,
)

NAMESPACES = {
    "xmlns": "http://www.opengis.net/sld",
    "xmlns:ogc": "http://www.opengis.net/ogc",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": "http://www.opengis.net/sld http://schemas.opengis.net/sld/1.0.0/StyledLayerDescriptor.xsd",
}
PIXEL_M = 0.00028
"""A pixel as OGC counts scales, in metres."""
DISC_SCALE = 500000
"""Scale denominator at which a client that knows no scale draws discs."""
HATCH_MEAN = HATCH_GROUND + (1 - HATCH_GROUND) * HATCH_LINE_PX * 2**0.5 / HATCH_PX
"""Mean opacity of hatching, as a part of that of its lines."""
FONT = "Noto Sans CJK SC"
HALO_PX = 2


def dump_sld(entry: Entry, geometry_type: str, names: Mapping[str, str]) -> bytes:
    """Write the style of a layer.

    Parameters
    ----------
    entry
        The layer's line of the catalogue.
    geometry_type
        Of the layer in the file.
    names
        Names of the fields in the file, by our own; a field that is not there keeps its name.
    """
    root = build_element("StyledLayerDescriptor", {"version": "1.0.0", **NAMESPACES})
    layer = add(root, "NamedLayer")
    add(layer, "Name", text=entry.layer_id)
    style = add(layer, "UserStyle")
    add(style, "Name", text=entry.layer_id)
    add(style, "Title", text=f"{entry.title} {entry.title_en}")
    add(style, "Abstract", text=_describe(find_family(geometry_type), names))
    features = add(style, "FeatureTypeStyle")
    if is_text_only(entry):
        features.extend(_name_rules(names))
    for rule in build_rules(entry, find_family(geometry_type)):
        features.append(_rule(rule, entry, names))
    return dump_xml(root)


def _describe(family: str, names: Mapping[str, str]) -> str:
    text = "实线：位置有据；细线：由其他数据推导；虚线：示意。"
    if family == "Point":
        text += (
            f"误差大于 {DISC_ACCURACY_M} 米的点画作虚线圆，半径为字段 {names.get('accuracy_m', 'accuracy_m')} 的米数；"
            f"圆的大小按 GeoServer 的比例尺变量计算，其他软件按 1:{DISC_SCALE} 或自定大小显示。"
        )
    return f"{text}非官方示意，不作为法定依据。"


def _rule(rule: Rule, entry: Entry, names: Mapping[str, str]) -> Element:
    element = build_element("Rule")
    add(element, "Name", text=rule.name)
    add(element, "Title", text=f"{rule.title} {rule.title_en}")
    conditions = [_method_filter(rule.method, names)]
    if rule.disc is not None:
        worse = _compare("GreaterThan", names.get("accuracy_m", "accuracy_m"), str(DISC_ACCURACY_M))
        conditions.append(worse if rule.disc else _join("ogc:Not", worse))
    whole = conditions[0] if len(conditions) == 1 else _join("ogc:And", *conditions)
    element.append(_join("ogc:Filter", whole))
    element.extend(_symbolizers(rule, names))
    if entry.style.get("label"):
        name = names.get("name", "name")
        element.append(_text(name, size_px=RANKED_SIZES_PX[0], colour=AREA_NAME_COLOUR))
    return element


def _method_filter(method: str, names: Mapping[str, str]) -> Element:
    field = names.get("method", "method")
    if method:
        return _compare("EqualTo", field, method)
    others = (_compare("EqualTo", field, other) for other, *_ in METHODS if other)
    return _join("ogc:Not", _join("ogc:Or", *others))


def _compare(comparison: str, field: str, value: str) -> Element:
    element = build_element(f"ogc:PropertyIs{comparison}")
    add(element, "ogc:PropertyName", text=field)
    add(element, "ogc:Literal", text=value)
    return element


def _join(tag: str, *elements: Element) -> Element:
    joined = build_element(tag)
    joined.extend(elements)
    return joined


def _symbolizers(rule: Rule, names: Mapping[str, str]) -> Iterator[Element]:
    if rule.disc is not None:
        yield _point(rule, names.get("accuracy_m", "accuracy_m"))
        return
    drawn = build_element("LineSymbolizer" if rule.family == "LineString" else "PolygonSymbolizer")
    if rule.fill and rule.fill.hatch:
        ground = build_element("PolygonSymbolizer")
        ground.append(_fill(Fill(rule.fill.colour, find_hatch(rule.fill)[0])))
        yield ground
        drawn.append(_hatch(rule.fill))
    elif rule.fill:
        drawn.append(_fill(rule.fill))
    drawn.extend(_stroke(rule.stroke))
    yield drawn


def _point(rule: Rule, accuracy: str) -> Element:
    element = build_element("PointSymbolizer")
    graphic = add(element, "Graphic")
    mark = add(graphic, "Mark")
    add(mark, "WellKnownName", text="circle")
    plain = Fill(rule.fill.colour, rule.fill.opacity * (HATCH_MEAN if rule.fill.hatch else 1))
    mark.append(_fill(plain))
    mark.extend(_stroke(rule.stroke))
    if rule.disc:
        add(graphic, "Size").append(_disc_size(accuracy))
    else:
        add(graphic, "Size", text=_number(2 * rule.radius_px))
    return element


def _disc_size(accuracy: str) -> Element:
    """Diameter in pixels: twice the accuracy over the ground that a pixel covers."""
    diameter = build_element("ogc:Mul")
    add(diameter, "ogc:PropertyName", text=accuracy)
    add(diameter, "ogc:Literal", text=_number(2 / PIXEL_M))
    scale = build_element("ogc:Function", {"name": "env"})
    add(scale, "ogc:Literal", text="wms_scale_denominator")
    add(scale, "ogc:Literal", text=str(DISC_SCALE))
    return _join("ogc:Div", diameter, scale)


def _stroke(stroke: Stroke | None) -> Iterator[Element]:
    if stroke is None:
        return
    element = build_element("Stroke")
    _css(element, "stroke", _hex(stroke.colour))
    _css(element, "stroke-width", _number(stroke.width_px))
    _css(element, "stroke-opacity", _number(stroke.opacity))
    _css(element, "stroke-linejoin", "round")
    _css(element, "stroke-linecap", "round" if stroke.round else "butt")
    if stroke.dash_px:
        _css(element, "stroke-dasharray", " ".join(map(_number, stroke.dash_px)))
    yield element


def _fill(fill: Fill) -> Element:
    element = build_element("Fill")
    _css(element, "fill", _hex(fill.colour))
    _css(element, "fill-opacity", _number(fill.opacity))
    return element


def _hatch(fill: Fill) -> Element:
    """Fill with diagonals, drawn over the ground."""
    element = build_element("Fill")
    graphic = add(add(element, "GraphicFill"), "Graphic")
    mark = add(graphic, "Mark")
    add(mark, "WellKnownName", text="shape://slash")
    mark.extend(_stroke(Stroke(fill.colour, HATCH_LINE_PX, find_hatch(fill)[1], (), round=False)))
    add(graphic, "Size", text=_number(HATCH_PX))
    return element


def _name_rules(names: Mapping[str, str]) -> Iterator[Element]:
    """Build the rules of a layer of names: the lower the rank, the larger and the earlier; the colour by category."""
    category, rank = names.get("category", "category"), names.get("rank", "rank")
    last = len(RANKED_ZOOMS) - 1
    for number, (zoom, size_px) in enumerate(zip(RANKED_ZOOMS, RANKED_SIZES_PX, strict=True)):
        ranked = _compare("EqualTo", rank, str(number))
        if number == last:  # names without a rank too
            ranked = _join("ogc:Not", _compare("LessThan", rank, str(last)))
        for kind in (*NAME_COLOURS, ""):
            others = [_compare("EqualTo", category, other) for other in NAME_COLOURS if not kind or other == kind]
            colour = others[0] if kind else _join("ogc:Not", _join("ogc:Or", *others))
            element = build_element("Rule")
            add(element, "Name", text=f"rank_{number}_{kind or 'other'}")
            element.append(_join("ogc:Filter", _join("ogc:And", ranked, colour)))
            if scale := find_scale(zoom, pixel_m=PIXEL_M):
                add(element, "MaxScaleDenominator", text=str(scale))
            element.append(_unseen())
            told = {"size_px": size_px, "colour": NAME_COLOURS.get(kind, NAME_COLOUR), "italic": kind == "water"}
            element.append(_text(names.get("name", "name"), **told))
            yield element


def _unseen() -> Element:
    """Draw a point that nobody sees: QGIS takes no style that has names alone."""
    element = build_element("PointSymbolizer")
    graphic = add(element, "Graphic")
    mark = add(graphic, "Mark")
    add(mark, "WellKnownName", text="circle")
    mark.append(_fill(Fill(WHITE, 0)))
    add(graphic, "Size", text="1")
    return element


def _text(field: str, *, size_px: float, colour: Colour, italic: bool = False) -> Element:
    element = build_element("TextSymbolizer")
    add(add(element, "Label"), "ogc:PropertyName", text=field)
    font = add(element, "Font")
    _css(font, "font-family", FONT)
    _css(font, "font-size", _number(size_px))
    _css(font, "font-style", "italic" if italic else "normal")
    anchor = add(add(add(element, "LabelPlacement"), "PointPlacement"), "AnchorPoint")
    add(anchor, "AnchorPointX", text="0.5")
    add(anchor, "AnchorPointY", text="0.5")
    halo = add(element, "Halo")
    add(halo, "Radius", text=_number(HALO_PX))
    halo.append(_fill(Fill(WHITE, 1)))
    _css(add(element, "Fill"), "fill", _hex(colour))
    return element


def _css(parent: Element, name: str, value: str) -> None:
    add(parent, "CssParameter", {"name": name}, text=value)


def _hex(colour: Colour) -> str:
    return f"#{bytes(colour).hex()}"


def _number(value: float) -> str:
    return f"{value:.6g}"
