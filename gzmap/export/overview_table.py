"""The districts at a glance (各区一览) as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from gzmap.atlas import Atlas
from gzmap.export.answer_words import list_basis
from gzmap.export.lists import Lang, build_note_table, choose, export_lists, find_edition_day
from gzmap.export.tables import Table, build_table
from gzmap.query.accounts import CITYWIDE, OUTSIDE
from gzmap.query.overview import KINDS, WHOLE, Overview, Scope, count_districts
from gzmap.query.shares import LEAST_M

TITLE = ("各区一览", "Districts at a glance")
HEADS = (
    ("place", "text", "区", "District"),
    ("kind", "text", "统计层次", "Counted by"),
    ("scope_id", "text", "编号", "Id"),
    ("scope", "text", "主题、图层组或图层", "Theme, group or layer"),
    ("features", "integer", "要素", "Features"),
    ("located", "integer", "已落位", "Located"),
    ("schematic", "integer", "其中示意", "Of these schematic"),
    ("named", "integer", "写明所在区", "Named"),
    ("unlocated", "integer", "未落位", "Not located"),
    ("km", "real", "长度合计(km)", "Length, added up (km)"),
    ("net_km", "real", "长度，重叠计一次(km)", "Length, shared counted once (km)"),
    ("km2", "real", "面积合计(km²)", "Area, added up (km²)"),
    ("net_km2", "real", "面积，重叠计一次(km²)", "Area, shared counted once (km²)"),
    ("own_km2", "real", "区的面积(km²)", "Area of the district (km²)"),
)
DECIMALS = {"km": 1, "net_km": 1, "km2": 2, "net_km2": 2}

KIND_TITLES = {
    "all": ("全部图层", "All layers"),
    "theme": ("主题", "Theme"),
    "group": ("图层组", "Group"),
    "layer": ("图层", "Layer"),
}
PLACE_TITLES = {
    OUTSIDE: ("市外", "Outside the city"),
    CITYWIDE: ("全市", "Citywide"),
    WHOLE: ("合计（每个要素计一次）", "Whole (each feature once)"),
}
REPEATS = ("各行之和多出（重复计）", "By how much the rows together exceed it (repeats)")

NOTES = (
    (
        "一个要素涉及几个区的，在各区都计一次，长度和面积只计落在该区的部分；各行要素数之和因此大于合计，多出的数在最后一行。",
        "A feature of several districts counts in each, with the part that is drawn there; so the rows together have "
        "more features than the whole, by what the last row tells.",
    ),
    (
        "“已落位”按图形与区界相交计；不足 {least} 米（面积不足其平方）的碎边不算一个要素，长度和面积照计。",
        "Located: the drawing reaches into the district by {least} m or more (areas: by its square); a smaller sliver "
        "makes no feature there, but counts in length and area.",
    ),
    (
        "“写明所在区”按要素的“所在区”属性计，包括未落位的。",
        "Named: the property district names it, drawn or not.",
    ),
    (
        "“全市”是没有落位、也没有写明某一区（或写明各区）的要素；“市外”是区界以外的部分，包括珠江口水面。",
        "Citywide: not drawn, and named for no district or for all. Outside the city: what is drawn beyond the "
        "districts, the estuary too.",
    ),
    (
        "长度、面积在 WGS 84 椭球面上量算，按区界裁剪；沿区界的线在两侧都计，多出的数在最后一行；面积之和等于合计。",
        "Lengths and areas are measured on the WGS 84 ellipsoid, cut at the districts' borders; a line along a border "
        "between districts counts on both sides (last row); areas add up to the whole.",
    ),
    (
        "“重叠计一次”把几个要素共有的线和面只计一次。示意要素的长度和面积不可当作实际规模。",
        "Shared counted once: what several features have in common is measured once. Lengths and areas of schematic "
        "features are no real sizes.",
    ),
)


def build_overview_table(atlas: Atlas, overview: Overview, *, kinds: Iterable[str] = KINDS, lang: Lang = "zh") -> Table:
    """Build one table with a row per place and scope, then the whole and the repeats of each scope.

    Parameters
    ----------
    atlas
        Whose titles are written.
    overview
        Of `count_districts`.
    kinds
        Which kinds of scopes, some of `gzmap.query.overview.KINDS`.
    lang
        Language of the values.
    """
    wanted = tuple(kinds)
    named = KIND_TITLES[wanted[0]] if len(wanted) == 1 else TITLE
    rows = [
        row
        for scope in overview.scopes
        if scope.kind in wanted
        for row in _list_rows(atlas, overview, scope, lang=lang)
    ]
    return build_table(
        "_".join(("overview", *wanted[:1])), choose(named, lang), choose(TITLE, lang), heads=HEADS, rows=rows
    )


def build_overview_tables(atlas: Atlas, overview: Overview, *, lang: Lang = "zh") -> tuple[Table, ...]:
    """Build a table for each kind of scope, and one that explains the numbers."""
    tables = (build_overview_table(atlas, overview, kinds=(kind,), lang=lang) for kind in KINDS)
    return (*tables, build_note_table(list_overview_notes(lang), lang=lang))


def export_overview(atlas: Atlas, path: Path, *, review_number: str = "", lang: Lang = "zh") -> Path:
    """Write the districts at a glance: a workbook with a sheet per kind of scope, or all rows as CSV.

    The sheets tell the edition and what the map is not; CSV is for programs and has nothing above its head.

    Parameters
    ----------
    atlas
        Whose districts.
    path
        Target file, in a folder that exists; it ends in ``.xlsx`` or ``.csv``.
    review_number
        The map review number (审图号); empty while there is none.
    lang
        Language of the file.

    Returns
    -------
    Path
        The path as given.

    Raises
    ------
    ExportError
        As `export_lists`.
    NotFoundError, CatalogError
        As `count_districts`.
    """
    found = count_districts(atlas)
    if path.suffix.lower() == ".csv":
        return export_lists((build_overview_table(atlas, found, lang=lang),), path, title="", lang=lang)
    return export_lists(
        build_overview_tables(atlas, found, lang=lang),
        path,
        title=choose(TITLE, lang),
        day=find_edition_day(atlas),
        lang=lang,
        lead=(choose(TITLE, lang), *list_basis(atlas, review_number=review_number, lang=lang)),
    )


def list_overview_notes(lang: Lang = "zh") -> tuple[str, ...]:
    """List what explains the numbers, a sentence each."""
    return tuple(choose(note, lang).format(least=f"{LEAST_M:.0f}") for note in NOTES)


def find_scope_title(atlas: Atlas, scope: Scope, lang: Lang = "zh") -> str:
    """Find the title of a scope."""
    if scope.kind == "theme":
        raw = next(theme for theme in atlas.catalog.themes if theme["id"] == scope.id)
    elif scope.kind == "group":
        raw = next(group for group in atlas.catalog.groups if group.group_id == scope.id).titles
    elif scope.kind == "layer":
        raw = atlas.catalog.entries[scope.id].raw
    else:
        return choose(KIND_TITLES["all"], lang)
    return choose((raw["title"], raw["title_en"]), lang)


def find_place_title(place: str, lang: Lang = "zh") -> str:
    """Find the title of a place: a district is called by its name."""
    return choose(PLACE_TITLES.get(place, (place, place)), lang)


def _list_rows(atlas: Atlas, overview: Overview, scope: Scope, *, lang: Lang) -> Iterator[tuple]:
    about = (choose(KIND_TITLES[scope.kind], lang), scope.id, find_scope_title(atlas, scope, lang))
    keys = [head[0] for head in HEADS[4:-1]]
    for place in (*overview.places, WHOLE):
        tally = overview.tally(place, scope.kind, scope.id)
        numbers = (_round(key, getattr(tally, key)) for key in keys)
        own = overview.area_km2.get(place)
        yield (find_place_title(place, lang), *about, *numbers, None if own is None else round(own, 2))
    repeats = overview.count_repeats(scope.kind, scope.id)
    yield (choose(REPEATS, lang), *about, *(_round(key, getattr(repeats, key, None)) for key in keys), None)


def _round(key: str, number: float | None) -> float | None:
    # A rest of rounding below zero would be written as -0.0.
    return number if number is None or key not in DECIMALS else round(number, DECIMALS[key]) + 0.0
