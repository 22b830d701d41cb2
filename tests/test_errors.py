from __future__ import annotations

import inspect

import pytest

from gzmap import errors
from gzmap.errors import GzmapError, NotFoundError, QueryError, describe_unknown


def test_every_error_is_a_gzmap_error():
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]
    assert {c.__name__ for c in classes} == {
        *("GzmapError", "DocumentError", "CatalogError", "MentionError", "LedgerError"),
        *("CRSError", "ExportError", "QueryError", "NotFoundError"),
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
    ("value", "known", "end"),
    [
        ("park", ["parks", "streams"], "; did you mean 'parks'?"),
        ("zzz", ["parks", "streams"], "."),
        ("", ["parks"], "."),
        ("park", [], "."),
    ],
)
def test_unknown_names_the_thing_the_place_and_the_nearest(value, known, end):
    told = describe_unknown("Layer", value, known, where="layers/catalog.json")
    assert told == f"Layer {value!r} is not in layers/catalog.json{end}"


def test_unknown_takes_any_iterable_once():
    assert describe_unknown("Layer", "b", iter(["bb"]), where="x").endswith("did you mean 'bb'?")
