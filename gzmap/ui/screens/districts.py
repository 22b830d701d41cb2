"""Page file: Streamlit switches between files."""

from __future__ import annotations

from gzmap.ui.pageviews import render_districts

render_districts()
