"""What is served beside the page: assets, layer data, files to take away, health."""

from __future__ import annotations

import gzip
import hashlib
import logging
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from gzmap.atlas import open_atlas
from gzmap.errors import GzmapError, NotFoundError
from gzmap.server.coordinates import serve_coordinates
from gzmap.server.owned import serve_own
from gzmap.server.packing import takes_gzip
from gzmap.server.pictures import build_pictures, serve_qr
from gzmap.server.roots import describe_store, find_served_root, require_data_file
from gzmap.server.watching import serve_metrics
from gzmap.webmap import ASSETS

PACKAGE = Path(__file__).parent.parent
log = logging.getLogger(__name__)


def build_routes() -> list[BaseRoute]:
    """Build the routes for health, layer data, exports, coordinates, GIS programs and assets."""
    return [
        Route("/healthz", serve_health),
        Route("/metrics", serve_metrics),
        Route("/data/{name:path}", serve_layer),
        Route("/export/overview.{fmt}", serve_table),
        Route("/export/inventory.{fmt}", serve_table),
        Route("/export/{name:path}", serve_export),
        Route("/coordinates", serve_coordinates),
        Route("/ogc", serve_ogc),
        Route("/ogc/{path:path}", serve_ogc),
        Route("/qr.svg", serve_qr),
        Mount("/assets/help", build_pictures()),
        Route("/own/{name}", serve_own),
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
    told = {"status": "ok", "layers": list(atlas.layers), "left_out": list(atlas.broken)}
    return JSONResponse(told | describe_store())


def serve_layer(request: Request) -> Response:
    """Answer with one layer's GeoJSON: gzip when the client takes it, ETag, 304 when unchanged; errors as JSON."""
    name = request.path_params["name"]
    try:
        atlas = open_atlas(find_served_root())
        path = require_data_file(atlas, name)
        stat = path.stat()
        body, packed, digest = _read_payload(path, stat.st_mtime_ns, stat.st_size)
    except NotFoundError as error:
        return JSONResponse({"error": "not-found", "message": str(error)}, status_code=404)
    except GzmapError as error:
        log.error("cannot serve %r: %s", name, error)
        return JSONResponse({"error": "unavailable", "message": str(error)}, status_code=503)
    except OSError as error:
        # Taken away since the project was opened; the next question finds it left out.
        log.error("cannot read the file of %r: %s", name, error)
        message = f"The file of {name!r} cannot be read just now ({error.strerror}); ask again."
        return JSONResponse({"error": "unavailable", "message": message}, status_code=503)
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


def serve_export(request: Request) -> Response:
    """Answer with a layer as a file, see `gzmap.server.exports.serve_export`."""
    # Imported here: what writes files takes a while to load, and the first page does not need it.
    from gzmap.server import exports  # noqa: PLC0415

    return exports.serve_export(request)


def serve_table(request: Request) -> Response:
    """Answer with a table of one of the pages as a file, see `gzmap.server.tables.serve_table`."""
    from gzmap.server import tables  # noqa: PLC0415 - as above

    return tables.serve_table(request)


def serve_ogc(request: Request) -> Response:
    """Answer GIS programs, see `gzmap.server.ogc.serve_ogc`."""
    from gzmap.server import ogc  # noqa: PLC0415 - as above

    return ogc.serve_ogc(request)


@lru_cache(maxsize=64)
def _read_payload(path: Path, _mtime_ns: int, _size: int) -> tuple[bytes, bytes, str]:
    """Return the bytes, the same gzipped, and their digest; the time stamps only key the cache."""
    body = path.read_bytes()
    return body, gzip.compress(body, mtime=0), hashlib.sha256(body).hexdigest()[:32]
