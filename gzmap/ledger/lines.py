"""One line of ``ledger.jsonl``, and the file that holds all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from gzmap.config import BOXES
from gzmap.document import Passage, reading_order
from gzmap.errors import LedgerError
from gzmap.files import parse_json, read_text

LINE_BOXES = BOXES[1:]
"""The boxes that a person chooses: ``mapped`` is computed from the mentions."""


@dataclass(frozen=True)
class Line:
    """What people say of one occurrence of a place name that is not on the map.

    ``para_id`` is a passage; ``start`` and ``end`` are Unicode code points inside it, half open. ``feature_ids`` are
    the features that it may be.
    """

    id: str
    para_id: str
    start: int
    end: int
    exact: str
    box: str
    feature_ids: tuple[str, ...]
    reason: str


def build_line(
    passage: Passage, span: tuple[int, int], box: str, *, reason: str, feature_ids: Iterable[str] = ()
) -> Line:
    """Make a line with its id and quote.

    Raises
    ------
    LedgerError
        If the span is empty or leaves the passage, or the box is none of `LINE_BOXES`.
    """
    start, end = span
    if not 0 <= start < end <= len(passage.text):
        raise LedgerError(f"Span {start}:{end} is not inside {passage.para_id} (0 to {len(passage.text)}).")
    if box not in LINE_BOXES:
        raise LedgerError(f"Box {box!r} is not one of {', '.join(LINE_BOXES)}.")
    line_id = f"ledger@{passage.para_id}:{start}-{end}"
    return Line(line_id, passage.para_id, start, end, passage.text[start:end], box, tuple(feature_ids), reason)


def read_ledger(path: Path) -> tuple[Line, ...]:
    """Read ``ledger.jsonl``, in file order.

    Raises
    ------
    LedgerError
        If a line is not built as ``layers/schema/ledger.schema.json`` says.
    CatalogError
        If the file is missing, or a line is not JSON.
    """
    # Not `splitlines`, which would also break a quote at its own line separators.
    return tuple(_read(path, n, line) for n, line in enumerate(read_text(path).split("\n"), 1) if line.strip())


def _read(path: Path, number: int, line: str) -> Line:
    where = f"{path}: line {number}"
    raw = parse_json(line, where)
    try:
        return parse_line(raw)
    except LedgerError as error:
        raise LedgerError(f"{where}: {error}") from None


def parse_line(raw: object) -> Line:
    """Parse one line's object.

    Raises
    ------
    LedgerError
        With what is wrong, to be put behind the line's place.
    """
    if not isinstance(raw, dict) or set(raw) != set(Line.__dataclass_fields__):
        raise LedgerError(f"must be one object with the keys {', '.join(Line.__dataclass_fields__)}.")
    fault = next(_faults(raw), None)
    if fault:
        raise LedgerError(f"{fault}.")
    return Line(**{**raw, "feature_ids": tuple(raw["feature_ids"])})


def _faults(raw: Mapping) -> Iterator[str]:
    for key in ("start", "end"):
        if not isinstance(raw[key], int) or isinstance(raw[key], bool):
            yield f"{key!r} must be of type int; got {raw[key]!r}"
    for key in ("id", "para_id", "exact", "reason"):
        if not isinstance(raw[key], str) or not raw[key].strip():
            yield f"{key!r} must be a text that is not empty; got {raw[key]!r}"
    if raw["box"] not in LINE_BOXES:
        yield f"box must be one of {', '.join(LINE_BOXES)}; got {raw['box']!r}"
    if not isinstance(raw["feature_ids"], list) or not all(isinstance(i, str) for i in raw["feature_ids"]):
        yield f"'feature_ids' must be a list of ids; got {raw['feature_ids']!r}"


def dump_ledger(lines: Iterable[Line]) -> str:
    """Write lines in canonical form: one each, in reading order."""
    ordered = sorted(lines, key=lambda x: (reading_order(x.para_id), x.start, x.end, x.id))
    return "".join(json.dumps(asdict(x), ensure_ascii=False) + "\n" for x in ordered)
