"""The planner's own layers for the map of the same machine: ``/own/<layer id>.geojson``; nobody else gets them."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gzmap.atlas import open_atlas
from gzmap.errors import GzmapError, NotFoundError
from gzmap.own import OwnLayers, dump_for_map, find_own_folder, is_same_machine
from gzmap.server.roots import find_served_root
from gzmap.webmap import open_own_of

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


def serve_own(request: Request) -> Response:
    """Answer with an own layer's GeoJSON to a page of ours on this machine; 403 to all others, errors as JSON."""
    if not is_same_machine(request.client.host if request.client else None, request.headers):
        message = "Own layers are shown only on the machine that holds them: open the page there, at 127.0.0.1."
        return JSONResponse({"error": "forbidden", "message": message}, status_code=403, headers=HEADERS)
    name = request.path_params["name"]
    try:
        own = _open_own()
        if not name.endswith(".geojson"):
            raise NotFoundError(f"Ask for /own/{name}.geojson.")
        body = dump_for_map(own.require_layer(name.removesuffix(".geojson")))
    except NotFoundError as error:
        return JSONResponse({"error": "not-found", "message": str(error)}, status_code=404, headers=HEADERS)
    except GzmapError as error:
        log.error("cannot serve the own layer %r: %s", name, error)
        return JSONResponse({"error": "unavailable", "message": str(error)}, status_code=503, headers=HEADERS)
    # Not packed: it goes no farther than to a program on this machine, which would wait for the packing.
    return Response(body, media_type="application/geo+json", headers=HEADERS)
