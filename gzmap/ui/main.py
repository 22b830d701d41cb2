"""The script that Streamlit runs: one living map on every page, the pages below it."""

from __future__ import annotations

import streamlit as st

from gzmap.atlas import Atlas
from gzmap.errors import GzmapError
from gzmap.metrics import timed_rerun
from gzmap.ui import shell
from gzmap.ui.account import is_shut_out
from gzmap.ui.bridge import FRESH, mount_map
from gzmap.ui.closed import show_closed
from gzmap.ui.events import answer_map
from gzmap.ui.faults import shielded
from gzmap.ui.mapdata import build_data, leave_out_told
from gzmap.ui.owncard import point_out
from gzmap.ui.ownmap import add_own, open_own_here
from gzmap.ui.state import current, enter, format_address, move, open_here, write_address
from gzmap.ui.words import say

PAGES = {
    "map": "screens/map.py",
    "text": "screens/text.py",
    "mine": "screens/mine.py",
    "districts": "screens/districts.py",
    "list": "screens/list.py",
    "query": "screens/query.py",
    "download": "screens/download.py",
    "print": "screens/print.py",
    "ledger": "screens/ledger.py",
    "data": "screens/data.py",
    "help": "screens/help.py",
}


def run() -> None:
    """Run the page once."""
    st.set_page_config(page_title=say("app", "zh"), layout="wide", initial_sidebar_state="collapsed")
    pages = {
        key: st.Page(path, title=say(key, "zh"), url_path=key, default=key == "map") for key, path in PAGES.items()
    }
    page = st.navigation(list(pages.values()), position="hidden")
    try:
        # First of all: who may not see the plan must not have anything of it made.
        if is_shut_out():
            show_closed()
            st.stop()
        atlas = open_here()
    except GzmapError as error:
        st.error(shell.plain(f"{say('cannot_open', 'zh')} {error}"))
        st.stop()
    name = next(key for key, one in pages.items() if one == page)
    with timed_rerun(name):
        show(atlas, pages, page, name=name)


def show(atlas: Atlas, pages: dict, page: object, *, name: str) -> None:
    """Show one page within the frame, and the map above it."""
    st.session_state[FRESH] = "place" not in st.session_state
    enter(atlas, name)
    turn_to(pages, name)
    write_address(name)
    slot = st.container()
    shell.show_frame(atlas, PAGES, name)
    try:
        shielded(page.run)()
    finally:
        # The map keeps its place at the top of the tree, on every run and whatever a page does; but it is told last,
        # so that the browser shows the answer to a click before it draws.
        with slot:
            data = build_data(atlas, current(), hidden=name != "map")
            own = open_own_here(atlas, wait=False)
            data = point_out(add_own(data, own, current().lang), own, current())
            mount_map(leave_out_told(data, current().told), answer_map(atlas))
            move(offered=data["about"])
    shell.settle_memory(atlas, name)


def turn_to(pages: dict, name: str) -> None:
    """Go to the page that a click asked for, if it is another one than ``name``."""
    wanted = current().switch_to
    move(switch_to="")
    if wanted and wanted != name:
        st.switch_page(pages[wanted], query_params=format_address(wanted))


shielded(run)()
