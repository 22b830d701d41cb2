"""The service's OpenAPI 3.0 document: whole in itself, without a reference to any other host.

pygeoapi writes one with references into foreign schemas, with formats and parameters that are not there, and without
filters; clients and tests take the document at its word, so this one says what is so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gzmap import __version__
from gzmap.atlas import Atlas
from gzmap.ogcapi.holdings import Holding
from gzmap.ogcapi.provider import describe_field
from gzmap.ogcapi.questions import LONGEST, MOST_ITEMS, MOST_OFFSET, USUAL_LIMIT, WORDS
from gzmap.ogcapi.systems import SYSTEMS

TEXT = {"type": "string"}
LINK = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": dict.fromkeys(("href", "rel", "type", "title", "hreflang"), TEXT),
}
LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
GEOMETRY = {"type": "object", "nullable": True, "required": ["type"], "properties": {"type": TEXT}}
FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": TEXT,
        "geometry": GEOMETRY,
        "properties": {"type": "object"},
        "links": LINKS,
    },
}
COLLECTION = {
    "type": "object",
    "required": ["id", "links"],
    "properties": {
        **dict.fromkeys(("id", "title", "description", "itemType", "license", "storageCrs"), TEXT),
        "crs": {"type": "array", "items": TEXT},
        "extent": {"type": "object"},
        "links": LINKS,
    },
}
SCHEMAS = {
    "link": LINK,
    "feature": FEATURE,
    "collection": COLLECTION,
    "collections": {
        "type": "object",
        "required": ["collections", "links"],
        "properties": {
            "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
            "links": LINKS,
        },
    },
    "features": {
        "type": "object",
        "required": ["type", "features", "links", "numberMatched", "numberReturned"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
            **{name: {"type": "integer", "minimum": 0} for name in ("numberMatched", "numberReturned")},
            "links": LINKS,
            "timeStamp": TEXT,
        },
    },
    "landing": {"type": "object", "required": ["links"], "properties": {"title": TEXT, "links": LINKS}},
    "conformance": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": TEXT}},
    },
    "schema": {"type": "object", "required": ["type", "properties"], "properties": {"properties": {"type": "object"}}},
    "openapi": {"type": "object", "required": ["openapi", "info", "paths"]},
    "exception": {
        "type": "object",
        "required": ["code", "description"],
        "properties": dict.fromkeys(("code", "description", "description_zh"), TEXT),
    },
}


def build_openapi(atlas: Atlas, holdings: Mapping[str, Holding], base: str) -> dict:
    """Write the document.

    Parameters
    ----------
    atlas
        What is served.
    holdings
        Its readable layers: each has paths of its own, because each has fields of its own.
    base
        The service's whole address.
    """
    meta = atlas.document.meta
    paths = {
        "/": _describe_operation("landing", "首页 Landing page", "application/json"),
        "/conformance": _describe_operation("conformance", "符合的标准 Conformance", "application/json"),
        "/openapi": _describe_operation(
            "openapi", "本文件 This document", "application/vnd.oai.openapi+json;version=3.0"
        ),
        "/collections": _describe_operation("collections", "图层 Collections", "application/json"),
    }
    for layer_id, holding in holdings.items():
        paths |= _list_paths(layer_id, holding)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": str(meta.get("title", "")),
            "description": f"{meta.get('title_en', '')} · OGC API - Features",
            "version": __version__,
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "parameters": _list_parameters()},
    }


def _list_paths(layer_id: str, holding: Holding) -> dict:
    entry = holding.entry
    path, title = f"/collections/{layer_id}", f"{entry.title} {entry.title_en}"
    filters = ("limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs")
    shared = (*filters, "resulttype", "skipGeometry")
    items = [{"$ref": f"#/components/parameters/{name}"} for name in shared]
    names = sorted(holding.fields)
    several = {"type": "array", "minItems": 1, "items": {"type": "string", "enum": names}}
    signed = {"type": "string", "enum": [*names, *(f"-{name}" for name in names)]}
    items += [
        _describe_parameter("properties", several, "要返回的字段 Properties to return"),
        _describe_parameter("sortby", {**several, "items": signed}, "排序字段，前加 - 为降序 Order; - for descending"),
        *(
            _describe_parameter(name, _describe_value(holding, name), str(holding.fields[name].get("title", name)))
            for name in names
        ),
    ]
    feature = {"name": "featureId", "in": "path", "required": True, "schema": TEXT}
    if holding.ids:
        feature["example"] = holding.ids[0]
    crs = {"$ref": "#/components/parameters/crs"}
    return {
        path: _describe_operation("collection", title, "application/json"),
        f"{path}/queryables": _describe_operation("schema", f"{title}: queryables", "application/schema+json"),
        f"{path}/schema": _describe_operation("schema", f"{title}: schema", "application/schema+json"),
        f"{path}/items": _describe_operation("features", f"{title}: items", "application/geo+json", parameters=items),
        f"{path}/items/{{featureId}}": _describe_operation(
            "feature", f"{title}: item", "application/geo+json", parameters=[feature, crs]
        ),
    }


def _describe_value(holding: Holding, name: str) -> dict:
    described = describe_field(holding, name)
    if described["type"] == "string":
        return {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"\S"}
    return {"type": described["type"]}


def _describe_parameter(name: str, schema: dict, description: str) -> dict:
    described = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    return {**described, "style": "form", "explode": False}


def _list_parameters() -> dict[str, dict]:
    uris = {"type": "string", "enum": [system.uri for system in SYSTEMS]}
    numbers = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    told = {
        "limit": (
            {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": USUAL_LIMIT},
            "每页要素数 Page size",
        ),
        "offset": (
            {"type": "integer", "minimum": 0, "maximum": MOST_OFFSET, "default": 0},
            "从第几个起 First to return",
        ),
        "bbox": (numbers, "范围，按 bbox-crs 的轴序 Box, in the axis order of bbox-crs"),
        "bbox-crs": (uris, "bbox 的坐标系 System of bbox"),
        "crs": (uris, "返回坐标系，按其规定轴序 System of the answer, in its own axis order"),
        "datetime": (TEXT, "录入日期或时段 Day or period of entry, such as 2026-01-01/.."),
        "filter": (TEXT, "CQL2 文本 CQL2 text, such as name LIKE '%湿地%' AND accuracy_m <= 500"),
        "filter-lang": ({"type": "string", "enum": list(WORDS["filter-lang"])}, "filter 的语言 Language of filter"),
        "filter-crs": (uris, "filter 中坐标的坐标系 System of coordinates in filter"),
        "resulttype": ({"type": "string", "enum": list(WORDS["resulttype"])}, "hits 只返回个数 hits: only the count"),
        "skipGeometry": ({"type": "boolean"}, "不返回图形 Leave geometries out"),
        "f": ({"type": "string", "enum": list(WORDS["f"])}, "格式 Format"),
        "lang": ({"type": "string", "enum": list(WORDS["lang"])}, "语言 Language"),
    }
    return {name: _describe_parameter(name, schema, words) for name, (schema, words) in told.items()}


def _describe_operation(schema: str, summary: str, media_type: str, *, parameters: Sequence[dict] = ()) -> dict:
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in ("f", "lang")]
    answer = {"$ref": f"#/components/schemas/{schema}"}
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/exception"}}}
    page = {"text/html": {"schema": TEXT}}
    return {
        "get": {
            "summary": summary,
            "parameters": [*parameters, *shared],
            "responses": {
                "200": {"description": summary, "content": {media_type: {"schema": answer}, **page}},
                "400": {"description": "请求有误 Bad request", "content": {**refusal, **page}},
                "404": {"description": "没有此内容 Not found", "content": {**refusal, **page}},
            },
        }
    }
