"""The frame of every page: header with search and links, the line below, and what went wrong.

The header is markup of ours and not Streamlit widgets: every kind of widget makes the browser load a dozen scripts more
before anything shows.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache, wraps

import streamlit as st

from gzmap.atlas import Atlas
from gzmap.errors import GzmapError
from gzmap.ui.account import describe_account
from gzmap.ui.bridge import show_linked
from gzmap.ui.cards import format_template
from gzmap.ui.events import answer_go
from gzmap.ui.state import Place, current
from gzmap.ui.store import describe_store
from gzmap.ui.words import Lang, pick, say


def show_frame(atlas: Atlas, pages: Collection[str], page: str) -> None:
    """Show title, search, links to the pages, language switch, and the line below."""
    place = current()
    frame = format_frame(atlas, place, pages=pages, page=page, account=describe_account(place.lang))
    show_linked(frame, answer_go(atlas), key="gz_frame")


def format_frame(
    atlas: Atlas,
    place: Place,
    *,
    pages: Collection[str],
    page: str,
    account: Mapping[str, object] | None = None,
) -> str:
    """Write the frame.

    Parameters
    ----------
    atlas, place
        What is shown, and where the page stands.
    pages, page
        The page names in order, and the one that is open.
    account
        Who is signed in, as `gzmap.ui.account.describe_account` has it; None where nobody signs in.
    """
    standing = describe_standing(atlas.document.meta, place.lang, find_review_number())
    lines = [*describe_store(place.lang), *standing]
    values = {"pages": pages, "page": page, "lines": lines, "account": account}
    return format_template("frame.html", place.lang, query=place.query, **values)


def find_review_number() -> str:
    """Find the map review number (审图号) that the operator has set, empty while there is none."""
    return os.environ.get("GZMAP_REVIEW_NUMBER", "").strip()


def describe_standing(meta: dict, lang: Lang, number: str) -> list[str]:
    """Say what the map is not: official, final, reviewed. ``number`` is its 审图号, empty while there is none."""
    edition = f"{pick(meta, 'edition', lang)} {meta['edition_date']}"
    if formal := (meta.get("formal") or {}).get("issued"):
        edition = say("edition_line", lang, edition=edition, formal=formal)
    return [
        say("unofficial", lang),
        edition,
        say("reviewed", lang, number=number) if number else say("unreviewed", lang),
    ]


@lru_cache(maxsize=16)
def settle_memory(_atlas: Atlas, _page: str) -> None:
    """Take what is loaded by now out of the garbage collector's rounds, once for each atlas and page.

    Streamlit collects all garbage after every run and holds the interpreter while it looks through everything, the
    libraries and the atlas included: some 80 ms in which the answer to a click waits to be sent.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


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


def describe_error(error: GzmapError, lang: Lang) -> str:
    """Say what could not be done, in the language of the page where the error knows it."""
    return say("went_wrong", lang) + (error.zh if lang == "zh" and error.zh else f" {error}")


def guarded(render: Callable) -> Callable:
    """Turn an error of ours into a message on the page; the one place where the page meets errors."""

    @wraps(render)
    def run(*args: object, **named: object) -> None:
        try:
            render(*args, **named)
        except GzmapError as error:
            st.error(plain(describe_error(error, current().lang)))

    return run
