"""Whatever an address, a filter or a command line asks: an answer or a refusal. `make fuzz` asks with many cases."""

from __future__ import annotations

import pytest

from tests.fuzz import Property
from tests.hostile_queries import QUERIES


@pytest.mark.parametrize("prop", QUERIES, ids=lambda prop: prop.name)
def test_it_holds(prop: Property) -> None:
    prop.try_out(prop.suite)
