"""Read the plan text into its parts; everything read concatenates back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gzmap.document.parts import Chapter, Document, Paragraph, Section
from gzmap.errors import DocumentError

NUMERALS = "一二三四五六七八九十"
NUMERAL = re.compile(rf"(?:([{NUMERALS[:9]}])?(十))?([{NUMERALS[:9]}])?")
CHAPTER = re.compile(rf"第([{NUMERALS}]{{1,3}})章 (\S.*)")
SECTION = re.compile(rf"\(([{NUMERALS}]{{1,3}})\)(\S.*)")
LEAD_LIMIT = 30
"""A first sentence of at most this many characters is the paragraph's title."""


def parse_numeral(text: str) -> int:
    """Read a Chinese numeral from 一 (1) to 九十九 (99).

    Raises
    ------
    DocumentError
        If ``text`` is no such numeral.
    """
    match = NUMERAL.fullmatch(text)
    if not text or not match:
        raise DocumentError(f"{text!r} is not a Chinese numeral between 一 and 九十九.")
    tens, ten, ones = match.groups()
    return (_digit(tens or "一") * 10 if ten else 0) + (_digit(ones) if ones else 0)


def _digit(character: str) -> int:
    return NUMERALS.index(character) + 1


def parse_document(text: str, meta: dict) -> Document:
    """Parse the plan text.

    Everything parsed concatenates back: ``parse_document(text, meta).dump() == text``.

    Parameters
    ----------
    text
        The whole text, newlines as in the file.
    meta
        Title, issuer, edition and dates (``meta.json``).

    Returns
    -------
    Document
        With at least one chapter.

    Raises
    ------
    DocumentError
        If a heading is out of sequence, text stands before its section, or there is no chapter.
    """
    front, chapters = [], []
    for number, line, separator in _lines(text):
        if match := CHAPTER.fullmatch(line):
            _require_next(match[1], len(chapters) + 1, number=number, line=line)
            chapters.append((match[1], match[2], separator, []))
        elif not chapters:
            front.append(line + separator)
        elif match := SECTION.fullmatch(line):
            sections = chapters[-1][3]
            _require_next(match[1], len(sections) + 1, number=number, line=line)
            sections.append((match[1], match[2], separator, []))
        elif not chapters[-1][3]:
            raise DocumentError(f"Line {number} ({line[:20]!r}…) stands before the first section of its chapter.")
        else:
            chapters[-1][3][-1][3].append((line, separator))
    if not chapters:
        raise DocumentError("The text has no chapter heading such as '第一章 目标愿景'.")
    return Document("".join(front), tuple(_chapter(c, raw) for c, raw in enumerate(chapters, 1)), dict(meta))


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield ``(line number, line, separator)``: a separator holds the newline and the blank lines after it."""
    for match in re.finditer(r"([^\n]*)(\n[\n]*|\Z)", text):
        if match[0]:
            yield text.count("\n", 0, match.start()) + 1, match[1], match[2]


def _require_next(numeral: str, expected: int, *, number: int, line: str) -> None:
    if parse_numeral(numeral) != expected:
        raise DocumentError(f"Line {number} ({line[:20]!r}) is heading {numeral}, but {expected} is next in sequence.")


def _chapter(c: int, raw: tuple) -> Chapter:
    numeral, title, separator, sections = raw
    return Chapter(f"chp_{c}", numeral, title, separator, tuple(_section(c, s, r) for s, r in enumerate(sections, 1)))


def _section(c: int, s: int, raw: tuple) -> Section:
    numeral, title, separator, lines = raw
    section_id = f"chp_{c}__sec_{s}"
    paragraphs = tuple(
        Paragraph(f"{section_id}__para_{p}", line, _paragraph_title(line, title), sep)
        for p, (line, sep) in enumerate(lines, 1)
    )
    return Section(section_id, numeral, title, separator, paragraphs)


def _paragraph_title(line: str, section_title: str) -> str:
    lead, end, _ = line.partition("。")
    return lead if end and 0 < len(lead) <= LEAD_LIMIT else section_title
