"""What the table of formats says of their limits is true: what lies beyond is told, renamed, refused or kept beside."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from gzmap.errors import ExportError
from gzmap.export import FORMATS, Choices, Loss, build_frame_dataset, build_order, check_order, export_frame
from gzmap.export.naming import rename_layers
from gzmap.export.tables import Table
from tests.export_readers import BY_TITLE, Read, list_titles, read_debian, read_library, unpack
from tests.hostile import make_plain

ESRI = "{http://www.esri.com/schemas/ArcGIS/10.3}"
WITH_ATTRIBUTES = [key for key, fmt in FORMATS.items() if fmt.attributes]
BY_DEBIAN = ("shp", "gpkg", "gdb", "geojson", "kml", "csv", "fgb")
REPLACED = frozenset({"replace-characters"})


def system_of(fmt: str) -> str:
    return "EPSG:4547" if FORMATS[fmt].crs is None else FORMATS[fmt].crs[0]


def write(frame: geopandas.GeoDataFrame, folder: Path, fmt: str, *, layer: str = "a", **choices: object) -> Path:
    path = folder / f"out{FORMATS[fmt].suffix}"
    return export_frame(frame, path, layer=layer, fmt=fmt, crs=system_of(fmt), **choices)


def check(frame: geopandas.GeoDataFrame, fmt: str, *, layer: str = "a", **choices: object) -> list[Loss]:
    dataset = build_frame_dataset({layer: frame}, title=layer, crs=system_of(fmt))
    return list(check_order(dataset, Choices(fmt, system_of(fmt), **choices)))


def find(losses: list[Loss], code: str) -> list[Loss]:
    return [loss for loss in losses if loss.code == code]


def read(path: Path, fmt: str, name: str) -> Read:
    place = unpack(path, path.parent / "members")
    return read_library(fmt, place, name, list_titles(fmt, place)[0] if fmt in BY_TITLE else "")


def read_both(path: Path, fmt: str, name: str) -> list[Read]:
    place = unpack(path, path.parent / "members")
    title = list_titles(fmt, place)[0] if fmt in BY_TITLE else ""
    second = read_debian(fmt, place, {name: title}, path.parent / "second")[name]
    return [read_library(fmt, place, name, title), second]


# --- titles


def list_aliases(path: Path) -> dict[str, list[str]]:
    """List the aliases in a geodatabase by table, the table's own last, from the XML in which ArcGIS keeps them."""
    meta, _, _, values = pyogrio.raw.read(path, layer="GDB_Items", LIST_ALL_TABLES="YES")
    items = dict(zip(meta["fields"], values, strict=True))
    trees = {name: ET.fromstring(text) for name, text in zip(items["Name"], items["Definition"], strict=True) if text}
    return {name: [alias.text or "" for alias in tree.iter("AliasName")] for name, tree in trees.items()}


@pytest.mark.parametrize("long", ["长" * 300, "𠮷" * 200, "x" * 254 + "𠮷"])
def test_aliases_of_a_geodatabase_are_cut_at_a_character_and_whole_in_the_dictionary(tmp_path, long):
    path = write(make_plain(**{long: ["v"]}), tmp_path, "gdb", layer=f"{long}层")
    kept = long.encode("utf-16-le")[:510].decode("utf-16-le", "ignore")
    (name,) = [name for name in list_aliases(path) if name not in ("Workspace", "field_dictionary", "readme", "")]
    field, layer = list_aliases(path)[name][-2:]
    assert (field, layer) == (kept, kept)
    told = pyogrio.read_dataframe(path, layer="field_dictionary", read_geometry=False)
    assert list(told["title"]) == [long]
    assert list(told["layer_title"]) == [f"{long}层"]
    assert [(loss.field, loss.severity) for loss in find(check(make_plain(**{long: ["v"]}), "gdb"), "title")] == [
        (told["field"][0], "note")
    ]


