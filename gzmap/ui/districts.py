"""The page 各区一览: what the plan has in every district, as figure, small map and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gzmap.atlas import Atlas
from gzmap.export.overview_table import list_overview_notes
from gzmap.query import CITYWIDE, OUTSIDE, WHOLE, Overview, Scope, Tally, count_districts
from gzmap.query.overview import ALL
from gzmap.ui.cards import format_template
from gzmap.ui.facts import name_of
from gzmap.ui.ledger import describe_key
from gzmap.ui.links import format_map_link, list_base_layers
from gzmap.ui.outlines import draw_districts
from gzmap.ui.params import format_link, read_asked
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, pick, say

FIGURES: Mapping[str, str] = {
    **dict.fromkeys(("features", "located", "schematic", "named", "unlocated"), ""),
    **dict.fromkeys(("km", "net_km"), "km"),
    **dict.fromkeys(("km2", "net_km2"), "km²"),
}
"""What can be counted, with its unit; each is a member of `Tally`."""

USUAL = "features"
NOTHING = 1e-6
"""Less than this is a rest of rounding."""

LEAST = 0.05
"""Less than this would be written as nothing, with one decimal."""

STEPS = 4
"""Shades beside the one for nothing."""


@dataclass(frozen=True)
class Wish:
    """What the visitor looks at: a figure, a scope and, perhaps, a district; ``dropped`` were asked but are unknown."""

    figure: str
    scope: Scope
    district: str
    dropped: tuple[str, ...]

    def change(self, **changes: str) -> dict[str, str]:
        """Give the parameters with some changed; what is usual is left out."""
        theme = "" if self.scope.kind == ALL else self.scope.id
        params = {"figure": self.figure, "theme": theme, "district": self.district} | changes
        return {k: v for k, v in params.items() if v and (k, v) != ("figure", USUAL)}


def read_wish(overview: Overview, asked: Mapping[str, str]) -> Wish:
    """Read what is asked; what the overview does not know asks for nothing and is named."""
    themes = {scope.id: scope for scope in overview.scopes if scope.kind == "theme"}
    known = {"figure": FIGURES, "theme": themes, "district": overview.places}
    sound = {key: value for key, value in asked.items() if value in known[key]}
    scope = themes[sound["theme"]] if "theme" in sound else Scope(ALL, ALL)
    dropped = tuple(f"{key}={value}" for key, value in asked.items() if key not in sound)
    return Wish(sound.get("figure", USUAL), scope, sound.get("district", ""), dropped)


def format_districts(atlas: Atlas, place: Place) -> str:
    """Write the page: figure, map and numbers of the scope, the chosen district's groups, all themes side by side."""
    lang, overview = place.lang, count_districts(atlas)
    wish = read_wish(overview, read_asked("districts", place.asked.get("districts", {})))
    most = max((_value(overview, name, wish) for name in overview.area_km2), default=0)
    rows = [_row(atlas, overview, p, wish=wish, most=most, lang=lang) for p in overview.places]
    scopes = _list_scopes(atlas, overview, wish, lang=lang)
    return format_template(
        "districts.html",
        lang,
        wish=wish,
        figures=[_figure(key, wish, lang) for key in FIGURES],
        titles={key: say(f"figure_{key}", lang) for key in FIGURES},
        unit=FIGURES[wish.figure],
        caption=" · ".join(_name_figure(wish, scopes, lang)),
        scopes=scopes,
        rows=rows,
        by_name={row["name"]: row for row in rows},
        whole=_cells(overview.tally(WHOLE, wish.scope.kind, wish.scope.id)),
        repeats=_cells(overview.count_repeats(wish.scope.kind, wish.scope.id)),
        picture=draw_districts(atlas),
        steps=_list_steps(most, FIGURES[wish.figure]),
        chosen=_chosen(atlas, overview, wish, lang=lang) if wish.district else None,
        cross=_cross(atlas, overview, wish, lang=lang),
        notes=list_overview_notes(lang),
    )


