"""The same layers on a plain streamlit-folium page: every feature embedded, as its documentation shows.

The files are parsed once and kept, which is kinder to the peer than most pages are; the map must be built on every
run because ``st_folium`` changes the one it is given. Folium's addresses of outside hosts are replaced: Leaflet is
served by the page itself, the rest (jQuery, Bootstrap, icons) is not needed for these layers and left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import folium
import streamlit as st
from streamlit_folium import st_folium

LEAFLET_JS, LEAFLET_CSS = "/app/static/leaflet.js", "/app/static/leaflet.css"


def read_layers(root: Path) -> dict[str, dict]:
    """Read the layers that gzmap shows when it opens, by layer id in drawing order, without what has no geometry."""
    catalog = json.loads((root / "layers/catalog.json").read_text(encoding="utf-8"))
    layers = {}
    for entry in catalog["layers"]:
        if entry["visible"]:
            content = json.loads((root / entry["path"]).read_text(encoding="utf-8"))
            layers[entry["id"]] = {**content, "features": [f for f in content["features"] if f["geometry"]]}
    return layers


def build_map(layers: Mapping[str, dict]) -> folium.Map:
    """Draw the layers on a map that asks no outside host for anything."""
    folium.Map.default_js = [("leaflet", LEAFLET_JS)]
    folium.Map.default_css = [("leaflet_css", LEAFLET_CSS)]
    fmap = folium.Map(location=[23.245, 113.505], zoom_start=9, tiles=None)
    for layer_id, content in layers.items():
        folium.GeoJson(content, name=layer_id, marker=folium.CircleMarker(radius=4)).add_to(fmap)
    return fmap


def run() -> None:
    """Run the page once; the text comes last, so that it tells when a run is over."""
    layers = st.cache_resource(read_layers, show_spinner=False)(Path(os.environ["GZMAP_ROOT"]))
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    st.button("go")
    st_folium(build_map(layers), height=600, use_container_width=True)
    st.write(f"run {st.session_state['runs']}")


if __name__ == "__main__":
    run()
