"""What a click means: the bridge's and the panel's events change where the page stands, before the run they cause."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from gzmap.atlas import Atlas
from gzmap.query import find_drawn
from gzmap.ui.account import sign_in, sign_out
from gzmap.ui.areas import read_drawing
from gzmap.ui.asking import list_asking
from gzmap.ui.inquiring import OWN, list_inquiring
from gzmap.ui.owncard import find_own_at
from gzmap.ui.ownmap import open_own_here
from gzmap.ui.state import choose_area, clear_area, clear_selection, current, move, show_feature, show_own
from gzmap.ui.words import LANGS


def answer_map(atlas: Atlas) -> Callable[[Mapping], None]:
    """Make the answer to the map's events."""

    def on_event(event: Mapping) -> None:
        if event.get("kind") == "unlocated":
            move(panel="unlocated", group=str(event.get("group", "")), feature="", picks=(), missing=())
        elif event.get("kind") == "click":
            _click(atlas, event)
        elif event.get("kind") == "describe":
            move(told="")
        elif event.get("kind") == "feature" and str(event.get("id")).startswith(OWN):
            show_own(str(event["id"]))
        elif event.get("kind") == "feature" and str(event.get("id")) in atlas.features:
            show_feature(str(event["id"]))
        elif event.get("kind") == "area":
            _draw(event)

    return on_event


def _click(atlas: Atlas, event: Mapping) -> None:
    lon, lat, tolerance = (float(event[key]) for key in ("lon", "lat", "tolerance_m"))
    if not all(map(math.isfinite, (lon, lat, tolerance))):
        return  # a map of no size reports no place
    shown = [i for i in event.get("layer_ids", ()) if i in atlas.layers]
    picks = tuple(p.id for p in find_drawn(atlas, lon, lat, tolerance_m=tolerance, layer_ids=shown))
    own_ids = {str(i) for i in event.get("layer_ids", ()) if str(i).startswith(OWN)}
    owned = find_own_at(atlas, open_own_here(atlas), (lon, lat, tolerance), layer_ids=own_ids) if own_ids else ()
    move(picks=picks, own_picks=owned, point=(lon, lat, tolerance), missing=())
    if not picks + owned:
        move(feature="", panel="here")
    elif len(picks + owned) == 1:
        _pick((picks + owned)[0])
    else:
        move(feature="", panel="chooser")


def _pick(feature_id: str) -> None:
    """Show the card of a feature of the plan or of the planner's own."""
    if feature_id.startswith(OWN):
        show_own(feature_id)
    else:
        show_feature(feature_id)


def _draw(event: Mapping) -> None:
    """Take what was drawn, let it go (``none``), or tell of it again (``shown``)."""
    shape = event.get("shape")
    if shape == "none":
        clear_area()
        return
    if shape == "shown" and current().area is None:
        return  # it was let go in the meantime
    if shape != "shown":
        area, refused = read_drawing(event)
        move(area=area, brought=False, refused=refused, drawn=int(event.get("number", 0)))
    move(panel="area", feature="", picks=(), missing=())


def answer_go(atlas: Atlas) -> Callable[[Mapping], None]:
    """Make the answer to the links of panel and text."""

    def on_go(go: Mapping) -> None:
        actions = {
            "close": _close,
            "area_clear": clear_area,
            "area_take": _take_area,
            "page": lambda: move(switch_to=go["id"]),
            "language": lambda: move(lang=LANGS[1 - LANGS.index(current().lang)]),
            "sign_in": sign_in,
            "sign_out": sign_out,
            "search": lambda: _search(go["q"].strip()),
            "back": lambda: move(feature="", panel="chooser"),
            "pick": lambda: _pick(go["id"]),
            "feature": lambda: _to_feature(go["id"]),
            "features": lambda: _to_features(atlas, tuple(go["ids"])),
            "label": lambda: _to_label(atlas, go["id"]),
            "ledger": lambda: _filter(go),
            "paragraph": lambda: move(para=go["id"], scroll=current().scroll + 1, switch_to="text"),
            **list_asking(atlas, go),
            **list_inquiring(atlas, go),
        }
        actions[go["kind"]]()

    return on_go


def _close() -> None:
    """Back to the introduction; the search box is emptied with it."""
    move(query="")
    clear_selection()


def _take_area() -> None:
    """Go and choose what of the drawn area is taken away."""
    choose_area()
    move(switch_to="download")


def _search(query: str) -> None:
    move(query=query, panel="results" if query else "intro", feature="", picks=(), missing=(), switch_to="map")


def _filter(go: Mapping) -> None:
    """Narrow the ledger to a box, a chapter, a district; what is empty narrows nothing."""
    wanted = {key: str(go.get(key, "")) for key in ("box", "chapter", "district")}
    move(**wanted, filtered=current().filtered + 1, switch_to="ledger", missing=())


def _to_feature(feature_id: str) -> None:
    show_feature(feature_id, focus=True)
    move(switch_to="map")


def _to_features(atlas: Atlas, ids: tuple[str, ...]) -> None:
    """Go to the map: to the one feature that the words name, or to a choice of several."""
    known = tuple(i for i in ids if i in atlas.features)
    if len(known) == 1:
        _to_feature(known[0])
    else:
        move(
            picks=known,
            point=None,
            feature="",
            panel="chooser",
            focus=current().focus + 1,
            bbox=None,
            switch_to="map",
            missing=(),
        )


def _to_label(atlas: Atlas, feature_id: str) -> None:
    """Move the map to a place of the base map without selecting it: it is no claim of the plan."""
    west, south, east, north = atlas.require_feature(feature_id).geometry.bounds
    margin = 0.01 if west == east else 0.0  # degrees, about 1 km around a point
    box = (west - margin, south - margin, east + margin, north + margin)
    move(feature="", picks=(), bbox=box, focus=current().focus + 1, switch_to="map")
