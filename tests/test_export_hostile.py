"""Data that breaks files, through every format: a clear refusal that names the remedy, or all of it comes back."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import ezdxf
import geopandas
import numpy as np
import openpyxl
import pytest
import shapely
from ezdxf.document import Drawing
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gzmap.errors import ExportError
from gzmap.export import ENCODINGS, FORMATS, SCHEMES, Choices, Order, build_frame_dataset, build_order, export_frame
from gzmap.export.losses import CHANGED
from tests.export_readers import (
    BY_TITLE,
    Read,
    convert_by_cs2cs,
    list_titles,
    read_debian,
    read_library,
    undefuse,
    unpack,
)
from tests.hostile import LONG_NAME, RARE, REAL_NAMES, make_hostile, make_plain, make_round, rare_texts

FIXES = frozenset({"integers-as-text", "reals-as-text", "rename"})
WITH_ATTRIBUTES = [key for key, fmt in FORMATS.items() if fmt.attributes]
CASES = [
    (fmt, encoding, names)
    for fmt in WITH_ATTRIBUTES
    for encoding in FORMATS[fmt].encodings
    for names in SCHEMES
    if encoding != "gbk"
]
ENCODED = [(fmt, encoding) for fmt in WITH_ATTRIBUTES for encoding in FORMATS[fmt].encodings]
LAYER = '敌意"图层"𠮷'
FAMILIES = {"Point": "_pt", "LineString": "_ln", "Polygon": "_py"}


@dataclass(frozen=True)
class Delivery:
    """A frame that was exported: the order, the file and its members."""

    order: Order
    path: Path
    place: Path

    def read(self, number: int) -> Read:
        """Read one table of the order."""
        fmt, table = self.order.choices.fmt, self.order.cut[number]
        title = list_titles(fmt, self.place)[number] if fmt in BY_TITLE else ""
        return read_library(fmt, self.place, table.name, title)

    def name_by_origin(self, number: int) -> dict[str, str]:
        """Give the names of fields in the file by the frame's own."""
        return {c.origin: c.name for c in self.order.cut[number].columns}


def system_of(fmt: str) -> str:
    return "EPSG:4547" if FORMATS[fmt].crs is None else FORMATS[fmt].crs[0]


def deliver(
    frame: geopandas.GeoDataFrame, folder: Path, fmt: str, *, layer: str = LAYER, crs: str = "", **choices: object
) -> Delivery:
    """Export a frame, and tell what the pre-flight made of it."""
    chosen = {"fmt": fmt, "crs": crs or system_of(fmt), "fixes": FIXES, **choices}
    dataset = build_frame_dataset({layer: frame}, title=layer, crs=chosen["crs"])
    order = build_order(dataset, Choices(**chosen))
    suffix = FORMATS[fmt].suffix_many if len(order.cut) > 1 else FORMATS[fmt].suffix
    path = export_frame(frame, folder / f"out{suffix}", layer=layer, **chosen)
    return Delivery(order, path, unpack(path, folder / "members"))


def read_side(delivery: Delivery, name: str, title: str) -> list[dict[str, str]]:
    """Read a table beside the layers; none where the format has no place for it."""
    fmt, place = delivery.order.choices.fmt, delivery.place
    if place.is_dir():
        file = place / f"{title}.csv"
        if not file.exists():
            return []
        rows = csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""))
        return [{k: undefuse(v) for k, v in row.items()} for row in rows]
    if fmt not in ("gpkg", "gdb", "xlsx") or (name == "long_text" and not delivery.order.long):
        return []
    fields = read_library(fmt, place, name, title).fields
    return [dict(zip(fields, values, strict=True)) for values in zip(*fields.values(), strict=True)]


def read_long(delivery: Delivery) -> dict[tuple[str, str], str]:
    """Read the texts that the file holds cut, whole, by row and field."""
    return {(row["feature_id"], row["field"]): row["text"] for row in read_side(delivery, "long_text", "长文本")}


# --- the hostile layer


def format_cell(value: object) -> object:
    """Give a value, of the frame or as read, in one form."""
    if value is None or value == "" or value != value:  # noqa: PLR0124 (NaN, NaT)
        return None
    if isinstance(value, (bool, np.bool_)) or value in ("true", "false"):
        return float(value in (True, "true"))
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    return value if isinstance(value, str) else int(value) if int(value) == value else float(value)


