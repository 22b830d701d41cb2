"""What the panel says: pure functions from the atlas to escaped markup."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import jinja2
import markupsafe

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.config import WIDE_ACCURACY_M
from gzmap.document import format_display
from gzmap.query import Evidence, find_at, find_evidence, find_neighbours, find_text, find_unlocated
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, pick, say, say_distance

TEMPLATES = Path(__file__).parent / "templates"
CHINESE = re.compile("[\u4e00-\u9fff]")
COMMON = {
    "name", "name_en", "aliases", "category", "status", "district", "source_id", "method", "accuracy_m", "entered",
    "notes", "parts", "part_acc",
}  # fmt: skip


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["zh"] = _punctuated
    env.filters["go"] = lambda value: json.dumps(value, ensure_ascii=False)
    return env


def _punctuated(text: str) -> str:
    """Set Chinese punctuation in a Chinese text; an English one keeps its own."""
    return format_display(text) if CHINESE.search(text) else text


def format_template(template: str, lang: Lang, /, **values: object) -> str:
    """Fill a template; every value is escaped, ``t(key)`` gives the phrases of the interface."""
    return _templates().get_template(template).render(t=lambda key, **v: say(key, lang, **v), lang=lang, **values)


def name_of(feature: Feature, lang: Lang) -> str:
    """Give a feature's name in a language."""
    return pick(dict(feature.properties), "name", lang)


def describe_category(atlas: Atlas, feature: Feature, lang: Lang) -> str:
    """Give the title of a feature's category, or the category itself when the catalogue has none."""
    category = feature.properties.get("category") or ""
    return pick(dict(atlas.entry_of(feature).categories.get(category, {"title": category})), "title", lang)


def describe_accuracy(feature: Feature, lang: Lang) -> str:
    """Say in words and metres how far off a feature may be."""
    if feature.geometry is None:
        return say("no_location", lang)
    key = "schematic_within" if feature.properties.get("method") == "schematic" else "within"
    return say(key, lang, d=say_distance(feature.accuracy_m, lang))


def format_marked(text: str, spans: Sequence[tuple[int, int]]) -> markupsafe.Markup:
    """Escape a text and mark spans of it.

    Parameters
    ----------
    text
        Any text; Chinese punctuation is set for display.
    spans
        Half-open spans in code points; they may touch or overlap.
    """
    shown = format_display(text)
    flags = [False] * len(shown)
    for start, end in spans:
        flags[start:end] = [True] * (end - start)
    out, on = [], False
    for character, flag in zip(shown, flags, strict=True):
        if flag != on:
            out.append("<mark>" if flag else "</mark>")
            on = flag
        out.append(str(markupsafe.escape(character)))
    return markupsafe.Markup("".join(out) + ("</mark>" if on else ""))  # noqa: S704 - escaped above


def _quotes(atlas: Atlas, items: Sequence[Evidence]) -> list[dict]:
    """One quote per sentence, with all its words of this feature marked."""
    quotes: dict[tuple, list[tuple[int, int]]] = {}
    for item in items:
        quotes.setdefault((item.para_id, *item.sentence), []).append((item.start, item.end))
    shown = []
    for (para_id, start, end), spans in quotes.items():
        chapter, section = atlas.document.places[para_id]
        text = atlas.document.paragraphs[para_id].text[start:end]
        shown.append(
            {
                "para_id": para_id,
                "text": format_marked(text, [(a - start, b - start) for a, b in spans]),
                "chapter": f"第{chapter.number}章",
                "chapter_title": format_display(chapter.title),
                "section": f"（{section.number}）{format_display(section.title)}",
            }
        )
    return shown


def describe_sources(atlas: Atlas, source_id: str, lang: Lang) -> list[dict]:
    """Describe each source of a ``|``-separated list: title, edition, link (official hosts only) and caution."""
    caution = {"secondary": "second_hand", "memory": "from_memory"}
    described = []
    for one in filter(None, source_id.split("|")):
        source = atlas.catalog.sources.get(one, {"title": one, "kind": "secondary"})
        key = caution.get(source.get("kind", ""))
        described.append(
            {
                "title": pick(dict(source), "title", lang),
                "edition": source.get("edition") or "",
                "url": source.get("url"),
                "caution": say(key, lang) if key else "",
            }
        )
    return described


