"""A layer with everything that breaks files: odd characters, names, numbers, times and geometries."""

from __future__ import annotations

from datetime import UTC, date, datetime

import geopandas
import numpy as np
import pandas as pd
import shapely
from hypothesis import strategies as st

RARE = "㘵𠮷😀"
"""Characters beyond GBK: of CJK's extensions A and B, and an emoji."""

ODD = "\ue81e\u200b\ufeff\ufffe\x01\x1f\x7f\x85\u2028"
"""Characters that are private, invisible, no characters, or controls."""

TEXTS = (
    "大㘵沙",
    "𠮷野家😀",
    "越秀山" * 100,
    "𠮷" * 300,
    "“引号” \"double\" 'single' `back-tick` ’",
    "第一行\n第二行\r\n第三行\t栏",
    '=HYPERLINK("http://example.org","点我")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "'=1",
    "＝1＋1",
    "<script>alert(1)</script> & ]]> &amp;",
    "a,b;c|d\\e/f",
    "NULL",
)
"""One for each row; none is empty or begins or ends with a space, which some formats do not keep."""

LONG_NAME = "白云区地块编号" * 43
REAL_NAMES = (
    "averylongfieldname_one",
    "averylongfieldname_two",
    "这是很长的字段名称甲",
    "这是很长的字段名称乙",
    "Name",
    "name",
    "备注\n换行",
    "=1+1",
    '"quoted"',
    "`tick`",
    "㘵",
    "𠮷😀",
    "fid",
    "geom",
    "OBJECTID",
    "Shape",
    "WKT",
    "select",
    "values",
    "a b",
    "9点",
    "%",
    " ",
    LONG_NAME,
)
"""Names of columns: alike after cutting, or by case; odd characters; words that formats keep for themselves."""


def make_texts() -> dict[str, list]:
    """Make columns of texts, numbers, times and lists, one value for each of `TEXTS`."""
    count = len(TEXTS)
    start = datetime(2025, 9, 23, 8, 30, tzinfo=UTC)
    return {
        "key": [f"k{n:02}" for n in range(count)],
        "文字": list(TEXTS),
        **{name: [f"{number}.{n}" for n in range(count)] for number, name in enumerate(REAL_NAMES)},
        "整数": [2**60 + n for n in range(count)],
        "小数": [np.nan if n % 3 == 0 else n / 7 for n in range(count)],
        "日": [None if n == 1 else date(2025, 1, 1 + n) for n in range(count)],
        "时刻": [pd.NaT if n == 2 else pd.Timestamp(start) + pd.Timedelta(minutes=n) for n in range(count)],
        "是否": [None if n == 3 else n % 2 == 0 for n in range(count)],
        "列表": [["甲", n] for n in range(count)],
    }


def make_shapes() -> list:
    """Make points, lines, areas, single and multi, a collection, an area of many vertices, null and empty ones."""
    centre = shapely.Point(113.3, 23.1)
    square = shapely.box(113.2, 23.0, 113.3, 23.1)
    hole = shapely.Polygon(square.exterior, [shapely.box(113.24, 23.04, 113.26, 23.06).exterior])
    far = shapely.box(113.4, 23.2, 113.5, 23.3)
    line = shapely.LineString([(113.2, 23.1), (113.3, 23.2), (113.4, 23.1)])
    fixed = [
        centre,
        shapely.MultiPoint([(113.3, 23.1), (113.4, 23.2)]),
        line,
        shapely.MultiLineString([line, [(113.5, 23.1), (113.6, 23.2)]]),
        square,
        hole,
        shapely.MultiPolygon([hole, far]),
        None,
        shapely.Polygon(),
        shapely.GeometryCollection(),
        shapely.GeometryCollection([centre, line, far]),
        make_round(3000),
    ]
    return fixed + [shapely.Point(113.3, 23.1 + n / 100) for n in range(len(TEXTS) - len(fixed))]


def make_round(vertices: int) -> shapely.Polygon:
    """Make an area round 白云山 with so many vertices, the closing one included."""
    turn = np.linspace(0, 2 * np.pi, vertices)
    reach = 0.05 + 0.001 * np.cos(40 * turn)
    ring = np.column_stack([113.3 + reach * np.cos(turn), 23.18 + reach * np.sin(turn)])
    ring[-1] = ring[0]
    return shapely.Polygon(ring)


def make_hostile() -> geopandas.GeoDataFrame:
    """Make the layer, in CGCS2000 degrees."""
    columns = make_texts()
    columns["大小"] = pd.array([None if n == 4 else n for n in range(len(TEXTS))], dtype="Int64")
    frame = geopandas.GeoDataFrame(columns, geometry=make_shapes(), crs="EPSG:4490")
    return frame.rename_geometry("形状")


def make_plain(**columns: list) -> geopandas.GeoDataFrame:
    """Make a layer of points with these columns."""
    count = len(next(iter(columns.values())))
    points = shapely.points(np.linspace(113.2, 113.4, count), 23.1)
    return geopandas.GeoDataFrame(columns, geometry=points, crs="EPSG:4490")


def rare_texts(longest: int = 300) -> st.SearchStrategy[str]:
    """Give a strategy of texts: any writable character, many of them rare, up to 300 of them, no NUL."""
    common = st.sampled_from(
        f"广州白云越秀a0_ \"'`=+-@<>&\n\r\t,;{RARE}’“€·\ue81e\u200b\ufeff\ufffe\x01\x1f\x7f\x85\u2028"
    )
    anything = st.characters(codec="utf-8", exclude_characters="\0")
    pieces = st.text(st.one_of(common, anything), max_size=30)
    repeated = st.builds(lambda c, n: c * n, common, st.integers(1, longest))
    return st.one_of(pieces, repeated, st.builds(lambda a, b: (a + b)[:longest], repeated, pieces))


WICKED = (
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "]]>",
    "'; DROP TABLE gzmap.parks; --",
    '" onload="alert(1)',
    "{{7*7}}${7*7}#{7*7}",
    "../../etc/passwd",
    "..\\..\\windows",
    "CON",
    "nul.txt",
    "COM1",
    "a\r\nSet-Cookie: x=1",
    "\u202egpj.exe",
    "\u2066\u2069",
    "%00%0d%0a%s%n",
    "\\u0000\\x00",
    "#let x = 1; *typst* $x$ @ref <label> `raw`",
    "e\u0301" * 40,
    "\U0010ffff\U000e0001",
)
"""What breaks into formulas, markup, SQL, headers, file names and templates; none is empty."""


def any_texts(longest: int = 100) -> st.SearchStrategy[str]:
    """Give a strategy of texts that need not be writable: all planes, lone halves of characters, NUL, wicked ones."""
    anything = st.text(st.characters(), max_size=min(longest, 40))
    mixed = st.lists(st.one_of(st.sampled_from(WICKED), st.text(max_size=8)), max_size=4).map("".join)
    return st.one_of(anything, mixed.map(lambda text: text[:longest]), rare_texts(longest))


def wicked_texts(longest: int = 100) -> st.SearchStrategy[str]:
    """Give a strategy of texts that are writable, wicked ones among them, no NUL."""
    mixed = st.lists(st.one_of(st.sampled_from(WICKED), rare_texts(8)), min_size=1, max_size=4).map("".join)
    return st.one_of(mixed.map(lambda text: text[:longest]), rare_texts(longest)).filter(str.strip)
