"""What the service for GIS programs reads out of a request: filters, patterns, periods, boxes; and what it holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gzmap.atlas import Atlas, read_atlas
from gzmap.crs import convert_point
from gzmap.errors import NotFoundError, QueryError
from gzmap.ogcapi import open_service, opening
from gzmap.ogcapi.filters import build_filter
from gzmap.ogcapi.holdings import BASE_MARK, Holding
from gzmap.ogcapi.patterns import build_pattern
from gzmap.ogcapi.periods import parse_period
from gzmap.ogcapi.questions import parse_boxes, parse_params, parse_question
from gzmap.ogcapi.systems import CRS84, SYSTEMS, convert_shapes, flip
from gzmap.ogcapi.wishes import find_html, find_lang
from tests.makers import make_feature, make_points, make_square
from tests.ui_support import make_shown_project

BASE = "http://localhost/ogc"
WGS84, CGCS2000, METRIC = SYSTEMS[1:]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    """Three parks west to east, the last without a place; a fourth with hostile words."""
    parks = [
        make_feature("parks.p001", "帽峰山", make_square(113.24, 23.14), name_en="Maofeng", district="白云区|黄埔区"),
        make_feature("parks.p002", "白云湖", make_square(113.34, 23.14), accuracy_m=300, entered="2025-01-02"),
        make_feature("parks.p003", "无名谷", None, name_en="Valley"),
        make_feature("parks.p004", "O'Brien <b>&\"\\u0000", make_square(113.44, 23.14), accuracy_m=700, notes=None),
    ]
    spots = [make_feature("spots.b001", "点", make_points((113.27, 23.17)))]
    return read_atlas(make_shown_project(tmp_path_factory.mktemp("ogc"), {"parks": parks, "spots": spots}))


@pytest.fixture(scope="module")
def parks(small: Atlas) -> Holding:
    return Holding(small, small.catalog.entries["parks"])


def find(holding: Holding, text: str, system: object = CRS84) -> str:
    """Last digits of the features that a filter finds."""
    test = build_filter(text, holding, system)
    return "".join(i[-1] for n, i in enumerate(holding.ids) if test(n) is True)


# --- filters


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name = '帽峰山'", "1"),
        ("name = 'O''Brien <b>&\"\\u0000'", "4"),
        ("name LIKE '%山' OR name LIKE '白__' AND accuracy_m > 500", "1"),
        ("(name LIKE '%山' OR name LIKE '白__') AND accuracy_m > 100", "2"),
        ("accuracy_m BETWEEN 50 AND 300", "12"),
        ("accuracy_m NOT BETWEEN 50 AND 300", "4"),
        ("NOT accuracy_m = 50", "24"),
        ("accuracy_m IN (50, 700)", "14"),
        ("accuracy_m * 1 = 50 OR TRUE", None),
        ("accuracy_m IS NULL", "3"),
        ("accuracy_m IS NOT NULL AND geometry IS NOT NULL", "124"),
        ("geometry IS NULL", "3"),
        ("CASEI(name_en) = CASEI('MAOFENG')", "1"),
        ("CASEI(name_en) LIKE CASEI('VALL%')", "3"),
        ("id = 'parks.p002'", "2"),
        ("entered < DATE('2025-06-01')", "2"),
        ("T_AFTER(entered, DATE('2025-06-01'))", "134"),
        ("T_INTERSECTS(entered, INTERVAL('..', '2025-01-02'))", "2"),
        ("T_DURING(entered, INTERVAL('2025-01-01', '2025-01-03'))", "2"),
        ("S_INTERSECTS(geometry, BBOX(113.2, 23.1, 113.35, 23.2))", "12"),
        ("S_INTERSECTS(geometry, POINT(113.25 23.15))", "1"),
        ("S_WITHIN(geometry, POLYGON((113.2 23.1, 113.3 23.1, 113.3 23.2, 113.2 23.2, 113.2 23.1)))", "1"),
        ("NOT S_INTERSECTS(geometry, POINT(113.25 23.15))", "24"),
        ("S_DISJOINT(BBOX(113.2, 23.1, 113.35, 23.2), geometry)", "4"),
        ("TRUE", "1234"),
        ("NOT TRUE", ""),
        ("evidence IS NULL", "4"),
    ],
)
def test_a_filter_finds(parks: Holding, text: str, found: str | None) -> None:
    if found is None:
        with pytest.raises(QueryError, match="not known here"):
            find(parks, text)
        return
    assert find(parks, text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("name", "1", "'a'", "name = ", "name ==", "nix = 1", "geometry = 1", "name = 1", "accuracy_m = 'x'"),
        *("accuracy_m = 1e400", "accuracy_m LIKE '1%'", "name LIKE name_en", "foo(name)", "foo(name) = 1"),
        *(
            "name IN (1, '帽峰山')",
            "T_AFTER(name, DATE('2025-01-01'))",
            "T_AFTER(entered, 5)",
            "(name = 'a'",
            "name = 'a')",
        ),
        *("T_AFTER(entered, DATE('2025-02-31'))", "T_DURING(entered, INTERVAL('..', '..'))"),
        *("S_INTERSECTS(geometry, geometry)", "S_INTERSECTS(name, POINT(1 2))", "S_INTERSECTS(geometry, 'x')"),
        *("S_INTERSECTS(geometry, POLYGON((1 1, 2 2, 1 2, 2 1, 1 1)))", "S_INTERSECTS(geometry, BBOX(1, 2, 3))"),
        *(
            "S_INTERSECTS(geometry, POLYGON((1 1, 2 2)))",
            "(" * 2000,
            "(" * 900 + "TRUE" + ")" * 900,
            "NOT " * 400 + "TRUE",
        ),
        *(
            "(" * 20,
            "x IN (" * 30,
            "name = '" + "长" * 3000 + "'",
            "name = 'a' AND",
            "名 = 'a'",
            "A_CONTAINS(name, ('a'))",
        ),
    ],
)
def test_a_filter_that_cannot_be_used_is_refused_in_both_languages(parks: Holding, text: str) -> None:
    with pytest.raises(QueryError) as refusal:
        find(parks, text)
    assert len(str(refusal.value)) > 20
    assert any("一" <= sign <= "鿿" for sign in refusal.value.zh)


@given(st.text(max_size=60) | st.text(alphabet="name=<>'%_() ANDORTIKELSBX12.,\"\\", max_size=60))
def test_no_text_breaks_a_filter(text: str) -> None:
    holding = _only_names()
    try:
        found = find(holding, text)
    except QueryError:
        found = ""
    assert set(found) <= set("12")


def _only_names() -> Holding:
    """A holding of two names, without a project."""
    holding = object.__new__(Holding)
    holding.ids = ("a.1", "a.2")
    holding.fields = {"name": {"type": "text"}}
    holding.rows = ({"name": "甲"}, {"name": None})
    return holding


def test_coordinates_of_a_filter_have_the_order_of_their_system(parks: Holding) -> None:
    assert find(parks, "S_INTERSECTS(geometry, POINT(23.15 113.25))", WGS84) == "1"
    assert find(parks, "S_INTERSECTS(geometry, POINT(113.25 23.15))", WGS84) == ""
    easting, northing = convert_point(113.25, 23.15, "EPSG:4547")
    assert find(parks, f"S_INTERSECTS(geometry, POINT({northing:.3f} {easting:.3f}))", METRIC) == "1"


# --- patterns


@pytest.mark.parametrize(
    ("pattern", "text", "held"),
    [
        ("a%b", "ab", True),
        ("a%b", "axb\nb", True),
        ("a%a", "a", False),
        ("%", "", True),
        ("_", "𠮷", True),
        ("a_c%", "abcd", True),
        (r"100\%", "100%", True),
        (r"100\%", "1000", False),
        ("%ab%ab", "abab", True),
        ("%ab%ab", "aab", False),
        ("", "a", False),
        (".*", "abc", False),
    ],
)
def test_patterns(pattern: str, text: str, *, held: bool) -> None:
    assert build_pattern(pattern)(text) is held


@given(st.text(alphabet="ab%_", max_size=8), st.text(alphabet="ab", max_size=8))
def test_patterns_match_like_the_textbook(pattern: str, text: str) -> None:
    def matches(p: str, t: str) -> bool:
        if not p:
            return not t
        if p[0] == "%":
            return any(matches(p[1:], t[n:]) for n in range(len(t) + 1))
        return bool(t) and p[0] in ("_", t[0]) and matches(p[1:], t[1:])

    assert build_pattern(pattern)(text) is matches(pattern, text)


# --- periods and boxes


def test_periods() -> None:
    assert parse_period("2025-01-02") == ("2025-01-02", "2025-01-02")
    assert parse_period("2025-01-02T23:30:00-02:00") == ("2025-01-03", "2025-01-03")
    assert parse_period("../2025-01-02") == parse_period("/2025-01-02") == ("0000-00-00", "2025-01-02")
    assert parse_period("2025-01-02/..")[1] == "9999-99-99"


@pytest.mark.parametrize(
    "text",
    [
        *("", "..", "../..", "/", "x", "2025", "2025-13-01", "2025-02-01/2025-01-01", "٢٠٢٥-01-01", "0000-01-01"),
        *("9999-12-31T23:59:59-10:00", "2025-01-01/2025-01-02/2025-01-03"),
    ],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse_period(text)


def test_boxes_have_the_order_of_their_system() -> None:
    assert [b.bounds for b in parse_boxes("1,2,3,4", CRS84)] == [(1, 2, 3, 4)]
    assert [b.bounds for b in parse_boxes("1,2,-9,3,4,9", CRS84)] == [(1, 2, 3, 4)]
    assert [b.bounds for b in parse_boxes("2,1,4,3", CGCS2000)] == [(1, 2, 3, 4)]
    assert [b.bounds for b in parse_boxes("170,1,-170,2", CRS84)] == [(170, 1, 180, 2), (-180, 1, -170, 2)]


@pytest.mark.parametrize(
    "text", ["1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,1,2,3", "1,2,inf,3", "1,4,3,2", "1e300,1,2,3", ",,,"]
)
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="bbox"):
        parse_boxes(text, CRS84)


def test_a_box_in_metres_cannot_run_backwards() -> None:
    with pytest.raises(QueryError, match="lower bounds first"):
        parse_boxes("1,9,2,3", METRIC)


# --- parameters


def test_parameters_come_once_are_known_and_say_something(parks: Holding) -> None:
    for pairs in ([("nix", "1")], [("f", "json"), ("f", "html")], [("f", "xml")], [("lang", "fr")]):
        with pytest.raises(QueryError):
            parse_params(pairs, ())
    bad = {
        **{
            "limit": "0",
            "offset": "-1",
            "resulttype": "x",
            "skipGeometry": "ja",
            "sortby": "a,,b",
            "properties": "nix",
        },
        **{
            "crs": "EPSG:4547",
            "bbox-crs": CRS84.uri,
            "filter-crs": "x",
            "filter-lang": "cql-json",
            "accuracy_m": "nan",
        },
        **{"datetime": "x", "filter": "x", "bbox": "x", "name": " "},
    }
    for name, value in bad.items():
        with pytest.raises(QueryError, match=name):
            parse_question([(name, value)], parks) if name not in ("datetime", "filter") else _refuse_named(name, parks)


def _refuse_named(name: str, holding: Holding) -> None:
    """Their refusals name the value, not the parameter."""
    try:
        parse_question([(name, "x")], holding)
    except QueryError as refusal:
        raise QueryError(f"{name}: {refusal}") from refusal


def test_the_language_and_the_kind_of_answer() -> None:
    assert find_lang([], {}) == find_lang([], {"accept-language": "fr;q=0,*"}) == "zh"
    assert find_lang([], {"accept-language": "fr, en-GB;q=0.8"}) == "en"
    assert find_lang([("lang", "zh")], {"accept-language": "en"}) == "zh"
    assert [find_html([], {"accept": a}) for a in ("", "*/*", "text/html,*/*", "application/geo+json, text/html")] == [
        *(False, False, True, False)
    ]
    assert find_html([("f", "html")], {"accept": "application/json"})


# --- what is held


def read(holding: Holding, number: int, *said: object, **asked: object) -> dict:
    """A feature as it is written, its address left out."""
    [text] = holding.dump_features([number], *said, **asked)
    return json.loads(text.replace(BASE_MARK, ""))


def test_features_are_written_whole_and_in_the_order_of_the_system(small: Atlas, parks: Holding) -> None:
    plain = read(parks, 0)
    assert (
        plain["geometry"] == shapely.geometry.mapping(small.layers["parks"].geometry.iloc[0])
        or plain["geometry"]["type"]
    )
    flipped = read(parks, 0, CGCS2000)
    west_south = plain["geometry"]["coordinates"][0][0][0]
    assert flipped["geometry"]["coordinates"][0][0][0] == west_south[::-1]
    northing, easting = read(parks, 0, METRIC)["geometry"]["coordinates"][0][0][0]
    assert (easting, northing) == pytest.approx(convert_point(*west_south, "EPSG:4547"), abs=0.001)
    assert read(parks, 2)["geometry"] is None
    bare = read(parks, 3, chosen=("name",), is_bare=True)
    assert (bare["geometry"], bare["properties"]) == (None, {"name": "O'Brien <b>&\"\\u0000"})


def test_evidence_is_the_sentences_with_their_places(parks: Holding) -> None:
    assert parks.rows[0]["evidence"].startswith("第一章（一）第1段：")
    assert "帽峰山" in parks.rows[0]["evidence"]


def test_only_fitting_systems_are_offered(atlas: Atlas, parks: Holding) -> None:
    assert parks.systems == SYSTEMS
    assert Holding(atlas, atlas.catalog.entries["cities"]).systems == SYSTEMS[:3]


def test_missing_geometries_survive_a_conversion(small: Atlas) -> None:
    shapes = convert_shapes(small.layers["parks"], METRIC)
    assert [shape is None for shape in flip(shapes)] == [False, False, True, False]


def test_an_unknown_feature_is_named(parks: Holding) -> None:
    with pytest.raises(NotFoundError, match=r"did you mean 'parks\.p001'"):
        parks.require_number("parks.p01")


# --- services


def test_services_are_shared_and_few(small: Atlas, tmp_path: Path) -> None:
    first = open_service(small, BASE)
    assert open_service(small, BASE) is first
    others = [open_service(small, f"http://h{n}/ogc") for n in range(opening.KEPT)]
    assert others[0].holdings["parks"] is first.holdings["parks"]
    assert open_service(small, BASE) is not first
    for n in range(3):
        (tmp_path / str(n)).mkdir()
        open_service(read_atlas(make_shown_project(tmp_path / str(n))), BASE)
    assert len(opening._OPEN) == opening.KEPT_ATLASES


def test_the_api_leaves_the_logging_of_the_process_alone(small: Atlas) -> None:
    import logging

    before = (logging.getLogger().level, list(logging.getLogger().handlers))
    open_service(small, "http://logs/ogc")
    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before
