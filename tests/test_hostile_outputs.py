"""Whatever is written of hostile names and texts comes back whole. `make fuzz` asks the same with many cases."""

from __future__ import annotations

import pytest

from tests.fuzz import Property
from tests.hostile import WICKED
from tests.hostile_exports import EXPORTS, check_names
from tests.hostile_outputs import OUTPUTS, check_documents, check_pages, check_service


@pytest.mark.parametrize("prop", [*EXPORTS, *OUTPUTS], ids=lambda prop: prop.name)
def test_it_holds(prop: Property) -> None:
    prop.try_out(prop.suite)


@pytest.mark.parametrize("layer", [*WICKED, "aux", "con", "..", ".", "甲" * 5000, "COM9.shp"], ids=ascii)
def test_no_layer_s_name_becomes_a_file_s_that_harms(layer: str) -> None:
    check_names("shp", "utf-8")((["a"], layer))


@pytest.mark.parametrize("check", [check_pages, check_service, check_documents])
def test_all_that_is_wicked_at_once(check: object) -> None:
    check(("".join(WICKED), " ".join(WICKED[::-1]), "".join(WICKED[1::2])))
