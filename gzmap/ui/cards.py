"""The card of a feature, and how markup is written: pure functions from the atlas to escaped text."""

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
from gzmap.query import Evidence, find_evidence, find_neighbours
from gzmap.ui.citing import describe_citation
from gzmap.ui.facts import find_relations, list_fields, list_measures, name_apart, name_of, split_ids
from gzmap.ui.words import Lang, pick, say, say_distance

TEMPLATES = Path(__file__).parent / "templates"
CHINESE = re.compile("[\u4e00-\u9fff]")


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


def describe_passage(atlas: Atlas, passage_id: str, lang: Lang) -> str:
    """Say where a passage stands: 第四章 ›（三）…, with a word for headings and for what precedes the first chapter."""
    chapter, section = atlas.document.places[passage_id]
    if chapter is None:
        return say("front_matter", lang)
    where = f"第{chapter.number}章 › "
    if section is None:
        return where + say("chapter_title", lang)
    return f"{where}（{section.number}）{format_display(section.title)}"


def _quotes(atlas: Atlas, items: Sequence[Evidence], lang: Lang) -> list[dict]:
    """One quote per sentence, with all its words of this feature marked."""
    quotes: dict[tuple, list[tuple[int, int]]] = {}
    for item in items:
        quotes.setdefault((item.para_id, *item.sentence), []).append((item.start, item.end))
    shown = []
    for (para_id, start, end), spans in quotes.items():
        text = atlas.document.passages[para_id][start:end]
        marked = format_marked(text, [(a - start, b - start) for a, b in spans])
        shown.append({"para_id": para_id, "text": marked, "where": describe_passage(atlas, para_id, lang)})
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


def format_card(atlas: Atlas, feature_id: str, lang: Lang, *, picks: Sequence[str] = (), base: str = "") -> str:
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
    base
        Address of this server for the permanent link, empty where it is not known.

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
        "quotes": _quotes(atlas, [e for e in evidence if e.role == "evidence"], lang),
        "also": _quotes(atlas, [e for e in evidence if e.role != "evidence"], lang),
        **_grounds(atlas, feature, lang),
        "neighbours": name_apart(atlas, find_neighbours(atlas, feature_id), lang),
        "several": len(picks) > 1,
        "citation": describe_citation(atlas, feature_id, lang, base=base),
    }
    return format_template("card.html", lang, **values)


def _grounds(atlas: Atlas, feature: Feature, lang: Lang) -> dict:
    """How a feature was located, from what, and how its figures compare; or why it was not."""
    p = feature.properties
    return {
        "method": say(f"method_{p['method']}", lang) if p.get("method") else "",
        "accuracy": describe_accuracy(feature, lang),
        "wide": (feature.accuracy_m or 0) > WIDE_ACCURACY_M,
        "sources": describe_sources(atlas, p.get("source_id") or "", lang),
        "parts": split_ids(p.get("parts")),
        "alt_def": p.get("alt_def") or "",
        "diff_note": p.get("diff_note") or "",
        "relations": find_relations(atlas, feature, lang),
        "measures": list_measures(atlas, feature, lang),
        "facts": list_fields(atlas, feature, lang),
    }
