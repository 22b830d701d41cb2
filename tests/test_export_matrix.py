"""Every shipped layer in every format, CRS, encoding and naming scheme, read back by two clients.

What is expected is taken from the stored files themselves, and coordinates from PROJ's command ``cs2cs``: not from the
code that exports.
"""

from __future__ import annotations

import functools
import itertools
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import shapely

from gzmap.atlas import Atlas
from gzmap.config import CATALOG_FILE
from gzmap.errors import ExportError
from gzmap.export import FORMATS, Choices, Dataset, Selection, build_dataset, build_order, export_order
from tests.conftest import ROOT
from tests.export_readers import KML_NAME, Read, convert_by_cs2cs, load_json, read_debian, read_library, unpack
from tests.second_client import read_csv

SYSTEMS = ("EPSG:4490", "EPSG:4547", "EPSG:4526", "EPSG:4326")
SCHEMES = ("ascii", "pinyin", "chinese")
NOTHING: Mapping = {}
WITH_ATTRIBUTES = [key for key, fmt in FORMATS.items() if fmt.attributes]
MILLIMETRE = {"EPSG:4490": 9e-9, "EPSG:4326": 9e-9, "EPSG:4547": 0.001, "EPSG:4526": 0.001}
"""One millimetre in the unit of each system."""


def build_matrix() -> Iterator[tuple[str, str, str, str]]:
    """Choose from the product so that every two of format, CRS, encoding and scheme meet, each layer in each."""
    for shift, fmt in enumerate(WITH_ATTRIBUTES):
        limits = FORMATS[fmt]
        systems = [crs for crs in SYSTEMS if limits.crs is None or crs in limits.crs]
        for number, crs in enumerate(systems):
            if len(systems) == 1:
                yield from ((fmt, crs, "utf-8", names) for names in SCHEMES)
                continue
            for turn, encoding in enumerate(limits.encodings):
                yield fmt, crs, encoding, SCHEMES[(shift + number + turn) % len(SCHEMES)]


MATRIX = list(build_matrix())


@dataclass(frozen=True)
class Stored:
    """One shipped layer as it is stored: title, fields of the catalogue with their types, features by id."""

    title: str
    fields: Mapping[str, Mapping]
    features: Mapping[str, dict]


@functools.cache
def load_stored() -> dict[str, Stored]:
    """Load the plan layers from their files."""
    catalog = load_json(ROOT / CATALOG_FILE)
    layers = {}
    for entry in catalog["layers"]:
        if entry["kind"] == "plan":
            features = load_json(ROOT / entry["path"])["features"]
            present = {name for f in features for name in f["properties"]}
            listed = {**catalog["fields"], **entry["fields"]}
            layers[entry["id"]] = Stored(
                entry["title"], {n: d for n, d in listed.items() if n in present}, {f["id"]: f for f in features}
            )
    return layers


@functools.cache
def locate(crs: str) -> dict[str, object]:
    """Give the stored geometries by feature id, each vertex converted by ``cs2cs``."""
    stored = {i: f["geometry"] for layer in load_stored().values() for i, f in layer.features.items()}
    shapes = {i: shapely.from_geojson(json.dumps(g)) for i, g in stored.items() if g is not None}
    together = np.array(list(shapes.values()))
    moved = convert_by_cs2cs("EPSG:4326", crs, shapely.get_coordinates(together))
    return dict(zip(shapes, shapely.set_coordinates(together, moved).tolist(), strict=True))


@functools.cache
def prepare(atlas: Atlas, crs: str) -> Dataset:
    return build_dataset(atlas, Selection(tuple(load_stored())), crs)


def export(atlas: Atlas, folder: Path, fmt: str, crs: str, **choices: object) -> Path:
    order = build_order(prepare(atlas, crs), Choices(fmt, crs, **choices))
    return export_order(order, folder / f"out{FORMATS[fmt].suffix_many}")


def name_fields(layer: Stored, names: str) -> dict[str, str]:
    """Give the names that the catalogue's fields have in a scheme, by our own."""
    if names == "ascii":
        return {"id": "id", **{n: n for n in layer.fields}}
    key, own = {"pinyin": ("code", "BSM"), "chinese": ("short", "标识码")}[names]
    return {"id": own, **{n: d[key] for n, d in layer.fields.items()}}


def format_expected(value: object) -> str | None:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return None if value in (None, "") else str(value)


def format_read(value: object, kind: str) -> str | None:
    """Give a value as text: numbers in one form, days without their midnight."""
    if value in (None, ""):
        return None
    if kind in ("integer", "real"):
        number = float(value)
        return str(int(number)) if kind == "integer" and number.is_integer() else str(number)
    return str(value).replace("/", "-")[:10] if kind == "date" else str(value)