def end_lines(text: str) -> str:
    """End the lines of a text as those of a spreadsheet do."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def same_cell(back: object, expected: object, column: str) -> bool:
    if column == "时刻" and None not in (back, expected):
        moments = [datetime.fromisoformat(v) for v in (back, expected)]
        return len({m if m.tzinfo else m.replace(tzinfo=UTC) for m in moments}) == 1
    if column == "日" and back is not None:
        return back.replace("/", "-")[:10] == expected
    if column in ("整数", "大小") and back is not None:
        return int(back) == expected
    if column in ("小数", "是否") and None not in (back, expected):
        return float(back) == pytest.approx(expected, rel=1e-12)
    return back == expected


def locate(frame: geopandas.GeoDataFrame, crs: str) -> dict[str, dict[str, object]]:
    """Give the expected geometries by suffix of the layer and key: families apart, null and empty ones with points."""
    found: dict[str, dict[str, object]] = {suffix: {} for suffix in FAMILIES.values()}
    for key, shape in zip(frame["key"], frame.geometry, strict=True):
        if shape is None or shape.is_empty:
            found["_pt"][key] = None
            continue
        for part in shape.geoms if shape.geom_type == "GeometryCollection" else [shape]:
            moved = convert_by_cs2cs("EPSG:4490", crs, shapely.get_coordinates(part))
            found[FAMILIES[part.geom_type.removeprefix("Multi")]][key] = shapely.set_coordinates(part, moved)
    return found


def assert_all_back(delivery: Delivery, frame: geopandas.GeoDataFrame, reads: Sequence[Read], columns: Sequence) -> int:
    """Compare what was read with the frame, and return how many cells that were."""
    crs, long, cells = delivery.order.crs, read_long(delivery), 0
    by_key = {row["key"]: row for row in frame.to_dict("records")}
    expected = locate(frame, crs)
    limit = 0.001 if crs == "EPSG:4547" else 1e-6 if delivery.order.fmt.decimals else 9e-9
    for number, (suffix, read) in enumerate(zip(expected, reads, strict=True)):
        names = delivery.name_by_origin(number)
        keys = read.fields[names["key"]]
        assert sorted(keys) == sorted(expected[suffix])
        for row, key in enumerate(keys):
            feature_id = read.fields["row_id"][row] if "row_id" in read.fields else ""
            for column in columns:
                back = format_cell(read.fields[names[column]][row])
                whole = long.get((feature_id, names[column]), back)
                assert same_cell(whole, format_cell(by_key[key][column]), column), (key, column, whole)
                cells += 1
            assert_same_shape(read.shapes[row], expected[suffix][key], limit)
    return cells


def assert_same_shape(shape: object, expected: object, limit: float) -> None:
    if expected is None:
        assert shape is None
        return
    assert shape.geom_type.removeprefix("Multi") == expected.geom_type.removeprefix("Multi")
    assert shapely.get_num_coordinates(shape) == shapely.get_num_coordinates(expected)
    assert shapely.hausdorff_distance(shape, expected) <= limit


@pytest.mark.parametrize(("fmt", "encoding", "names"), CASES)
def test_the_hostile_layer_comes_back(tmp_path, fmt, encoding, names):
    frame = make_hostile()
    delivery = deliver(frame, tmp_path, fmt, encoding=encoding, names=names)
    if fmt == "xlsx":
        frame["文字"] = frame["文字"].map(end_lines)
    tables = delivery.order.cut
    assert [t.name[-3:] for t in tables] == list(FAMILIES.values())
    reads = [delivery.read(number) for number in range(len(tables))]
    columns = [c for c in frame.columns if c != frame.geometry.name]
    for read, table in zip(reads, tables, strict=True):
        assert {c.name for c in table.columns} <= set(read.fields)
    # The collection is in all three, the other rows in one each.
    assert assert_all_back(delivery, frame, reads, columns) == (len(frame) + 2) * len(columns)
    if fmt in ("shp", "gpkg", "gdb", "geojson", "csv", "fgb"):
        second = read_debian(fmt, delivery.place, {t.name: "" for t in tables}, tmp_path / "second").values()
        # GDAL takes the quotes off the heads of a CSV, and knows one kind of line end there.
        pairs = zip(reads, second, strict=True)
        called = [Read(dict(zip(a.fields, b.fields.values(), strict=True)), b.shapes) for a, b in pairs]
        assert fmt == "csv" or [list(r.fields) for r in second] == [list(r.fields) for r in reads]
        if fmt == "csv":
            frame["文字"] = frame["文字"].map(end_lines)
        texts = ["key", "文字", *REAL_NAMES]
        assert assert_all_back(delivery, frame, called, texts) == (len(frame) + 2) * len(texts)


@pytest.mark.parametrize("is_rare", [True, False])
def test_the_hostile_layer_is_drawn_with_its_table(tmp_path, *, is_rare):
    """Names are cut to what GDAL reads, and what no drawing can hold stands in the table only."""
    frame = make_hostile().drop(columns=["Name", "name", "WKT"])
    frame["name"] = frame["文字"].str.translate({} if is_rare else {ord(c): "岗" for c in RARE})
    delivery = deliver(frame, tmp_path, "dxf", layer="敌意𠮷" if is_rare else "敌意")
    located = locate(frame, "EPSG:4547").values()
    expected = [{key: shape for key, shape in of.items() if shape is not None} for of in located]
    drawing = ezdxf.readfile(delivery.place / "layers.dxf")
    drawn = {e.dxf.layer for e in drawing.modelspace()}
    title = "敌意〓" if is_rare else "敌意"
    families = ("（点）", "（线）", "（面）")
    assert drawn == {f"{title}{family}{end}" for family in families for end in ("", "_注记")}
    names = dict(zip(frame["key"], frame["name"], strict=True))
    wanted = [show_name(names[key]) for of in expected for key in of]
    for read in (
        read_library("dxf", delivery.place / "layers.dxf", "entities", ""),
        read_debian("dxf", delivery.place / "layers.dxf", {"entities": ""}, tmp_path / "second")["entities"],
    ):
        assert set(read.fields["Layer"]) == drawn
        assert sorted(text for text in read.fields["Text"] if text) == sorted(wanted)
    vertices = sum(shapely.get_num_coordinates(s) for of in expected for s in of.values())
    assert count_vertices(drawing) == vertices
    for number, table in enumerate(delivery.order.cut):
        read = read_library("csv", delivery.place, table.name, "")
        names = delivery.name_by_origin(number)
        texts = dict(zip(frame["key"], frame["文字"], strict=True))
        assert read.fields[names["文字"]] == [texts[key] for key in read.fields[names["key"]]]


def show_name(text: str) -> str:
    """Give a name as a drawing shows it: one line, what is beyond U+FFFF replaced, at most 255 bytes."""
    line = "".join("〓" if c > "\uffff" else c for c in " ".join(text.split()))
    costs = [1 if c.isascii() else 2 if c.encode("gbk", "ignore") else len("\\U+0000") for c in line]
    return "".join(c for c, total in zip(line, np.cumsum(costs), strict=True) if total <= 255)


def count_vertices(drawing: Drawing) -> int:
    """Count points and corners; a closed line comes back to its first."""
    space = drawing.modelspace()
    lines = space.query("LWPOLYLINE")
    return len(space.query("POINT")) + sum(len(line) + line.closed for line in lines)


@pytest.mark.parametrize("names", SCHEMES)
def test_gbk_refuses_the_hostile_layer_and_names_the_remedy(tmp_path, names):
    with pytest.raises(ExportError, match=r"㘵 \(U\+3635\).*𠮷 \(U\+20BB7\).*choose UTF-8"):
        export_frame(
            make_hostile(), tmp_path / "a.zip", fmt="shp", crs="EPSG:4547", encoding="gbk", names=names, fixes=FIXES
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("names", SCHEMES)
def test_gbk_holds_the_rest_without_its_cpg_too(tmp_path, names):
    frame = make_hostile()
    frame["文字"] = frame["文字"].map(lambda text: text.translate({ord(c): "岗" for c in RARE}))
    delivery = deliver(frame, tmp_path, "shp", encoding="gbk", names=names)
    for file in delivery.place.glob("*.cpg"):
        file.unlink()
    columns = [c for c in frame.columns if c != frame.geometry.name]
    reads = [delivery.read(number) for number in range(3)]
    assert assert_all_back(delivery, frame, reads, columns) == (len(frame) + 2) * len(columns)
    second = read_debian("shp", delivery.place, {t.name: "" for t in delivery.order.cut}, tmp_path / "second")
    assert assert_all_back(delivery, frame, list(second.values()), ["key", "文字"])


@pytest.mark.parametrize("fmt", ["shp", "gdb", "kml", "xlsx"])
def test_numbers_that_a_format_would_round_are_refused(tmp_path, fmt):
    suffix = FORMATS[fmt].suffix
    with pytest.raises(ExportError, match=f"{2**60}.*too large.*as text"):
        export_frame(make_plain(n=[1, 2**60]), tmp_path / f"a{suffix}", fmt=fmt, crs=system_of(fmt))
    assert not list(tmp_path.iterdir())


# --- names


@pytest.mark.parametrize("fmt", WITH_ATTRIBUTES)
def test_columns_of_one_name_are_told_apart(tmp_path, fmt):
    frame = make_plain(名称=["甲", "乙"])
    frame.insert(0, "名称", ["丙", "丁"], allow_duplicates=True)
    frame.insert(0, "mc", ["戊", "己"])
    read = deliver(frame, tmp_path, fmt, layer="a").read(0)
    assert sorted(v for values in read.fields.values() for v in values if isinstance(v, str))[-6:] == sorted(
        "甲乙丙丁戊己"
    )


NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 lacks, and so the titles in most formats."""

