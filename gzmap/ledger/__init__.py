"""The ledger: what has become of every place name in the text."""

from __future__ import annotations

from gzmap.config import BOXES
from gzmap.ledger.accounts import UNACCOUNTED, Account, build_accounts
from gzmap.ledger.candidates import SUFFIXES, find_candidates
from gzmap.ledger.lines import LINE_BOXES, Line, build_line, dump_ledger, parse_line, read_ledger
from gzmap.ledger.occurrences import Occurrence, find_occurrences

__all__ = [
    "BOXES",
    "LINE_BOXES",
    "SUFFIXES",
    "UNACCOUNTED",
    "Account",
    "Line",
    "Occurrence",
    "build_accounts",
    "build_line",
    "dump_ledger",
    "find_candidates",
    "find_occurrences",
    "parse_line",
    "read_ledger",
]
