"""What has become of each occurrence: exactly one box, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gzmap.document import find_longest, reading_order
from gzmap.ledger.lines import Line
from gzmap.ledger.occurrences import Occurrence

UNACCOUNTED = "unaccounted"
"""The box of an occurrence of which nobody has said anything; `checks` reports it."""


class Claim(Protocol):
    """A mention, as far as it matters here: a feature that the words of a span name."""

    feature_id: str
    para_id: str
    start: int
    end: int
    exact: str


@dataclass(frozen=True)
class Account:
    """What has become of one occurrence of a place name.

    ``start`` and ``end`` are Unicode code points inside the passage, half open. ``toponym`` is the name in the list,
    or the words themselves where only a mention knows them. ``box`` is one of `config.BOXES` or `UNACCOUNTED`, ``by``
    says what decided: ``mention``, ``feature`` (named, but none of its features is drawn), ``line``, ``rule`` or
    nothing. ``feature_ids`` are what the words name; where the box is not ``mapped``, what they may name.
    """

    passage_id: str
    start: int
    end: int
    exact: str
    toponym: str
    box: str
    feature_ids: tuple[str, ...] = ()
    reason: str = ""
    by: str = ""


def build_accounts(
    occurrences: Sequence[Occurrence],
    claims: Iterable[Claim],
    lines: Iterable[Line],
    *,
    rules: Mapping[str, tuple[str, str]],
    unplaced: Mapping[str, str],
) -> tuple[Account, ...]:
    """Say of every occurrence what has become of it.

    The first of these that applies decides: a mention whose feature is drawn, a mention whose features are not, a
    line of the ledger, the rule of the toponym. What a mention marks counts as an occurrence too, where it
    overlaps no listed one (the shared tail of an enumeration).

    Parameters
    ----------
    occurrences
        Of the listed names.
    claims
        Mentions whose quote stands in the text.
    lines
        The ledger.
    rules
        Box and reason by toponym, where there is a rule.
    unplaced
        Reason by the id of every feature that is not drawn.

    Returns
    -------
    tuple
        In reading order.
    """
    claimed: dict[str, list[Claim]] = {}
    for claim in claims:
        claimed.setdefault(claim.para_id, []).append(claim)
    said = {(line.para_id, line.start, line.end): line for line in lines}
    found = sorted(
        (*occurrences, *_further(occurrences, claimed)), key=lambda o: (reading_order(o.passage_id), o.start)
    )
    return tuple(
        _by_mentions(o, _find_covering(o, claimed.get(o.passage_id, ())), unplaced)
        or _by_line(o, said.get((o.passage_id, o.start, o.end)))
        or _by_rule(o, rules.get(o.toponym))
        for o in found
    )


def _further(occurrences: Iterable[Occurrence], claimed: Mapping[str, Sequence[Claim]]) -> Iterator[Occurrence]:
    """Yield what mentions mark outside the listed occurrences."""
    listed: dict[str, list[tuple[int, int]]] = {}
    for o in occurrences:
        listed.setdefault(o.passage_id, []).append((o.start, o.end))
    for passage_id, claims in claimed.items():
        taken = listed.get(passage_id, ())
        free = {(c.start, c.end): c.exact for c in claims if all(c.end <= a or b <= c.start for a, b in taken)}
        for start, end in find_longest(free):
            yield Occurrence(passage_id, start, end, free[start, end], free[start, end])


def _find_covering(occurrence: Occurrence, claims: Sequence[Claim]) -> tuple[str, ...]:
    """Find the features whose mentions cover an occurrence: those that mark just these words, else longer ones."""
    exact = [c for c in claims if (c.start, c.end) == (occurrence.start, occurrence.end)]
    around = [c for c in claims if c.start <= occurrence.start and occurrence.end <= c.end]
    return tuple(dict.fromkeys(c.feature_id for c in exact or around))


def _account(o: Occurrence, box: str, **said: object) -> Account:
    return Account(o.passage_id, o.start, o.end, o.exact, o.toponym, box, **said)


def _by_mentions(o: Occurrence, feature_ids: tuple[str, ...], unplaced: Mapping[str, str]) -> Account | None:
    if not feature_ids:
        return None
    if not all(i in unplaced for i in feature_ids):
        return _account(o, "mapped", feature_ids=feature_ids, by="mention")
    reason = "".join(dict.fromkeys(unplaced[i] for i in feature_ids))
    return _account(o, "unlocatable", feature_ids=feature_ids, reason=reason, by="feature")


def _by_line(o: Occurrence, line: Line | None) -> Account | None:
    if line is None:
        return None
    return _account(o, line.box, feature_ids=line.feature_ids, reason=line.reason, by="line")


def _by_rule(o: Occurrence, rule: tuple[str, str] | None) -> Account:
    if rule is None:
        return _account(o, UNACCOUNTED)
    box, reason = rule
    return _account(o, box, reason=reason, by="rule")
