"""Patterns of LIKE: ``%`` stands for any characters, ``_`` for one, a backslash before them for themselves."""

from __future__ import annotations

import re
from collections.abc import Callable


def build_pattern(pattern: str) -> Callable[[str], bool]:
    """Read a pattern.

    The pieces between the ``%`` are looked for one after the other, each as far to the left as it can be: that finds
    the same as trying all places, in a time that only grows with the text.
    """
    pieces, lengths = [""], [0]
    for sign in re.findall(r"\\.|.", pattern, re.DOTALL):
        if sign == "%":
            pieces.append("")
            lengths.append(0)
            continue
        pieces[-1] += "." if sign == "_" else re.escape(sign[-1])
        lengths[-1] += 1
    first, *middle, last = [re.compile(piece, re.DOTALL) for piece in (pieces if len(pieces) > 1 else [*pieces, ""])]
    if len(pieces) == 1:
        return lambda text: first.fullmatch(text) is not None

    def matches(text: str) -> bool:
        found = first.match(text)
        for piece in middle:
            found = found and piece.search(text, found.end())
        start = len(text) - lengths[-1]
        return found is not None and found.end() <= start and last.match(text, start) is not None

    return matches
