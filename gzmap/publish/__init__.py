"""The static edition: the map, the text and what they answer, as files that any web server or a disk can hold."""

from __future__ import annotations

from gzmap.publish.edition import Edition, export_edition, export_single_file

__all__ = ["Edition", "export_edition", "export_single_file"]
