"""What the page knows between runs, and how the address holds it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import shapely
import streamlit as st

from gzmap.atlas import Atlas, open_atlas
from gzmap.query import count_accounts
from gzmap.ui.areas import Refusal, parse_area, shorten_area
from gzmap.ui.params import read_asked
from gzmap.ui.store import find_shown_root
from gzmap.ui.words import Lang

BRIDGE_PARAMS = ("view", "layers", "op", "order", "names")
"""Query parameters that the bridge writes; Python only carries them over a page switch."""

FOUND = "found"
"""What is lit up: what the search found."""

LEDGER = ("ledger", "")
"""Pages whose address has the ledger's filter; where no page is named, it is any."""

WHERE_KEY = "gz_where"
"""Key of the download page's choice of where."""


@dataclass(frozen=True)
class Place:
    """Where the page stands.

    ``panel`` is what the panel beside the map shows: ``card``, ``own``, ``chooser``, ``here``, ``unlocated``,
    ``results``, ``area`` or ``intro``. ``picks`` are the feature ids to choose from, ``point`` the clicked
    ``(lon, lat, tolerance_m)``; ``group`` is the group of layers that stands open in the list of what is not located.
    The filter of the ledger is ``box``, ``chapter`` (its number or ``front``) and ``district``, each empty for all;
    ``filtered`` counts its changes and ``focus`` the moves of the map that Python asked for. ``missing`` is a phrase
    key and the unknown id that the address named; ``switch_to`` is the page that a click asked for. ``written`` is
    what Python last wrote to the address, ``answered`` whether an event of ours caused this run.
    ``offered`` is the description of the map that was last sent, ``told`` the one that an event has since answered.
    ``seen`` is what the map showed at the last event, ``(west, south, east, north)`` in degrees, None while unknown.
    ``area`` is what is drawn on the map, a valid polygon in degrees WGS 84 (`gzmap.ui.areas`), ``refused`` why the
    last drawing was not taken, and ``drawn`` the number that the browser gave it.
    ``asked`` holds what single pages were asked, by page (`gzmap.ui.params`); ``cited`` is the passage whose reference
    is shown. ``brought`` is whether ``area`` is of a file or of pasted coordinates: such an area is in no address.
    ``own`` is the feature of the planner's own whose card ``panel`` shows as ``own``, ``own_picks`` those to choose
    from; neither is in any address.
    ``lit`` is the passage whose places alone are not faded on the map, or `FOUND` for those of the search.
    """

    lang: Lang = "zh"
    feature: str = ""
    para: str = ""
    query: str = ""
    panel: str = "intro"
    group: str = ""
    box: str = ""
    chapter: str = ""
    district: str = ""
    filtered: int = 0
    picks: tuple[str, ...] = ()
    point: tuple[float, float, float] | None = None
    bbox: tuple[float, float, float, float] | None = None
    seen: tuple[float, float, float, float] | None = None
    area: shapely.Polygon | None = None
    refused: Refusal = ()
    drawn: int = 0
    focus: int = 0
    scroll: int = 0
    missing: tuple[str, ...] = ()
    switch_to: str = ""
    offered: str = ""
    told: str = ""
    written: dict | None = None
    answered: bool = False
    carried: dict = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    cited: str = ""
    brought: bool = False
    lit: str = ""
    own: str = ""
    own_picks: tuple[str, ...] = ()


def open_here() -> Atlas:
    """Open the project that is served, see `find_shown_root`.

    Raises
    ------
    GzmapError
        If there is none or it is broken.
    """
    return open_atlas(find_shown_root())


def current() -> Place:
    """Return where the page stands."""
    return st.session_state.place


def move(**changes: object) -> None:
    """Change where the page stands."""
    st.session_state.place = replace(current(), **changes)


def show_feature(feature_id: str, *, focus: bool = False) -> None:
    """Select one feature; with ``focus`` the map moves to it and its layer is switched on."""
    place = current()
    kept = (place.picks, place.own_picks) if feature_id in place.picks else ((), ())
    move(feature=feature_id, panel="card", picks=kept[0], own_picks=kept[1], missing=(), bbox=None)
    move(focus=place.focus + focus)


def show_own(feature_id: str) -> None:
    """Show the card of a feature of the planner's own; the map stays where it is."""
    place = current()
    kept = (place.picks, place.own_picks) if feature_id in place.own_picks else ((), ())
    move(own=feature_id, feature="", panel="own", picks=kept[0], own_picks=kept[1], missing=(), bbox=None)


def clear_selection() -> None:
    """Select nothing."""
    move(feature="", panel="intro", picks=(), own_picks=(), point=None, missing=())


def clear_area() -> None:
    """Let go of the drawn area."""
    place = current()
    move(area=None, brought=False, refused=(), panel="intro" if place.panel == "area" else place.panel)


def choose_area() -> None:
    """Have the download page take what lies in the drawn area."""
    st.session_state[WHERE_KEY] = "area"


