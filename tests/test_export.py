"""What is taken away is read back by a second client: GDAL's command line tools, another version than ours."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gzmap import export
from gzmap.atlas import Atlas, open_atlas, read_atlas
from gzmap.config import CATALOG_FILE, DELIVERY_CRS, PLAN_DIR
from gzmap.errors import CatalogError, CRSError, ExportError, NotFoundError
from gzmap.export import ENCODINGS, FORMATS, Choices, build_order, export_layers, files, tables
from gzmap.export import gdal as gdal_writer
from gzmap.export.capabilities import ALL_KINDS
from gzmap.files import dump_json, read_json
from tests.makers import (
    default_layers,
    edit_json,
    make_dataset,
    make_feature,
    make_points,
    make_project,
    make_square,
    name_in_headings,
)
from tests.second_client import ogr, read_csv, read_layer, read_member

PLAN = ("parks", "streams", "spots")
FIRST = {key: FORMATS[key] for key in ("shp", "gpkg", "geojson")}  # the others: test_export_formats.py
COMBINATIONS = [
    (fmt, crs, encoding)
    for fmt, limit in FIRST.items()
    for crs in DELIVERY_CRS
    for encoding in limit.encodings
    if limit.crs is None or crs in limit.crs
]
# What a name may be: everything that UTF-8 can write except NUL.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    layers = default_layers()
    layers["streams"][0]["properties"]["notes"] = "据河道中线绘。" * 40
    return open_atlas(make_project(tmp_path_factory.mktemp("project"), layers))


def make_atlas(*features: dict, layer_id: str = "parks") -> Atlas:
    with tempfile.TemporaryDirectory() as folder:
        return read_atlas(make_project(Path(folder), {layer_id: list(features)}))


def suffix_of(fmt: str) -> str:
    return FORMATS[fmt].suffix_many


def test_the_second_client_is_installed():
    missing = [tool for tool in ("ogrinfo", "ogr2ogr") if shutil.which(tool) is None]
    assert not missing, f"{missing} not installed: run `make test`, which installs gdal-bin or says how."


@pytest.mark.parametrize(("fmt", "crs", "encoding"), COMBINATIONS)
def test_every_format_crs_and_encoding_reads_back(project, tmp_path, fmt, crs, encoding):
    path = export_layers(project, PLAN, tmp_path / f"out{suffix_of(fmt)}", fmt=fmt, crs=crs, encoding=encoding)
    for layer in PLAN:
        back = {f["properties"].get("id", f.get("id")): f for f in read_layer(path, layer, tmp_path / "out")}
        assert set(back) == set(project.layers[layer].index)
        for feature_id, feature in back.items():
            ours = project.features[feature_id]
            assert feature["properties"]["name"] == ours.name
            assert feature["properties"]["accuracy_m"] == ours.accuracy_m
            assert (feature["geometry"] is None) == (ours.geometry is None)
            if ours.geometry is not None:
                assert_right_place(feature["geometry"], ours.geometry, crs)


def assert_right_place(geometry: dict, ours: object, crs: str) -> None:
    """Easting or longitude first: about 4xx xxx and 25xx xxx, 38 4xx xxx, 12 6xx xxx and 26xx xxx, or 113 and 23."""
    x, y = shapely.get_coordinates(shapely.from_geojson(json.dumps(geometry)))[0]
    if crs in ("EPSG:4326", "EPSG:4490"):
        assert shapely.dwithin(shapely.Point(x, y), ours, 1e-6)
    elif crs == "EPSG:3857":
        assert 12_600_000 < x < 12_630_000
        assert 2_640_000 < y < 2_680_000
    else:
        assert 400_000 < x % 1_000_000 < 500_000
        assert x // 1_000_000 == (38 if crs == "EPSG:4526" else 0)
        assert 2_540_000 < y < 2_580_000


@pytest.mark.parametrize(("fmt", "code"), [(f, c) for f in ("shp", "gpkg") for c in DELIVERY_CRS])
def test_ogrinfo_names_the_crs(project, tmp_path, ogrinfo, fmt, code):
    path = export_layers(project, ["parks"], tmp_path / f"out{suffix_of(fmt)}", fmt=fmt, crs=code)
    source = f"/vsizip/{path}" if fmt == "shp" else str(path)
    told = subprocess.run([ogrinfo, "-so", source, "parks"], capture_output=True, text=True, check=True)
    assert f'ID["EPSG",{code[5:]}]' in told.stdout
    assert not told.stderr


@pytest.mark.parametrize("fmt", FIRST)
def test_the_same_input_gives_the_same_bytes(project, tmp_path, fmt):
    digests = set()
    for number in range(2):
        path = export_layers(project, PLAN, tmp_path / f"{number}{suffix_of(fmt)}", fmt=fmt)
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
        os.utime(project.root / CATALOG_FILE)
    assert len(digests) == 1


def test_bytes_do_not_depend_on_the_clock(project, tmp_path):
    """The edition's date stands in every place where a format keeps one."""
    path = export_layers(project, ["parks"], tmp_path / "a.zip", fmt="shp")
    with zipfile.ZipFile(path) as archive:
        assert {i.date_time for i in archive.infolist()} == {(2025, 1, 1, 0, 0, 0)}
        assert archive.read("parks.dbf")[1:4] == bytes([125, 1, 1])
    path = export_layers(project, ["parks"], tmp_path / "a.gpkg", fmt="gpkg")
    assert b"2025-01-01T00:00:00.000Z" in path.read_bytes()


