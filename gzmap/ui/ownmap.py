"""The planner's own layers on the page: who sees them, and what the bridge is told of them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from functools import lru_cache

import streamlit as st
from shapely.geometry.base import BaseGeometry

from gzmap.atlas import Atlas
from gzmap.own import Broken, OwnLayer, OwnLayers, find_own_folder, is_same_machine
from gzmap.ui.account import may_see_own
from gzmap.ui.store import find_store
from gzmap.ui.words import LANGS, Lang, say
from gzmap.webmap import build_own_spec, list_colours, open_own_of

THEME = "own"
COLOR = "currentColor"
"""Of the theme's sign: that of the letters, which is of no layer."""


def open_own_here(atlas: Atlas, *, wait: bool = True) -> OwnLayers:
    """Open the own layers: those of the folder for who sits at the machine, those of the shared database for all.

    Of the database, what the role that this server logs in as may read. Where people sign in, none for those whose
    role does not see them (`gzmap.ui.account`). Without ``wait`` as in `gzmap.own.open_own`:
    the map is shown at once and asks for them again, but no question is answered without them.
    """
    if not may_see_own():
        return OwnLayers(find_own_folder(atlas.root, os.environ.get("GZMAP_LOCAL", "")), (), ())
    own, store = _open_folder(atlas, wait=wait), find_store()
    return own if store is None else store.shelf.add_to(own, list_colours(atlas))


def add_near(own: OwnLayers, area: BaseGeometry) -> OwnLayers:
    """Add, of the database's layers that are too large to be held, what lies near an area.

    Raises
    ------
    DatabaseError
        If the database cannot be asked.
    """
    store = find_store()
    return own if store is None or not may_see_own() else store.shelf.add_near(own, area)


def _open_folder(atlas: Atlas, *, wait: bool) -> OwnLayers:
    named = os.environ.get("GZMAP_LOCAL", "")
    headers = {name.lower(): value for name, value in st.context.headers.to_dict().items()}
    if not is_same_machine(st.context.ip_address, headers):
        return OwnLayers(find_own_folder(atlas.root, named), (), ())
    return open_own_of(atlas, named, wait=wait)


@lru_cache(maxsize=8)
def describe_own(own: OwnLayers, lang: Lang) -> dict:
    """Describe own layers as the bridge's data has layers; empty where there are none.

    Returns
    -------
    dict
        ``layers``, ``groups`` and ``themes``; JSON-ready.
    """
    if not own.layers and not own.broken:
        return {"layers": [], "groups": [], "themes": []}
    rows = [*_list_layers(own), *_list_broken(own.broken, lang)]
    return {
        "layers": [layer for layer, _ in rows],
        "groups": [group for _, group in rows],
        "themes": [{"id": THEME, "title": say("own_layers", lang), "color": COLOR}],
    }


def add_own(data: dict, own: OwnLayers, lang: Lang) -> dict:
    """Add own layers to the bridge's data: on top of all others on the map, and first in the panel."""
    if own.is_reading:
        data = data | {"own_reading": True}
    told = describe_own(own, lang)
    if not told["layers"]:
        return data
    mark = hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]
    return data | {
        "layers": [*data["layers"], *told["layers"]],
        "groups": [*told["groups"], *data["groups"]],
        "themes": [*told["themes"], *data["themes"]],
        "about": f"{data['about']}-{mark}",
    }


def _list_layers(own: OwnLayers) -> Iterator[tuple[dict, dict]]:
    for layer in own.layers:
        count = f"{layer.located}" if layer.located == len(layer.frame) else f"{layer.located} / {len(layer.frame)}"
        url = f"/own/{layer.layer_id}.geojson?v={layer.version}" if layer.located else ""
        told = {"id": layer.layer_id, "group": layer.layer_id, "kind": "own", "geometry_type": layer.family}
        state = {"schematic": False, "visible": True, "url": url, "empty": not layer.located, "broken": ""}
        yield told | state | {"spec": build_own_spec(layer)}, _group(layer.layer_id, layer.title, count)


def _list_broken(broken: tuple[Broken, ...], lang: Lang) -> Iterator[tuple[dict, dict]]:
    for number, one in enumerate(broken):
        layer_id = f"own-broken-{number}"
        told = {"id": layer_id, "group": layer_id, "kind": "own", "geometry_type": "Polygon", "schematic": False}
        message = (one.zh, one.en)[LANGS.index(lang)]
        yield told | {"visible": False, "url": "", "empty": False, "broken": message}, _group(layer_id, one.path, "")


def _group(group_id: str, title: str, count: str) -> dict:
    return {"id": group_id, "theme": THEME, "title": title, "count": count}


def list_titles(layers: tuple[OwnLayer, ...]) -> dict[str, str]:
    """List the titles of own layers by id."""
    return {layer.layer_id: layer.title for layer in layers}
