"""Page file: Streamlit switches between files."""

from __future__ import annotations

from gzmap.ui.views import render_ledger

render_ledger()
