"""What a visitor brings to be asked about: read in memory, held for the session, in no address and on no disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
import streamlit as st
from shapely.geometry.base import BaseGeometry

from gzmap.config import SITE_BYTES, SITE_TEXT_BYTES
from gzmap.errors import SiteError
from gzmap.query import find_district_areas
from gzmap.sites import SITE_CRS, Site, parse_site, read_site
from gzmap.ui.areas import MOST_POINTS, check_area
from gzmap.ui.shell import plain
from gzmap.ui.state import clear_area, current, move, open_here
from gzmap.ui.widgets import check, keep
from gzmap.ui.words import LANGS, Lang, say

SITE_KEY = "gz_site"
MEGABYTE = 1_000_000
FIRST_OFF_DEG, WORST_OFF_DEG = 1e-5, 0.02
"""How far the outline on the map may be simplified, in degrees: from a metre to two kilometres."""


@dataclass(frozen=True)
class Brought:
    """What was read: the site, how it was given (``file`` or ``coords``), and what to say of its outline on the map."""

    site: Site
    of: str
    remark: tuple[str, int]


def render_bringing(of: str, lang: Lang) -> Brought | None:
    """Show what takes a file or pasted text, and what is wrong with it; give what was read last."""
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        crs = _choose_crs(lang)
    with right:
        repair = _choose_repair(lang)
    given = _take_file(lang) if of == "file" else _take_text(lang)
    if given is not None:
        _read(given, crs, of=of, repair=repair)
    brought = st.session_state.get(SITE_KEY)
    if brought is None or brought.of != of:
        return None
    _tell(brought, lang)
    return brought


def _choose_crs(lang: Lang) -> str:
    keep("gz_site_crs", "", ("", *SITE_CRS).__contains__)
    title = say("site_crs_label", lang)
    known = {"": "site_crs_said", "EPSG:4326": "site_crs_4326", "GCJ-02": "site_crs_gcj"}
    told = {code: say(key, lang) for code, key in known.items()}
    other = {code: say("site_crs_other", lang, code=code) for code in SITE_CRS}
    return st.selectbox(
        title,
        ["", *SITE_CRS],
        format_func=lambda code: told.get(code) or other[code],
        key="gz_site_crs",
        persist_state="session",
    )


def _choose_repair(lang: Lang) -> bool:
    keep("gz_site_repair", False)
    return check("gz_site_repair", say("repair_label", lang))


def _take_file(lang: Lang) -> tuple[bytes, str] | None:
    number = st.session_state.setdefault("gz_site_number", 0)
    note = say("file_kept", lang, mb=SITE_BYTES // MEGABYTE)
    # What else is no site is refused by its content, with a remedy; the suffixes only help to choose.
    # Twice the limit: what is a little too large is told in the language of the page, by ourselves.
    most_mb = 2 * SITE_BYTES // MEGABYTE
    key = f"gz_site_file_{number}"
    file = st.file_uploader(say("file_label", lang), key=key, on_change=_forget_site, max_upload_size=most_mb)
    st.caption(plain(note))
    return None if file is None else (file.getvalue(), file.name)


def _take_text(lang: Lang) -> tuple[bytes, str] | None:
    with st.form("gz_site_form", border=False):
        text = st.text_area(say("coords_label", lang), key="gz_site_text", height=150)
        st.form_submit_button(say("ask_button", lang), type="primary")
    st.caption(plain(say("file_kept", lang, mb=SITE_TEXT_BYTES // MEGABYTE)))
    return (text.encode(), "") if text.strip() else None


def _read(given: tuple[bytes, str], crs: str, *, of: str, repair: bool) -> None:
    """Read what was given, once for each choice; what is wrong is said, with buttons for the CRS that would fit."""
    data, name = given
    asked = (hash(data), name, crs, repair)
    if st.session_state.get("gz_site_asked") == asked and st.session_state.get(SITE_KEY) is not None:
        return
    st.session_state.gz_site_asked = asked
    try:
        choices = {"crs": crs, "repair": repair, "outlines": find_district_areas(open_here())}
        site = read_site(data, name, **choices) if name else parse_site(data.decode(), **choices)
    except SiteError as error:
        _forget_site()
        _tell_error(error, current().lang)
        return
    outline, remark = build_outline(site.geometry)
    st.session_state[SITE_KEY] = Brought(site, of, remark)
    panel, bbox = "area" if outline else "intro", tuple(map(float, site.geometry.bounds))
    move(area=outline, brought=outline is not None, refused=(), panel=panel, feature="", picks=())
    move(bbox=bbox, focus=current().focus + 1)


def _tell_error(error: SiteError, lang: Lang) -> None:
    st.error(plain(error.zh if lang == "zh" else str(error)))
    for code in error.suggestions:
        st.button(say("read_as", lang, crs=code), key=f"gz_read_as_{code}", on_click=_choose, args=(code,))


def _choose(code: str) -> None:
    st.session_state.gz_site_crs = code


def _tell(brought: Brought, lang: Lang) -> None:
    """Say what was read and what to know of it, and offer to let it go."""
    site = brought.site
    st.success(plain(say("site_read", lang, title=find_title(site, lang), crs=site.crs)))
    for note in site.notes:
        st.info(plain((note.zh, note.en)[LANGS.index(lang)]))
    key, number = brought.remark
    if key:
        st.info(plain(say(key, lang, n=number)))
    st.button(say("site_forget", lang), key="gz_site_forget", on_click=forget)


def find_title(site: Site, lang: Lang) -> str:
    """Give what a site is called."""
    return site.title or say("site_unnamed", lang)


def _forget_site() -> None:
    st.session_state[SITE_KEY] = None
    if current().brought:
        clear_area()


def forget() -> None:
    """Let go of what was brought, the file and the text included."""
    _forget_site()
    st.session_state.gz_site_number = st.session_state.get("gz_site_number", 0) + 1
    st.session_state.gz_site_text = ""


def build_outline(geometry: BaseGeometry) -> tuple[shapely.Polygon | None, tuple[str, int]]:
    """Make an outline that the map can show of an area.

    Parameters
    ----------
    geometry
        A valid Polygon or MultiPolygon in degrees.

    Returns
    -------
    tuple
        The outer line of its largest part with at most `MOST_POINTS` vertices, None where that is too far or too small
        for the map; and a phrase key with a number, empty where the outline is the area itself.
    """
    parts: Sequence[shapely.Polygon] = shapely.get_parts(geometry).tolist()
    largest = max(parts, key=lambda part: part.area)
    whole = shapely.Polygon(largest.exterior)
    off, shape = FIRST_OFF_DEG, whole
    while shapely.get_num_coordinates(shape) > MOST_POINTS and off <= WORST_OFF_DEG:
        shape, off = shapely.simplify(whole, off), off * 2
    outline, _ = check_area(shapely.get_coordinates(shape.exterior).tolist())
    if outline is None:
        return None, ("outline_none", 0)
    if len(parts) > 1 or largest.interiors:
        return outline, ("outline_part", len(parts))
    is_simple = shape is not whole
    return outline, ("outline_simple", shapely.get_num_coordinates(outline) - 1) if is_simple else ("", 0)
