from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gzmap.errors import SiteError
from gzmap.sites import Site, parse_site
from gzmap.sites.numbers import find_numbers, format_plain
from gzmap.sites.rings import split_rings
from tests.site_makers import CORNERS, SQUARE, convert, lines, make_survey

METRES = convert("EPSG:4547")
PREFIXED = convert("EPSG:4526")


def is_square(site: Site) -> bool:
    return shapely.hausdorff_distance(site.geometry, SQUARE) < 1e-7


def refuse(text: str, **options: object) -> SiteError:
    with pytest.raises(SiteError) as caught:
        parse_site(text, **options)
    return caught.value


DEGREES = {
    "lines": lines(CORNERS),
    "spaces": lines(CORNERS, "{x} {y}"),
    "tabs": lines(CORNERS, "{x}\t{y}"),
    "latitude first": lines(CORNERS, "{y},{x}"),
    "Chinese comma": lines(CORNERS, "{x}，{y}"),
    "full width": lines(CORNERS, "{x},{y}").translate(str.maketrans("0123456789.,", "０１２３４５６７８９．，")),
    "numbered": lines(CORNERS, "{n},{x},{y}"),
    "named": lines(CORNERS, "J{n},{x},{y}"),
    "Chinese names": lines(CORNERS, "界址点{n} {x} {y}"),
    "hash": lines(CORNERS, "{n}# {x} {y}"),
    "dunhao": lines(CORNERS, "{n}、{x},{y}"),
    "header": "点号,经度,纬度\n" + lines(CORNERS, "J{n},{x},{y}"),
    "English header": "id,longitude,latitude\n" + lines(CORNERS, "{n},{x},{y}"),
    "semicolons": ";".join(f"{x},{y}" for x, y in CORNERS),
    "Chinese semicolons": "；".join(f"{x}，{y}" for x, y in CORNERS),
    "one line of pairs": " ".join(f"{x},{y}" for x, y in CORNERS),
    "one line of triples": " ".join(f"{x},{y},0" for x, y in CORNERS),
    "one line of numbers": " ".join(f"{x} {y}" for x, y in CORNERS),
    "nested lists": str([[list(c) for c in CORNERS]]),
    "heights": lines(CORNERS, "{x},{y},12.5"),
    "closed": lines((*CORNERS, CORNERS[0])),
    "closed twice": lines((*CORNERS, CORNERS[0], CORNERS[0])),
    "double spaced": lines(CORNERS).replace("\n", "\n\n"),
    "remark": "地块面积 4.5434 平方公里\n" + lines(CORNERS) + "\n面积：4543400 平方米，周长 8500 米",
    "carriage returns": lines(CORNERS).replace("\n", "\r\n"),
    "signs": lines(CORNERS, "{x}°,{y}°"),
    "sides": lines(CORNERS, "{y}°N {x}°E"),
    "labels of axes": lines(CORNERS, "X:{x} Y:{y}"),
    "equals": lines(CORNERS, "x={x}, y={y}"),
    "WKT": SQUARE.wkt,
    "EWKT": f"SRID=4490;{SQUARE.wkt}",
    "multi WKT": shapely.MultiPolygon([SQUARE]).wkt,
    "closed line WKT": shapely.LineString(SQUARE.exterior).wkt,
}


@pytest.mark.parametrize("text", DEGREES.values(), ids=DEGREES)
def test_degrees_are_read_however_they_are_written(text):
    assert is_square(parse_site(text))


@pytest.mark.parametrize(
    ("head", "title"), [("经度,纬度", ""), ("X,Y", ""), ("温度计厂", "温度计厂"), ("十分秒站", "十分秒站")]
)
def test_a_head_is_no_title_and_a_title_keeps_its_signs(head, title):
    site = parse_site(f"{head}\n{lines(CORNERS)}")
    assert is_square(site)
    assert site.title == title


