"""The parts of the plan, from the whole document down to one passage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from gzmap.document.spans import FRONT
from gzmap.errors import NotFoundError

SENTENCE_END = "。！？"
CLOSING_QUOTES = "”’』」"

# One character for one character, so that a span means the same in both texts.
DISPLAY = {",": "，", "(": "（", ")": "）"}
DIGIT_COMMA = re.compile(r"(?<=\d),(?=\d)")


@dataclass(frozen=True)
class Passage:
    """One line of the plan that carries words: a paragraph, a heading or a line of the front matter.

    ``text`` is the source line without its newline, a heading's number included.
    """

    para_id: str
    text: str

    @property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Spans of the sentences, in order; together they cover the whole text. A heading is one sentence."""
        return ((0, len(self.text)),) if self.text else ()

    def find_sentence(self, start: int, end: int) -> tuple[int, int]:
        """Find the span of the sentence, or run of sentences, that holds a span.

        Parameters
        ----------
        start, end
            Half-open span in Unicode code points inside the passage.

        Returns
        -------
        tuple
            ``(start, end)`` of the smallest run of whole sentences around it; the span itself if it lies outside.
        """
        touched = [s for s in self.sentences if s[0] < end and start < s[1]]
        return (touched[0][0], touched[-1][1]) if touched else (start, end)


@dataclass(frozen=True)
class Paragraph(Passage):
    """One paragraph, its lead sentence included."""

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


@dataclass(frozen=True)
class Section:
    """One section ``(一)…`` of a chapter."""

    section_id: str
    number: str
    title: str
    separator: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def heading(self) -> str:
        """The heading's line, without its newline."""
        return f"({self.number}){self.title}"


@dataclass(frozen=True)
class Chapter:
    """One chapter ``第一章 …``."""

    chapter_id: str
    number: str
    title: str
    separator: str
    sections: tuple[Section, ...]

    @property
    def heading(self) -> str:
        """The heading's line, without its newline."""
        return f"第{self.number}章 {self.title}"


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
    def passages(self) -> dict[str, str]:
        """The text of every passage by its id, in reading order.

        Passages are the lines of the front matter that carry text (``front__line_1``), the headings of chapters
        (``chp_4``) and sections (``chp_8__sec_2``), and the paragraphs (``chp_2__sec_1__para_2``).
        """
        return {passage_id: passage.text for passage_id, passage in self._passages.items()}

    @cached_property
    def places(self) -> dict[str, tuple[Chapter | None, Section | None]]:
        """The chapter and section of every passage: a chapter's heading has no section, front matter has neither."""
        return {passage.para_id: (chapter, section) for passage, chapter, section in self._walk()}

    @cached_property
    def _passages(self) -> dict[str, Passage]:
        return {passage.para_id: passage for passage, *_ in self._walk()}

    def _walk(self) -> Iterator[tuple[Passage, Chapter | None, Section | None]]:
        lines = (line for line in self.front.split("\n") if line.strip())
        for number, line in enumerate(lines, 1):
            yield Passage(f"{FRONT}{number}", line), None, None
        for chapter in self.chapters:
            yield Passage(chapter.chapter_id, chapter.heading), chapter, None
            for section in chapter.sections:
                yield Passage(section.section_id, section.heading), chapter, section
                for paragraph in section.paragraphs:
                    yield paragraph, chapter, section

    def require_passage(self, passage_id: str) -> Passage:
        """Return a passage; a paragraph is one.

        Raises
        ------
        NotFoundError
            If there is no such id.
        """
        return self._require(passage_id, self._passages, "Passage")

    def require_paragraph(self, para_id: str) -> Paragraph:
        """Return a paragraph, or raise.

        Raises
        ------
        NotFoundError
            If there is no such ``para_id``.
        """
        return self._require(para_id, self.paragraphs, "Paragraph")

    @staticmethod
    def _require(passage_id: str, known: dict, kind: str) -> Passage:
        if passage_id not in known:
            raise NotFoundError.unknown(kind, passage_id, known, where="the plan")
        return known[passage_id]

    def dump(self) -> str:
        """Write the text again from its parts: equal to what was parsed, to the byte."""
        return "".join(self._pieces())

    def _pieces(self) -> Iterator[str]:
        yield self.front
        for chapter in self.chapters:
            yield chapter.heading + chapter.separator
            for section in chapter.sections:
                yield section.heading + section.separator
                for paragraph in section.paragraphs:
                    yield paragraph.text + paragraph.separator


def format_display(text: str) -> str:
    """Set Chinese punctuation for reading: ``,()`` become ``，（）``, except a comma between two digits.

    Returns
    -------
    str
        A text of the same length, so that spans keep their meaning.
    """
    kept = {m.start() for m in DIGIT_COMMA.finditer(text)}
    return "".join(c if i in kept else DISPLAY.get(c, c) for i, c in enumerate(text))
