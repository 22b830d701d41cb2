"""The pre-flight: everything that an export would lose or change, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from gzmap.crs import Transformation
from gzmap.export.lettering import check_lettering
from gzmap.export.losses import CHANGED, NOTE, REFUSED, Loss
from gzmap.export.naming import SCHEMES
from gzmap.export.order import Choices, Dataset, Order, build_draft
from gzmap.export.tables import join_texts
from gzmap.export.titles import cut_utf16, name_by_format

__all__ = ["CHANGED", "NOTE", "REFUSED", "Loss", "check_order"]

SEVERITIES = (REFUSED, CHANGED, NOTE)
ENDS_OF_LINES = {
    "changed": (CHANGED, "换行（\\r\\n、\\r）都写成 \\n", "the ends of lines (\\r\\n, \\r) all become \\n"),
    "reader": (NOTE, "换行照原样写出，但许多软件把 \\r\\n 和 \\r 读成 \\n",
               "the ends of lines are as they were, but many programs read \\r\\n and \\r as \\n"),
}  # fmt: skip
"""What is said of carriage returns, by `Format.returns`."""


def check_order(dataset: Dataset, choices: Choices) -> tuple[Loss, ...]:
    """Say what an export would lose or change.

    Returns
    -------
    tuple
        What is refused first, then what is changed, then what is good to know.

    Raises
    ------
    ExportError
        If the data is in another CRS than the choices say.
    """
    order = build_draft(dataset, choices)
    losses = [
        *dataset.losses,
        *order.losses,
        *_check_names(order),
        *_check_rows(order),
        *_check_ends(order),
        *_check_titles(order),
        *(check_lettering(order.cut) if order.fmt.label_bytes else ()),
        *_check_format(order),
        *(_describe_move(move) for move in dataset.moves),
    ]
    return tuple(sorted(losses, key=lambda loss: SEVERITIES.index(loss.severity)))


def _check_names(order: Order) -> Iterator[Loss]:
    """Tell the fields that have other names in the file."""
    scheme = SCHEMES[order.choices.names]
    for layer, renamed in order.renamed.items():
        if renamed:
            pairs = "，".join(f"{old}→{new}" for old, new in renamed.items())
            yield Loss(
                "names", NOTE, layer, detail=f"字段名用{scheme[0]}：{pairs}",
                detail_en=f"{scheme[1]}: {', '.join(f'{old} → {new}' for old, new in renamed.items())}",
                remedy="可改用英文短名", remedy_en="our own names may be kept", fix="names=ascii",
            )  # fmt: skip


def _check_rows(order: Order) -> Iterator[Loss]:
    """Tell the features without geometry, those that are schematic, and the texts that are empty."""
    for table in order.dataset.tables:
        count = 0 if table.geometries is None else int(shapely.is_missing(table.geometries).sum())
        if count:
            yield Loss(
                "null-geometry", NOTE, table.name,
                detail=f"{count} 个要素没有几何：{order.fmt.null_geometry}",
                detail_en=f"{count} features without geometry: {order.fmt.null_geometry_en}",
                remedy="可以不取这些要素", remedy_en="they may be left out", fix="nulls=false",
            )  # fmt: skip
        if not table.size:
            told = "图层没有要素，有的格式（GeoJSON）因此也没有字段", "has no features, and so no fields in GeoJSON"
            yield Loss("layer-empty", NOTE, table.name, detail=told[0], detail_en=told[1])
        method = table.find_column("method") if table.name in order.dataset.entries else None
        count = 0 if method is None else list(method.values).count("schematic")
        if count:
            yield Loss(
                "schematic", NOTE, table.name,
                detail=f"{count} 个要素是示意：只说明大致所在，不可量算",
                detail_en=f"{count} features are schematic: they show roughly where and must not be measured",
                remedy="可以不取这些要素", remedy_en="they may be left out", fix="schematic=false",
            )  # fmt: skip
        fields = [c.name for c in table.columns if c.kind == "text" and "" in list(c.values)]
        if fields and not order.fmt.keeps_spaces:
            yield Loss(
                "empty-text", NOTE, table.name, detail=f"空文字与空值不再区分：{'，'.join(fields)}",
                detail_en=f"empty texts and no text are the same afterwards: {', '.join(fields)}",
                remedy="需要区分时改用 GeoPackage", remedy_en="take GeoPackage to keep them apart", fix="fmt=gpkg",
            )  # fmt: skip


def _check_ends(order: Order) -> Iterator[Loss]:
    """Tell the texts with carriage returns where these do not survive."""
    if order.fmt.returns == "kept":
        return
    severity, detail, detail_en = ENDS_OF_LINES[order.fmt.returns]
    for table in order.tables:
        fields = [c.name for c in table.columns if c.kind == "text" and "\r" in join_texts(c.values)]
        if fields:
            yield Loss(
                "line-ends", severity, table.name, detail=f"{detail}：{'，'.join(fields)}",
                detail_en=f"{detail_en}: {', '.join(fields)}",
                remedy="需要区分时改用 GeoPackage", remedy_en="take GeoPackage to keep them apart", fix="fmt=gpkg",
            )  # fmt: skip


def _check_titles(order: Order) -> Iterator[Loss]:
    """Tell the titles that the format has otherwise; the dictionary beside the layers has them whole."""
    limits = order.fmt
    if limits.layer_title_chars is not None:
        names = name_by_format(order.cut, limits)
        for table in order.cut:
            if table.title and names[table.name] != table.title:
                yield _tell_title(table.name, "", names[table.name])
    if limits.field_title_chars is not None:
        for table, column in ((t, c) for t in order.cut for c in t.columns):
            title = cut_utf16(column.title, limits.field_title_chars)
            if title != column.title:
                yield _tell_title(table.name, column.name, title)


def _tell_title(layer: str, field: str, title: str) -> Loss:
    return Loss("title", NOTE, layer, field, detail=f"标题写作 {title}", detail_en=f"the title is written {title!r}")


def _check_format(order: Order) -> Iterator[Loss]:
    """Tell what the format itself does to all data."""
    fmt, encoding = order.fmt, order.encoding
    if len(fmt.encodings) > 1 and not encoding.marked:
        yield Loss(
            "encoding", NOTE, detail=encoding.note, detail_en=encoding.note_en,
            remedy="改用 GBK 则不依赖 .cpg", remedy_en="GBK does not depend on it", fix="encoding=gbk",
        )  # fmt: skip
    if not fmt.attributes:
        yield Loss(
            "attributes", CHANGED, detail=f"{fmt.title} 不存属性：属性写在旁附的表里",
            detail_en=f"{fmt.title} holds no attributes: they stand in a table beside it",
            remedy="需要属性时改用 GeoPackage", remedy_en="take GeoPackage to keep them together", fix="fmt=gpkg",
        )  # fmt: skip
    if not fmt.states_crs:
        yield Loss(
            "crs-unstated", NOTE, detail=f"{fmt.title} 文件本身不记坐标系：坐标属于 {order.crs}",
            detail_en=f"{fmt.title} does not state its CRS: the coordinates are in {order.crs}",
        )  # fmt: skip
    if not fmt.is_typed:
        yield Loss(
            "untyped", NOTE, detail=f"{fmt.title} 没有类型：数字、日期都是文字，由读取软件猜测；"
            "用 Excel 直接打开会丢掉编号前面的 0，请用“导入”并把列设为文字",
            detail_en=f"{fmt.title} has no types: readers guess; Excel drops leading zeros of codes unless the file is "
            "imported with text columns",
            remedy="需要类型时改用 GeoPackage", remedy_en="take GeoPackage where types matter", fix="fmt=gpkg",
        )  # fmt: skip
    if fmt.decimals is not None:
        yield Loss(
            "coordinates", NOTE, detail=f"坐标取 {fmt.decimals} 位小数（约 0.1 米）",
            detail_en=f"coordinates are rounded to {fmt.decimals} decimals (about 0.1 m)",
        )  # fmt: skip


def _describe_move(move: Transformation) -> Loss:
    if move.source == move.crs:
        return Loss(
            "crs", NOTE, detail=f"坐标系为 {move.crs}（{move.crs_name}），未作转换",
            detail_en=f"the CRS is {move.crs} ({move.crs_name}), nothing is converted",
        )  # fmt: skip
    stated, stated_en = f"精度 {move.accuracy_m} 米", f"accuracy {move.accuracy_m} m"
    if move.is_coincident:
        stated = "CGCS2000 与 WGS 84 在本图精度下视为一致，PROJ 未给出精度"
        stated_en = "CGCS2000 and WGS 84 are taken as coincident at this accuracy, PROJ states none"
    return Loss(
        "crs", NOTE,
        detail=f"由 {move.source} 转换到 {move.crs}（{move.crs_name}），PROJ 所用方法：{move.name}；{stated}",
        detail_en=f"converted from {move.source} to {move.crs} ({move.crs_name}) by PROJ: {move.name}; {stated_en}",
    )  # fmt: skip
