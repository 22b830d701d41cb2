"""The pages 我的区, 各区 and 清单."""

from __future__ import annotations

import streamlit as st

from gzmap.ui.bridge import show_linked
from gzmap.ui.districts import format_districts
from gzmap.ui.events import answer_go
from gzmap.ui.inventory import format_inventory
from gzmap.ui.links import find_base
from gzmap.ui.mine import format_mine
from gzmap.ui.shell import guarded, show_problems
from gzmap.ui.state import current, open_here

STYLE = "pages.css"


@guarded
def render_mine() -> None:
    """Show residents what the plan says of where they live."""
    atlas, place = open_here(), current()
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        html = format_mine(atlas, place, find_base())
        show_linked(html, answer_go(atlas), key="gz_mine", scroll=("mine-name", place.filtered), style=STYLE)


@guarded
def render_districts() -> None:
    """Show what the plan has in every district."""
    atlas, place = open_here(), current()
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        show_linked(format_districts(atlas, place), answer_go(atlas), key="gz_districts", style=STYLE)


@guarded
def render_inventory() -> None:
    """Show every feature with every sentence that names it."""
    atlas, place = open_here(), current()
    with st.container(key="gz_page"):
        show_problems(atlas, place)
        show_linked(format_inventory(atlas, place), answer_go(atlas), key="gz_list", style=STYLE)
