"""The second client finds what was written, and finds out what was not."""

from __future__ import annotations

import sqlite3
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from gzmap.atlas import Atlas, open_atlas
from gzmap.errors import ExportError
from gzmap.export import FORMATS, Choices, Selection, build_dataset, build_order, clients
from gzmap.export.clients import Source, find_tool, name_client, read_sources
from gzmap.export.comparison import Written
from gzmap.export.readback import dump_readings, find_checksum, format_readings, read_back, require_same
from gzmap.export.tables import Column, Table
from gzmap.export.unpacked import export_unpacked
from tests.makers import default_layers, make_project

PLAN = ("parks", "streams", "spots")
TOOLS = {"tool": None, "library": ""}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    layers = default_layers()
    layers["parks"][0]["properties"] |= {
        "name": '=帽峰山"甲",\n乙',
        "aliases": "大夫山|滴水岩",
        "notes": "据实地查勘。" * 80,
    }
    return open_atlas(make_project(tmp_path_factory.mktemp("project"), layers))


def write(project: Atlas, folder: Path, fmt: str, **members: str) -> list[Written]:
    """Write the plan's layers as they stand in a packet."""
    limits = FORMATS[fmt]
    crs = "EPSG:4526" if limits.crs is None else limits.crs[0]
    choices = Choices(fmt, crs, **members)
    order = build_order(build_dataset(project, Selection(PLAN), crs), choices)
    for name in ("packet", "scratch"):
        (folder / name).mkdir()
    return export_unpacked(order, folder / "packet", folder / "scratch")


def read(written: list[Written], folder: Path, tool: str | None = None) -> list:
    place = folder / "read"
    place.mkdir()
    return read_back(written, place, root=folder / "packet", tool=tool)


@pytest.mark.parametrize("client", TOOLS)
@pytest.mark.parametrize("fmt", FORMATS)
def test_nothing_differs(project: Atlas, tmp_path: Path, fmt: str, client: str) -> None:
    written = write(project, tmp_path, fmt)
    readings = read(written, tmp_path, TOOLS[client])
    require_same(readings)
    assert len(readings) == len(written) >= 3
    parks = readings[0]
    expected = "pyarrow" if fmt == "parquet" else "GDAL 3." if client == "tool" else "pyogrio"
    assert parks.client.startswith(expected)
    assert parks.crs == (written[0].crs if FORMATS[fmt].states_crs else "")
    if fmt != "dxf":
        assert (parks.features, parks.located) == (3, 2)
        assert parks.texts["name"] == find_checksum(written[0].table.column("name").values) or fmt == "csv"


@pytest.mark.parametrize("encoding", FORMATS["shp"].encodings)
def test_every_encoding_reads_back(project: Atlas, tmp_path: Path, encoding: str) -> None:
    readings = read(write(project, tmp_path, "shp", encoding=encoding, names="pinyin"), tmp_path)
    assert [r.differences for r in readings] == [()] * 3
    assert readings[0].fields[:2] == ("BSM", "YSDM")


def change_column(written: Written, name: str, values: list) -> Written:
    columns = tuple(replace(c, values=values) if c.name == name else c for c in written.table.columns)
    return replace(written, table=replace(written.table, columns=columns))


def drop_row(written: Written) -> Written:
    table = written.table
    columns = tuple(replace(c, values=list(c.values)[:-1]) for c in table.columns)
    return replace(written, table=replace(table, columns=columns, geometries=table.geometries[:-1]))


def move(written: Written) -> Written:
    moved = shapely.transform(written.table.geometries, lambda xy: np.add(xy, (1e-3, 0)))
    return replace(written, table=replace(written.table, geometries=moved))


def add_vertex(written: Written) -> Written:
    shapes = np.array(written.table.geometries, dtype=object)
    shapes[0] = shapely.segmentize(shapes[0], 500)
    return replace(written, table=replace(written.table, geometries=shapes))


def lose_geometry(written: Written) -> Written:
    shapes = np.array(written.table.geometries, dtype=object)
    shapes[0] = None
    return replace(written, table=replace(written.table, geometries=shapes))


def rename(written: Written) -> Written:
    columns = tuple(replace(c, name="nom") if c.name == "name" else c for c in written.table.columns)
    return replace(written, table=replace(written.table, columns=columns))


