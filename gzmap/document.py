"""The plan text as chapters, sections and paragraphs, with spans that never move."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from gzmap.errors import DocumentError, NotFoundError, describe_unknown

NUMERALS = "一二三四五六七八九十"
NUMERAL = re.compile(rf"(?:([{NUMERALS[:9]}])?(十))?([{NUMERALS[:9]}])?")
CHAPTER = re.compile(rf"第([{NUMERALS}]{{1,3}})章 (\S.*)")
SECTION = re.compile(rf"\(([{NUMERALS}]{{1,3}})\)(\S.*)")
SENTENCE_END = "。！？"
CLOSING_QUOTES = "”’』」"
LEAD_LIMIT = 30
"""A first sentence of at most this many characters is the paragraph's title."""

# One character for one character, so that a span means the same in both texts.
DISPLAY = {",": "，", "(": "（", ")": "）"}
DIGIT_COMMA = re.compile(r"(?<=\d),(?=\d)")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph: the source line without its newline, its lead sentence included."""

    para_id: str
    text: str
    title: str
    separator: str

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Spans of the sentences, in order; together they cover the whole text."""
        spans, start = [], 0
        for match in re.finditer(rf"[{SENTENCE_END}]+[{CLOSING_QUOTES}]*", self.text):
            spans.append((start, match.end()))
            start = match.end()
        if start < len(self.text):
            spans.append((start, len(self.text)))
        return tuple(spans)

    def find_sentence(self, start: int, end: int) -> tuple[int, int]:
        """Find the span of the sentence, or run of sentences, that holds a span.

        Parameters
        ----------
        start, end
            Half-open span in Unicode code points inside the paragraph.

        Returns
        -------
        tuple
            ``(start, end)`` of the smallest run of whole sentences around it; the span itself if it lies outside.
        """
        touched = [s for s in self.sentences if s[0] < end and start < s[1]]
        return (touched[0][0], touched[-1][1]) if touched else (start, end)


@dataclass(frozen=True)
class Section:
    """One section ``(一)…`` of a chapter."""

    section_id: str
    number: str
    title: str
    separator: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Chapter:
    """One chapter ``第一章 …``."""

    chapter_id: str
    number: str
    title: str
    separator: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Document:
    """The plan: front matter and chapters. ``meta`` is what ``meta.json`` says of the edition."""

    front: str
    chapters: tuple[Chapter, ...]
    meta: dict

    @cached_property
    def paragraphs(self) -> dict[str, Paragraph]:
        """Every paragraph by its ``para_id``, in reading order."""
        return {p.para_id: p for c in self.chapters for s in c.sections for p in s.paragraphs}

    @cached_property
    def places(self) -> dict[str, tuple[Chapter, Section]]:
        """The chapter and section of every ``para_id``."""
        return {p.para_id: (c, s) for c in self.chapters for s in c.sections for p in s.paragraphs}

    def require_paragraph(self, para_id: str) -> Paragraph:
        """Return a paragraph, or raise.

        Raises
        ------
        NotFoundError
            If there is no such ``para_id``.
        """
        try:
            return self.paragraphs[para_id]
        except KeyError:
            raise NotFoundError(describe_unknown("Paragraph", para_id, self.paragraphs, where="the plan")) from None

    def dump(self) -> str:
        """Write the text again from its parts: equal to what was parsed, to the byte."""
        return "".join(self._pieces())

    def _pieces(self) -> Iterator[str]:
        yield self.front
        for chapter in self.chapters:
            yield f"第{chapter.number}章 {chapter.title}{chapter.separator}"
            for section in chapter.sections:
                yield f"({section.number}){section.title}{section.separator}"
                for paragraph in section.paragraphs:
                    yield paragraph.text + paragraph.separator


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


def format_display(text: str) -> str:
    """Set Chinese punctuation for reading: ``,()`` become ``，（）``, except a comma between two digits.

    Returns
    -------
    str
        A text of the same length, so that spans keep their meaning.
    """
    kept = {m.start() for m in DIGIT_COMMA.finditer(text)}
    return "".join(c if i in kept else DISPLAY.get(c, c) for i, c in enumerate(text))
