"""Printed sheets as people get them: true to scale, in vectors, with all that belongs to a map; read back by pdfium."""

from __future__ import annotations

import itertools
import math
import re
import struct
import zlib
from pathlib import Path

import pytest
import shapely

from gzmap.atlas import Atlas, open_atlas
from gzmap.catalog import load_layer
from gzmap.config import AREA_TITLE
from gzmap.crs import find_length_m
from gzmap.errors import CatalogError, ExportError, NotFoundError
from gzmap.export.answers import build_area_tables, build_pair_table
from gzmap.query import find_in_area
from gzmap.sheet import PAPERS, SCALES, SheetTable, SheetView, build_answer_tables, export_sheet
from gzmap.sheet.tables import ANSWER_COLUMNS
from gzmap.sheet.typeset import FORMATS
from tests.makers import make_project
from tests.sheet_makers import LINK, PURPLE, make_own, make_view, put_layer
from tests.sheet_readers import (
    Path as Drawn,
)
from tests.sheet_readers import (
    count_pages,
    count_pictures,
    find_words,
    read_metadata,
    read_paths,
    read_size,
    read_text,
    squeeze,
)

MIDDLE = (113.3, 23.1)
HOSTILE = "</text><script>alert(1)</script>\"'&`]]>\x00\ufffe#sys.inputs $x$ *b* //注 \\u{1F600} 大㘵沙𠮷{{7*7}}"
LAYOUTS = list(itertools.product(PAPERS, (False, True)))


def print_pdf(atlas: Atlas, **members: object) -> bytes:
    [pdf] = export_sheet(atlas, make_view(atlas, **members)).pages
    return pdf


def find_drawn(pdf: bytes, colour: tuple[int, int, int], page: int = 0) -> list[Drawn]:
    return [path for path in read_paths(pdf, page) if path.stroke == colour]


def make_line(scale: int, bearing_deg: float) -> shapely.LineString:
    """A line through the middle of the tests' sheets, some 80 mm long on paper."""
    half_deg = 0.040 * scale / 111_200
    lon, lat = MIDDLE
    dx = half_deg * math.sin(math.radians(bearing_deg)) / math.cos(math.radians(lat))
    dy = half_deg * math.cos(math.radians(bearing_deg))
    return shapely.LineString([(lon - dx, lat - dy), (lon + dx, lat + dy)])


# --- true scale


@pytest.mark.parametrize(
    ("paper", "landscape", "scale"),
    [*((*layout, 50_000) for layout in LAYOUTS), *(("A3", True, scale) for scale in SCALES if scale != 50_000)],
)
def test_lengths_on_paper_are_true(atlas: Atlas, paper: str, landscape: bool, scale: int) -> None:
    """Measured on paper, lines in three directions are as long as on the ellipsoid, within 0.5 %."""
    lines = [make_line(scale, bearing) for bearing in (0, 90, 37)]
    own = make_own(lines, style={"dash": None})
    view = {"layer_ids": ("districts",), "center": MIDDLE, "scale": scale, "paper": paper, "landscape": landscape}
    pdf = print_pdf(atlas, own=(own,), labels=False, **view)
    width, height = PAPERS[paper][::-1] if landscape else PAPERS[paper]
    assert read_size(pdf) == pytest.approx((width, height), abs=0.01)
    drawn = [p for p in find_drawn(pdf, PURPLE) if p.length_mm > 40]
    assert len(drawn) == 3
    for line, path in zip(lines, drawn, strict=True):
        assert path.length_mm == pytest.approx(find_length_m(line) * 1000 / scale, rel=0.005)
        assert 79 < path.length_mm < 81


def test_the_scale_bar_is_as_long_as_it_says(atlas: Atlas) -> None:
    pdf = print_pdf(atlas, center=MIDDLE, scale=50_000, paper="A3")
    text = read_text(pdf)
    assert "图上1厘米=实地500米" in text
    steps = re.search(r"1:500000(0\.5|1)(\d)", text)
    assert steps
    pieces = [p for p in read_paths(pdf) if p.stroke == (34, 34, 34) and is_bar(p)]
    assert len(pieces) in (4, 5)
    lengths = [p.bounds[2] - p.bounds[0] for p in pieces]
    assert lengths == pytest.approx([lengths[0]] * len(lengths), abs=0.01)
    assert lengths[0] * 50_000 / 1e6 == pytest.approx(float(steps[1]), rel=0.005)
    assert f"{len(lengths) * float(steps[1]):g}公里" in text
    assert {p.fill for p in pieces} == {(34, 34, 34), (255, 255, 255)}


