"""The page 查询: which area or which layers are asked about, the answer, and what can be taken away."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.export.answer_words import PAIR_RELATIONS
from gzmap.own import OwnLayers
from gzmap.query import find_between, find_district_area, find_in_area
from gzmap.ui.answers import About, format_answer, format_pairs
from gzmap.ui.bridge import show_linked
from gzmap.ui.bringing import SITE_KEY, find_title, render_bringing
from gzmap.ui.cards import format_template
from gzmap.ui.events import answer_go
from gzmap.ui.ledger import describe_key
from gzmap.ui.outlines import draw_districts
from gzmap.ui.owncard import find_own_area
from gzmap.ui.ownmap import add_near, list_titles, open_own_here
from gzmap.ui.params import HELD, format_link
from gzmap.ui.shell import find_review_number, guarded, show_problems
from gzmap.ui.state import Place, current, open_here
from gzmap.ui.takeaway import offer_area, offer_pairs
from gzmap.ui.words import LANGS, Lang, pick, say

OF = ("drawn", "district", "file", "coords", "layers")
USUAL_RELATION = "crosses"
FARTHEST_M = 100_000.0
EXAMPLES = {
    "example_crossing": {"of": "layers", "a": "eco_corridors", "relation": "crosses", "b": "黄埔区"},
    "example_near": {"of": "layers", "a": "wetlands", "relation": "near", "b": "blueways", "distance": "1000"},
    "example_district": {"of": "district", "district": "番禺区"},
}
"""What a newcomer may try: a phrase key, and the question."""


@guarded
def render_query() -> None:
    """Let an area or two layers be asked about, and show the answer."""
    atlas, place = open_here(), current()
    own = open_own_here(atlas)
    asked = place.asked.get("query", {})
    of = asked.get("of") if asked.get("of") in OF else ("drawn" if place.area is not None else "district")
    of = "own" if asked.get(HELD + "own") else of
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        html = format_query(atlas, place, of=of, own=own)
        show_linked(html, answer_go(atlas), key="gz_query", style="pages.css")
        if of == "layers":
            _answer_pairs(atlas, place.lang, asked, own=own)
        else:
            _answer_area(atlas, place, of, own=own)


# --- what is asked


def format_query(atlas: Atlas, place: Place, *, of: str, own: OwnLayers) -> str:
    """Write the choices of the page; ``of`` is what is asked about, one of `OF`."""
    lang, asked = place.lang, place.asked.get("query", {})
    sides = [
        {"name": name, "title": say(f"pair_{name}", lang), "value": read_side(asked, name), "groups": groups}
        for name, groups in (("a", _list_layers(atlas, own, lang)), ("b", _list_layers(atlas, own, lang, places=True)))
    ]
    return format_template(
        "query.html",
        lang,
        of=of,
        choices=_list_choices(asked, of, lang),
        examples=[{**_go(one), "title": say(key, lang)} for key, one in EXAMPLES.items()],
        drawn=place.area is not None,
        districts=[
            {**_go({"of": "district", "district": o.name}), "id": o.feature_id, "title": _district(atlas, o.name, lang)}
            | {"on": o.name == asked.get("district")}
            for o in draw_districts(atlas).outlines
        ],
        sides=sides,
        relations=[(key, both[LANGS.index(lang)]) for key, both in PAIR_RELATIONS.items()],
        relation=asked.get("relation", USUAL_RELATION),
        distance=asked.get("distance", "1000"),
        own=bool(own.layers),
    )


def _list_choices(asked: Mapping[str, str], of: str, lang: Lang) -> list[dict]:
    """List what may be asked about; an own feature is asked about from its card."""
    choices = [{**_go({"of": one}), "id": one, "title": say(f"of_{one}", lang), "on": one == of} for one in OF]
    if of == "own":
        go = {"kind": "own_ask", "id": asked[HELD + "own"]}
        choices.append({"href": "./query", "go": go, "id": "own", "title": say("of_own", lang), "on": True})
    return choices


def _go(asked: Mapping[str, str]) -> dict:
    return {"href": format_link("query", asked), "go": {"kind": "ask", "page": "query", "asked": dict(asked)}}


def read_side(asked: Mapping[str, str], name: str) -> str:
    """Read which layer a side is: one of the plan's from the address, one of one's own from the session."""
    return asked.get(HELD + name) or asked.get(name, "")


def _list_layers(atlas: Atlas, own: OwnLayers, lang: Lang, *, places: bool = False) -> list[tuple[str, list]]:
    """List the layers that have something drawn, by theme as in the layer panel; with ``places`` the districts too."""
    groups: list[tuple[str, list]] = []
    if places:
        districts = [(o.name, _district(atlas, o.name, lang)) for o in draw_districts(atlas).outlines]
        groups.append((say("districts_all", lang), districts))
    if own.layers:
        groups.append((say("own_layers", lang), list(list_titles(own.layers).items())))
    for theme in reversed(atlas.catalog.themes):
        listed = [
            (e.layer_id, pick(dict(e.raw), "title", lang))
            for e in atlas.catalog.plan_entries
            if e.theme == theme["id"] and e.layer_id in atlas.layers and atlas.layers[e.layer_id].geometry.notna().any()
        ]
        if listed:
            groups.append((pick(dict(theme), "title", lang), listed))
    return groups


def _district(atlas: Atlas, name: str, lang: Lang) -> str:
    """Name a district in the language of the page."""
    return describe_key(atlas, "district", name, lang=lang)


# --- the answers


@guarded
def _answer_area(atlas: Atlas, place: Place, of: str, *, own: OwnLayers) -> None:
    area, title, within = find_own_area(own, place) if of == "own" else _find_area(atlas, place, of)
    if area is None:
        return
    own = add_near(own, area)
    answer = find_in_area(atlas, area, own=own.layers)
    about = About(title, within, find_review_number(), place.lang, own)
    offer_area(atlas, answer, about)
    show_linked(format_answer(atlas, answer, about), answer_go(atlas), key="gz_answer", style="query.css")


def _find_area(atlas: Atlas, place: Place, of: str) -> tuple[BaseGeometry | None, str, str]:
    """Find the area that is asked about, what it is called, and the id of the district that it is."""
    lang = place.lang
    if of in ("file", "coords"):
        brought = render_bringing(of, lang)
        return (None, "", "") if brought is None else (brought.site.geometry, find_title(brought.site, lang), "")
    if of == "district":
        name = place.asked.get("query", {}).get("district", "")
        if not name:
            return None, "", ""
        ids = {o.name: o.feature_id for o in draw_districts(atlas).outlines}
        return find_district_area(atlas, name), _district(atlas, name, lang), ids.get(name, "")
    held = st.session_state.get(SITE_KEY) if place.brought else None
    if held is not None:  # the map may show a simpler outline of it
        return held.site.geometry, find_title(held.site, lang), ""
    return place.area, say("area_title", lang), ""


@guarded
def _answer_pairs(atlas: Atlas, lang: Lang, asked: Mapping[str, str], *, own: OwnLayers) -> None:
    a, b = (read_side(asked, name) for name in ("a", "b"))
    if not a or not b:
        st.caption(say("pair_empty", lang))
        show_linked("", answer_go(atlas), key="gz_answer", style="query.css")
        return
    relation = asked.get("relation", USUAL_RELATION)
    relation = relation if relation in PAIR_RELATIONS else USUAL_RELATION
    distance_m = read_distance(asked.get("distance", "")) if relation == "near" else 0.0
    pairs = find_between(atlas, a, b, relation=relation, distance_m=distance_m, own=own.layers)
    titles = list_titles(own.layers)
    titles |= {e.layer_id: pick(dict(e.raw), "title", lang) for e in atlas.catalog.plan_entries}
    titles |= {o.name: _district(atlas, o.name, lang) for o in draw_districts(atlas).outlines}
    question = (titles.get(a, a), titles.get(b, b), relation, distance_m)
    if pairs:
        offer_pairs(atlas, pairs, About("", "", find_review_number(), lang, own), question=question)
    html = format_pairs(atlas, pairs, question=question, own=own, lang=lang)
    show_linked(html, answer_go(atlas), key="gz_answer", style="query.css")


def read_distance(text: str) -> float:
    """Read metres, from 0 to `FARTHEST_M`; what is no number is 0."""
    try:
        metres = float(text)
    except ValueError:
        return 0.0
    return min(max(metres, 0.0), FARTHEST_M) if metres == metres else 0.0  # noqa: PLR0124 - not a number is not itself
