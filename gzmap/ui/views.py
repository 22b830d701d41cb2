"""The pages."""

from __future__ import annotations

import streamlit as st

from gzmap.ui import cards, lists
from gzmap.ui.bridge import show_linked
from gzmap.ui.events import answer_go
from gzmap.ui.ledger import format_ledger
from gzmap.ui.links import find_base
from gzmap.ui.lit import format_lit
from gzmap.ui.nearby import format_nearby
from gzmap.ui.owncard import format_own_card
from gzmap.ui.ownmap import open_own_here
from gzmap.ui.plantext import format_text
from gzmap.ui.register import format_register
from gzmap.ui.shell import guarded, show_problems
from gzmap.ui.state import current, open_here
from gzmap.ui.storing import render_storing


@guarded
def render_map() -> None:
    """Show the panel beside the map: card, chooser, results, or what to do."""
    atlas, place = open_here(), current()
    own = open_own_here(atlas, wait=place.panel != "intro")
    picks = (*place.picks, *place.own_picks)
    with st.container(key="gz_card"):
        show_problems(atlas, place)
        panels = {
            "card": lambda: cards.format_card(atlas, place.feature, place.lang, picks=picks, base=find_base()),
            "own": lambda: format_own_card(own, place),
            "chooser": lambda: lists.format_chooser(atlas, place, own),
            "here": lambda: lists.format_here(atlas, place),
            "unlocated": lambda: lists.format_unlocated(atlas, place),
            "results": lambda: lists.format_results(atlas, place),
            "area": lambda: lists.format_area(place),
            "intro": lambda: lists.format_intro(atlas, place.lang),
        }
        near = format_nearby(atlas, place, own.layers)
        is_lit = bool(place.lit) and place.panel == "intro"
        html = format_lit(atlas, place) + ("" if is_lit else panels[place.panel]()) + near
        show_linked(html, answer_go(atlas), key="gz_panel")


@guarded
def render_text() -> None:
    """Show the whole plan, every mention a link to the map."""
    atlas, place = open_here(), current()
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        html = format_text(atlas, place, find_base())
        show_linked(html, answer_go(atlas), key="gz_plan", scroll=(place.para, place.scroll))


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
        render_storing(place.lang)
        show_linked(format_register(atlas, place.lang), answer_go(atlas), key="gz_register")
