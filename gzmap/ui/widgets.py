"""The widgets of the download page, which keep their values while the visitor looks at other pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from gzmap.ui.state import current

CHANGED = "gz_changed"
"""Key of the widgets that the visitor has changed."""

TOLD = "gz_told"
"""Key of the language in which each widget was last shown."""


def keep(key: str, default: object, is_good: Callable[[object], bool] = lambda _: True) -> None:
    """Give a widget a value where it has none, or one that is no longer offered.

    The browser knows a choice by its title and would answer with the title of the other language: so it is told anew
    when the language has changed.
    """
    state, lang = st.session_state, current().lang
    told = state.get(TOLD, {})
    if key not in state or not is_good(state[key]):
        state[key] = default
    elif told.get(key, lang) != lang:
        state[key] = state[key]
    state[TOLD] = {**told, key: lang}


def is_changed(*keys: str) -> bool:
    """Tell whether the visitor has changed one of these widgets."""
    return not st.session_state.get(CHANGED, frozenset()).isdisjoint(keys)


def _note(key: str) -> None:
    st.session_state[CHANGED] = st.session_state.get(CHANGED, frozenset()) | {key}


def pick_one(key: str, label: str, options: Sequence, *, titles: Callable, stacked: bool = False) -> object:
    """Let one of a few be picked, the first at first."""
    keep(key, options[0], options.__contains__)
    return st.radio(
        label,
        options,
        format_func=titles,
        key=key,
        horizontal=not stacked,
        persist_state="session",
        on_change=partial(_note, key),
    )


def pick_from_list(key: str, label: str, options: Sequence, *, titles: Callable) -> object:
    """Let one of many be picked, the first at first."""
    keep(key, options[0], options.__contains__)
    # The question before it says what it is: the label is for those who hear the page.
    return st.selectbox(
        label,
        options,
        format_func=titles,
        key=key,
        label_visibility="collapsed",
        persist_state="session",
        on_change=partial(_note, key),
    )


def pick_several(key: str, label: str, titles: Mapping[str, str], *, hint: str, default: Sequence[str] = ()) -> list:
    """Let several be picked; ``titles`` are by value, ``hint`` stands where none is picked."""
    keep(key, list(default), lambda held: all(one in titles for one in held))
    return st.multiselect(
        label,
        list(titles),
        format_func=titles.get,
        key=key,
        persist_state="session",
        placeholder=hint,
        on_change=partial(_note, key),
    )


def check(key: str, label: str) -> bool:
    """Let something be left out that is taken at first."""
    keep(key, True)
    return st.checkbox(label, key=key, persist_state="session")
