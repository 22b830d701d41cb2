"""Page file: Streamlit switches between files."""

from __future__ import annotations

from gzmap.ui.inquiry import render_query

render_query()
