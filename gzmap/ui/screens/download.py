"""Page file: Streamlit switches between files."""

from __future__ import annotations

from gzmap.ui.views import render_download

render_download()
