"""The whole plan as a page: contents, headings and paragraphs, and every mention as a link to the map."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gzmap.atlas import Atlas
from gzmap.document import Chapter, Section, format_display
from gzmap.mentions import Mention
from gzmap.ui.cards import format_template, name_of
from gzmap.ui.citing import describe_citation
from gzmap.ui.facts import name_apart
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, pick


def find_runs(text: str, mentions: Sequence[Mention]) -> list[tuple[str, tuple[str, ...]]]:
    """Cut a text where mentions begin and end.

    Parameters
    ----------
    text
        A passage: a paragraph, a heading or a line of the front matter.
    mentions
        Mentions in it; they may overlap. One that leaves the text or does not match it is passed over.

    Returns
    -------
    list
        ``(piece, feature ids)`` in order; the pieces concatenate to the text with Chinese punctuation set.
    """
    sound = [m for m in mentions if m.end <= len(text) and text[m.start : m.end] == m.exact]
    cuts = sorted({0, len(text), *(m.start for m in sound), *(m.end for m in sound)})
    shown = format_display(text)
    return [
        (shown[a:b], tuple(dict.fromkeys(m.feature_id for m in sound if m.start <= a and b <= m.end)))
        for a, b in pairwise(cuts)
    ]


def format_text(atlas: Atlas, place: Place, base: str = "") -> str:
    """Write the plan with its contents; the selected feature's words and the current passage stand out.

    ``base`` is the address of this server for permanent links, empty where it is not known.
    """
    meta = atlas.document.meta
    front = [i for i, (chapter, _) in atlas.document.places.items() if chapter is None]
    return format_template(
        "text.html",
        place.lang,
        title=format_display(meta["title"]),
        front=[_passage(atlas, place, passage_id) for passage_id in front],
        edition=f"{pick(meta, 'edition', place.lang)} {meta['edition_date']} · {pick(meta, 'issuer', place.lang)}",
        chapters=[_chapter(atlas, place, chapter) for chapter in atlas.document.chapters],
        cited=place.cited,
        citation=describe_citation(atlas, place.cited, place.lang, base=base, opened=True) if place.cited else None,
    )


def _chapter(atlas: Atlas, place: Place, chapter: Chapter) -> dict:
    sections = [_section(atlas, place, section) for section in chapter.sections]
    return {**_passage(atlas, place, chapter.chapter_id), "sections": sections}


def _section(atlas: Atlas, place: Place, section: Section) -> dict:
    paragraphs = [_passage(atlas, place, paragraph.para_id) for paragraph in section.paragraphs]
    return {**_passage(atlas, place, section.section_id), "paragraphs": paragraphs}


def _passage(atlas: Atlas, place: Place, passage_id: str) -> dict:
    """Give a line of the plan: its words cut where mentions begin and end, and the places that it names."""
    text = atlas.document.passages[passage_id]
    mentions = [m for m in atlas.mentions_by_paragraph.get(passage_id, ()) if m.feature_id in atlas.features]
    named = dict.fromkeys(m.feature_id for m in mentions)
    return {
        "id": passage_id,
        "text": format_display(text),
        "current": passage_id == place.para,
        "runs": [
            {"text": piece, "ids": list(ids), "names": _names(atlas, ids, place.lang), "on": place.feature in ids}
            for piece, ids in find_runs(text, mentions)
        ],
        "places": name_apart(atlas, [atlas.features[i] for i in named], place.lang),
        "any_drawn": any(atlas.features[i].geometry is not None for i in named),
    }


def _names(atlas: Atlas, ids: Sequence[str], lang: Lang) -> str:
    return "、".join(name_of(atlas.features[i], lang) for i in ids)
