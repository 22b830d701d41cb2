"""The frame of every page: style, header with search and links, the line below, and what went wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from pathlib import Path

import streamlit as st

from gzmap.atlas import Atlas
from gzmap.errors import GzmapError
from gzmap.ui.cards import format_template
from gzmap.ui.state import Place, current, move
from gzmap.ui.words import LANGS, pick, say

STYLE = Path(__file__).parent / "page.css"


@lru_cache(maxsize=1)
def _style() -> str:
    return f"<style>{STYLE.read_text(encoding='utf-8')}</style>"


def show_style() -> None:
    """Put the page's stylesheet in place."""
    st.html(_style())


def show_header(pages: Mapping[str, st.Page]) -> None:
    """Show the title, the search box, the links to the pages and the language switch."""
    place = current()
    with st.container(key="gz_header", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<h1 class="gz-app">{say("app", place.lang)}</h1>')
        st.session_state.setdefault("gz_search", place.query)
        st.text_input(
            say("search", place.lang),
            key="gz_search",
            placeholder=say("search_hint", place.lang),
            label_visibility="collapsed",
            on_change=_search,
            max_chars=60,
        )
        with st.container(key="gz_nav", horizontal=True, width="content", gap="small"):
            for key, page in pages.items():
                st.page_link(page, label=say(key, place.lang))
            st.button(say("other_language", place.lang), key="gz_lang", type="tertiary", on_click=_switch_language)


def _search() -> None:
    query = st.session_state.gz_search.strip()
    move(query=query, panel="results" if query else "intro", feature="", picks=(), missing=(), switch_to="map")


def _switch_language() -> None:
    move(lang=LANGS[1 - LANGS.index(current().lang)])


def show_footer(atlas: Atlas) -> None:
    """Show what the map is not: official, final, reviewed."""
    meta, lang = atlas.document.meta, current().lang
    number = os.environ.get("GZMAP_REVIEW_NUMBER", "").strip()
    lines = [
        say("unofficial", lang),
        say("edition_line", lang, edition=pick(meta, "edition", lang), date=meta["edition_date"], formal=meta["formal"]["issued"]),
        say("reviewed", lang, number=number) if number else say("unreviewed", lang),
    ]
    st.html(format_template("footer.html", lang, lines=lines))


def show_problems(atlas: Atlas, place: Place) -> None:
    """Name an unknown id of the address, and every layer that was left out."""
    if place.missing:
        key, value = place.missing
        st.warning(plain(say(key, place.lang, id=value)))
    for message in atlas.broken.values():
        st.error(plain(f"{say('layer_left_out', place.lang)} {message}"))


def plain(text: str) -> str:
    """Keep a message from being read as Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-!|~$:" else c for c in text)


def guarded(render: Callable) -> Callable:
    """Turn an error of ours into a message on the page; the one place where the page meets errors."""

    @wraps(render)
    def run(*args: object) -> None:
        try:
            render(*args)
        except GzmapError as error:
            st.error(plain(f"{say('went_wrong', current().lang)} {error}"))

    return run
