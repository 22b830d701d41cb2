"""Hold a table against what a format can hold, before anything is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gzmap.errors import ExportError
from gzmap.export.formats import ENCODINGS, Encoding, Format
from gzmap.export.tables import Column, Table, build_table

SHOWN = 8
"""Characters and features that a message lists."""


@dataclass(frozen=True)
class LongText:
    """A text that a format cannot hold whole: where it stands, all of it, and what the file keeps."""

    layer: str
    feature_id: str
    field: str
    text: str
    kept: str


def require_fields(table: Table, fmt: Format) -> None:
    """Raise where a format would rename a field.

    Raises
    ------
    ExportError
        If a field name is too long, not plain ASCII, reserved, or stands twice.
    """
    seen: set[str] = set()
    for column in table.columns:
        name = column.name
        plain = name.isascii() and name.isidentifier() and len(name) <= (fmt.field_chars or len(name))
        if not plain or name.lower() in fmt.reserved_fields | seen:
            raise ExportError(
                f"Field {name!r} of layer {table.name!r} cannot stand in a {fmt.title}: names are ASCII"
                f"{f', at most {fmt.field_chars} characters' if fmt.field_chars else ''}, once each, and not "
                f"{' or '.join(sorted(fmt.reserved_fields)) or 'empty'}; rename it in the layer and the catalogue."
            )
        seen.add(name.lower())


def require_integers(table: Table, fmt: Format) -> None:
    """Raise where a format would round a whole number.

    Raises
    ------
    ExportError
        If a number is too large.
    """
    if fmt.integer_limit is None:
        return
    for column in table.columns:
        for feature_id, value in zip(table.ids, column.values, strict=True):
            if column.kind == "integer" and value is not None and abs(value) >= fmt.integer_limit:
                raise ExportError(
                    f"{feature_id}: {column.name} is {value}, too large for a {fmt.title}; "
                    "take GeoJSON or keep the number as text."
                )


def require_encodable(table: Table, encoding: Encoding) -> None:
    """Raise where an encoding lacks a character: nothing is replaced or dropped.

    Raises
    ------
    ExportError
        Listing the characters and the features, and offering UTF-8 where that helps.
    """
    lost: dict[str, str] = {}
    for feature_id, _, text in _texts(table):
        for character in _unencodable(text, encoding.codec):
            lost.setdefault(character, feature_id)
    if lost:
        shown = ", ".join(f"{_name(c)} in {i}" for c, i in [*lost.items()][:SHOWN])
        more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
        in_unicode = all(not _unencodable(c, "utf-8") for c in lost)
        remedy = "choose UTF-8, which holds them all" if in_unicode else "correct the text of these features"
        raise ExportError(f"{encoding.gdal} lacks characters of layer {table.name!r}: {shown}{more}; {remedy}.")


def _name(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"{character} ({code})" if character.isprintable() else code


def _unencodable(text: str, codec: str) -> list[str]:
    """List the characters that a codec lacks; NUL counts, for it ends a text in every file written through GDAL."""
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return [c for c in text if c == "\0" or c.encode(codec, "ignore") == b""]
    return ["\0"] if "\0" in text else []


def cut_texts(table: Table, fmt: Format, encoding: Encoding) -> tuple[Table, list[LongText]]:
    """Cut the texts that a format cannot hold whole, at a character border.

    Returns
    -------
    tuple
        The table that fits, and the texts that do not, whole.
    """
    if fmt.text_bytes is None:
        return table, []
    long: list[LongText] = []

    def fit(column: Column) -> Column:
        if column.kind != "text":
            return column
        kept = []
        for feature_id, value in zip(table.ids, column.values, strict=True):
            text = format_text(value)
            short = text if text is None else _cut(text, fmt.text_bytes, encoding.codec)
            if short != text:
                long.append(LongText(table.name, feature_id, column.name, text, short))
            kept.append(short)
        return replace(column, values=kept)

    return replace(table, columns=tuple(fit(c) for c in table.columns)), long


def _cut(text: str, limit: int, codec: str) -> str:
    # A DBF pads with spaces, so that spaces at the ends of a text do not come back.
    return text.strip(" ").encode(codec)[:limit].decode(codec, "ignore").strip(" ")


def build_long_table(long: Iterable[LongText]) -> Table:
    """Build the side table of whole texts, keyed by feature id and field."""
    heads = (
        ("feature_id", "text", "要素标识", "Feature id"),
        ("field", "text", "字段", "Field"),
        ("text", "text", "全文", "Whole text"),
    )
    rows = [(t.feature_id, t.field, t.text) for t in long]
    return build_table("long_text", "长文本", "属性表容不下的文字全文", heads=heads, rows=rows)


def format_text(value: object) -> str | None:
    """Give a value of a text column as text; lists and objects become JSON, None stays None."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _texts(table: Table) -> Iterator[tuple[str, str, str]]:
    for column in table.columns:
        if column.kind == "text":
            for feature_id, value in zip(table.ids, column.values, strict=True):
                if value is not None:
                    yield feature_id, column.name, format_text(value)


def describe_encoding(name: str) -> str:
    """Say in Chinese what an encoding depends on."""
    if ENCODINGS[name].marked:
        return "GBK（CP936）：.dbf 文件头已注明（LDID 77），另附 .cpg，丢失 .cpg 也能正确读取。"
    return "UTF-8：须与 .cpg 文件放在一起，丢失 .cpg 则中文会乱码。"
