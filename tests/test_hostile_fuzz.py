"""`make fuzz` itself: it counts cases, crashes and lost characters, and fails where there are any."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from tests.fuzz import LostError, Property, count_lost, require_back, tally
from tests.fuzz.__main__ import main, run


def crash(number: int) -> None:
    if number > 10:
        raise KeyError(number)


def lose(text: str) -> None:
    require_back([text], [text.replace("甲", "")], "a file")


def hold(_case: object) -> None:
    pass


CRASHING = Property("crashing", st.integers(0, 100), crash)
LOSING = Property("losing", st.text("甲乙"), lose)
HOLDING = Property("holding", st.integers(), hold)


def test_what_holds_is_counted() -> None:
    row = tally(HOLDING, 300, seed=1)
    assert (row.cases, row.crashes, row.lost, row.told) == (300, 0, 0, ())


def test_a_crash_is_told_in_its_smallest_form() -> None:
    row = tally(CRASHING, 300, seed=1)
    assert (row.crashes, row.lost, row.told) == (1, 0, ("KeyError: 11",))
    with pytest.raises(KeyError):
        CRASHING.try_out(300)


def test_lost_characters_are_counted() -> None:
    row = tally(LOSING, 300, seed=1)
    assert (row.crashes, row.lost) == (0, 1)
    assert row.told == ("LostError: 1 characters are lost: a file: ['甲'] came back as ['']",)


def test_a_text_that_only_changed_counts_too() -> None:
    assert count_lost(["甲乙"], ["乙甲"]) == 0
    with pytest.raises(LostError, match="1 characters"):
        require_back(["甲乙"], ["乙甲"], "a file")


def test_the_table_and_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([HOLDING], 100, seed=7) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "seed 7"
    assert lines[-1].split() == ["1", "properties", "101", "0", "0"]
    assert run([HOLDING, CRASHING, LOSING], 600, seed=7) == 1
    assert "KeyError: 11" in capsys.readouterr().out


def test_the_command_knows_its_properties(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", "20", "--only", "QR codes", "--seed", "3"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[0] == "1"
    with pytest.raises(SystemExit):
        main(["--only", "no such property"])
