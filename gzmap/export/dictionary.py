"""Tables that explain the others in a packet: the data dictionary, and the sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gzmap.export.order import Dataset, Order
from gzmap.export.readme import PINYIN_NOTE
from gzmap.export.tables import Column, Table, build_field_table, build_table

SOURCE_HEADS = (
    ("id", "text", "来源编号", "Source id"),
    ("title", "text", "标题", "Title"),
    ("publisher", "text", "发布者", "Publisher"),
    ("edition", "text", "版本或日期", "Edition or date"),
    ("licence", "text", "许可", "Licence"),
    ("kind", "text", "性质", "Kind: secondary is second-hand and to be verified"),
    ("url", "text", "网址", "Address"),
    ("note", "text", "说明", "Note"),
)
FORMATS_HEAD = ("formats", "text", "所在格式", "Formats")


def build_dictionary(orders: Sequence[Order]) -> Table:
    """Build the dictionary.

    Parameters
    ----------
    orders
        One per format, of the same layers.

    Returns
    -------
    Table
        A row per field of each layer and of the evidence, in the order of the files, with the formats that have it so;
        what is the same in several is told once.
    """
    rows: dict[tuple, list[str]] = {}
    places: dict[tuple, tuple[int, int, int]] = {}
    heads: tuple[Column, ...] = ()
    for number, order in enumerate(orders):
        evidence = () if order.evidence is None else (order.evidence,)
        fields = build_field_table((*order.cut, *evidence), codec=order.encoding.codec)
        heads = fields.columns
        positions = [(t, c) for t, table in enumerate((*order.cut, *evidence)) for c in range(len(table.columns))]
        for place, row in zip(positions, zip(*(c.values for c in heads), strict=True), strict=True):
            rows.setdefault(row, []).append(order.choices.fmt)
            places.setdefault(row, (*place, number))
    note = f"各表字段的含义、类型、长度与取值。{PINYIN_NOTE[0] if orders[0].choices.names == 'pinyin' else ''}"
    described = tuple((c.name, c.kind, c.title, c.title_en) for c in heads)
    listed = [(*row, " ".join(rows[row])) for row in sorted(rows, key=places.__getitem__)]
    return build_table("dictionary", "数据字典", note, heads=(*described, FORMATS_HEAD), rows=listed)


def build_source_table(data: Dataset) -> Table:
    """Build the list of the sources that the fields of sources refer to."""
    rows = [tuple(_tell(source, head[0]) for head in SOURCE_HEADS) for source in data.sources]
    return build_table("sources", "来源登记", "各图层来源字段中的编号", heads=SOURCE_HEADS, rows=rows)


def _tell(source: Mapping, key: str) -> str | None:
    return None if source.get(key) is None else str(source[key])
