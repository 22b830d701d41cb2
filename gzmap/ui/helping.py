"""The help page: how the map is read and worked, with pictures that a script took of the running page."""

from __future__ import annotations

import streamlit as st

from gzmap.atlas import Atlas
from gzmap.ui.bridge import show_linked
from gzmap.ui.cards import format_template
from gzmap.ui.events import answer_go
from gzmap.ui.shell import describe_standing, find_review_number, guarded, show_problems
from gzmap.ui.state import current, open_here
from gzmap.ui.words import Lang

STYLE = "share.css"

TRIED_CHROMIUM = "156"
"""The oldest Chromium that the browser tests and the pictures were run with; whoever tries an older one writes it."""

SECTIONS = ("look", "signs", "find", "ask", "take", "print", "cite", "keys", "browser", "standing")


@guarded
def render_help() -> None:
    """Show how the map is read and worked."""
    atlas, place = open_here(), current()
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        show_linked(format_help(atlas, place.lang), answer_go(atlas), key="gz_help", style=STYLE)


def format_help(atlas: Atlas, lang: Lang) -> str:
    """Write the page."""
    standing = describe_standing(atlas.document.meta, lang, find_review_number())
    return format_template("help.html", lang, sections=SECTIONS, standing=standing, version=TRIED_CHROMIUM)