def test_downloads_at_the_same_time_do_not_disturb_each_other(project, tmp_path):
    def write(number: int) -> bytes:
        return export_layers(project, PLAN, tmp_path / f"{number}.gpkg", fmt="gpkg").read_bytes()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(write, range(8)))) == 1


def test_gdal_gets_its_settings_back(project, tmp_path):
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    try:
        export_layers(project, ["parks"], tmp_path / "a.gpkg", fmt="gpkg")
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == "2000-01-01T00:00:00.000Z"
        assert pyogrio.get_gdal_config_option("OGR_SQLITE_SYNCHRONOUS") is None
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def test_zip_holds_what_a_gis_person_expects(project, tmp_path):
    path = export_layers(project, ["parks", "streams"], tmp_path / "out.zip", fmt="shp")
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    parts = [f"{layer}{end}" for layer in ("parks", "streams") for end in (".cpg", ".dbf", ".prj", ".shp", ".shx")]
    assert [i.filename for i in infos] == sorted([*parts, "README.txt", "依据.csv", "字段说明.csv", "长文本.csv"])
    for info in infos:
        assert info.filename.isascii() or info.flag_bits & 0x800, "the name must be marked as UTF-8"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "gb18030"])
def test_dbf_names_its_encoding_and_gbk_survives_without_cpg(project, tmp_path, encoding):
    path = export_layers(project, ["spots"], tmp_path / "out.zip", fmt="shp", encoding=encoding)
    folder = tmp_path / "out"
    whole = [f["properties"]["name"] for f in read_layer(path, "spots", folder)]
    assert whole == ["白云区新型储能产业园", "黄埔区新型储能产业园"]
    assert (folder / "spots.cpg").read_text() == ENCODINGS[encoding].cpg
    assert (folder / "spots.dbf").read_bytes()[29] == (77 if ENCODINGS[encoding].marked else 0)
    if ENCODINGS[encoding].marked:
        (folder / "spots.cpg").unlink()
        assert [f["properties"]["name"] for f in ogr(folder / "spots.shp")["features"]] == whole


def test_every_gbk_character_comes_back(tmp_path):
    """Python's codec and GDAL's code page must mean the same, in both versions of GDAL."""
    pairs = (bytes([a, b]) for a in range(0x81, 0xFF) for b in range(0x40, 0xFF) if b != 0x7F)
    everything = [c for pair in pairs if (c := pair.decode("gbk", "ignore")) and len(c) == 1]
    assert len(everything) > 21000
    rows = ["".join(everything[i : i + 120]) for i in range(0, len(everything), 120)]
    atlas = make_atlas(*(make_feature(f"parks.p{n:03}", row, make_square(113.2, 23.1)) for n, row in enumerate(rows)))
    path = export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp", encoding="gbk")
    back = [f["properties"]["name"] for f in read_layer(path, "parks", tmp_path / "out")]
    assert back == rows
    (tmp_path / "out/parks.cpg").unlink()
    assert [f["properties"]["name"] for f in ogr(tmp_path / "out/parks.shp")["features"]] == rows