def test_degrees_need_no_crs_and_the_note_says_what_was_assumed():
    site = parse_site(lines(CORNERS, "{y} {x}"))
    assert [note.code for note in site.notes] == ["crs-assumed", "axes-swapped"]
    assert "GCJ-02" in site.notes[0].zh
    assert site.title == ""


DMS = {
    "primes": "113°18′00″,23°06′00″",
    "ASCII": "113°18'00.0\" 23°6'0\"",
    "Chinese": "113度18分0秒，23度6分0秒",
    "sides before": "东经113°18′00″ 北纬23°06′00″",
    "latitude first with sides": "N23°06′00″ E113°18′00″",
    "sides behind": "23°06′00″N,113°18′00″E",
    "minutes only": "113°18′ 23°6.0′",
    "two single primes": "113°18′00′′ 23°06′00′′",
    "labelled": "J1 113°18′00″ 23°06′00″",
    "ordinal sign": "113º18'00\" 23º06'00\"",
}


@pytest.mark.parametrize("line", DMS.values(), ids=DMS)
def test_degrees_minutes_and_seconds_are_read(line):
    assert find_numbers(format_plain(line))[:2] == pytest.approx([113.3, 23.1])


@given(st.integers(0, 179), st.integers(0, 59), st.decimals(0, 59, places=3), st.sampled_from("°度"))
def test_degrees_minutes_and_seconds_are_what_they_say(degrees, minutes, seconds, sign):
    value, _ = find_numbers(format_plain(f"{degrees}{sign}{minutes}′{seconds}″ 23°0′0″"))
    assert value == pytest.approx(degrees + minutes / 60 + float(seconds) / 3600)


PROJECTED = {
    "easting first": (lines(METRES, "{x:.4f},{y:.4f}"), "EPSG:4547"),
    "northing first": (lines(METRES, "{y:.4f},{x:.4f}"), "EPSG:4547"),
    "J1,X,Y": (lines(METRES, "J{n},{y:.4f},{x:.4f}"), "EPSG:4547"),
    "J1,1,X,Y": (lines(PREFIXED, "J{n},1,{y:.4f},{x:.4f}"), "EPSG:4526"),
    "number, ring, X, Y": (lines(PREFIXED, "{n} 1 {y:.4f} {x:.4f}"), "EPSG:4526"),
    "X, Y, height": (lines(METRES, "{y:.4f},{x:.4f},21.5"), "EPSG:4547"),
    "metres": (lines(METRES, "X={y:.4f}米 Y={x:.4f}米"), "EPSG:4547"),
    "header": ("点号 X坐标 Y坐标\n" + lines(METRES, "{n} {y:.4f} {x:.4f}"), "EPSG:4547"),
    "EWKT": (f"SRID=4547;{shapely.Polygon(METRES).wkt}", ""),
}


@pytest.mark.parametrize(("text", "code"), PROJECTED.values(), ids=PROJECTED)
def test_metres_are_read_in_the_crs_that_is_named(text, code):
    assert is_square(parse_site(text, crs=code))


@pytest.mark.parametrize(("points", "code"), [(METRES, "EPSG:4547"), (PREFIXED, "EPSG:4526")])
def test_metres_without_a_crs_are_asked_about(points, code):
    error = refuse(lines(points))
    assert (error.code, error.suggestions) == ("crs-missing", (code,))
    assert code in error.zh
    assert code in str(error)


def test_titles_part_plots():
    text = f"地块一\n{lines(CORNERS)}\n\n地块二\n{lines([(x + 0.05, y) for x, y in CORNERS])}"
    site = parse_site(text)
    assert [part.title for part in site.parts] == ["地块一", "地块二"]


def test_blank_lines_and_closed_rings_part_areas():
    far = [(x + 0.05, y) for x, y in CORNERS]
    for text in (f"{lines(CORNERS)}\n\n{lines(far)}", lines([*CORNERS, CORNERS[0], *far, far[0]])):
        assert len(parse_site(text).parts) == 2