def _name_figure(wish: Wish, scopes: Sequence[dict], lang: Lang) -> tuple[str, str]:
    """Name what the map shows: the scope, and the figure with its unit."""
    title, unit = say(f"figure_{wish.figure}", lang), FIGURES[wish.figure]
    named = title if not unit or title.endswith(unit) else f"{title} {unit}"
    return next(s["title"] for s in scopes if s["on"]), named


def _go(wish: Wish, **changes: str) -> dict:
    """Give a link of this page: its address and its event."""
    asked = wish.change(**changes)
    return {"href": format_link("districts", asked), "go": {"kind": "ask", "page": "districts", "asked": asked}}


def _figure(key: str, wish: Wish, lang: Lang) -> dict:
    return {"id": key, "title": say(f"figure_{key}", lang), "on": key == wish.figure, **_go(wish, figure=key)}


def _list_scopes(atlas: Atlas, overview: Overview, wish: Wish, *, lang: Lang) -> list[dict]:
    """List what can be counted together, all layers first, then the themes in the order of the layer panel."""
    listed = [
        {"id": ALL, "title": say("all_themes", lang), "color": "", "on": wish.scope.kind == ALL, **_go(wish, theme="")}
    ]
    return listed + [
        {**_theme(atlas, s.id, lang), "on": s == wish.scope, **_go(wish, theme=s.id)}
        for s in reversed(overview.scopes)
        if s.kind == "theme"
    ]


def _theme(atlas: Atlas, theme_id: str, lang: Lang) -> dict:
    theme = next(t for t in atlas.catalog.themes if t["id"] == theme_id)
    return {"id": theme_id, "title": pick(dict(theme), "title", lang), "color": theme["color"]}


def _value(overview: Overview, place: str, wish: Wish) -> float:
    return getattr(overview.tally(place, wish.scope.kind, wish.scope.id), wish.figure)


def _row(atlas: Atlas, overview: Overview, place: str, *, wish: Wish, most: float, lang: Lang) -> dict:
    """Describe a district, or what lies in none; only districts have a bar and a shade."""
    value = _value(overview, place, wish)
    is_district = place in overview.area_km2
    title = describe_key(atlas, "district", place, lang=lang)
    return {
        "name": place,
        "title": title,
        "short": title.removesuffix("区").removesuffix(" District"),
        "cells": _cells(overview.tally(place, wish.scope.kind, wish.scope.id)),
        "value": format_figure(value, wish.figure),
        "round": "<1" if NOTHING < value < 1 / 2 else f"{value:,.0f}",
        "width": round(value / most * 100, 2) if is_district and most else 0,
        "level": find_level(value, most),
        "is_district": is_district,
        "on": place == wish.district,
        **_go(wish, district="" if place == wish.district else place),
    }


def find_level(value: float, most: float) -> int:
    """Find the shade of a value: 0 for nothing, then `STEPS` equal steps up to the greatest."""
    return min(int(value / most * STEPS) + 1, STEPS) if value > 0 and most else 0


def _list_steps(most: float, unit: str) -> list[tuple[int, str]]:
    """List what the shades mean; a step that no number can have is left out."""
    if unit:
        edges = [most * step / STEPS for step in range(STEPS + 1)]
        told = [f"{a:,.0f}–{b:,.0f}" for a, b in pairwise(edges)]
    else:
        held = [[n for n in range(1, int(most) + 1) if find_level(n, most) == step] for step in range(1, STEPS + 1)]
        told = ["–".join(dict.fromkeys((str(of[0]), str(of[-1])))) if of else "" for of in held]
    return [(0, "0"), *((level, text) for level, text in enumerate(told, 1) if text and most)]


def format_figure(value: float, figure: str) -> str:
    """Write a number: counts whole, lengths and areas with one decimal, thousands apart, a dash for nothing."""
    if abs(value) < NOTHING:
        return "–"
    if FIGURES[figure] and abs(value) < LEAST:
        return "<0.1"
    told = f"{value:,.1f}" if FIGURES[figure] else f"{value:,.0f}"
    return told.replace(",", "\N{NARROW NO-BREAK SPACE}")


