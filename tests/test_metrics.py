"""What is counted, and that a run of a page is measured however it ends."""

from __future__ import annotations

import re

import pytest

from gzmap import metrics

LINE = re.compile(r'[a-zA-Z_:][\w:]*(\{([a-z_]+="(\\.|[^"\\\n])*",?)*\})? \S+')


def count_runs(page: str) -> float:
    return metrics.REGISTRY.get_sample_value("gzmap_rerun_seconds_count", {"page": page}) or 0


def test_a_run_is_measured() -> None:
    before = count_runs("text")
    with metrics.timed_rerun("text"):
        pass
    assert count_runs("text") == before + 1


def test_a_run_that_is_cut_short_is_measured_too() -> None:
    class Signal(BaseException):
        """As Streamlit's own, which ends a run."""

    before = count_runs("ledger")
    with pytest.raises(Signal), metrics.timed_rerun("ledger"):
        raise Signal
    assert count_runs("ledger") == before + 1


def test_the_text_is_prometheus_format() -> None:
    metrics.note_atlas({"edition": '引号"与\\', "edition_date": "2025-09-23", "digest": "0" * 12}, served=3, left_out=1)
    text = metrics.dump_metrics().decode()
    assert text.endswith("\n")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert 'gzmap_layers{state="served"} 3.0' in lines
    assert "gzmap_atlas_up 1.0" in lines
    assert "_created" not in text
    assert r"引号\"与\\" in text


def test_what_other_packages_count_is_not_given_out() -> None:
    from prometheus_client import Counter

    Counter("somebody_elses", "Counted in the library's own registry.").inc()
    assert "somebody_elses" not in metrics.dump_metrics().decode()
