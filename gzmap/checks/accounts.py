"""Checks of the ledger: every place name of the text is in exactly one box."""

from __future__ import annotations

from collections.abc import Iterator

from gzmap.checks.findings import Finding, build_finding
from gzmap.checks.links import check_features
from gzmap.checks.reading import Project
from gzmap.document import Document
from gzmap.ledger import UNACCOUNTED, Account, Line, find_candidates

BY_MENTION = ("mention", "feature")


def check_ledger(project: Project) -> Iterator[Finding]:
    """Find lines of the ledger that do not stand at a place name of the list, or are said twice."""
    found = {(a.passage_id, a.start, a.end): a for a in project.accounts}
    said: set[tuple[str, int, int]] = set()
    for number, line in project.lines:
        where, span = f"{project.ledger.path}: line {number} ({line.exact})", (line.para_id, line.start, line.end)
        yield from check_features(project, where, line.feature_ids)
        wrong = list(_check_place(project.document, where, line)) if project.document else []
        yield from wrong
        if span in said:
            twice = "another line speaks of the same words"
            yield build_finding("ledger-conflict", where, twice, remedy="remove one of the two")
        elif project.document and not wrong:
            yield from _check_account(where, line, found.get(span))
        said.add(span)


def _check_account(where: str, line: Line, account: Account | None) -> Iterator[Finding]:
    """Find out whether a line speaks of a place name that no mention covers."""
    if account is None:
        wrong = f"no place name of the list stands at {line.start}-{line.end}"
        remedy = "correct the span, add the name to layers/toponyms.json, or remove the line"
        yield build_finding("ledger-stale", where, wrong, remedy=remedy)
    elif account.by in BY_MENTION:
        wrong = f"a mention covers these words ({', '.join(account.feature_ids)})"
        remedy = "remove the line, or let the toponym mean nothing in this passage (its 'passages')"
        yield build_finding("ledger-conflict", where, wrong, remedy=remedy)


def _check_place(document: Document, where: str, line: Line) -> Iterator[Finding]:
    """Find out whether a line quotes the text and its id says where."""
    remedy = "correct or remove the line"
    text = document.passages.get(line.para_id)
    if text is None:
        yield build_finding("span-outside", where, f"the plan has no passage {line.para_id!r}", remedy=remedy)
    elif not 0 <= line.start < line.end <= len(text):
        wrong = f"the span {line.start}-{line.end} is not inside {line.para_id} (0 to {len(text)})"
        yield build_finding("span-outside", where, wrong, remedy=remedy)
    elif text[line.start : line.end] != line.exact:
        wrong = f"exact is {line.exact!r}, but the text has {text[line.start : line.end]!r}"
        yield build_finding("quote-mismatch", where, wrong, remedy=remedy)
    elif line.id != (wanted := f"ledger@{line.para_id}:{line.start}-{line.end}"):
        yield build_finding("ledger-stale", where, f"the id is {line.id!r}", remedy=f"write {wanted!r}")


def check_exceptions(project: Project) -> Iterator[Finding]:
    """Find exceptions of toponyms for passages where the name does not stand."""
    stands = {(a.toponym, a.passage_id) for a in project.accounts}
    known = project.document.passages if project.document else {}
    for toponym in project.places:
        for passage_id in toponym.passages:
            if passage_id in known and (toponym.name, passage_id) not in stands:
                where = f"{project.toponyms.path}: {toponym.name}"
                wrong = f"the name does not stand in {passage_id}, or only inside a longer one"
                yield build_finding("ledger-stale", where, wrong, remedy="remove the exception")


def check_accounts(project: Project) -> Iterator[Finding]:
    """Find place names in no box, and words that look like one that is not in the list.

    Says nothing where the text, the toponyms, the mentions or the ledger cannot be read.
    """
    unread = any(f.findings and not f.text for f in (project.toponyms, project.mentions, project.ledger))
    if unread or not project.document:
        return
    listed = {toponym.name for toponym in project.places}
    for account in project.accounts:
        if account.box == UNACCOUNTED:
            where = f"{project.toponyms.path}: {account.toponym}"
            wrong = f"{account.exact!r} in {account.passage_id} ({account.start}-{account.end}) is in no box"
            yield build_finding("toponym-unaccounted", where, wrong, remedy=_remedy(account.toponym in listed))
    stands: dict[str, list[str]] = {}
    for candidate in find_candidates(project.document.passages, project.accounts):
        stands.setdefault(candidate.exact, []).append(f"{candidate.passage_id} ({candidate.start}-{candidate.end})")
    for words, spots in stands.items():
        where, wrong = f"{project.toponyms.path}: {words}", f"looks like a place name in {', '.join(spots)}"
        remedy = "add it to layers/toponyms.json, with the box not_place if it is none"
        yield build_finding("toponym-candidate", where, wrong, remedy=remedy)


def _remedy(is_listed: bool) -> str:
    again = "run `gzmap propose --write`"
    return f"{again} if it is a feature, else give the name a box or add a line to the ledger" if is_listed else again