def test_a_ring_inside_another_is_a_hole():
    hole = [(113.305, 23.105), (113.31, 23.105), (113.31, 23.11)]
    site = parse_site(f"{lines(CORNERS)}\n\n{lines(hole)}")
    assert "hole-assumed" in [note.code for note in site.notes]
    assert site.geometry.area == pytest.approx(SQUARE.area - shapely.Polygon(hole).area)


UNREADABLE = {
    "two points in a number": (lines(CORNERS).replace("113.320000000,23.10", "113.32.1,23.1.0", 1), 2),
    "a letter in a number": (f"{lines(CORNERS[:1])}\n113.32,23.1x\n{lines(CORNERS[2:])}", 2),
    "one number alone": (f"{lines(CORNERS[:1])}\n113.325\n{lines(CORNERS[2:])}", 2),
    "a number too few": (lines(METRES, "{n} {y:.3f} {x:.3f}").replace("2 ", "", 1), 2),
    "words": ("广州", 1),
}


@pytest.mark.parametrize(("text", "number"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_line_that_cannot_be_read_is_never_passed_over(text, number):
    error = refuse(text, crs="EPSG:4547" if "2556" in text else "")
    assert error.code == "line-unreadable"
    assert f"第 {number} 行" in error.zh
    assert f"line {number}:" in str(error)


@pytest.mark.parametrize("text", ["113.3,23.1\n113.32,23.1", lines([CORNERS[0]] * 4)])
def test_too_few_points_are_refused(text):
    assert refuse(text).code == "too-few-points"


def test_points_in_one_line_have_no_area():
    assert refuse(lines([(113.3, 23.1), (113.31, 23.11), (113.32, 23.12)])).code == "no-area"


def test_broken_wkt_is_refused():
    assert refuse("POLYGON((113 23, 114").code == "content-broken"


# --- land surveys


def test_a_survey_is_read_with_its_head_its_title_and_its_hole():
    site = parse_site(make_survey())
    assert (site.title, site.crs) == ("地块甲", "EPSG:4526")
    assert len(site.geometry.interiors) == 1
    assert shapely.hausdorff_distance(shapely.Polygon(site.geometry.exterior), SQUARE) < 1e-7
    assert site.notes == ()


def test_a_survey_without_prefix_is_of_the_zone_without():
    text = make_survey().replace(",384", ",4")
    assert parse_site(text).crs == "EPSG:4547"


def test_full_width_commas_and_windows_lines_make_no_difference():
    text = make_survey().replace(",", "，").replace("\n", "\r\n")
    assert parse_site(text).title == "地块甲"


def test_a_survey_that_does_not_say_its_zone_is_asked_about():
    error = refuse(make_survey(zone=""))
    assert (error.code, error.suggestions) == ("crs-missing", ("EPSG:4526",))
    assert parse_site(make_survey(zone=""), crs="EPSG:4526").crs == "EPSG:4526"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ({"system": "80国家大地坐标系"}, "crs-local"),
        ({"system": "1954年北京坐标系"}, "crs-local"),
        ({"unit": "度"}, "unit-unknown"),
        ({"zone": "39"}, "outside"),
        ({"zone": "99"}, "crs-unknown"),
    ],
)
def test_a_survey_in_another_system_is_refused(head, code):
    error = refuse(make_survey(**head))
    assert error.code == code
    assert code != "outside" or error.suggestions == ("EPSG:4526",)


def test_a_survey_with_a_line_that_cannot_be_read_is_refused():
    error = refuse(f"{make_survey()}\nJ9,1,25700x,3845")
    assert error.code == "line-unreadable"
    assert "J9,1,25700x,3845" in error.zh


# --- rings


RING = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, unique=True)


@given(st.lists(RING, min_size=1, max_size=4))
def test_closed_rings_are_split_where_they_close(rings):
    closed = [[*ring, ring[0]] for ring in rings]
    assert split_rings([point for ring in closed for point in ring]) == closed