@pytest.mark.parametrize("character", ["㘵", "𠮷", "€", "😀"])
def test_gbk_refuses_what_it_lacks_and_offers_utf8(tmp_path, character):
    atlas = make_atlas(make_feature("parks.p001", f"大{character}沙", make_square(113.2, 23.1)))
    with pytest.raises(ExportError, match=rf"{character} .*parks\.p001.*UTF-8"):
        export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp", encoding="GBK")
    assert not list(tmp_path.iterdir())
    path = export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp", encoding="UTF-8")
    assert read_layer(path, "parks", tmp_path / "out")[0]["properties"]["name"] == f"大{character}沙"


@pytest.mark.parametrize("name", ["大㘵沙", "𠮷", "€", "😀", "\ue865"])
def test_gb18030_holds_what_gbk_lacks(tmp_path, name):
    atlas = make_atlas(make_feature("parks.p001", name, make_square(113.2, 23.1)))
    path = export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp", encoding="gb18030")
    assert read_layer(path, "parks", tmp_path / "out")[0]["properties"]["name"] == name


def test_gb18030_refuses_the_private_characters_that_its_editions_moved(tmp_path):
    atlas = make_atlas(make_feature("parks.p001", "甲\ue81e", make_square(113.2, 23.1)))
    with pytest.raises(ExportError, match=r"U\+E81E.*UTF-8"):
        export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp", encoding="gb18030")


@pytest.mark.parametrize("fmt", FIRST)
def test_text_that_no_file_can_hold_is_named(tmp_path, fmt):
    atlas = make_atlas(make_feature("parks.p001", "白云\0湖", make_square(113.2, 23.1)))
    with pytest.raises(ExportError, match=r"U\+.*parks\.p001.*correct the text"):
        export_layers(atlas, ["parks"], tmp_path / f"a{FORMATS[fmt].suffix}", fmt=fmt)


@pytest.mark.parametrize(("encoding", "kept"), [("utf-8", 84), ("gbk", 127)])
def test_long_text_is_cut_at_a_character_and_kept_whole_beside(tmp_path, encoding, kept):
    name = "广" * 300
    atlas = make_atlas(make_feature("parks.p001", name, make_square(113.2, 23.1)))
    path = export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp", encoding=encoding)
    assert read_layer(path, "parks", tmp_path / "out")[0]["properties"]["name"] == "广" * kept
    assert read_csv(path, "长文本.csv") == [{"feature_id": "parks.p001", "field": "name", "text": name}]
    readme = read_member(path, "README.txt")
    size = len(name.encode(encoding))
    assert f"parks name parks.p001：{size} 字节截为 {len(('广' * kept).encode(encoding))} 字节" in readme


def test_only_the_first_cut_texts_are_named_in_the_readme(tmp_path):
    features = [make_feature(f"parks.p{n:03}", "广" * 300, make_square(113.2, 23.1)) for n in range(50)]
    path = export_layers(make_atlas(*features), ["parks"], tmp_path / "a.zip", fmt="shp")
    assert "parks name：另有 30 处截短" in read_member(path, "README.txt")
    assert len(read_csv(path, "长文本.csv")) == 50


# Fewer examples than usual: each one writes a file and starts another program.
@settings(max_examples=15)
@given(st.lists(TEXT, min_size=1, max_size=20))
@example(["=HYPERLINK(1)", "'", '"', "`", "<script>", "a,b;c", "line\nbreak\r\n", "㘵𠮷😀", "’" * 300, " x ", "", "＝"])
def test_any_name_comes_back_from_dbf_and_csv(names):
    features = [make_feature(f"parks.p{n:03}", name, make_square(113.2, 23.1)) for n, name in enumerate(names)]
    atlas = make_atlas(*features)
    with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
        warnings.simplefilter("error")
        path = export_layers(atlas, ["parks"], Path(place) / "a.zip", fmt="shp")
        rows = read_layer(path, "parks", Path(place) / "out")
        with zipfile.ZipFile(path) as archive:
            long = read_csv(path, "长文本.csv") if "长文本.csv" in archive.namelist() else []
    whole = {row["feature_id"]: undefuse(row["text"]) for row in long if row["field"] == "name"}
    back = [whole.get(row["properties"]["id"], row["properties"]["name"] or "") for row in rows]
    assert back == names


