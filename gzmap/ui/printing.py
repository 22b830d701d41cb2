"""The page that prints: choices at the left, the sheet as it will be at the right, and the file."""

from __future__ import annotations

import base64
import io
import zipfile
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gzmap.atlas import Atlas
from gzmap.own import OwnLayer
from gzmap.sheet import PAPERS, SCALES, TITLE_CHARS, Sheet, SheetView, export_sheet
from gzmap.ui.bridge import show_linked
from gzmap.ui.cards import format_template
from gzmap.ui.events import answer_go
from gzmap.ui.links import find_base
from gzmap.ui.ownmap import open_own_here
from gzmap.ui.sheetview import SheetWish, build_view, list_wheres
from gzmap.ui.shell import find_review_number, guarded, plain, show_problems
from gzmap.ui.state import Place, current, open_here
from gzmap.ui.widgets import keep, pick_from_list, pick_one, pick_several
from gzmap.ui.words import Lang, pick, say

STYLE = "share.css"
PREVIEW_DPI = 72
PNG_DPI = 200
FIT = 0
LOCAL = ("localhost", "127.0.0.1", "[::1]")
DISTRICTS = "districts"
TITLE = "gz_print_title"


@guarded
def render_print() -> None:
    """Let the map be printed."""
    atlas, place = open_here(), current()
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        heading = {"title": say("print_title", place.lang), "intro": say("print_intro", place.lang)}
        st.html(format_template("heading.html", place.lang, **heading))
        how, seen = st.columns((2, 3), gap="large")
        with how:
            wish = _read_wish(atlas, place)
        with seen:
            _render_sheet(atlas, wish, how)


def _read_wish(atlas: Atlas, place: Place) -> SheetWish:
    """Show the choices and read them."""
    lang = place.lang
    where = pick_one(
        "gz_print_where", say("print_where", lang), list_wheres(place), titles=lambda w: say(f"print_where_{w}", lang)
    )
    district = _choose_district(atlas, lang) if where == "district" else ""
    paper, landscape = pick_one(
        "gz_print_paper",
        say("print_paper", lang),
        [(paper, lies) for paper in PAPERS for lies in (False, True)],
        titles=lambda p: say("print_lying" if p[1] else "print_upright", lang, paper=p[0]),
    )
    st.html(format_template("label.html", lang, text=say("print_scale", lang)))
    scale = pick_from_list(
        "gz_print_scale", say("print_scale", lang), (FIT, *SCALES), titles=lambda s: _say_scale(s, lang)
    )
    keep(TITLE, "")
    typed = st.text_input(
        say("print_heading", lang),
        key=TITLE,
        max_chars=TITLE_CHARS,
        persist_state="session",
        placeholder=_usual_title(district, lang),
    ).strip()
    labels = _switch("labels", lang, usual=place.carried.get("names") != "0")
    cards = _switch("cards", lang, usual=False)
    qr = _switch("qr", lang, usual=True)
    title = typed or _usual_title(district, lang)
    return SheetWish(
        where, district, paper, landscape, scale or None, title, labels, cards, qr, own=_choose_own(atlas, lang)
    )


def _choose_own(atlas: Atlas, lang: Lang) -> tuple[OwnLayer, ...]:
    """Let layers of the planner's own be printed, where there are any."""
    own = {layer.layer_id: layer for layer in open_own_here(atlas).layers}
    if not own:
        return ()
    titles = {layer_id: layer.title for layer_id, layer in own.items()}
    chosen = pick_several("gz_print_own", say("print_own", lang), titles, hint=say("choose", lang), default=list(own))
    return tuple(layer for layer_id, layer in own.items() if layer_id in chosen)


def _switch(name: str, lang: Lang, *, usual: bool) -> bool:
    keep(f"gz_print_{name}", usual)
    return st.checkbox(say(f"print_{name}", lang), key=f"gz_print_{name}", persist_state="session")


def _choose_district(atlas: Atlas, lang: Lang) -> str:
    frame = atlas.require_layer(DISTRICTS)
    titles = {row["name"]: pick(dict(row), "name", lang) for row in frame.drop(columns="geometry").to_dict("records")}
    return pick_from_list("gz_print_district", say("where_district", lang), list(titles), titles=titles.get)


def _say_scale(scale: int, lang: Lang) -> str:
    return say("print_fit", lang) if scale == FIT else f"1:{scale:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _usual_title(district: str, lang: Lang) -> str:
    return say("print_usual_district", lang, district=district) if district else say("print_usual", lang)


# --- the sheet


@guarded
def _render_sheet(atlas: Atlas, wish: SheetWish, how: DeltaGenerator) -> None:
    """Show the sheet, and offer its files below the choices, in ``how``."""
    place, base = current(), find_base()
    lang = place.lang
    view = build_view(atlas, place, wish, base=base, number=find_review_number())
    sheet = _preview(atlas, view)
    remarks = [text for _, text in sheet.remarks]
    if wish.qr and urlsplit(base).hostname in LOCAL:
        remarks.append(say("print_local", lang))
    html = format_template(
        "print.html",
        lang,
        picture=base64.b64encode(sheet.pages[0]).decode("ascii"),
        scale=_say_scale(sheet.scale, lang),
        n_shown=len(sheet.shown),
        n_layers=len([i for i in view.layer_ids if atlas.catalog.entries[i].kind == "plan"]),
        n_unlocated=len(sheet.unlocated),
        pages=len(sheet.pages),
        layers=[pick(dict(atlas.catalog.entries[i].raw), "title", lang) for i in view.layer_ids],
        remarks=remarks,
    )
    show_linked(html, answer_go(atlas), key="gz_print", style=STYLE)
    with how:
        _offer(atlas, view, lang, pages=len(sheet.pages))


def _preview(atlas: Atlas, view: SheetView) -> Sheet:
    """Draw the sheet small; what was drawn for the same view last is kept."""
    made = st.session_state.get("gz_printed")
    if made is None or made[0] is not atlas or made[1] != view:
        made = (atlas, view, export_sheet(atlas, view, fmt="png", dpi=PREVIEW_DPI))
        st.session_state["gz_printed"] = made
    return made[2]


def _offer(atlas: Atlas, view: SheetView, lang: Lang, *, pages: int) -> None:
    """Offer the files, each of which is made when it is asked for."""
    name = f"gzmap_{view.paper}{'_landscape' if view.landscape else ''}"
    st.download_button(
        say("print_pdf", lang),
        lambda: export_sheet(atlas, view, fmt="pdf").pages[0],
        file_name=f"{name}.pdf",
        mime="application/pdf",
        key="gz_print_pdf",
        type="primary",
        on_click="ignore",
    )
    several = pages > 1
    st.download_button(
        say("print_pngs" if several else "print_png", lang, n=pages, dpi=PNG_DPI),
        lambda: build_png(atlas, view),
        file_name=f"{name}.zip" if several else f"{name}.png",
        mime="application/zip" if several else "image/png",
        key="gz_print_png",
        on_click="ignore",
    )
    st.caption(plain(say("print_made", lang)))


def build_png(atlas: Atlas, view: SheetView) -> bytes:
    """Draw the sheet as one PNG, or as a ZIP file of them where it has several pages."""
    pages = export_sheet(atlas, view, fmt="png", dpi=PNG_DPI).pages
    if len(pages) == 1:
        return pages[0]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for n, page in enumerate(pages, start=1):
            archive.writestr(zipfile.ZipInfo(f"gzmap_{view.paper}_{n}.png", (1980, 1, 1, 0, 0, 0)), page)
    return out.getvalue()
