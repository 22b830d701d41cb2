"""Every word that the service's own pages show, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping

LANGS = ("zh", "en")

WORDS: Mapping[str, tuple[str, str]] = {
    "service": ("地图数据服务", "Map data service"),
    "collections": ("图层", "Collections"),
    "items": ("要素", "Items"),
    "item": ("要素", "Item"),
    "queryables": ("可查询字段", "Queryables"),
    "schema": ("数据结构", "Schema"),
    "conformance": ("符合的标准", "Conformance"),
    "openapi": ("接口说明", "API definition"),
    "error": ("无法回答", "No answer"),
    "landing": ("数据服务", "Data service"),
    "app": ("美丽广州规划地图", "Map of the Beautiful Guangzhou Plan"),
    "open": ("在地图上打开", "Open on the map"),
    "pages": ("页面", "Pages"),
    "trail": ("所在位置", "Where this is"),
    "turning": ("翻页", "Paging"),
    "notice": (
        "非官方示意图，不作为法定依据；未经地图审核，仅限内部使用，不得公开登载。",
        "Unofficial sketch map, without legal force; not reviewed, for internal use only, not for publication.",
    ),
    "reviewed": (
        "非官方示意图，不作为法定依据；审图号：{number}。",
        "Unofficial sketch map, without legal force; map review number: {number}.",
    ),
    "how": ("怎样连接", "How to connect"),
    "how_qgis": (
        "图层 › 添加图层 › 添加 WFS / OGC API - Features 图层 › 新建，填入此地址；版本选“OGC API - Features”。",
        "Layer › Add Layer › Add WFS / OGC API - Features Layer › New: this address, version “OGC API - Features”.",
    ),
    "how_gdal": (
        "列出图层，或把一个图层存为文件：",
        "List the layers, or save one as a file:",
    ),
    "how_http": ("GeoJSON 可直接读取：", "GeoJSON can be read directly:"),
    "description": ("说明", "Description"),
    "licence": ("许可与来源", "Licence and sources"),
    "extent": ("范围", "Extent"),
    "days": ("录入日期", "Entered"),
    "systems": ("坐标系", "Coordinate systems"),
    "links": ("链接", "Links"),
    "features": ("要素数", "Features"),
    "matched": ("共 {matched} 个要素，本页 {returned} 个", "{matched} features, {returned} on this page"),
    "previous": ("上一页", "Previous page"),
    "next": ("下一页", "Next page"),
    "name": ("名称", "Name"),
    "field": ("字段", "Field"),
    "value": ("值", "Value"),
    "title": ("标题", "Title"),
    "type": ("类型", "Type"),
    "unit": ("单位", "Unit"),
    "geometry": ("图形", "Geometry"),
    "none": ("未能落位", "Not located"),
    "parameters": ("参数", "Parameters"),
    "path": ("地址", "Path"),
    "as_json": ("JSON 格式", "As JSON"),
    "contents": ("内容", "Contents"),
}

VALUES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "status": {
        "existing": ("现状", "existing"),
        "building": ("在建", "under construction"),
        "proposed": ("纲要提出", "proposed by the plan"),
    },
    "method": {
        "official": ("官方数据", "official data"),
        "digitized": ("对照资料人工描绘", "digitised by hand"),
        "geocoded": ("按地址或地名定点", "geocoded"),
        "derived": ("由其他数据推导", "derived from other data"),
        "schematic": ("示意", "schematic"),
    },
}
"""What the codes of all layers mean; those of ``category`` are the catalogue's, layer by layer."""

LINK_TITLES: Mapping[str, str] = {
    "This document as JSON": "本页（JSON）",
    "This document as GeoJSON": "本页（GeoJSON）",
    "This document as HTML": "本页（网页）",
    "The OpenAPI definition as JSON": "接口说明（OpenAPI）",
    "The OpenAPI definition as HTML": "接口说明（网页）",
    "Conformance": "符合的标准",
    "Collections": "图层",
    "The landing page of this server as JSON": "首页（JSON）",
    "The landing page of this server as HTML": "首页（网页）",
    "Schema of collection in JSON": "数据结构（JSON）",
    "Schema of collection in HTML": "数据结构（网页）",
    "Queryables for this collection as JSON": "可查询字段（JSON）",
    "Queryables for this collection as HTML": "可查询字段（网页）",
    "Items as GeoJSON": "要素（GeoJSON）",
    "Items as HTML": "要素（网页）",
    "Items (prev)": "上一页",
    "Items (next)": "下一页",
}
"""Chinese titles of the links that pygeoapi names in English only."""


def choose(lang: str, pair: tuple[str, str]) -> str:
    """Choose the Chinese or the English of a pair."""
    return pair[LANGS.index(lang)]


def tell_standing(lang: str, number: str) -> str:
    """Say what the map is not; ``number`` is its 审图号, empty while there is none."""
    return choose(lang, WORDS["reviewed"]).format(number=number) if number else choose(lang, WORDS["notice"])


def list_words(lang: str) -> dict[str, str]:
    """List all words in one language."""
    return {name: choose(lang, pair) for name, pair in WORDS.items()}
