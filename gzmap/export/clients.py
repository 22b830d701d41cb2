"""Read written files with another program than the one that wrote them: GDAL's command line tools, else a library."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import pyogrio
import shapely
from pyarrow import parquet
from pyogrio import raw

from gzmap.errors import ExportError

TOOL = "ogr2ogr"
TIMEOUT_S = 120
"""Seconds that one call of a tool may take."""

CRS_CODE = re.compile(r'AUTHORITY\["EPSG","(\d+)"\]\]\s*$')
WKT = "WKT"
"""Column of the geometries in tables of texts."""

WKT_OPTIONS = {"GEOM_POSSIBLE_NAMES": WKT, "KEEP_GEOM_COLUMNS": "NO"}
OPEN_OPTIONS: Mapping[str, Mapping[str, str]] = {"csv": WKT_OPTIONS}
"""Open options of GDAL by format."""

CONFIG: Mapping[str, Mapping[str, str]] = {"xlsx": {"OGR_XLSX_HEADERS": "FORCE", "OGR_XLSX_FIELD_TYPES": "STRING"}}
"""Settings of GDAL by format."""


@dataclass(frozen=True)
class Source:
    """One layer of a written file: the format's key, the file, the layer's name in it."""

    fmt: str
    path: Path
    layer: str


@dataclass(frozen=True)
class Reading:
    """One layer as a client reads it.

    ``fields`` holds the values by field name, as text, empty where there is none; ``geometries`` is None for a table
    without geometry; ``crs`` is an EPSG code, empty where the file says none.
    """

    fields: Mapping[str, Sequence[str]] = field(repr=False)
    geometries: np.ndarray | None = field(repr=False)
    crs: str


def find_tool() -> str:
    """Find GDAL's ``ogr2ogr``; empty where it is not installed."""
    return shutil.which(TOOL) or ""


def name_client(fmt: str, tool: str) -> str:
    """Name the client that reads a format, with its version."""
    if fmt == "parquet":
        return f"pyarrow {sys.modules['pyarrow'].__version__}"
    if tool:
        return _run([tool, "--version"]).partition(",")[0]
    return f"pyogrio {pyogrio.__version__} (GDAL {pyogrio.__gdal_version_string__})"


def read_sources(sources: Sequence[Source], folder: Path, tool: str) -> list[Reading]:
    """Read layers of one format.

    Parameters
    ----------
    sources
        All of one format.
    folder
        An empty folder for what the tool writes.
    tool
        Path of ``ogr2ogr``, or empty to read with pyogrio.

    Raises
    ------
    ExportError
        If the client cannot read a layer, or takes too long.
    """
    if sources[0].fmt == "parquet":
        return [_read_parquet(source) for source in sources]
    read = _read_with_tool(sources, folder, tool) if tool else [_read_with_pyogrio(source) for source in sources]
    return [_take_wkt(reading) for reading in read] if sources[0].fmt == "xlsx" else read


def _take_wkt(reading: Reading) -> Reading:
    """Take the geometries out of the cells of a sheet; a cell that only names the parts of a long one gives none."""
    cells = reading.fields.get(WKT)
    if cells is None:
        return reading
    return Reading(reading.fields, shapely.from_wkt([c or None for c in cells], on_invalid="ignore"), "")


def take_part(reading: Reading, part: str) -> Reading:
    """Take one layer of a drawing; the whole reading when no layer is named."""
    if not part:
        return reading
    rows = [row for row, name in enumerate(reading.fields["Layer"]) if name == part]
    fields = {name: [values[row] for row in rows] for name, values in reading.fields.items()}
    return Reading(fields, reading.geometries[rows], reading.crs)


# --- GDAL's tool


def _read_with_tool(sources: Sequence[Source], folder: Path, tool: str) -> list[Reading]:
    """Have all layers written as CSV by one call, and read that."""
    fmt = sources[0].fmt
    listing, target = folder / "layers.vrt", folder / "read"
    listing.write_bytes(_list_layers(sources))
    settings = [word for name, value in CONFIG.get(fmt, {}).items() for word in ("--config", name, value)]
    options = ["-lco", "GEOMETRY=AS_WKT", "-lco", "CREATE_CSVT=YES", "-lco", "SEPARATOR=COMMA"]
    _run([tool, *settings, "-f", "CSV", str(target), str(listing), *options])
    return [_read_csv(target / f"{number}.csv") for number in range(len(sources))]


