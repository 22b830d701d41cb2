"""The rules of drawing: the numbers of the page, what the method decides, scales."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from gzmap import symbols
from gzmap.symbols import Fill, Stroke, build_rules, find_hatch, find_scale, read_colour
from gzmap.webmap import ASSETS
from tests.conftest import ROOT
from tests.makers import change_entry

if TYPE_CHECKING:
    from gzmap.atlas import Atlas


@pytest.fixture(scope="session")
def script() -> str:
    return (ASSETS / "layers.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def sheet() -> str:
    return (ASSETS / "mapview.css").read_text(encoding="utf-8")


# --- the same as on the page


def test_the_numbers_are_those_of_the_page(script: str) -> None:
    """What layers.js writes is what symbols.py writes."""
    zooms = ", ".join(f"{zoom:g}" for zoom in symbols.RANKED_ZOOMS)
    assert f"const ZOOM_OF_RANK = [{zooms}];" in script
    first, second, *others = symbols.RANKED_SIZES_PX
    assert f"const SIZES = {{ 0: {first}, 1: {second} }};" in script
    assert f"SIZES[label.rank] ?? {others[0]};" in script
    assert set(others) == {others[0]}
    assert len(symbols.RANKED_SIZES_PX) == len(symbols.RANKED_ZOOMS)
    assert f'const DISC_DASH = "{" ".join(map(str, symbols.DISC_DASH_PX))}";' in script
    assert f'"derived" ? Math.max(1, s.weight * {symbols.THIN}) : s.weight' in script
    assert f"(s.opacity ?? 1) * (schematic ? {symbols.SCHEMATIC_OPACITY} : 1)" in script
    assert "schematic ? `${4 + weight} ${2 + weight}` : s.dash ?? null" in script
    assert 'schematic ? "butt" : "round"' in script
    assert "s.fill ?? s.color" in script
    assert f"s.fill_opacity ?? {symbols.FILL_OPACITY}," in script
    assert "Boolean(s.hatch) && schematic" in script
    assert f"radius, weight: {symbols.POINT_STROKE_PX}, dashArray: DISC_DASH, hatch: true" in script
    pin = f"spec.style.radius ?? {symbols.PIN_PX}, fillOpacity: {symbols.PIN_OPACITY}, "
    assert f'{pin}color: "#ffffff", fillColor: spec.style.color, weight: {symbols.POINT_STROKE_PX}' in script
    assert f"tile.width = tile.height = {symbols.HATCH_PX};" in script
    assert f"t.globalAlpha = {symbols.HATCH_GROUND};" in script
    assert f"t.lineWidth = {symbols.HATCH_LINE_PX};" in script
    assert 'String(p.part_acc ?? "").split("|")[part]) || p.accuracy_m' in script
    assert "if (this.spec.style.label)" in script


def test_the_colours_are_those_of_the_page(sheet: str) -> None:
    def written(rule: str, member: str = "color") -> tuple[int, int, int]:
        block = re.search(re.escape(rule) + r" \{([^}]*)\}", sheet)[1]
        return read_colour(re.search(rf"(?<![-\w]){member}: (#\w+);", block)[1])

    assert written(".gz-map", "background") == symbols.PAPER
    assert written(".gz-label") == symbols.NAME_COLOUR
    assert written(".gz-label-area") == symbols.AREA_NAME_COLOUR
    assert {kind: written(f".gz-label-{kind}") for kind in symbols.NAME_COLOURS} == symbols.NAME_COLOURS


def test_text_only_is_what_the_page_draws_as_text() -> None:
    source = (ROOT / "gzmap/webmap.py").read_text(encoding="utf-8")
    assert '"labels": entry.layer_id == "labels"' in source
    assert '"disc_from_m": DISC_ACCURACY_M' in source


# --- rules


def test_method_decides(atlas: Atlas) -> None:
    entry = change_entry(atlas.catalog.entries["mountains"], style={"color": "#102030", "weight": 2, "dash": "1 5"})
    known, derived, schematic = build_rules(entry, "Polygon")
    assert [known.method, derived.method, schematic.method] == ["", "derived", "schematic"]
    assert known.stroke == Stroke((16, 32, 48), 2, 1, (1, 5), round=True)
    assert derived.stroke == Stroke((16, 32, 48), 1.5, 1, (1, 5), round=True)
    assert schematic.stroke == Stroke((16, 32, 48), 2, 0.85, (6, 4), round=False)


@pytest.mark.parametrize(("weight", "thin"), [(2, 1.5), (1, 1), (0.8, 1), (0, 1)])
def test_derived_is_never_thinner_than_a_pixel(atlas: Atlas, weight: float, thin: float) -> None:
    entry = change_entry(atlas.catalog.entries["mountains"], style={"weight": weight})
    known, derived, _ = build_rules(entry, "Polygon")
    assert derived.stroke.width_px == thin
    assert (known.stroke is None) == (weight == 0)


def test_fill_and_hatch(atlas: Atlas) -> None:
    entry = atlas.catalog.entries["mountains"]
    hatched = change_entry(entry, style={"color": "#102030", "fill": "#FFFFFF", "fill_opacity": 0.3, "hatch": True})
    fills = [rule.fill for rule in build_rules(hatched, "Polygon")]
    assert fills == [Fill((255, 255, 255), 0.3), Fill((255, 255, 255), 0.3), Fill((255, 255, 255), 0.3, hatch=True)]
    plain = change_entry(entry, style={"fill_opacity": 0, "hatch": True})
    assert [rule.fill for rule in build_rules(plain, "Polygon")] == [None, None, None]
    assert all(rule.fill is None for rule in build_rules(hatched, "LineString"))


@pytest.mark.parametrize("opacity", [0.08, 0.15, 0.5, 1])
def test_hatching_is_as_opaque_as_the_fill(opacity: float) -> None:
    ground, line = find_hatch(Fill((0, 0, 0), opacity, hatch=True))
    assert ground == pytest.approx(symbols.HATCH_GROUND * opacity)
    assert ground + line * (1 - ground) == pytest.approx(opacity)


def test_points_are_pins_or_discs(atlas: Atlas) -> None:
    rules = build_rules(atlas.catalog.entries["hot_springs"], "Point")
    assert [(r.name, r.disc) for r in rules[:2]] == [("known_point", False), ("known_disc", True)]
    pin, disc = rules[-2:]
    orange = read_colour(atlas.catalog.entries["hot_springs"].style["color"])
    assert (pin.stroke.colour, pin.fill, pin.radius_px) == (symbols.WHITE, Fill(orange, 0.9), 7)
    assert disc.stroke == Stroke(orange, 1.5, 0.85, (3, 5), round=False)
    assert disc.fill == Fill(orange, 0.15, hatch=True)
    assert disc.radius_px is None


def test_names_alone_have_no_symbol(atlas: Atlas) -> None:
    assert build_rules(atlas.catalog.entries["labels"], "Point") == ()


def test_scales_follow_the_zoom() -> None:
    assert find_scale(0) is None
    scales = [find_scale(zoom) for zoom in symbols.RANKED_ZOOMS[1:]]
    # 156 543 m per pixel at zoom 0 on the equator, 96 pixels per inch.
    assert scales[0] == pytest.approx(156543.034 * 0.9191 / 2**9.5 / 0.0254 * 96, rel=0.005)
    assert all(before == pytest.approx(2 * after, rel=0.01) for before, after in pairwise(scales))
