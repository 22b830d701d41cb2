"""Generated styles: a colour that a layer's name gives, apart from those of the plan."""

from __future__ import annotations

import colorsys
import hashlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

HUES = 36
SHADES = ((0.30, 0.85), (0.42, 0.70), (0.22, 0.60), (0.50, 0.55))
"""Lightness and saturation of the candidates: dark enough to be seen on white."""

APART = 0.09
"""Least distance in OKLab of a generated colour from one of the plan: about four times what an eye just sees."""

SIBLINGS_APART = 0.06
CONTRAST = 3.0
"""Least contrast with white of a line that carries meaning (WCAG 2.2, 1.4.11)."""

WEIGHTS = {"Polygon": 1.2, "LineString": 2.5, "Point": 2}
FILL_OPACITY, RADIUS = 0.2, 5

# Björn Ottosson, "A perceptual color space for image processing", 2020: linear sRGB to OKLab.
LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def choose_colours(names: Sequence[str], avoid: Iterable[str] = ()) -> dict[str, str]:
    """Choose a colour for each name.

    A name alone decides which colours it would have, in which order; it gets the first that is apart from those to
    avoid, and from what names before it got. So a colour stays from day to day, and changes only when a new name that
    comes before wants the same.

    Parameters
    ----------
    names
        In an order of their own, each once.
    avoid
        Colours as ``#RRGGBB``: those of the plan's layers.

    Returns
    -------
    dict
        ``#RRGGBB`` by name. Where no colour is apart from all, the farthest is taken.
    """
    palette = _list_candidates()
    taken = [_to_lab(_parse(colour)) for colour in sorted(set(avoid))]
    kept = np.full(len(taken), APART)
    chosen: dict[str, str] = {}
    labs = _to_lab(palette)
    for name in names:
        order = _order(name, len(palette))
        gaps = np.full(len(palette), np.inf)
        if taken:
            gaps = (np.linalg.norm(labs[:, None] - np.array(taken)[None], axis=2) - kept).min(axis=1)
        free = [number for number in order if gaps[number] >= 0]
        number = free[0] if free else int(np.argmax(gaps))
        chosen[name] = _format(palette[number])
        taken.append(labs[number])
        kept = np.append(kept, SIBLINGS_APART)
    return chosen


def build_style(colour: str, family: str) -> Mapping[str, object]:
    """Give a style with the members that ``style`` has in ``layers/catalog.json``.

    Lines are solid and areas unhatched: dashes and hatches say how well a thing of the plan is located, and of a
    planner's own layer nothing is known of that.

    Parameters
    ----------
    colour
        ``#RRGGBB``.
    family
        ``"Polygon"``, ``"LineString"`` or ``"Point"``.
    """
    fill = 0.0 if family == "LineString" else FILL_OPACITY
    style = {"color": colour, "weight": WEIGHTS[family], "dash": None, "fill_opacity": fill, "hatch": False}
    return {**style, "radius": RADIUS} if family == "Point" else style


def _list_candidates() -> np.ndarray:
    colours = np.array([colorsys.hls_to_rgb(h / HUES, light, full) for light, full in SHADES for h in range(HUES)])
    contrast = 1.05 / (_to_linear(colours) @ LUMINANCE + 0.05)
    return colours[contrast >= CONTRAST]


def _order(name: str, count: int) -> np.ndarray:
    seed = int.from_bytes(hashlib.blake2b(name.encode("utf-8", errors="replace"), digest_size=8).digest())
    return np.random.default_rng(seed).permutation(count)


def _parse(colour: str) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(colour.lstrip("#")), dtype=np.uint8) / 255


def _format(colour: np.ndarray) -> str:
    return "#" + bytes(np.round(colour * 255).astype(np.uint8)).hex().upper()


def _to_linear(colours: np.ndarray) -> np.ndarray:
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def _to_lab(colours: np.ndarray) -> np.ndarray:
    return np.cbrt(_to_linear(colours) @ LMS.T) @ LAB.T
