"""Drawings: layers, names as text, and what the pre-flight tells of them; read by ezdxf and two releases of GDAL."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from pathlib import Path

import ezdxf
import ezdxf.recover
import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from gzmap.export import Choices, build_dataset, build_frame_dataset, check_order, export_frame, export_layers
from gzmap.export.selection import Selection
from gzmap.export.tables import Table

LAYERS = ("energy_parks", "wetlands")


def export_shipped(atlas, folder: Path) -> Path:
    return export_layers(atlas, LAYERS, folder / "out.zip", fmt="dxf", crs="EPSG:4547")


def unpack(path: Path) -> Path:
    """Give the drawing out of a zip."""
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dxf"))
        return Path(archive.extract(name, path.parent / "unpacked"))


def test_drawing_has_a_layer_per_table_and_names_as_text(atlas, tmp_path):
    path = export_shipped(atlas, tmp_path)
    drawing = ezdxf.readfile(unpack(path))
    assert drawing.audit().errors == []
    assert (drawing.dxfversion, drawing.encoding, drawing.header["$INSUNITS"]) == ("AC1018", "gbk", 6)
    for table in build_dataset(atlas, Selection(LAYERS), "EPSG:4547").tables:
        located = [(i, n) for i, n, g in rows_of(table) if g is not None]
        texts = drawing.modelspace().query(f'TEXT[layer=="{table.title}_注记"]')
        assert [(t.get_xdata("GZMAP")[0].value, t.dxf.text) for t in texts] == located
        rings = shapely.get_coordinates(table.geometries)
        drawn = [shapely.get_coordinates(shapely.from_wkt(w)) for w in wkt_of(drawing, table.title)]
        assert np.allclose(np.unique(np.concatenate(drawn), axis=0), np.unique(rings, axis=0), atol=1e-6)
    with zipfile.ZipFile(path) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("wetlands.csv").decode("utf-8-sig"), newline="")))
        assert "layers.prj" in archive.namelist()
    assert len(rows) == len(atlas.layers["wetlands"])


def rows_of(table: Table) -> zip:
    return zip(table.ids, table.column("name").values, table.geometries, strict=True)


def wkt_of(drawing: ezdxf.document.Drawing, layer: str) -> list[str]:
    entities = drawing.modelspace().query(f'*[layer=="{layer}"]')
    points = ([e.dxf.location.vec2] if e.dxftype() == "POINT" else list(e.vertices()) for e in entities)
    return [shapely.MultiPoint([tuple(p)[:2] for p in some]).wkt for some in points]


DRAWN = {
    "白云湖": ("TEXT", "白云湖"),
    "大㘵沙": ("MTEXT", "大㘵沙"),
    "㘵{a}\\b^c\\P": ("MTEXT", "㘵{a}\\b^c\\P"),
    "€ 80%%c \\U+4E00": ("MTEXT", "€ 80％％c ＼U+4E00"),
    "\\U+4E00": ("TEXT", "＼U+4E00"),
    "𠮷野😀": ("TEXT", "〓野〓"),
    "长" * 40000: ("TEXT", "长" * 127),
    "㘵" * 40: ("MTEXT", "㘵" * 36),
    "㘵 " + "长" * 123 + " 长": ("MTEXT", "㘵 " + "长" * 123),
}
"""Names, and the entity that is drawn for each, with the text that a reader sees."""


@pytest.mark.parametrize("name", DRAWN)
def test_the_second_client_reads_the_drawing(tmp_path, name):
    frame = geopandas.GeoDataFrame({"名称": [name]}, geometry=[shapely.Point(113, 23)], crs="EPSG:4326")
    path = export_frame(frame, tmp_path / "公园.zip", fmt="dxf", layer="公园")
    inside = next(n for n in zipfile.ZipFile(path).namelist() if n.endswith(".dxf"))
    command = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"/vsizip/{path}/{inside}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = [f["properties"] for f in json.loads(done.stdout)["features"]]
    kind, shown = DRAWN[name]
    assert [(f["Layer"], f.get("Text")) for f in found] == [("公园", None), ("公园_注记", shown)]
    assert not done.stderr
    # pyogrio carries a newer GDAL.
    newer = pyogrio.read_dataframe(f"/vsizip/{path}/{inside}")
    assert newer["Text"].dropna().tolist() == [shown]
    # The plain reader leaves escapes alone; the one for files of other programs resolves them, as CAD programs do.
    drawing, audit = ezdxf.recover.readfile(unpack(path))
    (text,) = drawing.modelspace().query("TEXT MTEXT")
    assert (text.dxftype(), text.plain_text()) == (kind, shown)
    assert not audit.has_errors
    assert not audit.has_fixes


def test_the_pre_flight_tells_what_a_drawing_shows_otherwise():
    frame = geopandas.GeoDataFrame(
        {"名称": list(DRAWN)}, geometry=shapely.points(np.linspace(113, 114, len(DRAWN)), 23), crs="EPSG:4326"
    )
    dataset = build_frame_dataset({"公园𠮷": frame}, title="公园", crs="EPSG:4326")
    found = [loss for loss in check_order(dataset, Choices("dxf")) if loss.code in ("character", "text-cut")]
    assert {loss.severity for loss in found} == {"changed"}
    title, rare, cut, odd = found
    assert "图层名" in title.detail
    assert "𠮷 (U+20BB7)" in title.detail
    assert "𠮷 (U+20BB7)，😀 (U+1F600)" in rare.detail
    assert cut.detail.startswith("3 个名称在图中截为 255 字节")
    assert cut.feature_id == "7"
    assert odd.detail.startswith("2 个名称")
    assert odd.feature_id == "4"


def test_the_pre_flight_of_a_drawing_is_silent_where_nothing_changes():
    frame = geopandas.GeoDataFrame({"名称": ["大㘵沙", "a^b", None]}, geometry=[shapely.Point(113, 23)] * 3, crs=4326)
    dataset = build_frame_dataset({"公园": frame}, title="公园", crs="EPSG:4326")
    assert not [loss for loss in check_order(dataset, Choices("dxf")) if loss.code in ("character", "text-cut")]


def test_a_name_without_a_place_is_not_told_as_drawn():
    frame = geopandas.GeoDataFrame({"名称": ["𠮷"]}, geometry=[None], crs="EPSG:4326")
    dataset = build_frame_dataset({"公园": frame}, title="公园", crs="EPSG:4326")
    assert not [loss for loss in check_order(dataset, Choices("dxf")) if loss.code == "character"]


def test_the_handles_of_a_drawing_are_its_own(atlas, tmp_path):
    """AutoCAD refuses a drawing with a handle that stands twice or lies above the seed."""
    text = unpack(export_shipped(atlas, tmp_path)).read_bytes().decode("gbk")
    tags = text.split("\r\n")
    handles = [int(v, 16) for c, v in zip(tags[::2], tags[1::2], strict=False) if c == "  5"]
    seed, *given = handles
    assert len(given) == len(set(given)) > 60
    assert max(given) < seed