NAME_LISTS = st.lists(rare_texts(), min_size=1, max_size=6)


@pytest.mark.parametrize(("fmt", "encoding"), ENCODED)
@settings(max_examples=8)
@given(names=NAME_LISTS, layer=rare_texts(), scheme=st.sampled_from(list(SCHEMES)))
@example(names=[*REAL_NAMES], layer=LONG_NAME, scheme="chinese")
@example(names=["values", "order", "date", "select", "group", "1", "é", "a-b"], layer="values", scheme="ascii")
def test_no_name_is_lost(fmt, encoding, names, layer, scheme):
    assume(layer.strip())
    frame = make_plain(**{f"c{n}": [f"v{n}"] for n in range(len(names))})
    frame.columns = [*names, "geometry"]
    if "geometry" in names:
        frame = frame.rename_geometry("形状")
    with tempfile.TemporaryDirectory() as folder:
        try:
            delivery = deliver(frame, Path(folder), fmt, layer=layer, encoding=encoding, names=scheme)
        except ExportError as error:
            assert_names_remedy(error)
            return
        read, (table,) = delivery.read(0), delivery.order.cut
        fields = list(read.fields)
        told = read_side(delivery, "field_dictionary", "字段说明")
    end = end_lines if fmt == "xlsx" else str
    assert {end(c.name) for c in table.columns} <= set(fields), "the file has the names that the pre-flight tells"
    assert len({name.lower() for name in fields}) == len(fields)
    assert_fit(fields, fmt, encoding)
    listed = {row["field"]: row for row in told if row["layer"] == table.name}
    for number, name in enumerate(names):
        (field,) = [field for field, values in read.fields.items() if values == [f"v{number}"]]
        assert end(name) in ("", *(end(c.origin) for c in table.columns if end(c.name) == field))
        if told:
            assert end(name) in ("", listed[field]["origin"])
            assert listed[field]["layer_title"] == end(NO_XML.sub("\ufffd", layer))
    changed = {loss.layer for loss in delivery.order.dataset.losses if loss.code == "title" and not loss.field}
    assert bool(changed) == bool(NO_XML.search(layer)), "a title that is not as it was is told"


