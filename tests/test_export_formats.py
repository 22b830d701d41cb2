"""Every format beyond the first three comes back whole: with the library that reads it best and with Debian's GDAL."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import ezdxf
import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from pyarrow import parquet

from gzmap.export import FORMATS, export_frame, export_layers
from gzmap.export.selection import Selection, build_dataset
from gzmap.export.tables import Table
from gzmap.export.titles import name_by_titles

csv.field_size_limit(sys.maxsize)

LAYERS = ("energy_parks", "wetlands")
NEW = ("gdb", "kml", "dxf", "csv", "xlsx", "fgb", "parquet")
BY_GDAL = ("gdb", "kml", "csv", "fgb")
FIXES = frozenset({"integers-as-text", "reals-as-text", "rename"})
TEXTS = (
    *("大㘵沙", "𠮷野😀", '=HYPERLINK("http://x","y")', "行一\n行二", 'he said "hi" `x` <b>&amp;</b>', "", None),
    *("+1", "100%%c ^J", "<r><t>x</t></r>", "_x000D_", "</name><x>", "@a", "长" * 40000),
)
TOLERANCE = {"EPSG:4547": 0.001, "EPSG:4326": 1e-8}


def target(folder: Path, fmt: str, *, many: bool, stem: str = "out") -> Path:
    return folder / f"{stem}{FORMATS[fmt].suffix_many if many else FORMATS[fmt].suffix}"


def cases() -> list[tuple[str, str]]:
    return [(f, c) for f in BY_GDAL for c in TOLERANCE if FORMATS[f].crs is None or c in FORMATS[f].crs]


def export_shipped(atlas, folder: Path, fmt: str, crs: str = "EPSG:4326") -> Path:
    return export_layers(atlas, LAYERS, target(folder, fmt, many=True), fmt=fmt, crs=crs)


def find_part(path: Path, table: Table) -> tuple[str, str]:
    """What GDAL opens, and the layer in it."""
    if path.name.endswith(".gdb.zip"):
        return str(path), table.name
    if path.suffix == ".zip":
        part = next(n for n in zipfile.ZipFile(path).namelist() if Path(n).stem == table.name)
        return f"/vsizip/{path}/{part}", table.name
    return str(path), table.title


def ogr(source: str, layer: str, *options: str) -> list[dict]:
    """Read with Debian's ogr2ogr, another GDAL than the one that writes, in the file's own CRS and axis order."""
    command = ["ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=9", *options, "/vsistdout/", source, layer]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return json.loads(done.stdout)["features"]


def name_of(properties: dict) -> str:
    return properties["Name"] if "Name" in properties else properties.get("name")


def assert_same_shape(shape: object, ours: object, tolerance: float) -> None:
    if ours is None:
        assert shape is None
        return
    assert shapely.get_num_coordinates(shape) == shapely.get_num_coordinates(ours)
    assert shapely.hausdorff_distance(shape, ours) < tolerance


# --- the shipped layers


@pytest.mark.parametrize(("fmt", "crs"), cases())
def test_shipped_layers_come_back_with_both_clients(atlas, tmp_path, fmt, crs):
    path = export_shipped(atlas, tmp_path, fmt, crs)
    for table in build_dataset(atlas, Selection(LAYERS), crs).tables:
        source, layer = find_part(path, table)
        names = dict(zip(table.column("name").values, table.geometries, strict=True))
        options = ["-oo", "GEOM_POSSIBLE_NAMES=WKT"] if fmt == "csv" else []
        second = ogr(source, layer, *options)
        assert sorted(name_of(f["properties"]) for f in second) == sorted(names)
        for feature in second:
            shape = feature["geometry"] and shapely.from_geojson(json.dumps(feature["geometry"]))
            assert_same_shape(shape, names[name_of(feature["properties"])], TOLERANCE[crs])
        frame = pyogrio.read_dataframe(source, layer=layer)
        column = "Name" if fmt == "kml" else "name"
        assert sorted(frame[column]) == sorted(names)
        for name, shape in zip(frame[column], frame.geometry, strict=True):
            assert_same_shape(shape, names[name], TOLERANCE[crs])
        if FORMATS[fmt].states_crs:
            assert frame.crs.to_epsg() == int(crs[5:])


@pytest.mark.parametrize("fmt", [f for f in NEW if FORMATS[f].crs is None])
def test_easting_stands_first_in_every_format(atlas, tmp_path, fmt):
    path = export_shipped(atlas, tmp_path, fmt, "EPSG:4547")
    x, y = first_position(path, fmt)
    assert 380_000 < x < 520_000
    assert 2_480_000 < y < 2_660_000


def first_position(path: Path, fmt: str) -> list[float]:
    if fmt == "xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        rows = [row[-1] for row in sheet.iter_rows(min_row=2, values_only=True)]
        shape = shapely.from_wkt(next(v for v in rows if v and v.startswith("M")))
    elif fmt == "dxf":
        shape = next(shapely.Point(e.dxf.location) for e in read_drawing(path).modelspace() if e.dxftype() == "POINT")
    elif fmt == "parquet":
        shape = geopandas.read_parquet(unpack(path, "energy_parks.parquet")).geometry.dropna().iloc[0]
    else:
        source = str(path) if fmt == "gdb" else f"/vsizip/{path}/energy_parks.{fmt}"
        shape = pyogrio.read_dataframe(source, layer="energy_parks").geometry.dropna().iloc[0]
    return shapely.get_coordinates(shape)[0].tolist()


def unpack(path: Path, member: str) -> Path:
    with zipfile.ZipFile(path) as archive:
        return Path(archive.extract(member, path.parent / "unpacked"))


def read_drawing(path: Path, name: str = "layers") -> ezdxf.document.Drawing:
    return ezdxf.readfile(unpack(path, f"{name}.dxf"))


@pytest.mark.parametrize("fmt", NEW)
def test_the_same_input_gives_the_same(atlas, tmp_path, fmt):
    found = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = export_shipped(atlas, folder, fmt)
        os.utime(folder, (0, number))
        found.append(read_content(path) if fmt == "gdb" else hashlib.sha256(path.read_bytes()).hexdigest())
    assert found[0] == found[1]


def read_content(path: Path) -> list:
    layers = pyogrio.list_layers(path)[:, 0]
    return [pyogrio.read_dataframe(path, layer=layer).to_json(default=str) for layer in layers if layer in LAYERS]


def test_exports_leave_the_settings_of_their_libraries(atlas, tmp_path):
    before = ezdxf.options.write_fixed_meta_data_for_testing, pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    for fmt in ("dxf", "fgb"):
        export_shipped(atlas, tmp_path, fmt)
    after = ezdxf.options.write_fixed_meta_data_for_testing, pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    assert before == after


# --- File Geodatabase


def test_geodatabase_has_tables_and_aliases(atlas, tmp_path, ogrinfo):
    path = export_shipped(atlas, tmp_path, "gdb", "EPSG:4547")
    layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    assert layers == [*LAYERS, "evidence", "field_dictionary", "readme"]
    told = subprocess.run([ogrinfo, "-so", path, "wetlands"], capture_output=True, text=True, check=True).stdout
    assert 'name: String (0.0), alternative name="名称"' in told
    assert 'ID["EPSG",4547]' in told
    evidence = pyogrio.read_dataframe(path, layer="evidence", read_geometry=False)
    expected = build_dataset(atlas, Selection(LAYERS), "EPSG:4547").evidence
    assert list(evidence["sentence"]) == expected.column("sentence").values
    with zipfile.ZipFile(path) as archive:
        assert {info.filename.partition("/")[0] for info in archive.infolist()} == {"out.gdb"}


def test_geodatabase_field_names_are_words(tmp_path):
    frame = make_frame()[["name", "geometry"]].assign(**{"面积(亩)": 1, "order": 2, "1a": 3, "𠮷地": 4, "order_": 5})
    path = export_frame(frame, target(tmp_path, "gdb", many=False), fmt="gdb", names="chinese", fixes=FIXES)
    fields = list(pyogrio.read_info(path, layer="out")["fields"])
    assert fields == ["name", "面积_亩_", "order_1", "_1a", "_地", "order_"]


# --- KML


def test_kml_has_names_and_descriptions_that_are_only_text(tmp_path):
    path = export_hostile(tmp_path, "kml")
    frame = pyogrio.read_dataframe(path)
    assert list(frame["Name"]) == [t or "" for t in TEXTS]
    shown = frame["description"][4]
    assert "he said &quot;hi&quot; `x` &lt;b&gt;&amp;amp;&lt;/b&gt;" in shown
    assert "<b>" not in shown


def test_kml_tells_the_sentences_of_the_plan(atlas, tmp_path):
    frame = pyogrio.read_dataframe(export_shipped(atlas, tmp_path, "kml"), layer="新型储能产业园")
    evidence = build_dataset(atlas, Selection(LAYERS), "EPSG:4326").evidence
    for feature_id, sentence in zip(*(evidence.column(c).values for c in ("feature_id", "sentence")), strict=True):
        if feature_id.startswith("energy_parks."):
            shown = frame.loc[frame["id"] == feature_id, "description"].item()
            assert f"原文：{sentence}" in shown


# --- DXF


def test_hostile_names_stay_one_text_each(tmp_path):
    path = export_hostile(tmp_path, "dxf")
    drawing = read_drawing(path, "hostile")
    assert drawing.audit().errors == []
    texts = [t.dxf.text if t.dxftype() == "TEXT" else t.text for t in drawing.modelspace().query("TEXT MTEXT")]
    kept = [t for row, t in enumerate(TEXTS) if t and row != 3]  # the fourth has no geometry
    shown = {"大㘵沙": "大\\U+3635沙", "𠮷野😀": "〓野〓", "长" * 40000: "长" * 127}
    assert texts == [shown.get(t, t.replace("\n", " ").replace("^", "^ ").replace("%%", "％％")) for t in kept]


# --- spreadsheets


def test_workbook_has_a_sheet_per_layer_and_keeps_its_heads_in_sight(atlas, tmp_path):
    book = openpyxl.load_workbook(export_shipped(atlas, tmp_path, "xlsx"))
    titles = [atlas.catalog.entries[layer].title for layer in LAYERS]
    assert [n for n in book.sheetnames if n != "WKT 分段"] == [*titles, "依据", "字段说明", "说明"]
    assert {sheet.freeze_panes for sheet in book.worksheets} == {"A2"}
    assert book.properties.created == dt.datetime(2025, 9, 23)  # noqa: DTZ001
    rows = list(book[titles[1]].iter_rows(values_only=True))
    ours = build_dataset(atlas, Selection(LAYERS), "EPSG:4326").tables[1]
    assert rows[0] == (*(c.name for c in ours.columns), "WKT")
    assert [row[0] for row in rows[1:]] == list(ours.ids)
    for row, geometry in zip(rows[1:], ours.geometries, strict=True):
        if row[-1] is None or not row[-1].startswith("（共"):
            assert_same_shape(row[-1] and shapely.from_wkt(row[-1]), geometry, 1e-12)


def test_long_wkt_stands_in_parts_on_its_own_sheet(tmp_path):
    shape = shapely.Point(113.3, 23.1).buffer(0.1, quad_segs=2000)
    frame = geopandas.GeoDataFrame({"id": ["a"]}, geometry=[shape], crs="EPSG:4326")
    book = openpyxl.load_workbook(export_frame(frame, tmp_path / "a.xlsx", fmt="xlsx", crs="EPSG:4326"))
    parts = list(book["WKT 分段"].iter_rows(min_row=2, values_only=True))
    assert [row[:3] for row in parts] == [("a", "a", n) for n in range(1, len(parts) + 1)]
    assert max(len(row[3]) for row in parts) == 32767
    assert shapely.from_wkt("".join(row[3] for row in parts)).equals(shape)
    assert book.worksheets[0]["B2"].value == f"（共 {len(parts)} 段，见工作表“WKT 分段”）"


def test_nothing_in_a_workbook_is_a_formula_or_a_link(tmp_path):
    path = export_hostile(tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    cells = [c for sheet in book.worksheets for row in sheet.iter_rows() for c in row]
    assert {c.data_type for c in cells} <= {"s", "n", "b", "d", "inlineStr"}
    assert not any(c.hyperlink for c in cells)
    cell = next(c for c in cells if str(c.value).startswith("=HYPERLINK"))
    assert cell.quotePrefix
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    name = [c.value for c in book.worksheets[0][1]].index("name")
    back = [row[name] for row in rows]
    assert [b or "" for b in back[:10]] == [t or "" for t in TEXTS[:10]]
    assert back[13] == TEXTS[13][:32767]
    long = "".join(row[-1] for row in book["长文本"].iter_rows(min_row=2, values_only=True))
    assert long == TEXTS[13]


def test_csv_keeps_numbers_and_defuses_texts(tmp_path):
    content = export_hostile(tmp_path, "csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [r["name"].removeprefix("'") for r in rows] == [t or "" for t in TEXTS]
    assert rows[2]["name"].startswith("'=")
    assert [r["big"] for r in rows[:3]] == [str(2**60), str(-(2**60)), ""]
    assert [r["yes"] for r in rows[:3]] == ["true", "false", ""]
    assert rows[2]["day"] == "1850-01-02"
    shapes = shapely.from_wkt([r["WKT"] or None for r in rows])
    assert shapely.equals_exact(shapes, make_frame().geometry.to_numpy(), 0)[[0, 1, 2, 5]].all()
    assert shapes[3] is None


def test_csv_heads_are_no_formulas(tmp_path):
    frame = make_frame()[["geometry"]].assign(**{"=cmd": 1})
    path = export_frame(frame, tmp_path / "a.csv", fmt="csv", names="chinese", fixes=FIXES)
    assert path.read_text("utf-8-sig").startswith("'=cmd,WKT")


# --- FlatGeobuf and GeoParquet


def test_parquet_states_its_crs_and_keeps_types(tmp_path):
    path = export_hostile(tmp_path, "parquet")
    table = parquet.read_table(path)
    assert table.column_names[-1] == "geometry"
    types = {name: str(table.schema.field(name).type) for name in table.column_names}
    expected = {"name": "string", "big": "int64", "real": "double", "day": "date32[day]", "yes": "bool"}
    assert {name: types[name] for name in expected} == expected
    assert table["big"].to_pylist()[:3] == [2**60, -(2**60), None]
    assert table["name"].to_pylist() == list(TEXTS)
    geo = json.loads(table.schema.metadata[b"geo"])
    assert (geo["version"], geo["columns"]["geometry"]["geometry_types"]) == ("1.1.0", ["MultiPolygon"])
    frame = geopandas.read_parquet(path)
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.isna().tolist() == [row == 3 for row in range(len(TEXTS))]
    assert geo["columns"]["geometry"]["bbox"] == frame.total_bounds.tolist()


@pytest.mark.parametrize("nulls", [True, False])
def test_flatgeobuf_is_indexed_where_every_feature_is_somewhere(tmp_path, nulls):
    frame = make_frame()
    frame = frame if nulls else frame[frame.geometry.notna()]
    path = export_frame(frame, tmp_path / "a.fgb", fmt="fgb", fixes=FIXES)
    assert pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"] is not nulls
    back = pyogrio.read_dataframe(path)
    assert sorted(back["name"].dropna()) == sorted(frame["name"].dropna())
    assert back["big"].max() == 2**60
    assert back.geometry.isna().sum() == int(nulls)


# --- any frame


def make_frame() -> geopandas.GeoDataFrame:
    count = len(TEXTS)
    shapes = [shapely.Point(113 + n / 100, 23 + n / 100).buffer(0.005, quad_segs=2) for n in range(count)]
    shapes = [shapely.MultiPolygon([s]) for s in shapes]
    hole = shapely.box(113, 23, 113.1, 23.1) - shapely.box(113.02, 23.02, 113.04, 23.04)
    shapes[3], shapes[4] = None, shapely.MultiPolygon([hole, shapely.box(113.2, 23.2, 113.3, 23.3)])
    columns = {
        "name": list(TEXTS),
        "big": pd.array([2**60, -(2**60), None, *range(count - 3)], dtype="Int64"),
        "real": [np.nan, 0.1, 1e300, *[1 / 3] * (count - 3)],
        "day": [dt.date(2025, 9, 23), None, dt.date(1850, 1, 2), *[dt.date(2000, 2, 29)] * (count - 3)],
        "moment": pd.to_datetime(["2025-09-23T08:00:01", None, *["2000-01-01T00:00:00"] * (count - 2)]),
        "yes": pd.array([True, False, None, *[True] * (count - 3)], dtype="boolean"),
    }
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def export_hostile(folder: Path, fmt: str, stem: str = "hostile") -> Path:
    path = target(folder, fmt, many=False, stem=stem)
    return export_frame(make_frame(), path, fmt=fmt, layer="hostile", fixes=FIXES)


@pytest.mark.parametrize("fmt", BY_GDAL)
def test_hostile_table_comes_back_with_both_clients(tmp_path, fmt):
    path = export_hostile(tmp_path, fmt)
    ours = make_frame().geometry
    options = ["-oo", "GEOM_POSSIBLE_NAMES=WKT"] if fmt == "csv" else []
    for feature, text, shape in zip(ogr(str(path), "hostile", *options), TEXTS, ours, strict=True):
        assert undo(name_of(feature["properties"]), fmt) == (text or "")
        back = feature["geometry"] and shapely.from_geojson(json.dumps(feature["geometry"]))
        assert_same_shape(back, shape, TOLERANCE["EPSG:4326"])
    frame = pyogrio.read_dataframe(path, layer="hostile")
    column = "Name" if fmt == "kml" else "name"
    assert [undo(v, fmt) for v in frame[column]] == [t or "" for t in TEXTS]
    for back, shape in zip(frame.geometry, ours, strict=True):
        assert_same_shape(back, shape, TOLERANCE["EPSG:4326"])


def undo(value: object, fmt: str) -> str:
    text = value if isinstance(value, str) else ""
    return text.removeprefix("'") if fmt == "csv" else text


@pytest.mark.parametrize("fmt", NEW)
def test_hostile_bytes_are_the_same_twice(tmp_path, fmt):
    first, second = (export_hostile(tmp_path, fmt, stem) for stem in ("a", "b"))
    if fmt == "gdb":
        read = (pyogrio.read_dataframe(p, layer="hostile").to_json(default=str) for p in (first, second))
        assert next(read) == next(read)
    else:
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("fmt", NEW)
def test_a_layer_that_is_nowhere_located_can_be_taken(tmp_path, fmt):
    frame = geopandas.GeoDataFrame({"name": ["无名谷"]}, geometry=[None], crs="EPSG:4326")
    path = export_frame(frame, target(tmp_path, fmt, many=False), fmt=fmt)
    if fmt == "xlsx":
        found = {c.value for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for c in row}
    elif fmt == "parquet":
        found = set(parquet.read_table(path)["name"].to_pylist())
    elif fmt == "dxf":
        with zipfile.ZipFile(path) as archive:
            found = set(archive.read("out.csv").decode("utf-8-sig").split())
        assert list(read_drawing(path, "out").modelspace()) == []
    else:
        frame = pyogrio.read_dataframe(path, layer="out")
        found = set(frame["Name" if fmt == "kml" else "name"])
        assert "geometry" not in frame or frame.geometry.isna().all()
    assert any("无名谷" in str(value) for value in found)


def test_titles_become_names_that_are_once_each_and_fit():
    tables = [Table(f"t{n}", title, "", ()) for n, title in enumerate(("水/系", "水_系", "", "History", "𠮷" * 20))]
    names = name_by_titles(tables, forbidden="/", limit=31, taken=("history",))
    assert names == {"t0": "水_系", "t1": "水_系_2", "t2": "t2", "t3": "History_2", "t4": "𠮷" * 15}