def enter(atlas: Atlas, page: str = "") -> Place:
    """Start or continue a session on a page.

    The first run reads the address. So does one that no event of ours caused and whose address is not the one that we
    wrote: somebody went back or forward in the browser's history.
    """
    query = st.query_params.to_dict()
    if "place" not in st.session_state:
        st.session_state.place = _from_address(atlas, query, page)
    elif not current().answered and (_own_part(query) != current().written or not _is_asked(page, query)):
        _follow_address(atlas, query, page)
    move(answered=False)
    _forget_gone(atlas)
    return current()


def _forget_gone(atlas: Atlas) -> None:
    """Let go of features that the data no longer has: files may change while a page is open."""
    place = current()
    picks = tuple(i for i in place.picks if i in atlas.features)
    if place.feature and place.feature not in atlas.features:
        move(feature="", picks=picks, panel="intro", missing=("unknown_feature", place.feature))
    elif picks != place.picks:
        move(picks=picks, panel="intro" if place.panel == "chooser" and not picks else place.panel)


def _is_asked(page: str, query: Mapping[str, str]) -> bool:
    """Tell whether an address asks of its page what the session holds: other pages may have the same parameters."""
    return read_asked(page, query) == read_asked(page, current().asked.get(page, {}))


def _from_address(atlas: Atlas, query: dict, page: str = "") -> Place:
    feature, para = query.get("feature", ""), query.get("para", "")
    missing = ()
    if feature and feature not in atlas.features:
        missing, feature = ("unknown_feature", feature), ""
    if para and para not in atlas.document.passages:
        missing, para = ("unknown_paragraph", para), ""
    search, code, lit = query.get("q", ""), query.get("area", ""), query.get("lit", "")
    if lit and lit != FOUND and lit not in atlas.document.passages:
        missing, lit = ("unknown_paragraph", lit), ""
    area = parse_area(code) if code else None
    if code and area is None:
        missing = ("broken_area", code)
    return Place(
        lang="en" if query.get("lang") == "en" else "zh",
        feature=feature,
        para=para,
        query=search,
        panel="card" if feature else "results" if search else "area" if area else "intro",
        area=area,
        bbox=area.bounds if area and not feature else None,
        focus=1 if feature or area else 0,
        scroll=1 if para else 0,
        **(_known_filter(atlas, query) if page in LEDGER else {}),
        lit=lit,
        missing=missing,
        carried=_bridge_part(query),
        asked={page: asked} if (asked := read_asked(page, query)) else {},
    )


def _known_filter(atlas: Atlas, query: Mapping[str, str]) -> dict[str, str]:
    """Read the ledger's filter; a value that the ledger does not know filters nothing."""
    asked = {key: query[key] for key in ("box", "chapter", "district") if query.get(key)}
    if not asked:
        return {}
    totals = count_accounts(atlas)
    known = {"box": totals.boxes, "chapter": totals.chapters, "district": totals.districts}
    return {key: value for key, value in asked.items() if value in known[key]}


def _bridge_part(query: Mapping[str, str]) -> dict[str, str]:
    return {key: query[key] for key in BRIDGE_PARAMS if key in query}


def _own_part(query: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in query.items() if key not in BRIDGE_PARAMS}


def carry(query: Mapping[str, str], seen: Sequence[float] | None = None) -> None:
    """Keep what the bridge wrote in the address; ``query`` comes with an event, Streamlit's own copy may be older.

    ``seen`` is the bbox that the map shows, None where it has not been shown; what is no bbox is not kept.
    """
    if "place" in st.session_state:
        move(carried=_bridge_part(query), seen=_read_bbox(seen), answered=True, told=current().offered)


def _read_bbox(values: Sequence[float] | None) -> tuple[float, float, float, float] | None:
    if not values or len(values) != 4 or not all(isinstance(v, int | float) and math.isfinite(v) for v in values):
        return None
    west, south, east, north = map(float, values)
    return (west, south, east, north) if west < east and south < north else None


def _follow_address(atlas: Atlas, query: dict, page: str = "") -> None:
    place = current()
    found = _from_address(atlas, query, page)
    kept = {"focus": place.focus, "drawn": place.drawn, "offered": place.offered, "told": place.told}
    if page not in LEDGER:
        kept |= {key: getattr(place, key) for key in ("box", "chapter", "district")}
    asked = {**place.asked, page: found.asked.get(page, {})} if page else found.asked
    st.session_state.place = replace(found, scroll=place.scroll + 1, asked=asked, **kept)


def format_address(page: str = "") -> dict[str, str]:
    """Give the query that holds the state on a page, with what the bridge wrote there, and remember it as written."""
    place = current()
    own = {
        "feature": place.feature,
        "para": place.para,
        "q": place.query,
        **({key: getattr(place, key) for key in ("box", "chapter", "district")} if page in LEDGER else {}),
        **read_asked(page, place.asked.get(page, {})),
        "area": shorten_area(place.area)[0] if place.area and not place.brought else "",
        "lit": place.lit,
        "lang": place.lang if place.lang != "zh" else "",
    }
    written = {key: value for key, value in own.items() if value}
    move(written=written)
    return written | place.carried


def write_address(page: str = "") -> None:
    """Write the state to the address, unless it stands there already: what the bridge writes is no new place."""
    wanted = format_address(page)
    if _own_part(st.query_params.to_dict()) != current().written:
        st.query_params.from_dict(wanted)