def undefuse(cell: str) -> str:
    return cell.removeprefix("'")


@given(TEXT)
@example("=1+1")
@example("'=1")
@example("\r")
def test_csv_cells_are_defused_and_come_back(text):
    column = export.Column("name", "text", [text])
    table = export.Table("t", "表", "", (column, export.Column("n", "integer", [-5])))
    payload = files.dump_csv(table).decode("utf-8-sig")
    (head, row) = csv.reader(io.StringIO(payload, newline=""))
    assert head == ["name", "n"]
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert undefuse(row[0]) == text
    assert row[1] == "-5"


def test_null_geometry_keeps_its_row_and_its_nulls(project, tmp_path):
    path = export_layers(project, ["parks"], tmp_path / "a.zip", fmt="shp")
    row = next(f for f in read_layer(path, "parks", tmp_path / "out") if f["properties"]["id"] == "parks.p003")
    assert row["geometry"] is None
    assert row["properties"]["accuracy_m"] is None
    assert row["properties"]["entered"] in ("2026-11-22", "2026/11/22")
    readme = read_member(path, "README.txt")
    assert "parks parks：3 个要素，落位 2，未落位 1，其中示意 1" in readme
    assert "parks.p003 无名谷\r\n" in readme


@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 100), ("gbk", 50)])
@pytest.mark.parametrize("names", ["ascii", "chinese"])
def test_fields_are_as_wide_as_their_texts_ask_for(tmp_path, ogrinfo, encoding, width, names):
    """Round widths: GDAL's own is 80 for all, and three times the size of the file."""
    atlas = make_atlas(make_feature("parks.p001", "广" * 20, make_square(113.2, 23.1)))
    dataset = export.build_dataset(atlas, export.Selection(("parks",)), "EPSG:4326")
    order = export.build_order(dataset, Choices("shp", encoding=encoding, names=names))
    path = export.export_order(order, tmp_path / "a.zip")
    command = [ogrinfo, "-so", f"/vsizip/{path}", "parks"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    renamed = order.renamed["parks"]
    for field, wide in {"id": 10, "notes": 10, "name": width}.items():
        assert f"{renamed.get(field, field)}: String ({wide}." in told, told


def test_types_are_kept(project, tmp_path, ogrinfo):
    path = export_layers(project, ["parks"], tmp_path / "a.zip", fmt="shp")
    command = [ogrinfo, "-so", f"/vsizip/{path}", "parks"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "accuracy_m: Integer (" in told
    assert "entered: Date (" in told
    assert "id: String (" in told


@pytest.mark.parametrize("fmt", FIRST)
def test_a_layer_that_is_nowhere_located_can_be_taken(tmp_path, fmt):
    atlas = make_atlas(make_feature("parks.p001", "无名谷", None))
    path = export_layers(atlas, ["parks"], tmp_path / f"a{FORMATS[fmt].suffix}", fmt=fmt)
    if fmt == "geojson":
        assert ogr(path)["features"][0]["geometry"] is None
    else:
        assert read_layer(path, "parks", tmp_path / "out")[0]["geometry"] is None


def test_evidence_has_the_whole_sentence(project, tmp_path):
    path = export_layers(project, ["spots", "parks"], tmp_path / "a.zip", fmt="shp")
    rows = read_csv(path, "依据.csv")
    assert [r["feature_id"] for r in rows][:1] == ["spots.b001"]
    assert rows[0] == {
        "feature_id": "spots.b001",
        "name": "白云区新型储能产业园",
        "para_id": "chp_2__sec_1__para_1",
        "chapter": "第二章 产业平台",
        "section": "(一)园区",
        "start": "18",
        "end": "21",
        "exact": "白云区",
        "sentence": "高标准建设白云区、黄埔区等新型储能产业园,联通帽峰山。",
        "role": "evidence",
    }
    assert {r["role"] for r in rows if r["feature_id"] == "parks.p001"} == {"evidence", "mention"}


def test_evidence_in_a_heading_is_the_heading(tmp_path):
    atlas = read_atlas(name_in_headings(make_project(tmp_path)))
    path = export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp")
    rows = {r["para_id"]: r for r in read_csv(path, "依据.csv")}
    places = {i: (rows[i]["chapter"], rows[i]["section"]) for i in ("front__line_1", "chp_2", "chp_1__sec_1")}
    assert places == {
        "front__line_1": ("", ""),
        "chp_2": ("第二章 帽峰山产业平台", ""),
        "chp_1__sec_1": ("第一章 山水骨架", "(一)保育帽峰山"),
    }
    assert rows["chp_1__sec_1"]["sentence"] == "(一)保育帽峰山"
    assert rows["front__line_1"]["sentence"] == "帽峰山规划"


def test_fields_are_described(project, tmp_path):
    path = export_layers(project, ["parks"], tmp_path / "a.zip", fmt="shp")
    rows = {(r["layer"], r["field"]): r for r in read_csv(path, "字段说明.csv")}
    assert rows["parks", "accuracy_m"]["type"] == "integer"
    assert rows["parks", "category"]["domain"] == "site=地点"
    assert rows["evidence", "sentence"]["title"] == "所在句"
    assert ("parks", "id") in rows


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_readme_says_what_matters_in_two_languages(project, tmp_path, encoding):
    path = export_layers(project, PLAN, tmp_path / "a.zip", fmt="shp", crs="EPSG:4547", encoding=encoding)
    readme = read_member(path, "README.txt")
    for words in ("征求意见稿", "2025-01-01", "非官方示意图", "未经地图审核", "EPSG:4547", "先东后北", "95%", "示意 1"):
        assert words in readme
    for words in ("Unofficial sketch map", "easting or longitude first", "coincident", "1 schematic", "测绘"):
        assert words in readme
    assert ("丢失 .cpg 也能正确读取" in readme) == (encoding == "gbk")
    assert ("depends on the .cpg" in readme) == (encoding == "utf-8")
    assert "\r\n" in readme


def test_secondary_sources_are_marked(tmp_path):
    root = make_project(tmp_path)
    change = {"kind": "secondary", "url": None}
    edit_json(root / "geodata/sources.json", lambda content: content["sources"][0].update(change))
    path = export_layers(read_atlas(root), ["parks"], tmp_path / "a.zip", fmt="shp")
    assert "survey：测绘，某局，2025，公开（二手来源，待核实）" in read_member(path, "README.txt")


def test_geopackage_is_one_file_with_side_tables(project, tmp_path, ogrinfo):
    path = export_layers(project, PLAN, tmp_path / "a.gpkg", fmt="gpkg", crs="EPSG:4490")
    told = subprocess.run([ogrinfo, "-so", "-al", str(path)], capture_output=True, text=True, check=True)
    assert not told.stderr, "a client of 1.3 has nothing to warn of"
    for title in ("依据 evidence", "字段说明 field_dictionary", "说明 readme", "parks parks"):
        assert f"IDENTIFIER={title}" in told.stdout
    assert path.read_bytes()[60:64] == (10300).to_bytes(4, "big")
    sentences = {f["properties"]["sentence"] for f in ogr(path, "evidence")["features"]}
    assert "保育帽峰山、白云湖,守护无名谷。" in sentences
    assert "非官方示意图" in ogr(path, "readme")["features"][0]["properties"]["text"]
    notes = ogr(path, "streams")["features"][0]["properties"]["notes"]
    assert notes == "据河道中线绘。" * 40, "a GeoPackage holds long texts whole"


def test_geopackage_relates_features_to_their_words(project, tmp_path):
    path = export_layers(project, PLAN, tmp_path / "a.gpkg", fmt="gpkg")
    with contextlib.closing(sqlite3.connect(path)) as file:
        rows = file.execute(
            "SELECT p.id, e.exact FROM parks p JOIN parks_evidence m ON m.base_id = p.fid "
            "JOIN evidence e ON e.fid = m.related_id WHERE p.id = 'parks.p001'"
        ).fetchall()
        relations = file.execute("SELECT base_table_name, related_table_name FROM gpkgext_relations").fetchall()
        titles = dict(file.execute("SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'evidence'"))
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert relations == [(layer, "evidence") for layer in PLAN]
    assert rows == [("parks.p001", "帽峰山")] * 2
    assert titles["sentence"] == "所在句"


def test_geojson_of_one_layer_is_the_stored_file(project, tmp_path):
    for layer in PLAN:
        path = export_layers(project, [layer], tmp_path / "a.geojson", fmt="geojson")
        assert path.read_bytes() == (project.root / project.catalog.entries[layer].path).read_bytes()


def test_geojson_is_rfc_7946_to_the_letter(project, tmp_path):
    path = export_layers(project, ["parks"], tmp_path / "a.geojson", fmt="geojson")
    content = json.loads(path.read_bytes())
    assert set(content) == {"type", "features"}
    assert all(isinstance(f["id"], str) and f["type"] == "Feature" for f in content["features"])
    ring = content["features"][0]["geometry"]["coordinates"][0][0]
    assert shapely.LinearRing(ring).is_ccw


def test_several_geojson_layers_are_a_zip_with_side_files(project, tmp_path):
    path = export_layers(project, ["parks", "spots"], tmp_path / "a.zip", fmt="geojson")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    assert names == {"parks.geojson", "spots.geojson", "README.txt", "依据.csv", "字段说明.csv"}


def test_base_layers_can_be_taken_too(project, tmp_path):
    path = export_layers(project, ["districts", "labels"], tmp_path / "a.zip", fmt="shp", encoding="gbk")
    assert [f["properties"]["name"] for f in read_layer(path, "labels", tmp_path / "out")] == ["帽峰山"]
    assert ogr(tmp_path / "out/labels.shp")["features"][0]["geometry"]["type"] == "Point"
    assert read_csv(path, "依据.csv") == []


def test_point_and_multipoint_become_multipoint(tmp_path):
    point = {"type": "Point", "coordinates": [113.2, 23.1]}
    atlas = make_atlas(
        make_feature("spots.a", "甲", point),
        make_feature("spots.b", "乙", make_points((113.3, 23.2))),
        layer_id="spots",
    )
    path = export_layers(atlas, ["spots"], tmp_path / "a.zip", fmt="shp")
    assert {f["geometry"]["type"] for f in read_layer(path, "spots", tmp_path / "out")} == {"MultiPoint"}


@pytest.mark.parametrize(
    "other",
    [
        {"type": "Point", "coordinates": [113.2, 23.1]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [113.2, 23.1]}]},
    ],
)
def test_mixed_geometry_is_refused(tmp_path, other):
    atlas = make_atlas(make_feature("parks.a", "甲", make_square(113.2, 23.1)), make_feature("parks.b", "乙", other))
    with pytest.raises(ExportError, match=r"mixes geometries.*split it"):
        export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp")


