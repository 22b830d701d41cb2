"""The commands that hand files on: packet, export with its pre-flight, a team's own file."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas
import pandas as pd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner

from gzmap.cli import main
from gzmap.cli.orders import TerminalProgress
from gzmap.export import FORMATS
from gzmap.export.contents import DEFAULT_FORMATS
from tests.cli_runner import run
from tests.makers import default_layers, make_project

LONG = "据实地查勘。" * 80


@pytest.fixture
def project(tmp_path: Path) -> Path:
    layers = default_layers()
    layers["streams"][0]["properties"]["notes"] = LONG
    return make_project(tmp_path / "项目", layers)


def succeed(project: Path, *arguments: object) -> Path:
    result = run(project, *arguments)
    assert result.exit_code == 0, result.stderr
    return Path(result.stdout.strip())


def refuse(project: Path, *arguments: object) -> str:
    result = run(project, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def list_members(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


# --- packet


def test_packet(project: Path, tmp_path: Path) -> None:
    result = run(
        project, "packet", "--layers", "parks，streams", "--crs", "EPSG:4547", "--encoding", "gbk",
        "--fields", "pinyin", "-o", tmp_path / "X.zip",
    )  # fmt: skip
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'X.zip'}\n"), result.stderr
    members = list_members(tmp_path / "X.zip")
    assert {"gzmap.gpkg", "shp/parks.shp", "shp/streams.shp", "MANIFEST.sha256"} <= members
    assert "shp/spots.shp" not in members
    assert result.stderr.splitlines()[0] == "0/6 layers"
    assert result.stderr.splitlines()[-1] == "6/6 X.zip"


def test_packet_takes_all_layers_and_the_formats_named(project: Path, tmp_path: Path) -> None:
    path = succeed(project, "packet", "--format", "geojson", "--format", "csv", "-o", tmp_path / "X.zip")
    members = list_members(path)
    assert {"geojson/districts.geojson", "geojson/parks.geojson", "csv/spots.csv"} <= members
    assert not any(name.startswith("shp/") or name.endswith(".gpkg") for name in members)


def test_packet_of_a_district(project: Path, tmp_path: Path) -> None:
    arguments = ("packet", "--layers", "spots", "--format", "geojson", "--without-nulls", "-o", tmp_path / "X.zip")
    succeed(project, *arguments, "--district", "黄埔区", "--clip")
    with zipfile.ZipFile(tmp_path / "X.zip") as archive:
        features = json.loads(archive.read("geojson/spots.geojson"))["features"]
    assert [f["id"] for f in features] == ["spots.b002"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--bbox", "113,23,114"], "write west,south,east,north"),
        (["--bbox", "a,b,c,d"], "write west,south,east,north"),
        (["--bbox", "114,23,113,24"], "is empty"),
        (["--crs", "EPSG:4549"], "EPSG:4547"),
        (["--crs", "GCJ-02"], "GCJ"),
        (["--encoding", "big5"], "big5"),
        (["--format", "dwg"], "dwg"),
        (["--format", "gpkg", "--encoding", "gbk"], "None of gpkg is written in gbk"),
    ],
)
def test_packet_refuses(project: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    assert message in refuse(project, "packet", *arguments, "-o", tmp_path / "X.zip")
    assert not (tmp_path / "X.zip").exists()


def test_packet_wants_a_target_and_a_district_that_exists(project: Path, tmp_path: Path) -> None:
    assert "--output" in refuse(project, "packet")
    assert run(project, "packet", "--district", "番禺区", "-o", tmp_path / "X.zip").exit_code == 3


def test_packet_preflight_writes_nothing(project: Path, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    result = run(project, "packet", "--preflight", "--json", "-o", tmp_path / "X.zip")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert {line["format"] for line in lines} <= set(DEFAULT_FORMATS)
    assert ("text-cut", "streams.s001") in {(line["code"], line["feature_id"]) for line in lines}
    assert result.exit_code == 0
    assert set(tmp_path.iterdir()) == before


# --- export


@pytest.mark.parametrize("fmt", FORMATS)
def test_export_writes_every_format(project: Path, tmp_path: Path, fmt: str) -> None:
    path = succeed(project, "export", "parks", "--format", fmt, "-o", tmp_path / f"公园{FORMATS[fmt].suffix}")
    assert path.stat().st_size > 100


def test_export_tells_what_changed(project: Path, tmp_path: Path) -> None:
    result = run(project, "export", "streams", "--format", "shp", "-o", tmp_path / "a.zip")
    assert (result.exit_code, result.stderr) == (0, "有 1 处改动，用 --preflight 查看。\n")
    assert run(project, "export", "parks", "--format", "gpkg", "-o", tmp_path / "a.gpkg").stderr == ""


def test_export_takes_names_and_selection(project: Path, tmp_path: Path) -> None:
    arguments = ("export", "parks", "--format", "gpkg", "--names", "pinyin", "--bbox", "113.2,23.1,113.235,23.2")
    path = succeed(project, *arguments, "-o", tmp_path / "a.gpkg")
    frame = geopandas.read_file(path, layer="parks")
    assert list(frame["BSM"]) == ["parks.p002"]
    assert "YSDM" in frame.columns
    without = succeed(
        project,
        "export",
        "parks",
        "--format",
        "gpkg",
        "--without-schematic",
        "--without-nulls",
        "-o",
        tmp_path / "b.gpkg",
    )
    assert list(geopandas.read_file(without, layer="parks")["id"]) == ["parks.p001"]


def test_preflight_lists_what_is_refused_and_exits_with_1(tmp_path: Path) -> None:
    layers = default_layers()
    layers["parks"][0]["properties"]["name"] = "帽峰𠮷"
    project = make_project(tmp_path / "p", layers)
    result = run(project, "export", "parks", "--format", "shp", "--encoding", "gbk", "--preflight")
    assert result.exit_code == 1
    assert result.stdout.startswith("【Shapefile (zip)】\n不能导出：parks name parks.p001 ")
    assert "𠮷" in result.stdout
    result = run(project, "export", "parks", "--format", "shp", "--encoding", "gbk", "--preflight", "--json")
    first = json.loads(result.stdout.splitlines()[0])
    assert (first["severity"], first["fix"], first["format"]) == ("refused", "encoding=utf-8", "shp")
    assert "CP936 lacks" in refuse(
        project, "export", "parks", "--format", "shp", "--encoding", "gbk", "-o", tmp_path / "a.zip"
    )


# --- a file of one's own


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A Shapefile in GBK without .cpg and .prj, as they come by mail."""
    folder = tmp_path / "来件"
    folder.mkdir()
    frame = geopandas.GeoDataFrame(
        {"地块编号": ["甲01", "乙02"], "面积": [1.5, 2.5]},
        geometry=shapely.points([[430000, 2560000], [431000, 2561000]]),
        crs=4547,
    )
    path = folder / "地块.shp"
    pyogrio.write_dataframe(frame, path, encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    path.with_suffix(".prj").unlink()
    return path


def test_export_file(project: Path, own: Path, tmp_path: Path) -> None:
    stated = ("--input-crs", "EPSG:4547", "--input-encoding", "gbk")
    path = succeed(
        project, "export-file", own, *stated, "--format", "gpkg", "--crs", "EPSG:4490", "--fields", "chinese",
        "-o", tmp_path / "a.gpkg",
    )  # fmt: skip
    layer = pyogrio.list_layers(path)[0][0]
    frame = geopandas.read_file(path, layer=layer)
    assert list(frame["地块编号"]) == ["甲01", "乙02"]
    assert frame.crs.to_epsg() == 4490
    back = frame.to_crs(4547).geometry
    assert shapely.distance(back.iloc[0], shapely.Point(430000, 2560000)) < 1e-3


@pytest.mark.parametrize(("text", "encoding", "is_stated"), [("abc", "ascii", False), ("甲", "gbk", True)])
def test_export_file_asks_for_no_encoding_that_does_not_matter_or_is_stated(
    project: Path, tmp_path: Path, text: str, encoding: str, *, is_stated: bool
) -> None:
    frame = geopandas.GeoDataFrame({"t": [text]}, geometry=[shapely.Point(113, 23)], crs=4490)
    source = tmp_path / "a.shp"
    pyogrio.write_dataframe(frame, source, encoding=encoding)
    if not is_stated:
        source.with_suffix(".cpg").unlink()
    out = succeed(project, "export-file", source, "--format", "csv", "-o", tmp_path / "a.csv")
    assert text in out.read_text("utf-8-sig")


def test_export_file_needs_no_project(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(
        main,
        [
            "export-file",
            str(own),
            "--input-crs",
            "EPSG:4547",
            "--input-encoding",
            "gbk",
            "--format",
            "csv",
            "-o",
            "a.csv",
        ],
    )
    assert result.exit_code == 0, result.stderr
    assert "甲01" in Path("a.csv").read_text("utf-8-sig")


def test_export_file_preflight(project: Path, own: Path) -> None:
    result = run(
        project, "export-file", own, "--input-crs", "EPSG:4547", "--input-encoding", "gbk", "--format", "shp",
        "--preflight", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert {"field-name", "encoding"} <= {json.loads(line)["code"] for line in result.stdout.splitlines()}


def test_export_file_takes_a_layer_and_tells_of_tables(project: Path, tmp_path: Path) -> None:
    source = succeed(project, "export", "parks", "streams", "--format", "gpkg", "-o", tmp_path / "in.gpkg")
    result = run(project, "export-file", source, "--format", "gpkg", "--preflight", "--json")
    left = [json.loads(line) for line in result.stdout.splitlines() if "table-left-out" in line]
    assert "evidence" in [loss["layer"] for loss in left]
    one = succeed(
        project, "export-file", source, "--layer", "parks", "--format", "geojson", "-o", tmp_path / "a.geojson"
    )
    assert len(json.loads(one.read_text("utf-8"))["features"]) == 3


def test_export_file_tells_what_the_reader_warned_of(project: Path, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"t": pd.to_datetime(["2025-01-01T08:00:00+08:00"])}, geometry=[shapely.Point(113, 23)], crs=4490
    )
    source = tmp_path / "in.gpkg"
    pyogrio.write_dataframe(frame, source)
    result = run(project, "export-file", source, "--format", "csv", "--preflight", "--json")
    (told,) = [json.loads(line) for line in result.stdout.splitlines() if '"input"' in line]
    assert "Non-conformant content" in told["detail"]
    assert not result.stderr


def test_export_file_names_what_is_wrong(project: Path, own: Path, tmp_path: Path) -> None:
    out = ("--format", "gpkg", "-o", tmp_path / "a.gpkg")
    broken = tmp_path / "broken.gpkg"
    broken.write_text("no")
    plain = tmp_path / "plain.csv"
    plain.write_text("a,b\n1,2\n")
    crs, encoding = ("--input-crs", "EPSG:4547"), ("--input-encoding", "gbk")
    assert "does not exist; correct the path" in refuse(project, "export-file", tmp_path / "none.shp", *out)
    assert "cannot be read" in refuse(project, "export-file", broken, *out)
    assert "no layer with a geometry" in refuse(project, "export-file", plain, *out)
    assert "--input-crs" in refuse(project, "export-file", own, *encoding, *out)
    assert "--input-encoding" in refuse(project, "export-file", own, *crs, "--input-encoding", "utf-8", *out)
    assert "in gbk one of them is '地块编号'" in refuse(project, "export-file", own, *crs, *out)
    assert "--input-encoding" in refuse(project, "export-file", own, *crs, "--input-encoding", "klingon", *out)
    assert "EPSG:99999" in refuse(project, "export-file", own, *encoding, "--input-crs", "EPSG:99999", *out)
    assert "did you mean" in refuse(project, "export-file", own, *crs, *encoding, "--layer", "地块1", *out)
    assert not (tmp_path / "a.gpkg").exists()


def test_progress_on_a_terminal_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for done, what in enumerate(("layers", "a.zip")):
        TerminalProgress().step(done, 1, what)
    assert capsys.readouterr().err.count("\n") == 1
