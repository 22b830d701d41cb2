"""Brought DXF drawings: closed lines and hatches by layer, read by GDAL."""

from __future__ import annotations

import re

import geopandas
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap.config import SITE_VERTICES
from gzmap.sites.guards import DXF_START, refuse_kind
from gzmap.sites.problems import build_error, build_note
from gzmap.sites.raw import Raw, RawPart
from gzmap.sites.shapefile import read_frame

KIND = "DXF"
MOST_ENTITIES = SITE_VERTICES
"""A drawing has many texts and dimensions that are no part of a site; its vertices are counted afterwards."""

NESTED = re.compile(rb"^\s*(?:INSERT|DIMENSION|M?LEADER|MULTILEADER|ACAD_TABLE)\s*$", re.IGNORECASE | re.MULTILINE)
"""What, inside a block, brings in another: thirty blocks of four each would be more entities than there are atoms."""

DISGUISED = re.compile(rb"<(OGR|GDAL|VRT|\?xml)", re.IGNORECASE)


def parse_dxf(data: bytes, name: str) -> Raw:
    """Read the model space of a drawing.

    Parameters
    ----------
    data
        An ASCII DXF; GDAL reads its texts by the code page that it names.
    name
        The file's name, for messages.

    Returns
    -------
    Raw
        One part per layer of the drawing, titled by it, with areas and lines; texts and points are left out by
        `gzmap.sites.areas`. A drawing never says its CRS.

    Raises
    ------
    SiteError
        If it is no drawing that GDAL reads, or has too many entities.
    """
    start = DXF_START.match(data.removeprefix(b"\xef\xbb\xbf"))
    # GDAL looks at a file's start to tell its kind: none may be seen there but DXF, for others open files they name.
    if start is None or DISGUISED.search(data[:65536]):
        raise refuse_kind(name, "nothing")
    is_nested = NESTED.search(data, 0, max(data.rfind(b"ENTITIES"), 0)) is not None
    options = {"layer": "entities", "CLOSED_LINE_AS_POLYGON": True, "INLINE_BLOCKS": not is_nested}
    frame = read_frame(data, name, KIND, max_features=MOST_ENTITIES + 1, **options)
    if len(frame) > MOST_ENTITIES:
        raise build_error("too-many-features", name=name, limit=MOST_ENTITIES)
    if "PaperSpace" in frame:
        frame = frame[~frame["PaperSpace"].fillna(0).astype(bool)]
    notes = (build_note("blocks-ignored"),) if is_nested else ()
    words = ((name, name), *((t, t) for t in _layer_names(frame)))
    return Raw(KIND, tuple(_list_layers(frame)), notes=notes, words=words)


def _layer_names(frame: geopandas.GeoDataFrame) -> list[str]:
    return [str(t) for t in frame["Layer"].dropna().unique()] if "Layer" in frame else []


def _list_layers(frame: geopandas.GeoDataFrame) -> list[RawPart]:
    shapes = frame.geometry.to_numpy()
    titles = frame["Layer"].fillna("").astype(str).tolist() if "Layer" in frame else [""] * len(frame)
    groups: dict[str, list[BaseGeometry]] = {}
    for title, shape in zip(titles, shapes, strict=True):
        if shape is not None:
            groups.setdefault(title, []).append(shape)
    return [RawPart(title, shapely.GeometryCollection(groups[title])) for title in sorted(groups)]
