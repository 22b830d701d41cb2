"""What pygeoapi is told of an atlas: its configuration, and what its answers lack or say in excess."""

from __future__ import annotations

from collections.abc import Mapping

from gzmap.atlas import Atlas
from gzmap.config import HOME_BBOX
from gzmap.ogcapi.holdings import LINK, Holding
from gzmap.ogcapi.questions import MOST_ITEMS, USUAL_LIMIT
from gzmap.ogcapi.systems import CRS84
from gzmap.ogcapi.words import LANGS, LINK_TITLES, VALUES, WORDS, choose, tell_standing

PROVIDER = "gzmap.ogcapi.provider.AtlasProvider"
UNSERVED = ("/processes", "/jobs", "/TileMatrixSets")
"""Ends of addresses that pygeoapi links to and that are not served here."""

SPEC = "http://www.opengis.net/spec"
CONFORMANCE = (
    *(f"{SPEC}/ogcapi-common-1/1.0/conf/{name}" for name in ("core", "html", "json", "landing-page", "oas30")),
    f"{SPEC}/ogcapi-common-2/1.0/conf/collections",
    *(f"{SPEC}/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
    f"{SPEC}/ogcapi-features-2/1.0/conf/crs",
    *(f"{SPEC}/ogcapi-features-3/1.0/conf/{name}" for name in ("features-filter", "filter")),
    *(f"{SPEC}/ogcapi-features-3/1.0/conf/{name}" for name in ("queryables", "queryables-query-parameters")),
    f"{SPEC}/ogcapi-features-5/1.0/conf/schemas",
    *(f"{SPEC}/cql2/1.0/conf/{name}" for name in ("advanced-comparison-operators", "basic-cql2")),
    *(
        f"{SPEC}/cql2/1.0/conf/{name}"
        for name in ("basic-spatial-functions", "case-insensitive-comparison", "cql2-text")
    ),
)
"""What is really there. pygeoapi's own list names writing as well, and grows with every request."""


def build_config(atlas: Atlas, holdings: Mapping[str, Holding], base: str, *, number: str) -> dict:
    """Write pygeoapi's configuration.

    Parameters
    ----------
    atlas
        What is served.
    holdings
        Its readable layers.
    base
        The service's whole address, without a slash at the end.
    number
        The map's review number, empty while there is none.
    """
    meta = atlas.document.meta
    title = {lang: f"{_of(meta, 'title', lang)} · {choose(lang, WORDS['service'])}" for lang in LANGS}
    about = {lang: f"{_of(meta, 'edition', lang)}。{tell_standing(lang, number)}" for lang in LANGS}
    url = base.removesuffix("/ogc") + "/"
    limits = {"default_items": USUAL_LIMIT, "max_items": MOST_ITEMS, "on_exceed": "throttle"}
    return {
        "server": {"url": base, "languages": list(LANGS), "limits": limits},
        "logging": {"level": "CRITICAL"},
        "metadata": {
            "identification": {
                "title": title,
                "description": about,
                "keywords": [],
                "url": url,
                "terms_of_service": url,
            },
            "license": {"name": tell_standing("zh", number), "url": url},
            "provider": {"name": "gzmap", "url": url},
            "contact": {"name": "gzmap"},
        },
        "resources": {layer_id: _describe(holding) for layer_id, holding in holdings.items()},
    }


def _of(record: Mapping, key: str, lang: str) -> str:
    """Take a text of a record in a language; the Chinese one where there is no English."""
    return str((record.get(f"{key}_en") if lang == "en" else None) or record.get(key) or "")


def _describe(holding: Holding) -> dict:
    raw = holding.entry.raw
    provider = {
        **{"type": "feature", "name": PROVIDER, "data": holding, "storage_crs": CRS84.uri},
        "crs": [system.uri for system in holding.systems],
    }
    return {
        "type": "collection",
        **{key: {lang: _of(raw, key, lang) for lang in LANGS} for key in ("title", "description")},
        "keywords": [],
        # Required by pygeoapi even where nothing is located; `complete_collection` takes it away again.
        "extents": {"spatial": {"bbox": holding.bbox or list(HOME_BBOX), "crs": CRS84.uri}},
        "providers": [provider],
    }


def list_licences(holding: Holding) -> list[tuple[str, str]]:
    """List the licence and the sources of a layer in Chinese and in English."""
    raw, register = holding.entry.raw, holding.atlas.catalog.sources
    lines = [tuple(_of(raw, "licence", lang) for lang in LANGS)]
    for source_id in holding.entry.sources:
        source = register.get(source_id, {})
        lines += [
            tuple(f"{_of(source, 'title', lang) or source_id}　{source.get('url') or ''}".strip() for lang in LANGS)
        ]
    return lines


def complete_collection(told: dict, holding: Holding, base: str, *, lang: str) -> dict:
    """Add to a collection what pygeoapi knows no place for: titles in both languages, licence, days, descriptions."""
    raw = holding.entry.raw
    url = f"{base}/collections/{holding.entry.layer_id}"
    told["titles"] = {each: _of(raw, "title", each) for each in LANGS}
    told["license"] = _of(raw, "licence", lang)
    told["attribution"] = _of(raw, "licence", lang)
    told["numberOfFeatures"] = len(holding.ids)
    if holding.bbox is None:
        told["extent"].pop("spatial", None)
    if holding.days is not None:
        first, last = holding.days
        told["extent"]["temporal"] = {"interval": [[f"{first}T00:00:00Z", f"{last}T23:59:59Z"]]}
    described = (
        ("describedby", "application/vnd.iso.19139+xml", "metadata.xml", "ISO 19139 元数据", "ISO 19139 metadata"),
        ("stylesheet", "application/vnd.ogc.sld+xml;version=1.0", "style.sld", "图式（SLD）", "Style (SLD)"),
        ("stylesheet", "application/x-qgis-layer-settings", "style.qml", "图式（QGIS）", "Style (QGIS)"),
        ("license", "text/plain", "licence.txt", "许可与来源", "Licence and sources"),
    )
    told["links"] += [
        {"rel": rel, "type": kind, "href": f"{url}/{name}", "title": choose(lang, (chinese, english))}
        for rel, kind, name, chinese, english in described
    ]
    map_url = f"{base.removesuffix('/ogc')}/?layers={holding.entry.layer_id}"
    words = choose(lang, ("在地图上打开", "Open on the map"))
    told["links"].append({"rel": "alternate", "type": "text/html", "href": map_url, "title": words})
    return told


def complete_fields(told: dict, holding: Holding, lang: str) -> dict:
    """Add titles, descriptions and units to queryables or to a schema."""
    for name, described in told["properties"].items():
        line = holding.fields.get(name)
        if line is None:
            continue
        described["title"] = _of(line, "title", lang)
        if values := described.pop("values", None):
            described["enum"] = values
        if line.get("description"):
            described["description"] = line["description"]
        if line.get("unit"):
            described["x-ogc-unit"] = line["unit"]
    return told


def describe_columns(holding: Holding, lang: str) -> dict[str, dict]:
    """Tell a page what stands in a layer's properties: titles, words for codes and units, by name."""
    lines = {**holding.fields, "map_url": LINK}
    categories = {code: _of(words, "title", lang) for code, words in holding.entry.categories.items()}
    return {
        "field_titles": {name: _of(line, "title", lang) for name, line in lines.items()},
        "field_values": {"category": categories} | {name: _pick(words, lang) for name, words in VALUES.items()},
        "field_units": {n: str(line["unit"]).replace("2", "²") for n, line in lines.items() if line.get("unit")},
    }


def _pick(words: Mapping[str, tuple[str, str]], lang: str) -> dict[str, str]:
    return {code: choose(lang, pair) for code, pair in words.items()}


def mend_paging(links: list[dict], offset: str | None) -> list[dict]:
    """Write into the links what pygeoapi leaves out: the offset of this page, the format of those beside it."""
    for link in links:
        if link["rel"] in ("prev", "next"):
            link["href"] += "&f=json"
        elif link["rel"] in ("self", "alternate") and offset is not None:
            link["href"] += f"&offset={offset}"
    return links


def mend_links(told: object, lang: str) -> object:
    """Drop links to formats and services that are not there, and give the others titles, in all of an answer."""
    if isinstance(told, list):
        return [mend_links(part, lang) for part in told]
    if not isinstance(told, dict):
        return told
    kept = {key: mend_links(value, lang) for key, value in told.items()}
    if isinstance(kept.get("links"), list):
        kept["links"] = [_name_link(link, lang) for link in kept["links"] if _is_served(link)]
    return kept


def _name_link(link: Mapping, lang: str) -> dict:
    """Give a link its Chinese title where pygeoapi has only the English one."""
    chinese = LINK_TITLES.get(str(link.get("title")))
    return {**link, "title": chinese} if chinese and lang == "zh" else dict(link)


def _is_served(link: Mapping) -> bool:
    path = str(link.get("href", "")).partition("?")[0]
    return link.get("type") != "application/ld+json" and not path.endswith(UNSERVED)
