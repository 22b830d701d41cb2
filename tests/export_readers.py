"""Reading any export back as texts and shapes: with pyogrio or a format's own library, and with Debian's GDAL 3.6."""

from __future__ import annotations

import csv
import functools
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pyogrio
import shapely
from openpyxl.utils.escape import unescape
from pyarrow import parquet

csv.field_size_limit(sys.maxsize)

ENDS = {"shp": ".shp", "geojson": ".geojson", "fgb": ".fgb", "csv": ".csv", "parquet": ".parquet"}
"""Formats with one file per layer, and the file's end."""

BY_TITLE = ("kml", "xlsx")
"""Formats whose layers are called by their titles."""

KML = "{http://www.opengis.net/kml/2.2}"
KML_NAME, KML_LAST = "Name", "icon"
"""The placemark's name, and the last of the fields that GDAL's LIBKML puts before those of the file."""


@dataclass(frozen=True)
class Read:
    """One layer as a client reads it.

    ``fields`` holds the values by field name, as the client gives them; ``shapes`` is None for a table without
    geometry.
    """

    fields: Mapping[str, Sequence]
    shapes: Sequence | None


def unpack(path: Path, folder: Path) -> Path:
    """Give the folder of a zip's members, or a single file itself."""
    if path.suffix != ".zip" or path.name.endswith(".gdb.zip"):
        return path
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def find_source(fmt: str, place: Path, name: str, title: str) -> tuple[Path, str]:
    """Find the file of a layer, and the layer's name in it."""
    if fmt not in ENDS:
        return place, title if fmt in BY_TITLE else name
    file = place / f"{name}{ENDS[fmt]}" if place.is_dir() else place
    # These name their layer themselves; the others are called by the file.
    return file, pyogrio.list_layers(file)[0][0] if fmt == "fgb" else file.stem


def list_titles(fmt: str, place: Path) -> list[str]:
    """List the titles that stand in a file whose layers are called by them, in their order."""
    if fmt == "xlsx":
        return _open_workbook(place).sheetnames
    folders = ET.parse(place).getroot().iter(f"{KML}Folder")
    return [folder.findtext(f"{KML}name") for folder in folders]


def read_library(fmt: str, place: Path, name: str, title: str) -> Read:
    """Read a layer with pyogrio, or with the library of the format where that is the better witness."""
    file, layer = find_source(fmt, place, name, title)
    own = {"parquet": _read_parquet, "xlsx": _read_workbook, "csv": _read_csv, "kml": _read_kml}
    return own[fmt](file, layer) if fmt in own else _read_pyogrio(file, layer)


def _read_pyogrio(file: Path, layer: str) -> Read:
    meta, _, shapes, values = pyogrio.raw.read(file, layer=layer)
    columns = dict(zip(meta["fields"].tolist(), map(_list_plain, values), strict=True))
    is_table = shapes is None or meta["geometry_type"] is None
    return Read(columns, None if is_table else shapely.from_wkb(shapes))


def _list_plain(array: np.ndarray) -> list:
    if array.dtype.kind == "M":
        return [None if v == "NaT" else v for v in np.datetime_as_string(array).tolist()]
    return [None if v != v else v for v in array.tolist()]  # noqa: PLR0124 (NaN)


def _read_parquet(file: Path, _layer: str) -> Read:
    table = parquet.read_table(file)
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    shapes = shapely.from_wkb(columns.pop("geometry")) if "geometry" in columns else None
    return Read({n: [v.isoformat() if hasattr(v, "isoformat") else v for v in c] for n, c in columns.items()}, shapes)


