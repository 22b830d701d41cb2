"""gzmap: the map of the Beautiful Guangzhou outline plan, where text and map answer each other."""

from __future__ import annotations

__version__ = "0.1.0"
