"""Filters in CQL2 text: parsed by the library cql2, checked against the layer's fields, and asked of every feature.

A value that is not known makes a comparison unknown, as in SQL: such a feature is left out, under NOT as well.
"""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping

import cql2
import numpy as np
import shapely

from gzmap.errors import QueryError
from gzmap.ogcapi.holdings import Holding
from gzmap.ogcapi.patterns import build_pattern
from gzmap.ogcapi.periods import Period, build_period, parse_day
from gzmap.ogcapi.systems import System

CHARACTERS = 2000
DEPTH = 8
"""Brackets in brackets: the library tries unclosed ones in 2^n ways, and a thousand would end the process."""

NEGATIONS = 50
QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
BRACKETS = {"(": 1, ")": -1}

Test = Callable[[int], object]
"""Takes the place of a feature in its layer and gives the value there, None where it is not known."""

COMPARISONS: Mapping[str, Callable] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
SPATIAL: Mapping[str, Callable] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_contains": shapely.contains,
    "s_within": shapely.within,
    "s_touches": shapely.touches,
    "s_crosses": shapely.crosses,
    "s_overlaps": shapely.overlaps,
    "s_equals": shapely.equals,
}
TEMPORAL: Mapping[str, Callable[[Period, Period], bool]] = {
    "t_before": lambda a, b: a[1] < b[0],
    "t_after": lambda a, b: a[0] > b[1],
    "t_intersects": lambda a, b: a[0] <= b[1] and a[1] >= b[0],
    "t_disjoint": lambda a, b: a[0] > b[1] or a[1] < b[0],
    "t_equals": lambda a, b: a == b,
    "t_during": lambda a, b: b[0] < a[0] and a[1] < b[1],
}

ARGUMENTS = {
    **dict.fromkeys((*COMPARISONS, *SPATIAL, *TEMPORAL), 2),
    **{"like": 2, "in": 2, "between": 3, "isnull": 1},
}
"""How many arguments each function has that gives true or false."""


def build_filter(text: str, holding: Holding, system: System) -> Test:
    """Read a filter.

    Parameters
    ----------
    text
        CQL2 text: comparisons, BETWEEN, IN, LIKE, IS NULL, AND, OR, NOT, CASEI, ACCENTI, the spatial functions with a
        constant geometry, and T_ functions on days.
    holding
        The layer that is asked.
    system
        Of the coordinates in the text, in the order of its axes.

    Returns
    -------
    Callable
        True for features that match; False or None for the others.

    Raises
    ------
    QueryError
        If it is no CQL2, names no field of the layer, compares what cannot be compared, or is too long or nested.
    """
    _require_plain(text)
    try:
        tree = cql2.parse_text(text).to_json()
    except (cql2.ParseError, ValueError, TypeError) as error:
        column = re.search(r"--> \d+:(\d+)", str(error))
        where = f" at character {column[1]}" if column else ""
        raise _refuse(
            f"it is not CQL2 text{where}", f"不是 CQL2 文本{f'，第 {column[1]} 字起' if column else ''}"
        ) from None
    return _Reader(holding, system).read_condition(tree)


def _refuse(english: str, chinese: str) -> QueryError:
    return QueryError(
        f"The filter cannot be used: {english}. Write for instance name LIKE '%湿地%' AND accuracy_m <= 500.",
        zh=f"过滤条件无法使用：{chinese}。可写成例如 name LIKE '%湿地%' AND accuracy_m <= 500。",
    )


def _require_plain(text: str) -> None:
    """Refuse what would keep the parser busy for long.

    Raises
    ------
    QueryError
        If the text is too long or too deep, or its brackets are not closed.
    """
    if len(text) > CHARACTERS:
        raise _refuse(f"it has more than {CHARACTERS} characters", f"超过 {CHARACTERS} 个字符")
    bare = QUOTED.sub("''", text)
    depth = deepest = 0
    for sign in bare:
        depth += BRACKETS.get(sign, 0)
        deepest = max(deepest, depth)
        if depth < 0:
            break
    if depth:
        raise _refuse("its brackets do not close", "括号不成对")
    if deepest > DEPTH or len(re.findall(r"(?i)\bnot\b", bare)) > NEGATIONS:
        raise _refuse(f"it has more than {DEPTH} brackets in one another", f"括号嵌套超过 {DEPTH} 层")


