"""Names of fields: ours, those of Chinese planning habit, or Chinese ones, made to fit a format."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from gzmap.export.capabilities import Format
from gzmap.export.encodings import Encoding
from gzmap.export.tables import Column, Table
from gzmap.names import parse_name

SCHEMES: Mapping[str, tuple[str, str]] = {
    "ascii": ("英文短名（不超过 10 个字符）", "Short English names, at most 10 characters"),
    "pinyin": ("拼音首字母（BSM、MC、MJ 等，仅借用字段命名习惯，不是汇交成果）", "Initials of pinyin (BSM, MC, MJ …)"),
    "chinese": ("中文短名（不超过 5 个汉字）", "Short Chinese names, at most 5 characters"),
}
"""Schemes of field names, with what they are in Chinese and in English."""

ID_CODE, ID_SHORT = "BSM", "标识码"
"""Names of the column of feature ids in the schemes ``pinyin`` and ``chinese``."""

KIND_CODE = Column(
    "ysdm", "text", [], "要素代码", "Feature code", code="YSDM", short="要素代码",
    description="留空：没有标准给出本图要素的代码；仅借用字段命名习惯，不是汇交成果",
)  # fmt: skip
"""The column that planning data has by habit and that stays empty here: no cited standard gives a code."""

LAYER_START = "l_"
"""Put before the name of a layer that a format keeps for itself."""

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
UNFIT_WORD = re.compile(r"[^A-Za-z0-9_\u0080-\uffff]")


def format_code(text: str, nothing: str = "field") -> str:
    """Give any text as a plain ASCII name: itself where it is one, else the initials of its reading, lower case.

    Parameters
    ----------
    text
        Any text.
    nothing
        The name of what has no letter.

    Returns
    -------
    str
        At least one character, a letter or an underscore first, for instance ``dkbh`` of 地块编号.
    """
    if PLAIN.fullmatch(text):
        return text
    if text.isascii():
        plain = re.sub(r"\W+", "_", text).strip("_")
    else:
        initials = parse_name(text).initials
        plain = re.sub(r"\W+", "", initials[0] if initials else "", flags=re.ASCII)
    if not plain:
        return nothing
    return plain if PLAIN.fullmatch(plain) else f"f_{plain}"


def rename_layers(tables: Iterable[Table], fmt: Format) -> dict[str, str]:
    """Find the layers whose name a format keeps for itself.

    Returns
    -------
    dict
        New names, each once, by the old ones; names that may stay are left out.
    """
    names = [table.name for table in tables]
    taken = {name.lower() for name in names}
    return {name: choose_free(f"{LAYER_START}{name}", taken) for name in names if _is_reserved(name.lower(), fmt)}


def _is_reserved(name: str, fmt: Format) -> bool:
    return name in fmt.reserved_layers or name.startswith(fmt.reserved_starts)


def choose_free(name: str, taken: set[str], *, limit: int | None = None) -> str:
    """Choose a name that is not taken, with a number where need be, and note it as taken.

    Parameters
    ----------
    name
        The name that is wanted.
    taken
        Names that are gone, lower case; the new one is added.
    limit
        Most characters; any number when None.
    """
    for number in itertools.count(1):
        tail = f"_{number}" if number > 1 else ""
        chosen = name[: None if limit is None else limit - len(tail)] + tail
        if chosen.lower() not in taken:
            break
    taken.add(chosen.lower())
    return chosen


def rename_fields(table: Table, scheme: str, fmt: Format, *, encoding: Encoding) -> tuple[Table, dict[str, str]]:
    """Give the fields of a table the names of a scheme, each once and as short as the format wants.

    Parameters
    ----------
    table
        With plain ASCII names.
    scheme
        A key of `SCHEMES`; ``pinyin`` adds the empty column YSDM to layers of the atlas.
    fmt, encoding
        What the names must fit.

    Returns
    -------
    tuple
        The table, and the new names by the old ones, unchanged ones left out.
    """
    columns = list(table.columns)
    is_ours = bool(table.id_field) and all(not c.origin for c in columns)
    if scheme == "pinyin" and is_ours:
        empty = replace(KIND_CODE, values=[None] * table.size)
        columns.insert(1, empty)
    taken: set[str] = set(fmt.reserved_fields)
    wanted = [find_name(c, scheme) for c in columns]
    names = [fit_name(w if scheme == "chinese" else format_code(w), fmt, encoding, taken=taken) for w in wanted]
    renamed = {c.name: n for c, n in zip(columns, names, strict=True) if c.name != n}
    fresh = tuple(replace(c, name=n, origin=c.origin or c.name) for c, n in zip(columns, names, strict=True))
    id_field = renamed.get(table.id_field, table.id_field)
    return replace(table, columns=fresh, id_field=id_field), renamed


def pair_columns(table: Table, named: Table) -> list[tuple[Column, Column]]:
    """Pair the columns of a table with those of the same table renamed; an added one is in no pair."""
    added = len(named.columns) - len(table.columns)
    return list(zip(table.columns, (*named.columns[:1], *named.columns[1 + added :]), strict=True))


def find_name(column: Column, scheme: str) -> str:
    """Find the name that a scheme has for a column, before it is made to fit.

    Returns
    -------
    str
        The catalogue's; where it has none, made from the column's own name or title.
    """
    if scheme == "pinyin":
        return column.code or format_code(column.origin or column.title or column.name).upper()
    if scheme == "chinese":
        return column.short or column.origin or column.title or column.name
    return column.name


def fit_name(name: str, fmt: Format, encoding: Encoding, *, taken: set[str]) -> str:
    """Make a field name fit a format, and note it as taken.

    Parameters
    ----------
    name
        Any text.
    fmt, encoding
        What it must fit.
    taken
        Names that are gone, lower case; the new one is added.

    Returns
    -------
    str
        The name itself where it fits; else cut at a character border, with a number where that is taken.
    """
    plain = "".join(c for c in name if c.isprintable() and c.encode(encoding.codec, "ignore")).strip()
    if not plain or (fmt.field_charset == "ascii" and not PLAIN.fullmatch(plain)):
        plain = format_code(name)
    plain = "".join("_" if c in fmt.field_forbidden else c for c in plain)
    if fmt.field_charset == "word":
        plain = UNFIT_WORD.sub("_", f"_{plain}" if plain[0].isdigit() else plain)
    for number in itertools.count():
        tail = f"_{number}" if number else ""
        fitted = _cut(plain, fmt, encoding, room=len(tail)) + tail
        if fitted.lower() not in taken:
            break
    taken.add(fitted.lower())
    return fitted


def _cut(name: str, fmt: Format, encoding: Encoding, *, room: int) -> str:
    if fmt.field_chars is not None:
        name = name[: fmt.field_chars - room]
    if fmt.field_bytes is not None:
        name = name.encode(encoding.codec)[: fmt.field_bytes - room].decode(encoding.codec, "ignore")
    return name.rstrip()
