"""What a visitor of the download page wants: which layers, of where, in which form; read from the page's widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
import streamlit as st

from gzmap.atlas import Atlas
from gzmap.config import DELIVERY_CRS, STORAGE_CRS
from gzmap.crs import find_area_m2
from gzmap.export import ENCODINGS, FORMATS, SCHEMES, Choices, Selection
from gzmap.export.order import FIXES
from gzmap.export.packet import DEFAULT_FORMATS, choose_formats
from gzmap.query import find_text
from gzmap.ui.bridge import show_linked
from gzmap.ui.cards import format_template
from gzmap.ui.events import answer_go
from gzmap.ui.shell import plain
from gzmap.ui.state import WHERE_KEY, Place
from gzmap.ui.widgets import check, is_changed, keep, pick_from_list, pick_one, pick_several
from gzmap.ui.words import LANGS, Lang, pick, say, say_area

WHERES = ("city", "district", "view", "search", "area")
SCOPES = ("one", "some", "all")
KINDS = ("file", "packet")
DISTRICTS = "districts"
OTHER = "other"


@dataclass(frozen=True)
class Wish:
    """What is taken and in which form; ``formats`` are those of a packet, empty for a single file."""

    selection: Selection
    choices: Choices
    formats: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Choices, ...]:
        """The choices for each format that is written."""
        return choose_formats(self.choices, self.formats) if self.formats else (self.choices,)


def read_wish(atlas: Atlas, place: Place) -> Wish | None:
    """Show the widgets and read them.

    Returns
    -------
    Wish or None
        None where something is not chosen yet; the page says what.

    Raises
    ------
    ExportError
        If the choices do not go together.
    """
    what, how = st.columns(2, gap="large")
    with what:
        st.subheader(say("what_title", place.lang), anchor=False)
        selection = _choose_selection(atlas, place)
        schematic = check("gz_schematic", say("with_schematic", place.lang))
        nulls = check("gz_nulls", say("with_nulls", place.lang))
    with how:
        st.subheader(say("how_title", place.lang), anchor=False)
        formats, is_packet = _choose_formats(place.lang)
        crs = _choose_crs(formats, place.lang)
        encoding = _choose_encoding(formats, place.lang)
        names = _choose_names(place.lang)
        fixes = _choose_fixes(place.lang)
    if selection is None or not formats:
        return None
    # A packet's formats may have one CRS or encoding only: the choices are those of one that has what was chosen.
    able = (key for key in formats if encoding in FORMATS[key].encodings and crs in (FORMATS[key].crs or (crs,)))
    choices = Choices(next(able, formats[0]), crs, encoding, names, schematic, nulls, fixes)
    return Wish(selection, choices, formats if is_packet else ())


def list_layers(atlas: Atlas, lang: Lang) -> dict[str, str]:
    """List every readable layer with its theme, in the order of the layer panel."""
    titles = {t["id"]: pick(dict(t), "title", lang) for t in reversed(atlas.catalog.themes)}
    return {
        e.layer_id: f"{title} · {pick(dict(e.raw), 'title', lang)}"
        for theme, title in titles.items()
        for e in reversed(atlas.catalog.entries.values())
        if e.theme == theme and e.layer_id in atlas.layers
    }


# --- what


def _choose_selection(atlas: Atlas, place: Place) -> Selection | None:
    lang = place.lang
    # Who has drawn an area means that, unless they say otherwise.
    keep(WHERE_KEY, "area" if place.area else WHERES[0])
    where = pick_one(WHERE_KEY, say("where", lang), WHERES, titles=lambda w: say(f"where_{w}", lang))
    if where == "search":
        return _choose_found(atlas, place)
    bounds = {
        "city": dict,
        "district": lambda: _choose_district(atlas, lang),
        "view": lambda: _choose_view(atlas, place),
        "area": lambda: _choose_area(atlas, place),
    }
    bound = bounds[where]()
    layer_ids = _choose_layers(atlas, place, usual="one" if where == "city" else "all")
    return Selection(layer_ids, **bound) if layer_ids and (bound or where == "city") else None


def _choose_district(atlas: Atlas, lang: Lang) -> dict:
    frame = atlas.require_layer(DISTRICTS)
    titles = dict(zip(frame["name"], frame["name_en" if lang == "en" and "name_en" in frame else "name"], strict=True))
    name = pick_from_list("gz_district", say("where_district", lang), list(titles), titles=lambda n: titles[n] or n)
    return {"district": name, "clip": _choose_clip(lang)}


def _choose_view(atlas: Atlas, place: Place) -> dict:
    if place.seen is None:
        _send_to_map(atlas, place.lang, told="view_unknown", link="view_to_map")
        return {}
    west, south, east, north = (f"{value:.3f}" for value in place.seen)
    st.caption(say("view_is", place.lang, west=west, south=south, east=east, north=north))
    return {"bbox": place.seen, "clip": _choose_clip(place.lang)}


def _choose_area(atlas: Atlas, place: Place) -> dict:
    if place.area is None:
        _send_to_map(atlas, place.lang, told="area_unknown", link="area_to_map")
        return {}
    size = say_area(find_area_m2(place.area))
    st.caption(say("area_is", place.lang, size=size, points=shapely.get_num_coordinates(place.area) - 1))
    return {"area": place.area, "clip": _choose_clip(place.lang)}


def _send_to_map(atlas: Atlas, lang: Lang, *, told: str, link: str) -> None:
    """Say what is to be done on the map first, with a link there."""
    html = format_template("hint.html", lang, told=say(told, lang), link=say(link, lang))
    show_linked(html, answer_go(atlas), key="gz_hint")


def _choose_clip(lang: Lang) -> bool:
    return pick_one("gz_clip", say("clip", lang), (False, True), titles=lambda c: say(f"clip_{str(c).lower()}", lang))


def _choose_found(atlas: Atlas, place: Place) -> Selection | None:
    """Take the features of the plan that the search lists."""
    found = [hit for hit in find_text(atlas, place.query) if hit.kind == "feature"]
    if not found:
        st.info(say("search_none", place.lang))
        return None
    st.caption(say("search_is", place.lang, q=plain(place.query), n=len(found)))
    layer_ids = {atlas.features[hit.id].layer_id for hit in found}
    ordered = tuple(i for i in atlas.layers if i in layer_ids)
    return Selection(ordered, feature_ids=frozenset(hit.id for hit in found))


def _choose_layers(atlas: Atlas, place: Place, *, usual: str) -> tuple[str, ...]:
    """Choose layers; ``usual`` is the scope for who has not chosen any yet."""
    lang, offered = place.lang, list_layers(atlas, place.lang)
    plan = tuple(e.layer_id for e in atlas.catalog.plan_entries if e.layer_id in atlas.layers)
    if not is_changed("gz_scope", "gz_layer", "gz_layers"):
        st.session_state["gz_scope"] = usual
    scope = pick_one("gz_scope", say("scope", lang), SCOPES, titles=lambda s: say(f"scope_{s}", lang, n=len(plan)))
    if scope == "all":
        return plan
    if scope == "one":
        return (pick_from_list("gz_layer", say("layer", lang), list(offered), titles=offered.get),)
    shown = place.carried.get("layers", "").split(",")
    default = [i for i in offered if i in shown and i in plan] or list(offered)[:1]
    chosen = pick_several("gz_layers", say("several_layers", lang), offered, hint=say("choose", lang), default=default)
    if not chosen:
        st.info(say("choose_layers", lang))
    return tuple(i for i in atlas.layers if i in chosen)


# --- how


def _choose_formats(lang: Lang) -> tuple[tuple[str, ...], bool]:
    kind = pick_one("gz_kind", say("kind", lang), KINDS, titles=lambda k: say(f"kind_{k}", lang))
    titles = {key: fmt.title for key, fmt in FORMATS.items()}
    if kind == "file":
        chosen = pick_one("gz_format", say("format", lang), list(FORMATS), titles=titles.get)
        st.caption(plain(_note(FORMATS[chosen], "limits_note", lang)))
        return (chosen,), False
    st.caption(say("packet_hint", lang))
    hint, default = say("choose", lang), list(DEFAULT_FORMATS)
    several = pick_several("gz_formats", say("formats", lang), titles, hint=hint, default=default)
    if not several:
        st.info(say("choose_formats", lang))
    return tuple(several), True


def _choose_crs(formats: Sequence[str], lang: Lang) -> str:
    for fmt in (FORMATS[key] for key in formats):
        if fmt.crs is not None:
            st.caption(say("crs_fixed", lang, fmt=fmt.title, crs=fmt.crs[0]))
    if formats and all(FORMATS[key].crs is not None for key in formats):
        return FORMATS[formats[0]].crs[0]
    crs = pick_one(
        "gz_crs", say("crs", lang), (*DELIVERY_CRS, OTHER), titles=lambda c: say(f"crs_{c}", lang), stacked=True
    )
    if crs != OTHER:
        return crs
    keep("gz_epsg", STORAGE_CRS.rpartition(":")[2])
    typed = st.text_input(say("epsg", lang), key="gz_epsg", max_chars=30, persist_state="session").strip()
    return f"EPSG:{typed}" if typed.isdecimal() else typed or STORAGE_CRS


def _choose_encoding(formats: Sequence[str], lang: Lang) -> str:
    offered = list(dict.fromkeys(e for key in formats for e in FORMATS[key].encodings))
    if len(offered) < 2:
        return offered[0] if offered else "utf-8"
    chosen = pick_one("gz_encoding", say("encoding", lang), offered, titles=str.upper)
    st.caption(plain(_note(ENCODINGS[chosen], "note", lang)))
    return chosen


def _choose_names(lang: Lang) -> str:
    return pick_one(
        "gz_names", say("names", lang), list(SCHEMES), titles=lambda n: SCHEMES[n][LANGS.index(lang)], stacked=True
    )


def _choose_fixes(lang: Lang) -> frozenset[str]:
    """Show the remedies that were taken, so that they can be given up."""
    if not st.session_state.get("gz_fixes"):
        return frozenset()
    titles = {fix: told[LANGS.index(lang)] for fix, told in FIXES.items()}
    return frozenset(pick_several("gz_fixes", say("fixes", lang), titles, hint=say("choose", lang)))


def _note(holder: object, name: str, lang: Lang) -> str:
    return getattr(holder, f"{name}_en" if lang == "en" else name)
