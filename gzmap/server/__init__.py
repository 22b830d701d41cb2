"""What is served beside Streamlit's page: assets, layer data, health, and what the page needs from its first moment."""

from __future__ import annotations

from gzmap.server.head import build_middleware
from gzmap.server.routes import build_routes, find_served_root, require_data_file

__all__ = ["build_middleware", "build_routes", "find_served_root", "require_data_file"]
