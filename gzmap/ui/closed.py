"""The page of a plan that the public does not see: to sign in, and nothing else."""

from __future__ import annotations

import streamlit as st

from gzmap.signin import Person
from gzmap.ui.account import find_person, sign_in, sign_out
from gzmap.ui.shell import plain
from gzmap.ui.words import LANGS, WORDS, say


def show_closed() -> None:
    """Show how to sign in, or what to do with an account that has no role; in both languages."""
    person = find_person() or Person()
    key = "closed_other" if person.name else "closed_late" if person.is_late else "closed_ask"
    with st.container(key="gz_page"):
        st.title(say("app", "zh"))
        for lang in LANGS:
            st.subheader(say("closed_title", lang))
            st.markdown(plain(say(key, lang, name=person.name)))
        if person.name:
            st.button(" · ".join(WORDS["sign_out"]), key="gz_sign_out", on_click=sign_out)
        st.button(" · ".join(WORDS["sign_in"]), key="gz_sign_in", type="primary", on_click=sign_in)
