"""What is near a place that was clicked, with its distance and its certainty."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gzmap.atlas import Atlas
from gzmap.own import OwnLayer
from gzmap.query import Told, find_here
from gzmap.ui.cards import format_template
from gzmap.ui.facts import name_of
from gzmap.ui.ownmap import list_titles
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, pick, say, say_distance

NEAR_M = 1000.0
"""How far "near" reaches: a quarter of an hour on foot."""

MOST = 15
"""Rows that are listed; the nearest come first."""


def format_nearby(atlas: Atlas, place: Place, own: Sequence[OwnLayer] = ()) -> str:
    """Write what is near the clicked place; empty where what the panel shows is not of a click."""
    is_clicked = place.panel in ("here", "chooser") or (place.panel == "card" and place.feature in place.picks)
    is_clicked |= place.panel == "own" and place.own in place.own_picks
    if place.point is None or not is_clicked:
        return ""
    lon, lat, _ = place.point
    here = find_here(atlas, lon, lat, radius_m=NEAR_M, own=own)
    told = {place.feature, place.own, *((*place.picks, *place.own_picks) if place.panel == "chooser" else ())}
    near = _list_rows(atlas, [*here.features, *here.own], told, titles=list_titles(tuple(own)), lang=place.lang)
    wide = _list_rows(atlas, here.wide, told, titles={}, lang=place.lang)
    return format_template(
        "nearby.html",
        place.lang,
        reach=say_distance(NEAR_M, place.lang),
        near=near[:MOST],
        n=len(near),
        wide=wide,
        opened=place.panel == "here",
        more=max(0, len(near) - MOST),
    )


def _list_rows(atlas: Atlas, found: Sequence[Told], told: Collection[str], *, titles: dict, lang: Lang) -> list[dict]:
    """Describe what is there, the nearest first; what stands above already is left out."""
    rows = [_row(atlas, one, titles, lang=lang) for one in found if one.place.id not in told]
    return sorted(rows, key=lambda row: row["distance_m"])


def _row(atlas: Atlas, told: Told, titles: dict[str, str], *, lang: Lang) -> dict:
    at = told.place
    is_own = at.kind == "own"
    is_in = at.relation == "contains"
    entry = atlas.catalog.entries.get(told.layer_id)
    return {
        "id": at.id,
        "own": is_own,
        "name": (at.name or "–") if is_own else name_of(atlas.features[at.id], lang),
        "layer": titles.get(told.layer_id, "") if is_own or entry is None else pick(dict(entry.raw), "title", lang),
        "where": say("near_in", lang) if is_in else say("near_at", lang, d=say_distance(at.distance_m, lang)),
        "certainty": say(f"near_{at.certainty}", lang),
        "distance_m": 0.0 if is_in else at.distance_m,
    }
