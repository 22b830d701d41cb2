"""The texts for people in a packet: README.txt in Chinese and English, LICENCES.txt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gzmap.export.listings import Section, format_source
from gzmap.export.losses import Loss
from gzmap.export.order import Dataset, Order
from gzmap.export.readme import dump_sections, list_sections

LISTED = 8
"""Changes of one kind that README.txt tells one by one; ``preflight.txt`` has all."""

CONTENTS: Sequence[tuple[str, str, str]] = (
    (
        "gzmap.qgs",
        "QGIS 工程（3.22 以上），打开 gzmap.gpkg，分组、符号、字段别名、与依据的关联已设好",
        "QGIS project (3.22 and newer) on gzmap.gpkg: groups, symbols, titles of fields, relations to the evidence",
    ),
    ("tables/dictionary.xlsx .csv", "数据字典：图层、字段、含义、类型、长度、取值", "data dictionary"),
    ("tables/evidence.xlsx .csv", "依据：每个要素在规划中的原句", "the sentences of the plan behind each feature"),
    ("tables/long_text.xlsx .csv", "属性表放不下的文字全文", "whole texts that an attribute table cuts"),
    ("tables/sources.xlsx .csv", "来源登记：来源字段中的编号", "the sources that the field of sources refers to"),
    ("metadata/*.xml", "元数据（ISO 19139）", "metadata (ISO 19139)"),
    ("styles/*.sld *.qml", "样式，与网页地图一致", "styles as on the page's map"),
    ("LICENCES.txt", "各图层与来源的许可", "licences of layers and sources"),
    ("preflight.txt .json", "导出前检查：改动了什么，逐条列出", "what the export changed, one by one"),
    ("readback.txt .json", "用另一程序读回的核对结果", "what a second program read back"),
    ("MANIFEST.sha256", "校验和，用 sha256sum -c 核对", "checksums, for sha256sum -c"),
)
"""What a packet may hold, in Chinese and in English."""


def build_packet_readme(orders: Sequence[Order], losses: Mapping[str, Sequence[Loss]], names: Sequence[str]) -> str:
    """Write README.txt, Chinese before English.

    Parameters
    ----------
    orders
        One per format.
    losses
        What each format loses or changes, by its key.
    names
        Names of the packet's files and folders.
    """
    return dump_sections(list_sections(orders, losses, contents=_list_contents(orders, names), listed=LISTED))


def _list_contents(orders: Sequence[Order], names: Sequence[str]) -> Section:
    chinese, english = ["【内容】"], ["Contents"]
    for order in orders:
        where, title = _find_place(order.choices.fmt, names), order.fmt.plain_title
        chinese.append(f"{where}：{title}，{order.crs}。{order.fmt.limits_note}")
        english.append(f"{where}: {title}, {order.crs}. {order.fmt.limits_note_en}")
    first = orders[0].fmt.plain_title
    for name, told, told_en in _choose_contents(names):
        is_style = name.startswith("styles/")
        chinese.append(f"{name}：{told}{f'；字段名同 {first}' if is_style else ''}")
        english.append(f"{name}: {told_en}{f'; field names as in the {first}' if is_style else ''}")
    return chinese, english


def _find_place(key: str, names: Sequence[str]) -> str:
    """Find the one file of a format, or the folder of its files."""
    if f"{key}/" not in {f"{name.partition('/')[0]}/" for name in names}:
        return next(name for name in names if name.endswith(f".{key}"))
    inside = {"/".join(name.split("/")[:2]) for name in names if name.startswith(f"{key}/")}
    return inside.pop() if len(inside) == 1 else f"{key}/"


def _choose_contents(names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Choose the lines about files that are there."""
    for name, told, told_en in CONTENTS:
        first = name.split()[0]
        folder = first.partition("*")[0]
        if first in names or ("*" in first and any(n.startswith(folder) for n in names)):
            yield name, told, told_en


def build_licences(data: Dataset) -> str:
    """Write LICENCES.txt: the licence of each layer and of each source, in Chinese and English."""
    lines = ["【图层】Layers"]
    for table in data.tables:
        raw = data.entries[table.name].raw
        lines += [f"{table.name} {table.title}", f"    {raw.get('licence') or '未注明'}"]
        lines += [f"    {raw.get('licence_en') or 'not stated'}"]
    lines += ["", "【来源】Sources", *map(format_source, data.sources)]
    return "\n".join(lines) + "\n"
