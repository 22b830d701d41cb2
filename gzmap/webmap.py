"""The map as Folium draws it: declared once here, run once in the browser, patched afterwards."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import folium
from folium.map import Layer
from folium.template import Template

from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.config import DISC_ACCURACY_M, HOME_BBOX
from gzmap.own import OwnLayer, OwnLayers, find_own_folder, open_own

TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?service=wmts&request=GetTile&version=1.0.0&layer={layer}"
    "&style=default&tilematrixset=w&format=tiles&tilematrix={{z}}&tilerow={{y}}&tilecol={{x}}&tk={key}"
)
"""天地图 vector tiles (CGCS2000, taken as coincident with WGS 84); the only outside tiles that may be shown."""
TIANDITU_ID = "tianditu"


ASSETS = Path(__file__).parent / "ui" / "static"
"""Our own scripts and styles of the page, served under ``/assets/ui/<version>/``."""


@lru_cache(maxsize=1)
def find_assets_version() -> str:
    """Give a digest of our scripts and styles, which stands in their address: a browser never mixes two versions."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(ASSETS.iterdir()))).hexdigest()[:12]


class UrlLayer(Layer):
    """A layer whose features the browser fetches by URL; ``gz`` is the bridge that runs Folium's script."""

    _template = Template("""
    {% macro script(this, kwargs) %}
    var {{ this.get_name() }} = gz.urlLayer({{ this.spec|tojson }});
    {% endmacro %}""")

    def __init__(self, spec: Mapping) -> None:
        super().__init__(name=spec["id"])
        # The script is a part of what every run sends: a readable name instead of 32 random digits.
        self._name, self._id = "Layer", spec["id"]
        self.spec = spec


@dataclass(frozen=True)
class MapScript:
    """Folium's drawing as the bridge runs it.

    ``script`` declares the map in the variable ``map_var`` and each layer in its variable of ``layer_vars`` (by layer
    id); the map's element has the id ``map_var``.
    """

    script: str
    map_var: str
    layer_vars: Mapping[str, str]


def build_url(atlas: Atlas, entry: Entry) -> str:
    """Give the address of a layer's data; it changes when the file's content does, so a stale copy is never shown."""
    return f"/data/{entry.layer_id}.geojson?v={atlas.versions[entry.layer_id]}"


def open_own_of(atlas: Atlas, named: str = "", *, wait: bool = True) -> OwnLayers:
    """Open the planner's own layers of a project, in colours that its own layers do not have.

    Parameters
    ----------
    atlas
        Of the project.
    named
        As `find_own_folder`.
    wait
        As `open_own`.
    """
    return open_own(find_own_folder(atlas.root, named), avoid=list_colours(atlas), wait=wait)


def list_colours(atlas: Atlas) -> set[str]:
    """List the colours of a project's layers, which own layers must differ from."""
    return {str(entry.style["color"]) for entry in atlas.catalog.entries.values() if entry.style.get("color")}


def build_own_spec(layer: OwnLayer) -> dict:
    """Say how the bridge draws an own layer; it has no accuracies, so its points are pins."""
    return {
        "id": layer.layer_id,
        "kind": "own",
        "style": dict(layer.style),
        "labels": False,
        "disc_from_m": DISC_ACCURACY_M,
    }


def build_map(atlas: Atlas, *, tianditu_key: str = "") -> folium.Map:
    """Draw the atlas as a Folium map in which no feature is embedded.

    Parameters
    ----------
    atlas
        What to draw; broken layers are left out.
    tianditu_key
        Key of 天地图; empty for the offline background alone.

    Returns
    -------
    folium.Map
        Layers in catalogue order, the first at the bottom, zoomed to Guangzhou.
    """
    west, south, east, north = HOME_BBOX
    fmap = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=9,
        min_zoom=7,
        max_zoom=18,
        tiles=None,
        control_scale=False,  # Folium's has miles as well; the bridge adds one in metres
        attributionControl=bool(tianditu_key),
        zoomSnap=0.5,
        bounceAtZoomLimits=False,
    )
    if tianditu_key:
        tiles = [TIANDITU.format(layer=name, key=quote(tianditu_key, safe="")) for name in ("vec", "cva")]
        UrlLayer({"id": TIANDITU_ID, "tiles": tiles, "attribution": "天地图", "subdomains": "01234567"}).add_to(fmap)
    for layer_id in atlas.layers:
        UrlLayer(_spec(atlas.catalog.entries[layer_id], over_tiles=bool(tianditu_key))).add_to(fmap)
    return fmap


def _spec(entry: Entry, *, over_tiles: bool) -> dict:
    style = dict(entry.style)
    if over_tiles and entry.kind == "base":
        style["fill_opacity"] = 0  # our own ground would hide the tiles
    return {
        "id": entry.layer_id,
        "kind": entry.kind,
        "style": style,
        "labels": entry.layer_id == "labels",
        "disc_from_m": DISC_ACCURACY_M,
    }


def format_script(fmap: folium.Map) -> MapScript:
    """Render Folium's script without its page.

    Parameters
    ----------
    fmap
        As `build_map` returned it. It must not be rendered again afterwards.
    """
    root = fmap.get_root()
    root.render()
    children = fmap._children.values()  # noqa: SLF001 - branca offers no public way to list them
    layers = {c.spec["id"]: c.get_name() for c in children if isinstance(c, UrlLayer)}
    # Folium sets its script as widely as a page of source.
    script = re.sub(r"\s*\n\s*", "\n", root.script.render()).strip()
    return MapScript(script, fmap.get_name(), layers)