def is_bar(path: Drawn) -> bool:
    west, south, east, north = path.bounds
    return path.fill is not None and abs(north - south - 1.5) < 0.01 and east - west > 5


def test_a_place_is_where_the_grid_says(atlas: Atlas) -> None:
    """A point's mark lies in the middle of a sheet around it, and the frame is what the sheet reports."""
    own = make_own([shapely.Point(MIDDLE)])
    view = make_view(atlas, layer_ids=("districts",), own=(own,), center=MIDDLE, scale=25_000, labels=False)
    sheet = export_sheet(atlas, view)
    west, south, east, north = sheet.bounds_m
    frame = max(
        (p.bounds for p in read_paths(sheet.pages[0]) if p.stroke == (34, 34, 34) and p.fill is None),
        key=lambda b: (b[2] - b[0]) * (b[3] - b[1]),
    )
    [pin] = [p for p in read_paths(sheet.pages[0]) if p.fill == PURPLE and p.bounds[0] < frame[2]]
    assert (pin.bounds[0] + pin.bounds[2]) / 2 == pytest.approx((frame[0] + frame[2]) / 2, abs=0.05)
    assert (pin.bounds[1] + pin.bounds[3]) / 2 == pytest.approx((frame[1] + frame[3]) / 2, abs=0.05)
    # The outer border stands 4.2 mm outside the map, less half its own width.
    assert frame[2] - frame[0] - 2 * (4.2 - 0.275) == pytest.approx((east - west) / 25, abs=0.05)
    assert frame[3] - frame[1] - 2 * (4.2 - 0.275) == pytest.approx((north - south) / 25, abs=0.05)


# --- what belongs to a sheet


def test_a_sheet_has_all_that_belongs_to_a_map(atlas: Atlas) -> None:
    pdf = print_pdf(atlas, permalink=LINK)
    text = read_text(pdf)
    for words in (
        *("美丽广州规划要素图", "图例", "河流水道", "表示方法", "示意", "位置有据", "北", "坐标北", "真北偏东"),
        *("EPSG:4547", "公里网间隔", "公开征求意见稿", "2025-09-23", "2025-12-02", "资料来源", "图中要素误差约"),
        *("未能落位，未绘出", "非官方示意图，不作为法定依据", "未经地图审核，仅限内部使用，不得公开登载"),
        *("扫码打开此图", "白云区", "数据录入至"),
    ):
        assert words in text, words
    assert count_pages(pdf) == 1
    assert read_metadata(pdf)["Title"] == "美丽广州规划要素图"


def test_a_sheet_is_drawn_in_vectors(atlas: Atlas) -> None:
    pdf = print_pdf(atlas, permalink=LINK, cards=True)
    assert [count_pictures(pdf, page) for page in range(count_pages(pdf))] == [0] * count_pages(pdf)
    assert len(read_paths(pdf)) > 100


@pytest.mark.parametrize(("paper", "landscape"), LAYOUTS)
def test_the_standing_is_at_the_lower_left(atlas: Atlas, paper: str, landscape: bool) -> None:
    for words, number in (("未经地图审核", ""), ("审图号", "粤S（2026）001号")):
        pdf = print_pdf(atlas, paper=paper, landscape=landscape, review_number=number)
        width, height = read_size(pdf)
        left, bottom, *_ = find_words(pdf, words)
        assert left < 0.2 * width
        assert 0 < bottom < 0.12 * height
        assert ("未经地图审核" in read_text(pdf)) == (number == "")


def test_the_sheet_speaks_english(atlas: Atlas) -> None:
    text = read_text(print_pdf(atlas, lang="en", title="Waters", cards=True))
    assert "Waters" in text
    for words in ("Legend", "Rivers and channels", "Unofficial schematic map", "Not reviewed", "Baiyun District"):
        assert squeeze(words) in text
    assert "图例" not in text


def test_signs_are_those_of_the_page(atlas: Atlas) -> None:
    """Schematic things are dashed, known ones solid; a point that nobody knows well is a disc as large as that."""
    pdf = print_pdf(atlas, layer_ids=("districts", "mountains", "hot_springs"), labels=False)
    blue = tuple(bytes.fromhex(atlas.catalog.entries["mountains"].style["color"][1:]))
    methods = list(atlas.layers["mountains"]["method"])
    hills = [p for p in find_drawn(pdf, blue) if p.bounds[0] < 150 and len(p.points) > 5]
    closed = [p for p in hills if math.dist(p.points[0], p.points[-1]) < 1]
    assert sum(p.dashed for p in closed) >= methods.count("schematic")
    assert any(not p.dashed for p in closed) == ("digitized" in methods)
    sheet = export_sheet(atlas, make_view(atlas, layer_ids=("hot_springs",)))
    orange = tuple(bytes.fromhex(atlas.catalog.entries["hot_springs"].style["color"][1:]))
    discs = [p for p in find_drawn(sheet.pages[0], orange) if p.dashed]
    widths = sorted(p.bounds[2] - p.bounds[0] for p in discs)[-2:]
    parts = atlas.layers["hot_springs"]
    wanted = sorted(2 * accuracy * 1000 / sheet.scale for accuracy in parts["accuracy_m"])
    assert widths == pytest.approx(wanted, rel=0.01)


