"""Page file: Streamlit switches between files."""

from __future__ import annotations

from gzmap.ui.helping import render_help

render_help()
