"""The page that hands layers on: choices, the check before export, the file or the packet."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gzmap.atlas import Atlas
from gzmap.export import FORMATS, Choices, build_order, export_order
from gzmap.export.packet import export_packet
from gzmap.ui.bridge import show_linked
from gzmap.ui.cards import format_template
from gzmap.ui.preflight import (
    check_wish,
    format_example,
    format_limits,
    format_preflight,
    is_refused,
    load_dataset,
    take_fix,
)
from gzmap.ui.shell import guarded, plain, show_problems
from gzmap.ui.state import Place, current, open_here
from gzmap.ui.wishes import Wish, read_wish
from gzmap.ui.words import Lang, say

STEPS = ("layers", "tables", "readback")


@guarded
def render_download() -> None:
    """Let layers be taken away."""
    atlas, place = open_here(), current()
    lang = place.lang
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        heading = {"title": say("download_title", lang), "intro": say("download_intro", lang)}
        st.html(format_template("heading.html", lang, **heading) + format_template("service.html", lang))
        _render_choices(atlas, place)


@guarded
def _render_choices(atlas: Atlas, place: Place) -> None:
    """Show choices, check and file; what does not go together is said below the choices that it is about."""
    lang = place.lang
    wish = read_wish(atlas, place)
    st.html(format_limits(lang))
    if wish is None:
        return
    found = check_wish(atlas, wish)
    st.html(format_example(atlas, wish, lang))
    show_linked(format_preflight(atlas, wish, found, lang=lang), take_fix, key="gz_preflight")
    _offer(atlas, wish, lang, refused=is_refused(found))


def _offer(atlas: Atlas, wish: Wish, lang: Lang, *, refused: bool) -> None:
    """Offer to make the file; when it is made, the button that saves it stands in the same place."""
    made = st.session_state.get("gz_made")
    if made is not None and (made.wish != wish or made.atlas is not atlas or refused):
        made = st.session_state.gz_made = None  # it answers to other choices
    place = st.empty()
    label = say("make_packet" if wish.formats else "make_file", lang)
    if made is None and place.button(label, key="gz_make", type="primary", disabled=refused) and not refused:
        # Where the button was pressed is where somebody looks: the progress takes its place.
        with place.container():
            made = st.session_state.gz_made = _make(atlas, wish, lang)
    if made is not None:
        kb = max(1, round(len(made.payload) / 1024))
        place.download_button(
            say("save", lang, name=made.name, kb=kb),
            made.payload,
            file_name=made.name,
            mime="application/octet-stream",
            key="gz_save",
            type="primary",
            on_click="ignore",
        )
        st.caption(say("made", lang))
    if not refused:
        _show_link(wish, lang)


# --- making


@dataclass(frozen=True)
class Made:
    """A file that was made, and what for."""

    wish: Wish
    atlas: Atlas
    payload: bytes
    name: str


class Bar:
    """A progress that the page shows. Streamlit ends the run at the next step when the visitor does something else."""

    def __init__(self, slot: DeltaGenerator, lang: Lang) -> None:
        self.slot = slot
        self.lang = lang

    def step(self, done: int, total: int, what: str) -> None:
        """Show how far it is."""
        if what in STEPS:
            told = say(f"step_{what}", self.lang)
        else:
            told = say("step_file", self.lang, name=FORMATS[what].title if what in FORMATS else what)
        self.slot.progress(done / total, text=plain(told))


def _make(atlas: Atlas, wish: Wish, lang: Lang) -> Made:
    slot, cancel = st.empty(), st.empty()
    cancel.button(say("cancel", lang), key="gz_cancel")  # its run takes the place of this one, which leaves nothing
    try:
        with tempfile.TemporaryDirectory(prefix="gzmap-") as folder:
            path = Path(folder) / name_file(atlas, wish)
            bar = Bar(slot, lang)
            if wish.formats:
                export_packet(atlas, wish.selection, path, choices=wish.choices, formats=wish.formats, progress=bar)
            else:
                order = build_order(load_dataset(atlas, wish.selection, wish.choices.crs), wish.choices)
                export_order(order, path, progress=bar)
            return Made(wish, atlas, path.read_bytes(), path.name)
    finally:
        slot.empty()
        cancel.empty()


def name_file(atlas: Atlas, wish: Wish) -> str:
    """Give a plain file name that tells layers, area, CRS, encoding and names apart."""
    chosen, choices = wish.selection, wish.choices
    tables = load_dataset(atlas, chosen, choices.crs).tables
    fmt = FORMATS[choices.fmt]
    suffix = ".zip" if wish.formats else fmt.suffix if len(tables) == 1 else fmt.suffix_many
    bounds = {"district": chosen.district, "view": chosen.bbox, "search": chosen.feature_ids, "area": chosen.area}
    parts = [
        "gzmap",
        *(["packet"] if wish.formats else []),
        tables[0].name if len(tables) == 1 else f"{len(tables)}_layers",
        *(name for name, bound in bounds.items() if bound),
        choices.crs.rpartition(":")[2],
        *([choices.encoding] if choices.encoding != "utf-8" else []),
        *([choices.names] if choices.names != "ascii" else []),
        *([choices.fmt] if suffix == ".zip" and not wish.formats and choices.fmt != "shp" else []),
    ]
    return "_".join(parts) + suffix


# --- the link


def find_link(wish: Wish) -> str:
    """Give the path and query of the direct link; empty where a link cannot say what is wanted."""
    choices, layer_ids = wish.choices, wish.selection.layer_ids
    is_plain = choices == Choices(choices.fmt, choices.crs, choices.encoding, choices.names)
    if wish.formats or len(layer_ids) != 1 or not wish.selection.is_all or not is_plain:
        return ""
    query = {"crs": choices.crs, "encoding": choices.encoding, "names": choices.names}
    return f"/export/{quote(layer_ids[0])}.{choices.fmt}?{urlencode(query, safe=':')}"


def _show_link(wish: Wish, lang: Lang) -> None:
    link = find_link(wish)
    if not link:
        st.caption(say("link_none", lang))
        return
    here = urlsplit(st.context.url or "")
    st.caption(say("link", lang))
    st.code(f"{here.scheme}://{here.netloc}{link}" if here.netloc else link, language=None, wrap_lines=True)
