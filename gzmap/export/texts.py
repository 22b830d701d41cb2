"""Texts against what an encoding and a format hold: which characters are lacking, which texts are too long."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from gzmap.export.capabilities import Format
from gzmap.export.encodings import Encoding
from gzmap.export.losses import CHANGED, REFUSED, Loss
from gzmap.export.markup import MARK, NOWHERE, UNWRITABLE
from gzmap.export.tables import SEPARATOR, Column, Table, build_table, join_texts, list_texts

SHOWN = 8
"""Characters that one message lists."""

REPLACE, PLAIN_MARK = "replace-characters", "?"
"""The fix that writes a mark for what a format lacks, and the mark of encodings that lack `MARK`."""

LISTED = 20
"""Cut texts of one field that are told one by one; the rest are counted."""


@dataclass(frozen=True)
class LongText:
    """A text that a format cannot hold whole: where it stands, all of it, and what the file keeps."""

    layer: str
    feature_id: str
    field: str
    text: str
    kept: str


def fit_characters(
    table: Table, fmt: Format, encoding: Encoding, *, fixes: Collection[str]
) -> tuple[Table, list[Loss]]:
    """Find characters that a format or an encoding lacks, field by field.

    Parameters
    ----------
    table
        Any table.
    fmt, encoding
        What was asked for.
    fixes
        With ``replace-characters``, what the format lacks in every encoding becomes a mark. What only the encoding
        lacks is never replaced.

    Returns
    -------
    tuple
        The table, and what is lacking.
    """
    losses: list[Loss] = []

    def fit(column: Column) -> Column:
        lacking = _find_lacking(column, fmt, encoding)
        if encoded := [c for c in lacking if not _is_unwritable(c, fmt)]:
            losses.append(_tell_encoding(table, column, encoded, encoding=encoding, fmt=fmt))
        if not (unwritable := [c for c in lacking if _is_unwritable(c, fmt)]):
            return column
        mark = MARK if _is_encodable(MARK, encoding) else PLAIN_MARK
        may = REPLACE in fixes
        losses.append(_tell_format(table, column, unwritable, fmt=fmt, mark=mark if may else ""))
        signs = str.maketrans(dict.fromkeys(unwritable, mark))
        values = [text and text.translate(signs) for text in list_texts(column.values)] if may else column.values
        return replace(column, values=values)

    return replace(table, columns=tuple(fit(c) for c in table.columns)), losses


def _find_lacking(column: Column, fmt: Format, encoding: Encoding) -> list[str]:
    """List the characters of a column that cannot be written."""
    if column.kind not in ("text", "datetime"):
        return []
    joined = "\n".join(filter(None, list_texts(column.values)))
    if _is_encodable(joined, encoding) and not (fmt.text_charset == "xml" and UNWRITABLE.search(joined)):
        return []
    return [c for c in dict.fromkeys(joined) if _is_unwritable(c, fmt) or not _is_encodable(c, encoding)]


def _is_unwritable(character: str, fmt: Format) -> bool:
    """Tell whether a format lacks a character in every encoding."""
    return bool((UNWRITABLE if fmt.text_charset == "xml" else NOWHERE).match(character))


def _is_encodable(text: str, encoding: Encoding) -> bool:
    if "\0" in text or any(c in text for c in encoding.lacks):
        return False
    try:
        text.encode(encoding.codec)
    except UnicodeEncodeError:
        return False
    return True


def _tell_encoding(table: Table, column: Column, lost: Sequence[str], *, encoding: Encoding, fmt: Format) -> Loss:
    first, shown, shown_en = _list_places(table, column, lost)
    helps = "utf-8" in fmt.encodings and encoding.codec != "utf-8"
    remedy, remedy_en = ("改用 UTF-8，可全部保存", "choose UTF-8, which holds them all")
    if not helps:
        remedy, remedy_en = ("改正这些要素的文字", "correct the text of these features")
    return Loss(
        "character", REFUSED, table.name, column.name, first, detail=f"{encoding.cpg} 没有这些字符：{shown}",
        detail_en=f"{encoding.cpg} lacks characters of layer {table.name!r}: {shown_en}",
        remedy=remedy, remedy_en=remedy_en, fix="encoding=utf-8" if helps else "",
    )  # fmt: skip


def _tell_format(table: Table, column: Column, lost: Sequence[str], *, fmt: Format, mark: str) -> Loss:
    """Tell the characters that a format lacks, and the mark that stands for them, empty where none does."""
    first, shown, shown_en = _list_places(table, column, lost)
    if mark:
        return Loss(
            "character", CHANGED, table.name, column.name, first,
            detail=f"{fmt.title} 没有这些字符，写成 {mark}：{shown}",
            detail_en=f"{fmt.title} lacks these characters, which become the mark {mark}: {shown_en}",
        )  # fmt: skip
    other, other_en = ("改用 GeoPackage，", ", take GeoPackage") if fmt.text_charset == "xml" else ("", "")
    return Loss(
        "character", REFUSED, table.name, column.name, first, detail=f"{fmt.title} 没有这些字符：{shown}",
        detail_en=f"{fmt.title} lacks characters of layer {table.name!r}: {shown_en}",
        remedy=f"改正这些要素的文字，{other}或以 {MARK} 代替",
        remedy_en=f"correct the text of these features{other_en} or accept a mark in their place (fix {REPLACE!r})",
        fix=REPLACE,
    )  # fmt: skip


def _list_places(table: Table, column: Column, characters: Sequence[str]) -> tuple[str, str, str]:
    """Give the first feature with one of some characters, and list them with a feature each, in both languages."""
    texts = list_texts(column.values)
    ids = {
        c: next(i for i, text in zip(table.ids, texts, strict=True) if text and c in text) for c in characters[:SHOWN]
    }
    more = len(characters) - SHOWN
    shown = "，".join(f"{_name(c)}（{i}）" for c, i in ids.items()) + (f"，另有 {more} 个" if more > 0 else "")
    shown_en = ", ".join(f"{_name(c)} in {i}" for c, i in ids.items()) + (f" and {more} more" if more > 0 else "")
    return next(iter(ids.values())), shown, shown_en


def _name(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"{character} ({code})" if character.isprintable() else code


def cut_texts(table: Table, fmt: Format, encoding: Encoding) -> tuple[Table, list[LongText]]:
    """Cut the texts that a format cannot hold whole, at a character border.

    Returns
    -------
    tuple
        The table that fits, and the texts that do not, whole.
    """
    if fmt.text_bytes is None and fmt.text_chars is None:
        return table, []
    long: list[LongText] = []

    def fit(column: Column) -> Column:
        if column.kind != "text":
            return column
        rows = _find_unfit(column.values, fmt, encoding)
        if not rows:
            return column
        kept = list(list_texts(column.values))
        for row in rows:
            text = kept[row]
            kept[row] = _cut(text, fmt, encoding.codec)
            if kept[row] != text:
                long.append(LongText(table.name, table.ids[row], column.name, text, kept[row]))
        return replace(column, values=kept)

    return replace(table, columns=tuple(fit(c) for c in table.columns)), long


def _find_unfit(values: Sequence, fmt: Format, encoding: Encoding) -> list[int]:
    """List the rows whose text may be too long or end in a space, by a cheap bound."""
    chars = fmt.text_chars // 2 if fmt.text_bytes is None else fmt.text_bytes // encoding.char_bytes
    texts = list_texts(values)
    joined = "" if fmt.keeps_spaces else f"{SEPARATOR}{join_texts(values)}{SEPARATOR}"
    spaced = f"{SEPARATOR} " in joined or f" {SEPARATOR}" in joined
    if not spaced and max(map(len, filter(None, texts)), default=0) <= chars:
        return []
    return [
        row
        for row, text in enumerate(texts)
        if text and (len(text) > chars or (spaced and (text[0] == " " or text[-1] == " ")))
    ]


def _cut(text: str, fmt: Format, codec: str) -> str:
    # A DBF pads with spaces, so that spaces at the ends of a text do not come back.
    text = text if fmt.keeps_spaces else text.strip(" ")
    if fmt.text_chars is not None:
        return text.encode("utf-16-le", "surrogatepass")[: 2 * fmt.text_chars].decode("utf-16-le", "ignore")
    # What cannot be encoded is refused elsewhere and told there.
    return text.encode(codec, "replace")[: fmt.text_bytes].decode(codec, "ignore").strip(" ")


def count_bytes(text: str, encoding: Encoding) -> int:
    """Count the bytes of a text in an encoding."""
    return len(text.encode(encoding.codec, "replace"))


def describe_long(long: Iterable[LongText], encoding: Encoding) -> list[Loss]:
    """Tell the texts that were cut, the first of each field one by one."""
    losses: list[Loss] = []
    counts: dict[tuple[str, str], int] = {}
    for text in long:
        key = (text.layer, text.field)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= LISTED:
            before, after = count_bytes(text.text, encoding), count_bytes(text.kept, encoding)
            losses.append(
                Loss(
                    "text-cut", CHANGED, *key, text.feature_id,
                    detail=f"{before} 字节截为 {after} 字节，少 {before - after} 字节；全文另存“长文本”表",
                    detail_en=f"{before} bytes cut to {after}, {before - after} fewer; whole in the long text table",
                    remedy="要全文在一处时改用 GeoPackage",
                    remedy_en="take GeoPackage to have it whole", fix="fmt=gpkg",
                )
            )  # fmt: skip
    for (layer, field), count in counts.items():
        if count > LISTED:
            detail, detail_en = f"另有 {count - LISTED} 处截短", f"{count - LISTED} more texts cut"
            losses.append(Loss("text-cut", CHANGED, layer, field, detail=detail, detail_en=detail_en, fix="fmt=gpkg"))
    return losses


def build_long_table(long: Iterable[LongText]) -> Table:
    """Build the side table of whole texts, keyed by feature id and field."""
    heads = (
        ("feature_id", "text", "要素标识", "Feature id"),
        ("field", "text", "字段", "Field"),
        ("text", "text", "全文", "Whole text"),
    )
    rows = [(t.feature_id, t.field, t.text) for t in long]
    return build_table("long_text", "长文本", "属性表容不下的文字全文", heads=heads, rows=rows)
