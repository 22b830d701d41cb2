"""What the bridge is told on every run: small, plain, and the same for the same state."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache

from gzmap.atlas import Atlas
from gzmap.catalog import Entry, Group
from gzmap.config import HOME_BBOX
from gzmap.crs import find_area_m2
from gzmap.query import find_unlocated
from gzmap.ui.areas import dump_area
from gzmap.ui.lit import list_lit
from gzmap.ui.maptools import describe_tools
from gzmap.ui.state import Place
from gzmap.ui.words import Lang, pick, say, say_area
from gzmap.webmap import TIANDITU_ID, build_map, build_url, format_script

PANEL_WORDS = [
    "map",
    "layers",
    "close",
    "opacity",
    "count_hint",
    "shown_hint",
    "show_theme",
    "show_all",
    "hide_all",
    "show_default",
    "zoom_in",
    "zoom_out",
    "asset_failed",
    "layer_failed",
    "draw",
    "draw_polygon",
    "draw_rectangle",
    "draw_circle",
    "draw_clear",
    "draw_shown",
    "draw_failed",
    "draw_finish",
    "draw_undo",
    "draw_cancel",
    "hint_polygon",
    "hint_rectangle",
    "hint_circle",
    "hint_touch_polygon",
    "hint_touch_rectangle",
    "hint_touch_circle",
    "hint_keys",
]


DESCRIBED = ("drawing", "layers", "groups", "themes", "home", "lang", "unlocated", "tools", "words")
"""What is the same on every run, and need be told to a browser only once."""


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
        JSON-ready; a few kB, no feature in it but the selected one's id, and the outline of the drawn area.
        ``about`` is a digest of what is the same on every run, see `leave_out_told`.
    """
    key = os.environ.get("GZMAP_TIANDITU_KEY", "").strip()
    return describe_map(atlas, place.lang, key) | {
        "selected": _selected(atlas, place),
        "area": _area(place),
        "focus": _focus(atlas, place),
        "lit": list_lit(atlas, place),
        "hidden": hidden,
    }


def leave_out_told(data: dict, told: str) -> dict:
    """Leave out what the browser holds already.

    Parameters
    ----------
    data
        What `build_data` returns.
    told
        The ``about`` of a description that the browser answered to; empty when it has not answered yet.
    """
    return {k: v for k, v in data.items() if k not in DESCRIBED} if data["about"] == told else data


@lru_cache(maxsize=8)
def describe_map(atlas: Atlas, lang: Lang, key: str) -> dict:
    """Describe what is the same on every run: the drawing, the layers and the panel's words; made once for each."""
    unlocated = len(find_unlocated(atlas))
    tiles = _tiles(key, lang)
    described = {
        "drawing": asdict(format_script(build_map(atlas, tianditu_key=key))),
        "layers": [*tiles, *(_layer(atlas, entry) for entry in atlas.catalog.entries.values())],
        "groups": [*(_group(atlas, group, lang) for group in reversed(atlas.catalog.groups)), *map(_group_of, tiles)],
        "themes": [
            {"id": t["id"], "title": pick(t, "title", lang), "color": t["color"]}
            for t in reversed(atlas.catalog.themes)
        ],
        "home": HOME_BBOX,
        "lang": lang,
        "unlocated": unlocated,
        "tools": describe_tools(atlas, lang),
        "words": {key: say(key, lang) for key in PANEL_WORDS}
        | {"unlocated": say("unlocated_n", lang, n=unlocated), "more_here": say("more_here", lang, n="{n}")},
    }
    # Folium draws new names each time: the digest is that of this one text, which the cache keeps.
    text = json.dumps(described, ensure_ascii=False, sort_keys=True)
    return described | {"about": hashlib.sha256(text.encode()).hexdigest()[:12]}


def _tiles(key: str, lang: Lang) -> list[dict]:
    """Describe the background of 天地图 as one more base layer, when there is a key for it."""
    if not key:
        return []
    tiles = {"id": TIANDITU_ID, "group": TIANDITU_ID, "kind": "base", "theme": "base", "title": say("tianditu", lang)}
    drawn = {"geometry_type": "Polygon", "schematic": False, "visible": True}
    return [{**tiles, **drawn, "url": "", "empty": False, "broken": ""}]


def _group_of(tiles: dict) -> dict:
    return {"id": tiles["group"], "theme": tiles["theme"], "title": tiles["title"], "count": ""}


def _group(atlas: Atlas, group: Group, lang: Lang) -> dict:
    """Describe one row of the panel: layers that are switched together, counted together."""
    frames = [atlas.layers[e.layer_id] for e in group.entries if e.layer_id in atlas.layers]
    located = sum(int(frame.geometry.notna().sum()) for frame in frames)
    total = sum(map(len, frames))
    count = f"{located}" if located == total else f"{located} / {total}"
    return {
        "id": group.group_id,
        "theme": group.theme,
        "title": pick(dict(group.titles), "title", lang),
        "count": count if any(e.kind == "plan" for e in group.entries) else "",
    }


def _layer(atlas: Atlas, entry: Entry) -> dict:
    """Describe one layer; it has no address when there is nothing of it to draw."""
    broken = atlas.broken.get(entry.layer_id, "")
    frame = atlas.layers.get(entry.layer_id)
    drawn = frame[frame.geometry.notna()] if frame is not None else ()
    return {
        "id": entry.layer_id,
        "group": entry.group,
        "kind": entry.kind,
        "geometry_type": entry.geometry_type,
        "schematic": len(drawn) > 0 and "method" in drawn and bool((drawn["method"] == "schematic").all()),
        "visible": entry.visible,
        "url": build_url(atlas, entry) if len(drawn) else "",
        "empty": not broken and not len(drawn),
        "broken": broken,
    }


def _selected(atlas: Atlas, place: Place) -> dict | None:
    if not place.feature:
        return None
    return {"feature_id": place.feature, "layer_id": atlas.features[place.feature].layer_id}


def _area(place: Place) -> dict:
    """Tell the drawn area, the number of the last drawing that was answered, and whether that one was refused."""
    return {
        "code": dump_area(place.area) if place.area else "",
        "size": say_area(find_area_m2(place.area)) if place.area else "",
        "number": place.drawn,
        "refused": bool(place.refused),
    }


def _focus(atlas: Atlas, place: Place) -> Mapping | None:
    """Where the map was last asked to go: the selected feature, or all of several, with their layers switched on."""
    if not place.focus:
        return None
    wanted = [atlas.features[i] for i in ((place.feature,) if place.feature else place.picks)]
    bounds = [f.geometry.bounds for f in wanted if f.geometry is not None]
    bbox = place.bbox
    if bounds and bbox is None:
        bbox = (
            min(b[0] for b in bounds),
            min(b[1] for b in bounds),
            max(b[2] for b in bounds),
            max(b[3] for b in bounds),
        )
    return {"nonce": place.focus, "bbox": bbox, "layer_ids": sorted({f.layer_id for f in wanted})}