def assert_layer(read: Read, layer: Stored, renamed: Mapping[str, str], *, crs: str, long: Mapping = NOTHING) -> None:
    """Compare a layer that was read with the stored one: fields, ids, every value, every vertex.

    Parameters
    ----------
    read, layer
        As read and as stored.
    renamed
        Names of the fields in the file by our own.
    crs
        Of the file.
    long
        Texts that the file holds cut, whole, by feature id and field.
    """
    added = {"YSDM"} if "BSM" in renamed.values() else set()
    assert set(read.fields) == {*renamed.values(), *added}
    assert all(value in (None, "") for name in added for value in read.fields[name])
    ids = [str(i) for i in read.fields[renamed["id"]]]
    assert sorted(ids) == sorted(layer.features)
    for name, described in layer.fields.items():
        field, kind = renamed[name], described["type"]
        back = {i: format_read(v, kind) for i, v in zip(ids, read.fields[field], strict=True)}
        expected = {i: format_read(format_expected(f["properties"][name]), kind) for i, f in layer.features.items()}
        assert {i: long.get((i, field), v) for i, v in back.items()} == expected, field
        assert all(long.get((i, field), v).startswith(v) for i, v in back.items() if v is not None), field
    if crs:
        for feature_id, shape in zip(ids, read.shapes, strict=True):
            assert_same_place(shape, locate(crs).get(feature_id), MILLIMETRE[crs])


def assert_same_place(shape: object, expected: object, limit: float) -> None:
    """Every vertex within a limit of the expected one; where rings begin and how they turn is the format's."""
    if expected is None:
        assert shape is None
        return
    assert shape.geom_type.removeprefix("Multi") == expected.geom_type.removeprefix("Multi")
    assert shapely.get_num_geometries(shape) == shapely.get_num_geometries(expected)
    assert shapely.get_num_coordinates(shape) == shapely.get_num_coordinates(expected)
    assert shapely.hausdorff_distance(shape, expected) <= limit


def read_members(path: Path, fmt: str, place: Path, *, names: str) -> tuple[dict, dict[str, dict[str, str]]]:
    """Read what stands beside a Shapefile: whole texts by id and field, and names of fields by layer and our own."""
    renamed = {name: name_fields(layer, names) for name, layer in load_stored().items()}
    if fmt != "shp":
        return {}, renamed
    long = {(row["feature_id"], row["field"]): row["text"] for row in read_csv(path, "长文本.csv")}
    for row in read_csv(path, "字段说明.csv"):
        if row["layer"] in renamed and row["origin"] in renamed[row["layer"]]:
            whole = renamed[row["layer"]][row["origin"]]
            assert whole.startswith(row["field"].rstrip("_0123456789")), "a name is only ever cut and numbered"
            renamed[row["layer"]][row["origin"]] = row["field"]
    return long, renamed


def read_everywhere(fmt: str, place: Path, folder: Path) -> Iterator[tuple[str, Read]]:
    """Read every layer with both clients."""
    titles = {name: layer.title for name, layer in load_stored().items()}
    yield from ((name, read_library(fmt, place, name, title)) for name, title in titles.items())
    if fmt != "parquet":  # neither GDAL has its driver
        yield from read_debian(fmt, place, titles, folder).items()


@pytest.mark.parametrize(("fmt", "crs", "encoding", "names"), MATRIX)
def test_every_layer_reads_back(atlas, tmp_path, fmt, crs, encoding, names):
    # A Chinese name of four characters has twelve bytes in UTF-8, two more than a Shapefile holds.
    fixes = {"rename"} if (fmt, encoding, names) == ("shp", "utf-8", "chinese") else set()
    path = export(atlas, tmp_path, fmt, crs, encoding=encoding, names=names, fixes=fixes)
    place = unpack(path, tmp_path / "members")
    long, renamed = read_members(path, fmt, place, names=names)
    assert any(renamed[n] != name_fields(layer, names) for n, layer in load_stored().items()) == bool(fixes)
    reads = list(read_everywhere(fmt, place, tmp_path / "second"))
    if encoding == "gbk":
        for file in place.glob("*.cpg"):
            file.unlink()
        reads += read_everywhere(fmt, place, tmp_path / "without_cpg")
    assert len(reads) == len(load_stored()) * (1 if fmt == "parquet" else 4 if encoding == "gbk" else 2)
    for name, read in reads:
        fields = {n: v for n, v in read.fields.items() if n != KML_NAME}
        if fmt == "kml":
            fields.setdefault(renamed[name]["name"], read.fields.get(KML_NAME))
        if fmt == "geojson" and names != "ascii":
            assert fields.pop("id") == fields[renamed[name]["id"]], "the feature's own member"
        assert_layer(Read(fields, read.shapes), load_stored()[name], renamed[name], crs=crs, long=long)


