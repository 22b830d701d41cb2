"""The workbook of a screening: what was found, feature by feature, and the parcels that could not be screened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gzmap.atlas import Atlas
from gzmap.config import AREA_TITLE
from gzmap.export.answer_words import CERTAIN, MEASURES, STATUSES, list_basis
from gzmap.export.answers import FEATURE, KM_DECIMALS, format_place, quote_sentence
from gzmap.export.lists import Lang, choose, export_lists, find_edition_day
from gzmap.export.sheets import split_long
from gzmap.export.tables import Table, build_table
from gzmap.query import find_evidence
from gzmap.screen import LISTED, Summary

NUMBERS = (("what", "text", "项目", "What"), ("count", "integer", "宗数", "Parcels"))
FEATURES = (
    *FEATURE,
    ("parcels", "integer", "涉及宗数", "Parcels"),
    ("certain", "integer", "其中确定", "Certain"),
    ("km2", "real", "重叠面积(km²)", "Shared area (km²)"),
    ("km", "real", "重叠长度(km)", "Shared length (km)"),
    ("sentence", "text", "纲要原文", "Words of the plan"),
    ("place", "text", "原文位置", "Place in the plan"),
    ("para_id", "text", "段落编号", "Paragraph"),
)
PROBLEMS = (
    ("parcel", "integer", "序号", "Number"),
    ("label", "text", "地块", "Parcel"),
    ("code", "text", "代码", "Code"),
    ("zh", "text", "未能核查的缘由", "Why (Chinese)"),
    ("en", "text", "英文说明", "Why it was not screened"),
)
ABOUT = ("地块：{}，共 {} 宗。", "Parcels: {}, {} in all.")
REST = ("另有 {} 宗未列出。", "{} more are not listed.")
SAID = (
    ("涉及纲要要素", "touching a feature of the plan"),
    ("其中确定涉及", "of them certainly"),
    ("不涉及", "touching none"),
    ("未能核查", "not screened"),
    ("边界自动修复", "with a mended outline"),
)


def export_summary(
    atlas: Atlas, summary: Summary, path: Path, *, name: str, review_number: str = "", lang: Lang = "zh"
) -> Path:
    """Write the summary of a screening as a workbook.

    Parameters
    ----------
    atlas
        Whose titles and words are written.
    summary
        What was found.
    path
        Target file, ending in ``.xlsx``, in a folder that exists.
    name
        What the parcels are called.
    review_number
        The map review number (审图号); empty while there is none.
    lang
        Language of titles and heads.

    Raises
    ------
    ExportError
        If it cannot be written.
    """
    source, review = list_basis(atlas, review_number=review_number, lang=lang)
    about = choose(ABOUT, lang).format(name, summary.parcels)
    lead = [choose(AREA_TITLE, lang), about, source, choose(MEASURES, lang), choose(CERTAIN, lang), review]
    if summary.problems.total() > LISTED:
        lead.append(choose(REST, lang).format(summary.problems.total() - LISTED))
    tables = [split_long(table) for table in build_tables(atlas, summary, lang) if table.size]
    return export_lists(tables, path, title=lead[0], day=find_edition_day(atlas), lang=lang, lead=lead)


def build_tables(atlas: Atlas, summary: Summary, lang: Lang) -> Iterator[Table]:
    """Build the sheets: numbers, features, parcels that were not screened; some may be empty."""
    counts = (summary.touched, summary.certain, summary.untouched, summary.problems.total(), summary.repaired)
    numbers = [(choose(said, lang), count) for said, count in zip(SAID, counts, strict=True)]
    yield build_table("numbers", choose(("汇总", "Summary"), lang), "", heads=NUMBERS, rows=numbers)
    rows = list(_list_features(atlas, summary, lang))
    yield build_table("features", choose(("涉及要素", "Features"), lang), "", heads=FEATURES, rows=rows)
    title = choose(("未能核查", "Not screened"), lang)
    yield build_table("problems", title, "", heads=PROBLEMS, rows=[tuple(problem) for problem in summary.listed])


def _list_features(atlas: Atlas, summary: Summary, lang: Lang) -> Iterator[tuple]:
    for feature_id, met in summary.features.items():
        feature = atlas.require_feature(feature_id)
        entry = atlas.entry_of(feature)
        category, status = (str(feature.properties.get(key) or "") for key in ("category", "status"))
        titles = entry.categories.get(category) or {}
        words = find_evidence(atlas, feature_id)
        yield (
            *(feature_id, feature.name, choose((entry.title, entry.title_en), lang)),
            choose((titles.get("title", category), titles.get("title_en", category)), lang),
            choose(STATUSES.get(status, (status, status)), lang),
            *(
                met.parcels,
                met.certain,
                round(met.overlap_m2 / 1e6, KM_DECIMALS),
                round(met.overlap_m / 1e3, KM_DECIMALS),
            ),
            *("".join(quote_sentence(atlas, e) for e in words[:1]), "".join(format_place(e) for e in words[:1])),
            "|".join(dict.fromkeys(e.para_id for e in words)),
        )
