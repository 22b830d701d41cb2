"""The inventory's filter as parameters of an address."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.errors import QueryError
from gzmap.query.inventory import METHODS, ROLES, STATUSES, Claim, Filters, list_claims
from gzmap.query.wanted import (
    KEYS,
    LISTS,
    drop_values,
    find_unknown,
    list_known,
    parse_filters,
    parse_order,
    split_values,
    without,
)
from tests.makers import make_project


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return read_atlas(make_project(tmp_path_factory.mktemp("wanted")))


def test_every_member_of_the_filter_has_its_parameter() -> None:
    members = {field.name for field in fields(Filters)}
    assert members == {*LISTS.values(), "located", "text"}
    assert set(KEYS) == {*LISTS, "located", "text", "sort"}


@pytest.mark.parametrize(
    ("params", "filters"),
    [
        ({}, Filters()),
        ({"theme": "a,b", "status": "proposed"}, Filters(themes=("a", "b"), statuses=("proposed",))),
        ({"district": "白云区,,白云区"}, Filters(districts=("白云区",))),
        ({"located": "yes"}, Filters(located=True)),
        ({"located": "no", "text": " 湿地, 湖 "}, Filters(located=False, text="湿地, 湖")),
        ({"foreign": "x", "sort": "-name"}, Filters()),
    ],
)
def test_filters_are_read_from_parameters(params: dict, filters: Filters) -> None:
    assert parse_filters(params) == filters


def test_what_is_neither_drawn_nor_not_is_refused() -> None:
    with pytest.raises(QueryError, match="give yes or no"):
        parse_filters({"located": "perhaps"})


def test_the_order_is_read_once_each() -> None:
    assert parse_order({"sort": "-name,status,-name"}) == ("-name", "status")
    assert parse_order({}) == ()
    assert split_values("") == ()


def test_known_values_are_all_that_the_inventory_takes(small: Atlas) -> None:
    known = list_known(small)
    assert set(known) == set(LISTS)
    assert known["theme"] == ("all",)
    assert known["layer"] == ("spots", "streams", "parks")
    assert known["district"] == ("白云区", "黄埔区", "市外", "全市")
    assert known["chapter"] == ("front", "1", "2")
    assert (known["status"], known["method"], known["role"]) == (STATUSES, METHODS, ROLES)
    for key, values in known.items():
        list_claims(small, filters=parse_filters({key: ",".join(values)}))


def test_unknown_values_are_found_and_dropped(small: Atlas) -> None:
    params = {"theme": "all,x", "located": "maybe", "sort": "-name,<b>", "text": "a,b", "role": "evidence"}
    unknown = find_unknown(small, params)
    assert unknown == (("theme", "x"), ("sort", "<b>"), ("located", "maybe"))
    sound = drop_values(params, unknown)
    assert sound == {"theme": "all", "sort": "-name", "text": "a,b", "role": "evidence"}
    assert find_unknown(small, sound) == ()
    list_claims(small, filters=parse_filters(sound), order=parse_order(sound))


def test_every_column_may_be_sorted_by(small: Atlas) -> None:
    for name in Claim.__dataclass_fields__:
        assert find_unknown(small, {"sort": f"-{name}"}) == ()


@pytest.mark.parametrize("key", [*LISTS, "located", "text"])
def test_a_filter_without_one_parameter_keeps_the_others(key: str) -> None:
    params = {**dict.fromkeys(LISTS, "a"), "located": "yes", "text": "b"}
    assert without(parse_filters(params), key) == parse_filters({k: v for k, v in params.items() if k != key})


def test_the_shipped_project_knows_its_own_values(root: Path, atlas: Atlas) -> None:
    claims = list_claims(atlas)
    known = list_known(atlas)
    for key in ("theme", "layer", "status", "method", "role", "chapter"):
        assert {getattr(c, key) for c in claims} - {""} <= set(known[key]), key
    assert {d for c in claims for d in c.districts} <= set(known["district"])
