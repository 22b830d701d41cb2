"""Putting a layer of the bureau into the shared database from the page: for editors alone, asked at every step."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import streamlit as st

from gzmap.config import SITE_BYTES
from gzmap.errors import GzmapError, SiteError
from gzmap.own import OwnLayer, build_layer
from gzmap.own.identity import OWN_ID
from gzmap.signin.settings import IMPORT
from gzmap.sites import Layer, build_error, read_layers
from gzmap.ui.account import may_import
from gzmap.ui.shell import describe_error, plain
from gzmap.ui.words import LANGS, Lang, say

if TYPE_CHECKING:
    from gzmap.database import Engine, StoredTitle

MEGABYTE = 1_000_000
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
SQLITE = b"SQLite format 3\x00"
SINGLE = (".gpkg", ".geojson", ".json")
UNSAFE = re.compile(r"[^\w-]+")
STEM_CHARS = 60


def is_offered() -> bool:
    """Tell whether the page offers it: a role that may write is named, and an editor looks."""
    return bool(os.environ.get(IMPORT, "").strip()) and may_import()


def render_storing(lang: Lang) -> None:
    """Show what takes a layer for the database; nothing to those who are no editors."""
    if not is_offered():
        return
    with st.expander(say("store_title", lang)):
        st.caption(plain(say("store_intro", lang)))
        files = st.file_uploader(
            say("store_file", lang, mb=SITE_BYTES // MEGABYTE),
            accept_multiple_files=True,
            key="gz_store_files",
            max_upload_size=SITE_BYTES // MEGABYTE,
        )
        try:
            layers = read_upload({file.name: file.getvalue() for file in files}) if files else ()
        except SiteError as error:
            st.error(plain(error.zh if lang == "zh" else str(error)))
            layers = ()
        _render_form(layers, lang, called=find_stem(files[0].name) if files else "")


def _render_form(layers: tuple[Layer, ...], lang: Lang, *, called: str) -> None:
    with st.form("gz_store_form", border=False):
        names = [layer.name for layer in layers]
        chosen = st.selectbox(say("store_layer", lang), names, key="gz_store_layer") if len(layers) > 1 else None
        hint = say("store_id_hint", lang)
        layer_id = st.text_input(say("store_id", lang, hint=hint), key="gz_store_id", placeholder="own.kg2026")
        title = st.text_input(say("store_name", lang), key="gz_store_name", max_chars=60)
        replaces = st.checkbox(say("store_replace", lang), key="gz_store_replace")
        if not st.form_submit_button(say("store_button", lang), type="primary"):
            return
    wanted = [layer for layer in layers if chosen is None or layer.name == chosen]
    problem = find_problem(wanted, layer_id.strip(), lang)
    if problem:
        st.error(plain(problem))
        return
    named = title.strip() or wanted[0].name or called
    own = replace(build_layer(wanted[0], called), layer_id=layer_id.strip(), title=named)
    try:
        told = store(own, replaces=replaces, lang=lang)
    except GzmapError as error:
        st.error(plain(describe_error(error, lang)))
    else:
        st.success(plain(told))


def find_problem(layers: list[Layer], layer_id: str, lang: Lang) -> str:
    """Say why what was given cannot be put in; empty where it can."""
    if not may_import():
        return say("store_refused", lang)
    if not layers:
        return say("store_none", lang)
    if not OWN_ID.fullmatch(layer_id):
        return say("store_bad_id", lang, id=layer_id, hint=say("store_id_hint", lang))
    return ""


def read_upload(files: Mapping[str, bytes]) -> tuple[Layer, ...]:
    """Read what was handed over: one GeoPackage or GeoJSON, or the files of one Shapefile.

    Unlike a file that lies on our disk, it is made sure to be what its name says before GDAL sees it: other kinds can
    name files of the server or addresses elsewhere, and have them read.

    Parameters
    ----------
    files
        Contents by name.

    Raises
    ------
    SiteError
        If it is something else, too large, or cannot be read.
    """
    suffixes = {PurePosixPath(name).suffix.lower(): content for name, content in files.items()}
    first = next(iter(files))
    size = sum(map(len, files.values()))
    if size > SITE_BYTES:
        facts = {"size_mb": f"{size / MEGABYTE:.1f}", "limit_mb": SITE_BYTES // MEGABYTE}
        raise build_error("too-large", name=first, **facts)
    main = next((suffix for suffix in (".shp", *SINGLE) if suffix in suffixes), "")
    is_whole = set(suffixes) <= set(PARTS) if main == ".shp" else len(files) == 1
    if not main or not is_whole or len(suffixes) != len(files):
        zh, en = (say("store_mixed", lang) for lang in LANGS)
        raise SiteError("store-mixed", "These files are no layer.", "这些文件不是一个图层。", remedy=en, remedy_zh=zh)
    if main == ".gpkg" and not suffixes[main].startswith(SQLITE):
        raise build_error("content-broken", name=first, kind="GeoPackage", reason="SQLite")
    stem = find_stem(first)
    with tempfile.TemporaryDirectory(prefix="gzmap-") as folder:
        for suffix, content in suffixes.items():
            (Path(folder) / f"{stem}{suffix}").write_bytes(content)
        return read_layers(Path(folder) / f"{stem}{main}")


def find_stem(name: str) -> str:
    """Give a file's name without its suffix as it may stand on our disk: letters of any script, figures, ``-``."""
    return UNSAFE.sub("_", PurePosixPath(name).stem)[:STEM_CHARS] or "_"


def store(layer: OwnLayer, *, replaces: bool, lang: Lang) -> str:
    """Put a layer into the database, readable by the role of the servers, or by who could read the one it replaces.

    Raises
    ------
    GzmapError
        If whoever asks is no editor now, the id belongs to another layer that is to stay, or the database refuses.
    """
    if not may_import():
        zh, en = (say("store_refused", lang) for lang in LANGS)
        raise GzmapError(en, zh=zh)
    # Imported here: what speaks to databases takes a while to load, and most projects are files.
    from gzmap.database import find_role, import_own, open_engine  # noqa: PLC0415

    engine = open_engine(os.environ[IMPORT], answer_ms=0)
    try:
        known = _find_known(engine, layer.layer_id)
        if known is not None and not replaces:
            zh, en = (say("store_exists", lang, id=layer.layer_id, title=known.title) for lang in LANGS)
            raise GzmapError(en, zh=zh)
        readers = known.readers if known is not None else (find_role(os.environ["GZMAP_DATABASE_URL"]),)
        import_own(engine, layer, readers=readers, replaces=known is not None)
    finally:
        engine.dispose()
    return say("store_done", lang, title=layer.title, id=layer.layer_id, n=len(layer.frame))


def _find_known(engine: Engine, layer_id: str) -> StoredTitle | None:
    from gzmap.database import list_own  # noqa: PLC0415 - as above

    return next((title for title in list_own(engine) if title.layer_id == layer_id), None)