def test_titles_of_a_geodatabase_are_well_formed_whatever_they_were(tmp_path):
    frame = make_plain(**{"甲\x01<&>\ufffe": ["v"]})
    aliases = list_aliases(write(frame, tmp_path, "gdb", layer='层\x02"&\uffff'))
    assert ["甲�<&>�", '层�"&�'] in aliases.values()
    losses = find(check(frame, "gdb", layer='层\x02"&\uffff'), "title")
    assert [loss.detail for loss in losses] == ["标题中的 U+0002、U+FFFF 写成 �", "标题中的 U+0001、U+FFFE 写成 �"]


@pytest.mark.parametrize(
    ("title", "sheet"),
    [
        ("a\ufffeb", "a�b"),
        ("\x01", "�"),
        ("a/b[c]", "a_b_c_"),
        ("'引号'", "引号"),
        ("长" * 40, "长" * 31),
        (f"{'a' * 30}'b", "a" * 30),
        ("History", "History_2"),
        ("说明", "说明"),
    ],
)
def test_sheets_have_names_that_excel_takes(tmp_path, title, sheet):
    path = write(make_plain(x=["v"]), tmp_path, "xlsx", layer=title)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == sheet
    assert len({name.lower() for name in book.sheetnames}) == len(book.sheetnames)
    assert book.properties.title == re.sub("[\x01\ufffe]", "�", title)
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            ET.fromstring(archive.read(member))
    is_told = bool(find(check(make_plain(x=["v"]), "xlsx", layer=title), "title"))
    assert is_told == (sheet != title)


# --- names of layers


@pytest.mark.parametrize(
    ("fmt", "layer", "name"),
    [
        ("gdb", "values", "l_values"),
        ("gdb", "Select", "l_Select"),
        ("gdb", "GDB_items", "l_GDB_items"),
        ("gdb", "readme", "l_readme"),
        ("gpkg", "values", "values"),
        ("gpkg", "gpkg_contents", "l_gpkg_contents"),
        ("gpkg", "sqlite_x", "l_sqlite_x"),
        ("gpkg", "readme", "l_readme"),
        ("shp", "CON", "l_CON"),
        ("shp", "nul", "l_nul"),
    ],
)
def test_names_that_a_format_keeps_for_itself_are_told_as_renamed(tmp_path, fmt, layer, name):
    frame = make_plain(x=["v"])
    path = write(frame, tmp_path, fmt, layer=layer)
    assert read(path, fmt, name).fields["x"] == ["v"]
    renamed = find(check(frame, fmt, layer=layer), "layer-name")
    assert [loss.severity for loss in renamed] == ["changed"] * (name != layer)
    assert all(f"写作 {name}" in loss.detail for loss in renamed)


@pytest.mark.parametrize("layer", ["readme", "field_dictionary", "说明", "字段说明", "wkt_parts"])
def test_a_layer_may_be_called_like_a_table_beside_it(tmp_path, layer):
    for fmt in ("gpkg", "gdb", "xlsx", "shp", "dxf"):
        folder = tmp_path / fmt
        folder.mkdir()
        path = write(make_plain(x=["here"]), folder, fmt, layer=layer)
        if fmt == "xlsx":
            book = openpyxl.load_workbook(path)
            assert [c.value for c in book.worksheets[0]["A"]] == ["x", "here"]
        elif fmt in ("gpkg", "gdb"):
            (name,) = [str(n) for n, kind in pyogrio.list_layers(path) if kind]
            assert list(pyogrio.read_dataframe(path, layer=name)["x"]) == ["here"]
        else:
            with zipfile.ZipFile(path) as archive:
                assert len(set(archive.namelist())) == len(archive.namelist())


RESERVED = sorted({name for fmt in FORMATS.values() for name in (*fmt.reserved_layers, *fmt.reserved_starts)})


