"""The service for GIS programs, ``/ogc``: OGC API - Features, with the metadata and styles that our exports write."""

from __future__ import annotations

import gzip
import json
import logging
import os
import re
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.responses import Response

from gzmap.atlas import Atlas, open_atlas
from gzmap.config import STORAGE_CRS
from gzmap.errors import GzmapError, NotFoundError, QueryError
from gzmap.export import Selection, build_dataset
from gzmap.export.metadata import build_metadata
from gzmap.export.styles import build_qml, build_sld
from gzmap.ogcapi import Answer, open_service
from gzmap.ogcapi.pages import read_style, render_page
from gzmap.ogcapi.wishes import find_html, find_lang
from gzmap.server.packing import takes_gzip
from gzmap.server.roots import find_served_root

log = logging.getLogger(__name__)
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Vary": "Accept, Accept-Encoding, Accept-Language",
}
PACK_FROM = 1000
"""Bytes from which an answer is compressed."""

DOCUMENTS = {
    "metadata.xml": "application/vnd.iso.19139+xml",
    "style.sld": "application/vnd.ogc.sld+xml;version=1.0",
    "style.qml": "application/x-qgis-layer-settings",
}
"""What our exports write of a layer, and its media type."""

DOCUMENT = re.compile(rf"collections/([^/]+)/({'|'.join(map(re.escape, DOCUMENTS))})")


def serve_ogc(request: Request) -> Response:
    """Answer with a resource of the service; errors as the standard has them, or as a page where a page is asked for.

    It is a plain function, which Starlette runs in a thread.
    """
    path = request.path_params.get("path", "")
    if path == "style.css":
        return _respond(request, read_style(), media_type="text/css; charset=utf-8")
    base = find_base(request)
    try:
        atlas = open_atlas(find_served_root())
        service = open_service(atlas, _require_base(base), number=find_review_number())
        if document := DOCUMENT.fullmatch(path):
            layer_id, name = document.groups()
            service.require_holding(layer_id)
            return _respond(request, find_document(atlas, layer_id, name), media_type=DOCUMENTS[name])
        answer = service.answer(path, request.query_params.multi_items(), request.headers)
    except NotFoundError as error:
        return _refuse(request, base, error, code=(404, "NotFound"))
    except QueryError as error:
        return _refuse(request, base, error, code=(400, "InvalidParameterValue"))
    except GzmapError as error:
        log.error("cannot answer %r: %s", path, error)
        return _refuse(request, base, error, code=(503, "NoApplicableCode"))
    return _send(request, answer)


def find_review_number() -> str:
    """Find the map review number (审图号) that the operator has set, empty while there is none."""
    return os.environ.get("GZMAP_REVIEW_NUMBER", "").strip()


def find_base(request: Request) -> str:
    """Find the service's whole address as the client has it; only its path where the host is none."""
    base = f"{str(request.base_url).rstrip('/')}/ogc"
    return base if HOST.fullmatch(base.partition("://")[2].partition("/")[0]) else "/ogc"


def _require_base(base: str) -> str:
    """Refuse an address without a host: it would stand in every link of the answer.

    Raises
    ------
    QueryError
        If so.
    """
    if base.startswith("/"):
        raise QueryError("The Host header names no host; correct it.", zh="Host 头不是主机名，请改正。")
    return base


_WRITTEN: WeakKeyDictionary[Atlas, dict[tuple[str, str], bytes]] = WeakKeyDictionary()


def find_document(atlas: Atlas, layer_id: str, name: str) -> bytes:
    """Give what the exports write of a layer, one of `DOCUMENTS`; written when it is asked for first.

    Raises
    ------
    GzmapError
        If the layer cannot be written.
    """
    written = _WRITTEN.setdefault(atlas, {})
    if (layer_id, name) not in written:
        written[layer_id, name] = _write_document(atlas, layer_id, name)
    return written[layer_id, name]


def _write_document(atlas: Atlas, layer_id: str, name: str) -> bytes:
    entry = atlas.catalog.require_entry(layer_id)
    dataset = build_dataset(atlas, Selection((layer_id,)), STORAGE_CRS)
    [table] = dataset.tables
    if name == "metadata.xml":
        return build_metadata(entry, table, dataset, crs=STORAGE_CRS)
    kind = table.geometry_type or entry.geometry_type
    # The service keeps the names of our own fields.
    if name == "style.sld":
        return build_sld(entry, geometry_type=kind, names={})
    return build_qml(
        entry, geometry_type=kind, names={}, aliases={column.name: column.title for column in table.columns}
    )


def _send(request: Request, answer: Answer) -> Response:
    charset = "" if "json" in answer.media_type else "; charset=utf-8"
    crs = {"Content-Crs": f"<{answer.crs}>"} if answer.crs else {}
    more = {"Content-Language": "zh-CN" if answer.lang == "zh" else "en", **crs}
    return _respond(request, answer.body, media_type=f"{answer.media_type}{charset}", headers=more)


def _respond(
    request: Request, body: bytes, *, media_type: str, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    told = {**HEADERS, **(headers or {}), "Content-Type": media_type}
    if len(body) >= PACK_FROM and takes_gzip(request.headers.get("accept-encoding", "")):
        body, told["Content-Encoding"] = gzip.compress(body, 1, mtime=0), "gzip"
    return Response(body, status_code=status, headers=told)


def _refuse(request: Request, base: str, error: GzmapError, *, code: tuple[int, str]) -> Response:
    """Tell an error in English and in Chinese."""
    status, name = code
    pairs, headers = request.query_params.multi_items(), request.headers
    told = {"code": name, "description": str(error), "description_zh": error.zh}
    lang = find_lang(pairs, headers)
    if find_html(pairs, headers):
        page = render_page("error", told, lang=lang, base=base, layer=None, number=find_review_number())
        return _respond(request, page, media_type="text/html; charset=utf-8", status=status)
    body = json.dumps(told, ensure_ascii=False).encode()
    return _respond(request, body, media_type="application/json", status=status)
