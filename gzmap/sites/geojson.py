"""Brought GeoJSON: RFC 7946, and the older kind that names its CRS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.config import SITE_FEATURES, SITE_VERTICES, STORAGE_CRS
from gzmap.sites.guards import refuse_kind
from gzmap.sites.problems import build_error
from gzmap.sites.raw import Raw, RawPart, find_name_field
from gzmap.sites.texts import decode_whole

SHAPES = {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
CODE = re.compile(r"(?:urn:ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?EPSG(?::|/)(?:[\d.]*[:/])?(\d{4,6})", re.I)
DEGREES = re.compile(r"CRS:?/?:?84$", re.IGNORECASE)
KIND = "GeoJSON"
MOST_BRACKETS = 3 * SITE_VERTICES
"""Lists and objects: one for each vertex, and more than enough for rings, features and their properties."""


def parse_geojson(data: bytes, name: str) -> Raw:
    """Read GeoJSON: a collection, a feature or a bare geometry.

    Parameters
    ----------
    data
        UTF-8, or another encoding that Chinese programs write.
    name
        The file's name, for messages.

    Returns
    -------
    Raw
        Without a ``crs`` member the CRS is `config.STORAGE_CRS`, as RFC 7946 has it.

    Raises
    ------
    SiteError
        If it is no JSON, no GeoJSON, or has too many features or a broken geometry.
    """
    content = _parse(data, name)
    if not isinstance(content, dict):
        raise refuse_kind(name, "json")
    features = list(_list_features(content, name))
    if len(features) > SITE_FEATURES:
        raise build_error("too-many-features", name=name, limit=SITE_FEATURES)
    parts = tuple(
        RawPart(_find_title(feature), _parse_geometry(feature.get("geometry"), name))
        for feature in features
        if feature.get("geometry") is not None
    )
    columns = dict.fromkeys(str(k) for f in features[:1] for k in _properties(f))
    words = [(name, name), *((str(k), str(v)) for k, v in content.items() if isinstance(v, str))]
    return Raw(KIND, parts, crs=_read_crs(content), title=_text(content.get("name")), words=(*words, *_pair(columns)))


def _pair(columns: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(column, column) for column in columns]


def _parse(data: bytes, name: str) -> object:
    text, _ = decode_whole(data)
    # Each takes a hundred times the memory of its sign, and is counted before it does.
    count = text.count("[") + text.count("{")
    if count > MOST_BRACKETS:
        raise build_error("too-many-vertices", name=name, count=count, limit=SITE_VERTICES)
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        reason = f"{error.msg}: line {error.lineno}, column {error.colno}"
    except (RecursionError, ValueError) as error:  # nested without end; a number of more digits than Python converts
        reason = str(error)
    raise build_error("content-broken", name=name, kind=KIND, reason=reason)


def _list_features(content: Mapping, name: str) -> Iterator[Mapping]:
    kind = content.get("type")
    if kind == "FeatureCollection" and isinstance(content.get("features"), list):
        yield from (f for f in content["features"] if isinstance(f, dict))
    elif kind == "Feature":
        yield content
    elif isinstance(kind, str) and kind in SHAPES:
        yield {"geometry": content}
    else:
        raise refuse_kind(name, "json")


def _parse_geometry(raw: object, name: str) -> BaseGeometry:
    try:
        return shapely.from_geojson(json.dumps(raw))
    except (shapely.errors.GEOSException, ValueError, RecursionError) as error:
        raise build_error("content-broken", name=name, kind=KIND, reason=str(error)) from None


def _properties(feature: Mapping) -> Mapping:
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}


def _find_title(feature: Mapping) -> str:
    properties = _properties(feature)
    return _text(properties.get(find_name_field(list(properties)))) or _text(feature.get("id"))


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _read_crs(content: Mapping) -> str:
    """Read the ``crs`` member of GeoJSON 2008; what cannot be read is given back as it is, to be refused by name."""
    member = content.get("crs")
    if member is None:
        return STORAGE_CRS
    properties = member.get("properties") if isinstance(member, dict) else None
    stated = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(stated, str) or not stated.strip():
        return "crs"
    if DEGREES.search(stated):
        return STORAGE_CRS
    code = CODE.fullmatch(stated.strip())
    return f"EPSG:{code[1]}" if code else stated