def test_the_matrix_has_every_pair():
    chosen = {"crs": 1, "encoding": 2, "names": 3}
    assert {case[0] for case in MATRIX} == set(FORMATS) - {"dxf"}
    for fmt in WITH_ATTRIBUTES:
        cases = [case for case in MATRIX if case[0] == fmt]
        limits = FORMATS[fmt]
        wanted = {"crs": set(limits.crs or SYSTEMS), "encoding": set(limits.encodings), "names": set(SCHEMES)}
        for (one, few), (other, more) in itertools.combinations(wanted.items(), 2):
            if fmt == "shp" or 1 in (len(few), len(more)):
                met = {(case[chosen[one]], case[chosen[other]]) for case in cases}
                assert met == set(itertools.product(few, more)), (fmt, one, other)
    assert {(c, n) for _, c, _, n in MATRIX} == set(itertools.product(SYSTEMS, SCHEMES))


def test_chinese_names_that_utf8_would_cut_are_refused(atlas):
    with pytest.raises(ExportError, match=r"'英文名称'.*10 bytes.*choose GBK.*fix 'rename'"):
        build_order(prepare(atlas, "EPSG:4490"), Choices("shp", "EPSG:4490", names="chinese"))


# --- coordinates


def test_cs2cs_gives_eastings_and_northings_first_turned_round():
    """Numbers of the Gauss–Krüger projection for a point in 黄埔区, once with and once without the zone."""
    point = np.array([[113.3, 23.1]])
    assert convert_by_cs2cs("EPSG:4326", "EPSG:4547", point) == pytest.approx(
        np.array([[428285.95616, 2555783.92878]]), abs=1e-5
    )
    assert convert_by_cs2cs("EPSG:4326", "EPSG:4526", point)[0, 0] == pytest.approx(38428285.95616, abs=1e-5)
    assert convert_by_cs2cs("EPSG:4326", "EPSG:4490", point) == pytest.approx(point, abs=1e-12)


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:4526"])
@pytest.mark.parametrize("fmt", ["shp", "gpkg", "csv"])
def test_there_and_back_is_within_a_millimetre(atlas, tmp_path, fmt, crs):
    place = unpack(export(atlas, tmp_path, fmt, crs), tmp_path / "members")
    titles = {name: layer.title for name, layer in load_stored().items()}
    for name, read in read_debian(fmt, place, titles, tmp_path / "second").items():
        located = [(i, s) for i, s in zip(read.fields["id"], read.shapes, strict=True) if s is not None]
        together = np.array([shape for _, shape in located], dtype=object)
        degrees = convert_by_cs2cs(crs, "EPSG:4326", shapely.get_coordinates(together))
        for (feature_id, _), shape in zip(located, shapely.set_coordinates(together, degrees), strict=True):
            stored = shapely.from_geojson(json.dumps(load_stored()[name].features[feature_id]["geometry"]))
            assert_same_place(shape, stored, MILLIMETRE["EPSG:4326"])


# --- DXF: a drawing, with the attributes beside it


@pytest.mark.parametrize(("crs", "names"), list(zip(SYSTEMS, (*SCHEMES, "ascii"), strict=True)))
def test_every_layer_reads_back_from_a_drawing(atlas, tmp_path, crs, names):
    place = unpack(export(atlas, tmp_path, "dxf", crs, names=names), tmp_path / "members")
    for name, layer in load_stored().items():
        table = read_library("csv", place, name, layer.title)
        assert_layer(table, layer, name_fields(layer, names), crs="")
    drawing = place / "layers.dxf"
    first = read_library("dxf", drawing, "entities", "")
    second = read_debian("dxf", drawing, {"entities": ""}, tmp_path / "second")["entities"]
    for read in (first, second):
        for layer in load_stored().values():
            assert_drawn(read, layer, crs)


def assert_drawn(read: Read, layer: Stored, crs: str) -> None:
    """Compare the lines, points and labels of one layer of a drawing with the stored features."""
    rows = list(zip(read.fields["Layer"], read.fields["Text"], read.shapes, strict=True))
    located = {i: locate(crs)[i] for i in layer.features if i in locate(crs)}
    labels = [text for name, text, _ in rows if name == f"{layer.title}_注记"]
    assert sorted(labels) == sorted(layer.features[i]["properties"]["name"] for i in located)
    drawn = [shape for name, _, shape in rows if name == layer.title]
    expected = [draw for shape in located.values() for draw in list_strokes(shape)]
    assert len(drawn) == len(expected)
    for shape, stroke in zip(drawn, expected, strict=True):
        assert_same_place(shapely.force_2d(shape), stroke, MILLIMETRE[crs])


def list_strokes(shape: object) -> list:
    """List what a pen draws: points, lines, and each ring of an area as a line."""
    strokes = []
    for part in shapely.get_parts(shape):
        rings = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
        strokes += [shapely.LineString(shapely.get_coordinates(r)) if r.geom_type == "LinearRing" else r for r in rings]
    return strokes


@pytest.mark.parametrize("tool", ["ogr2ogr", "cs2cs"])
def test_the_tools_are_installed(tool):
    assert shutil.which(tool), f"{tool} is not installed: run `make test`, which installs it or says how."
