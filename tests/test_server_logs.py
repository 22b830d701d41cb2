"""What is written down, and what is not: people's addresses, questions and places."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap import metrics
from gzmap.errors import CatalogError, GzmapError, QueryError
from gzmap.server.logs import FIELDS, ErrorCounter, JsonFormatter, configure_logs, redact

PRIVATE = "天河区某某路12号 李某"
ANY = st.characters(codec=None, exclude_categories=())


def write(*arguments: object, level: int = logging.ERROR, fields: dict | None = None, error: bool = False) -> dict:
    logger = logging.Logger("gzmap.test")
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.log(level, *arguments, extra={FIELDS: fields} if fields else None, exc_info=error)
    line, rest = out.getvalue().split("\n")
    assert rest == ""
    line.encode()
    return json.loads(line)


@pytest.fixture
def loggers() -> Iterator[logging.Logger]:
    """Give a logger as Streamlit makes its own, and put everything back afterwards."""
    names = [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]
    before = [(one, list(one.handlers), one.level, one.propagate) for one in names]
    made = logging.getLogger("streamlit.made.by.test")
    made.propagate = False
    made.handlers[:] = [logging.StreamHandler(io.StringIO())]
    yield made
    for one, handlers, level, propagate in before:
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)
    made.handlers.clear()


def test_a_line_tells_when_where_and_what() -> None:
    line = write("request", level=logging.INFO, fields={"route": "data", "status": 200})
    assert line["at"].endswith("+00:00")
    assert {k: v for k, v in line.items() if k != "at"} == {
        "level": "info",
        "logger": "gzmap.test",
        "event": "request",
        "route": "data",
        "status": 200,
    }


def test_what_a_visitor_sent_is_not_written() -> None:
    assert write("cannot export %r: %s", PRIVATE, QueryError(PRIVATE))["event"] == "cannot export <str>: <QueryError>"
    assert write("%(who)s at %(where).4f", {"who": PRIVATE, "where": 113.26441})["event"] == "<str> at <float>"
    assert write("100% broken template %d", PRIVATE)["event"]


def test_numbers_and_errors_of_our_files_are_written() -> None:
    line = write("layer %d: %s, number %s", 7, CatalogError("layers/parks.geojson is no JSON"), "0a1b2c")
    assert line["event"] == "layer 7: CatalogError: layers/parks.geojson is no JSON, number 0a1b2c"


def test_an_exception_is_told_by_type_and_lines_of_code() -> None:
    try:
        float(PRIVATE)
    except ValueError:
        line = write("unexpected", error=True)
    assert line["error"]["type"] == "ValueError"
    assert line["error"]["trace"][-1].endswith("test_an_exception_is_told_by_type_and_lines_of_code")
    assert PRIVATE not in json.dumps(line, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        "192.168.1.23", "10.0.0.1:50123", "fe80::1", "2001:db8::ff00:42:8329", "li@example.cn", "113.2644, 23.1291",
        "GET /?q=帽峰山&feature=parks.p001", "lon=-113.26441",
    ],
)  # fmt: skip
def test_words_are_cleared_of_addresses_positions_and_queries(text: str) -> None:
    cleared = redact(f"before {text} after")
    assert cleared.startswith("before ")
    assert cleared.endswith("after")
    assert "…" in cleared
    for private in ("192", "10.0", "fe80", "8329", "li@", "113.2", "23.12", "帽峰山"):
        assert private not in cleared


def test_ordinary_words_stay() -> None:
    text = "Layer 'parks' has 12 features, 3.5 km; at gzmap/ui/main.py:42"
    assert redact(text) == text


@given(st.text(ANY), st.lists(st.one_of(st.text(ANY), st.integers(), st.floats(), st.none()), max_size=3))
def test_every_record_is_one_line_of_json(message: str, arguments: list) -> None:
    assert set(write(message, *arguments)) >= {"at", "level", "logger", "event"}


def test_json_lines_take_the_place_of_text(loggers: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_LOG", "JSON ")
    of_requests = list(logging.getLogger("uvicorn.access").handlers)
    configure_logs()
    configure_logs()
    to_terminal = [one for one in loggers.handlers if type(one) is logging.StreamHandler]
    assert [type(one.formatter) for one in to_terminal] == [JsonFormatter]
    assert sum(isinstance(one, ErrorCounter) for one in loggers.handlers) == 1
    assert logging.getLogger("uvicorn.access").handlers == of_requests


def test_text_stays_text(loggers: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GZMAP_LOG", raising=False)
    configure_logs()
    assert not any(isinstance(one.formatter, JsonFormatter) for one in loggers.handlers)


def test_a_style_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_LOG", "xml")
    with pytest.raises(GzmapError, match="GZMAP_LOG is 'xml'; give text or json"):
        configure_logs()


def test_errors_are_counted_by_who_wrote_them() -> None:
    def count(part: str) -> float:
        return metrics.REGISTRY.get_sample_value("gzmap_errors_total", {"part": part}) or 0

    counter = ErrorCounter()
    before = {part: count(part) for part in ("gzmap", "streamlit", "other")}
    for name, level, error in [
        ("gzmap.ui.faults", logging.ERROR, None),
        ("gzmap.ui.faults", logging.INFO, None),
        ("streamlit.runtime", logging.WARNING, (ValueError, ValueError(), None)),
        ("fiona", logging.CRITICAL, None),
    ]:
        counter.handle(logging.LogRecord(name, level, "", 0, "", (), error))
    assert {part: count(part) - before[part] for part in before} == {"gzmap": 1, "streamlit": 1, "other": 1}
