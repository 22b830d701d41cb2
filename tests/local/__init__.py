"""Checks at a desk, with programs too large for CI: `make check-qgis`, `make check-office`."""

from __future__ import annotations
