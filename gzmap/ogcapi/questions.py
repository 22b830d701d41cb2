"""What a request asks of a collection: parameters become typed values here, or a refusal that says how to ask.

pygeoapi takes many parameters as they come: it leaves unknown ones aside, fails on an empty ``sortby``, answers a
``datetime`` outside the extent with an error, and reads filters in ECQL. So everything is checked before it sees it,
and what it would read otherwise than the standards do (`HIDDEN`) goes past it to our provider.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

import shapely

from gzmap.errors import QueryError
from gzmap.ogcapi.filters import Test, build_filter
from gzmap.ogcapi.holdings import Holding
from gzmap.ogcapi.periods import Period, parse_period
from gzmap.ogcapi.systems import CRS84, System

USUAL_LIMIT, MOST_ITEMS, MOST_OFFSET = 100, 10_000, 10**9
COMMON = ("f", "lang")
HIDDEN = ("bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs")
SHOWN = ("limit", "offset", "resulttype", "sortby", "properties", "skipGeometry")
WORDS: Mapping[str, tuple[str, ...]] = {
    "resulttype": ("results", "hits"),
    "skipGeometry": ("true", "false"),
    "filter-lang": ("cql2-text",),
    "f": ("json", "html"),
    "lang": ("zh", "en"),
}
"""Parameters that have one of few values."""

LONGEST = 4000
"""Characters of one value; a filter has a limit of its own."""

ASKED: ContextVar[Question] = ContextVar("asked")
"""The question of the request that this thread answers: the way past pygeoapi to our provider."""


@dataclass(frozen=True)
class Question:
    """A request for features.

    Attributes
    ----------
    params
        The parameters as they came, each once.
    system
        Of the coordinates in the answer.
    boxes, box_system
        What features must touch, longitude or easting first; empty without a bbox.
    period
        Days within which a feature must have been entered, None for all.
    test
        The filter, None without one.
    wanted
        Values that properties must have, by name.
    page
        Filled by the provider: the places in the layer of the features to write.
    """

    params: Mapping[str, str]
    system: System = CRS84
    boxes: tuple[shapely.Polygon, ...] = ()
    box_system: System = CRS84
    period: Period | None = None
    test: Test | None = None
    wanted: Mapping[str, object] = field(default_factory=dict)
    page: list[int] = field(default_factory=list)


def parse_params(pairs: Iterable[tuple[str, str]], known: Iterable[str]) -> dict[str, str]:
    """Read parameters, each at most once, none empty.

    Raises
    ------
    QueryError
        If one is unknown, comes twice, is empty, too long, or none of its few values.
    """
    params: dict[str, str] = {}
    allowed = (*COMMON, *known)
    for name, value in pairs:
        if name not in allowed:
            listed = ", ".join(allowed)
            raise QueryError(
                f"There is no parameter {name[:40]!r} here; there are {listed}.",
                zh=f"此处没有参数 {name[:40]!r}；可用：{listed}。",
            )
        if name in params:
            raise QueryError(
                f"The parameter {name!r} comes twice; give it once.", zh=f"参数 {name!r} 出现两次，请只写一次。"
            )
        if not value.strip() or len(value) > LONGEST or "\0" in value:
            raise QueryError(
                f"The parameter {name!r} is empty, no text or over {LONGEST} characters; leave it out or correct it.",
                zh=f"参数 {name!r} 为空、超过 {LONGEST} 字或不是文字；请去掉或改正。",
            )
        if name in WORDS and value not in WORDS[name]:
            raise _refuse(name, value, wanted=f"one of {', '.join(WORDS[name])}", chinese="、".join(WORDS[name]))
        params[name] = value
    return params


def parse_question(pairs: Iterable[tuple[str, str]], holding: Holding, *, is_item: bool = False) -> Question:
    """Read a request for the features of a layer, or for one feature.

    Raises
    ------
    QueryError
        If a parameter is unknown or cannot be what it says; the message names it and how to write it.
    """
    if is_item:
        params = parse_params(pairs, ("crs",))
        return Question(params, system=_parse_system(params, "crs", holding))
    params = parse_params(pairs, (*HIDDEN, *SHOWN, *holding.fields))
    for name, least, most in (("limit", 1, 10**9), ("offset", 0, MOST_OFFSET)):
        _require_whole(params, name, least=least, most=most)
    for name in ("sortby", "properties"):
        _require_fields(params, name, holding)
    box_system = _parse_system(params, "bbox-crs", holding)
    if "bbox-crs" in params and "bbox" not in params:
        raise _refuse("bbox-crs", params["bbox-crs"], wanted="given together with bbox", chinese="与 bbox 同时给出")
    filter_system = _parse_system(params, "filter-crs", holding)
    return Question(
        params,
        system=_parse_system(params, "crs", holding),
        boxes=parse_boxes(params["bbox"], box_system) if "bbox" in params else (),
        box_system=box_system,
        period=parse_period(params["datetime"]) if "datetime" in params else None,
        test=build_filter(params["filter"], holding, filter_system) if "filter" in params else None,
        wanted={name: _parse_value(name, params[name], holding) for name in holding.fields if name in params},
    )


def _refuse(name: str, value: str, *, wanted: str, chinese: str) -> QueryError:
    return QueryError(
        f"The parameter {name!r} is {value[:80]!r}; it must be {wanted}.",
        zh=f"参数 {name!r} 的值是 {value[:80]!r}；应为：{chinese}。",
    )


def _require_whole(params: Mapping[str, str], name: str, *, least: int, most: int) -> None:
    value = params.get(name, str(least))
    if not re.fullmatch(r"[0-9]{1,10}", value) or not least <= int(value) <= most:
        raise _refuse(name, value, wanted=f"a whole number from {least} to {most}", chinese=f"{least} 到 {most} 的整数")


def _require_fields(params: Mapping[str, str], name: str, holding: Holding) -> None:
    """Refuse names that are no properties; those of ``sortby`` may have a sign before them."""
    known = [*holding.fields, "map_url"] if name == "properties" else [*holding.fields]
    for part in params[name].split(",") if name in params else ():
        bare = part[1:] if name == "sortby" and part[:1] in ("+", "-", " ") else part
        if bare not in known:
            raise _refuse(
                name,
                params[name],
                wanted=f"some of {', '.join(known)} with commas between them",
                chinese="、".join(known),
            )


def _parse_system(params: Mapping[str, str], name: str, holding: Holding) -> System:
    """Read the address of a coordinate system; CRS84 if it is not given."""
    uri = params.get(name, CRS84.uri)
    for system in holding.systems:
        if system.uri == uri:
            return system
    listed = [system.uri for system in holding.systems]
    raise _refuse(name, uri, wanted=f"one of {', '.join(listed)}", chinese="、".join(listed))


def parse_boxes(text: str, system: System) -> tuple[shapely.Polygon, ...]:
    """Read a bbox of four numbers, or of six whose heights count for nothing, in the order of the system's axes.

    Returns
    -------
    tuple
        One box, or two where it crosses the 180th meridian; longitude or easting first.

    Raises
    ------
    QueryError
        If the numbers are not finite, too few or too many, or a lower bound is above its upper one.
    """
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(math.isfinite(number) and abs(number) < 1e12 for number in numbers):
        raise _refuse(
            "bbox",
            text,
            wanted="four numbers with commas: two lower bounds, two upper",
            chinese="逗号隔开的四个数：两个下界、两个上界",
        )
    low_x, low_y, high_x, high_y = [numbers[i] for i in (1, 0, 3, 2)] if system.is_flipped else numbers
    crosses = system.is_degrees and low_x > high_x
    if low_y > high_y or (low_x > high_x and not crosses):
        raise _refuse(
            "bbox", text, wanted="lower bounds first, then the upper", chinese="先下界，后上界（注意坐标系的轴序）"
        )
    spans = [(low_x, 180.0), (-180.0, high_x)] if crosses else [(low_x, high_x)]
    return tuple(shapely.box(west, low_y, east, high_y) for west, east in spans)


def _parse_value(name: str, text: str, holding: Holding) -> object:
    """Read the value that a property must have."""
    if holding.find_kind(name) != "number":
        return text
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _refuse(name, text, wanted="a number", chinese="数字")
    return number
