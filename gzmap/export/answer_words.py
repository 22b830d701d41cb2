"""Words for answers about areas and pairs, in Chinese and English, and the lines that stand above their tables."""

from __future__ import annotations

from gzmap.atlas import Atlas
from gzmap.config import AREA_TITLE, METRIC_CRS, STORAGE_CRS, WIDE_ACCURACY_M
from gzmap.export.lists import Lang, choose
from gzmap.query import AreaAnswer

PAIR_TITLE = (
    "纲要图层关系查询（非规划符合性审查意见，不能替代“三区三线”及法定规划核查）",
    "Features of the plan and how they lie to each other (no opinion on conformity; no substitute for the “three zones "
    "and three lines” and for statutory checks)",
)
RELATIONS = {
    "within": ("位于范围内", "lies within the area"),
    "contains": ("包含整个范围", "contains the area"),
    "overlaps": ("与范围部分重叠", "overlaps the area"),
    "crosses": ("穿过范围", "crosses the area"),
    "touches": ("紧邻范围", "touches the area"),
    "near": ("在误差范围内邻近", "near, within its accuracy"),
}
"""Of a feature to an area."""

PAIR_RELATIONS = {
    "crosses": ("相交", "crosses"),
    "contains": ("包含", "contains"),
    "within": ("位于其内", "lies within"),
    "near": ("邻近", "is near"),
}
"""Of a feature to another."""

LOOSE = ("（边缘在误差范围内）", " (its edge within the accuracy)")
CERTAINTIES = {"certain": ("确定", "certain"), "possible": ("可能", "possible")}
WIDE = ("片区层面涉及", "roughly known")
SCHEMATIC = ("示意", "schematic")
UNITS = {"km2": "km²", "km": "km", "": ""}
STATUSES = {
    "existing": ("现状", "existing"),
    "building": ("在建", "under construction"),
    "proposed": ("纲要提出", "proposed by the plan"),
}
UNOFFICIAL = ("非官方示意图，不作为法定依据", "Unofficial sketch, without legal force")
UNREVIEWED = (
    "未经地图审核，仅限内部使用，不得公开登载",
    "map not reviewed, for internal use only, not for publication",
)
REVIEWED = ("审图号：{number}", "map review number: {number}")
MEASURES = (
    f"坐标系 {STORAGE_CRS}（WGS 84，与 CGCS2000 视为一致）；位置关系在 {METRIC_CRS} 平面上判断，"
    "长度、面积按椭球面计算；重叠量按图上绘制计算，示意要素不可量算。",
    f"CRS {STORAGE_CRS} (WGS 84, taken as coincident with CGCS2000); relations are judged in the plane of "
    f"{METRIC_CRS}, lengths and areas are ellipsoidal and of the drawing; schematic features are not to be measured.",
)
ROUGH = (
    f"示意要素一律为“可能”；误差大于 {WIDE_ACCURACY_M / 1000:g} km 的只作片区层面涉及。",
    "What is schematic is always possible; what is less accurate than "
    f"{WIDE_ACCURACY_M / 1000:g} km is told as roughly known.",
)
CERTAIN = (
    f"关系按图上位置；是否涉及：“确定”指深入范围超过误差，“可能”指在误差之内；{ROUGH[0]}",
    f"Relations are as drawn. Certain: farther inside than the accuracy; possible: within it. {ROUGH[1]}",
)
PAIR_CERTAIN = (
    f"“确定”指无论两者误差如何都成立，“可能”指在两者误差之和以内；{ROUGH[0]}",
    f"Certain: whatever the accuracies of both; possible: within both together. {ROUGH[1]}",
)


def list_area_lead(
    atlas: Atlas, answer: AreaAnswer, *, place: str = "", review_number: str = "", lang: Lang = "zh"
) -> tuple[str, ...]:
    """List the lines above an answer about an area: title, area, edition, CRS, certainty, what it is not.

    Parameters
    ----------
    atlas
        Whose edition is told.
    answer
        About which area.
    place
        What the area is called, as the person who asks calls it; empty where it has no name.
    review_number
        The map review number (审图号); empty while there is none.
    lang
        Language of the lines.
    """
    name = place or choose(("所画范围", "the area drawn"), lang)
    size = format_km2(answer.area_km2)
    within = choose(("、", ", "), lang).join(f"{d.name} {format_km2(d.km2)}" for d in answer.districts)
    none = choose(("不在广州市各区之内", "in no district"), lang)
    about = choose(("范围：{}，{}；所在区：{}。", "Area: {}, {}; districts: {}."), lang)
    return (
        choose(AREA_TITLE, lang),
        about.format(name, size, within or none),
        *_list_notes(atlas, review_number, CERTAIN, lang=lang),
    )


def list_pair_lead(
    atlas: Atlas, question: tuple[str, str, str, float], *, review_number: str = "", lang: Lang = "zh"
) -> tuple[str, ...]:
    """List the lines above pairs: title, question, edition, CRS, certainty, what it is not.

    Parameters
    ----------
    atlas
        Whose edition is told.
    question
        A, B, the relation and the distance in metres, as `find_between` was asked.
    review_number, lang
        As `list_area_lead`.
    """
    a, b, relation, distance_m = question
    asked = choose(PAIR_RELATIONS[relation], lang)
    reach = choose(("（{:g} 米以内）", " (within {:g} m)"), lang).format(distance_m) if relation == "near" else ""
    about = choose(("A：{}；B：{}；关系：{}{}。", "A: {}; B: {}; relation: {}{}."), lang).format(a, b, asked, reach)
    return (choose(PAIR_TITLE, lang), about, *_list_notes(atlas, review_number, PAIR_CERTAIN, lang=lang))


def _list_notes(atlas: Atlas, review_number: str, certain: tuple[str, str], *, lang: Lang) -> tuple[str, ...]:
    source, review = list_basis(atlas, review_number=review_number, lang=lang)
    return (source, choose(MEASURES, lang), choose(certain, lang), review)


def list_basis(atlas: Atlas, *, review_number: str = "", lang: Lang = "zh") -> tuple[str, str]:
    """List what stands above every table: which edition of the plan it is from, and what the map is not."""
    meta = atlas.document.meta
    end = "" if lang == "zh" else "_en"
    title, edition = (meta.get(f"{key}{end}") or meta.get(key) or "" for key in ("title", "edition"))
    formal = (meta.get("formal") or {}).get(f"note{end}") or ""
    dated = choose(("依据：《{}》{}（{}）。{}", "Source: {}, {} ({}). {}"), lang)
    review = choose(REVIEWED, lang).format(number=review_number) if review_number else choose(UNREVIEWED, lang)
    return (
        dated.format(title, edition, meta.get("edition_date") or "", formal).strip(),
        choose(("{}；{}。", "{}; {}."), lang).format(choose(UNOFFICIAL, lang), review),
    )


def format_km2(km2: float) -> str:
    """Write an area, small ones with more decimals."""
    return f"{km2:.2f} km²" if km2 >= 1 else f"{km2:.4f} km²"
