"""Lists for people: tables under the titles of their columns, as a workbook or as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

from gzmap.atlas import Atlas
from gzmap.errors import ExportError
from gzmap.export.sheets import dump_attributes, export_workbook
from gzmap.export.tables import Table, build_table
from gzmap.export.targets import open_target

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


def export_lists(
    tables: Sequence[Table],
    path: Path,
    *,
    title: str,
    day: date | None = None,
    lang: Lang = "zh",
    lead: Sequence[str] = (),
) -> Path:
    """Write tables without geometry for a spreadsheet, each column under its title.

    Parameters
    ----------
    tables
        At least one; for CSV exactly one.
    path
        Target file, in a folder that exists; it ends in ``.xlsx`` or ``.csv``.
    title, day
        Of the workbook; the first day of 2000 where none is given. The same input gives the same bytes.
    lang
        Whether Chinese or English titles are written.
    lead
        Lines above the titles, on every sheet.

    Returns
    -------
    Path
        The path as given; the file is whole or not there.

    Raises
    ------
    ExportError
        If the name ends otherwise, CSV is to hold several tables, or the target cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise ExportError(f"{path.name} must end in .xlsx or .csv; rename it.")
    if suffix == ".csv" and len(tables) != 1:
        raise ExportError(f"{path.name} cannot hold {len(tables)} tables; choose .xlsx.")
    titled = [_name_by_titles(table, lang) for table in tables]
    with open_target(path) as folder:
        if suffix == ".csv":
            (folder / path.name).write_bytes(dump_attributes(titled[0], lead=lead))
        else:
            export_workbook(titled, folder / path.name, title=title, day=day or date(2000, 1, 1), lead=lead)
    return path


def _name_by_titles(table: Table, lang: Lang) -> Table:
    titles = [(c.title_en if lang == "en" else c.title) or c.name for c in table.columns]
    return replace(table, columns=tuple(replace(c, name=t) for c, t in zip(table.columns, titles, strict=True)))


def build_note_table(lines: Sequence[str], *, lang: Lang = "zh") -> Table:
    """Build a table of one column with lines of text."""
    heads = (("text", "text", "说明", "Notes"),)
    return build_table("notes", choose(("说明", "Notes"), lang), "", heads=heads, rows=[(line,) for line in lines])


def find_edition_day(atlas: Atlas) -> date | None:
    """Find the day of the plan's edition, None where ``meta.json`` has none or no ISO date."""
    try:
        return date.fromisoformat(str(atlas.document.meta.get("edition_date") or ""))
    except ValueError:
        return None


def choose(text: tuple[str, str], lang: Lang) -> str:
    """Give a text of two languages in one of them."""
    return text[LANGS.index(lang)]