def assert_fit(fields: Sequence[str], fmt: str, encoding: str) -> None:
    limits = FORMATS[fmt]
    for name in fields:
        assert name
        assert limits.field_bytes is None or len(name.encode(ENCODINGS[encoding].codec)) <= limits.field_bytes
        assert limits.field_chars is None or len(name) <= limits.field_chars


def assert_names_remedy(error: ExportError) -> None:
    """A refusal says what to choose, to take or to correct."""
    remedies = ("choose UTF-8", "correct the text", "take GeoPackage", "rename")
    assert any(word in str(error) for word in remedies), str(error)


# --- texts


@pytest.mark.parametrize(("fmt", "encoding"), ENCODED)
@settings(max_examples=12)
@given(texts=st.lists(rare_texts(), min_size=1, max_size=8))
@example(texts=[" 甲 ", "", "_x000D_", "\r", "\ufeff甲", "<r>甲</r>", "'", "''", "a\x0bb", "\u2028"])
@example(texts=["㘵" * 300, "😀" * 300, "a" * 254 + "广", " " * 300])
@example(texts=["\x01"])
@example(texts=["\ufffe"])
@example(texts=["甲\ue81e"])
def test_no_character_is_lost_silently(fmt, encoding, texts):
    frame = make_plain(key=[f"k{n}" for n in range(len(texts))], text=texts)
    with tempfile.TemporaryDirectory() as folder:
        try:
            delivery = deliver(frame, Path(folder), fmt, layer="a", encoding=encoding)
        except ExportError as error:
            assert_names_remedy(error)
            return
        read, long = delivery.read(0), read_long(delivery)
    rows = read.fields.get("row_id", [""] * len(texts))
    back = {k: long.get((i, "text"), t) for k, i, t in zip(read.fields["key"], rows, read.fields["text"], strict=True)}
    whole = [end_lines(text) for text in texts] if fmt == "xlsx" else texts
    told = {loss.code for loss in delivery.order.losses if loss.field == "text" and loss.severity == CHANGED}
    assert [back[key] or "" for key in frame["key"]] == whole or told - {"text-cut"}


