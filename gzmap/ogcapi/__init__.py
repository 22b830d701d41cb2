"""OGC API - Features over the atlas, by pygeoapi: layers as collections for GIS programs."""

from __future__ import annotations

from gzmap.ogcapi.opening import open_service
from gzmap.ogcapi.service import Answer, Service

__all__ = ["Answer", "Service", "open_service"]
