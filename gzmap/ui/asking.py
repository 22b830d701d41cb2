"""What the links and forms of 我的区, 各区 and 清单 do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from gzmap.atlas import Atlas
from gzmap.ui.params import HERE, PARAMS, read_asked
from gzmap.ui.state import current, move

POSITION = re.compile(r"-?\d{1,3}(\.\d{1,6})?,-?\d{1,2}(\.\d{1,6})?")
"""Longitude and latitude in degrees, as the browser's script and shared links write them."""


def list_asking(atlas: Atlas, go: Mapping) -> dict[str, Callable[[], None]]:
    """List what an event may ask for, by its ``kind``: a link, a page's form, a position, features, a reference."""
    return {
        "ask": lambda: ask(str(go.get("page", "")), go.get("asked") or {}),
        **{f"{page}_form": lambda page=page: ask(page, go) for page in PARAMS},
        "position": lambda: _stand_at(str(go.get("at", "")), str(go.get("off", ""))),
        "together": lambda: _show_together(atlas, go),
        "cite": lambda: _cite(atlas, str(go.get("id", ""))),
    }


def ask(page: str, wanted: Mapping) -> None:
    """Ask a page for something, and go there; what it was asked before is forgotten."""
    if page in PARAMS:
        _ask(page, read_asked(page, wanted))


def _ask(page: str, asked: dict[str, str]) -> None:
    place = current()
    move(asked={**place.asked, page: asked}, filtered=place.filtered + 1, switch_to=page, missing=())


def _cite(atlas: Atlas, para_id: str) -> None:
    """Show the reference of a passage, which becomes the current one: the address is its permanent link."""
    if para_id in atlas.document.passages:
        move(para=para_id, cited=para_id, missing=())


def _stand_at(position: str, off_m: str) -> None:
    """Ask 我的区 for the browser's position, which is kept out of the address; what is no position asks nothing."""
    if POSITION.fullmatch(position):
        _ask("mine", {HERE: position, "off": off_m})


def _show_together(atlas: Atlas, go: Mapping) -> None:
    """Go to the map and offer some features there, with their layers switched on; ``within`` is where to look."""
    picks = tuple(i for i in go.get("ids", ()) if i in atlas.features)
    where = atlas.features.get(str(go.get("within", "")))
    bbox = where.geometry.bounds if where is not None and where.geometry is not None else None
    move(
        **{"picks": picks, "point": None, "feature": "", "panel": "chooser" if picks else "intro"},
        **{"focus": current().focus + 1, "bbox": bbox, "switch_to": "map", "missing": ()},
    )
