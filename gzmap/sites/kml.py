"""Brought KML, read without entities, document types or the network."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import shapely
from lxml import etree
from shapely.geometry.base import BaseGeometry

from gzmap.config import SITE_FEATURES, SITE_VERTICES, STORAGE_CRS
from gzmap.sites.guards import refuse_kind
from gzmap.sites.problems import build_error, build_note
from gzmap.sites.raw import NAME_FIELDS, Raw, RawPart
from gzmap.sites.texts import decode_whole

KIND = "KML"
DECLARATION = re.compile(r"\A<\?xml[^>]*\?>")
STATED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)", re.IGNORECASE)
LINKED = {"NetworkLink", "GroundOverlay", "PhotoOverlay", "ScreenOverlay"}
MOST_TAGS = 200 * SITE_FEATURES
"""Signs that begin an element or end one: each element takes fifty times the memory of its shortest form."""

MOST_WORDS = 3 * SITE_VERTICES
"""Words in one list of coordinates: some programs put spaces round the commas."""

TOLD_TEXTS = ("name", "description", "author")


def parse_kml(data: bytes, name: str) -> Raw:
    """Read the placemarks of a KML file; its coordinates are degrees of WGS 84, as the standard has it.

    Parameters
    ----------
    data
        Any encoding that the declaration names or the characters tell.
    name
        The file's name, for messages.

    Raises
    ------
    SiteError
        If it is no XML, no KML, has a document type declaration, too many placemarks or broken coordinates.
    """
    root = _parse(data, name)
    if etree.QName(root).localname != "kml":
        raise refuse_kind(name, "xml")
    marks = [e for e in root.iter() if _local(e) == "Placemark"]
    if len(marks) > SITE_FEATURES:
        raise build_error("too-many-features", name=name, limit=SITE_FEATURES)
    parts = [RawPart(_find_title(mark), shape) for mark in marks if (shape := _read_shape(mark, name)) is not None]
    has_links = any(_local(e) in LINKED for e in root.iter())
    words = [(f"KML {_local(e)}", (e.text or "")[:500]) for e in root.iter() if _local(e) in TOLD_TEXTS]
    title = next((w for w in (_child_text(e, "name") for e in root.iter() if _local(e) == "Document") if w), "")
    return Raw(
        KIND,
        tuple(parts),
        crs=STORAGE_CRS,
        title=title,
        notes=(build_note("links-ignored"),) if has_links else (),
        words=((name, name), *words),
    )


def _parse(data: bytes, name: str) -> etree._Element:
    stated = STATED.search(data[:200])
    text, _ = decode_whole(data, stated[1].decode("ascii", errors="ignore") if stated else "")
    if text.count("<") > MOST_TAGS:
        raise build_error("too-many-features", name=name, limit=SITE_FEATURES)
    # The text is decoded already, so that a wrong declaration does no harm; one of its own would be refused by lxml.
    body = DECLARATION.sub("", text.lstrip(), count=1).lstrip()
    if re.search(r"<!DOCTYPE|<!ENTITY", body, re.IGNORECASE):
        raise build_error("xml-doctype")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        return etree.fromstring(body.encode("utf-8", errors="replace"), parser)
    except etree.XMLSyntaxError as error:
        raise build_error("content-broken", name=name, kind=KIND, reason=str(error)) from None


def _local(element: etree._Element) -> str:
    # Comments and processing instructions have a function for a tag.
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _child_text(element: etree._Element, wanted: str) -> str:
    return next(((c.text or "").strip() for c in element if _local(c) == wanted), "")


def _find_title(mark: etree._Element) -> str:
    """Give a placemark's name, else the field of its data that holds one."""
    title = _child_text(mark, "name")
    if title:
        return title
    fields = {}
    for element in mark.iter():
        if _local(element) in ("SimpleData", "Data"):
            text = element.text if _local(element) == "SimpleData" else _child_text(element, "value")
            fields.setdefault(str(element.get("name")).lower(), (text or "").strip())
    return next((fields[f] for f in NAME_FIELDS if fields.get(f)), "")


def _read_shape(mark: etree._Element, name: str) -> BaseGeometry | None:
    shapes = list(_read_shapes(mark, name))
    return shapely.GeometryCollection(shapes) if shapes else None


def _read_shapes(mark: etree._Element, name: str) -> Iterator[BaseGeometry]:
    for element in mark.iter():
        kind = _local(element)
        if kind == "Polygon":
            yield _read_polygon(element, name)
        elif kind == "LineString" or (kind == "LinearRing" and _local(element.getparent()) not in _BOUNDARIES):
            points = _read_points(element, name)
            if len(points) > 1:
                yield shapely.LineString(points)
        elif kind == "Point":
            points = _read_points(element, name)
            if len(points):
                yield shapely.Point(points[0])


_BOUNDARIES = ("outerBoundaryIs", "innerBoundaryIs")


def _read_polygon(element: etree._Element, name: str) -> BaseGeometry:
    outer, inner = (
        [_read_points(ring, name) for side in element if _local(side) == boundary for ring in side]
        for boundary in _BOUNDARIES
    )
    if not outer or min(len(points) for points in (*outer, *inner)) < 3:
        raise build_error("too-few-points", name=name)
    return shapely.Polygon(outer[0], inner)


def _read_points(element: etree._Element, name: str) -> np.ndarray:
    """Read ``lon,lat[,height]`` triples; heights are dropped."""
    text = next((c.text or "" for c in element if _local(c) == "coordinates"), "")
    # Some programs put spaces round the commas.
    words = text.split(maxsplit=MOST_WORDS)
    if len(words) > MOST_WORDS:
        raise build_error("too-many-vertices", name=name, count=len(words), limit=SITE_VERTICES)
    words = " ".join(words).replace(" ,", ",").replace(", ", ",").split()
    try:
        return np.array([[float(number) for number in word.split(",")[:2]] for word in words], dtype=float).reshape(
            -1, 2
        )
    except ValueError as error:
        raise build_error("content-broken", name=name, kind=KIND, reason=str(error)) from None