@settings(max_examples=8)
@given(texts=st.lists(rare_texts(), min_size=1, max_size=8))
def test_no_character_is_lost_beside_a_drawing(texts):
    frame = make_plain(text=texts)
    with tempfile.TemporaryDirectory() as folder:
        delivery = deliver(frame, Path(folder), "dxf", layer="a")
        read = read_library("csv", delivery.place, "a", "")
    assert [text or "" for text in read.fields["text"]] == texts


# --- formulas


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(tmp_path):
    delivery = deliver(make_hostile(), tmp_path, "xlsx", names="chinese")
    book = openpyxl.load_workbook(delivery.path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any("HYPERLINK" in str(cell.value) for cell in cells)
    assert {cell.data_type for cell in cells} == {"s", "n", "d", "b"}
    assert not [cell for cell in cells if cell.hyperlink]
    with zipfile.ZipFile(delivery.path) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert not [sheet for sheet in sheets if b"<f>" in sheet or b"<hyperlink" in sheet]


@pytest.mark.parametrize("fmt", ["shp", "csv", "dxf", "geojson", "fgb", "parquet"])
def test_no_cell_of_a_csv_begins_like_a_formula(tmp_path, fmt):
    delivery = deliver(make_hostile(), tmp_path, fmt, names="chinese")
    seen = 0
    for file in delivery.place.glob("*.csv"):
        text = file.read_bytes().decode("utf-8-sig")
        for cell in (cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row):
            assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")), (file.name, cell)
            assert not cell.startswith("-") or is_number(cell), (file.name, cell)
            seen += cell.startswith("'")
    assert seen, "none was defused: the layer is not hostile"


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


# --- size


@pytest.mark.parametrize("fmt", ["shp", "gpkg"])
def test_an_area_of_a_million_vertices_comes_back(tmp_path, fmt):
    area = make_round(10**6)
    frame = geopandas.GeoDataFrame({"key": ["k"]}, geometry=[area], crs="EPSG:4490")
    delivery = deliver(frame, tmp_path, fmt, layer="area", crs="EPSG:4490")
    second = read_debian(fmt, delivery.place, {"area": ""}, tmp_path / "second")["area"]
    expected = shapely.get_coordinates(area)
    # The second client hands WKT of fifteen digits on.
    for read, limit in ((delivery.read(0), 0), (second, 1e-12)):
        (back,) = read.shapes
        assert shapely.get_num_coordinates(back) == 10**6
        # Which way a ring turns is the format's.
        there = shapely.get_coordinates(back)
        assert min(np.abs(there - expected).max(), np.abs(there[::-1] - expected).max()) <= limit


def test_side_tables_are_read_at_all(tmp_path):
    """The helper that finds them returns nothing for a format without: not for these."""
    found: Mapping = {
        fmt: len(read_side(deliver(make_hostile(), tmp_path / fmt, fmt), "field_dictionary", "字段说明"))
        for fmt in ("shp", "gpkg", "gdb", "xlsx")
        if not (tmp_path / fmt).mkdir()
    }
    assert min(found.values()) > 3 * len(REAL_NAMES)
