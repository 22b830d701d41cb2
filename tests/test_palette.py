"""The colours of the map for people who see colours differently: simulated, compared, and never the only sign.

The simulation is that of Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE TVCG 15 (6), 2009, with their matrices for a severity of 1.0, applied to linear RGB.
Differences are Euclidean in CIE L*a*b* (D65), where about 2.3 is just noticeable.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gzmap.atlas import Atlas
from gzmap.symbols import build_rules, find_family

MACHADO = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
SEEN = {"as most see": np.eye(3).tolist(), **MACHADO}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ @ np.ones(3)
PAPER = "#FFFFFF"
LEAST_APART = 8.0
LEAST_ON_PAPER = 25.0


def to_linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def to_lab(linear: np.ndarray) -> np.ndarray:
    ratio = TO_XYZ @ linear / WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def see(colour: str, sight: str) -> np.ndarray:
    """The colour as an eye sees it, in L*a*b*."""
    return to_lab(np.clip(np.array(SEEN[sight]) @ to_linear(colour), 0, 1))


def distance(one: str, other: str, sight: str) -> float:
    return float(np.linalg.norm(see(one, sight) - see(other, sight)))


def list_colours(atlas: Atlas) -> dict[str, str]:
    """The colours of the themes that draw what the plan says, by theme."""
    drawn = {e.theme for e in atlas.catalog.plan_entries if atlas.layers[e.layer_id].geometry.notna().any()}
    return {t["id"]: t["color"] for t in atlas.catalog.themes if t["id"] in drawn}


def test_the_simulation_keeps_grey_and_loses_red_and_green() -> None:
    for sight in SEEN:
        assert see("#808080", sight) == pytest.approx(to_lab(to_linear("#808080")), abs=0.6)
    assert distance("#FF0000", "#00FF00", "as most see") > 160
    assert distance("#A05000", "#508000", "deuteranopia") < distance("#A05000", "#508000", "as most see") / 2
    assert to_lab(np.ones(3)) == pytest.approx([100, 0, 0], abs=0.01)


@pytest.mark.parametrize("sight", SEEN)
def test_themes_are_told_apart(atlas: Atlas, sight: str) -> None:
    colours = list_colours(atlas)
    assert len(colours) >= 6
    near = {
        pair: round(distance(colours[pair[0]], colours[pair[1]], sight), 1)
        for pair in itertools.combinations(colours, 2)
        if distance(colours[pair[0]], colours[pair[1]], sight) < LEAST_APART
    }
    assert near == {}


@pytest.mark.parametrize("sight", SEEN)
def test_themes_stand_out_from_the_paper(atlas: Atlas, sight: str) -> None:
    pale = {t: c for t, c in list_colours(atlas).items() if distance(c, PAPER, sight) < LEAST_ON_PAPER}
    assert pale == {}


def test_how_far_to_trust_a_place_is_said_by_the_line_and_not_by_its_colour(atlas: Atlas) -> None:
    told = 0
    for entry in atlas.catalog.plan_entries:
        family = find_family(entry.geometry_type)
        if family == "Point":
            signs = {(r.disc, r.stroke.dash_px) for r in build_rules(entry, family)}
            assert len({disc for disc, _ in signs}) == 2
            continue
        known, _, schematic = build_rules(entry, family)
        if known.stroke is None:
            continue
        told += 1
        assert known.stroke.colour == schematic.stroke.colour
        assert schematic.stroke.dash_px
        assert known.stroke.dash_px != schematic.stroke.dash_px
    assert told > 15


def test_layers_have_names_of_their_own(atlas: Atlas) -> None:
    """Panel, legend, card and list name a layer: who sees no colour reads."""
    titles = [entry.title for entry in atlas.catalog.plan_entries]
    assert len(set(titles)) == len(titles)
