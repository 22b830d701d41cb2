from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzmap.own import style
from tests.conftest import ROOT

PLAN = sorted({e["style"]["color"] for e in json.loads((ROOT / "layers/catalog.json").read_text("utf-8"))["layers"]})


def lab(colour: str) -> np.ndarray:
    return style._to_lab(style._parse(colour))


def contrast_with_white(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in style._parse(colour)]
    return 1.05 / (0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] + 0.05)


def test_oklab_is_that_of_its_author():
    """Pairs from the text that defines it: white, and linear red."""
    assert lab("#FFFFFF") == pytest.approx([1, 0, 0], abs=1e-3)
    assert lab("#FF0000") == pytest.approx([0.628, 0.225, 0.126], abs=1e-3)
    assert lab("#000000") == pytest.approx([0, 0, 0], abs=1e-6)


@given(st.lists(st.text(max_size=20), max_size=12, unique=True))
def test_colours_are_apart_from_the_plan_and_from_one_another(names):
    chosen = style.choose_colours(names, PLAN)
    assert list(chosen) == names
    for name, colour in chosen.items():
        assert re.fullmatch(r"#[0-9A-F]{6}", colour)
        assert contrast_with_white(colour) >= 3 - 0.02
        assert min(np.linalg.norm(lab(colour) - lab(other)) for other in PLAN) >= style.APART - 0.005
        for other in (c for n, c in chosen.items() if n != name):
            assert np.linalg.norm(lab(colour) - lab(other)) >= style.SIBLINGS_APART - 0.005


def test_a_name_keeps_its_colour_from_day_to_day():
    assert style.choose_colours(["own.konggui"], PLAN) == style.choose_colours(["own.konggui"], PLAN)
    alone = style.choose_colours(["own.b"], PLAN)["own.b"]
    assert style.choose_colours(["own.b", "own.c", "own.d"], PLAN)["own.b"] == alone, "later names change nothing"


def test_more_layers_than_colours_still_get_one():
    names = [f"own.{n}" for n in range(300)]
    assert len(style.choose_colours(names, PLAN)) == 300


def test_without_colours_to_avoid_there_is_one_too():
    assert style.choose_colours(["a"])["a"].startswith("#")


@pytest.mark.parametrize("family", ["Polygon", "LineString", "Point"])
def test_a_style_has_the_members_of_the_catalogue_and_says_nothing_of_accuracy(family):
    made = style.build_style("#123456", family)
    catalogued = json.loads((ROOT / "layers/catalog.json").read_text("utf-8"))["layers"]
    members = {member for entry in catalogued for member in entry["style"]}
    assert set(made) <= members
    assert (made["dash"], made["hatch"]) == (None, False)
