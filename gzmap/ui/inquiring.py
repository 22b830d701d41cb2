"""What the links and forms of 查询 do, and those that light up places."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from gzmap.atlas import Atlas
from gzmap.ui.asking import ask
from gzmap.ui.lit import find_lit, step_lit
from gzmap.ui.params import HELD
from gzmap.ui.state import FOUND, current, move, show_feature, show_own

OWN = "own."
"""What the id of an own layer begins with."""


def list_inquiring(atlas: Atlas, go: Mapping) -> dict[str, Callable[[], None]]:
    """List what an event may ask for, by its ``kind``."""
    return {
        "area_ask": lambda: ask("query", {"of": "drawn"}),
        "query_form": lambda: ask_between(go) if go.get("a") else ask("query", go),
        "outline": lambda: _show_outline(atlas, go),
        "goto": lambda: _go_to(go),
        "own_ask": lambda: ask_own(str(go.get("id", ""))),
        "light": lambda: light(atlas, str(go.get("id", ""))),
        "light_step": lambda: _step(atlas, 1 if go.get("by") == "next" else -1),
        "light_off": lambda: move(lit=""),
    }


def ask_between(go: Mapping) -> None:
    """Ask about two layers; the name of an own one is kept out of the address."""
    ask("query", go)
    place = current()
    asked = dict(place.asked["query"])
    for key in ("a", "b"):
        if asked.get(key, "").startswith(OWN):
            asked[HELD + key] = asked.pop(key)
    move(asked={**place.asked, "query": asked})


def ask_own(feature_id: str) -> None:
    """Ask about the area of an own feature, which is kept out of the address."""
    ask("query", {})
    move(asked={**current().asked, "query": {HELD + "own": feature_id}})


def _show_outline(atlas: Atlas, go: Mapping) -> None:
    """Go to the map and the area that was asked about; its features are offered, with their layers switched on."""
    place = current()
    picks = tuple(i for i in go.get("ids", ()) if i in atlas.features)
    bbox = _read_bbox(go.get("bbox"))
    panel = "chooser" if picks else "area" if place.area else "intro"
    move(
        **{"picks": picks, "point": None, "feature": "", "panel": panel, "missing": ()},
        **{"bbox": bbox, "focus": place.focus + 1, "switch_to": "map"},
    )


def _go_to(go: Mapping) -> None:
    """Move the map to a feature of an own layer and show its card."""
    box, feature_id = _read_bbox(go.get("bbox")), str(go.get("id", ""))
    if box and feature_id.startswith(OWN):
        show_own(feature_id)
        move(picks=(), own_picks=(), point=None, bbox=box, focus=current().focus + 1, switch_to="map")


def _read_bbox(bbox: object) -> tuple[float, float, float, float] | None:
    if not isinstance(bbox, list | tuple) or len(bbox) != 4:
        return None
    if not all(isinstance(v, int | float) and math.isfinite(v) and abs(v) <= 180 for v in bbox):
        return None
    return tuple(map(float, bbox))


def light(atlas: Atlas, what: str) -> None:
    """Light up the places of a passage, or with `FOUND` those of the search; all others fade."""
    if what != FOUND and what not in atlas.document.passages:
        return
    place = current()
    para = place.para if what == FOUND else what
    move(lit=what, para=para, feature="", picks=(), point=None, bbox=None, switch_to="map", missing=())
    drawn = find_lit(atlas, current()).drawn
    move(picks=drawn, panel="intro", focus=place.focus + 1)


def _step(atlas: Atlas, by: int) -> None:
    """Go to the next or the previous of the places that are lit up, around from the last to the first."""
    wanted = step_lit(atlas, current(), by)
    if wanted:
        show_feature(wanted, focus=True)
        move(switch_to="map")
