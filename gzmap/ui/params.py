"""What single pages hold in the address beyond what all pages have: which parameters, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from gzmap.query.wanted import KEYS

PARAMS: Mapping[str, tuple[str, ...]] = {
    "mine": ("district", "place", "at"),
    "districts": ("figure", "theme", "district"),
    "list": (*KEYS, "part"),
    "query": ("of", "district", "a", "b", "relation", "distance"),
}
"""By page; a page keeps what it was asked while the visitor looks at another."""

HERE = "here"
"""What 我的区 was asked by the browser's position; it is held in the session and never written to an address."""

HELD = "held_"
"""Before a parameter that is held in the session and never written to an address: it names something of one's own."""

LONGEST = 200
"""Most characters of one value: no filter needs more, and an address has its limits."""


def read_asked(page: str, query: Mapping[str, object]) -> dict[str, str]:
    """Read the parameters of a page from an address or an event; others, and empty ones, are left out."""
    read = {key: str(query.get(key) or "").strip()[:LONGEST] for key in PARAMS.get(page, ())}
    return {key: value for key, value in read.items() if value}


def format_link(page: str, params: Mapping[str, str]) -> str:
    """Write a link to a page, relative to any page of ours; separators stay readable, everything else is escaped."""
    query = "&".join(f"{key}={quote(value, safe=',/:')}" for key, value in params.items() if value)
    return f"./{'' if page == 'map' else page}{'?' if query else ''}{query}"
