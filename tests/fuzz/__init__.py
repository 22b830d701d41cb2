"""Properties that hold for whatever a stranger gives: the suite asks each a little, `make fuzz` very often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck))


class LostError(AssertionError):
    """Characters went into a file and did not come back, and nobody had told so."""

    def __init__(self, count: int, what: str) -> None:
        super().__init__(f"{count} characters are lost: {what}")
        self.count = count


@dataclass(frozen=True)
class Property:
    """What must hold for every case of a strategy: ``check`` raises where it does not.

    ``suite`` is how many cases the suite tries, ``weight`` how many ``make fuzz`` tries beside the others: what writes
    files is slower than what reads a line.
    """

    name: str
    strategy: st.SearchStrategy
    check: Callable[[object], None]
    suite: int = 100
    weight: float = 1.0

    def try_out(self, examples: int) -> None:
        """Try so many cases; the first that fails is told in its smallest form."""

        @settings(CALM, max_examples=examples)
        @given(self.strategy)
        def ask(case: object) -> None:
            self.check(case)

        ask()


@dataclass(frozen=True)
class Tally:
    """What came of a property: cases tried, different crashes, characters lost in the smallest case, what was told."""

    name: str
    cases: int
    crashes: int = 0
    lost: int = 0
    told: tuple[str, ...] = ()


def count_lost(given_texts: Iterable[str], back: Iterable[str]) -> int:
    """Count the characters of some texts that are not in what came back."""
    return (Counter("".join(given_texts)) - Counter("".join(back))).total()


def require_back(given_texts: Iterable[str], back: Iterable[str], what: str) -> None:
    """Raise where texts did not come back as they were.

    Raises
    ------
    LostError
        With the number of characters that are missing; one at least.
    """
    wanted, found = list(given_texts), list(back)
    if wanted != found:
        raise LostError(max(1, count_lost(wanted, found)), f"{what}: {wanted!r} came back as {found!r}")


def require_told(error: Exception, *attributes: str) -> None:
    """Make sure that an error says something, also in what these attributes hold."""
    assert str(error)
    for attribute in attributes:
        assert getattr(error, attribute), (attribute, error)


def tally(prop: Property, examples: int, *, seed: int) -> Tally:
    """Try many cases of a property, and count instead of stopping."""
    cases = 0

    @seeded(seed)
    @settings(CALM, max_examples=examples, database=None, phases=(Phase.generate, Phase.shrink), print_blob=False)
    @given(prop.strategy)
    def ask(case: object) -> None:
        nonlocal cases
        cases += 1
        prop.check(case)

    try:
        ask()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is counted
        faults = list(error.exceptions) if isinstance(error, ExceptionGroup) else [error]
        lost = [fault for fault in faults if isinstance(fault, LostError)]
        told = tuple(f"{type(fault).__name__}: {fault}"[:400] for fault in faults)
        return Tally(prop.name, cases, len(faults) - len(lost), sum(fault.count for fault in lost), told)
    return Tally(prop.name, cases)
