"""Field names: the catalogue's for shipped layers, made ones for any others, always unique and as a format wants."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gzmap.errors import ExportError
from gzmap.export import (
    ENCODINGS,
    FORMATS,
    SCHEMES,
    Choices,
    Column,
    Selection,
    Table,
    build_dataset,
    build_order,
    export_order,
)
from gzmap.export.naming import ID_CODE, ID_SHORT, KIND_CODE, fit_name, format_code, rename_fields
from tests.hostile import REAL_NAMES, rare_texts
from tests.makers import make_dataset
from tests.second_client import ogr

NAMES = st.lists(st.text(min_size=0, max_size=30), min_size=1, max_size=30)


def list_fields(atlas, layer_id):
    entry = atlas.catalog.require_entry(layer_id)
    return atlas.catalog.fields_of(entry)


@pytest.mark.parametrize("key", ["code", "short"])
def test_every_field_of_every_shipped_layer_has_one_name_of_its_own(atlas, key):
    taken = {"code": [ID_CODE, KIND_CODE.code], "short": [ID_SHORT, KIND_CODE.short]}[key]
    for layer_id in atlas.catalog.entries:
        names = [*taken, *(field[key] for field in list_fields(atlas, layer_id).values())]
        assert len(set(names)) == len(names), layer_id
        for name in names:
            assert len(name.encode("gbk")) <= 10
            assert len(name) <= (5 if key == "short" else 10)


def test_the_habitual_codes_are_used(atlas):
    fields = list_fields(atlas, "mountains")
    assert {n: fields[n]["code"] for n in ("name", "district", "area_km2", "notes")} == {
        "name": "MC", "district": "XZQMC", "area_km2": "MJ", "notes": "BZ",
    }  # fmt: skip
    assert list_fields(atlas, "waterways")["len_km"]["code"] == "CD"
    assert list_fields(atlas, "districts")["adcode"]["code"] == "XZQDM"


@pytest.mark.parametrize(("names", "encoding"), [("ascii", "gbk"), ("pinyin", "gbk"), ("chinese", "gbk")])
def test_a_shapefile_of_each_scheme_reads_back_without_its_cpg(atlas, tmp_path, names, encoding):
    layer_ids = ("mountains", "waterways", "energy_parks")
    dataset = build_dataset(atlas, Selection(layer_ids), "EPSG:4547")
    order = build_order(dataset, Choices("shp", "EPSG:4547", encoding, names))
    path = export_order(order, tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    for layer_id, table in zip(layer_ids, order.tables, strict=True):
        (tmp_path / f"{layer_id}.cpg").unlink()
        features = ogr(tmp_path / f"{layer_id}.shp")["features"]
        assert list(features[0]["properties"]) == [c.name for c in table.columns]
        id_name = {"ascii": "id", "pinyin": "BSM", "chinese": "标识码"}[names]
        assert {f["properties"][id_name] for f in features} == set(atlas.layers[layer_id].index)


def test_pinyin_adds_an_empty_column_of_codes(atlas):
    dataset = build_dataset(atlas, Selection(("mountains",)), "EPSG:4490")
    order = build_order(dataset, Choices("gpkg", "EPSG:4490", names="pinyin"))
    table = order.tables[0]
    assert [c.name for c in table.columns][:3] == ["BSM", "YSDM", "MC"]
    assert set(table.column("YSDM").values) == {None}
    assert "不是汇交成果" in table.column("YSDM").description
    assert table.id_field == "BSM"
    assert list(table.ids) == list(atlas.layers["mountains"].index)
    assert order.renamed["mountains"]["district"] == "XZQMC"
    assert table.find_column("district").name == "XZQMC"


def test_chinese_names_in_utf8_are_refused_for_shapefiles_or_shortened(atlas):
    dataset = build_dataset(atlas, Selection(("mountains",)), "EPSG:4490")
    with pytest.raises(ExportError, match=r"'英文名称'.*choose GBK"):
        build_order(dataset, Choices("shp", "EPSG:4490", names="chinese"))
    order = build_order(dataset, Choices("shp", "EPSG:4490", names="chinese", fixes={"rename"}))
    names = [c.name for c in order.tables[0].columns]
    assert len(set(names)) == len(names)
    assert all(len(name.encode()) <= 10 for name in names)
    order = build_order(dataset, Choices("gpkg", "EPSG:4490", names="chinese"))
    assert order.renamed["mountains"]["name_en"] == "英文名称"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name", "name"),
        ("地块编号", "dkbh"),
        ("地块 编号（新）", "dkbhx"),
        ("Größe", "grosse"),
        ("1st", "f_1st"),
        ("a b-c", "a_b_c"),
        ("", "field"),
        ("😀", "field"),
        ("  ", "field"),
        ("x; DROP TABLE", "x_DROP_TABLE"),
    ],
)
def test_any_text_becomes_a_plain_code(text, code):
    assert format_code(text) == code


@pytest.mark.parametrize("fmt", FORMATS)
@given(names=NAMES)
@example(names=["面积", "面积", "面積", "a" * 30, "a" * 29 + "b", "A", "a", "fid", "FID", "wkt", "😀", "", "`'\"\n"])
def test_names_are_unique_and_fit_whatever_they_were(fmt, names):
    limits = FORMATS[fmt]
    for key in limits.encodings:
        encoding, taken = ENCODINGS[key], set(limits.reserved_fields)
        fitted = [fit_name(name, limits, encoding, taken=taken) for name in names]
        assert len({name.lower() for name in fitted}) == len(names)
        for name in fitted:
            assert name
            assert name.isprintable()
            assert name.lower() not in limits.reserved_fields
            assert len(name) <= (limits.field_chars or len(name))
            assert len(name.encode(encoding.codec)) <= (limits.field_bytes or 1000)
            assert not set(name) & set(limits.field_forbidden)


RESERVED = sorted({name for fmt in FORMATS.values() for name in fmt.reserved_fields})
CASES = [(fmt, encoding, scheme) for fmt in FORMATS for encoding in FORMATS[fmt].encodings for scheme in SCHEMES]


@pytest.mark.parametrize(("fmt", "encoding", "scheme"), CASES)
@given(names=st.lists(st.one_of(rare_texts(), st.sampled_from(RESERVED).map(str.upper)), min_size=1, max_size=20))
@example(names=[*REAL_NAMES, *RESERVED, *(name.upper() for name in RESERVED), *(f"{name}_1" for name in RESERVED)])
@example(names=["白云区地块编号甲", "白云区地块编号乙", "白云区地块编号", "𠮷" * 90, "𠮷" * 91, "x" * 90, "X" * 91])
def test_every_scheme_gives_every_format_names_that_it_takes(fmt, encoding, scheme, names):
    limits = FORMATS[fmt]
    codec = ENCODINGS[encoding].codec
    columns = tuple(Column(f"c{n}", "text", ["x"], name, name, origin=name) for n, name in enumerate(names))
    table = Table("t", "表", "", columns, id_field="")
    named, renamed = rename_fields(table, scheme, limits, encoding=ENCODINGS[encoding])
    assert (named, renamed) == rename_fields(table, scheme, limits, encoding=ENCODINGS[encoding])
    found = [column.name for column in named.columns]
    assert len({name.lower() for name in found}) == len(names)
    assert not {name.lower() for name in found} & limits.reserved_fields
    for name in found:
        assert name == name.strip() != ""
        assert name.isprintable()
        assert name.encode(codec).decode(codec) == name
        assert len(name) <= (limits.field_chars or len(name))
        assert len(name.encode(codec)) <= (limits.field_bytes or len(name.encode(codec)))
        assert not set(name) & set(limits.field_forbidden)
        assert limits.field_charset != "word" or re.fullmatch(r"[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*", name)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(titles=NAMES)
def test_schemes_rename_foreign_columns_to_names_of_their_kind(scheme, titles):
    columns = tuple(Column(f"c{n}", "text", ["x"], title, title, origin=title) for n, title in enumerate(titles))
    table = Table("t", "表", "", columns, id_field="")
    named, renamed = rename_fields(table, scheme, FORMATS["shp"], encoding=ENCODINGS["gbk"])
    names = [c.name for c in named.columns]
    assert len({n.lower() for n in names}) == len(titles)
    assert [renamed.get(c.name, c.name) for c in table.columns] == names
    assert [c.origin or c.name for c in named.columns] == [title or f"c{n}" for n, title in enumerate(titles)]
    if scheme != "chinese":
        assert all(name.isascii() and name.isidentifier() for name in names)
    if scheme == "pinyin":
        assert names == [name.upper() for name in names]


def test_unknown_scheme_and_fix_are_named():
    with pytest.raises(ExportError, match="did you mean 'pinyin'"):
        Choices("shp", names="pinjin")
    with pytest.raises(ExportError, match="did you mean 'rename'"):
        Choices("shp", fixes={"renames"})


def test_the_dictionary_tells_both_names(atlas, tmp_path):
    dataset = build_dataset(atlas, Selection(("mountains",)), "EPSG:4490")
    path = export_order(build_order(dataset, Choices("shp", "EPSG:4490", "gbk", "pinyin")), tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        text = archive.read("字段说明.csv").decode("utf-8-sig")
    line = next(line for line in text.splitlines() if ",XZQMC," in line)
    assert line.endswith(",district")
    assert "所在区" in line


def test_a_column_of_row_numbers_is_added_where_texts_are_cut_and_there_are_no_ids(tmp_path: Path):
    table = Table("t", "表", "", (Column("row_id", "text", ["a"]), Column("x", "text", ["长" * 300])), id_field="")
    order = build_order(make_dataset(table), Choices("shp"))
    assert [c.name for c in order.cut[0].columns] == ["row_id_1", "row_id", "x"]
    assert [(t.feature_id, t.field) for t in order.long] == [("1", "x")]
