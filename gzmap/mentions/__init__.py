"""The links between features and spans of the plan text, the place names, and how a machine proposes the links."""

from __future__ import annotations

from gzmap.mentions.links import (
    CONTEXT,
    METHODS,
    ROLES,
    Mention,
    build_mention,
    dump_mentions,
    parse_mention,
    read_mentions,
)
from gzmap.mentions.proposals import propose_mentions
from gzmap.mentions.toponyms import Toponym, parse_toponym, read_toponyms

__all__ = [
    "CONTEXT",
    "METHODS",
    "ROLES",
    "Mention",
    "Toponym",
    "build_mention",
    "dump_mentions",
    "parse_mention",
    "parse_toponym",
    "propose_mentions",
    "read_mentions",
    "read_toponyms",
]
