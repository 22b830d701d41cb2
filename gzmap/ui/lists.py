"""What the panel lists: how to begin, what lies under a click, what could not be located, what a search found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import shapely

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.config import WIDE_ACCURACY_M
from gzmap.crs import find_area_m2, find_length_m
from gzmap.document import format_display
from gzmap.own import OwnLayers
from gzmap.query import Hit, find_at, find_text, find_unlocated
from gzmap.ui.areas import shorten_area
from gzmap.ui.cards import describe_accuracy, describe_category, describe_passage, format_marked, format_template
from gzmap.ui.facts import name_of
from gzmap.ui.owncard import list_own_choices
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, pick, say, say_area, say_distance

FEW = 12
"""A list of at most this many is shown unfolded."""

DEGREE_M = 111_320
"""Metres of a degree of longitude at the equator: at least what a degree is anywhere."""


def group_by_theme(atlas: Atlas, features: Iterable[Feature], lang: Lang) -> list[dict]:
    """Put features under their themes and groups, in the order of the layer panel; empty ones are left out.

    Returns
    -------
    list
        ``{"title", "color", "n", "groups"}`` with ``groups`` of ``{"id", "title", "features"}``.
    """
    members: dict[str, list[Feature]] = {}
    for feature in features:
        members.setdefault(atlas.entry_of(feature).group, []).append(feature)
    themes = []
    for theme in reversed(atlas.catalog.themes):
        groups = [
            {"id": g.group_id, "title": pick(dict(g.titles), "title", lang), "features": members[g.group_id]}
            for g in reversed(atlas.catalog.groups)
            if g.theme == theme["id"] and g.group_id in members
        ]
        n = sum(len(g["features"]) for g in groups)
        if groups:
            themes.append(
                {"title": pick(dict(theme), "title", lang), "color": theme["color"], "n": n, "groups": groups}
            )
    return themes


def format_intro(atlas: Atlas, lang: Lang) -> str:
    """Write how to begin, and every place of the plan by theme."""
    plan = {e.layer_id for e in atlas.catalog.plan_entries}
    features = [f for f in atlas.features.values() if f.layer_id in plan]
    return format_template("intro.html", lang, themes=group_by_theme(atlas, features, lang), name_of=name_of)


def format_chooser(atlas: Atlas, place: Place, own: OwnLayers | None = None) -> str:
    """Write the list of features under a click by theme, smallest and most certain first, wide ones folded.

    Those of the planner's own layers come first, as in the panel.
    """
    lang = place.lang
    certainty = {}
    if place.point:
        lon, lat, tolerance_m = place.point
        here = find_at(atlas, lon, lat, radius_m=tolerance_m)
        certainty = {p.id: say(f"certainty_{p.certainty}", lang) for p in here}
    rows = [_choice(atlas, atlas.features[i], lang) | {"certainty": certainty.get(i, "")} for i in place.picks]
    near, wide = [r for r in rows if not r["wide"]], [r for r in rows if r["wide"]]
    themes = {t["id"]: t for t in atlas.catalog.themes}
    owned = list_own_choices(own, place.own_picks, lang) if own is not None else []
    return format_template(
        "chooser.html",
        lang,
        near=owned + [(pick(dict(themes[i]), "title", lang), themes[i]["color"], of) for i, of in _by_theme(near)],
        wide=[(pick(dict(themes[i]), "title", lang), themes[i]["color"], of) for i, of in _by_theme(wide)],
        n=len(rows) + sum(len(of) for _, _, of in owned),
        n_wide=len(wide),
    )


def _by_theme(rows: Sequence[dict]) -> Iterable[tuple[str, list[dict]]]:
    """Bring the rows of each theme together, themes in the order of their first rows."""
    themes: dict[str, list[dict]] = {}
    for row in rows:
        themes.setdefault(row["theme"], []).append(row)
    return themes.items()


def _choice(atlas: Atlas, feature: Feature, lang: Lang) -> dict:
    entry = atlas.entry_of(feature)
    return {
        "id": feature.feature_id,
        "own": False,
        "theme": entry.theme,
        "name": name_of(feature, lang),
        "layer": pick(dict(entry.raw), "title", lang),
        "accuracy": describe_accuracy(feature, lang),
        "wide": (feature.accuracy_m or 0) > WIDE_ACCURACY_M,
    }


def format_here(atlas: Atlas, place: Place) -> str:
    """Write what an empty place is: its district, and that the plan draws nothing there."""
    lon, lat, _ = place.point
    districts = [atlas.features[p.id] for p in find_at(atlas, lon, lat) if p.kind == "district"]
    names = "、".join(name_of(d, place.lang) for d in districts) or say("outside", place.lang)
    return format_template("here.html", place.lang, names=names, lon=f"{lon:.4f}", lat=f"{lat:.4f}")


def format_area(place: Place) -> str:
    """Write how large the drawn area is and what can be done with it, or why the drawing was not taken."""
    lang, area = place.lang, place.area
    title = say("area_brought" if place.brought else "area_title", lang)
    values = {"title": title, "refusal": "", "rows": [], "note": "", "code": ""}
    if area is None:
        key, *named = place.refused
        values["refusal"] = say(key, lang, *named)
    else:
        code, simplified_deg = shorten_area(area)
        values["rows"] = _measure_area(area, lang)
        if place.brought:
            values["note"] = say("area_kept", lang)
            code = ""
        elif not code:
            values["note"] = say("area_unwritten", lang)
        elif simplified_deg:
            values["note"] = say("area_simplified", lang, d=say_distance(simplified_deg * DEGREE_M, lang))
        values["code"] = code
    return format_template("area.html", lang, **values)


def _measure_area(area: shapely.Polygon, lang: Lang) -> list[tuple[str, str]]:
    centre = area.centroid
    return [
        (say("area_size", lang), say("area_ellipsoidal", lang, n=say_area(find_area_m2(area)))),
        (say("area_perimeter", lang), f"{find_length_m(area) / 1000:.2f} km"),
        (say("area_points", lang), str(shapely.get_num_coordinates(area) - 1)),
        (say("area_centre", lang), f"{centre.x:.4f}, {centre.y:.4f}"),
    ]


def format_unlocated(atlas: Atlas, place: Place) -> str:
    """Write the list of features that could not be located, with the reasons; the group asked for stands open."""
    found = find_unlocated(atlas)
    return format_template(
        "unlocated.html",
        place.lang,
        themes=group_by_theme(atlas, found, place.lang),
        n=len(found),
        opened=place.group,
        few=len(found) <= FEW,
        name_of=name_of,
    )


def format_results(atlas: Atlas, place: Place) -> str:
    """Write the results of a search, grouped: features, place names, paragraphs."""
    lang = place.lang
    return format_hits(atlas, find_text(atlas, place.query), place.query, lang=lang)


def format_hits(atlas: Atlas, hits: Sequence[Hit], query: str, *, lang: Lang) -> str:
    """Write what a search found, grouped."""
    groups = {"feature": [], "label": [], "paragraph": []}
    for hit in hits:
        groups[hit.kind].append(_result(atlas, hit, lang))
    return format_template("results.html", lang, query=query, groups=groups, empty=not hits)


def _result(atlas: Atlas, hit: Hit, lang: Lang) -> dict:
    if hit.kind == "paragraph":
        text = atlas.document.passages[hit.id]
        start, end = hit.start or 0, hit.end or 0
        low, high = max(0, start - 18), min(len(text), end + 30)
        return {
            "go": {"kind": "paragraph", "id": hit.id},
            "href": f"text?para={hit.id}",
            "name": format_display(hit.name),
            "note": describe_passage(atlas, hit.id, lang),
            "quote": format_marked(text[low:high], [(start - low, end - low)]),
        }
    feature = atlas.features[hit.id]
    note = describe_category(atlas, feature, lang)
    if feature.geometry is None:
        note += " · " + say("not_drawn", lang)
    district = (feature.properties.get("district") or "").replace("|", "、")
    return {
        "go": {"kind": hit.kind, "id": hit.id},
        "href": f"?feature={hit.id}",
        "name": name_of(feature, lang),
        "note": " · ".join(filter(None, (note, district))),
        "quote": "",
    }