def test_the_legend_lists_what_is_seen_and_nothing_else(atlas: Atlas) -> None:
    shown = read_text(print_pdf(atlas, layer_ids=("districts", "mountains", "hot_springs")))
    assert "山体" in shown
    assert "温泉集聚区" in shown
    assert "碧道" not in shown
    around = {"center": (113.27, 23.14), "scale": 25_000}
    near = read_text(print_pdf(atlas, layer_ids=("districts", "mountains", "hot_springs"), **around))
    assert "山体" in near
    assert "温泉集聚区" not in near
    faded = read_text(print_pdf(atlas, layer_ids=("districts", "mountains"), opacity={"mountains": 0.0}))
    assert "山体" not in faded


def test_all_layers_find_room_in_the_legend(atlas: Atlas) -> None:
    """Its rows fold into columns; nothing is left off on the smallest paper."""
    for paper, landscape in LAYOUTS:
        pdf = print_pdf(atlas, layer_ids=tuple(atlas.catalog.entries), paper=paper, landscape=landscape, labels=False)
        text = "".join(read_text(pdf, page) for page in range(count_pages(pdf)))
        seen = [e.title for e in atlas.catalog.entries.values() if e.raw["derived"]["located"]]
        assert [title for title in seen if title not in text] == []


def test_a_legend_that_is_too_long_goes_on_a_further_page(atlas: Atlas) -> None:
    own = [make_own([shapely.Point(MIDDLE).buffer(0.1)], title=f"本单位的第{n}个图层") for n in range(120)]
    pdf = print_pdf(atlas, own=tuple(own), labels=False)
    assert count_pages(pdf) == 2
    text = read_text(pdf) + read_text(pdf, 1)
    assert "图例（续）" in read_text(pdf, 1)
    assert [n for n in range(120) if f"本单位的第{n}个图层" not in text] == []


def test_what_has_no_place_is_named(atlas: Atlas) -> None:
    sheet = export_sheet(atlas, make_view(atlas, layer_ids=("districts", "energy_parks")))
    missing = [f for f in atlas.features.values() if f.layer_id == "energy_parks" and f.geometry is None]
    assert sheet.unlocated == tuple(f.feature_id for f in missing) != ()
    text = read_text(sheet.pages[0])
    assert f"{len(missing)}处未能落位，未绘出：" in text
    assert all(squeeze(f.name) in text for f in missing)
    # It belongs to another district than this sheet shows.
    elsewhere = make_view(atlas, layer_ids=("districts", "energy_parks"), center=(113.55, 22.75), scale=50_000)
    assert export_sheet(atlas, elsewhere).unlocated == ()


def test_a_selected_feature_and_an_area_stand_out(atlas: Atlas) -> None:
    area = shapely.box(113.3, 23.0, 113.4, 23.1)
    chosen = atlas.layers["mountains"].index[0]
    plain = print_pdf(atlas, bbox=(113.1, 22.9, 113.6, 23.4))
    pdf = print_pdf(atlas, bbox=(113.1, 22.9, 113.6, 23.4), area=area, selected=chosen)
    text = read_text(pdf)
    assert "查询范围" in text
    assert f"选中要素：{atlas.features[chosen].name}" in text
    ink = (34, 34, 34)
    assert len(find_drawn(pdf, ink)) > len(find_drawn(plain, ink))
    assert "查询范围" not in read_text(plain)


def test_without_labels_the_map_has_no_names(atlas: Atlas) -> None:
    assert "海珠区" not in read_text(print_pdf(atlas, labels=False))
    assert "海珠区" in read_text(print_pdf(atlas))


# --- further pages


def test_cards_quote_the_plan(atlas: Atlas) -> None:
    view = make_view(atlas, layer_ids=("districts", "mountains", "platforms"), cards=True)
    sheet = export_sheet(atlas, view)
    [pdf] = sheet.pages
    text = "".join(read_text(pdf, page) for page in range(1, count_pages(pdf)))
    assert "图中要素与原文" in text
    assert "未能落位的要素" in text
    for feature_id in (*sheet.shown, *sheet.unlocated):
        assert squeeze(atlas.features[feature_id].name) in text
    assert "帽峰山、东濠涌、珠江" in text
    assert "第七章›" in text
    assert count_pages(print_pdf(atlas)) == 1


