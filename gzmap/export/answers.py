"""Answers about areas and pairs as tables, and these as a workbook or CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gzmap.atlas import Atlas
from gzmap.document import format_display
from gzmap.export.answer_words import (
    CERTAINTIES,
    LOOSE,
    PAIR_RELATIONS,
    RELATIONS,
    SCHEMATIC,
    STATUSES,
    UNITS,
    WIDE,
    list_area_lead,
)
from gzmap.export.lists import Lang, choose, export_lists, find_edition_day
from gzmap.export.sheets import split_long
from gzmap.export.tables import Table, build_table
from gzmap.query import AreaAnswer, Evidence, Overlap, Pair

KM_DECIMALS, PERCENT_DECIMALS = 4, 2
"""Of km and km² (100 m²) and of percentages, in files."""

FEATURE = (
    ("id", "text", "编号", "Id"),
    ("name", "text", "名称", "Name"),
    ("layer", "text", "图层", "Layer"),
    ("category", "text", "类别", "Category"),
    ("status", "text", "状态", "Status"),
)
"""Heads that name a feature: the same in every workbook."""

FEATURES = (
    *FEATURE,
    ("relation", "text", "关系", "Relation"),
    ("certainty", "text", "是否涉及", "Certainty"),
    ("sketch", "text", "精度提示", "Precision"),
    ("accuracy_m", "real", "误差(m)", "Accuracy (m)"),
    ("measure", "real", "重叠", "Shared"),
    ("unit", "text", "单位", "Unit"),
    ("share", "real", "占该要素(%)", "Of the feature (%)"),
    ("cover", "real", "占范围(%)", "Of the area (%)"),
    ("own", "text", "来自", "From"),
    ("sentence", "text", "纲要原文", "Words of the plan"),
    ("place", "text", "原文位置", "Place in the plan"),
)
SENTENCES = (
    ("id", "text", "编号", "Id"),
    ("name", "text", "名称", "Name"),
    ("role", "text", "作用", "Role"),
    ("sentence", "text", "纲要原文", "Words of the plan"),
    ("place", "text", "原文位置", "Place in the plan"),
    ("para_id", "text", "段落编号", "Paragraph"),
)
TOTALS = (
    ("layer", "text", "图层", "Layer"),
    ("status", "text", "状态", "Status"),
    ("count", "integer", "要素", "Features"),
    ("certain", "integer", "其中确定", "Certain"),
    ("wide", "integer", "其中片区层面", "Roughly known"),
    ("km2", "real", "重叠面积(km²)", "Shared area (km²)"),
    ("km", "real", "重叠长度(km)", "Shared length (km)"),
    ("own", "text", "来自", "From"),
)
DISTRICTS = (
    ("district", "text", "区", "District"),
    ("km2", "real", "面积(km²)", "Area (km²)"),
    ("share", "real", "占范围(%)", "Of the area (%)"),
)
UNLOCATED = (
    ("id", "text", "编号", "Id"),
    ("name", "text", "名称", "Name"),
    ("layer", "text", "图层", "Layer"),
    ("district", "text", "所在区", "District"),
    ("notes", "text", "未能落位的缘由", "Why it is not located"),
)
PAIRS = (
    ("a_id", "text", "A 编号", "A id"),
    ("a_name", "text", "A 名称", "A name"),
    ("a_layer", "text", "A 图层", "A layer"),
    ("relation", "text", "关系", "Relation"),
    ("b_id", "text", "B 编号", "B id"),
    ("b_name", "text", "B 名称", "B name"),
    ("b_layer", "text", "B 图层", "B layer"),
    ("certainty", "text", "确定性", "Certainty"),
    ("sketch", "text", "精度提示", "Precision"),
    ("distance_m", "real", "距离(m)", "Distance (m)"),
    ("measure", "real", "共有", "Shared"),
    ("unit", "text", "单位", "Unit"),
    ("share", "real", "占 A(%)", "Of A (%)"),
    ("cover", "real", "占 B(%)", "Of B (%)"),
)
ROLES = {"evidence": ("依据", "evidence"), "mention": ("提及", "mention")}
ORIGINS = {False: ("纲要", "the plan"), True: ("本单位图层", "layer of one's own")}


def export_area(
    atlas: Atlas, answer: AreaAnswer, path: Path, *, place: str = "", review_number: str = "", lang: Lang = "zh"
) -> Path:
    """Write an answer about an area: all its tables as ``.xlsx``, the features alone as ``.csv``.

    Parameters
    ----------
    atlas
        Whose titles and words are written.
    answer
        Of `find_in_area`.
    path
        Target file, in a folder that exists.
    place, review_number, lang
        As `list_area_lead`.

    Raises
    ------
    ExportError
        As `export_lists`.
    """
    tables = build_area_tables(atlas, answer, lang=lang)
    lead = list_area_lead(atlas, answer, place=place, review_number=review_number, lang=lang)
    return _export(atlas, tables, path, lead=lead, lang=lang)


def export_pairs(
    atlas: Atlas,
    pairs: Sequence[Pair],
    path: Path,
    *,
    lead: Sequence[str],
    own_titles: Mapping[str, str] | None = None,
    lang: Lang = "zh",
) -> Path:
    """Write pairs as ``.xlsx`` or ``.csv``.

    Parameters
    ----------
    atlas
        Whose titles are written.
    pairs
        Of `find_between`.
    path
        Target file, in a folder that exists.
    lead
        Lines above the table, of `list_pair_lead`.
    own_titles
        Titles of the planner's own layers by their ids.
    lang
        Language of the file.

    Raises
    ------
    ExportError
        As `export_lists`.
    """
    table = build_pair_table(atlas, pairs, own_titles=own_titles or {}, lang=lang)
    return _export(atlas, (table,), path, lead=lead, lang=lang)


def _export(atlas: Atlas, tables: Sequence[Table], path: Path, *, lead: Sequence[str], lang: Lang) -> Path:
    is_csv = path.suffix.lower() == ".csv"
    chosen = tables[:1] if is_csv else [split_long(table) for table in tables if table.size or table is tables[0]]
    return export_lists(chosen, path, title=lead[0], day=find_edition_day(atlas), lang=lang, lead=lead)


def build_area_tables(atlas: Atlas, answer: AreaAnswer, *, lang: Lang = "zh") -> tuple[Table, ...]:
    """Build the tables of an answer: features, sentences, totals, districts, what is not located; some may be empty."""
    titles = {i: choose((e.title, e.title_en), lang) for i, e in atlas.catalog.entries.items()} | {**answer.own_titles}
    features = [_feature_row(atlas, row, titles, lang=lang) for row in answer.rows]
    sentences = [line for row in answer.rows for line in _sentence_rows(atlas, row, lang)]
    totals = [
        (
            *(titles[t.layer_id], choose(STATUSES.get(t.status, (t.status,) * 2), lang)),
            *(t.count, t.certain, t.wide, round(t.km2, KM_DECIMALS), round(t.km, KM_DECIMALS)),
            choose(ORIGINS[t.own], lang),
        )
        for t in answer.totals
    ]
    districts = [(d.name, round(d.km2, KM_DECIMALS), _percent(d.share)) for d in answer.districts]
    missing = [atlas.features[i] for i in answer.unlocated]
    unlocated = [
        (f.feature_id, f.name, titles[f.layer_id], *(str(f.properties.get(k) or "") for k in ("district", "notes")))
        for f in missing
    ]
    made = (
        ("features", ("涉及要素", "Features"), FEATURES, features),
        ("sentences", ("纲要原文", "Words of the plan"), SENTENCES, sentences),
        ("totals", ("汇总", "Totals"), TOTALS, totals),
        ("districts", ("所在区", "Districts"), DISTRICTS, districts),
        ("unlocated", ("所在区内未能落位", "Not located"), UNLOCATED, unlocated),
    )
    return tuple(
        build_table(name, choose(title, lang), "", heads=heads, rows=rows) for name, title, heads, rows in made
    )


def _feature_row(atlas: Atlas, row: Overlap, titles: Mapping[str, str], *, lang: Lang) -> tuple:
    entry = atlas.catalog.entries.get(row.layer_id)
    category = (entry.categories.get(row.category) if entry else None) or {}
    told = row.evidence[:1]
    said = {} if row.own else atlas.features[row.feature_id].properties
    sketch = WIDE if row.wide else SCHEMATIC if said.get("method") == "schematic" else ("", "")
    return (
        *(row.feature_id, row.name, titles[row.layer_id]),
        choose((category.get("title", row.category), category.get("title_en", row.category)), lang),
        choose(STATUSES.get(row.status, (row.status, row.status)), lang),
        choose(RELATIONS[row.relation], lang) + (choose(LOOSE, lang) if row.loose else ""),
        *(choose(CERTAINTIES[row.certainty], lang), choose(sketch, lang), said.get("accuracy_m")),
        *_cells(row),
        choose(ORIGINS[row.own], lang),
        *("".join(quote_sentence(atlas, e) for e in told), "".join(format_place(e) for e in told)),
    )


def _sentence_rows(atlas: Atlas, row: Overlap, lang: Lang) -> list[tuple]:
    told = {(e.para_id, e.sentence): e for e in reversed(row.evidence)}
    return [
        (row.feature_id, row.name, choose(ROLES[e.role], lang), quote_sentence(atlas, e), format_place(e), e.para_id)
        for e in reversed(told.values())
    ]


def build_pair_table(atlas: Atlas, pairs: Sequence[Pair], *, own_titles: Mapping[str, str], lang: Lang = "zh") -> Table:
    """Build a table with a row per pair, in the order given."""
    titles = {i: choose((e.title, e.title_en), lang) for i, e in atlas.catalog.entries.items()} | {**own_titles}
    rows = [
        (
            *(p.a_id, p.a_name, titles[p.a_layer], choose(PAIR_RELATIONS[p.relation], lang)),
            *(p.b_id, p.b_name, titles[p.b_layer], choose(CERTAINTIES[p.certainty], lang)),
            *(choose(WIDE, lang) if p.wide else "", p.distance_m, *_cells(p)),
        )
        for p in pairs
    ]
    return build_table("pairs", choose(("图层间关系", "Pairs"), lang), "", heads=PAIRS, rows=rows)


def _cells(row: Overlap | Pair) -> tuple[float | None, str, float | None, float | None]:
    """Give what is shared, its unit and its parts; empty where nothing is."""
    if not row.measure:
        return None, "", None, None
    return round(row.measure, KM_DECIMALS), UNITS[row.unit], _percent(row.share), _percent(row.cover)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, PERCENT_DECIMALS)


def quote_sentence(atlas: Atlas, words: Evidence) -> str:
    """Give the sentence around words of the plan, as it is read."""
    start, end = words.sentence
    return format_display(atlas.document.passages[words.para_id][start:end])


def format_place(words: Evidence) -> str:
    """Give the titles of the chapter and section in which words stand."""
    return format_display(" › ".join(filter(None, (words.chapter, words.section))))
