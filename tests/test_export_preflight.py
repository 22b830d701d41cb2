"""Before anything is written, all that an export would lose or change is told, and what is refused can be fixed."""

from __future__ import annotations

import ast
import dataclasses

import pytest
import shapely

from gzmap.errors import ExportError
from gzmap.export import (
    FORMATS,
    Choices,
    Column,
    Selection,
    Table,
    build_dataset,
    build_order,
    check_order,
    export_order,
)
from gzmap.export.losses import CODES
from tests.conftest import ROOT
from tests.makers import make_dataset
from tests.second_client import ogr


def make_table(kind: str = "text", *values: object, name: str = "x", **members: object) -> Table:
    ids = Column("id", "text", [f"t.{n}" for n in range(len(values))])
    return Table("t", "表", "", (ids, Column(name, kind, list(values))), **members)


def check(table: Table, fmt: str = "shp", **choices: object) -> dict[str, object]:
    losses = check_order(make_dataset(table), Choices(fmt, **choices))
    return {loss.code: loss for loss in losses if loss.code not in ("crs", "encoding", "crs-unstated", "coordinates")}


def test_nothing_is_lost_of_plain_data_in_a_geopackage():
    assert check(make_table("text", "甲", None, ""), "gpkg") == {}


@pytest.mark.parametrize(
    ("table", "choices", "code", "severity", "words"),
    [
        (make_table("text", "大㘵沙"), {"encoding": "gbk"}, "character", "refused", "㘵 (U+3635)（t.0）"),
        (make_table("text", "a\0b"), {}, "character", "refused", "U+0000（t.0）"),
        (make_table("text", "广" * 300), {}, "text-cut", "changed", "900 字节截为 252 字节，少 648 字节"),
        (make_table("text", "广" * 300), {"encoding": "gbk"}, "text-cut", "changed", "600 字节截为 254 字节"),
        (make_table("text", " a"), {}, "text-cut", "changed", "2 字节截为 1 字节"),
        (make_table("text", ""), {}, "empty-text", "note", "不再区分：x"),
        (make_table("integer", 2**60), {}, "integer", "refused", "t.0 的 x 是 1152921504606846976"),
        (make_table("real", 1e30), {}, "real", "refused", "t.0 的 x 是 1e+30"),
        (make_table("real", -1e-30), {}, "decimals", "changed", "-1e-30"),
        (make_table("boolean", True), {}, "type", "changed", "0 和 1"),
        (make_table("datetime", "2020-01-01T00:00:00"), {}, "type", "changed", "日期时间写成文字"),
        (make_table("text", "a", name="a" * 11), {}, "field-name", "changed", "要写成 " + "a" * 10),
    ],
)
def test_each_loss_is_told_with_its_place(table, choices, code, severity, words):
    loss = check(table, **choices)[code]
    assert loss.severity == severity
    assert words in loss.detail
    assert loss.layer == "t"
    assert loss.detail_en
    if severity == "refused":
        with pytest.raises(ExportError):
            build_order(make_dataset(table), Choices("shp", **choices))


def list_codes(source: str) -> tuple[set[str], set[str]]:
    """List the codes with which a module makes losses, and all its texts, from which some are chosen at run time."""
    tree = ast.parse(source)
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Loss"]
    firsts = [next((k.value for k in call.keywords if k.arg == "code"), (call.args or [None])[0]) for call in made]
    written = {node.value for node in firsts if isinstance(node, ast.Constant)}
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return written, texts


def test_codes_are_found_in_a_source():
    source = 'Loss("a", X)\nLoss(code="b")\nLoss(kind)\nOther("c")'
    assert list_codes(source) == ({"a", "b"}, {"a", "b", "c"})


def test_every_code_is_in_the_list_and_every_one_listed_is_used():
    modules = [p.read_text(encoding="utf-8") for p in (ROOT / "gzmap/export").glob("*.py") if p.name != "losses.py"]
    found = [list_codes(source) for source in modules]
    assert set().union(*(written for written, _ in found)) <= set(CODES)
    assert set().union(*(texts for _, texts in found)) >= set(CODES)
    for words in CODES.values():
        assert all(words)
        assert words[1].isascii()


def test_every_loss_that_is_told_is_in_the_list(atlas):
    found = set()
    for fmt in FORMATS:
        crs = FORMATS[fmt].crs[0] if FORMATS[fmt].crs else "EPSG:4490"
        selection = Selection(tuple(atlas.layers), bbox=(113.2, 23.0, 113.5, 23.3), clip=True)
        found |= {loss.code for loss in check_order(build_dataset(atlas, selection, crs), Choices(fmt, crs))}
    assert found >= {"clipped", "unplaced", "layer-empty", "schematic", "crs", "attributes"}
    assert found <= set(CODES)