def test_tables_have_pages_of_their_own(atlas: Atlas) -> None:
    rows = tuple((f"要素{n}", f"{n}.5", "“保育青山。”") for n in range(80))
    table = SheetTable("涉及内容", ("要素", "重叠（km²）", "原文"), rows, ("非规划符合性审查意见",))
    pdf = print_pdf(atlas, tables=(table,))
    assert count_pages(pdf) >= 2
    pages = [read_text(pdf, page) for page in range(1, count_pages(pdf))]
    assert "非规划符合性审查意见" in pages[0]
    assert all("重叠（km²）" in page for page in pages)
    assert all(f"要素{n}" in "".join(pages) for n in range(80))


def test_an_answer_about_an_area_has_its_pages(atlas: Atlas) -> None:
    area = shapely.box(113.3, 23.05, 113.4, 23.15)
    answer = find_in_area(atlas, area)
    tables = (*build_area_tables(atlas, answer), build_pair_table(atlas, (), own_titles={}))
    assert [set(ANSWER_COLUMNS[t.name]) - {c.name for c in t.columns} for t in tables if t.name in ANSWER_COLUMNS] == [
        set()
    ] * len(ANSWER_COLUMNS)
    pages = build_answer_tables(tables, lead=(AREA_TITLE[0], "范围：甲。"), lang="zh")
    assert pages[0].title == AREA_TITLE[0]
    assert pages[0].notes == ("范围：甲。",)
    pdf = print_pdf(atlas, tables=pages, area=area, title=AREA_TITLE[0])
    text = "".join(read_text(pdf, page) for page in range(1, count_pages(pdf)))
    assert "三区三线" in text
    assert all(squeeze(row.name) in text for row in answer.rows)
    assert "精度提示" in text
    english = build_answer_tables(build_area_tables(atlas, answer, lang="en"), lead=("Title",), lang="en")
    assert english[0].heads[:4] == ("Name", "Layer", "Status", "Relation")


def test_an_answer_without_rows_still_says_what_was_asked(atlas: Atlas) -> None:
    assert build_answer_tables((), lead=("题", "甲。"), lang="zh") == (SheetTable("题", (), (), ("甲。",)),)
    pdf = print_pdf(atlas, tables=(SheetTable("题", ("甲", "乙"), (), ("没有。",)), SheetTable("空", (), ())))
    assert "没有。" in read_text(pdf, 1)


# --- whatever the words


def test_hostile_words_are_printed_as_they_are(atlas: Atlas) -> None:
    own = make_own([shapely.Point(MIDDLE).buffer(0.01)], title=HOSTILE, names=[HOSTILE])
    table = SheetTable(HOSTILE, (HOSTILE,), ((HOSTILE,),), (HOSTILE,))
    members = {"title": HOSTILE, "review_number": HOSTILE, "permalink": HOSTILE, "tables": (table,), "own": (own,)}
    pdf = print_pdf(atlas, center=MIDDLE, scale=50_000, **members)
    text, further = read_text(pdf), read_text(pdf, 1)
    for shown in (text, further):
        assert shown.count("<script>alert(1)</script>") >= 4
        assert shown.count(squeeze("#sys.inputs $x$ *b* //注 \\u{1F600}")) >= 4
        assert shown.count("大㘵沙𠮷{{7*7}}") >= 4


@pytest.mark.parametrize("title", ["图" * 160, "Plan " * 32, "", "一\n二"])
def test_titles_of_any_length_fit(atlas: Atlas, title: str) -> None:
    pdf = print_pdf(atlas, title=title, paper="A4")
    _, height = read_size(pdf)
    legend_top = find_words(pdf, "图例")[3]
    assert squeeze(title) in read_text(pdf)
    if title.strip():
        left, bottom, *_ = find_words(pdf, title.split(maxsplit=1)[0][:4])
        assert legend_top < bottom < height
        assert left > 8


