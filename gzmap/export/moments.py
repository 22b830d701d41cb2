"""Times against what a format knows of zones and of parts of a second."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gzmap.export.capabilities import Format
from gzmap.export.losses import CHANGED, Loss
from gzmap.export.tables import Column, Table

NO_OFFSET = timedelta(0)


def fit_times(table: Table, fmt: Format) -> tuple[Table, list[Loss]]:
    """Write times as a format keeps them, and tell what that changes; the moments stay the same.

    Parameters
    ----------
    table
        Any table.
    fmt
        See `Format.zones` and `Format.keeps_milliseconds`.
    """
    losses: list[Loss] = []

    def fit(column: Column) -> Column:
        if column.kind != "datetime" or (fmt.zones == "each" and fmt.keeps_milliseconds):
            return column
        moments = [None if v is None else datetime.fromisoformat(v) for v in column.values]
        told = []
        if fmt.zones != "each":
            moments, said = _fit_zones(moments, fmt.zones)
            told += said
        if not fmt.keeps_milliseconds and any(m is not None and m.microsecond for m in moments):
            moments = [None if m is None else m.replace(microsecond=0) for m in moments]
            told.append(("秒以下的部分不写", "parts of a second are dropped"))
        losses.extend(_tell(table, column, said, fmt=fmt) for said in told)
        return replace(column, values=[format_time(m) for m in moments]) if told else column

    return replace(table, columns=tuple(fit(c) for c in table.columns)), losses


def _fit_zones(moments: list[datetime | None], zones: str) -> tuple[list[datetime | None], list[tuple[str, str]]]:
    """Give times in the zone that a format has for them, and what that changes, in both languages."""
    offsets = {m.utcoffset() for m in moments if m is not None}
    if offsets == {None} and zones == "utc":
        return moments, [("没有时区的时刻标为 UTC，读数不变", "times without zone are marked as UTC, unchanged")]
    if not offsets - {None} or (zones == "one" and len(offsets) == 1) or (zones == "utc" and offsets == {NO_OFFSET}):
        return moments, []
    if zones == "clock" and len(offsets) == 1:
        zone = format_zone(offsets.pop())
        plain = [None if m is None else m.replace(tzinfo=None) for m in moments]
        return plain, [
            (f"时刻照 {zone} 的钟表写出，不带时区", f"times are as the clock of {zone} shows them, without zone")
        ]
    # A time without zone among others that have one is taken for UTC, as GDAL does.
    utc = [None if m is None else (m if m.tzinfo else m.replace(tzinfo=UTC)).astimezone(UTC) for m in moments]
    if zones == "clock":
        utc = [None if m is None else m.replace(tzinfo=None) for m in utc]
        return utc, [
            ("时区不一，时刻换算为 UTC 写出，不带时区", "the zones differ: times are those of UTC, without zone")
        ]
    return utc, [
        (f"时刻换算为 UTC（原为 {_list(offsets)}）", f"times are written in UTC (they were in {_list(offsets)})")
    ]


def _list(offsets: Collection[timedelta | None]) -> str:
    return ", ".join(format_zone(offset) for offset in sorted(o for o in offsets if o is not None))


def format_zone(offset: timedelta) -> str:
    """Write an offset from UTC, for instance ``+08:00``."""
    ahead = datetime.min.replace(tzinfo=UTC) + abs(offset)
    return f"{'-' if offset < NO_OFFSET else '+'}{ahead:%H:%M}"


def format_time(moment: datetime | None) -> str | None:
    """Write a time as `Column` has it: to the second, or to the millisecond where it has parts."""
    return moment and moment.isoformat(timespec="milliseconds" if moment.microsecond >= 1000 else "seconds")


def _tell(table: Table, column: Column, told: tuple[str, str], *, fmt: Format) -> Loss:
    return Loss(
        "time", CHANGED, table.name, column.name, detail=f"{told[0]}：{fmt.title} 只能这样写",
        detail_en=f"{told[1]}: so {fmt.title} has them", remedy="要原样保留时整列写成文字再导出",
        remedy_en="make the column text beforehand to keep it as it is",
    )  # fmt: skip
