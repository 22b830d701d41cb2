from __future__ import annotations

import ast
import inspect

import pytest

from gzmap import errors
from gzmap.errors import KINDS, GzmapError, NotFoundError, QueryError
from tests.conftest import ROOT


def test_every_error_is_a_gzmap_error():
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]
    assert {c.__name__ for c in classes} == {
        *("GzmapError", "DocumentError", "CatalogError", "MentionError", "LedgerError"),
        *("CRSError", "ExportError", "QueryError", "AreaError", "SiteError", "NotFoundError"),
        *("BusyError", "DatabaseError", "DatabaseAwayError", "ScreenError"),
    }
    assert all(issubclass(c, GzmapError) for c in classes)


def test_query_and_lookup_errors_are_also_pythons_own():
    assert issubclass(QueryError, ValueError)
    assert issubclass(NotFoundError, LookupError)
    # A LookupError that is no KeyError keeps its message free of quotes.
    assert str(NotFoundError("Layer 'x' is unknown.")) == "Layer 'x' is unknown."


def test_an_error_may_know_its_message_in_chinese():
    error = QueryError("It is broken.", zh="坏了。")
    assert (str(error), error.zh, error.args) == ("It is broken.", "坏了。", ("It is broken.",))
    assert GzmapError("It is broken.").zh == ""


@pytest.mark.parametrize(
    ("value", "known", "end", "end_zh"),
    [
        ("park", ["parks", "streams"], "; did you mean 'parks'?", "，是不是“parks”？"),
        ("zzz", ["parks", "streams"], "; there are parks, streams.", "，现有：parks、streams。"),
        ("", ["parks"], "; there are parks.", "，现有：parks。"),
        ("zzz", [f"park{n}" for n in range(13)], ".", "。"),
        ("park", [], ".", "。"),
    ],
)
def test_unknown_names_the_thing_the_place_and_the_nearest(value, known, end, end_zh):
    told = NotFoundError.unknown("Layer", value, known, where="layers/catalog.json")
    assert isinstance(told, NotFoundError)
    assert str(told) == f"Layer {value!r} is not in layers/catalog.json{end}"
    assert told.zh == f"没有名为“{value}”的图层{end_zh}"


def test_every_kind_of_thing_has_a_chinese_word():
    named = {
        node.args[0].value
        for path in sorted((ROOT / "gzmap").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "unknown"
        if isinstance(node.args[0], ast.Constant)
    }
    assert len(named) > 5
    assert named <= set(KINDS)


def test_unknown_takes_any_iterable_once():
    assert str(NotFoundError.unknown("Layer", "b", iter(["bb"]), where="x")).endswith("did you mean 'bb'?")
