"""Make the values and the size of a table fit what a format can hold, and tell what that loses or changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gzmap.export.capabilities import Format
from gzmap.export.losses import CHANGED, REFUSED, Loss
from gzmap.export.tables import Column, Table
from gzmap.export.values import Values

KIND_TITLES = {
    "text": "文字", "integer": "整数", "real": "小数", "date": "日期", "datetime": "日期时间", "boolean": "是否",
}  # fmt: skip

LARGE_FIXES = {"integer": "integers-as-text", "real": "reals-as-text"}
"""Remedies for numbers that are too large, by the kind of their column."""

LARGEST = 2**63
"""Whole numbers of this size and above fit no type of any format."""

TINY = 1e-9
"""Numbers nearer to zero than this lose more than a millionth where a format keeps 15 decimals."""


def fit_kinds(table: Table, fmt: Format) -> tuple[Table, list[Loss]]:
    """Turn the kinds of columns that a format lacks into kinds that it has.

    Where a format has no types at all, the pre-flight says so once, not for each column.
    """
    losses: list[Loss] = []

    def fit(column: Column) -> Column:
        if column.kind in fmt.types:
            return column
        kind = "integer" if column.kind == "boolean" and "integer" in fmt.types else "text"
        if fmt.is_typed:
            told = ("0 和 1", "0 and 1") if kind == "integer" else ("文字", "text")
            losses.append(
                Loss(
                    "type", CHANGED, table.name, column.name,
                    detail=f"{KIND_TITLES[column.kind]}写成{told[0]}：{fmt.title} 没有这种类型",
                    detail_en=f"{column.kind} becomes {told[1]}: {fmt.title} has no such type",
                    remedy="需要类型时改用 GeoPackage", remedy_en="take GeoPackage where types matter", fix="fmt=gpkg",
                )
            )  # fmt: skip
        return replace(column, kind=kind, values=_convert_kind(column, kind))

    return replace(table, columns=tuple(fit(c) for c in table.columns)), losses


def _convert_kind(column: Column, kind: str) -> Sequence:
    if kind == "integer" and isinstance(column.values, Values):
        return Values(column.values.array.astype(np.int64), column.values.mask)
    if kind == "integer":
        return [None if v is None else int(v) for v in column.values]
    if column.kind in ("integer", "real"):
        return [None if v is None else repr(v) for v in column.values]
    if column.kind == "boolean":
        return [None if v is None else str(v).lower() for v in column.values]
    return list(column.values)


def fit_numbers(table: Table, fmt: Format, *, fixes: frozenset[str]) -> tuple[Table, list[Loss]]:
    """Find numbers that a format would round or cannot write; keep them as text where that is asked for."""
    losses: list[Loss] = []

    def fit(column: Column) -> Column:
        limit = {"integer": fmt.integer_limit, "real": fmt.real_limit}.get(column.kind)
        losses.extend(_check_tiny(table, column, fmt))
        row = None if limit is None else _find_row(column, lambda v: v >= limit, lambda v: v <= -limit)
        if row is None:
            return column
        as_text = LARGE_FIXES[column.kind] in fixes
        losses.append(_tell_large(table, column, row, fmt=fmt, as_text=as_text))
        return replace(column, kind="text", values=_convert_kind(column, "text")) if as_text else column

    return replace(table, columns=tuple(fit(c) for c in table.columns)), losses


def _tell_large(table: Table, column: Column, row: int, *, fmt: Format, as_text: bool) -> Loss:
    """Tell a number that a format does not keep; GeoPackage is offered where it does."""
    feature_id, value, fix = table.ids[row], column.values[row], LARGE_FIXES[column.kind]
    helps = column.kind == "real" or abs(value) < LARGEST
    other, other_en = ("，或改用 GeoPackage", "take GeoPackage or ") if helps else ("", "")
    return Loss(
        column.kind, CHANGED if as_text else REFUSED, table.name, column.name, feature_id,
        detail=f"{feature_id} 的 {column.name} 是 {value}，{fmt.title} 不能准确保存这么大的{KIND_TITLES[column.kind]}",
        detail_en=f"{feature_id}: {column.name} is {value}, too large for {fmt.title}",
        remedy=f"整列写成文字（{fix}）{other}",
        remedy_en=f"{other_en}write the column as text (fix {fix!r})", fix=fix,
    )  # fmt: skip


def _check_tiny(table: Table, column: Column, fmt: Format) -> list[Loss]:
    if column.kind != "real" or fmt.real_limit is None:
        return []
    row = _find_row(column, lambda v: (v > 0) & (v < TINY), lambda v: (v < 0) & (v > -TINY))
    if row is None:
        return []
    detail, detail_en = f"{column.values[row]} 太小，只留 15 位小数", f"{column.values[row]} keeps 15 decimals only"
    return [Loss("decimals", CHANGED, table.name, column.name, table.ids[row], detail=detail, detail_en=detail_en)]


def _find_row(column: Column, *tests: Callable) -> int | None:
    """Find the first row whose number passes one of the tests."""
    values = column.values
    if isinstance(values, Values) and values.array.dtype.kind in "iuf":
        passed = np.logical_or.reduce([test(values.array) for test in tests])
        rows = np.flatnonzero(passed if values.mask is None else passed & ~values.mask)
        return int(rows[0]) if len(rows) else None
    return next((row for row, v in enumerate(values) if v is not None and any(test(v) for test in tests)), None)


def check_size(table: Table, fmt: Format) -> list[Loss]:
    """Find more fields or rows than a format holds."""
    found = [
        ("field-count", len(table.columns), fmt.field_count, "个字段", "fields"),
        ("row-count", table.size, fmt.row_count, "行", "rows"),
    ]
    return [
        Loss(
            code, REFUSED, table.name, detail=f"{count} {unit}，{fmt.title} 最多 {limit} {unit}",
            detail_en=f"Layer {table.name!r} has {count} {unit_en}; {fmt.title} holds {limit}",
            remedy="改用 GeoPackage", remedy_en="take GeoPackage", fix="fmt=gpkg",
        )
        for code, count, limit, unit, unit_en in found
        if limit is not None and count > limit
    ]  # fmt: skip
