"""The two components of the page: the living map, and text with links that answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import streamlit as st

from gzmap.ui.faults import hold
from gzmap.ui.state import carry
from gzmap.webmap import find_assets_version

FRESH = "gz_fresh"
"""Key of whether this is the first run of a session."""

MAP_HTML = """
<link rel="stylesheet" href="/assets/leaflet/leaflet.css">
<link rel="stylesheet" href="/assets/ui/{version}/mapview.css">
<div class="gz-root gz-hidden">
  <nav class="gz-panel"></nav>
  <div class="gz-stage">
    <div class="gz-map"></div>
    <div class="gz-cross" aria-hidden="true"></div>
    <div class="gz-tools"></div>
    <button type="button" class="gz-open-panel" aria-expanded="false"></button>
    <div class="gz-readout" aria-hidden="true"></div>
    <div class="gz-message" role="alert" hidden></div>
  </div>
</div>
"""

# The module is fetched once from our own routes and kept by the browser, instead of travelling with every session.
# Streamlit runs this text from a blob, which has no address of its own: hence the absolute one.
LOADER = """
const module = import(new URL("/assets/ui/{version}/{file}", location.origin).href);
export default function (component) {{ module.then((m) => m.render(component)); }}
"""


@lru_cache(maxsize=2)
def _component(name: str) -> Callable:
    version = find_assets_version()
    html = {"mapview": MAP_HTML.format(version=version), "linked": '<div class="gz-linked"></div>'}[name]
    return st.components.v2.component(
        f"gzmap_{name}",
        html=html,
        js=LOADER.format(file=f"{name}.js", version=version),
        isolate_styles=name == "mapview",
    )


def mount_map(data: Mapping, on_event: Callable[[Mapping], None]) -> None:
    """Mount the living map; it must be called on every run, at one place of the page, with this fixed key.

    Parameters
    ----------
    data
        What `gzmap.ui.mapdata.build_data` returns, or the part of it that the browser does not hold yet.
    on_event
        Called before the run that a click causes, with ``{"kind": "click", "lon", "lat", "tolerance_m", "layer_ids"}``
        (degrees WGS 84, metres), ``{"kind": "feature", "id"}``, ``{"kind": "unlocated"}``,
        ``{"kind": "area", "shape", "points", "number"}`` (`gzmap.ui.areas.read_drawing`) or, from a browser that
        lacks the description, ``{"kind": "describe"}``; each with ``address``, the page's query, and ``seen``, the
        bbox that the map shows.
    """

    def answer() -> None:
        # Nothing is there when the browser left the page in the same moment.
        event = st.session_state.get("gz_map", {}).get("event")
        if event:
            carry(event["address"], event.get("seen"))
            on_event(event)

    result = _component("mapview")(key="gz_map", data=dict(data), on_event_change=hold(answer))
    _answer_first(getattr(result, "event", None), answer)


def _answer_first(event: Mapping | None, answer: Callable[[], None]) -> None:
    """Answer a click that came with the first run of a session, and run again.

    The page of a process that has died finds another one, and its next click starts a session there: Streamlit calls
    nothing then, because that session does not know the component yet.
    """
    if event and st.session_state.pop(FRESH, False):
        hold(answer)()
        st.rerun()


def show_linked(
    html: str,
    on_go: Callable[[Mapping], None],
    *,
    key: str,
    scroll: tuple[str, int] = ("", 0),
    style: str = "",
) -> None:
    """Show markup made by our templates (escaped there) whose ``data-go`` elements answer clicks.

    Parameters
    ----------
    html
        Trusted markup.
    on_go
        Called before the run that a click causes, with the object in the element's ``data-go``.
    key
        Unique on the page.
    scroll
        ``(element id, count)``: scrolls there once for each new count; an empty id leaves the page where it is.
    style
        Name of a stylesheet of ours that this markup needs beyond ``page.css``; it is fetched once.
    """

    def answer() -> None:
        go = st.session_state.get(key, {}).get("go")
        if go:
            carry(go["address"], go.get("seen"))
            on_go(go)

    data = {"html": html, "scroll_to": scroll[0], "scroll_nonce": scroll[1]}
    if style:
        data["style"] = f"/assets/ui/{find_assets_version()}/{style}"
    result = _component("linked")(key=key, data=data, on_go_change=hold(answer))
    _answer_first(getattr(result, "go", None), answer)
