"""Whatever is read that a stranger gave: a result, or one error of ours. `make fuzz` asks the same with many cases."""

from __future__ import annotations

import pytest

from tests.fuzz import Property
from tests.hostile_parsers import PARSERS


@pytest.mark.parametrize("prop", PARSERS, ids=lambda prop: prop.name)
def test_it_holds(prop: Property) -> None:
    prop.try_out(prop.suite)