@pytest.mark.parametrize(
    ("fmt", "name", "fits"),
    [
        ("shp", "elevenchars", False),
        ("shp", "tenchars__", True),
        ("shp", "中文", False),
        ("shp", "ID", False),
        ("gpkg", "elevenchars", True),
        ("gpkg", "FID", False),
        ("gpkg", "geom", False),
    ],
)
def test_fields_that_would_be_renamed_are_refused(tmp_path, fmt, name, fits):
    atlas = make_atlas(make_feature("parks.p001", "甲", make_square(113.2, 23.1), **{name: "x"}))
    target = tmp_path / f"a{FORMATS[fmt].suffix}"
    if fits:
        export_layers(atlas, ["parks"], target, fmt=fmt)
        assert read_layer(target, "parks", tmp_path / "out")[0]["properties"][name] == "x"
    else:
        with pytest.raises(ExportError, match=f"{name}.*rename it"):
            export_layers(atlas, ["parks"], target, fmt=fmt)


def make_typed(tmp_path: Path, kind: str | None, *values: object) -> Atlas:
    """A project whose layer has a property `extra` of a kind; None leaves it out of the catalogue."""
    features = [make_feature(f"parks.p{n}", "甲", make_square(113.2, 23.1), extra=v) for n, v in enumerate(values)]
    root = make_project(tmp_path, {"parks": features})
    catalog = read_json(root / CATALOG_FILE)
    fields = catalog["layers"][0]["fields"]
    if kind is None:
        del fields["extra"]
    else:
        fields["extra"]["type"] = kind
    (root / CATALOG_FILE).write_text(dump_json(catalog), encoding="utf-8")
    return read_atlas(root)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("integer", [5, None, -3]),
        ("integer", [2**40, 1]),
        ("integer", [10**16, -(10**16)]),
        ("real", [1.5, None, 1e20]),
        ("real", [123456789.123, -0.25]),
        ("date", ["2025-09-23", None]),
        ("text", ["a", None]),
        (None, [1, 2]),
        (None, [1.5, None]),
        (None, ["a", None]),
    ],
)
@pytest.mark.parametrize("fmt", FIRST)
def test_values_come_back_as_they_are(tmp_path, fmt, kind, values):
    atlas = make_typed(tmp_path, kind, *values)
    path = export_layers(atlas, ["parks"], tmp_path / f"a{FORMATS[fmt].suffix}", fmt=fmt)
    rows = ogr(path)["features"] if fmt == "geojson" else read_layer(path, "parks", tmp_path / "out")
    back = [r["properties"].get("extra") for r in rows]
    assert [v.replace("/", "-") if isinstance(v, str) else v for v in back] == values


