"""Tables for people: columns that stay in line where Chinese characters are two wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

GAP = "  "
NOTHING = "—"


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[int]) -> str:
    """Put a head and rows of one length into lines.

    Parameters
    ----------
    head
        Titles of the columns.
    rows
        Cells; line breaks and other white space in them become one space.
    right
        Numbers of the columns, from 0, whose cells end in line rather than begin in line.

    Returns
    -------
    str
        Lines joined by line breaks, without one at the end and without spaces at any line's end.
    """
    lines = [[" ".join(cell.split()) for cell in line] for line in (head, *rows)]
    widths = [max(map(measure_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(GAP.join(_cells(line, widths, right)).rstrip() for line in lines)


def _cells(line: list[str], widths: list[int], right: frozenset[int]) -> Iterable[str]:
    for number, (cell, width) in enumerate(zip(line, widths, strict=True)):
        space = " " * (width - measure_width(cell))
        yield space + cell if number in right else cell + space


def measure_width(text: str) -> int:
    """Count the columns that a text takes: two for a wide character, none for one that sits on another."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )


def format_number(number: float | None, form: str) -> str:
    """Write a number in a form such as ``".1f"``; a dash where there is none."""
    return NOTHING if number is None else format(number, form)
