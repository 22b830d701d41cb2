"""A layer, or a list beside it, as columns of plain values: what every format is written from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from gzmap.export.values import Values

SEPARATOR = "\x1f"
"""Stands between texts that are looked at together; every encoding has it."""


@dataclass(frozen=True)
class Column:
    """One column: its name, its kind, its values and what it means.

    Values read like a list (see `Values`): str, int, float, bool, an ISO date or time as str, a list or object in a
    text column, or None.

    Attributes
    ----------
    name
        Name in the file; plain ASCII until a naming scheme changes it.
    kind
        ``text``, ``integer``, ``real``, ``date`` (``2025-09-23``), ``datetime`` (``2025-09-23T08:00:00``, with
        ``+08:00`` where a zone is known) or ``boolean``.
    title, title_en, unit, description, domain
        For the data dictionary; ``domain`` lists values as ``site=地点; …``.
    code, short
        Names in the schemes ``pinyin`` and ``chinese``, empty where the catalogue gives none.
    origin
        Name before renaming: the property of a shipped layer, or the column of a foreign frame.
    """

    name: str
    kind: str
    values: Sequence = field(repr=False)
    title: str = ""
    title_en: str = ""
    unit: str | None = None
    description: str = ""
    domain: str = ""
    code: str = ""
    short: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Table:
    """Columns of equal length; ``geometries`` is None for a table without geometry.

    ``name`` is the ASCII name in a file, ``title`` the Chinese one. Geometries are plane, in the CRS asked for,
    easting or longitude first; a row that is not located has None. ``id_field`` names the column of feature ids,
    empty where there is none; ``keys`` are the rows' ids then.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    geometries: np.ndarray | None = field(default=None, repr=False)
    geometry_type: str | None = None
    id_field: str = "id"
    keys: Sequence | None = field(default=None, repr=False)

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(c for c in self.columns if c.name == name)

    def find_column(self, origin: str) -> Column | None:
        """Return the column that had a name before renaming, or has it; None where there is none."""
        return next((c for c in self.columns if origin in (c.origin or c.name, c.name)), None)

    @property
    def size(self) -> int:
        """Number of rows."""
        if self.geometries is not None:
            return len(self.geometries)
        return len(self.columns[0].values) if self.columns else 0

    @cached_property
    def ids(self) -> Sequence[str]:
        """The feature ids: the column of ids, else the keys, else numbers from 1."""
        if self.id_field and any(c.name == self.id_field for c in self.columns):
            return self.column(self.id_field).values
        return [str(n) for n in range(1, self.size + 1)] if self.keys is None else self.keys


def take_rows(table: Table, rows: np.ndarray) -> Table:
    """Take rows of a table.

    Parameters
    ----------
    table
        Any table.
    rows
        True for the rows to keep, or their numbers in the order wanted.
    """
    numbers = np.flatnonzero(rows) if rows.dtype == bool else rows

    def take(values: Sequence) -> Sequence:
        return values.take(numbers) if isinstance(values, Values) else [values[n] for n in numbers.tolist()]

    return replace(
        table,
        columns=tuple(replace(c, values=take(c.values)) for c in table.columns),
        geometries=None if table.geometries is None else table.geometries[numbers],
        keys=None if table.keys is None else take(table.keys),
    )


def build_field_table(tables: Iterable[Table], *, codec: str = "utf-8") -> Table:
    """Build the data dictionary: one row per column of the tables.

    Parameters
    ----------
    tables
        As they are written, names included.
    codec
        Python's name of the encoding in which the lengths of texts are counted.
    """
    rows = [
        (
            *(t.name, t.title, c.name, c.title, c.title_en, c.kind, find_length(c, codec)),
            *(c.unit, c.description, c.domain, c.origin or c.name),
        )
        for t in tables
        for c in t.columns
    ]
    return build_table("field_dictionary", "字段说明", "各表字段的含义、类型、单位与取值", heads=_FIELDS, rows=rows)


_FIELDS = (
    ("layer", "text", "表名", "Table"),
    ("layer_title", "text", "表标题", "Table title"),
    ("field", "text", "字段", "Field"),
    ("title", "text", "字段标题", "Title"),
    ("title_en", "text", "英文标题", "Title in English"),
    ("type", "text", "类型", "Type"),
    ("length", "integer", "长度(最长一项)", "Length: the longest text in bytes, the longest number in digits"),
    ("unit", "text", "单位", "Unit"),
    ("description", "text", "说明", "Description"),
    ("domain", "text", "取值", "Values"),
    ("origin", "text", "原字段名", "Name before renaming"),
)


def find_length(column: Column, codec: str) -> int | None:
    """Find the length of the longest value: bytes of a text, characters of a whole number; None for other kinds."""
    values = column.values
    if column.kind == "text":
        return max(map(len, join_texts(values).encode(codec, "replace").split(SEPARATOR.encode())))
    if column.kind != "integer":
        return None
    if isinstance(values, Values) and values.mask is None and values.array.size:
        extremes = (values.array.min(), values.array.max())
    else:
        known = [v for v in values if v is not None]
        extremes = (min(known), max(known)) if known else ("",)
    return max(len(str(v)) for v in extremes)


def format_text(value: object) -> str | None:
    """Give a value of a text column as text; lists and objects become JSON, None stays None."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def join_texts(values: Sequence) -> str:
    """Join the values of a text column, so that they are checked at once."""
    return SEPARATOR.join([text or "" for text in list_texts(values)])


def list_texts(values: Sequence) -> list[str | None]:
    """List the values of a text column as texts; those of a frame are texts already."""
    return values.plain if isinstance(values, Values) else [format_text(v) for v in values]


def build_table(name: str, title: str, description: str, *, heads: tuple, rows: list[tuple]) -> Table:
    """Build a table without geometry from rows.

    Parameters
    ----------
    name, title, description
        As in `Table`.
    heads
        Name, kind, title and English title of each column.
    rows
        Values in the order of ``heads``.
    """
    columns = zip(*rows, strict=True) if rows else [()] * len(heads)
    return Table(
        name,
        title,
        description,
        tuple(
            Column(head[0], head[1], list(values), head[2], head[3])
            for head, values in zip(heads, columns, strict=True)
        ),
    )
