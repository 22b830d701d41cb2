"""The least that can answer a click: a button, and a text that counts."""

from __future__ import annotations

import streamlit as st

if __name__ == "__main__":
    st.session_state.setdefault("count", 0)
    if st.button("go"):
        st.session_state.count += 1
    st.write(f"answer {st.session_state.count}")
