"""The planner's own layers for the map of the same machine: ``/own/<layer id>.geojson``; nobody else gets them."""

from __future__ import annotations

import gzip
import logging
import os
import threading
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gzmap.atlas import open_atlas
from gzmap.errors import GzmapError, NotFoundError
from gzmap.own import OwnLayers, dump_for_map, find_own_folder, is_foreign_page, is_same_machine
from gzmap.server.gate import may_see_own
from gzmap.server.roots import find_served_root, find_store
from gzmap.webmap import list_colours, open_own_of

log = logging.getLogger(__name__)
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Sec-Fetch-Site",
}


_READING = threading.Lock()


def read_own_ahead(client: str | None, headers: Mapping[str, str]) -> None:
    """Begin to read own layers while a page of this machine loads: it will ask for them in a second or two.

    Parameters
    ----------
    client, headers
        Of the request for the page, as `gzmap.own.is_same_machine` takes them.
    """
    if not is_same_machine(client, headers):
        return
    try:
        is_there = find_own_folder(find_served_root(), _named()).is_dir()
    except GzmapError as error:
        log.error("own layers are not looked for: %s", error)  # the page itself will say so to the reader
        return
    # One reading at a time: whoever comes meanwhile waits for what it finds.
    if is_there and _READING.acquire(blocking=False):
        threading.Thread(target=_read_own, name="own layers", daemon=True).start()


def _read_own() -> None:
    try:
        for layer in _open_own().layers:
            dump_for_map(layer)
    except GzmapError as error:
        log.error("own layers cannot be read: %s", error)
    finally:
        _READING.release()


def _named() -> str:
    return os.environ.get("GZMAP_LOCAL", "")


def _open_own() -> OwnLayers:
    return open_own_of(open_atlas(find_served_root()), _named())


def _open_seen(*, is_here: bool) -> OwnLayers:
    """Open the layers of the folder, for who sits at this machine, and those of the database."""
    atlas = open_atlas(find_served_root())
    own = open_own_of(atlas, _named()) if is_here else OwnLayers(find_own_folder(atlas.root, _named()), (), ())
    store = find_store()
    return own if store is None else store.shelf.add_to(own, list_colours(atlas))


def serve_own(request: Request) -> Response:
    """Answer with an own layer's GeoJSON to a page of ours on this machine; 403 to all others, errors as JSON.

    Layers of the shared database are the bureau's, not this machine's: they are for every page of ours, as far as the
    role that this server logs in as may read them. Where people sign in, both are for those alone whose role sees them.
    """
    is_here = is_same_machine(request.client.host if request.client else None, request.headers)
    is_shared = bool(os.environ.get("GZMAP_DATABASE_URL", "").strip()) and not is_foreign_page(request.headers)
    if not may_see_own(request):
        message = "Own layers are for those whose role sees them: sign in on the page first."
        told = {"error": "forbidden", "message": message, "message_zh": "本单位图层须有相应权限，请先在页面上登录。"}
        return JSONResponse(told, status_code=403, headers=HEADERS)
    if not is_here and not is_shared:
        message = "Own layers are shown only on the machine that holds them: open the page there, at 127.0.0.1."
        return JSONResponse({"error": "forbidden", "message": message}, status_code=403, headers=HEADERS)
    name = request.path_params["name"]
    try:
        own = _open_seen(is_here=is_here)
        if not name.endswith(".geojson"):
            raise NotFoundError(f"Ask for /own/{name}.geojson.")
        body = dump_for_map(own.require_layer(name.removesuffix(".geojson")))
    except NotFoundError as error:
        return JSONResponse({"error": "not-found", "message": str(error)}, status_code=404, headers=HEADERS)
    except GzmapError as error:
        log.error("cannot serve the own layer %r: %s", name, error)
        return JSONResponse({"error": "unavailable", "message": str(error)}, status_code=503, headers=HEADERS)
    headers = dict(HEADERS)
    # Not packed for a program on this machine, which would only wait for the packing.
    if not is_here and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
    return Response(body, media_type="application/geo+json", headers=headers)
