"""Faults of Streamlit itself that axe finds, by rule: the elements of its own that have it, and why they stay.

A fault of ours is mended, never listed here.
"""

from __future__ import annotations

KNOWN: dict[str, tuple[str, ...]] = {}
"""Rule id of axe, and parts of the markup of the elements that it may be found on."""
