"""The figures of the load test: quantiles, slopes, aims; and one person who really goes about."""

from __future__ import annotations

import asyncio
import math
import time
from pathlib import Path

import pytest

from gzmap.atlas import Atlas
from tests.deployed import find_port, running_app, wait_until_ready
from tests.load import people
from tests.load.__main__ import read_arguments
from tests.load.people import Person, Record, find_targets
from tests.load.report import Sample, find_quantile, find_slope, format_report, list_misses, summarize
from tests.load.sessions import Session


def test_quantiles() -> None:
    assert find_quantile([3, 1, 2], 0.5) == 2
    assert find_quantile(list(range(100)), 0.95) == 95
    assert find_quantile([7], 0.95) == 7
    assert math.isnan(find_quantile([], 0.5))


def test_slopes() -> None:
    assert find_slope([(0, 1), (10, 6), (20, 11)]) == pytest.approx(0.5)
    assert math.isnan(find_slope([(3, 1), (3, 2)]))


def build_samples(mb_per_closed: float) -> list[Sample]:
    return [Sample(5 * n, 500 + mb_per_closed * 3 * n, 200, 3 * n, 0.5) for n in range(50)]


def test_a_leak_misses_the_aim_and_no_leak_reaches_it() -> None:
    fast = {"click": [0.1] * 100}
    assert list_misses(summarize(fast, build_samples(0.2), 0, settled_s=60)) == []
    [miss] = list_misses(summarize(fast, build_samples(2), 0, settled_s=60))
    assert miss == "MB per closed session: 2.0 (aim 1.0)"
    assert len(list_misses(summarize({"click": [3.0] * 100}, build_samples(0), 7, settled_s=60))) == 2


def test_what_was_not_measured_misses_the_aim() -> None:
    summary = summarize({}, [], 0, settled_s=0)
    assert len(list_misses(summary)) == 2
    assert "errors" in format_report(summary)


@pytest.mark.parametrize("wrong", ["--sessions=0", "--minutes=-1", "--browsers=-1"])
def test_numbers_that_are_none_are_refused(wrong: str) -> None:
    with pytest.raises(SystemExit):
        read_arguments([wrong])


def test_targets_are_all_located_features(atlas: Atlas) -> None:
    targets = {target.id for target in find_targets(atlas)}
    assert "mountains.m001" in targets
    assert all(atlas.features[i].geometry is not None for i in targets)


@pytest.fixture
def base(tmp_path: Path) -> object:
    log = tmp_path / "app.log"
    with running_app(find_port(), log, {}) as app:
        wait_until_ready(app.running, f"{app.base}/healthz", app.log)
        yield app.base


def test_a_person_goes_about_without_an_error(atlas: Atlas, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Record()
    person = Person(Session(base), find_targets(atlas), record, seed=6)
    done: list[str] = []

    def choose_in_turn(acts: object) -> object:
        if acts is not people.ACTS:
            return list(acts)[len(done) % len(list(acts))]
        done.append(acts[len(done) % len(acts)])
        return done[-1]

    monkeypatch.setattr(person.random, "choice", choose_in_turn)
    monkeypatch.setattr(person.random, "expovariate", lambda _rate: 0)

    async def go() -> None:
        await person._open()
        for act in (*people.ACTS, *["page"] * len(people.PAGES)):
            done.append(act)
            await person._do(act)
        await person._leave()

    start = time.monotonic()
    asyncio.run(go())
    assert record.errors == {}
    assert {act: len(found) for act, found in record.seconds.items()} == {
        "open": 1,
        "click": 3,
        "search": 1,
        "page": 1 + len(people.PAGES),
        "back": 1 + len(people.PAGES),
    }
    assert (record.opened, record.closed) == (1, 1)
    assert max(max(found) for found in record.seconds.values()) <= time.monotonic() - start


def test_what_goes_wrong_is_counted_and_the_page_is_left() -> None:
    record = Record()
    target = people.Target("mountains.m001", "白云山", 113.3, 23.18)
    person = Person(Session(f"http://127.0.0.1:{find_port()}"), [target], record, seed=1)
    asyncio.run(person.visit(time.monotonic() + 5, 0.01))
    assert sum(record.errors.values()) == 1
    assert (record.opened, record.closed) == (0, 1)
