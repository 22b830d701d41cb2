"""What the bridge is told on every run: small, plain, and the same for the same state."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache

from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.config import HOME_BBOX
from gzmap.query import find_unlocated
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, pick, say
from gzmap.webmap import TIANDITU_ID, build_map, build_url, format_script

PANEL_WORDS = [
    "map",
    "layers",
    "close",
    "opacity",
    "count_hint",
    "legend",
    "legend_solid",
    "legend_thin",
    "legend_dashed",
    "legend_disc",
    "zoom_in",
    "zoom_out",
    "asset_failed",
    "layer_failed",
]


@lru_cache(maxsize=4)
def _drawing(atlas: Atlas, key: str) -> dict:
    return asdict(format_script(build_map(atlas, tianditu_key=key)))


def build_data(atlas: Atlas, place: Place, *, hidden: bool) -> dict:
    """Build the bridge's data.

    Parameters
    ----------
    atlas
        What is drawn.
    place
        Where the page stands.
    hidden
        True on pages without a map: the map lives on, unseen.

    Returns
    -------
    dict
        JSON-ready; a few kB, no feature in it but the selected one's id.
    """
    lang, key = place.lang, os.environ.get("GZMAP_TIANDITU_KEY", "").strip()
    unlocated = len(find_unlocated(atlas))
    words = {key: say(key, lang) for key in PANEL_WORDS} | {"unlocated": say("unlocated_n", lang, n=unlocated)}
    return {
        "drawing": _drawing(atlas, key),
        "layers": [
            *_tiles(key, lang),
            *(_layer(atlas, entry, place) for entry in atlas.catalog.entries.values()),
        ],
        "themes": [
            {"id": t["id"], "title": pick(t, "title", lang), "color": t["color"], "open": True}
            for t in reversed(atlas.catalog.themes)
        ],
        "selected": _selected(atlas, place),
        "focus": _focus(atlas, place),
        "home": HOME_BBOX,
        "hidden": hidden,
        "lang": lang,
        "unlocated": unlocated,
        "words": words,
    }


def _tiles(key: str, lang: Lang) -> list[dict]:
    """Describe the background of 天地图 as one more base layer, when there is a key for it."""
    if not key:
        return []
    tiles = {"id": TIANDITU_ID, "kind": "base", "theme": "base", "title": say("tianditu", lang)}
    drawn = {"geometry_type": "Polygon", "style": {"color": "currentColor", "weight": 1}, "schematic": False}
    return [{**tiles, **drawn, "visible": True, "count": "", "url": "", "broken": ""}]


def _layer(atlas: Atlas, entry: Entry, place: Place) -> dict:
    broken = atlas.broken.get(entry.layer_id, "")
    frame = atlas.layers.get(entry.layer_id)
    located = 0 if frame is None else int(frame.geometry.notna().sum())
    total = 0 if frame is None else len(frame)
    return {
        "id": entry.layer_id,
        "kind": entry.kind,
        "theme": entry.theme,
        "title": pick(dict(entry.raw), "title", place.lang),
        "geometry_type": entry.geometry_type,
        "style": dict(entry.style),
        "schematic": frame is not None and "method" in frame and bool((frame["method"] == "schematic").all()),
        "visible": entry.visible,
        "count": f"{located}" if located == total else f"{located} / {total}",
        "url": "" if broken else build_url(atlas, entry),
        "broken": broken,
    }


def _selected(atlas: Atlas, place: Place) -> dict | None:
    if not place.feature:
        return None
    return {"feature_id": place.feature, "layer_id": atlas.features[place.feature].layer_id}


def _focus(atlas: Atlas, place: Place) -> Mapping | None:
    """Where the map was last asked to go: the selected feature, or all of several, with their layers switched on."""
    if not place.focus:
        return None
    wanted = [atlas.features[i] for i in ((place.feature,) if place.feature else place.picks)]
    bounds = [f.geometry.bounds for f in wanted if f.geometry is not None]
    bbox = place.bbox
    if bounds:
        bbox = (
            min(b[0] for b in bounds),
            min(b[1] for b in bounds),
            max(b[2] for b in bounds),
            max(b[3] for b in bounds),
        )
    return {"nonce": place.focus, "bbox": bbox, "layer_ids": sorted({f.layer_id for f in wanted})}