@pytest.mark.parametrize("fmt", FORMATS)
@given(names=st.lists(st.one_of(st.sampled_from(RESERVED), st.from_regex(r"[a-z_]{1,8}", fullmatch=True)), max_size=9))
def test_layers_keep_no_reserved_name_and_stay_apart(fmt, names):
    limits = FORMATS[fmt]
    tables = [Table(name, "", "", ()) for name in dict.fromkeys([*names, *(f"l_{name}" for name in names)])]
    renamed = rename_layers(tables, limits)
    found = [renamed.get(table.name, table.name).lower() for table in tables]
    assert len(set(found)) == len(tables)
    assert not set(found) & limits.reserved_layers
    assert not any(name.startswith(limits.reserved_starts) for name in found)
    assert renamed == rename_layers(tables, limits)


def test_a_layer_of_a_project_is_renamed_with_all_that_belongs_to_it(project_with_values, tmp_path):
    path = project_with_values(tmp_path / "out.gdb.zip", "gdb")
    told = pyogrio.read_dataframe(path, layer="l_values")
    assert list(told["name"]) == ["白云湖"]


@pytest.fixture
def project_with_values(tmp_path):
    """Give a function that writes the only layer of a project, which is called by a word of SQL."""
    from gzmap.atlas import read_atlas
    from gzmap.export import Selection, build_dataset, export_order
    from tests.makers import make_feature, make_points, make_project

    root = make_project(tmp_path, {"values": [make_feature("values.v001", "白云湖", make_points((113.2, 23.1)))]}, [])
    atlas = read_atlas(root)

    def export(path: Path, fmt: str) -> Path:
        dataset = build_dataset(atlas, Selection(("values",)), "EPSG:4547")
        return export_order(build_order(dataset, Choices(fmt, "EPSG:4547")), path)

    return export


# --- names of fields


@pytest.mark.parametrize("fmt", WITH_ATTRIBUTES)
@pytest.mark.parametrize("names", ["ascii", "pinyin", "chinese"])
def test_columns_that_drivers_take_for_their_own_come_back(tmp_path, fmt, names):
    """A table from PostGIS or GDAL has such columns; taken for a row's number or geometry they would be lost."""
    own = ["OGC_FID", "fid", "wkb_geometry", "geom", "OBJECTID", "SHAPE", "description", "begin", "end", "timestamp"]
    own += ["visibility", "drawOrder", "icon", "tessellate", "WKT"]
    frame = make_plain(**{name: [f"{number}号"] for number, name in enumerate(own)})
    path = write(frame, tmp_path, fmt, names=names)
    name = "a"
    reads = read_both(path, fmt, name) if fmt in BY_DEBIAN else [read(path, fmt, name)]
    for found in reads:
        values = [v for values in found.fields.values() for v in values]
        assert set(values) >= {f"{number}号" for number in range(len(own))}
        assert [shape is not None for shape in found.shapes] == [True]


@pytest.mark.parametrize("fmt", WITH_ATTRIBUTES)
def test_whole_numbers_in_a_column_like_a_row_number_come_back(tmp_path, fmt):
    path = write(make_plain(OGC_FID=[70, 80], ogc_fid_2=[1, 2]), tmp_path, fmt, names="pinyin")
    values = [sorted(int(v) for v in some) for some in read(path, fmt, "a").fields.values()]
    assert [70, 80] in values


def test_a_colon_is_no_part_of_a_name_in_a_dbf(tmp_path):
    frame = make_plain(**{"a:b": ["v"]})
    path = write(frame, tmp_path, "shp", names="chinese")
    assert read(path, "shp", "a").fields == {"a_b": ["v"]}
    assert any("a_b" in loss.detail for loss in find(check(frame, "shp", names="chinese"), "field-name"))


@pytest.mark.parametrize("fmt", WITH_ATTRIBUTES)
def test_a_layer_without_columns_gets_row_numbers(tmp_path, fmt):
    frame = make_plain(x=["v", "w"])[["geometry"]]
    path = write(frame, tmp_path, fmt)
    reads = read_both(path, fmt, "a") if fmt in BY_DEBIAN else [read(path, fmt, "a")]
    assert all([str(v) for v in sorted(found.fields["row_id"])] == ["1", "2"] for found in reads)
    assert [loss.field for loss in find(check(frame, fmt), "row-id")] == ["row_id"]


# --- characters

