"""The packet: what is in it, that it is right, that it is the same each time, and that it is refused when it is not."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import sqlite3
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest

from gzmap.atlas import Atlas, open_atlas
from gzmap.errors import CRSError, ExportError, NotFoundError
from gzmap.export import FORMATS, Choices, Selection, comparison
from gzmap.export.contents import check_packet, choose_formats
from gzmap.export.packet import export_packet
from gzmap.export.reports import format_loss
from tests.makers import default_layers, make_feature, make_project, make_square

PLAN = ("parks", "streams", "spots")
LONG = "据实地查勘。" * 80


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    layers = default_layers()
    layers["streams"][0]["properties"]["notes"] = LONG
    return open_atlas(make_project(tmp_path_factory.mktemp("project"), layers))


@pytest.fixture(scope="module")
def packet(project: Atlas, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a packet of the plan's layers, by path."""
    path = tmp_path_factory.mktemp("packet") / "X.zip"
    choices = Choices("shp", "EPSG:4547", "gbk", "pinyin")
    assert export_packet(project, Selection(PLAN), path, choices=choices) == path
    return unpack(path)


def unpack(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def read_rows(packet: dict[str, bytes], name: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(packet[name].decode("utf-8-sig"), newline="")))


def read_sheet(packet: dict[str, bytes], name: str) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(packet[name]))
    assert len(book.sheetnames) == 1
    return list(book[book.sheetnames[0]].iter_rows(values_only=True))


# --- what is in it


def test_everything_is_there(packet: dict[str, bytes]) -> None:
    wanted = {"README.txt", "LICENCES.txt", "MANIFEST.sha256", "gzmap.gpkg", "gzmap.qgs"}
    wanted |= {f"{name}.{end}" for name in ("preflight", "readback") for end in ("txt", "json")}
    tables = ("dictionary", "evidence", "long_text", "sources")
    wanted |= {f"tables/{name}.{end}" for name in tables for end in ("csv", "xlsx")}
    for layer in PLAN:
        wanted |= {f"shp/{layer}.{end}" for end in ("shp", "shx", "dbf", "prj", "cpg")}
        wanted |= {f"metadata/{layer}.xml", f"styles/{layer}.sld", f"styles/{layer}.qml"}
    assert set(packet) == wanted
    assert all(name.isascii() for name in packet)


def test_the_manifest_fits_the_files(packet: dict[str, bytes], tmp_path: Path) -> None:
    for name, content in packet.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "MANIFEST.sha256"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(": OK\n") == len(packet) - 1


def test_the_dictionary_has_every_field_under_its_new_name(packet: dict[str, bytes]) -> None:
    rows = read_rows(packet, "tables/dictionary.csv")
    fields = {(row["layer"], row["field"]): row for row in rows if "shp" in row["formats"].split()}
    assert fields["parks", "BSM"]["origin"] == "id"
    assert fields["parks", "BSM"]["type"] == "text"
    assert "仅借用字段命名习惯，不是汇交成果" in fields["parks", "YSDM"]["description"]
    assert int(fields["parks", "BSM"]["length"]) == len("parks.p001")
    assert ("evidence", "sentence") in fields
    head, *body = read_sheet(packet, "tables/dictionary.xlsx")
    assert [word.split()[-1] for word in head] == list(rows[0])
    assert head[:3] == ("表名 layer", "表标题 layer_title", "字段 field")
    assert [[str(v) if v is not None else "" for v in line] for line in body] == [list(row.values()) for row in rows]


def test_a_field_that_is_the_same_in_two_formats_is_told_once(packet: dict[str, bytes]) -> None:
    rows = [row for row in read_rows(packet, "tables/dictionary.csv") if row["layer"] == "streams"]
    assert [r["formats"] for r in rows if r["origin"] == "id"] == ["shp gpkg"]
    notes = [(r["formats"], int(r["length"])) for r in rows if r["origin"] == "notes"]
    assert notes == [("shp", 254), ("gpkg", len(LONG.encode()))]