def format_card(atlas: Atlas, feature_id: str, lang: Lang, *, picks: Sequence[str] = ()) -> str:
    """Write the card of a feature.

    Parameters
    ----------
    atlas
        Where the feature is.
    feature_id
        Which one.
    lang
        Language of the interface; the plan's words stay Chinese.
    picks
        Features that lay under the same click, for the way back to the chooser.

    Raises
    ------
    NotFoundError
        If there is no such feature.
    """
    feature = atlas.require_feature(feature_id)
    p, entry = feature.properties, atlas.entry_of(feature)
    evidence = find_evidence(atlas, feature_id)
    values = {
        "feature": feature,
        "name": name_of(feature, lang),
        "layer": pick(dict(entry.raw), "title", lang),
        "category": describe_category(atlas, feature, lang),
        "status": say(f"status_{p['status']}", lang) if p.get("status") else "",
        "district": (p.get("district") or "").replace("|", "、"),
        "quotes": _quotes(atlas, [e for e in evidence if e.role == "evidence"]),
        "also": _quotes(atlas, [e for e in evidence if e.role != "evidence"]),
        "method": say(f"method_{p['method']}", lang) if p.get("method") else "",
        "accuracy": describe_accuracy(feature, lang),
        "wide": (feature.accuracy_m or 0) > WIDE_ACCURACY_M,
        "sources": describe_sources(atlas, p.get("source_id") or "", lang),
        "parts": [part for part in (p.get("parts") or "").split("|") if part],
        "facts": _facts(atlas, feature, lang),
        "neighbours": [(f.feature_id, name_of(f, lang)) for f in find_neighbours(atlas, feature_id)],
        "several": len(picks) > 1,
    }
    return format_template("card.html", lang, **values)


def _facts(atlas: Atlas, feature: Feature, lang: Lang) -> list[tuple[str, str]]:
    """List the layer's own fields with their titles and units; empty ones are left out."""
    fields = atlas.catalog.fields_of(atlas.entry_of(feature))
    facts = []
    for name, value in feature.properties.items():
        if name in COMMON or value in (None, "") or name not in fields:
            continue
        unit = {"km2": "km²", "m2": "m²"}.get(fields[name].get("unit") or "", fields[name].get("unit") or "")
        facts.append((pick(dict(fields[name]), "title", lang), f"{value} {unit}".strip()))
    return facts


def format_intro(atlas: Atlas, lang: Lang) -> str:
    """Write how to begin, and every place of the plan by layer."""
    layers = [
        {
            "title": pick(dict(entry.raw), "title", lang),
            "features": [
                {"id": f.feature_id, "name": name_of(f, lang), "drawn": f.geometry is not None}
                for f in atlas.features.values()
                if f.layer_id == entry.layer_id
            ],
        }
        for entry in reversed(atlas.catalog.plan_entries)
        if entry.layer_id in atlas.layers
    ]
    return format_template("intro.html", lang, layers=layers)


def format_chooser(atlas: Atlas, place: Place) -> str:
    """Write the list of features under a click, smallest and most certain first, wide ones folded."""
    lang = place.lang
    certainty = {}
    if place.point:
        lon, lat, tolerance_m = place.point
        here = find_at(atlas, lon, lat, radius_m=tolerance_m)
        certainty = {p.id: say(f"certainty_{p.certainty}", lang) for p in here}
    rows = [
        {
            "id": i,
            "certainty": certainty.get(i, ""),
            "name": name_of(f, lang),
            "layer": pick(dict(atlas.entry_of(f).raw), "title", lang),
            "accuracy": describe_accuracy(f, lang),
            "wide": (f.accuracy_m or 0) > WIDE_ACCURACY_M,
        }
        for i in place.picks
        for f in [atlas.features[i]]
    ]
    near, wide = [r for r in rows if not r["wide"]], [r for r in rows if r["wide"]]
    return format_template("chooser.html", lang, near=near, wide=wide, n=len(rows))


def format_here(atlas: Atlas, place: Place) -> str:
    """Write what an empty place is: its district, and that the plan draws nothing there."""
    lon, lat, _ = place.point
    districts = [atlas.features[p.id] for p in find_at(atlas, lon, lat) if p.kind == "district"]
    names = "、".join(name_of(d, place.lang) for d in districts) or say("outside", place.lang)
    return format_template("here.html", place.lang, names=names, lon=f"{lon:.4f}", lat=f"{lat:.4f}")


def format_unlocated(atlas: Atlas, lang: Lang) -> str:
    """Write the list of features that could not be located, with the reason."""
    rows = [(f.feature_id, name_of(f, lang), f.properties.get("notes") or "") for f in find_unlocated(atlas)]
    return format_template("unlocated.html", lang, rows=rows)


def format_results(atlas: Atlas, place: Place) -> str:
    """Write the results of a search, grouped: features, place names, paragraphs."""
    lang = place.lang
    hits = find_text(atlas, place.query)
    groups = {"feature": [], "label": [], "paragraph": []}
    for hit in hits:
        groups[hit.kind].append(_result(atlas, hit, lang))
    return format_template("results.html", lang, query=place.query, groups=groups, empty=not hits)


def _result(atlas: Atlas, hit: object, lang: Lang) -> dict:
    if hit.kind == "paragraph":
        chapter, section = atlas.document.places[hit.id]
        text = atlas.document.paragraphs[hit.id].text
        start, end = hit.start or 0, hit.end or 0
        low, high = max(0, start - 18), min(len(text), end + 30)
        return {
            "go": {"kind": "paragraph", "id": hit.id},
            "href": f"text?para={hit.id}",
            "name": format_display(hit.name),
            "note": f"第{chapter.number}章 ›（{section.number}）",
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
