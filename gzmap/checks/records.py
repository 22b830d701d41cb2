"""Read the files that people keep line by line or name by name: mentions, ledger, toponyms."""

from __future__ import annotations

from collections.abc import Iterator

from gzmap.checks.content import RESTORE, File, parse_tolerant
from gzmap.errors import LedgerError, MentionError
from gzmap.ledger import Line, parse_line
from gzmap.mentions import METHODS, ROLES, Mention, Toponym, parse_toponym


def parse_links(file: File) -> Iterator[tuple[int, Mention]]:
    """Yield the mentions with their line numbers; lines that are none are noted."""
    for number, raw in _parse_lines(file):
        wrong = _link_fault(raw)
        if wrong:
            file.note("json-invalid", f"line {number}", wrong, remedy=RESTORE)
        else:
            yield number, Mention(**raw)


def _parse_lines(file: File) -> Iterator[tuple[int, object]]:
    """Yield what each line holds, with its number; lines that are no JSON are noted."""
    for number, line in enumerate(file.text.splitlines(), 1):
        if not line.strip():
            continue
        spot = f"line {number}"
        try:
            raw, doubled = parse_tolerant(line)
        except (ValueError, RecursionError) as error:
            file.note("json-invalid", spot, f"is not valid JSON ({error})", remedy=RESTORE)
            continue
        for _, key in doubled:
            file.note("json-duplicate-key", spot, f"the key {key!r} stands twice", remedy="remove one of the two")
        yield number, raw


def _link_fault(raw: object) -> str | None:
    keys = Mention.__dataclass_fields__
    if not isinstance(raw, dict) or set(raw) != set(keys):
        return f"is not one object with the keys {', '.join(keys)}"
    for key in keys:
        wanted = int if key in ("start", "end") else str
        if not isinstance(raw[key], wanted) or isinstance(raw[key], bool):
            return f"{key!r} is not of type {wanted.__name__}"
    if raw["role"] not in ROLES or raw["method"] not in METHODS:
        return f"role is not one of {', '.join(ROLES)}, or method not one of {', '.join(METHODS)}"
    return None


def parse_ledger(file: File) -> Iterator[tuple[int, Line]]:
    """Yield the lines of the ledger with their numbers; lines that are none are noted."""
    for number, raw in _parse_lines(file):
        try:
            yield number, parse_line(raw)
        except LedgerError as error:
            remedy = "correct the line; layers/schema/ledger.schema.json says how it is built"
            file.note("json-invalid", f"line {number}", str(error).rstrip("."), remedy=remedy)


def parse_toponyms(file: File) -> Iterator[Toponym]:
    """Yield the place names; entries that are none are noted."""
    for number, raw in enumerate(file.content.get("toponyms", []), 1):
        try:
            yield parse_toponym(raw)
        except MentionError as error:
            remedy = "correct the entry; layers/schema/toponyms.schema.json says how it is built"
            file.note("json-invalid", str(raw.get("name", f"toponym {number}")), str(error).rstrip("."), remedy=remedy)
