"""The inventory (清单) as a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gzmap.atlas import Atlas
from gzmap.export.answer_words import STATUSES, list_basis
from gzmap.export.lists import Lang, choose, export_lists, find_edition_day
from gzmap.export.tables import Table, build_table
from gzmap.query.inventory import Claim

TITLE = ("清单", "Inventory")
HEADS = (
    ("feature_id", "text", "编号", "Id"),
    ("name", "text", "名称", "Name"),
    ("theme", "text", "主题", "Theme"),
    ("layer", "text", "图层", "Layer"),
    ("category", "text", "类别", "Category"),
    ("status", "text", "状态", "Status"),
    ("districts", "text", "所在区", "Districts"),
    ("located", "text", "落位", "Located"),
    ("method", "text", "落图方法", "Method"),
    ("accuracy_m", "real", "误差(m)", "Accuracy (m)"),
    ("role", "text", "引文类型", "Role"),
    ("exact", "text", "原文用词", "Words"),
    ("sentence", "text", "原文句子", "Sentence"),
    ("chapter", "text", "章", "Chapter"),
    ("section", "text", "节", "Section"),
    ("para_id", "text", "段落编号", "Paragraph"),
    ("start", "integer", "起", "Start"),
    ("end", "integer", "止", "End"),
)
WORDS = {
    **STATUSES,
    "official": ("官方数据", "official data"),
    "digitized": ("对照资料人工描绘", "digitised by hand"),
    "geocoded": ("按地址或地名定点", "geocoded"),
    "derived": ("由其他数据推导", "derived from other data"),
    "schematic": ("示意", "schematic"),
    "evidence": ("依据", "evidence"),
    "mention": ("提及", "mention"),
    "": ("", ""),
}
LOCATED = {True: ("是", "yes"), False: ("否", "no")}


def build_inventory_table(atlas: Atlas, claims: Iterable[Claim], *, lang: Lang = "zh") -> Table:
    """Build a table with a row per claim, in the order given.

    Parameters
    ----------
    atlas
        Whose titles are written.
    claims
        Of `list_claims`.
    lang
        Language of the values; names and the plan's words are Chinese.
    """
    note = choose(("要素与原文逐处对照", "Every feature with every place in the text that names it"), lang)
    themes = {theme["id"]: choose((theme["title"], theme["title_en"]), lang) for theme in atlas.catalog.themes}
    rows = [_row(atlas, claim, themes.get(claim.theme, claim.theme), lang=lang) for claim in claims]
    return build_table("inventory", choose(TITLE, lang), note, heads=HEADS, rows=rows)


def export_inventory(
    atlas: Atlas, claims: Iterable[Claim], path: Path, *, review_number: str = "", lang: Lang = "zh"
) -> Path:
    """Write claims as a workbook or CSV.

    The sheet tells the edition and what the map is not; CSV is for programs and has nothing above its head.

    Parameters
    ----------
    atlas
        Whose claims.
    claims
        Of `list_claims`; written in the order given.
    path
        Target file, in a folder that exists; it ends in ``.xlsx`` or ``.csv``.
    review_number
        The map review number (审图号); empty while there is none.
    lang
        Language of the file; names and the plan's words are Chinese.

    Returns
    -------
    Path
        The path as given.

    Raises
    ------
    ExportError
        As `export_lists`.
    """
    lead = (choose(TITLE, lang), *list_basis(atlas, review_number=review_number, lang=lang))
    return export_lists(
        (build_inventory_table(atlas, claims, lang=lang),),
        path,
        title=choose(TITLE, lang),
        day=find_edition_day(atlas),
        lang=lang,
        lead=() if path.suffix.lower() == ".csv" else lead,
    )


def _row(atlas: Atlas, claim: Claim, theme: str, *, lang: Lang) -> tuple:
    entry = atlas.catalog.entries[claim.layer]
    category = entry.categories.get(claim.category, {"title": claim.category, "title_en": claim.category})
    return (
        *(claim.feature_id, claim.name, theme, choose((entry.title, entry.title_en), lang)),
        *(choose((category["title"], category["title_en"]), lang), say_value(claim.status, lang)),
        *("|".join(claim.districts), choose(LOCATED[claim.located], lang), say_value(claim.method, lang)),
        *(claim.accuracy_m, say_value(claim.role, lang), claim.exact, claim.sentence),
        *(claim.heading, claim.section, claim.para_id, claim.start, claim.end),
    )


def say_value(value: str, lang: Lang = "zh") -> str:
    """Say a status, a method or a role; what is unknown stands as it is."""
    return choose(WORDS.get(value, (value, value)), lang)
