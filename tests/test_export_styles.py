"""SLD and QML: they draw what the page draws, say so in valid XML, and follow the names of the fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from gzmap import symbols
from gzmap.atlas import open_atlas
from gzmap.catalog import Entry
from gzmap.config import DISC_ACCURACY_M
from gzmap.export import labels
from gzmap.export.styles import build_qml, build_sld
from gzmap.symbols import Rule, build_rules, find_scale, read_colour
from gzmap.webmap import ASSETS
from tests.conftest import ROOT
from tests.makers import change_entry

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from gzmap.atlas import Atlas

SHIPPED = list(open_atlas(ROOT).catalog.entries)
SLD, OGC = "{http://www.opengis.net/sld}", "{http://www.opengis.net/ogc}"
CHINESE = {
    "method": "方法",
    "accuracy_m": "误差",
    "part_acc": "分部误差",
    "name": "名称",
    "rank": "级",
    "category": "类",
}
HOSTILE = "</Title><script>\"'&`]]>\x00大㘵沙𠮷{{7*7}}"

# Children of the elements of SLD 1.0.0 and Filter 1.0.0 that are used, in the order that their schemas demand.
CHILDREN = {
    "StyledLayerDescriptor": "NamedLayer",
    "NamedLayer": "Name UserStyle",
    "UserStyle": "Name Title Abstract FeatureTypeStyle",
    "FeatureTypeStyle": "Rule",
    "Rule": "Name Title Filter MaxScaleDenominator PolygonSymbolizer LineSymbolizer PointSymbolizer TextSymbolizer",
    "LineSymbolizer": "Stroke",
    "PolygonSymbolizer": "Fill Stroke",
    "PointSymbolizer": "Graphic",
    "TextSymbolizer": "Label Font LabelPlacement Halo Fill",
    "Graphic": "Mark Size",
    "Mark": "WellKnownName Fill Stroke",
    "Fill": "GraphicFill CssParameter",
    "GraphicFill": "Graphic",
    "Stroke": "CssParameter",
    "Font": "CssParameter",
    "Halo": "Radius Fill",
    "LabelPlacement": "PointPlacement",
    "PointPlacement": "AnchorPoint",
    "AnchorPoint": "AnchorPointX AnchorPointY",
    "Label": "PropertyName",
    "Size": "Div",
    "Div": "Mul Function",
    "Mul": "PropertyName Literal",
    "Function": "Literal",
    "Filter": "PropertyIsEqualTo And Not",
    "And": "PropertyIsEqualTo PropertyIsGreaterThan Not",
    "Or": "PropertyIsEqualTo",
    "Not": "Or PropertyIsGreaterThan PropertyIsLessThan",
    **dict.fromkeys(("PropertyIsEqualTo", "PropertyIsGreaterThan", "PropertyIsLessThan"), "PropertyName Literal"),
}
UNORDERED = {"And", "Filter"}
CSS = {
    "Fill": {"fill", "fill-opacity"},
    "Font": {"font-family", "font-size", "font-style"},
    "Stroke": {
        *("stroke", "stroke-width", "stroke-opacity", "stroke-linejoin", "stroke-linecap", "stroke-dasharray"),
    },
}


@pytest.fixture(scope="session")
def sheet() -> str:
    return (ASSETS / "mapview.css").read_text(encoding="utf-8")


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def css(element: Element) -> dict[str, str]:
    return {e.get("name"): e.text for e in element.findall(f"{SLD}CssParameter")}


def read_sld(entry: Entry, geometry_type: str = "", names: dict[str, str] | None = None) -> Element:
    kind = geometry_type or entry.geometry_type
    return ElementTree.fromstring(build_sld(entry, geometry_type=kind, names=names or {}))


def read_qml(entry: Entry, geometry_type: str = "", names: dict[str, str] | None = None) -> Element:
    kind = geometry_type or entry.geometry_type
    return ElementTree.fromstring(build_qml(entry, geometry_type=kind, names=names or {}, aliases={}))


def options(layer: Element) -> dict[str, str]:
    return {o.get("name"): o.get("value") for o in layer.find("Option")}


def computed(layer: Element) -> dict[str, str]:
    found = layer.findall("data_defined_properties//Option[@name='expression']/..")
    return {o.get("name"): o.find("Option[@name='expression']").get("value") for o in found}


def find_rule(root: Element, name: str) -> Element:
    return next(r for r in root.iter(f"{SLD}Rule") if r.findtext(f"{SLD}Name") == name)


def find_symbol(root: Element, label: str) -> Element:
    number = next(r.get("symbol") for r in root.iter("rule") if r.get("label") == label)
    return root.find(f"renderer-v2/symbols/symbol[@name='{number}']")


# --- the same as on the page


def test_the_names_are_written_as_on_the_page(sheet: str) -> None:
    assert f"letter-spacing: {f'{labels.AREA_SPACING_EM}'.lstrip('0')}em" in sheet
    assert re.findall(r"\.gz-label-(\w+) \{[^}]*font-style: italic", sheet) == ["water"]
    spoken = re.search(r"font: 14px/1\.5 ([^;]*);", sheet)[1].replace('"', "").split(", ")
    assert [font for font in labels.FONTS if font in spoken] == spoken[:-1]


# --- SLD


@pytest.mark.parametrize("layer_id", SHIPPED)
def test_every_sld_keeps_the_schema(atlas: Atlas, layer_id: str) -> None:
    root = read_sld(atlas.catalog.entries[layer_id])
    assert root.get("version") == "1.0.0"
    rules = list(root.iter(f"{SLD}Rule"))
    assert rules
    assert len({rule.findtext(f"{SLD}Name") for rule in rules}) == len(rules)
    for element in root.iter():
        name, children = local(element), [local(child) for child in element]
        allowed = CHILDREN.get(name, "").split()
        assert set(children) <= set(allowed), name
        if name not in UNORDERED:
            assert children == sorted(children, key=allowed.index), name
        told = css(element)
        assert len(told) == sum(child == "CssParameter" for child in children)
        assert set(told) <= CSS.get(name, set()), name
        assert children or (element.text or "").strip() or name in ("PolygonSymbolizer", "LineSymbolizer"), name
    assert all("Symbolizer" in local(rule[-1]) for rule in rules)


def test_sld_of_lines(atlas: Atlas) -> None:
    entry = atlas.catalog.entries["eco_corridors"]
    root = read_sld(entry)
    known, schematic = find_rule(root, "known"), find_rule(root, "schematic")
    style = entry.style
    assert css(known.find(f".//{SLD}Stroke")) == {
        "stroke": style["color"].lower(),
        "stroke-width": f"{style['weight']:g}",
        "stroke-opacity": f"{style['opacity']:g}",
        "stroke-linejoin": "round",
        "stroke-linecap": "round",
        "stroke-dasharray": style["dash"],
    }
    dashed = css(schematic.find(f".//{SLD}Stroke"))
    assert dashed["stroke-dasharray"] == f"{style['weight'] + 4:g} {style['weight'] + 2:g}"
    assert float(dashed["stroke-opacity"]) == pytest.approx(style["opacity"] * 0.85)
    assert dashed["stroke-linecap"] == "butt"


def test_sld_hatches_over_the_ground(atlas: Atlas) -> None:
    entry = atlas.catalog.entries["biodiversity_hotspots"]
    rule = find_rule(read_sld(entry), "schematic")
    ground, hatched = rule.findall(f"{SLD}PolygonSymbolizer")
    assert float(css(ground.find(f"{SLD}Fill"))["fill-opacity"]) == pytest.approx(0.35 * entry.style["fill_opacity"])
    assert ground.find(f"{SLD}Stroke") is None
    assert hatched.findtext(f".//{SLD}WellKnownName") == "shape://slash"
    assert css(hatched.find(f"{SLD}Stroke"))["stroke-dasharray"] == "6 4"
    assert len(find_rule(read_sld(entry), "known").findall(f"{SLD}PolygonSymbolizer")) == 1


def test_sld_disc_is_as_large_as_the_uncertainty(atlas: Atlas) -> None:
    root = read_sld(atlas.catalog.entries["hot_springs"], names=CHINESE)
    size = find_rule(root, "schematic_disc").find(f".//{SLD}Size")
    field, factor = (size.find(f"{OGC}Div/{OGC}Mul/{OGC}{name}").text for name in ("PropertyName", "Literal"))
    function = size.find(f"{OGC}Div/{OGC}Function")
    variable, otherwise = (literal.text for literal in function)
    assert (field, function.get("name"), variable) == ("误差", "env", "wms_scale_denominator")
    # 9 km around a point at 1 : 100 000 are 90 mm on paper, pixels of 0.28 mm.
    assert 9000 * float(factor) / 100000 == pytest.approx(2 * 90 / 0.28, rel=1e-5)
    assert int(otherwise) == 500000
    pin = find_rule(root, "schematic_point").find(f".//{SLD}Size")
    assert pin.text == "14"


def evaluate(condition: Element, row: dict[str, object]) -> bool:
    """Evaluate a filter as OGC means it; a comparison with nothing is false."""
    name = local(condition)
    if name in ("Filter", "And"):
        return all(evaluate(child, row) for child in condition)
    if name == "Or":
        return any(evaluate(child, row) for child in condition)
    if name == "Not":
        return not evaluate(condition[0], row)
    value, limit = row[condition[0].text], condition[1].text
    if value is None:
        return False
    if name == "PropertyIsEqualTo":
        return str(value) == limit
    return value > float(limit) if name == "PropertyIsGreaterThan" else value < float(limit)


def find_matching(root: Element, row: dict[str, object]) -> list[str]:
    found = [r for r in root.iter(f"{SLD}Rule") if evaluate(r.find(f"{OGC}Filter"), row)]
    return [rule.findtext(f"{SLD}Name") for rule in found]


METHODS = ("official", "digitized", "geocoded", "derived", "schematic", "", None)


@pytest.mark.parametrize("method", METHODS)
def test_one_sld_rule_for_every_feature(atlas: Atlas, method: str | None) -> None:
    name = method if method in ("derived", "schematic") else "known"
    assert find_matching(read_sld(atlas.catalog.entries["waterways"]), {"method": method}) == [name]
    points = read_sld(atlas.catalog.entries["hot_springs"], names=CHINESE)
    for accuracy, kind in ((None, "point"), (DISC_ACCURACY_M, "point"), (DISC_ACCURACY_M + 1, "disc")):
        assert find_matching(points, {"方法": method, "误差": accuracy}) == [f"{name}_{kind}"]


@pytest.mark.parametrize("rank", [*range(6), None])
@pytest.mark.parametrize("category", ["water", "hill", "town", None])
def test_one_sld_rule_for_every_name(atlas: Atlas, rank: int | None, category: str | None) -> None:
    root = read_sld(atlas.catalog.entries["labels"])
    (name,) = find_matching(root, {"rank": rank, "category": category})
    kind = category if category in ("water", "hill") else "other"
    assert name == f"rank_{5 if rank is None else rank}_{kind}"
    rule = find_rule(root, name)
    assert css(rule.find(f".//{SLD}Font"))["font-style"] == ("italic" if category == "water" else "normal")
    scale = rule.findtext(f"{SLD}MaxScaleDenominator")
    assert (scale is None) == (rank == 0)
    # QGIS takes no rule of names alone; what it draws is not to be seen.
    unseen = rule.find(f"{SLD}PointSymbolizer/{SLD}Graphic/{SLD}Mark")
    assert css(unseen.find(f"{SLD}Fill"))["fill-opacity"] == "0"
    assert unseen.find(f"{SLD}Stroke") is None


def test_sld_writes_the_names_of_areas(atlas: Atlas) -> None:
    root = read_sld(atlas.catalog.entries["districts"], names=CHINESE)
    assert [r.findtext(f".//{SLD}Label/{OGC}PropertyName") for r in root.iter(f"{SLD}Rule")] == ["名称"] * 3
    assert not list(read_sld(atlas.catalog.entries["waterways"]).iter(f"{SLD}TextSymbolizer"))


def test_sld_says_what_it_cannot_do(atlas: Atlas) -> None:
    abstract = read_sld(atlas.catalog.entries["hot_springs"]).findtext(f".//{SLD}Abstract")
    assert "500000" in abstract
    assert "不作为法定依据" in abstract


# --- QML


@pytest.mark.parametrize("layer_id", SHIPPED)
def test_every_qml_is_whole(atlas: Atlas, layer_id: str) -> None:
    entry = atlas.catalog.entries[layer_id]
    root = read_qml(entry)
    renderer = root.find("renderer-v2")
    if layer_id == "labels":
        assert renderer.get("type") == "nullSymbol"
    else:
        used = [rule.get("symbol") for rule in renderer.find("rules")]
        assert used == [symbol.get("name") for symbol in renderer.find("symbols")]
        assert used
    keys = [e.get("key") for e in root.iter() if e.get("key")]
    assert len(set(keys)) == len(keys)
    kinds = {"Point": "0", "LineString": "1", "Polygon": "2"}
    assert root.findtext("layerGeometryType") == kinds[entry.geometry_type.removeprefix("Multi")]
    assert (root.find("labeling") is not None) == (root.get("labelsEnabled") == "1")


def test_qml_of_lines(atlas: Atlas) -> None:
    entry = atlas.catalog.entries["waterways"]
    root = read_qml(entry)
    (line,) = find_symbol(root, "示意").findall("layer")
    told = options(line)
    width = entry.style["weight"]
    assert told["line_width"] == f"{width * 0.75:g}"
    assert told["customdash"] == f"{(4 + width) * 0.75:g};{(2 + width) * 0.75:g}"
    assert {told[unit] for unit in ("line_width_unit", "customdash_unit")} == {"Point"}
    assert (told["capstyle"], told["use_custom_dash"]) == ("flat", "1")
    red, green, blue = read_colour(entry.style["color"])
    assert told["line_color"] == f"{red},{green},{blue},{round(255 * 0.85)}"
    (thin,) = find_symbol(root, "由其他数据推导").findall("layer")
    assert options(thin)["line_width"] == f"{width * 0.75 * 0.75:.6g}"
    assert options(thin)["use_custom_dash"] == "0"
    assert "customdash" not in options(thin)


def test_qml_of_areas(atlas: Atlas) -> None:
    root = read_qml(atlas.catalog.entries["biodiversity_hotspots"])
    schematic = find_symbol(root, "示意").findall("layer")
    assert [layer.get("class") for layer in schematic] == ["SimpleFill", "LinePatternFill", "SimpleLine"]
    assert options(schematic[0])["outline_style"] == "no"
    pattern = options(schematic[1])
    assert pattern["angle"] == "45"
    assert float(pattern["distance"]) == pytest.approx(8 / 2**0.5 * 0.75, rel=1e-5)
    known = find_symbol(root, "位置有据").findall("layer")
    assert [layer.get("class") for layer in known] == ["SimpleFill", "SimpleLine"]


def test_qml_discs_are_metres_part_by_part(atlas: Atlas) -> None:
    root = read_qml(atlas.catalog.entries["hot_springs"], names=CHINESE)
    (disc,) = find_symbol(root, "示意，位置在此圆内").findall("layer")
    assert disc.get("class") == "FilledMarker"
    assert options(disc)["size_unit"] == "RenderMetersInMapUnits"
    told = computed(disc)
    assert told["size"].startswith("2 * coalesce(")
    assert '"分部误差"' in told["size"]
    assert "@geometry_part_num" in told["size"]
    assert "'EPSG:3857'" in told["size"]
    assert told["enabled"].endswith(f"> {DISC_ACCURACY_M}")
    (pin,) = find_symbol(root, "示意").findall("layer")
    assert options(pin)["size"] == f"{2 * 7 * 0.75:g}"
    assert options(pin)["size_unit"] == "Point"
    assert computed(pin)["enabled"].endswith(f"<= {DISC_ACCURACY_M}")
    classes = [layer.get("class") for layer in disc.findall("symbol/layer")]
    assert classes == ["SimpleFill", "LinePatternFill", "SimpleLine"]


def test_qml_sorts_features_by_their_best_and_worst_part(atlas: Atlas) -> None:
    """A feature whose parts are known differently is drawn by two rules, each part once."""
    rules = list(read_qml(atlas.catalog.entries["hot_springs"]).iter("rule"))
    pins, discs = rules[::2], rules[1::2]
    assert all(r.get("filter").endswith(f"<= {DISC_ACCURACY_M}") and "array_min" in r.get("filter") for r in pins)
    assert all(r.get("filter").endswith(f"> {DISC_ACCURACY_M}") and "array_max" in r.get("filter") for r in discs)
    assert [r.get("filter").partition(" AND ")[0] for r in pins] == [
        r.get("filter").partition(" AND ")[0] for r in discs
    ]


def test_qml_without_parts_asks_for_none(atlas: Atlas) -> None:
    entry = change_entry(atlas.catalog.entries["hot_springs"], fields={})
    assert "part_acc" not in build_qml(entry, geometry_type="MultiPoint", names={}, aliases={}).decode()


def test_qml_filters_use_the_names_of_the_file(atlas: Atlas) -> None:
    root = read_qml(atlas.catalog.entries["hot_springs"], names=CHINESE)
    filters = [rule.get("filter") for rule in root.iter("rule")]
    assert all('"方法"' in text and '"误差"' in text for text in filters)
    assert not any('"method"' in text or '"accuracy_m"' in text for text in filters)
    quoted = read_qml(atlas.catalog.entries["waterways"], names={"method": 'a"b'})
    assert all('"a""b"' in rule.get("filter") for rule in quoted.iter("rule"))


def test_qml_writes_the_names_of_areas(atlas: Atlas) -> None:
    root = read_qml(atlas.catalog.entries["districts"], names=CHINESE)
    style = root.find("labeling/settings/text-style")
    assert (style.get("fieldName"), style.get("isExpression")) == ("名称", "0")
    assert (style.get("fontSize"), style.get("fontSizeUnit")) == ("12", "Point")
    assert style.get("textColor") == "110,110,103,255"
    assert root.find("labeling/settings/rendering").get("obstacle") == "0"


def test_qml_ranks_names(atlas: Atlas) -> None:
    root = read_qml(atlas.catalog.entries["labels"])
    rules = root.findall("labeling/rules/rule")
    assert [rule.get("scalemaxdenom") for rule in rules] == [
        None,
        *(str(find_scale(z)) for z in symbols.RANKED_ZOOMS[1:]),
    ]
    priorities = [int(rule.find("settings/placement").get("priority")) for rule in rules]
    assert priorities == sorted(priorities, reverse=True)
    told = rules[1].find("settings")
    assert "'42,106,148'" in ElementTree.tostring(told, encoding="unicode")
    names = {o.get("name") for o in told.findall("dd_properties//Option[@name='properties']/Option")}
    assert names == {"Color", "Italic"}


def test_qml_aliases(atlas: Atlas) -> None:
    entry = atlas.catalog.entries["waterways"]
    aliases = {"id": "标识", "name": HOSTILE}
    root = ElementTree.fromstring(build_qml(entry, geometry_type="MultiLineString", names={}, aliases=aliases))
    found = {alias.get("field"): alias.get("name") for alias in root.iter("alias")}
    assert found == {"id": "标识", "name": HOSTILE.replace("\x00", "\ufffd")}


# --- both


@pytest.mark.parametrize("layer_id", SHIPPED)
def test_same_bytes_each_time(atlas: Atlas, layer_id: str) -> None:
    entry = atlas.catalog.entries[layer_id]
    told = {"geometry_type": entry.geometry_type, "names": {}}
    assert build_sld(entry, **told) == build_sld(entry, **told)
    assert build_qml(entry, **told, aliases={}) == build_qml(entry, **told, aliases={})


def test_hostile_texts_stay_texts(atlas: Atlas) -> None:
    entry = change_entry(atlas.catalog.entries["waterways"], title=HOSTILE, title_en=HOSTILE)
    names = dict.fromkeys(("method", "name", "accuracy_m"), HOSTILE)
    root = read_sld(entry, names=names)
    safe = HOSTILE.replace("\x00", "\ufffd")
    assert root.findtext(f".//{SLD}Title") == f"{safe} {safe}"
    assert {e.text for e in root.iter(f"{OGC}PropertyName")} == {safe}
    assert not any(local(e) == "script" for e in root.iter())
    assert not any(local(e) == "script" for e in read_qml(entry, names=names).iter())


@pytest.mark.parametrize("geometry_type", ["Point", "MultiPoint", "LineString", "Polygon", "MultiPolygon"])
def test_single_and_multi_are_drawn_alike(atlas: Atlas, geometry_type: str) -> None:
    entry = atlas.catalog.entries["hot_springs"]
    family = geometry_type.removeprefix("Multi")
    multi, single = (read_sld(entry, kind) for kind in (f"Multi{family}", family))
    assert ElementTree.tostring(multi) == ElementTree.tostring(single)
    expected = {"Point": "PointSymbolizer", "LineString": "LineSymbolizer", "Polygon": "PolygonSymbolizer"}[family]
    assert {local(rule[-1]) for rule in single.iter(f"{SLD}Rule")} == {expected}


def test_a_rule_without_anything_draws_nothing(atlas: Atlas) -> None:
    entry = change_entry(atlas.catalog.entries["mountains"], style={"weight": 0, "fill_opacity": 0})
    known: Rule = build_rules(entry, "Polygon")[0]
    assert (known.stroke, known.fill) == (None, None)
    assert len(find_rule(read_sld(entry), "known").find(f"{SLD}PolygonSymbolizer")) == 0
    assert find_symbol(read_qml(entry), "位置有据").findall("layer") == []
