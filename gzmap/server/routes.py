"""What is served beside the page: assets, layer data, health."""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import re
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from gzmap.atlas import Atlas, find_root, open_atlas
from gzmap.errors import GzmapError, NotFoundError
from gzmap.webmap import ASSETS

PACKAGE = Path(__file__).parent.parent
DATA_FOLDERS = ("geodata", "layers")
log = logging.getLogger(__name__)


def find_served_root() -> Path:
    """Find the project folder to serve: ``GZMAP_ROOT``, else the nearest one at or above the working directory."""
    return find_root(Path(os.environ.get("GZMAP_ROOT") or Path.cwd()))


def build_routes() -> list[BaseRoute]:
    """Build the routes ``/healthz``, ``/data/<layer_id>.geojson`` and ``/assets/…``."""
    return [
        Route("/healthz", serve_health),
        Route("/data/{name:path}", serve_layer),
        # The version in the path only names the copy: scripts import each other relatively and so never mix two.
        Mount("/assets/ui/{version}", StaticFiles(directory=ASSETS)),
        # Absent until `pip install` has run the build hook; the page then says what is missing instead of not starting.
        Mount("/assets", StaticFiles(directory=PACKAGE / "assets", check_dir=False)),
    ]


def serve_health(_request: Request) -> Response:
    """Answer 200 with the layers that are served and those left out, 503 when the project cannot be opened."""
    try:
        atlas = open_atlas(find_served_root())
    except GzmapError as error:
        log.error("not healthy: %s", error)
        return JSONResponse({"status": "error", "message": str(error)}, status_code=503)
    return JSONResponse({"status": "ok", "layers": list(atlas.layers), "left_out": list(atlas.broken)})


def serve_layer(request: Request) -> Response:
    """Answer with one layer's GeoJSON: gzip when the client takes it, ETag, 304 when unchanged; errors as JSON."""
    name = request.path_params["name"]
    try:
        atlas = open_atlas(find_served_root())
        path = require_data_file(atlas, name)
    except NotFoundError as error:
        return JSONResponse({"error": "not-found", "message": str(error)}, status_code=404)
    except GzmapError as error:
        log.error("cannot serve %r: %s", name, error)
        return JSONResponse({"error": "unavailable", "message": str(error)}, status_code=503)
    stat = path.stat()
    body, packed, digest = _read_payload(path, stat.st_mtime_ns, stat.st_size)
    zipped = takes_gzip(request.headers.get("accept-encoding", ""))
    headers = {
        "ETag": f'"{digest}-gz"' if zipped else f'"{digest}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(packed if zipped else body, media_type="application/geo+json", headers=headers)


def takes_gzip(accepted: str) -> bool:
    """Whether an ``Accept-Encoding`` header allows gzip: named, and not with a quality of zero (RFC 9110, 12.5.3)."""
    for item in accepted.lower().split(","):
        name, _, weight = item.partition(";")
        if name.strip() == "gzip":
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False


def require_data_file(atlas: Atlas, name: str) -> Path:
    """Find the file behind ``<layer_id>.geojson``; the path comes from the catalogue, never from the request.

    Raises
    ------
    NotFoundError
        If there is no such readable layer, or its file lies outside the data folders (a symbolic link, ``..``).
    """
    layer_id = name.removesuffix(".geojson")
    entry = atlas.catalog.require_entry(layer_id)
    if not name.endswith(".geojson") or layer_id in atlas.broken:
        raise NotFoundError(atlas.broken.get(layer_id, f"Ask for /data/{layer_id}.geojson."))
    path = (atlas.root / entry.path).resolve()
    if not any(path.is_relative_to((atlas.root / folder).resolve()) for folder in DATA_FOLDERS):
        raise NotFoundError(f"The file of layer {layer_id!r} lies outside {' and '.join(DATA_FOLDERS)}/.")
    return path


@lru_cache(maxsize=64)
def _read_payload(path: Path, _mtime_ns: int, _size: int) -> tuple[bytes, bytes, str]:
    """Return the bytes, the same gzipped, and their digest; the time stamps only key the cache."""
    body = path.read_bytes()
    return body, gzip.compress(body, mtime=0), hashlib.sha256(body).hexdigest()[:32]
