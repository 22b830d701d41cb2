"""Page file: Streamlit switches between files."""

from __future__ import annotations

from gzmap.ui.delivery import render_download

render_download()
