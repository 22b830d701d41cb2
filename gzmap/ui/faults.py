"""What nobody foresaw: the visitor reads a calm sentence with a number, the log has everything under that number."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from functools import wraps

import streamlit as st

from gzmap.ui.words import LANGS, say

log = logging.getLogger(__name__)

HELD = "gz_fault"
"""Key of the number of a fault in the answer to a click, until the run after it has shown it."""


def note(error: Exception) -> str:
    """Write an unexpected error to the log, with its trace, and return the number under which it stands there."""
    number = secrets.token_hex(3)
    log.error("unexpected error %s", number, exc_info=error)
    return number


def tell(number: str) -> None:
    """Show the visitor that something went wrong, in the language of the page as far as that is known."""
    place = st.session_state.get("place")
    st.error(say("fault", place.lang if place is not None else LANGS[0], number=number))


def shielded(render: Callable[[], None]) -> Callable[[], None]:
    """Let no unexpected error of a page reach the visitor as a trace.

    Streamlit's own signals, such as the end of a run, are no `Exception` and pass.
    """

    @wraps(render)
    def run() -> None:
        if held := st.session_state.pop(HELD, ""):
            tell(held)
        try:
            render()
        except Exception as error:  # noqa: BLE001 - the last edge before the visitor
            tell(note(error))

    return run


def hold(answer: Callable[[], None]) -> Callable[[], None]:
    """Do the same for the answer to a click, which comes before the run that can show anything."""

    @wraps(answer)
    def run() -> None:
        try:
            answer()
        except Exception as error:  # noqa: BLE001 - the last edge before the visitor
            st.session_state[HELD] = note(error)

    return run
