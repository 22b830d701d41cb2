"""A link between one feature and one span of the plan text, and the file that holds all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from gzmap.document import Passage, reading_order
from gzmap.errors import MentionError
from gzmap.files import parse_json, read_text

CONTEXT = 12
"""Characters of prefix and suffix kept with a quote, to find it again when the text changes."""

ROLES = ("evidence", "mention")
METHODS = ("manual", "matched")


@dataclass(frozen=True)
class Mention:
    """A link between one feature and one span: a W3C text-quote and text-position selector in one flat line.

    ``para_id`` is a passage: a paragraph, a heading or a line of the front matter. ``start`` and ``end`` are Unicode
    code points inside it, half open.
    """

    id: str
    feature_id: str
    para_id: str
    start: int
    end: int
    exact: str
    prefix: str
    suffix: str
    role: str
    method: str


def read_mentions(path: Path) -> tuple[Mention, ...]:
    """Read ``mentions.jsonl``, in file order.

    Raises
    ------
    MentionError
        If a line is no object with exactly the keys of `Mention`, or a value has the wrong type.
    """
    # Not `splitlines`, which would also break a quote at its own line separators.
    lines = read_text(path).split("\n")
    return tuple(_mention(line, f"{path}: line {n}") for n, line in enumerate(lines, 1) if line.strip())


def _mention(line: str, where: str) -> Mention:
    return parse_mention(parse_json(line, where), where)


def parse_mention(raw: object, where: str) -> Mention:
    """Parse one line's object; ``where`` begins the message of an error.

    Raises
    ------
    MentionError
        As `read_mentions`.
    """
    keys = Mention.__dataclass_fields__
    if not isinstance(raw, dict) or set(raw) != set(keys):
        raise MentionError(f"{where}: must be one object with the keys {', '.join(keys)}.")
    for key in keys:
        wanted = int if key in ("start", "end") else str
        if not isinstance(raw[key], wanted) or isinstance(raw[key], bool):
            raise MentionError(f"{where}: {key!r} must be of type {wanted.__name__}; got {raw[key]!r}.")
    if raw["role"] not in ROLES or raw["method"] not in METHODS:
        raise MentionError(f"{where}: role must be one of {ROLES} and method one of {METHODS}.")
    return Mention(**raw)


def dump_mentions(mentions: Iterable[Mention]) -> str:
    """Write mentions in canonical form: one line each, ordered by place in the text, then feature."""
    ordered = sorted(mentions, key=lambda m: (reading_order(m.para_id), m.start, m.end, m.feature_id))
    return "".join(json.dumps(asdict(m), ensure_ascii=False) + "\n" for m in ordered)


def build_mention(
    feature_id: str, passage: Passage, span: tuple[int, int], *, role: str = "evidence", method: str = "matched"
) -> Mention:
    """Make a mention with its quote and context.

    Parameters
    ----------
    feature_id
        The feature that the words name.
    passage
        Where they stand.
    span
        Half-open ``(start, end)`` in Unicode code points, inside the passage.

    Raises
    ------
    MentionError
        If the span is empty or leaves the passage.
    """
    text, (start, end) = passage.text, span
    if not 0 <= start < end <= len(text):
        raise MentionError(f"Span {start}:{end} is not inside {passage.para_id} (0 to {len(text)}).")
    return Mention(
        id=f"{feature_id}@{passage.para_id}:{start}-{end}",
        feature_id=feature_id,
        para_id=passage.para_id,
        start=start,
        end=end,
        exact=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
        role=role,
        method=method,
    )