def _list_layers(sources: Sequence[Source]) -> bytes:
    """Write GDAL's list of layers in several files; each is called by its number."""
    root = Element("OGRVRTDataSource")
    for number, source in enumerate(sources):
        layer = SubElement(root, "OGRVRTLayer", {"name": str(number)})
        SubElement(layer, "SrcDataSource").text = str(source.path)
        if options := OPEN_OPTIONS.get(source.fmt):
            listed = SubElement(layer, "OpenOptions")
            for name, value in options.items():
                SubElement(listed, "OOI", {"key": name}).text = value
        SubElement(layer, "SrcLayer").text = source.layer
    return tostring(root, encoding="utf-8")


def _run(command: list[str]) -> str:
    """Run a tool and return what it prints.

    Raises
    ------
    ExportError
        If it fails, warns, or takes more than `TIMEOUT_S`.
    """
    name = Path(command[0]).name
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise ExportError(
            f"{name} did not read the files back in {TIMEOUT_S} s; try again, or take fewer layers."
        ) from None
    except OSError as error:
        raise ExportError(f"{name} cannot be run ({error.strerror}); repair GDAL's tools or remove them.") from error
    told = "; ".join(dict.fromkeys(done.stderr.decode("utf-8", "replace").splitlines()))
    if done.returncode or "ERROR" in told or "Warning" in told:
        raise ExportError(f"{name} cannot read the files back: {told[-500:] or done.returncode}; nothing is delivered.")
    return done.stdout.decode("utf-8", "replace")


def _read_csv(path: Path) -> Reading:
    with path.open(encoding="utf-8", newline="") as file:
        # The geometries stand in fields, which may be longer than the module expects.
        csv.field_size_limit(sys.maxsize)
        head, *rows = csv.reader(file)
    # GDAL ends the head of a table of one column with a comma, and not its rows.
    head = [name for name in head if name] if len(head) == 2 else head
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(head)
    prj = path.with_suffix(".prj")
    if not _has_geometry(path):
        return Reading(dict(zip(head, columns, strict=True)), None, "")
    code = CRS_CODE.search(prj.read_text(encoding="utf-8")) if prj.exists() else None
    shapes = shapely.from_wkt([wkt or None for wkt in columns[0]])
    fields = dict(zip(head[1:], columns[1:], strict=True))
    return Reading(fields, shapes, f"EPSG:{code[1]}" if code else "")


def _has_geometry(path: Path) -> bool:
    """Ask the list of types that the tool writes beside a CSV whether its first column is the geometry."""
    return path.with_suffix(".csvt").read_text(encoding="utf-8").startswith("WKT")


# --- libraries


def _read_with_pyogrio(source: Source) -> Reading:
    options = OPEN_OPTIONS.get(source.fmt, {})
    before = {name: pyogrio.get_gdal_config_option(name) for name in CONFIG.get(source.fmt, {})}
    pyogrio.set_gdal_config_options(dict(CONFIG.get(source.fmt, {})))
    try:
        meta, _, shapes, values = raw.read(source.path, layer=source.layer, **options)
    except RuntimeError as error:  # every error class of pyogrio is one
        raise ExportError(f"pyogrio cannot read {source.layer} back ({error}); nothing is delivered.") from error
    finally:
        pyogrio.set_gdal_config_options(before)
    fields = {
        str(name): list(_format_values(array, kind))
        for name, array, kind in zip(meta["fields"], values, meta["ogr_types"], strict=True)
    }
    geometries = None if shapes is None or meta["geometry_type"] is None else shapely.from_wkb(shapes)
    return Reading(fields, geometries, str(meta["crs"] or ""))


def _format_values(array: np.ndarray, kind: str) -> Iterator[str]:
    for value in array.tolist():
        if value is None or value != value:  # noqa: PLR0124 (NaN)
            yield ""
        else:
            yield str(int(value)) if kind in ("OFTInteger", "OFTInteger64") else str(value)


def _read_parquet(source: Source) -> Reading:
    table = parquet.read_table(source.path)
    values = {name: table.column(name).to_pylist() for name in table.column_names}
    shapes = shapely.from_wkb(values.pop("geometry")) if "geometry" in values else None
    fields = {name: ["" if v is None else str(v) for v in column] for name, column in values.items()}
    told = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    crs = told.get("columns", {}).get("geometry", {}).get("crs") or {}
    code = crs.get("id", {}).get("code")
    return Reading(fields, shapes, f"EPSG:{code}" if code else "")
