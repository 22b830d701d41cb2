"""Direct links to layers as files: ``/export/<layer_id>.<format>?crs=…&encoding=…&names=…``."""

from __future__ import annotations

import hashlib
import logging
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gzmap.atlas import Atlas, open_atlas
from gzmap.errors import CRSError, ExportError, GzmapError, NotFoundError
from gzmap.export import FORMATS, Choices, Selection, build_dataset, build_order, export_order
from gzmap.server.roots import find_served_root, require_data_file

log = logging.getLogger(__name__)
MEDIA_TYPES = {
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".fgb": "application/octet-stream",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
}
"""By the end of the file's name."""

UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
PARAMETERS = ("crs", "encoding", "names")


def serve_export(request: Request) -> Response:
    """Answer with the bytes that `gzmap export` writes; 304 when unchanged, errors as JSON.

    It is a plain function, which Starlette runs in a thread, so that a long export holds up nobody.
    """
    layer_id, _, fmt = request.path_params["name"].rpartition(".")
    try:
        atlas = open_atlas(find_served_root())
        _require_known(atlas, layer_id, fmt)
        body, name = build_file(atlas, layer_id, _read_choices(request, fmt))
    except NotFoundError as error:
        return _refuse(404, "not-found", error)
    except (ExportError, CRSError) as error:
        return _refuse(400, "bad-request", error)
    except GzmapError as error:
        log.error("cannot export %r: %s", request.path_params["name"], error)
        return _refuse(503, "unavailable", error)
    return build_answer(request, body, name, title=atlas.catalog.entries[layer_id].title)


def build_answer(request: Request, body: bytes, name: str, *, title: str) -> Response:
    """Build the answer that is a file to take away, under the names of `format_disposition`; 304 when it is known."""
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": format_disposition(name, title),
    }
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=MEDIA_TYPES[Path(name).suffix], headers=headers)


def _refuse(status: int, code: str, error: GzmapError) -> Response:
    """Tell an error, in Chinese as well where it has the words."""
    chinese = {"message_zh": error.zh} if error.zh else {}
    return JSONResponse({"error": code, "message": str(error), **chinese}, status_code=status)


def _require_known(atlas: Atlas, layer_id: str, fmt: str) -> None:
    """Raise where a layer or format does not exist, or the layer may not be served.

    Raises
    ------
    NotFoundError
        If so.
    """
    require_data_file(atlas, f"{layer_id}.geojson")
    if fmt not in FORMATS:
        raise NotFoundError(
            f"There is no format {fmt!r}; ask for /export/{layer_id}.shp, or one of {', '.join(FORMATS)}."
        )


def _read_choices(request: Request, fmt: str) -> Choices:
    """Read the choices from the query; what a format has only one of need not be said.

    Raises
    ------
    ExportError
        If a parameter is unknown or comes twice, or a value is not allowed.
    """
    given = request.query_params.multi_items()
    for name, _ in given:
        if name not in PARAMETERS or sum(name == other for other, _ in given) > 1:
            raise ExportError(
                f"The parameter {name!r} is unknown or comes twice; give {', '.join(PARAMETERS)} once each."
            )
    return Choices(fmt, **dict(given))


def build_file(atlas: Atlas, layer_id: str, choices: Choices) -> tuple[bytes, str]:
    """Write one layer to memory.

    Returns
    -------
    tuple
        The bytes, and an ASCII file name such as ``gzmap_waterways_4490_gbk_pinyin.zip``.

    Raises
    ------
    ExportError, NotFoundError, CatalogError, CRSError
        As `gzmap.export.export_layers`.
    """
    parts = ["gzmap", layer_id, choices.crs.rpartition(":")[2]]
    parts += [value for value, usual in ((choices.encoding, "utf-8"), (choices.names, "ascii")) if value != usual]
    parts += [choices.fmt] if choices.fmt == "dxf" else []
    name = UNSAFE.sub("_", f"{'_'.join(parts)}{FORMATS[choices.fmt].suffix}")
    order = build_order(build_dataset(atlas, Selection((layer_id,)), choices.crs), choices)
    with tempfile.TemporaryDirectory(prefix="gzmap-") as folder:
        return export_order(order, Path(folder) / name).read_bytes(), name


def format_disposition(name: str, title: str) -> str:
    """Write a Content-Disposition with a Chinese file name (RFC 6266, RFC 5987) and a plain one for old clients.

    Parameters
    ----------
    name
        Plain ASCII name; whatever else stands in it, such as quotes, line ends or strokes, becomes ``_``.
    title
        What stands before it in the Chinese one; signs that file systems refuse are left out.
    """
    name = UNSAFE.sub("_", name)
    readable = "".join(c for c in title if c.isprintable() and c not in '\\/:*?"<>|').strip(". ")
    encoded = quote(f"{readable}_{name}" if readable else name, safe="")
    return f"attachment; filename=\"{name}\"; filename*=UTF-8''{encoded}"
