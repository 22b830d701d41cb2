"""What is served beside Streamlit's page: assets, layer data, exports, health, and what the page needs at once."""

from __future__ import annotations

from gzmap.server.head import build_middleware
from gzmap.server.logs import configure_logs
from gzmap.server.roots import find_served_root, require_data_file
from gzmap.server.routes import build_routes

__all__ = ["build_middleware", "build_routes", "configure_logs", "find_served_root", "require_data_file"]
