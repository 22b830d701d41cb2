"""Further pages of a sheet: the features on the map with the sentences of the plan, and those not drawn."""

from __future__ import annotations

from collections.abc import Sequence

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.document import format_display, parse_numeral
from gzmap.query import find_evidence
from gzmap.sheet.views import Lang, clean_text
from gzmap.sheet.words import pick, say, say_distance


def build_cards(atlas: Atlas, features: Sequence[Feature], lang: Lang) -> list[dict]:
    """Build the cards of features, grouped by layer in the order they come.

    Returns
    -------
    list
        Per layer ``{"title", "cards"}``; a card has ``name``, ``facts`` (lines) and ``quotes``, each with ``pieces``
        (``[text, whether it names the feature]``) and ``where``.
    """
    groups: dict[str, list[Feature]] = {}
    for feature in features:
        groups.setdefault(feature.layer_id, []).append(feature)
    return [
        {
            "title": pick(dict(atlas.catalog.entries[layer_id].raw), "title", lang),
            "cards": [_build_card(atlas, feature, lang) for feature in members],
        }
        for layer_id, members in groups.items()
    ]


def _build_card(atlas: Atlas, feature: Feature, lang: Lang) -> dict:
    return {
        "name": clean_text(pick(dict(feature.properties), "name", lang)),
        "facts": [clean_text(line) for line in _list_facts(atlas, feature, lang) if line],
        "quotes": _list_quotes(atlas, feature, lang),
    }


def _list_facts(atlas: Atlas, feature: Feature, lang: Lang) -> list[str]:
    p = feature.properties
    categories = atlas.entry_of(feature).categories
    category = pick(dict(categories.get(p.get("category") or "", {})), "title", lang)
    status = say(f"status_{p['status']}", lang) if p.get("status") else ""
    districts = say("list_comma", lang).join(str(p.get("district") or "").split("|"))
    grounds = ""
    if feature.geometry is None:
        grounds = format_display(str(p.get("notes") or "")) if lang == "zh" else str(p.get("notes") or "")
    else:
        method = say(f"method_{p['method']}", lang) if p.get("method") else ""
        within = say("within", lang, d=say_distance(feature.accuracy_m, lang)) if feature.accuracy_m else ""
        grounds = " · ".join(filter(None, (method, within)))
    sources = _name_sources(atlas, feature, lang) if feature.geometry is not None else ""
    return [
        " · ".join(filter(None, (category, status, districts))),
        grounds,
        say("grounds", lang, sources=sources) if sources else "",
    ]


def _name_sources(atlas: Atlas, feature: Feature, lang: Lang) -> str:
    known = atlas.catalog.sources
    ids = [one for one in str(feature.properties.get("source_id") or "").split("|") if one]
    titles = [pick(dict(known.get(one, {"title": one})), "title", lang) for one in ids]
    return say("list_stop", lang).join(format_display(title) if lang == "zh" else title for title in titles)


def _list_quotes(atlas: Atlas, feature: Feature, lang: Lang) -> list[dict]:
    """One quote per sentence that justifies the feature, its words marked; those that only name it where none does."""
    found = find_evidence(atlas, feature.feature_id)
    chosen = [e for e in found if e.role == "evidence"] or found
    spans: dict[tuple[str, int, int], list[tuple[int, int]]] = {}
    for item in chosen:
        spans.setdefault((item.para_id, *item.sentence), []).append((item.start, item.end))
    return [
        {"pieces": _mark(atlas.document.passages[para_id], (start, end), words), "where": _place(atlas, para_id, lang)}
        for (para_id, start, end), words in spans.items()
    ]


def _mark(text: str, sentence: tuple[int, int], words: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Cut a sentence into pieces that name the feature or do not."""
    shown = format_display(text)
    named = [any(start <= n < end for start, end in words) for n in range(*sentence)]
    pieces: list[tuple[str, bool]] = []
    for character, is_named in zip(shown[sentence[0] : sentence[1]], named, strict=True):
        if pieces and pieces[-1][1] == is_named:
            pieces[-1] = (pieces[-1][0] + character, is_named)
        else:
            pieces.append((character, is_named))
    return [(clean_text(piece).replace("\n", " "), is_named) for piece, is_named in pieces]


def _place(atlas: Atlas, para_id: str, lang: Lang) -> str:
    """Say where a passage stands: chapter and section."""
    chapter, section = atlas.document.places[para_id]
    if chapter is None:
        return say("front_matter", lang)
    head = say("chapter", lang, n=chapter.number if lang == "zh" else parse_numeral(chapter.number))
    if section is None:
        return f"{head} › {say('chapter_title', lang)}"
    return f"{head} ›（{section.number}）{format_display(section.title)}"
