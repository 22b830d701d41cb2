"""Pictures for the page: the QR code of a link, and those of the help, which `make screenshots` takes."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

PICTURES = Path(__file__).parents[2] / "docs" / "img"
MOST_CHARS = 2_000
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


def serve_qr(request: Request) -> Response:
    """Answer ``?text=…`` with the QR code of a link as SVG; what is no link, or too long a one, earns 400.

    The code is made here, so that no link ever goes to another service.
    """
    # Imported here: what sets sheets takes a while to load, and the first page does not need it.
    from gzmap.sheet import draw_qr  # noqa: PLC0415

    text = request.query_params.get("text", "")
    picture = draw_qr(text) if is_link(text) else None
    if picture is None:
        message = f"'text' must be a link of at most {MOST_CHARS} characters: /qr.svg?text=https%3A%2F%2F…"
        return JSONResponse({"error": "bad-request", "message": message}, status_code=400, headers=HEADERS)
    return Response(picture.svg, media_type="image/svg+xml", headers=HEADERS)


def is_link(text: str) -> bool:
    """Tell whether a text is a link to a page, short enough to be passed on."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and text.isprintable() and len(text) <= MOST_CHARS


def build_pictures() -> StaticFiles:
    """Build what serves the pictures of the help; a copy without them serves none, and the page has words instead."""
    return StaticFiles(directory=PICTURES, check_dir=False)