def test_lists_become_json_text(tmp_path):
    atlas = make_typed(tmp_path, "text", ["广场", "公园"], [])
    path = export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp")
    # The second client's GeoJSON unwraps what looks like JSON, which is what it must look like.
    assert [r["properties"]["extra"] for r in read_layer(path, "parks", tmp_path / "out")] == [["广场", "公园"], []]


@pytest.mark.parametrize(
    ("kind", "value"), [("integer", 1.5), ("integer", "x"), ("real", "x"), ("date", "23.9.2025"), ("strange", 1)]
)
def test_values_of_the_wrong_type_are_named(tmp_path, kind, value):
    with pytest.raises(ExportError, match=rf"parks\.p0: extra.*not of type {kind}"):
        export_layers(make_typed(tmp_path, kind, value), ["parks"], tmp_path / "a.zip", fmt="shp")


def test_whole_numbers_that_would_be_rounded_are_refused(tmp_path):
    atlas = make_typed(tmp_path, "integer", 2**60)
    with pytest.raises(ExportError, match="too large"):
        export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp")
    path = export_layers(atlas, ["parks"], tmp_path / "a.gpkg", fmt="gpkg")
    assert read_layer(path, "parks", tmp_path)[0]["properties"]["extra"] == 2**60


@pytest.mark.parametrize("fmt", ["shp", "gpkg"])
def test_a_wrong_zone_is_refused_and_nothing_is_left(project, tmp_path, fmt):
    with pytest.raises(CRSError, match=r"EPSG:4549.*use EPSG:4547"):
        export_layers(project, PLAN, tmp_path / f"a{FORMATS[fmt].suffix}", fmt=fmt, crs="EPSG:4549")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        ({"layer_ids": []}, ExportError, "No layer is named.*parks"),
        ({"layer_ids": ["park"]}, NotFoundError, "did you mean 'parks'"),
        ({"fmt": "dwg"}, ExportError, "'dwg' is not in the list; there are shp"),
        ({"encoding": "big5"}, ExportError, "use utf-8 or gbk"),
        ({"fmt": "gpkg", "encoding": "gbk"}, ExportError, "use utf-8"),
        ({"fmt": "geojson", "crs": "EPSG:4547"}, ExportError, "Shapefile.*GeoPackage"),
        ({"crs": "EPSG:99999"}, CRSError, "not known"),
        ({"name": "a.shp"}, ExportError, r"must end in \.zip"),
        ({"fmt": "geojson", "name": "a.geojson", "layer_ids": ["parks", "spots"]}, ExportError, r"must end in \.zip"),
        ({"name": "missing/a.zip"}, ExportError, "choose a folder that exists"),
        ({"name": "file.txt/a.zip"}, ExportError, "choose a folder that exists"),
        ({"name": "folder.zip"}, ExportError, "cannot be written"),
    ],
)
def test_bad_requests_name_the_remedy_and_leave_nothing(project, tmp_path, request_, error, words):
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "folder.zip").mkdir()
    call = {"layer_ids": ["parks"], "fmt": "shp", "name": "a.zip", **request_}
    layer_ids, path = call.pop("layer_ids"), tmp_path / call.pop("name")
    with pytest.raises(error, match=words):
        export_layers(project, layer_ids, path, **call)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file.txt", "folder.zip"]


