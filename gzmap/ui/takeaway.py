"""Files of the answers of 查询: made when they are asked for, in memory and a folder that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import shapely
import streamlit as st

from gzmap.atlas import Atlas
from gzmap.export.answer_words import list_area_lead, list_pair_lead
from gzmap.export.answers import build_area_tables, build_pair_table, export_area, export_pairs
from gzmap.export.tables import Table
from gzmap.query import AreaAnswer, Pair
from gzmap.ui.answers import About
from gzmap.ui.ownmap import list_titles
from gzmap.ui.shell import guarded
from gzmap.ui.words import Lang, say

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {".xlsx": ("take_xlsx", XLSX), ".csv": ("take_csv", "text/csv")}
PAPER = "A4"


def offer_area(atlas: Atlas, answer: AreaAnswer, about: About) -> None:
    """Offer an answer about an area as a workbook, as CSV and as a printed sheet."""
    with st.container(horizontal=True, key="gz_take"):
        told = {"place": about.title, "review_number": about.review_number, "lang": about.lang}
        _offer_tables(partial(export_area, atlas, answer, **told), f"gzmap_area_{about.lang}", about.lang)
        _offer_sheet(partial(make_sheet, atlas, answer, about), about, of=(id(atlas), answer.area.wkb, about.title))


def offer_pairs(atlas: Atlas, pairs: Sequence[Pair], about: About, *, question: tuple[str, str, str, float]) -> None:
    """Offer pairs as a workbook, as CSV and as a printed sheet; of ``about``, title and district mean nothing."""
    lang = about.lang
    with st.container(horizontal=True, key="gz_take"):
        lead = list_pair_lead(atlas, question, review_number=about.review_number, lang=lang)
        told = {"lead": lead, "own_titles": list_titles(about.own.layers), "lang": lang}
        _offer_tables(partial(export_pairs, atlas, pairs, **told), f"gzmap_between_{lang}", lang)
        _offer_sheet(partial(make_pairs_sheet, atlas, pairs, about, lead=lead), about, of=(id(atlas), lead, pairs))


def _offer_tables(write: Callable[[Path], Path], stem: str, lang: Lang) -> None:
    for suffix, (label, mime) in KINDS.items():
        name = f"{stem}{suffix}"
        st.download_button(
            say(label, lang),
            partial(make_file, write, name),
            file_name=name,
            mime=mime,
            key=f"gz_take_{suffix[1:]}",
            on_click="ignore",
        )


def make_file(write: Callable[[Path], Path], name: str) -> bytes:
    """Give the bytes of the file that ``write`` makes; it is read back and gone."""
    with tempfile.TemporaryDirectory(prefix="gzmap-") as folder:
        return write(Path(folder) / name).read_bytes()


@guarded
def _offer_sheet(make: Callable[[], bytes], about: About, *, of: tuple) -> None:
    """Offer a sheet in two steps, as it takes a while to be made; ``of`` is what it answers."""
    lang = about.lang
    asked = (of, lang, tuple(layer.version for layer in about.own.layers))
    made = st.session_state.get("gz_sheet_made")
    if made is not None and made[0] != asked:
        made = st.session_state.gz_sheet_made = None
    slot = st.empty()
    if made is None and slot.button(say("print_make", lang), key="gz_sheet_make"):
        with slot.container(), st.spinner(say("print_make", lang)):
            pdf = make()
        made = st.session_state.gz_sheet_made = (asked, pdf)
    if made is not None:
        label = say("print_save", lang, kb=max(1, round(len(made[1]) / 1024)))
        slot.download_button(
            label, made[1], file_name="gzmap_answer.pdf", mime="application/pdf", key="gz_sheet", on_click="ignore"
        )


def make_sheet(atlas: Atlas, answer: AreaAnswer, about: About) -> bytes:
    """Print the area with what the plan says of it, as PDF.

    Raises
    ------
    ExportError
        If it cannot be printed, for instance as there is no font with Chinese signs.
    """
    lang = about.lang
    lead = list_area_lead(atlas, answer, place=about.title, review_number=about.review_number, lang=lang)
    met = {row.layer_id for row in answer.rows}
    tables = build_area_tables(atlas, answer, lang=lang)
    return _print(atlas, tables, about, lead=lead, met=met, area=answer.area)


def make_pairs_sheet(atlas: Atlas, pairs: Sequence[Pair], about: About, *, lead: Sequence[str]) -> bytes:
    """Print the layers of pairs, where those of A lie, and a table of them, as PDF.

    Raises
    ------
    ExportError
        As `make_sheet`.
    """
    table = build_pair_table(atlas, pairs, own_titles=list_titles(about.own.layers), lang=about.lang)
    met = {layer_id for pair in pairs for layer_id in (pair.a_layer, pair.b_layer)}
    named = [atlas.features[pair.a_id].geometry for pair in pairs if pair.a_id in atlas.features]
    bounds = shapely.GeometryCollection([shape for shape in named if shape is not None]).bounds
    # A single point has no extent: the whole city is shown then.
    bbox = bounds if named and bounds[0] < bounds[2] and bounds[1] < bounds[3] else None
    return _print(atlas, (table,), about, lead=lead, met=met, bbox=bbox)


def _print(
    atlas: Atlas, tables: Sequence[Table], about: About, *, lead: Sequence[str], met: set[str], **where: object
) -> bytes:
    """Print the layers that an answer met, with its tables."""
    from gzmap.sheet import SheetView, build_answer_tables, export_sheet  # noqa: PLC0415 - a page without it is faster

    lang = about.lang
    view = SheetView(
        tuple(
            e.layer_id
            for e in atlas.catalog.entries.values()
            if e.layer_id in atlas.layers and (e.layer_id in met or (e.kind == "base" and e.visible))
        ),
        lead[0],
        paper=PAPER,
        review_number=about.review_number,
        lang=lang,
        tables=build_answer_tables(tables, lead=lead, lang=lang),
        own=about.own.layers,
        **where,
    )
    return export_sheet(atlas, view, fmt="pdf").pages[0]