class _Reader:
    """Reads a tree of CQL2 into a test; ``kind`` of a value is ``text``, ``number``, ``date`` or ``boolean``."""

    def __init__(self, holding: Holding, system: System) -> None:
        self.holding, self.system = holding, system

    def read_condition(self, node: object) -> Test:
        """Read a node that must be true or false."""
        if isinstance(node, bool):
            return lambda _: node
        if not isinstance(node, dict) or not isinstance(node.get("op"), str):
            raise _refuse("a condition is missing", "缺少判断条件")
        name, args = node["op"].lower(), node["args"]
        if name in ("and", "or"):
            return _join([self.read_condition(arg) for arg in args], stop=name == "or")
        if name == "not" and len(args) == 1:
            inner = self.read_condition(args[0])
            return lambda row: None if (held := inner(row)) is None else not held
        if ARGUMENTS.get(name) != len(args):
            raise _refuse(f"the function {name[:40]!r} is not known here", f"不认识函数 {name[:40]!r}")
        if name == "isnull":
            return self._read_null(args[0])
        readers = {**dict.fromkeys(SPATIAL, self._read_spatial), **dict.fromkeys(TEMPORAL, self._read_temporal)}
        return readers.get(name, self._read_comparison)(name, args)

    def _read_comparison(self, name: str, args: list) -> Test:
        """Read what compares values: all must be of one kind."""
        subject, *others = [args[0], *(args[1] if name == "in" and isinstance(args[1], list) else args[1:])]
        kind, value = self._read_value(subject)
        told = [self._read_value(other) for other in others]
        if {_rough(kind), *(_rough(k) for k, _ in told)} != {_rough(kind)}:
            raise _refuse("it compares values of different kinds", "比较了不同类型的值")
        if name == "like":
            return self._read_like(value, others[0], kind)
        reads = [read for _, read in told]
        if name == "between":
            return lambda row: _ask(lambda v, low, high: low <= v <= high, value(row), *(r(row) for r in reads))
        if name == "in":
            return lambda row: _ask(lambda v, *options: v in options, value(row), *(r(row) for r in reads))
        return lambda row: _ask(COMPARISONS[name], value(row), reads[0](row))

    def _read_like(self, value: Test, pattern: object, kind: str) -> Test:
        """Read LIKE with a constant pattern, CASEI or ACCENTI of it allowed."""
        if isinstance(pattern, dict) and pattern.get("op") in FOLDS and isinstance(pattern["args"][0], str):
            pattern = FOLDS[pattern["op"]](pattern["args"][0])
        if _rough(kind) != "text" or not isinstance(pattern, str):
            raise _refuse("LIKE needs a text and a pattern in quotes", "LIKE 需要文字和带引号的样式")
        matches = build_pattern(pattern)
        return lambda row: _ask(matches, value(row))

    def _read_null(self, node: object) -> Test:
        if isinstance(node, dict) and node.get("property") == "geometry":
            shapes = self.holding.open_view(self.system).shapes
            return lambda row: shapes[row] is None or shapes[row].is_empty
        value = self._read_value(node)[1]
        return lambda row: value(row) is None

    def _read_value(self, node: object) -> tuple[str, Test]:
        """Read a constant, a field or a function of one: its kind and its value by feature."""
        if isinstance(node, bool):
            return "boolean", lambda _: node
        if isinstance(node, str):
            return "text", lambda _: node
        if isinstance(node, int | float) and math.isfinite(node):
            return "number", lambda _: node
        if isinstance(node, dict) and isinstance(node.get("property"), str):
            return self._read_field(node["property"])
        if isinstance(node, dict) and set(node) & {"date", "timestamp"}:
            day = parse_day(str(node.get("date", node.get("timestamp"))))
            return "date", lambda _: day
        fold = FOLDS.get(node["op"].lower()) if isinstance(node, dict) and isinstance(node.get("op"), str) else None
        if fold and len(node["args"]) == 1:
            kind, value = self._read_value(node["args"][0])
            if _rough(kind) == "text":
                return "text", lambda row: _ask(fold, value(row))
        raise _refuse("a value, field or function in it is not known here", "其中有不认识的值、字段或函数")

    def _read_field(self, name: str) -> tuple[str, Test]:
        kind = self.holding.find_kind(name)
        if kind is None or kind == "geometry":
            known = ", ".join(["id", *self.holding.fields])
            raise _refuse(
                f"{name[:40]!r} is no field to compare; there are {known}", f"没有字段 {name[:40]!r}，可用：{known}"
            )
        return kind, self.holding.find_values(name).__getitem__

    def _read_spatial(self, name: str, args: list) -> Test:
        """Read a spatial function: one side is the geometry, the other a constant."""
        sides = [isinstance(arg, dict) and arg.get("property") == "geometry" for arg in args]
        if sides.count(True) != 1:
            raise _refuse(
                "a spatial function needs 'geometry' and one constant geometry", "空间函数需要 geometry 和一个固定图形"
            )
        asked = self._read_shape(args[0 if sides[1] else 1])
        shapes = self.holding.open_view(self.system).shapes
        pair = (shapes, asked) if sides[0] else (asked, shapes)
        try:
            held = SPATIAL[name](*pair)
        except shapely.errors.GEOSException:
            raise _refuse("its geometry is broken", "其中的图形有错误") from None
        gaps = shapely.is_missing(shapes)
        return lambda row: None if gaps[row] else bool(held[row])

    def _read_shape(self, node: object) -> shapely.Geometry:
        """Read a constant geometry, and turn it to longitude or easting first."""
        refused = _refuse("its geometry is broken", "其中的图形有错误")
        if not isinstance(node, dict):
            raise refused
        try:
            # GEOS tells of broken rings with GEOSException, numpy of broken nesting with the other two.
            shape = shapely.box(*_pick_plane(node["bbox"])) if "bbox" in node else shapely.geometry.shape(node)
        except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
            raise refused from None
        if shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all() or not shape.is_valid:
            raise refused
        return shapely.transform(shape, lambda points: points[:, ::-1]) if self.system.is_flipped else shape

    def _read_temporal(self, name: str, args: list) -> Test:
        """Read a function of two days or periods."""
        one, other = (self._read_period(arg) for arg in args)
        return lambda row: _ask(TEMPORAL[name], one(row), other(row))

    def _read_period(self, node: object) -> Callable[[int], Period | None]:
        if isinstance(node, dict) and isinstance(node.get("interval"), list) and len(node["interval"]) == 2:
            if not all(isinstance(end, str) for end in node["interval"]):
                raise _refuse("the ends of an interval must be days in quotes", "时段两端须为带引号的日期")
            period = build_period(*node["interval"])
            return lambda _: period
        kind, value = self._read_value(node)
        if kind != "date":
            raise _refuse("a T_ function needs days", "T_ 函数需要日期")
        return lambda row: None if (day := value(row)) is None else (day, day)


def _rough(kind: str) -> str:
    """Days are compared as the texts that they are."""
    return "text" if kind == "date" else kind


def _pick_plane(box: list) -> list:
    """Take the four plane numbers of a box of four or six."""
    return box if len(box) == 4 else [box[0], box[1], box[3], box[4]]


def _ask(question: Callable, *values: object) -> object:
    return None if any(value is None for value in values) else question(*values)


def _join(tests: list[Test], *, stop: bool) -> Test:
    """Join tests by AND (``stop`` is False) or OR (True): one that gives ``stop`` decides; unknown stays unknown."""

    def ask(row: int) -> bool | None:
        held = [test(row) for test in tests]
        if any(value is stop for value in held):
            return stop
        return None if None in held else not stop

    return ask


def _drop_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


FOLDS: Mapping[str, Callable[[str], str]] = {"casei": str.casefold, "accenti": _drop_accents}
