"""ASGI entry: the page at /, our own routes beside it. Run with `make run`, `gzmap serve` or `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st

from gzmap import server

app = st.App("gzmap/ui/main.py", routes=server.build_routes(), middleware=server.build_middleware())
