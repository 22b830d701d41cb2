"""README.txt of a delivery: edition, CRS, accuracy, encoding, sources, and what is not in it; Chinese, then English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import shapely

from gzmap import crs as crs_door
from gzmap.export.census import SCHEMATIC, count_features, find_worst
from gzmap.export.listings import Section, is_ours, list_changes, list_layers, list_sources, list_unlocated
from gzmap.export.losses import Loss
from gzmap.export.naming import SCHEMES
from gzmap.export.order import Dataset, Order

LISTED = 40
"""Changes of one kind that README.txt tells one by one where it stands alone; the side tables hold all."""

NOTICE: tuple[str, str] = (
    "非官方示意图，不作为法定依据；未经地图审核，仅限内部使用，不得公开登载。",
    "Unofficial sketch map, without legal force; not reviewed, for internal use only, not for publication.",
)
PINYIN_NOTE: tuple[str, str] = (
    "仅借用字段命名习惯，不是汇交成果。",
    "Only the habit of naming is borrowed; this is no submission by that standard.",
)
ZONE_M = 1_000_000
"""Eastings carry the number of their zone in millions."""


def build_readme(order: Order) -> str:
    """Write README.txt of a file on its own.

    Returns
    -------
    str
        In Chinese, then in English, lines ended by a newline.
    """
    losses = {order.choices.fmt: (*order.dataset.losses, *order.losses)}
    return dump_sections(list_sections((order,), losses, listed=LISTED))


def dump_sections(sections: Iterable[Section]) -> str:
    """Write sections one after the other, all Chinese before all English."""
    chinese, english = zip(*sections, strict=True)
    parts = ("\n\n".join("\n".join(lines) for lines in some if lines) for some in (chinese, english))
    return f"\n\n{'=' * 60}\n\n".join(parts) + "\n"


def list_sections(
    orders: Sequence[Order], losses: Mapping[str, Sequence[Loss]], *, contents: Section = ((), ()), listed: int
) -> Iterator[Section]:
    """Build the sections of README.txt.

    Parameters
    ----------
    orders
        One per format, of the same data.
    losses
        What each format loses or changes, by its key.
    contents
        What lies where, for a packet.
    listed
        Changes of one kind that are told one by one.
    """
    data = orders[0].dataset
    yield _describe_edition(data, is_packet=bool(contents[0]))
    yield contents
    yield _describe_systems(orders)
    yield _describe_accuracy(orders[0])
    yield _describe_texts(orders, is_packet=bool(contents[0]))
    yield list_layers(data, licences=not contents[0])
    yield list_changes(orders, losses, listed=listed)
    yield list_unlocated(orders)
    yield list_sources(data)


def _describe_edition(data: Dataset, *, is_packet: bool) -> Section:
    meta = data.edition
    what, what_en = ("数据包", "Data packet") if is_packet else ("空间要素", "Spatial features")
    chinese = [f"{data.title} {what}"]
    english = [f"{what_en}: {meta.get('title_en', data.title)}"]
    if is_ours(data):
        chinese.append(f"版本：{meta.get('edition', '')}，{data.day.isoformat()}，{meta.get('issuer', '')}")
        english.append(f"Edition: {meta.get('edition_en', '')}, {data.day.isoformat()}, {meta.get('issuer_en', '')}")
        formal = meta.get("formal") or {}
        chinese += [formal["note"]] if formal.get("note") else []
        english += [formal["note_en"]] if formal.get("note_en") else []
        chinese.append(NOTICE[0])
        english.append(NOTICE[1])
    else:
        chinese.append("由 gzmap 转写；内容、许可以原数据为准。")
        english.append("Rewritten by gzmap; content and licence are those of the original data.")
    if data.scope[0]:
        chinese.append(f"范围：{data.scope[0]}。")
        english.append(f"Selection: {data.scope[1]}.")
    return chinese, english


# --- coordinates


def _describe_systems(orders: Sequence[Order]) -> Section:
    chinese, english = ["【坐标系】"], ["CRS"]
    for code in dict.fromkeys(order.crs for order in orders):
        mine = [order for order in orders if order.crs == code]
        which = "" if len(mine) == len(orders) else f"{'、'.join(o.fmt.plain_title for o in mine)}："
        which_en = "" if len(mine) == len(orders) else f"{', '.join(o.fmt.plain_title for o in mine)}: "
        axes, axes_en = _describe_axes(mine[0])
        moves = mine[0].dataset.moves
        chinese += [f"{which}{code}（{moves[0].crs_name}），{axes}。", *(_describe_move(m)[0] for m in moves)]
        english += [f"{which_en}{code} ({moves[0].crs_name}), {axes_en}.", *(_describe_move(m)[1] for m in moves)]
    if any(move.is_coincident for order in orders for move in order.dataset.moves):
        chinese.append("在这样的精度下，CGCS2000 与 WGS 84 视为一致。")
        english.append("CGCS2000 and WGS 84 are taken as coincident at this accuracy.")
    if is_ours(orders[0].dataset):
        chinese.append("不含 GCJ-02、BD-09、广州2000 坐标。表中面积、长度带单位，按椭球计算。")
        english.append(
            "No GCJ-02, no BD-09, no Guangzhou 2000. Areas and lengths carry their unit and are ellipsoidal."
        )
    return chinese, english


def _describe_axes(order: Order) -> tuple[str, str]:
    """Tell the order of coordinates, their unit, and whether eastings carry the number of a zone."""
    if crs_door.dump_projjson(order.crs)["type"] != "ProjectedCRS":
        return "先东后北：经度在前、纬度在后，单位度", "easting or longitude first: longitude, latitude, in degrees"
    lowest = np.array([shapely.total_bounds(table.geometries)[0] for table in order.cut if table.size])
    zone = 0 if np.isnan(lowest).all() else int(np.nanmin(lowest) // ZONE_M)
    prefix, prefix_en = (f"前有带号 {zone}", f"zone number {zone}") if zone > 0 else ("不含带号", "no zone number")
    return (
        f"先东后北：东坐标在前、北坐标在后（与测量习惯的 X 北 Y 东相反），单位米，东坐标{prefix}",
        f"easting or longitude first: easting ({prefix_en}), northing, in metres",
    )


def _describe_move(move: crs_door.Transformation) -> tuple[str, str]:
    if move.source == move.crs:
        return "    未作转换。", "    Nothing is converted."
    stated = "PROJ 未给出精度" if move.accuracy_m is None else f"PROJ 给出的精度为 {move.accuracy_m:g} 米"
    stated_en = "no accuracy stated" if move.accuracy_m is None else f"accuracy {move.accuracy_m:g} m"
    return (
        f"    由 {move.source}（{move.source_name}）转换，PROJ 所用方法：{move.name}；{stated}。",
        f"    Converted from {move.source} ({move.source_name}) by PROJ: {move.name}; {stated_en}.",
    )


def _describe_accuracy(order: Order) -> Section:
    data = order.dataset
    bounds = {table.name: find_worst(table) for table in data.tables}
    worst = max((n for n in bounds if bounds[n] is not None), key=lambda n: bounds[n], default=None)
    if not is_ours(data) or worst is None:
        return (), ()
    total, schematic = sum(t.size for t in data.tables), sum(count_features(t)[1] for t in data.tables)
    part = f"{schematic / max(total, 1):.0%}"
    accuracy, method = _find_field(order, "accuracy_m"), _find_field(order, "method")
    return (
        "【精度】",
        f"字段“{accuracy}”为误差的 95% 界限（米）：任何顶点偏离真实位置预计不超过此值；空值表示未落位。",
        f"最大 {bounds[worst]:g} 米（{worst}）。",
        f"字段“{method}”为 {SCHEMATIC} 的要素是示意：只说明大致所在，不可量算。",
        f"共 {total} 个要素，其中示意 {schematic} 个（{part}）。",
    ), (
        "Accuracy",
        f"{accuracy}: no vertex is believed further than this from its true place (metres, 95 %); null: not located.",
        f"The worst is {bounds[worst]:g} m ({worst}).",
        f"{method} = {SCHEMATIC}: shows roughly where, not to be measured.",
        f"{schematic} of {total} features are schematic ({part}).",
    )  # fmt: skip


def _find_field(order: Order, name: str) -> str:
    """Find the name that a field of ours has in the files."""
    found = (table.find_column(name) for table in order.tables)
    return next((column.name for column in found if column is not None), name)


# --- texts


def _describe_texts(orders: Sequence[Order], *, is_packet: bool) -> Section:
    chinese, english = ["【编码与字段名】"], ["Encoding and field names"]
    for order in orders:
        if len(order.fmt.encodings) > 1:
            chinese.append(f"{order.fmt.plain_title}：{order.encoding.note}")
            english.append(f"{order.fmt.plain_title}: {order.encoding.note_en}")
        if order.fmt.label_bytes:
            chinese.append(f"{order.fmt.plain_title}：图中文字为 GBK。")
            english.append(f"{order.fmt.plain_title}: the lettering is GBK.")
    chinese.append("其余为 UTF-8；CSV 带 BOM，以 = + - @ 等开头的文字前加了一个撇号（'），以免被当作公式。")
    english.append("The rest is UTF-8; CSV has a BOM, and one apostrophe before what could be taken for a formula.")
    title, title_en = SCHEMES[orders[0].choices.names]
    note = f" {PINYIN_NOTE[1]}" if orders[0].choices.names == "pinyin" else ""
    chinese.append(f"字段名：{title}。")
    english.append(f"Field names: {title_en}.{note}")
    if (keys := [t.id_field for t in orders[0].tables if t.id_field]) and is_ours(orders[0].dataset):
        beside, beside_en = ("tables/", "tables/") if is_packet else ("附表", "the tables beside")
        chinese.append(f"要素标识在字段“{keys[0]}”，{beside} 中的 feature_id 与它对应。")
        english.append(f"The feature's id is in {keys[0]}; feature_id in {beside_en} refers to it.")
    return chinese, english