CHANGES = {
    "a text": (
        lambda w: change_column(w, "name", ["帽峰山", "白云湖", "无名谷"]),
        "字段 name 有 1 处不同：第 1 行应为 '帽峰山'",
    ),
    "a number": (lambda w: change_column(w, "accuracy_m", [51, 300, None]), "字段 accuracy_m 有 1 处不同"),
    "no number": (lambda w: change_column(w, "accuracy_m", [50, 300, 7]), "第 3 行应为 '7'，读回 ''"),
    "a date": (lambda w: change_column(w, "entered", ["2026-11-23"] * 3), "字段 entered 有 3 处不同"),
    "an id": (lambda w: change_column(w, "id", ["parks.p001", "parks.p002", "parks.p009"]), "要素标识与写出的不同"),
    "a row": (drop_row, "要素数应为 2，读回 3"),
    "a millimetre": (move, "2 个要素的范围不同，最多相差 0.001"),
    "a vertex": (add_vertex, "1 个要素的顶点数不同"),
    "a geometry": (lose_geometry, "无几何的要素应有 2 个，读回 1 个"),
    "a field": (rename, "缺少字段 nom"),
    "a field more": (rename, "多出字段 name"),
    "the CRS": (lambda w: replace(w, crs="EPSG:4547"), "坐标系应为 EPSG:4547，读回 EPSG:4526"),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("fmt", ["shp", "gpkg"])
def test_every_difference_is_told_and_refused(project: Atlas, tmp_path: Path, fmt: str, what: str) -> None:
    change, told = CHANGES[what]
    written = write(project, tmp_path, fmt)
    if fmt == "shp" and what == "a text":
        told = "字段 name 有 1 处不同"
    readings = read([change(written[0]), *written[1:]], tmp_path)
    assert any(told in difference for difference in readings[0].differences), readings[0].differences
    assert all(r.differences == () for r in readings[1:])
    with pytest.raises(ExportError, match="nothing is delivered"):
        require_same(readings)
    assert "    差异：" in format_readings(readings)
    assert dump_readings(readings)["differences"] == len(readings[0].differences)


def test_a_drawing_is_compared_layer_by_layer(project: Atlas, tmp_path: Path) -> None:
    written = write(project, tmp_path, "dxf")
    readings = read([replace(written[0], table=lose_geometry(written[0]).table), *written[1:]], tmp_path)
    assert readings[0].differences == ("图形应有 1 个，读回 2 个",)
    (tmp_path / "read").rename(tmp_path / "first")
    assert read([move(written[0])], tmp_path)[0].differences == ("范围不同",)


def test_the_names_in_a_drawing_are_compared(project: Atlas, tmp_path: Path) -> None:
    written = next(w for w in write(project, tmp_path, "dxf") if w.lettering)
    first, *rest = written.lettering
    changed = [replace(written, lettering=[first[:-1], *rest]), replace(written, lettering=rest)]
    same, other, fewer = read([written, *changed], tmp_path)
    assert (same.differences, same.layer) == ((), written.part)
    assert other.differences == (f"注记有 1 处不同：第 1 行应为 {first[:-1]!r}，读回 {first!r}",)
    assert fewer.differences == (f"注记应有 {len(rest)} 条，读回 {len(rest) + 1} 条",)


def test_features_in_another_order_are_the_same(tmp_path: Path) -> None:
    """FlatGeobuf puts features near each other in the file."""
    points = shapely.points(np.random.default_rng(0).uniform(113.0, 113.5, 300), 23.1)
    ids = Column("id", "text", [f"a{n}" for n in range(300)])
    table = Table("points", "点", "", (ids,), points, "Point")
    from gzmap.export.gdal import export_table

    (tmp_path / "packet").mkdir()
    path = tmp_path / "packet" / "points.fgb"
    export_table(table, path, "FlatGeobuf", crs="EPSG:4326", encoding="UTF-8", options={})
    assert read([Written(Source("fgb", path, "points"), table, "EPSG:4326")], tmp_path)[0].differences == ()


def test_a_broken_file_is_refused(project: Atlas, tmp_path: Path) -> None:
    written = write(project, tmp_path, "gpkg")
    path = written[0].source.path
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ExportError, match=r"ogr2ogr cannot read the files back: .+; nothing is delivered"):
        read(written, tmp_path)
    (tmp_path / "read").rename(tmp_path / "first")
    with pytest.raises(ExportError, match="pyogrio cannot read"):
        read(written, tmp_path, "")


def test_a_table_that_is_gone_is_refused(project: Atlas, tmp_path: Path) -> None:
    written = write(project, tmp_path, "gpkg")
    with sqlite3.connect(written[0].source.path) as file:
        file.execute("DELETE FROM gpkg_contents WHERE table_name = 'streams'")
        file.execute("DELETE FROM gpkg_geometry_columns WHERE table_name = 'streams'")
        file.execute("DROP TABLE streams")
    file.close()
    with pytest.raises(ExportError, match="cannot read the files back"):
        read(written, tmp_path)


def test_a_tool_that_hangs_is_stopped(project: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **options: object) -> None:
        assert isinstance(command, list)
        assert "shell" not in options
        raise subprocess.TimeoutExpired(command, options["timeout"])

    written = write(project, tmp_path, "gpkg")
    monkeypatch.setattr(clients.subprocess, "run", hang)
    with pytest.raises(ExportError, match="did not read the files back in 120 s"):
        read(written, tmp_path)


def test_a_tool_that_cannot_run_is_told(project: Atlas, tmp_path: Path) -> None:
    written = write(project, tmp_path, "gpkg")
    with pytest.raises(ExportError, match="nowhere cannot be run"):
        read_sources([written[0].source], tmp_path, str(tmp_path / "nowhere"))


def test_the_tool_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert name_client("shp", find_tool()).startswith("GDAL 3.")
    monkeypatch.setenv("PATH", "")
    assert find_tool() == ""
    assert name_client("shp", "").startswith("pyogrio ")


def test_the_report_says_who_read_what(project: Atlas, tmp_path: Path) -> None:
    readings = read(write(project, tmp_path, "gpkg"), tmp_path)
    text, report = format_readings(readings), dump_readings(readings)
    assert text.startswith(f"用另一程序读回：{name_client('gpkg', find_tool())}\n")
    assert "差异：无" in text
    assert "gzmap.gpkg parks：3 行，有几何 2" in text
    first = report["layers"][0]
    assert (first["file"], first["layer"], first["features"], first["located"]) == ("gzmap.gpkg", "parks", 3, 2)
    assert len(first["extent"]) == 4
    assert "evidence" in [layer["layer"] for layer in report["layers"]]