@pytest.mark.parametrize("fmt", FORMATS)
def test_what_the_preflight_refuses_is_what_the_order_refuses(atlas, fmt):
    crs = FORMATS[fmt].crs[0] if FORMATS[fmt].crs else "EPSG:4490"
    dataset = build_dataset(atlas, Selection(tuple(atlas.layers)), crs)
    for encoding in FORMATS[fmt].encodings:
        for names in ("ascii", "pinyin", "chinese"):
            choices = Choices(fmt, crs, encoding, names)
            refused = [x for x in check_order(dataset, choices) if x.severity == "refused"]
            if refused:
                assert {x.fix for x in refused} == {"encoding=gbk"}, "only Chinese names do not fit, and only in UTF-8"
                assert (fmt, names, encoding) == ("shp", "chinese", "utf-8")
                with pytest.raises(ExportError, match=f"{len(refused) - 1} more problems"):
                    build_order(dataset, choices)
            build_order(dataset, dataclasses.replace(choices, fixes={"rename"}))


def test_fixes_do_what_they_say():
    table = make_table("integer", 2**60, 1)
    dataset = make_dataset(table)
    order = build_order(dataset, Choices("shp", fixes={"integers-as-text"}))
    assert order.cut[0].column("x").values == [str(2**60), "1"]
    assert order.tables[0].column("x").values == [2**60, 1], "the whole table keeps its numbers"
    long = make_table("text", "a", name="a" * 11)
    order = build_order(make_dataset(long), Choices("shp", fixes={"rename"}))
    assert [c.name for c in order.cut[0].columns] == ["id", "a" * 10]


def test_only_the_first_cut_texts_of_a_field_are_told_one_by_one():
    losses = check_order(make_dataset(make_table("text", *["长" * 200] * 50)), Choices("shp"))
    cut = [loss for loss in losses if loss.code == "text-cut"]
    assert len(cut) == 21
    assert cut[-1].detail == "另有 30 处截短"


def test_what_is_refused_comes_first_then_what_changes():
    table = make_table("text", "㘵", "长" * 200, "")
    severities = [loss.severity for loss in check_order(make_dataset(table), Choices("shp", encoding="gbk"))]
    assert severities == sorted(severities, key=("refused", "changed", "note").index)
    assert set(severities) == {"refused", "changed", "note"}


@pytest.mark.parametrize(("encoding", "told"), [("gbk", False), ("utf-8", True), ("gb18030", True)])
def test_an_encoding_that_depends_on_its_cpg_is_told(encoding, told):
    losses = check_order(make_dataset(make_table("text", "a")), Choices("shp", encoding=encoding))
    assert [loss.fix for loss in losses if loss.code == "encoding"] == ["encoding=gbk"] * told


def test_schematic_and_unlocated_features_are_told_and_can_be_left_out(atlas, tmp_path):
    dataset = build_dataset(atlas, Selection(("spatial_structure",)), "EPSG:4490")
    codes = {loss.code: loss for loss in check_order(dataset, Choices("shp", "EPSG:4490"))}
    frame = atlas.layers["spatial_structure"]
    assert f"{frame.geometry.isna().sum()} 个要素没有几何：空图形" in codes["null-geometry"].detail
    assert f"{(frame['method'] == 'schematic').sum()} 个要素是示意" in codes["schematic"].detail
    without = Choices("geojson", schematic=False, nulls=False)
    dataset = build_dataset(atlas, Selection(("spatial_structure", "mountains")), "EPSG:4326")
    order = build_order(dataset, without)
    rows = frame[(frame["method"] != "schematic") & frame.geometry.notna()]
    assert list(order.tables[0].ids) == list(order.dataset.tables[0].ids) == list(rows.index)
    path = export_order(order, tmp_path / "a.zip")
    left = atlas.layers["mountains"]["method"] != "schematic"
    assert len(ogr(f"/vsizip/{path}/mountains.geojson")["features"]) == left.sum()


def test_the_transformation_is_stated_with_its_accuracy(atlas):
    def tell(crs: str) -> object:
        dataset = build_dataset(atlas, Selection(("mountains",)), crs)
        (loss,) = [x for x in check_order(dataset, Choices("gpkg", crs)) if x.code == "crs"]
        return loss

    assert "未作转换" in tell("EPSG:4326").detail
    assert "CGCS2000 与 WGS 84 在本图精度下视为一致" in tell("EPSG:4547").detail
    assert "3-degree Gauss-Kruger CM 114E" in tell("EPSG:4547").detail
    assert "精度 0.0 米" in tell("EPSG:3857").detail


def test_losses_of_formats_come_from_the_table_of_limits():
    table = make_table("text", "a", geometries=None)
    assert check(table, "dxf")["attributes"].severity == "changed"
    codes = {loss.code for loss in check_order(make_dataset(table), Choices("csv"))}
    assert "crs-unstated" in codes
    codes = {loss.code for loss in check_order(make_dataset(table), Choices("geojson"))}
    assert "coordinates" in codes


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    small = dataclasses.replace(FORMATS["xlsx"], row_count=1)
    monkeypatch.setitem(FORMATS, "xlsx", small)
    assert check(make_table("text", "a", "b"), "xlsx")["row-count"].severity == "refused"


def test_geometries_without_place_count_whatever_their_table():
    table = make_table("text", "a", "b")
    table = dataclasses.replace(table, geometries=shapely.points([[113, 23], [113, 24]]), geometry_type="Point")
    assert "null-geometry" not in check(table)