def test_a_broken_layer_says_what_is_wrong_with_it(tmp_path):
    root = make_project(tmp_path)
    (root / "layers/parks.geojson").write_text("{")
    atlas = read_atlas(root)
    with pytest.raises(CatalogError, match=r"parks\.geojson"):
        export_layers(atlas, ["parks"], tmp_path / "a.zip", fmt="shp")
    export_layers(atlas, ["spots"], tmp_path / "a.zip", fmt="shp")


def test_a_mention_of_no_paragraph_is_named(tmp_path):
    root = make_project(tmp_path)
    mentions = root / "layers/mentions.jsonl"
    text = mentions.read_text(encoding="utf-8").replace('"para_id": "chp_2__', '"para_id": "chp_9__')
    mentions.write_text(text, encoding="utf-8")
    with pytest.raises(ExportError, match="gzmap check"):
        export_layers(read_atlas(root), ["spots"], tmp_path / "a.zip", fmt="shp")


@pytest.mark.parametrize("day", [None, "soon"])
def test_an_edition_without_a_date_is_named(tmp_path, day):
    root = make_project(tmp_path)
    edit_json(root / PLAN_DIR / "meta.json", lambda meta: meta.update(edition_date=day))
    with pytest.raises(ExportError, match=r"meta\.json: edition_date"):
        export_layers(read_atlas(root), ["parks"], tmp_path / "a.zip", fmt="shp")