def test_evidence_and_long_texts_are_whole(project: Atlas, packet: dict[str, bytes]) -> None:
    evidence = read_rows(packet, "tables/evidence.csv")
    assert len(evidence) == len(project.mentions)
    assert {row["feature_id"] for row in evidence} == {m.feature_id for m in project.mentions}
    assert all(row["exact"] in row["sentence"] for row in evidence)
    assert len(read_sheet(packet, "tables/evidence.xlsx")) == len(evidence) + 1
    long = read_rows(packet, "tables/long_text.csv")
    assert [(row["feature_id"], row["text"]) for row in long] == [("streams.s001", LONG)]


def test_descriptions_use_the_names_of_the_files(packet: dict[str, bytes]) -> None:
    for name, content in packet.items():
        if name.endswith((".xml", ".sld", ".qml", ".qgs")):
            ElementTree.fromstring(content)
    assert b"./gzmap.gpkg|layername=parks" in packet["gzmap.qgs"]
    assert b"EPSG:4547" in packet["gzmap.qgs"]
    assert 'field="BSM"' in packet["styles/parks.qml"].decode()


def test_readme_says_what_a_reader_must_know(packet: dict[str, bytes]) -> None:
    text = packet["README.txt"].decode("utf-8-sig").replace("\r\n", "\n")
    for words in (
        *("某市建设规划", "征求意见稿", "2025-01-01", "非官方示意图", "EPSG:4547", "PROJ 所用方法", "公开"),
        *(
            "仅借用字段命名习惯，不是汇交成果",
            "GBK（CP936）",
            "parks.p003 无名谷",
            "3 个要素，落位 2，未落位 1，其中示意 1",
        ),
        *("Shapefile：streams NOTES streams.s001：960 字节截为", "streams.s001: 960 bytes cut"),
        *("Unofficial sketch map", "no submission", "survey：测绘", "MANIFEST.sha256", "为误差的 95% 界限"),
        *("东坐标不含带号", "parks.p003 无名谷", "要素标识在字段“BSM”", "shp/：Shapefile，", "gzmap.gpkg：GeoPackage"),
    ):
        assert words in text, words
    assert text.index("【内容】") < text.index("Contents")
    licences = packet["LICENCES.txt"].decode("utf-8-sig")
    assert "parks " in licences
    assert "survey：测绘" in licences


def test_readme_names_no_file_that_is_not_there(project: Atlas, tmp_path: Path) -> None:
    export_packet(project, Selection(("spots",)), tmp_path / "a.zip", choices=Choices("csv"), formats=["csv"])
    files = unpack(tmp_path / "a.zip")
    text = files["README.txt"].decode("utf-8-sig")
    assert "gzmap.qgs" not in text
    assert "long_text" not in text
    assert "csv/spots.csv" in files
    assert "gzmap.qgs" not in files


def test_the_reports_say_what_changed_and_that_nothing_differs(packet: dict[str, bytes]) -> None:
    losses = json.loads(packet["preflight.json"])
    cut = [(x["format"], x["layer"], x["feature_id"]) for x in losses if x["code"] == "text-cut"]
    assert cut == [("shp", "streams", "streams.s001")]
    assert "streams.s001" in packet["preflight.txt"].decode("utf-8-sig")
    report = json.loads(packet["readback.json"])
    assert report["differences"] == 0
    assert {(x["format"], x["layer"], x["features"]) for x in report["layers"]} >= {
        ("shp", "parks", 3), ("gpkg", "parks", 3), ("gpkg", "evidence", 9),
    }  # fmt: skip
    assert "差异：无" in packet["readback.txt"].decode("utf-8-sig")