def test_a_project_without_anything_to_print(tmp_path: Path) -> None:
    made = open_atlas(make_project(tmp_path))
    view = SheetView(("districts", "labels", "parks", "streams", "spots"), "某市", bbox=(113.1, 23.0, 113.5, 23.3))
    sheet = export_sheet(made, view)
    assert set(sheet.shown) == {"parks.p001", "parks.p002", "streams.s001", "spots.b001", "spots.b002"}
    assert "无名谷" in read_text(sheet.pages[0])
    empty = export_sheet(made, SheetView(("parks",), "空", center=(113.9, 22.7), scale=10_000, cards=True))
    assert empty.shown == ()
    assert "图幅内没有所选图层的要素" in read_text(empty.pages[0])


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Polygon([(113.2, 23.0), (113.4, 23.2), (113.4, 23.0), (113.2, 23.2)]),
        shapely.GeometryCollection(),
        None,
        shapely.MultiPolygon([shapely.box(113, 22.9, 114, 23.5), shapely.box(113.29, 23.09, 113.31, 23.11)]),
        shapely.LineString([(113.3, 23.1), (113.3, 23.1)]),
    ],
    ids=["bow tie", "empty", "nothing", "overlapping", "no length"],
)
def test_own_layers_may_be_badly_drawn(atlas: Atlas, shape: shapely.Geometry | None) -> None:
    own = make_own([shape, shapely.Point(MIDDLE)])
    made = put_layer(atlas, "mountains", [shape, shapely.Point(MIDDLE)], method=["schematic"] * 2)
    pdf = print_pdf(made, layer_ids=("mountains",), own=(own,), center=MIDDLE, scale=50_000)
    assert "控规用地" in read_text(pdf)
    assert "山体" in read_text(pdf)


def test_own_layers_may_have_no_symbol(atlas: Atlas) -> None:
    own = make_own([shapely.box(113.2, 23, 113.4, 23.2)], style={"weight": 0, "fill_opacity": 0})
    assert "控规用地" in read_text(print_pdf(atlas, own=(own,), center=MIDDLE, scale=50_000))


# --- files


def test_the_same_view_gives_the_same_bytes(atlas: Atlas, root: Path) -> None:
    members = {"permalink": LINK, "cards": True, "paper": "A3", "area": shapely.box(113.2, 23.0, 113.3, 23.1)}
    view = make_view(atlas, **members)
    assert load_layer(root / atlas.catalog.entries["mountains"].path).equals(atlas.layers["mountains"])
    for fmt in FORMATS:
        assert export_sheet(atlas, view, fmt=fmt).pages == export_sheet(atlas, view, fmt=fmt).pages
    assert read_metadata(export_sheet(atlas, view).pages[0])["CreationDate"] == "D:20250923000000Z"


def test_a_png_says_how_large_it_is(atlas: Atlas) -> None:
    sheet = export_sheet(atlas, make_view(atlas, cards=True), fmt="png", dpi=100)
    assert len(sheet.pages) > 1
    for page in sheet.pages:
        chunks = dict(read_chunks(page))
        assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (827, 1169)
        assert struct.unpack(">IIB", chunks[b"pHYs"]) == (3937, 3937, 1)


def read_chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and content of each chunk of a PNG, each with its right checksum."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = [], 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        content = png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + content)
        chunks.append((kind, content))
        at += 12 + length
    return chunks


# --- what cannot be printed


def test_remarks_tell_what_did_not_fit(atlas: Atlas) -> None:
    bbox = (113.1, 22.9, 113.6, 23.4)
    sheet = export_sheet(atlas, make_view(atlas, bbox=bbox, scale=50_000, permalink="x" * 4000))
    assert [code for code, _ in sheet.remarks] == ["too_small", "no_qr"]
    fits = export_sheet(atlas, make_view(atlas, bbox=bbox))
    assert f"1:{fits.scale}" in sheet.remarks[0][1]
    assert fits.remarks == ()
    assert "扫码打开此图" not in read_text(sheet.pages[0])


def test_an_area_off_the_sheet_is_told_not_outlined(atlas: Atlas) -> None:
    north = shapely.box(113.6, 23.6, 113.7, 23.7)
    sheet = export_sheet(atlas, make_view(atlas, bbox=(113.1, 22.9, 113.2, 23.0), area=north))
    assert [code for code, _ in sheet.remarks] == ["area_off"]
    assert export_sheet(atlas, make_view(atlas, bbox=north.bounds, area=north)).remarks == ()


def test_what_is_not_there_cannot_be_printed(atlas: Atlas, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'mountains'"):
        print_pdf(atlas, layer_ids=("mountain",))
    with pytest.raises(NotFoundError, match="Feature"):
        print_pdf(atlas, selected="mountains.m999")
    with pytest.raises(ExportError, match="did you mean 'pdf'"):
        export_sheet(atlas, make_view(atlas), fmt="pdx")
    root = make_project(tmp_path)
    (root / "layers/parks.geojson").write_text("{}", encoding="utf-8")
    with pytest.raises(CatalogError, match="parks"):
        export_sheet(open_atlas(root), SheetView(("parks",), "图"))
