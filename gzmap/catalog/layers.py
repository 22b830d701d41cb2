"""The one way to read and write a layer file: RFC 7946 in, canonical text out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import geopandas
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.config import COORDINATE_DECIMALS, STORAGE_CRS
from gzmap.errors import CatalogError
from gzmap.files import read_json


def read_layer(path: Path) -> list[dict]:
    """Read a layer file as plain GeoJSON features, in file order.

    Raises
    ------
    CatalogError
        If the file is not a FeatureCollection whose features have ``id``, ``properties`` and ``geometry``; the
        message names the file, the feature and the remedy.
    """
    content = read_json(path)
    features = content.get("features")
    if content.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise CatalogError(f"{path}: must be a GeoJSON FeatureCollection with a list of features.")
    for number, feature in enumerate(features, 1):
        where = f"{path}: feature {number}"
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise CatalogError(f"{where} is not a GeoJSON Feature; remove or repair it.")
        if not isinstance(feature.get("id"), str) or not isinstance(feature.get("properties"), dict):
            raise CatalogError(f"{where} lacks its id (text) or properties (object); add them.")
        if "geometry" not in feature:
            raise CatalogError(f"{where} ({feature['id']}) lacks its geometry; draw it or set it to null.")
        if not isinstance(feature["properties"].get("name"), str):
            raise CatalogError(f"{where} ({feature['id']}) has no name; give it one.")
        parse_geometry(feature.get("geometry"), f"{where} ({feature['id']})")
    return features


def parse_geometry(raw: object, where: str) -> BaseGeometry | None:
    """Read a GeoJSON geometry; None stays None.

    Raises
    ------
    CatalogError
        If ``raw`` is not a geometry.
    """
    if raw is None:
        return None
    try:
        return shapely.from_geojson(json.dumps(raw))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise CatalogError(f"{where} has a broken geometry ({error}); redraw it or set it to null.") from None


def load_layer(path: Path) -> geopandas.GeoDataFrame:
    """Load a layer file.

    Returns
    -------
    GeoDataFrame
        In storage CRS, indexed by feature id, one column per property and ``geometry`` (None where not located).

    Raises
    ------
    CatalogError
        As `read_layer`.
    """
    features = read_layer(path)
    try:
        frame = geopandas.GeoDataFrame(
            [f["properties"] for f in features],
            geometry=[parse_geometry(f["geometry"], f["id"]) for f in features],
            index=[f["id"] for f in features],
            crs=STORAGE_CRS,
        )
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise CatalogError(f"{path}: {half!a} is half of a character and no text; write the whole character.") from None
    frame.index.name = "id"
    return frame


def dump_layer(features: Iterable[Mapping]) -> str:
    """Write a layer in its one canonical form: RFC 7946, one feature per line, sorted by id.

    Parameters
    ----------
    features
        GeoJSON features; coordinates in degrees, longitude first.

    Returns
    -------
    str
        The file's text: 6 decimals, counter-clockwise exterior rings, no ``crs`` member, a newline at the end.
    """
    lines = []
    for feature in sorted(features, key=lambda f: f["id"]):
        geometry = parse_geometry(feature["geometry"], feature["id"])
        whole = {
            "type": "Feature",
            "id": feature["id"],
            "properties": feature["properties"],
            "geometry": None if geometry is None else format_geometry(geometry),
        }
        lines.append(json.dumps(whole, ensure_ascii=False, separators=(",", ":")))
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + ("\n" if lines else "") + "]}\n"


def format_geometry(geometry: BaseGeometry) -> dict:
    """Give a geometry as canonical GeoJSON: rings oriented, rounded to the stored decimals, no third dimension."""
    oriented = shapely.orient_polygons(shapely.force_2d(geometry))
    try:
        return _rounded(json.loads(shapely.to_geojson(oriented)))
    except RecursionError:
        raise CatalogError("A geometry has collections in collections, far too deep; draw it as one.") from None


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return round(value, COORDINATE_DECIMALS) if isinstance(value, float) else value


def derive(features: list[dict], payload: bytes) -> dict:
    """Compute the ``derived`` block of a layer from its features and its file's bytes.

    Returns
    -------
    dict
        ``features``, ``located`` (counts), ``bbox`` (degrees, None when nothing is located), ``worst_accuracy_m`` and
        ``sha256``.
    """
    located = [g for f in features if (g := parse_geometry(f["geometry"], f["id"])) is not None]
    accuracies = [a for f in features if (a := f["properties"].get("accuracy_m")) is not None]
    if not all(isinstance(a, int | float) for a in accuracies):
        wrong = next(f["id"] for f in features if isinstance(f["properties"].get("accuracy_m"), str | list | dict))
        raise CatalogError(f"{wrong}: 'accuracy_m' must be a number of metres or null; correct it.")
    bbox = [round(float(v), COORDINATE_DECIMALS) for v in shapely.total_bounds(located)] if located else None
    return {
        "features": len(features),
        "located": len(located),
        "bbox": bbox,
        "worst_accuracy_m": max(accuracies, default=None),
        "sha256": hashlib.sha256(payload).hexdigest(),
    }
