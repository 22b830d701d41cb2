"""References to a paragraph or a feature by GB/T 7714, the Chinese standard for bibliographic references.

The form is that of web pages, in both editions: who is responsible (主要责任者), title and explanation of the title
(题名：其他题名信息), type and carrier ``[EB/OL]``, date of issue and day of access, address. The edition of 2015 leaves
the width of the marks open, and half width is what theses use; that of 2025, in force since 2026-07-01, wants ``.`` and
``[]`` in half width and the other marks in full width. Both let numbered references leave out who is responsible where
nobody is named (佚名 elsewhere), and the date where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gzmap.atlas import Atlas
from gzmap.document import Chapter, Passage, Section, format_display
from gzmap.errors import NotFoundError, QueryError
from gzmap.query.words import find_evidence

EDITIONS = ("2015", "2025")
TYPE = "EB/OL"
"""Type and carrier of what is published on a web page, and of the page on which a feature is shown."""

MAP_TITLE = "美丽广州规划地图"

NOTES = ("no_author", "no_date", "no_path", "home_page", "formal_exists")
"""What a reader of a reference should know: nobody is named, no date is known, no address is known; the address is the
issuer's home page, not the document's own; a formal text exists that may differ."""


@dataclass(frozen=True)
class Reference:
    """One reference: the whole line without a number before it, and some of `NOTES`."""

    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class CitedPlace:
    """Where cited words stand in the plan.

    ``text`` is what is put behind the reference's number (第四章（一）第2段); ``quotes`` are the words, as they are
    read (see `format_display`).
    """

    para_id: str
    text: str
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Citation:
    """The references for one paragraph or feature.

    ``plan`` cites the plan, and is None for a feature without evidence; ``places`` tells where in it. For a passage the
    quote is the whole of it, for a feature the sentences that justify it. ``shown`` cites the feature's page on the
    map, and is None for a passage.
    """

    id: str
    edition: str
    plan: Reference | None
    places: tuple[CitedPlace, ...]
    shown: Reference | None


def build_citation(
    atlas: Atlas, cited_id: str, *, accessed: date, link: str = "", author: str = "", edition: str = "2025"
) -> Citation:
    """Build the references for a paragraph, heading or line of the front matter, or for a feature.

    Parameters
    ----------
    atlas
        Whose plan.
    cited_id
        A ``para_id`` or a feature id.
    accessed
        The day on which it was looked up.
    link
        Permanent address of what is cited, in this application; without one, the plan is cited at the address that
        ``meta.json`` states, and the feature at none.
    author
        Who is responsible for the map, for the feature's own reference; left out when empty.
    edition
        Edition of the standard, one of `EDITIONS`.

    Returns
    -------
    Citation
        For a feature without evidence, ``plan`` is empty.

    Raises
    ------
    QueryError
        If the edition is none of `EDITIONS`, or the link is no address of the web.
    NotFoundError
        If there is neither such a feature nor such a passage.
    """
    if edition not in EDITIONS:
        raise QueryError(f"GB/T 7714 has no edition {edition!r} here; there are {', '.join(EDITIONS)}.")
    if link and (not link.startswith(("http://", "https://")) or any(c.isspace() for c in link)):
        raise QueryError(f"{link!r} is no address; write it like https://example.cn/?feature=parks.p001.")
    cite = _Writer(edition, accessed)
    if cited_id not in atlas.features:
        passage = _require_passage(atlas, cited_id)
        place = CitedPlace(cited_id, format_place(atlas, cited_id), (format_display(passage.text),))
        return Citation(cited_id, edition, _cite_plan(atlas, cite, link), (place,), None)
    feature, places = atlas.features[cited_id], _find_places(atlas, cited_id)
    subtitle = f"{format_display(feature.name)}（{cited_id}）" if edition == "2025" else f"{feature.name}({cited_id})"
    issued = str(feature.properties.get("entered") or "")
    shown = cite.write(author, f"{MAP_TITLE}{cite.colon}{subtitle}", issued=issued, path=link)
    return Citation(cited_id, edition, _cite_plan(atlas, cite, link) if places else None, places, shown)


def _require_passage(atlas: Atlas, cited_id: str) -> Passage:
    if cited_id not in atlas.document.passages:
        known = (*atlas.features, *atlas.document.passages)
        raise NotFoundError.unknown("Feature or passage", cited_id, known, where="the map or the plan")
    return atlas.document.require_passage(cited_id)


@dataclass(frozen=True)
class _Writer:
    """Writes references in one edition, of one day."""

    edition: str
    accessed: date

    @property
    def colon(self) -> str:
        return "：" if self.edition == "2025" else ": "

    def write(self, author: str, title: str, *, issued: str, path: str) -> Reference:
        opening, closing = ("（", "）") if self.edition == "2025" else ("(", ")")
        dates = f"{opening}{issued}{closing}" if issued else ""
        parts = (author, f"{title}[{TYPE}]", f"{dates}[{self.accessed.isoformat()}]", path)
        missing = {"no_author": not author, "no_date": not issued, "no_path": not path}
        notes = tuple(note for note, is_missing in missing.items() if is_missing)
        return Reference(". ".join(filter(None, parts)) + ".", notes)


def _cite_plan(atlas: Atlas, cite: _Writer, link: str) -> Reference:
    meta: Mapping = atlas.document.meta
    title, edition = str(meta["title"]), str(meta.get("edition") or "")
    written = cite.write(
        str(meta.get("issuer") or ""),
        f"{title}{cite.colon}{edition}" if edition else title,
        issued=str(meta.get("edition_date") or ""),
        path=link or str(meta.get("source_url") or ""),
    )
    more = {"home_page": not link and bool(meta.get("source_note")), "formal_exists": bool(meta.get("formal"))}
    return Reference(written.text, (*written.notes, *(note for note, is_so in more.items() if is_so)))


def _find_places(atlas: Atlas, feature_id: str) -> tuple[CitedPlace, ...]:
    """Find the sentences that justify a feature, by passage, each once, in reading order."""
    found: dict[str, dict[tuple[int, int], None]] = {}
    for word in find_evidence(atlas, feature_id):
        if word.role == "evidence":
            found.setdefault(word.para_id, {})[word.sentence] = None
    texts = atlas.document.passages
    return tuple(
        CitedPlace(p, format_place(atlas, p), tuple(format_display(texts[p][start:end]) for start, end in spans))
        for p, spans in found.items()
    )


def format_place(atlas: Atlas, para_id: str) -> str:
    """Say where a passage stands as people cite it: 第四章（一）第2段, 第四章（一）标题, 第四章标题, 卷首第1行.

    Raises
    ------
    NotFoundError
        If there is no such passage.
    """
    atlas.document.require_passage(para_id)
    chapter, section = atlas.document.places[para_id]
    number = para_id.rpartition("_")[2]
    if chapter is None:
        return f"卷首第{number}行"
    if section is None:
        return f"第{chapter.number}章标题"
    place = _format_section(chapter, section)
    return f"{place}标题" if para_id == section.section_id else f"{place}第{number}段"


def _format_section(chapter: Chapter, section: Section) -> str:
    return f"第{chapter.number}章（{section.number}）"
