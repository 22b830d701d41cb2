"""The legend: what is visible on the map, by theme, with the signs that its features have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import shapely

from gzmap.catalog import Catalog
from gzmap.sheet.drawing import INK, colour_of, draw_halo, draw_mark, draw_outline, number
from gzmap.sheet.marks import PX_MM, Mark, SheetLayer, order_layers
from gzmap.sheet.views import SheetView
from gzmap.sheet.words import pick, say
from gzmap.symbols import DISC_DASH_PX, METHODS, NAME_COLOUR, Fill, Rule, Stroke

SWATCH_MM = (12.0, 4.2)
"""Width and height of a sign; the ways in which a layer is drawn stand side by side in it."""
PIN_SHARE = 0.36
DISC_SHARE = 0.44


def build_legend(catalog: Catalog, layers: Sequence[SheetLayer], view: SheetView) -> list[dict]:
    """Build the legend's rows, the topmost layers first.

    Returns
    -------
    list
        ``{"kind": "head", "text"}`` and ``{"kind": "row", "text", "svg"}``.
    """
    rows: list[dict] = [*_list_shown(layers, view)]
    titles = {theme["id"]: pick(dict(theme), "title", view.lang) for theme in catalog.themes}
    theme = None
    for layer in order_layers(catalog, [layer for layer in layers if layer.marks and layer.opacity]):
        if theme != layer.entry.theme:
            theme = layer.entry.theme
            rows.append(_head(titles.get(theme) or say("own_layers", view.lang)))
        rows.append(_row(pick(dict(layer.entry.raw), "title", view.lang), draw_swatch(layer, view)))
    if signs := list(_list_signs(layers, view)):
        rows += [_head(say("signs", view.lang)), *signs]
    return rows


def _head(text: str) -> dict:
    return {"kind": "head", "text": text}


def _row(text: str, svg: str) -> dict:
    return {"kind": "row", "text": text, "svg": svg}


def draw_swatch(layer: SheetLayer, view: SheetView) -> str:
    """Draw a layer's sign: each way in which its features are drawn, side by side."""
    if layer.marks[0].rule is None:
        return _write_sample(say("name_sample", view.lang))
    rules = _list_rules(layer.marks)
    width = SWATCH_MM[0] / len(rules)
    return "".join(draw_mark(_sample(rule, width * n, width), opacity=layer.opacity) for n, rule in enumerate(rules))


def _list_rules(marks: Sequence[Mark]) -> list[Rule]:
    """List the rules that are in use, each once: the surest first, areas before lines before points."""
    order = [method for method, *_ in METHODS]
    # Points differ by whether they are discs, hardly by method.
    used = {(m.rule.family, m.rule.disc, "" if m.rule.disc is not None else m.rule.method): m.rule for m in marks}
    families = ("Polygon", "LineString", "Point")
    ranked = sorted(used, key=lambda k: (families.index(k[0]), bool(k[1]), order.index(k[2])))
    return [used[key] for key in ranked]


def _sample(rule: Rule, left: float, width: float) -> Mark:
    """Make a small thing that is drawn by a rule, ``width`` mm wide."""
    height = SWATCH_MM[1]
    right, middle = left + width, height / 2
    if rule.family == "Point":
        radius = height * DISC_SHARE if rule.disc else min(rule.radius_px * PX_MM, height * PIN_SHARE)
        return Mark("", "", shapely.Point(left + width / 2, middle), rule, radius)
    pad = 0.35
    if rule.family == "LineString":
        return Mark("", "", shapely.LineString([(left + pad, middle), (right - pad, middle)]), rule)
    return Mark("", "", shapely.box(left + pad, 0.5, right - pad, height - 0.5), rule)


def _write_sample(text: str) -> str:
    x, y = number(SWATCH_MM[0] / 2), number(SWATCH_MM[1] / 2 + 0.9)
    return f'<text x="{x}" y="{y}" font-size="2.5" text-anchor="middle" fill="{colour_of(NAME_COLOUR)}">{text}</text>'


def _list_shown(layers: Sequence[SheetLayer], view: SheetView) -> Iterator[dict]:
    """List what a query or a click has put on the map."""
    chosen = next((m for layer in layers for m in layer.marks if m.feature_id == view.selected != ""), None)
    if chosen is not None and chosen.rule is not None:
        sample = _sample(chosen.rule, 0, SWATCH_MM[0])
        yield _row(say("selected", view.lang, name=chosen.name), draw_halo(sample) + draw_mark(sample))
    if view.area is not None:
        shape = shapely.box(1, 0.9, SWATCH_MM[0] - 1, SWATCH_MM[1] - 0.9)
        yield _row(say("query_area", view.lang), draw_outline(shape))


def _draw_sign(rule: Rule, *, hatched: bool) -> str:
    """Draw a line by a rule, with a hatched area beside it where there are any."""
    width = SWATCH_MM[0]
    if not hatched:
        return draw_mark(_sample(rule, 0, width))
    area = replace(rule, family="Polygon", fill=Fill(INK, 0.3, hatch=True))
    return draw_mark(_sample(rule, 0, width / 2)) + draw_mark(_sample(area, width / 2, width / 2))


def _list_signs(layers: Sequence[SheetLayer], view: SheetView) -> Iterator[dict]:
    """Explain the ways of drawing that are in use, in grey."""
    rules = [m.rule for layer in layers if layer.entry.kind != "base" and layer.opacity for m in layer.marks if m.rule]
    methods = {rule.method for rule in rules if rule.disc is None}
    hatched = any(rule.fill and rule.fill.hatch and rule.disc is None for rule in rules)
    looks = {
        "": Stroke(INK, 2.0, 1, (), round=True),
        "derived": Stroke(INK, 1.0, 1, (), round=True),
        "schematic": Stroke(INK, 2.0, 0.85, (6, 4), round=False),
    }
    for method, name, *_ in METHODS:
        if method in methods:
            rule = Rule(name, "", "", method, "LineString", None, looks[method], None)
            yield _row(say(f"sign_{name}", view.lang), _draw_sign(rule, hatched=hatched and method == "schematic"))
    if any(rule.disc for rule in rules):
        edge, fill = Stroke(INK, 1.5, 0.85, DISC_DASH_PX, round=False), Fill(INK, 0.3, hatch=True)
        rule = Rule("disc", "", "", "schematic", "Point", True, edge, fill)
        yield _row(say("sign_disc", view.lang), draw_mark(_sample(rule, 0, SWATCH_MM[0])))
