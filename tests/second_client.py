"""Reading exports back with a second client: the GDAL tools of Debian, another version than the one that writes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from pathlib import Path


def ogr(*arguments: object) -> dict:
    """Read with Debian's ogr2ogr, as GeoJSON in the file's own CRS and axis order."""
    command = ["ogr2ogr", "-f", "GeoJSON", "-preserve_fid", "-lco", "COORDINATE_PRECISION=9", "/vsistdout/"]
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def read_layer(path: Path, layer: str, folder: Path) -> list[dict]:
    """Read one layer of an export with the second client."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        return ogr(next(p for p in folder.glob(f"{layer}.*") if p.suffix in (".shp", ".geojson")))["features"]
    return ogr(path, layer)["features"]


def read_csv(path: Path, name: str) -> list[dict]:
    with zipfile.ZipFile(path) as archive:
        content = archive.read(name)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_member(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode("utf-8-sig")
