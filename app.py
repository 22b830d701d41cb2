"""ASGI entry: the page at /, our own routes beside it. Run with `make run`, `gzmap serve` or `streamlit run app.py`."""

from __future__ import annotations

import sys

import streamlit as st

from gzmap import server
from gzmap.errors import GzmapError

server.configure_logs()
try:
    app = st.App("gzmap/ui/main.py", routes=server.build_routes(), middleware=server.build_middleware())
except GzmapError as error:
    # A setting that cannot be meant: told to who starts the server, without a trace of how it was found.
    sys.exit("\n".join(filter(None, ("gzmap 没有启动。gzmap has not started.", error.zh, str(error)))))