LACKED = ["\x01", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"]


@pytest.mark.parametrize("character", LACKED)
def test_kml_refuses_what_xml_lacks_or_writes_a_mark(tmp_path, character):
    frame = make_plain(t=[f"甲{character}乙", "丙"])
    (loss,) = find(check(frame, "kml"), "character")
    assert (loss.severity, loss.fix, loss.feature_id) == ("refused", "replace-characters", "1")
    assert f"U+{ord(character):04X}（1）" in loss.detail
    with pytest.raises(ExportError, match=r"take GeoPackage or accept a mark .*'replace-characters'"):
        write(frame, tmp_path, "kml")
    assert not list(tmp_path.iterdir())
    (loss,) = find(check(frame, "kml", fixes=REPLACED), "character")
    assert (loss.severity, "�" in loss.detail) == ("changed", True)
    path = write(frame, tmp_path, "kml", fixes=REPLACED)
    assert read(path, "kml", "a").fields["t"] == ["甲�乙", "丙"]


@pytest.mark.parametrize("character", [*LACKED, "_x0001_", "<r>甲</r>"])
def test_a_workbook_holds_what_xml_lacks(tmp_path, character):
    texts = [character, f"甲{character}", f"{character}乙"]
    path = write(make_plain(t=texts), tmp_path, "xlsx")
    cells = [cell.value for cell in openpyxl.load_workbook(path).worksheets[0]["A"]]
    assert [unescape(cell) for cell in cells] == ["t", *texts]
    assert not find(check(make_plain(t=texts), "xlsx"), "character")


@pytest.mark.parametrize("character", ["\0", "\ud800"])
@pytest.mark.parametrize("fmt", FORMATS)
def test_what_no_file_holds_is_refused_or_marked(tmp_path, fmt, character):
    frame = make_plain(t=[1])
    frame["t"] = pd.Series([f"甲{character}乙"], dtype=object)
    with pytest.raises(ExportError, match=r"correct the text .*'replace-characters'"):
        write(frame, tmp_path, fmt)
    for encoding in FORMATS[fmt].encodings:
        mark = "?" if encoding == "gbk" else "�"
        path = write(frame, tmp_path, fmt, encoding=encoding, fixes=REPLACED)
        found = read(path, "csv" if fmt == "dxf" else fmt, "a")
        assert found.fields["t"] == [f"甲{mark}乙"]


def test_a_mark_stands_for_no_character_that_another_encoding_holds():
    losses = find(check(make_plain(t=["㘵\0"]), "shp", encoding="gbk", fixes=REPLACED), "character")
    assert [(loss.severity, loss.fix) for loss in losses] == [("refused", "encoding=utf-8"), ("changed", "")]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
@pytest.mark.parametrize("fmt", FORMATS)
def test_names_that_no_file_holds_get_a_mark(tmp_path, fmt, name):
    frame = make_plain(x=["v"])
    frame.columns = pd.Index([name, "geometry"], dtype=object)
    for scheme in ("ascii", "pinyin", "chinese"):
        path = write(frame, tmp_path, fmt, layer=name, names=scheme, fixes={"rename"})
        assert path.stat().st_size
        losses = check(frame, fmt, layer=name, names=scheme)
        assert len(find(losses, "title")) >= 2
        str(losses).encode()


# --- ends of lines, times, types


@pytest.mark.parametrize(
    ("fmt", "severities"), [("xlsx", ["changed"]), ("csv", ["note"]), ("gpkg", []), ("kml", []), ("shp", [])]
)
def test_carriage_returns_are_told_where_they_do_not_survive(tmp_path, fmt, severities):
    texts = ["甲\r\n乙", "甲\r乙", "甲\n乙"]
    found = read(write(make_plain(t=texts), tmp_path, fmt), fmt, "a").fields["t"]
    assert (found == texts) == (fmt != "xlsx")
    told = find(check(make_plain(t=texts), fmt), "line-ends")
    assert [loss.severity for loss in told] == severities
    assert not find(check(make_plain(t=["甲\n乙"]), fmt), "line-ends")


def make_moments() -> geopandas.GeoDataFrame:
    zoned = pd.to_datetime(["2025-01-01T08:00:00+08:00", None])
    return make_plain(
        plain=pd.to_datetime(["2025-01-01T08:00:00.250", "2025-01-01T00:00:00.000"]),
        zoned=zoned,
        summer=pd.to_datetime(["2025-07-01T08:00", "2025-01-01T08:00"]).tz_localize("Europe/Berlin"),
    )


TIMES = {
    "gpkg": {"plain": "标为 UTC", "zoned": "换算为 UTC", "summer": "+01:00, +02:00"},
    "gdb": {"plain": "秒以下", "zoned": "照 +08:00 的钟表写出", "summer": "换算为 UTC 写出，不带时区"},
    "fgb": {"summer": "+01:00, +02:00"},
    "parquet": {"summer": "+01:00, +02:00"},
    "xlsx": {},
    "shp": {},
}


@pytest.mark.parametrize("fmt", TIMES)
def test_zones_and_parts_of_seconds_are_told_where_they_do_not_survive(fmt):
    told = {loss.field: loss.detail for loss in find(check(make_moments(), fmt), "time")}
    assert set(told) == set(TIMES[fmt])
    for field, words in TIMES[fmt].items():
        assert words in told[field]


def test_a_geodatabase_shows_the_clock_of_the_one_zone(tmp_path):
    found = read(write(make_moments(), tmp_path, "gdb"), "gdb", "a").fields
    assert found["zoned"] == ["2025-01-01T08:00:00.000", None]
    assert found["plain"] == ["2025-01-01T08:00:00.000", "2025-01-01T00:00:00.000"]
    assert found["summer"] == ["2025-07-01T06:00:00.000", "2025-01-01T07:00:00.000"]


@pytest.mark.parametrize("fmt", ["gpkg", "fgb", "parquet", "xlsx", "geojson", "kml", "csv", "shp"])
def test_a_moment_is_the_same_moment_in_every_format(tmp_path, fmt):
    found = read(write(make_moments(), tmp_path, fmt), fmt, "a").fields["zoned"]
    moments = {pd.Timestamp(value) for value in found if value is not None}
    is_bare = all(moment.tzinfo is None for moment in moments)
    # pyogrio's plain reading gives times in UTC, or as they stand, without the zone.
    expected = {"gpkg": "2025-01-01T00:00", "fgb": "2025-01-01T08:00", "geojson": "2025-01-01T08:00"}
    zoned = pd.Timestamp("2025-01-01T08:00:00+08:00")
    assert moments == ({pd.Timestamp(expected[fmt])} if is_bare else {zoned})


def test_a_csv_has_no_types_which_is_said_once():
    frame = make_plain(n=[1], r=[0.5], b=[True], d=pd.to_datetime(["2025-01-01"]), t=["x"])
    losses = check(frame, "csv")
    assert not find(losses, "type")
    assert [(loss.severity, loss.field) for loss in find(losses, "untyped")] == [("note", "")]
    assert [loss.field for loss in find(check(frame, "geojson"), "type")] == ["d"]
    assert not [loss for fmt in FORMATS if fmt != "csv" for loss in find(check(frame, fmt), "untyped")]


def test_numbers_stay_numbers_in_a_csv_whose_texts_are_marked(tmp_path):
    frame = make_plain(n=[-1], t=["-\0"])
    text = write(frame, tmp_path, "csv", fixes=REPLACED).read_text("utf-8-sig")
    assert text.splitlines()[1].startswith("-1,'-�,")


@pytest.mark.parametrize("fmt", ["shp", "gdb", "kml", "xlsx", "geojson", "gpkg"])
def test_a_number_that_is_too_large_names_its_fix(fmt):
    beyond = {"geojson": 2**63, "gpkg": 2**63}.get(fmt, 2**60)
    (loss,) = find(check(make_plain(n=[beyond]), fmt), "integer")
    assert f"too large for {FORMATS[fmt].title}" in loss.detail_en
    assert "fix 'integers-as-text'" in loss.remedy_en
    assert "（integers-as-text）" in loss.remedy
    assert ("GeoPackage" in loss.remedy) == ("GeoPackage" in loss.remedy_en) == (beyond < 2**63)


def test_a_layer_without_features_is_told():
    frame = make_plain(x=["v"]).iloc[:0]
    for fmt in FORMATS:
        assert [loss.severity for loss in find(check(frame, fmt), "layer-empty")] == ["note"]


# --- geometries


@pytest.mark.parametrize("fmt", FORMATS)
def test_rings_are_lines_in_every_format(tmp_path, fmt):
    ring = shapely.LinearRing([(113, 23), (113.1, 23), (113.1, 23.1)])
    frame = geopandas.GeoDataFrame({"x": ["a", "b"]}, geometry=[ring, ring], crs="EPSG:4490")
    path = write(frame, tmp_path, fmt)
    assert not find(check(frame, fmt), "empty-geometry")
    if fmt != "dxf":
        assert {shape.geom_type.removeprefix("Multi") for shape in read(path, fmt, "a").shapes} == {"LineString"}


@pytest.mark.parametrize("fmt", FORMATS)
def test_empty_parts_are_left_out_and_told(tmp_path, fmt):
    holed = shapely.from_wkt("MULTIPOINT ((113 23), EMPTY)")
    frame = geopandas.GeoDataFrame({"x": ["a"]}, geometry=[holed], crs="EPSG:4490")
    path = write(frame, tmp_path, fmt)
    assert ["1 个空部件" in loss.detail for loss in find(check(frame, fmt), "empty-geometry")] == [True]
    if fmt != "dxf":
        (shape,) = read(path, fmt, "a").shapes
        assert shapely.get_num_coordinates(shape) == 1


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_frame_without_rows_is_written_in_every_format(tmp_path, fmt):
    frame = make_plain(n=[1], t=["x"], d=pd.to_datetime(["2025-01-01"])).iloc[:0]
    path = write(frame, tmp_path, fmt)
    assert path.stat().st_size
    if fmt in ("shp", "gpkg", "gdb", "fgb"):
        assert list(read(path, fmt, "a").fields) == ["n", "t", "d"]


def test_every_part_of_a_workbook_is_xml_whatever_stands_in_the_data(tmp_path):
    odd = "".join(chr(n) for n in itertools.chain(range(1, 32), (0x7F, 0x85, 0x2028, 0xFFFE, 0xFFFF)))
    frame = make_plain(**{f"名{odd}": [odd, "x" * 40000 + odd]})
    path = write(frame, tmp_path, "xlsx", layer=odd, names="chinese")
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        for member in archive.namelist():
            ET.fromstring(archive.read(member))


def test_points_from_a_table_with_gaps_are_nowhere(tmp_path):
    shapes = geopandas.points_from_xy([113.3, np.nan], [23.1, np.nan])
    frame = geopandas.GeoDataFrame({"x": ["a", "b"]}, geometry=shapes, crs="EPSG:4490")
    assert len(find(check(frame, "gpkg"), "empty-geometry")) == 1
    found = read(write(frame, tmp_path, "gpkg"), "gpkg", "a")
    assert [shape is None for shape in found.shapes] == [False, True]


@pytest.mark.parametrize(
    "broken",
    ["POINT (nan 23)", "LINESTRING (113 23, nan 23)", "MULTIPOINT ((nan nan), (113 23))"],
)
def test_coordinates_that_are_no_numbers_are_refused_with_the_row(tmp_path, broken):
    with np.errstate(invalid="ignore"):
        shapes = [shapely.Point(113, 23), shapely.from_wkt(broken)]
    frame = geopandas.GeoDataFrame({"x": ["a", "b"]}, geometry=shapes, crs="EPSG:4490")
    with pytest.raises(ExportError, match=r"'a' has coordinates that are no numbers, in 1 of its rows \(2\); repair"):
        write(frame, tmp_path, "gpkg")
