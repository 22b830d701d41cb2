"""The least that a Streamlit page can be: one line of text."""

from __future__ import annotations

import streamlit as st

if __name__ == "__main__":
    st.write("bare")
