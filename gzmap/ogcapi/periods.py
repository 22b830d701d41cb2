"""Days and periods as requests write them (RFC 3339)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from gzmap.errors import QueryError

DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
FIRST, LAST = "0000-00-00", "9999-99-99"
OPEN = ("", "..")

Period = tuple[str, str]
"""First and last day, both within, as ISO dates; `FIRST` and `LAST` where an end is open."""


def parse_day(text: str) -> str:
    """Read a day, or the day (UTC) of a moment.

    Raises
    ------
    QueryError
        If it is neither.
    """
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
        if MOMENT.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC).date().isoformat()
    except (ValueError, OverflowError):  # such as 31 February, or year 0
        pass
    raise QueryError(
        f"{text[:40]!r} is no day or moment; write 2026-11-22 or 2026-11-22T08:00:00Z.",
        zh=f"{text[:40]!r} 不是日期或时刻；请写成 2026-11-22 或 2026-11-22T08:00:00Z。",
    )


def build_period(begin: str, end: str) -> Period:
    """Read two ends, of which one may be open (``..`` or nothing).

    Raises
    ------
    QueryError
        If an end is no day, both are open, or the period ends before it begins.
    """
    period = (FIRST if begin in OPEN else parse_day(begin), LAST if end in OPEN else parse_day(end))
    if period == (FIRST, LAST) or period[0] > period[1]:
        raise QueryError(
            f"The period {begin[:40]}/{end[:40]} has no end that is known, or ends before it begins.",
            zh=f"时段 {begin[:40]}/{end[:40]} 两端都未写明，或结束早于开始。",
        )
    return period


def parse_period(text: str) -> Period:
    """Read ``2026-11-22``, ``2026-01-01/2026-12-31``, ``../2026-12-31`` or ``2026-01-01/..``.

    Raises
    ------
    QueryError
        If it is none of these.
    """
    begin, slash, end = text.partition("/")
    return build_period(begin, end) if slash else (parse_day(text), parse_day(text))
