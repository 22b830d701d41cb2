"""The whole plan as a page: contents, paragraphs, and every mention as a link to the map."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gzmap.atlas import Atlas
from gzmap.document import Chapter, Paragraph, Section, format_display
from gzmap.mentions import Mention
from gzmap.ui.cards import format_template, name_of
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, pick


def find_runs(text: str, mentions: Sequence[Mention]) -> list[tuple[str, tuple[str, ...]]]:
    """Cut a text where mentions begin and end.

    Parameters
    ----------
    text
        A paragraph.
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


def format_text(atlas: Atlas, place: Place) -> str:
    """Write the plan with its contents; the selected feature's words and the current paragraph stand out."""
    meta = atlas.document.meta
    return format_template(
        "text.html",
        place.lang,
        title=format_display(meta["title"]),
        edition=f"{pick(meta, 'edition', place.lang)} {meta['edition_date']} · {pick(meta, 'issuer', place.lang)}",
        chapters=[_chapter(atlas, place, chapter) for chapter in atlas.document.chapters],
    )


def _chapter(atlas: Atlas, place: Place, chapter: Chapter) -> dict:
    return {
        "id": chapter.chapter_id,
        "heading": f"第{chapter.number}章 {format_display(chapter.title)}",
        "sections": [_section(atlas, place, section) for section in chapter.sections],
    }


def _section(atlas: Atlas, place: Place, section: Section) -> dict:
    return {
        "id": section.section_id,
        "heading": f"（{section.number}）{format_display(section.title)}",
        "paragraphs": [_paragraph(atlas, place, paragraph) for paragraph in section.paragraphs],
    }


def _paragraph(atlas: Atlas, place: Place, paragraph: Paragraph) -> dict:
    mentions = [m for m in atlas.mentions_by_paragraph.get(paragraph.para_id, ()) if m.feature_id in atlas.features]
    named = dict.fromkeys(m.feature_id for m in mentions)
    return {
        "id": paragraph.para_id,
        "current": paragraph.para_id == place.para,
        "runs": [
            {"text": text, "ids": list(ids), "names": _names(atlas, ids, place.lang), "on": place.feature in ids}
            for text, ids in find_runs(paragraph.text, mentions)
        ],
        "places": [(i, name_of(atlas.features[i], place.lang)) for i in named],
    }


def _names(atlas: Atlas, ids: Sequence[str], lang: Lang) -> str:
    return "、".join(name_of(atlas.features[i], lang) for i in ids)
