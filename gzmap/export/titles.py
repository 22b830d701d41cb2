"""Names for people inside a file: of layers, where the format has rules for them, and of features."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable, Sequence

from gzmap.export.capabilities import Format
from gzmap.export.tables import Table

UNFIT = "\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff"
"""Characters that no title has, as a range of a regular expression: controls, and what is no character."""

ENDS = " '"
"""What no title begins or ends with: Excel refuses the apostrophe."""

NAME_FIELDS = ("name", "名称", "mc", "title", "label")
"""Original names of the field that names a feature, the likeliest first, lower case."""


def find_labels(table: Table) -> Sequence:
    """Find the names of the features: of the field that names them, else their ids."""
    origins = {(c.origin or c.name).lower(): c for c in reversed(table.columns)}
    column = next((origins[name] for name in NAME_FIELDS if name in origins), None)
    return table.ids if column is None else column.values


def name_by_format(tables: Iterable[Table], fmt: Format) -> dict[str, str]:
    """Find the title that each table has in a format, each once: `name_by_titles` by the format's own limits."""
    limit = fmt.layer_title_chars or sys.maxsize
    return name_by_titles(tables, forbidden=fmt.title_forbidden, limit=limit, taken=fmt.title_taken)


def name_by_titles(tables: Iterable[Table], *, forbidden: str, limit: int, taken: Iterable[str] = ()) -> dict[str, str]:
    """Find a name for each table: its title, each once, whatever the case.

    Parameters
    ----------
    tables
        Each with its own plain name, which stands in where there is no title.
    forbidden
        Characters that the format does not take in a name; each becomes an underscore, as do controls and what is no
        character.
    limit
        Most characters (UTF-16 units) of a name.
    taken
        Names that are gone.

    Returns
    -------
    dict
        Names by the tables' plain names.
    """
    unfit = re.compile(f"[{re.escape(forbidden)}{UNFIT}]")
    used = {name.lower() for name in taken}
    names = {}
    for table in tables:
        title = unfit.sub("_", table.title).strip(ENDS) or table.name
        for number in itertools.count(1):
            tail = f"_{number}" if number > 1 else ""
            name = cut_utf16(title, limit - len(tail)).rstrip(ENDS) + tail
            if name.lower() not in used:
                break
        used.add(name.lower())
        names[table.name] = name
    return names


def cut_utf16(text: str, limit: int) -> str:
    """Take the start of a text, at most so many UTF-16 units, cut at a character border."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")
