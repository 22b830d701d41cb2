"""README.txt of a delivery: edition, CRS, accuracy, sources, and what is not in it; Chinese, then English."""

from __future__ import annotations

from collections.abc import Iterator

from gzmap import crs as crs_door
from gzmap.export.limits import describe_encoding
from gzmap.export.order import Order
from gzmap.export.tables import Table

NAMED = 40
"""Cut texts that README.txt names one by one; the side table holds all."""


def build_readme(order: Order) -> str:
    """Write the text, lines ended by a newline.

    Returns
    -------
    str
        In Chinese, then in English.
    """
    return "\n".join((*_chinese(order), "", "=" * 60, "", *_english(order))) + "\n"


def _chinese(order: Order) -> Iterator[str]:
    meta, to = order.atlas.document.meta, crs_door.describe_transformation(order.crs)
    yield f"{meta.get('title', '')} 空间要素"
    yield f"版本：{meta.get('edition', '')}，{order.day.isoformat()}，{meta.get('issuer', '')}"
    if note := (meta.get("formal") or {}).get("note"):
        yield note
    yield "非官方示意图，未经地图审核，仅限内部使用，不得公开登载，不作为法定依据。"
    yield ""
    yield "【坐标系】"
    yield f"{to.crs}（{to.crs_name}），坐标顺序为先东后北（经度、纬度或东、北坐标）。"
    yield f"由 EPSG:4326（WGS 84）转换，PROJ 所用方法：{to.name}；{_accuracy_zh(to)}"
    yield "在本图精度下，CGCS2000 与 WGS 84 视为一致；不含 GCJ-02、BD-09 等偏移坐标。"
    yield ""
    yield "【精度】"
    yield "accuracy_m 为 95% 界限（米）：任何顶点偏离真实位置预计不超过此值；空值表示未落位。"
    yield "method 为 schematic 的要素是示意：只说明大致所在，不可量算。"
    yield ""
    yield "【图层】"
    for table in order.tables:
        yield _count_zh(table)
        yield f"    许可：{order.atlas.catalog.entries[table.name].raw.get('licence', '未注明')}"
    yield ""
    yield f"【编码】{describe_encoding(order.encoding_name) if order.fmt.packed else 'UTF-8。'}"
    yield "CSV 为 UTF-8（带 BOM）；以 = + - @ 等开头的文字前加了一个撇号（'），以免被当作公式。"
    yield ""
    yield "【未落位的要素】（规划有名、位置不明，几何为空，属性保留）"
    yield from _unlocated(order, none="无")
    yield ""
    yield "【截短的文字】（全文见“长文本”表）"
    yield from _cut(order, none="无")
    yield ""
    yield "【来源】"
    yield from _sources(order, secondary="（二手来源，待核实）")


def _english(order: Order) -> Iterator[str]:
    meta, to = order.atlas.document.meta, crs_door.describe_transformation(order.crs)
    yield f"Spatial features of: {meta.get('title_en', meta.get('title', ''))}"
    yield f"Edition: {meta.get('edition_en', '')}, {order.day.isoformat()}, {meta.get('issuer_en', '')}"
    if note := (meta.get("formal") or {}).get("note_en"):
        yield note
    yield "Unofficial sketch map, not reviewed, for internal use only, not for publication, without legal force."
    yield ""
    yield f"CRS: {to.crs} ({to.crs_name}); easting or longitude first."
    stated = "no accuracy stated" if to.accuracy_m is None else f"accuracy {to.accuracy_m:g} m"
    yield f"Converted from EPSG:4326 (WGS 84) by PROJ: {to.name}; {stated}."
    yield "CGCS2000 and WGS 84 are taken as coincident at the accuracy of this data. No GCJ-02, no BD-09."
    yield "accuracy_m: no vertex is believed further than this from its true place (95 %); null: not located."
    yield "method = schematic: shows roughly where, not to be measured."
    for table in order.tables:
        located, schematic = _counts(table)
        yield f"{table.name}: {len(table.ids)} features, {located} located, {schematic} schematic"
        yield f"    Licence: {order.atlas.catalog.entries[table.name].raw.get('licence_en', 'not stated')}"
    yield f"Null geometries are kept: {order.fmt.null_geometry}. They are listed above with the reason."
    yield f"Texts cut: {len(order.long)}. Fields: 字段说明 (data dictionary). Words of the plan: 依据 (evidence)."
    if order.fmt.packed and not order.encoding.marked:
        yield "The attribute tables are UTF-8 and depend on their .cpg files: keep these beside the .dbf."
    yield "CSV: UTF-8 with BOM; one apostrophe stands before texts that a spreadsheet could take for a formula."


def _accuracy_zh(to: crs_door.Transformation) -> str:
    return "PROJ 未给出精度。" if to.accuracy_m is None else f"PROJ 给出的精度为 {to.accuracy_m:g} 米。"


def _counts(table: Table) -> tuple[int, int]:
    """Count the located and the schematic features of a layer."""
    methods = next((c.values for c in table.columns if c.name == "method"), [])
    return sum(g is not None for g in table.geometries), sum(m == "schematic" for m in methods)


def _count_zh(table: Table) -> str:
    located, schematic = _counts(table)
    total = len(table.ids)
    return f"{table.name} {table.title}：{total} 个要素，落位 {located}，未落位 {total - located}，其中示意 {schematic}"


def _unlocated(order: Order, *, none: str) -> Iterator[str]:
    found = False
    for table in order.tables:
        reasons = next((c.values for c in table.columns if c.name == "notes"), [None] * len(table.ids))
        names = table.column("name").values
        for feature_id, name, reason, geometry in zip(table.ids, names, reasons, table.geometries, strict=True):
            if geometry is None:
                found = True
                yield f"{feature_id} {name}：{reason or '未注明原因'}"
    if not found:
        yield none


def _cut(order: Order, *, none: str) -> Iterator[str]:
    codec = order.encoding.codec
    for long in order.long[:NAMED]:
        before, after = len(long.text.encode(codec)), len(long.kept.encode(codec))
        yield f"{long.feature_id} {long.field}：{before} 字节 → {after} 字节"
    if len(order.long) > NAMED:
        yield f"……共 {len(order.long)} 处"
    if not order.long:
        yield none


def _sources(order: Order, *, secondary: str) -> Iterator[str]:
    catalog = order.atlas.catalog
    wanted = [s for table in order.tables for s in catalog.entries[table.name].sources]
    for source_id in dict.fromkeys(wanted):
        source = catalog.sources.get(source_id, {})
        parts = (source.get(key) for key in ("publisher", "edition", "licence", "url"))
        detail = "，".join(str(p) for p in parts if p)
        mark = secondary if source.get("kind") == "secondary" else ""
        yield f"{source_id}：{source.get('title', '')}{'，' if detail else ''}{detail}{mark}"