def _cells(tally: object) -> list[dict]:
    """Write every figure of a tally; of the repeats, those they have."""
    return [
        {"id": key, "text": format_figure(getattr(tally, key), key) if hasattr(tally, key) else ""} for key in FIGURES
    ]


def _cross(atlas: Atlas, overview: Overview, wish: Wish, *, lang: Lang) -> dict:
    """Describe the table of all themes side by side: drawn and named, km, km² in each cell."""
    themes = [s for s in reversed(overview.scopes) if s.kind == "theme"]
    scopes = [Scope(ALL, ALL), *themes]
    rows = [
        {
            "title": describe_key(atlas, "district", p, lang=lang) if p != WHOLE else say("whole", lang),
            "on": p == wish.district,
            "cells": [_cross_cell(overview.tally(p, s.kind, s.id)) for s in scopes],
            **({} if p == WHOLE else _go(wish, district=p)),
        }
        for p in (*overview.places, WHOLE)
    ]
    heads = [{"title": say("all_themes", lang), "color": "", "on": wish.scope.kind == ALL}]
    return {"heads": heads + [{**_theme(atlas, s.id, lang), "on": s == wish.scope} for s in themes], "rows": rows}


def _cross_cell(tally: Tally) -> dict:
    return {
        "counts": f"{tally.located} / {tally.named}" if tally.located or tally.named else "",
        "more": tally.features if tally.features and not (tally.located or tally.named) else 0,
        "km": format_figure(tally.km, "km") if tally.km >= 0.05 else "",
        "km2": format_figure(tally.km2, "km2") if tally.km2 >= 0.05 else "",
    }


def _chosen(atlas: Atlas, overview: Overview, wish: Wish, *, lang: Lang) -> dict:
    """Describe the chosen district: its groups with their features, and the ways to look further."""
    district = wish.district
    title = describe_key(atlas, "district", district, lang=lang)
    tally = overview.tally(district, wish.scope.kind, wish.scope.id)
    own = next((o.feature_id for o in draw_districts(atlas).outlines if o.name == district), "")
    drawn = [f for f in (atlas.features[i] for i in tally.ids) if f.geometry is not None]
    bbox = atlas.features[own].geometry.bounds if own else None
    filters = {"district": district, "theme": "" if wish.scope.kind == ALL else wish.scope.id}
    return {
        "title": title,
        "is_district": bool(own),
        "area": format_figure(overview.area_km2.get(district, 0.0), "km2"),
        "groups": _list_groups(atlas, overview, wish, lang=lang),
        "map_href": format_map_link(bbox, drawn, base_layers=list_base_layers(atlas)) if bbox else "",
        "map_go": {"kind": "together", "ids": [f.feature_id for f in drawn], "within": own},
        "n_drawn": len(drawn),
        "list_href": format_link("list", filters),
        "list_go": {"kind": "ask", "page": "list", "asked": filters},
        "mine_href": format_link("mine", {"district": district}),
        "mine_go": {"kind": "ask", "page": "mine", "asked": {"district": district}},
        "is_everywhere": district in (CITYWIDE, OUTSIDE),
    }


def _list_groups(atlas: Atlas, overview: Overview, wish: Wish, *, lang: Lang) -> Sequence[dict]:
    """List the groups of layers that have something in the chosen district, in the order of the layer panel."""
    listed = []
    themes = [theme["id"] for theme in reversed(atlas.catalog.themes)]
    groups = list(reversed(atlas.catalog.groups))
    for group in sorted(groups, key=lambda g: themes.index(g.theme)):
        scope = Scope("group", group.group_id)
        if scope not in overview.scopes or wish.scope not in (Scope(ALL, ALL), Scope("theme", group.theme)):
            continue
        tally = overview.tally(wish.district, "group", group.group_id)
        if tally.features:
            features = [atlas.features[i] for i in tally.ids]
            listed.append(
                {
                    "title": pick(dict(group.titles), "title", lang),
                    "color": _theme(atlas, group.theme, lang)["color"],
                    "cells": _cells(tally),
                    "features": [
                        {"id": f.feature_id, "name": name_of(f, lang), "drawn": f.geometry is not None}
                        for f in features
                    ],
                }
            )
    return listed
