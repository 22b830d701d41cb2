"""What README.txt lists: layers, changes, features without a place, sources; in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gzmap.export.census import count_features, find_unlocated, list_values
from gzmap.export.losses import CHANGED, NOTE, Loss
from gzmap.export.order import Dataset, Order
from gzmap.export.reports import summarise
from gzmap.export.tables import Table

Section = tuple[Sequence[str], Sequence[str]]
"""Lines in Chinese, and the same in English."""

LEFT_OUT = (
    ("schematic", "按选择不含示意要素。", "Schematic features are left out by choice."),
    ("nulls", "按选择不含未落位的要素。", "Features that are not located are left out by choice."),
)
"""Members of `Choices`, and what is said where they are off."""

NAMED = 40
"""Features without geometry of a team's own data that are named one by one."""


def is_ours(data: Dataset) -> bool:
    """Tell whether data comes from an atlas, with an edition, and not from a team's own file."""
    return bool(data.edition)


def list_layers(data: Dataset, *, licences: bool) -> Section:
    """List the layers with their counts, and with their licences where no file beside has these."""
    chinese, english = ["【图层】"], ["Layers"]
    for table in data.tables:
        located, schematic = count_features(table)
        counts = f"{table.size} 个要素，落位 {located}，未落位 {table.size - located}"
        counts_en = f"{table.size} features, {located} located"
        if is_ours(data):
            counts, counts_en = f"{counts}，其中示意 {schematic}", f"{counts_en}, {schematic} schematic"
        chinese.append(f"{table.name} {table.title}：{counts}")
        english.append(f"{table.name}: {counts_en}")
        if licences and (entry := data.entries.get(table.name)):
            chinese.append(f"    许可：{entry.raw.get('licence') or '未注明'}")
            english.append(f"    Licence: {entry.raw.get('licence_en') or 'not stated'}")
    return chinese, english


def list_changes(orders: Sequence[Order], losses: Mapping[str, Sequence[Loss]], *, listed: int) -> Section:
    """Tell what differs from the data: what is so in every format first, then what is of one."""
    chinese, english = ["【不在其中、有所改动】"], ["Not in it, or changed"]
    for choice, told, told_en in LEFT_OUT:
        if not getattr(orders[0].choices, choice):
            chinese.append(told)
            english.append(told_en)
    common = list(dict.fromkeys(loss for order in orders for loss in order.dataset.losses))
    # What a column is called on the way is no change of the files.
    lines = list(summarise((x for x in common if (x.code, x.severity) != ("field-name", NOTE)), listed=listed))
    for order in orders:
        own = [x for x in losses[order.choices.fmt] if x.severity == CHANGED and x not in common]
        title = f"{order.fmt.plain_title}：" if len(orders) > 1 else ""
        title_en = f"{order.fmt.plain_title}: " if len(orders) > 1 else ""
        lines += [(f"{title}{line}", f"{title_en}{line_en}") for line, line_en in summarise(own, listed=listed)]
    chinese += [line for line, _ in lines]
    english += [line for _, line in lines]
    none, none_en = (["无"], ["nothing"]) if len(chinese) == 1 else ([], [])
    return [*chinese, *none], [*english, *none_en]


def list_unlocated(orders: Sequence[Order]) -> Section:
    """List the features without geometry, each with the reason; what becomes of them in each format."""
    data = orders[0].dataset
    of_plan, of_plan_en = ("（规划有名、位置不明）", ", named in the plan") if is_ours(data) else ("", "")
    chinese, english = [f"【未落位的要素】{of_plan}"], [f"Features without geometry{of_plan_en}"]
    rows = [(table, row) for table in data.tables for row in find_unlocated(table).tolist()]
    if not rows:
        return (*chinese, "无"), (*english, "none")
    where = (f"{order.fmt.plain_title}：{order.fmt.null_geometry}" for order in orders)
    where_en = (f"{order.fmt.plain_title}: {order.fmt.null_geometry_en}" for order in orders)
    chinese.append(f"属性保留。{'；'.join(where)}。")
    english.append(f"The attributes are kept. {'; '.join(where_en)}.")
    # Whoever brings data of their own knows it: the first ones will do.
    shown = rows if is_ours(data) else rows[:NAMED]
    chinese += [_tell_unlocated(table, row, ("name", "notes")) for table, row in shown]
    english += [_tell_unlocated(table, row, ("name_en",)) for table, row in shown]
    if (more := len(rows) - len(shown)) > 0:
        chinese.append(f"…… 另有 {more} 个")
        english.append(f"… and {more} more")
    return chinese, english


def _tell_unlocated(table: Table, row: int, fields: Sequence[str]) -> str:
    told = [str(list_values(table, field)[row] or "") for field in fields if table.find_column(field)]
    return f"{table.ids[row]} {'：'.join(part for part in told if part)}".rstrip()


def list_sources(data: Dataset) -> Section:
    """List the sources, whose titles are told as they were published."""
    if not data.sources:
        return (), ()
    english = "Listed in the Chinese part, with titles as they were published: publisher, edition, licence, address."
    return ("【来源】", *map(format_source, data.sources)), ("Sources", english)


def format_source(source: Mapping) -> str:
    """Tell a source with publisher, edition, licence and address; a second-hand one is marked."""
    parts = (source.get(key) for key in ("publisher", "edition", "licence", "url"))
    detail = "，".join(str(p) for p in parts if p)
    mark = "（二手来源，待核实）" if source.get("kind") == "secondary" else ""
    return f"{source['id']}：{source.get('title', '')}{'，' if detail else ''}{detail}{mark}"