@functools.lru_cache(maxsize=1)
def _open_workbook(file: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(file)


def _read_workbook(file: Path, sheet: str) -> Read:
    book = _open_workbook(file)
    columns = _list_cells(book[sheet])
    if "WKT" not in columns:
        return Read(columns, None)
    parts = _list_cells(book["WKT 分段"]) if "WKT 分段" in book.sheetnames else {"wkt": []}
    return Read(columns, _join_wkt(columns.pop("WKT"), parts["wkt"]))


def _list_cells(sheet: object) -> dict[str, list]:
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f", f"{cell.coordinate} is a formula: {cell.value!r}"
            assert cell.hyperlink is None, f"{cell.coordinate} is a link"
    head, *rows = sheet.iter_rows(values_only=True)
    columns = zip(*rows, strict=True) if rows else [()] * len(head)
    return {unescape(str(n)): [_format_cell(v) for v in values] for n, values in zip(head, columns, strict=True)}


def _format_cell(value: object) -> object:
    """Give a cell as Excel shows it: `_x000D_` is a carriage return, which openpyxl leaves as it is written."""
    if isinstance(value, str):
        return unescape(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _join_wkt(cells: Iterable[str | None], parts: Iterable[str]) -> list:
    """Put the parts of long WKT, which stand in the order of the rows, into the cells that point to them."""
    rest = iter(parts)
    texts = []
    for cell in cells:
        count = int(cell.split()[1]) if cell and cell.startswith("（共") else 0
        texts.append("".join(next(rest) for _ in range(count)) if count else cell)
    return shapely.from_wkt(texts).tolist()


def _read_csv(file: Path, _layer: str) -> Read:
    """Read as a spreadsheet does, and take off the one apostrophe that defuses."""
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    for cell in (cell for row in (head, *rows) for cell in row):
        assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")), cell
        assert not cell.startswith("-") or cell[1:].replace(".", "").replace("e", "").replace("-", "").isdigit(), cell
    columns = zip(*rows, strict=True) if rows else [()] * len(head)
    fields = {undefuse(name): [undefuse(v) or None for v in values] for name, values in zip(head, columns, strict=True)}
    shapes = shapely.from_wkt(fields.pop("WKT")).tolist() if "WKT" in fields else None
    return Read(fields, shapes)


def undefuse(cell: str) -> str:
    """Take off the apostrophe before a text that a spreadsheet could take for a formula."""
    return cell.removeprefix("'")


def _read_kml(file: Path, folder: str) -> Read:
    """Read a folder's placemarks with an XML parser: GDAL trims texts and gives its own fields the same names."""
    root = ET.parse(file).getroot()
    found = next(f for f in root.iter(f"{KML}Folder") if f.findtext(f"{KML}name") == folder)
    marks = found.findall(f"{KML}Placemark")
    rows = [{d.get("name"): d.text or "" for d in mark.iter(f"{KML}SimpleData")} for mark in marks]
    url = next(found.iter(f"{KML}SchemaData")).get("schemaUrl") if marks else ""
    schema = next((s for s in root.iter(f"{KML}Schema") if f"#{s.get('id')}" == url), ())
    names = [field.get("name") for field in schema]
    return Read({n: [row.get(n) for row in rows] for n in names}, [_read_shape(mark) for mark in marks])


def _read_shape(mark: ET.Element) -> object:
    for child in mark:
        tag = child.tag.removeprefix(KML)
        if tag in ("Point", "LineString", "Polygon", "MultiGeometry"):
            return _build_shape(child)
    return None


def _build_shape(element: ET.Element) -> object:
    tag = element.tag.removeprefix(KML)
    if tag == "MultiGeometry":
        parts = [_build_shape(part) for part in element]
        maker = {"Point": shapely.multipoints, "LineString": shapely.multilinestrings}
        return maker.get(parts[0].geom_type, shapely.multipolygons)(parts)
    rings = [
        [tuple(map(float, pair.split(",")[:2])) for pair in (text.text or "").split()]
        for text in element.iter(f"{KML}coordinates")
    ]
    if tag == "Polygon":
        return shapely.Polygon(rings[0], rings[1:])
    return shapely.Point(rings[0][0]) if tag == "Point" else shapely.LineString(rings[0])


def read_debian(fmt: str, place: Path, names: Mapping[str, str], folder: Path) -> dict[str, Read]:
    """Read layers with Debian's ogr2ogr, all by one call.

    Parameters
    ----------
    fmt
        The format's key.
    place
        The file, or the folder of a zip's members.
    names
        Titles of the layers by their names.
    folder
        A folder for what the tool writes.
    """
    root = ET.Element("OGRVRTDataSource")
    for number, (name, title) in enumerate(names.items()):
        file, source = find_source(fmt, place, name, title)
        layer = ET.SubElement(root, "OGRVRTLayer", {"name": str(number)})
        ET.SubElement(layer, "SrcDataSource").text = str(file)
        if fmt == "csv":
            options = ET.SubElement(layer, "OpenOptions")
            ET.SubElement(options, "OOI", {"key": "GEOM_POSSIBLE_NAMES"}).text = "WKT"
            ET.SubElement(options, "OOI", {"key": "KEEP_GEOM_COLUMNS"}).text = "NO"
        ET.SubElement(layer, "SrcLayer").text = source
    folder.mkdir()
    listing, target = folder / "layers.vrt", folder / "read"
    listing.write_bytes(ET.tostring(root, encoding="utf-8"))
    _run_ogr2ogr(
        ["--config", "OGR_XLSX_HEADERS", "FORCE", "--config", "OGR_XLSX_FIELD_TYPES", "STRING", "-f", "CSV"],
        [target, listing, "-lco", "GEOMETRY=AS_WKT", "-lco", "CREATE_CSVT=YES", "-lco", "SEPARATOR=COMMA"],
    )
    return {name: _read_made(target / f"{number}.csv", fmt) for number, name in enumerate(names)}


def _run_ogr2ogr(*arguments: list) -> None:
    command = ["ogr2ogr", *(str(word) for some in arguments for word in some)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    assert "Warning" not in done.stderr, done.stderr


def _read_made(file: Path, fmt: str) -> Read:
    with file.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    columns = [[v or None for v in values] for values in zip(*rows, strict=True)] if rows else [[]] * len(head)
    shapes = None
    if file.with_suffix(".csvt").read_text(encoding="utf-8").startswith("WKT"):
        shapes, head, columns = shapely.from_wkt(columns[0]).tolist(), head[1:], columns[1:]
    fields = dict(zip(head, columns, strict=True))
    if fmt == "kml":
        own = head.index(KML_LAST) + 1
        # A field `name` of the file becomes its own field, which is the placemark's name.
        fields = {**{n: fields[n] for n in head[own:]}, KML_NAME: fields["Name"]}
    if fmt == "csv":
        fields = {undefuse(n): [None if v is None else undefuse(v) for v in some] for n, some in fields.items()}
    if fmt == "xlsx":
        shapes = _join_wkt(fields.pop("WKT"), ())
    return Read(fields, shapes)


def convert_by_cs2cs(source: str, target: str, points: np.ndarray) -> np.ndarray:
    """Convert points with PROJ's own command, another version than the one in gzmap.

    Parameters
    ----------
    source, target
        EPSG codes.
    points
        Easting or longitude first, shape ``(n, 2)``; the result is alike.
    """
    # The command follows the axis order of the authority: northing or latitude first.
    lines = "".join(f"{y!r} {x!r}\n" for x, y in points.tolist())
    command = ["cs2cs", "-f", "%.12f", source, target]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    assert not done.stderr, done.stderr
    made = np.array([line.split()[:2] for line in done.stdout.splitlines()], dtype=float).reshape(-1, 2)
    return made[:, ::-1]


def load_json(path: Path) -> dict:
    """Load a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