@pytest.mark.parametrize("fmt", FIRST)
def test_a_failure_half_way_leaves_the_old_file(project, tmp_path, fmt, monkeypatch):
    target = tmp_path / f"a{suffix_of(fmt)}"
    target.write_bytes(b"old")

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gdal_writer.raw, "write_arrow", full_disk)
    monkeypatch.setattr("gzmap.export.files.shutil.copyfileobj", full_disk)
    with pytest.raises(ExportError, match="No space left"):
        export_layers(project, PLAN, target, fmt=fmt)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_gdals_own_errors_become_ours(project, tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("driver says no")

    monkeypatch.setattr(gdal_writer.raw, "write_arrow", fail)
    with pytest.raises(ExportError, match="driver says no"):
        export_layers(project, ["parks"], tmp_path / "a.gpkg", fmt="gpkg")
    assert not list(tmp_path.iterdir())


def test_layers_named_twice_count_once(project, tmp_path):
    path = export_layers(project, ["parks", "parks"], tmp_path / "a.geojson", fmt="geojson")
    assert len(json.loads(path.read_bytes())["features"]) == 3


def test_limits_are_consistent_data():
    assert set(FORMATS) == {"shp", "gpkg", "gdb", "geojson", "kml", "dxf", "csv", "xlsx", "fgb", "parquet"}
    for limit in FORMATS.values():
        assert set(limit.encodings) <= set(ENCODINGS)
        assert limit.suffix.startswith(".")
        assert limit.suffix_many.startswith(".")
        assert limit.many_layers == (limit.suffix == limit.suffix_many and not limit.title.startswith("Shapefile"))
        assert limit.types <= ALL_KINDS
        assert "text" in limit.types
        assert limit.null_geometry
        assert limit.null_geometry_en.isascii()
        assert limit.limits_note
        assert limit.limits_note_en.isascii()


def test_half_a_character_is_refused_in_utf8_too():
    table = export.Table("t", "表", "", (export.Column("id", "text", ["t.a"]), export.Column("n", "text", ["\ud800"])))
    with pytest.raises(ExportError, match=r"U\+D800 in t\.a; correct the text"):
        build_order(make_dataset(table), Choices("gpkg"))


def test_format_text_gives_json_for_lists():
    assert tables.format_text(["广", 1]) == '["广", 1]'
    assert tables.format_text(None) is None


def test_shipped_layers_reach_other_programs_whole(atlas, tmp_path):
    """Every shipped layer, as a planner would take it: GBK, EPSG:4547 (the wide ones in degrees)."""
    for layer in atlas.layers:
        wide = layer in ("cities", "water_sea")
        crs = "EPSG:4490" if wide else "EPSG:4547"
        path = export_layers(atlas, [layer], tmp_path / f"{layer}.zip", fmt="shp", crs=crs, encoding="gbk")
        rows = read_layer(path, layer, tmp_path / layer)
        names = {r["properties"]["id"]: r["properties"]["name"] for r in rows}
        assert names == {i: f.name for i, f in atlas.features.items() if f.layer_id == layer}
