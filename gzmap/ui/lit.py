"""What is lit up on the map while all else fades: the places that a passage names, or that the search found."""

from __future__ import annotations

from dataclasses import dataclass

from gzmap.atlas import Atlas
from gzmap.query import find_named, find_text
from gzmap.ui.cards import describe_passage, format_template
from gzmap.ui.facts import name_of
from gzmap.ui.state import FOUND, Place
from gzmap.ui.words import say


@dataclass(frozen=True)
class Lit:
    """Ids of the features that are named, in the order of the words: those that are drawn, and those that are not."""

    drawn: tuple[str, ...]
    undrawn: tuple[str, ...]


def find_lit(atlas: Atlas, place: Place) -> Lit:
    """Find what is lit up; nothing where the place lights up nothing."""
    if place.lit == FOUND:
        named = [hit.id for hit in find_text(atlas, place.query) if hit.kind == "feature"] if place.query else []
    else:
        named = [n.feature_id for n in find_named(atlas, place.lit)] if place.lit in atlas.document.passages else []
    known = [i for i in dict.fromkeys(named) if i in atlas.features]
    is_drawn = {i: atlas.features[i].geometry is not None for i in known}
    return Lit(tuple(i for i in known if is_drawn[i]), tuple(i for i in known if not is_drawn[i]))


def list_lit(atlas: Atlas, place: Place) -> list[str] | None:
    """List the ids for the bridge; None where nothing fades: without anything to light up all stays as it is."""
    return list(find_lit(atlas, place).drawn) or None


def step_lit(atlas: Atlas, place: Place, by: int) -> str:
    """Find the place before or after the selected one; the first or the last where none is; empty without any."""
    drawn = find_lit(atlas, place).drawn
    if not drawn:
        return ""
    if place.feature not in drawn:
        return drawn[0 if by > 0 else -1]
    return drawn[(drawn.index(place.feature) + by) % len(drawn)]


def format_lit(atlas: Atlas, place: Place) -> str:
    """Write the bar above the panel: whose places are lit, which of them is selected, previous and next.

    Where the panel has nothing else to show it lists the places.
    """
    if not place.lit:
        return ""
    lang, found = place.lang, find_lit(atlas, place)
    is_search = place.lit == FOUND
    where = say("lit_search", lang, q=place.query) if is_search else describe_passage(atlas, place.lit, lang)
    at = found.drawn.index(place.feature) + 1 if place.feature in found.drawn else 0
    return format_template(
        "lit.html",
        lang,
        title=say("lit_title", lang, where=where, n=len(found.drawn)),
        para="" if is_search else place.lit,
        n=len(found.drawn),
        at=at,
        name=name_of(atlas.features[place.feature], lang) if at else "",
        lists=[
            (key, [(i, name_of(atlas.features[i], lang)) for i in ids])
            for key, ids in (("", found.drawn), ("unlocated", found.undrawn))
            if ids and place.panel == "intro"
        ],
        undrawn=len(found.undrawn),
    )
