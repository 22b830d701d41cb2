"""What nobody foresaw: a sentence and a number for the visitor, the trace under that number in the log."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gzmap.ui import events, faults, helping, mapdata
from tests.test_app import messages, start

SECRET = "secret of /etc/passwd"


def fail(*_args: object, **_named: object) -> None:
    raise ZeroDivisionError(SECRET)


def require_told(app: AppTest, caplog: pytest.LogCaptureFixture) -> str:
    """One calm sentence with a number, no trace; the log has the trace under the same number."""
    assert not app.exception
    [told] = messages(app)
    number = re.search(r"[0-9a-f]{6}", told)[0]
    assert SECRET not in told
    assert "Traceback" not in told
    [record] = [r for r in caplog.records if r.name == faults.__name__]
    assert record.levelno == logging.ERROR
    assert number in record.getMessage()
    assert SECRET in str(record.exc_info[1])
    return told


@pytest.mark.parametrize(("lang", "words"), [("zh", "程序出现意外错误"), ("en", "nobody foresaw")])
def test_a_page_that_fails(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, lang: str, words: str
) -> None:
    monkeypatch.setattr(helping, "format_help", fail)
    assert words in require_told(start(root, monkeypatch, "help", lang=lang), caplog)


def test_a_frame_that_fails(root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(mapdata, "_focus", fail)
    require_told(start(root, monkeypatch), caplog)


def test_an_answer_to_a_click_that_fails_is_told_by_the_run_after_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def page() -> None:
        import streamlit as st

        from gzmap.ui.faults import hold, shielded

        def divide() -> None:
            raise ZeroDivisionError("secret of /etc/passwd")

        shielded(lambda: st.button("go", on_click=hold(divide)))()

    app = AppTest.from_function(page).run()
    assert messages(app) == []
    app.button[0].click().run()
    require_told(app, caplog)
    app.run()
    assert messages(app) == [], "told once"


def test_streamlits_own_signals_pass() -> None:
    def page() -> None:
        import streamlit as st

        from gzmap.ui.faults import shielded

        shielded(st.stop)()
        st.write("after")

    app = AppTest.from_function(page).run()
    assert not app.markdown
    assert not app.error


def test_every_click_is_answered_behind_the_shield() -> None:
    source = (Path(events.__file__).parent / "bridge.py").read_text(encoding="utf-8")
    assert len(re.findall(r"_change=hold\(", source)) == len(re.findall(r"_change=", source)) == 2


def test_nothing_else_shows_a_trace(root: Path) -> None:
    config = (root / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert 'showErrorDetails = "none"' in config
    assert "showErrorLinks = false" in config