def test_the_project_shows_every_table_of_the_geopackage(packet: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_bytes(packet["gzmap.gpkg"])
    with contextlib.closing(sqlite3.connect(tmp_path / "a.gpkg")) as file:
        tables = {name for (name,) in file.execute("SELECT table_name FROM gpkg_contents")}
    project = ElementTree.fromstring(packet["gzmap.qgs"])
    sources = [layer.findtext("datasource") for layer in project.iter("maplayer")]
    assert {source.rpartition("layername=")[2] for source in sources} == tables
    assert "readme" in tables


def test_the_sources_explain_the_field_of_sources(packet: dict[str, bytes]) -> None:
    rows = read_rows(packet, "tables/sources.csv")
    assert {"id": "survey", "title": "测绘"}.items() <= rows[0].items()
    assert read_sheet(packet, "tables/sources.xlsx")[1][:2] == ("survey", "测绘")


def test_the_geopackage_holds_the_layers_in_the_crs(packet: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_bytes(packet["gzmap.gpkg"])
    with sqlite3.connect(tmp_path / "a.gpkg") as file:
        rows = dict(file.execute("SELECT table_name, srs_id FROM gpkg_contents WHERE data_type = 'features'"))
    file.close()
    assert rows == dict.fromkeys(PLAN, 4547)


# --- every format, the same each time


def test_every_format_at_once_is_read_back(project: Atlas, tmp_path: Path) -> None:
    export_packet(
        project, Selection(PLAN), tmp_path / "a.zip", choices=Choices("shp", "EPSG:4490"), formats=list(FORMATS)
    )
    files = unpack(tmp_path / "a.zip")
    report = json.loads(files["readback.json"])
    assert {layer["format"] for layer in report["layers"]} == set(FORMATS)
    assert report["differences"] == 0
    folders = {name.partition("/")[0] for name in files if "/" in name}
    assert folders == {*FORMATS, "tables", "metadata", "styles"} - {"gpkg"}
    assert all(name.isascii() for name in files)
    fixed = [x["format"] for x in json.loads(files["preflight.json"]) if x["code"] == "crs-fixed"]
    assert sorted(fixed) == ["geojson", "kml"]


def test_the_same_input_gives_the_same_bytes(project: Atlas, tmp_path: Path) -> None:
    formats = [key for key in FORMATS if key != "gdb"]
    digests = set()
    for number in range(2):
        path = tmp_path / f"{number}.zip"
        export_packet(project, Selection(PLAN), path, choices=Choices("shp"), formats=formats)
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_geodatabases_of_the_same_input_have_the_same_content(project: Atlas, tmp_path: Path) -> None:
    reports = set()
    for number in range(2):
        path = tmp_path / f"{number}.zip"
        export_packet(project, Selection(PLAN), path, choices=Choices("gdb"), formats=["gdb"])
        reports.add(unpack(path)["readback.json"])
    assert len(reports) == 1


# --- selection and choices


def test_a_district_is_cut_and_told(project: Atlas, tmp_path: Path) -> None:
    wide = {**default_layers(), "parks": [make_feature("parks.p001", "帽峰山", make_square(113.28, 23.14, 0.04))]}
    atlas = open_atlas(make_project(tmp_path / "wide", wide, mentions=[]))
    selection = Selection(("parks",), district="白云区", clip=True)
    export_packet(atlas, selection, tmp_path / "a.zip", choices=Choices("gpkg"), formats=["gpkg"])
    files = unpack(tmp_path / "a.zip")
    extent = next(x for x in json.loads(files["readback.json"])["layers"] if x["layer"] == "parks")["extent"]
    assert extent[2] == pytest.approx(113.3)
    text = files["README.txt"].decode("utf-8-sig")
    assert "按所选范围裁剪" in text
    assert "范围：白云区，几何按此裁剪。" in text
    assert "Selection: the district 白云区, geometries cut at it." in text
    assert "范围：白云区" in files["metadata/parks.xml"].decode()


def test_a_layer_that_does_not_fit_the_crs_is_left_out_and_told(tmp_path: Path) -> None:
    layers = default_layers()
    layers["labels"].append(make_feature("labels.l002", "西宁", {"type": "Point", "coordinates": [101.7, 36.6]}))
    atlas = open_atlas(make_project(tmp_path / "far", layers))
    export_packet(atlas, Selection(()), tmp_path / "a.zip", choices=Choices("gpkg", "EPSG:4547"), formats=["gpkg"])
    files = unpack(tmp_path / "a.zip")
    assert [x["layer"] for x in json.loads(files["preflight.json"]) if x["code"] == "layer-left-out"] == ["labels"]
    assert "超出坐标系的适用范围" in files["README.txt"].decode("utf-8-sig")
    assert "metadata/parks.xml" in files
    assert "metadata/labels.xml" not in files
    with pytest.raises(CRSError, match="EPSG:4547"):
        export_packet(atlas, Selection(("labels",)), tmp_path / "b.zip", choices=Choices("gpkg", "EPSG:4547"))


def test_each_format_gets_what_it_allows() -> None:
    shp, geojson = choose_formats(Choices("gpkg", "EPSG:4547", names="chinese"), ["shp", "geojson", "shp"])
    assert (shp.crs, shp.encoding, shp.names) == ("EPSG:4547", "utf-8", "chinese")
    assert (geojson.crs, geojson.encoding) == ("EPSG:4326", "utf-8")
    shp, gpkg = choose_formats(Choices("shp", encoding="gbk"), ["shp", "gpkg"])
    assert (shp.encoding, gpkg.encoding) == ("gbk", "utf-8")


@pytest.mark.parametrize(
    ("formats", "message"),
    [
        ([], "No format is named"),
        (["dwg"], "Format 'dwg' is not in"),
        (["gpkg"], "None of gpkg is written in gbk"),
    ],
)
def test_formats_that_do_not_go_are_refused(formats: list[str], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        choose_formats(Choices("shp", encoding="gbk"), formats)


@pytest.mark.parametrize(
    ("layers", "name", "kind", "message"),
    [
        (("none",), "a.zip", NotFoundError, "none"),
        (PLAN, "a.gpkg", ExportError, r"must end in \.zip"),
        (PLAN, "no/a.zip", ExportError, "choose a folder that exists"),
    ],
)
def test_a_bad_request_is_refused_and_leaves_nothing(
    project: Atlas, tmp_path: Path, layers: tuple, name: str, kind: type, message: str
) -> None:
    with pytest.raises(kind, match=message):
        export_packet(project, Selection(layers), tmp_path / name, choices=Choices("shp"))
    assert list(tmp_path.iterdir()) == []


def test_a_packet_that_reads_back_otherwise_is_not_delivered(
    project: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "_is_same", lambda _wanted, _found, kind: kind != "date")
    with pytest.raises(ExportError, match=r"Read back, \d+ things are not as they were written: shp/parks\.shp parks"):
        export_packet(project, Selection(("parks",)), tmp_path / "a.zip", choices=Choices("shp"))
    assert list(tmp_path.iterdir()) == []


def test_what_would_be_lost_is_told_before_and_refused(tmp_path: Path) -> None:
    layers = default_layers()
    layers["parks"][0]["properties"]["name"] = "帽峰𠮷"
    atlas = open_atlas(make_project(tmp_path / "project", layers))
    choices = Choices("shp", encoding="gbk")
    losses = check_packet(atlas, Selection(("parks",)), choices=choices)
    assert [x.code for x in losses["shp"] if x.severity == "refused"] == ["character"]
    assert not any(x.severity == "refused" for x in losses["gpkg"])
    line = format_loss(losses["shp"][0])
    assert re.match("不能导出：parks name parks.p001 .*𠮷.*改用 UTF-8", line), line
    with pytest.raises(ExportError, match="CP936 lacks"):
        export_packet(atlas, Selection(("parks",)), tmp_path / "a.zip", choices=choices)
    assert not (tmp_path / "a.zip").exists()


def test_readme_says_what_was_left_out_by_choice(project: Atlas, tmp_path: Path) -> None:
    choices = Choices("gpkg", schematic=False, nulls=False)
    export_packet(project, Selection(("parks",)), tmp_path / "a.zip", choices=choices, formats=["gpkg"])
    text = unpack(tmp_path / "a.zip")["README.txt"].decode("utf-8-sig")
    assert "按选择不含示意要素。" in text
    assert "按选择不含未落位的要素。" in text
    assert "共 1 个要素，其中示意 0 个（0%）。" in text
    assert "left out by choice" in text
