"""Answers as tables for further pages: of the many columns of a workbook, those that fit on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gzmap.sheet.views import Lang, SheetTable
from gzmap.sheet.words import say

ANSWER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "features": (
        *("name", "layer", "status", "relation", "certainty", "sketch"),
        *("measure", "unit", "share", "cover", "sentence", "place"),
    ),
    "pairs": (
        *("a_name", "a_layer", "relation", "b_name", "b_layer", "certainty", "sketch"),
        *("distance_m", "measure", "unit", "share", "cover"),
    ),
    "totals": ("layer", "status", "count", "certain", "wide", "km2", "km", "own"),
    "districts": ("district", "km2", "share"),
    "unlocated": ("name", "layer", "district", "notes"),
}
"""Columns of the tables of an answer about an area or about pairs, by the tables' names."""


class Column(Protocol):
    """A column of a workbook's table."""

    name: str
    title: str
    title_en: str
    values: Sequence


class Columned(Protocol):
    """A workbook's table: a name, a title and columns of one length."""

    name: str
    title: str
    columns: Sequence[Column]


def build_answer_tables(tables: Sequence[Columned], *, lead: Sequence[str], lang: Lang) -> tuple[SheetTable, ...]:
    """Make the pages of an answer from the tables of its workbook.

    Parameters
    ----------
    tables
        As a workbook has them; those without rows and those not in `ANSWER_COLUMNS` are left out.
    lead
        Lines above the first table: its title, then sentences.
    lang
        Of the heads.

    Returns
    -------
    tuple
        One table each; where there are none, one without rows that says what was asked.
    """
    made = [_build(table, lang) for table in tables if table.name in ANSWER_COLUMNS]
    filled = [table for table in made if table.rows] or made[:1] or [SheetTable("", (), ())]
    first = filled[0]
    return (SheetTable(lead[0], first.heads, first.rows, tuple(lead[1:])), *filled[1:])


def _build(table: Columned, lang: Lang) -> SheetTable:
    columns = {column.name: column for column in table.columns}
    kept = [columns[name] for name in ANSWER_COLUMNS[table.name]]
    comma = say("list_comma", lang)
    heads = tuple((column.title_en if lang == "en" else column.title) or column.name for column in kept)
    rows = zip(*([_format(v, comma) for v in column.values] for column in kept), strict=True)
    return SheetTable(table.title, heads, tuple(rows))


def _format(value: object, comma: str) -> str:
    """Write a value; a list that ``|`` separates, such as of districts, is read with commas."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return comma.join(str(value).split("|"))
