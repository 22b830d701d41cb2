"""A layer of the atlas, and the words behind it, as tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

import geopandas
import numpy as np
import pandas as pd
import shapely

from gzmap import crs as crs_door
from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.errors import ExportError
from gzmap.export.naming import ID_CODE, ID_SHORT
from gzmap.export.tables import Column, Table, build_table
from gzmap.mentions import Mention

FAMILIES = {"Point": "Point", "LineString": "LineString", "LinearRing": "LineString", "Polygon": "Polygon"}
MULTI = {"Point": shapely.MultiPoint, "LineString": shapely.MultiLineString, "Polygon": shapely.MultiPolygon}


def build_layer_table(atlas: Atlas, layer_id: str, crs: str, *, frame: geopandas.GeoDataFrame | None = None) -> Table:
    """Build the table of a layer, in a CRS.

    Parameters
    ----------
    atlas
        Where the layer is.
    layer_id
        A plan or base layer.
    crs
        EPSG code of the geometries.
    frame
        Rows of the layer in storage CRS; the whole layer when None.

    Raises
    ------
    NotFoundError, CatalogError
        If the layer does not exist or is broken.
    CRSError
        If the CRS is unknown or does not fit.
    ExportError
        If a value is not of its field's type, or the geometries are of several families.
    """
    entry = atlas.catalog.require_entry(layer_id)
    frame = crs_door.convert(atlas.require_layer(layer_id) if frame is None else frame, crs)
    geometries, geometry_type = _one_family(frame, entry)
    ids = Column(
        "id", "text", [str(i) for i in frame.index], "标识", "Identifier", description="唯一, 不重复使用",
        code=ID_CODE, short=ID_SHORT,
    )  # fmt: skip
    names = [name for name in frame.columns if name != frame.geometry.name]
    described = atlas.catalog.fields_of(entry)
    columns = (ids, *(_column(frame[name], described.get(name), entry) for name in names))
    return Table(layer_id, entry.title, entry.raw.get("description", ""), columns, geometries, geometry_type)


def _column(series: pd.Series, described: Mapping | None, entry: Entry) -> Column:
    """Undo what a data frame does to a column with gaps, and describe it as the catalogue does."""
    name, values = str(series.name), series.astype(object).where(series.notna(), None).tolist()
    kind = described["type"] if described else _guess_kind(values)
    plain = [_plain(v, kind, f"{i}: {name}") for i, v in zip(series.index, values, strict=True)]
    described = described or {}
    domain = [f"{value}={c['title']}" for value, c in entry.categories.items()] if name == "category" else []
    return Column(
        name,
        kind,
        plain,
        title=described.get("title", name),
        title_en=described.get("title_en", name),
        unit=described.get("unit"),
        description=described.get("description", ""),
        domain="; ".join(domain),
        code=described.get("code", ""),
        short=described.get("short", ""),
    )


def _guess_kind(values: Iterable) -> str:
    """Tell the kind of a field that the catalogue does not describe."""
    kinds = {type(v) for v in values if v is not None}
    if kinds and kinds <= {int, float}:
        return "integer" if kinds == {int} else "real"
    return "text"


def _plain(value: object, kind: str, where: str) -> object:
    """Give a value as the plain value of a kind; an empty text in a column of another kind is None."""
    if value is None or kind == "text":
        return value
    try:
        if kind == "integer":
            whole = int(value)
            if whole == float(value):
                return whole
        elif kind == "real":
            return float(value)
        elif kind == "date":
            return datetime.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        pass  # told below, together with numbers that are not whole and kinds that do not exist
    raise ExportError(f"{where} is {value!r}, which is not of type {kind}; correct the value or the field's type.")


def _one_family(frame: geopandas.GeoDataFrame, entry: Entry) -> tuple[np.ndarray, str]:
    """Bring geometries to one type: plane, of one family, all multi where one of them or the catalogue is."""
    raw = [None if g is None or g.is_empty else shapely.force_2d(g) for g in frame.geometry]
    types = {g.geom_type for g in raw if g is not None} or {entry.geometry_type}
    families = {FAMILIES.get(t.removeprefix("Multi"), t) for t in types}
    if len(families) > 1 or not families <= set(MULTI):
        raise ExportError(
            f"Layer {entry.layer_id!r} mixes geometries ({', '.join(sorted(types))}), and a file holds one family: "
            "split it into one layer per family with a common group."
        )
    family = families.pop()
    if any(t.startswith("Multi") for t in (*types, entry.geometry_type)):
        raw = [g if g is None or g.geom_type.startswith("Multi") else MULTI[family]([g]) for g in raw]
        family = f"Multi{family}"
    geometries = np.empty(len(raw), dtype=object)
    geometries[:] = raw
    return geometries, family


def build_evidence_table(atlas: Atlas, tables: Iterable[Table]) -> Table:
    """Build the list of the words that put features on the map, in the order of layers and features.

    Returns
    -------
    Table
        One row per mention, its whole sentence included; no row for base layers.
    """
    rows = [
        (feature_id, name, *_evidence(atlas, mention))
        for table in tables
        if len(table.ids)  # a layer without features has no columns either
        for feature_id, name in zip(table.ids, table.column("name").values, strict=True)
        for mention in atlas.mentions_by_feature.get(feature_id, ())
    ]
    return build_table("evidence", "依据", "规划文本中提到要素的词句, 位置为段内字符序号", heads=_EVIDENCE, rows=rows)


_EVIDENCE = (
    ("feature_id", "text", "要素标识", "Feature id"),
    ("name", "text", "名称", "Name"),
    ("para_id", "text", "段落标识", "Paragraph id"),
    ("chapter", "text", "章", "Chapter"),
    ("section", "text", "节", "Section"),
    ("start", "integer", "起始字符", "First character, from 0"),
    ("end", "integer", "结束字符(不含)", "Character after the last"),
    ("exact", "text", "原文词句", "Words"),
    ("sentence", "text", "所在句", "Whole sentence"),
    ("role", "text", "作用", "Role: evidence or mention"),
)


def _evidence(atlas: Atlas, mention: Mention) -> tuple:
    document = atlas.document
    if mention.para_id not in document.passages:
        raise ExportError(
            f"Mention {mention.id!r} points to {mention.para_id!r}, which the plan does not have; "
            "run `gzmap check` and correct layers/mentions.jsonl."
        )
    chapter, section = document.places[mention.para_id]
    passage = document.require_passage(mention.para_id)
    begin, stop = passage.find_sentence(mention.start, mention.end)
    where = (mention.para_id, chapter.heading if chapter else "", section.heading if section else "")
    words = (mention.start, mention.end, mention.exact, passage.text[begin:stop], mention.role)
    return (*where, *words)
