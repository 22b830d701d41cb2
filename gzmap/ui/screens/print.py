"""Page file: Streamlit switches between files."""

from __future__ import annotations

from gzmap.ui.printing import render_print

render_print()
