"""Page file: Streamlit switches between files."""

from __future__ import annotations

from gzmap.ui.pageviews import render_mine

render_mine()
