"""The pages."""

from __future__ import annotations

import streamlit as st

from gzmap.atlas import Atlas
from gzmap.config import DELIVERY_CRS
from gzmap.export import export_bytes
from gzmap.ui import cards, lists
from gzmap.ui.bridge import show_linked
from gzmap.ui.events import answer_go
from gzmap.ui.ledger import format_ledger
from gzmap.ui.plantext import format_text
from gzmap.ui.register import format_register
from gzmap.ui.shell import guarded, show_problems
from gzmap.ui.state import current, open_here
from gzmap.ui.words import Lang, pick, say

FORMATS = ("shp", "gpkg", "geojson")
FORMAT_NAMES = {"gpkg": "GeoPackage", "geojson": "GeoJSON"}
ENCODINGS = ("utf-8", "gbk")


@guarded
def render_map() -> None:
    """Show the panel beside the map: card, chooser, results, or what to do."""
    atlas, place = open_here(), current()
    with st.container(key="gz_card"):
        show_problems(atlas, place)
        panels = {
            "card": lambda: cards.format_card(atlas, place.feature, place.lang, picks=place.picks),
            "chooser": lambda: lists.format_chooser(atlas, place),
            "here": lambda: lists.format_here(atlas, place),
            "unlocated": lambda: lists.format_unlocated(atlas, place),
            "results": lambda: lists.format_results(atlas, place),
            "intro": lambda: lists.format_intro(atlas, place.lang),
        }
        show_linked(panels[place.panel](), answer_go(atlas), key="gz_panel")


@guarded
def render_text() -> None:
    """Show the whole plan, every mention a link to the map."""
    atlas, place = open_here(), current()
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        show_linked(format_text(atlas, place), answer_go(atlas), key="gz_plan", scroll=(place.para, place.scroll))


@guarded
def render_download() -> None:
    """Let a layer be taken away."""
    atlas, lang = open_here(), current().lang
    with st.container(key="gz_page"):
        show_problems(atlas, current())
        st.html(
            cards.format_template(
                "heading.html", lang, title=say("download_title", lang), intro=say("download_intro", lang)
            )
        )
        entries = list_layers(atlas, lang)
        layer_id = st.selectbox(say("layer", lang), list(entries), format_func=entries.get, key="gz_layer")
        fmt = st.radio(
            say("format", lang), FORMATS, format_func=lambda f: _format_name(f, lang), key="gz_format", horizontal=True
        )
        crs = _choose_crs(fmt, lang)
        encoding = "utf-8"
        if fmt == "shp":
            encoding = st.radio(
                say("encoding", lang),
                ENCODINGS,
                format_func=str.upper,
                key="gz_encoding",
                horizontal=True,
                help=say("encoding_hint", lang),
            )
        _offer(atlas, layer_id, fmt, crs=crs, encoding=encoding)


def list_layers(atlas: Atlas, lang: Lang) -> dict[str, str]:
    """List every readable layer with its theme, in the order of the layer panel."""
    titles = {t["id"]: pick(dict(t), "title", lang) for t in reversed(atlas.catalog.themes)}
    return {
        e.layer_id: f"{title} · {pick(dict(e.raw), 'title', lang)}"
        for theme, title in titles.items()
        for e in reversed(atlas.catalog.entries.values())
        if e.theme == theme and e.layer_id in atlas.layers
    }


def _format_name(fmt: str, lang: Lang) -> str:
    return FORMAT_NAMES.get(fmt) or say(f"format_{fmt}", lang)


def _choose_crs(fmt: str, lang: Lang) -> str:
    if fmt == "geojson":
        st.caption(say("geojson_crs", lang))
        return DELIVERY_CRS[0]
    return st.radio(say("crs", lang), DELIVERY_CRS, format_func=lambda c: say(f"crs_{c}", lang), key="gz_crs")


def _offer(atlas: Atlas, layer_id: str, fmt: str, *, crs: str, encoding: str) -> None:
    """Offer the file that the choices make; small layers are made at once, so that saving is one click."""
    lang = current().lang
    payload, name = export_bytes(atlas, [layer_id], fmt=fmt, crs=crs, encoding=encoding)
    kb = max(1, round(len(payload) / 1024))
    st.download_button(
        say("save", lang, name=name, kb=kb),
        payload,
        file_name=name,
        mime="application/octet-stream",
        type="primary",
        on_click="ignore",
    )


@guarded
def render_ledger() -> None:
    """Show what has become of every place name of the plan."""
    atlas, place = open_here(), current()
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        scroll = ("ledger-list" if place.filtered else "", place.filtered)
        show_linked(format_ledger(atlas, place), answer_go(atlas), key="gz_ledger", scroll=scroll)


@guarded
def render_data() -> None:
    """Show sources, methods and accuracies of every layer."""
    atlas, place = open_here(), current()
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        show_linked(format_register(atlas, place.lang), answer_go(atlas), key="gz_register")
