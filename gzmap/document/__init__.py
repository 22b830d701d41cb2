"""The plan text as chapters, sections and passages, with spans that never move."""

from __future__ import annotations

from gzmap.document.parsing import CHAPTER, LEAD_LIMIT, NUMERALS, SECTION, parse_document, parse_numeral
from gzmap.document.parts import Chapter, Document, Paragraph, Passage, Section, format_display
from gzmap.document.spans import find_longest, find_words, reading_order

__all__ = [
    "CHAPTER",
    "LEAD_LIMIT",
    "NUMERALS",
    "SECTION",
    "Chapter",
    "Document",
    "Paragraph",
    "Passage",
    "Section",
    "find_longest",
    "find_words",
    "format_display",
    "parse_document",
    "parse_numeral",
    "reading_order",
]
