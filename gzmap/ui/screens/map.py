"""Page file: Streamlit switches between files."""

from __future__ import annotations

from gzmap.ui.views import render_map

render_map()
