"""Links that somebody may take away: to this server, to the map at a place, to a feature or a paragraph."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import streamlit as st

from gzmap.atlas import Atlas
from gzmap.catalog import Feature
from gzmap.ui.params import format_link

TILE_PX = 256
WINDOW_PX = (640, 600)
"""What a map on a desk shows at least, width and height."""

ZOOMS = (8.0, 15.0)
ZOOM_STEP = 0.5


def find_base() -> str:
    """Find the address of this server as the visitor's browser has it; empty where there is no browser."""
    parts = urlsplit(st.context.url or "")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{parts.scheme}://{parts.netloc}/{path}{'/' if path else ''}"


def format_permalink(base: str, page: str, params: Mapping[str, str]) -> str:
    """Write the whole address of a page; empty where the server's own is not known."""
    return base and f"{base}{format_link(page, params).removeprefix('./')}"


def format_map_link(
    bbox: tuple[float, float, float, float], features: Iterable[Feature] = (), *, base_layers: Iterable[str] = ()
) -> str:
    """Write a link to the map at a place, with the layers of some features on.

    Parameters
    ----------
    bbox
        ``(west, south, east, north)`` in degrees.
    features
        Whose layers are shown; without any, the map shows what it shows by itself.
    base_layers
        Ids of layers that are shown beneath them.
    """
    west, south, east, north = bbox
    layers = sorted({f.layer_id for f in features})
    view = f"{find_zoom(bbox):g}/{(south + north) / 2:.4f}/{(west + east) / 2:.4f}"
    return format_link("map", {"view": view, "layers": ",".join([*base_layers, *layers]) if layers else ""})


def find_zoom(bbox: tuple[float, float, float, float]) -> float:
    """Find the greatest zoom at which a place fits the window (Web Mercator); a point gets the greatest of `ZOOMS`."""
    west, south, east, north = bbox
    height = abs(math.degrees(_mercator(north) - _mercator(south)))
    spans = ((east - west) / WINDOW_PX[0], height / WINDOW_PX[1])
    per_pixel = max(spans) or math.inf
    exact = math.log2(360 / TILE_PX / per_pixel) if math.isfinite(per_pixel) else ZOOMS[1]
    return min(max(math.floor(exact / ZOOM_STEP) * ZOOM_STEP, ZOOMS[0]), ZOOMS[1])


def _mercator(lat: float) -> float:
    return math.asinh(math.tan(math.radians(lat)))


def list_base_layers(atlas: Atlas) -> tuple[str, ...]:
    """List the base layers that the map shows by itself."""
    return tuple(e.layer_id for e in atlas.catalog.entries.values() if e.kind == "base" and e.visible)
