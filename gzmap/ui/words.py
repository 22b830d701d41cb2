"""Every word of the interface in Chinese and English; the plan's own words are never translated."""

from __future__ import annotations

from typing import Literal

from gzmap.ui.pagewords import PAGE_WORDS
from gzmap.ui.phrases import AREA_WORDS, DELIVERY_WORDS
from gzmap.ui.querywords import QUERY_WORDS
from gzmap.ui.sharewords import SHARE_WORDS
from gzmap.ui.signwords import SIGN_WORDS
from gzmap.ui.toolwords import TOOL_WORDS

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")

WORDS: dict[str, tuple[str, str]] = {
    "app": ("美丽广州规划地图", "Map of the Beautiful Guangzhou Plan"),
    "map": ("地图", "Map"),
    "text": ("原文", "Text"),
    "download": ("下载", "Download"),
    "ledger": ("台账", "Ledger"),
    "ledger_title": ("地名台账", "Toponym ledger"),
    "data": ("数据与方法", "Data and methods"),
    "other_language": ("English", "中文"),
    "pages": ("页面", "Pages"),
    "search_button": ("搜索", "Search"),
    "search": ("搜索地点或原文", "Search places or text"),
    "search_hint": ("搜索地点或原文：帽峰山 / mfs / 储能", "Search: 帽峰山 / maofengshan / mfs / 储能"),
    # the map and its panel
    "layers": ("图层", "Layers"),
    "close": ("关闭", "Close"),
    "opacity": ("不透明度", "Opacity"),
    "count_hint": ("已落位 / 全部", "located / all"),
    "shown_hint": ("已显示 / 全部图层", "shown / all layers"),
    "show_theme": ("显示本类全部图层", "show all layers of this theme"),
    "show_all": ("全部显示", "Show all"),
    "hide_all": ("全部隐藏", "Hide all"),
    "show_default": ("默认", "Default"),
    "more_here": ("另有 {n} 个", "{n} more"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "asset_failed": (
        "地图组件未能载入，请检查服务器上的 gzmap/assets 后刷新：",
        "The map could not be loaded; check gzmap/assets on the server, then reload:",
    ),
    "layer_failed": ("图层未能载入：", "Layer not loaded:"),
    "unlocated_n": ("未能落位 {n} 处 ▸", "Not located: {n} ▸"),
    "tianditu": ("天地图", "Tianditu tiles"),
    # the card
    "intro_title": ("图文互查", "Text and map answer each other"),
    "intro": (
        "点击地图上的图形，查看纲要中写到它的原句；在“原文”中点击地名，查看它在图上的位置；用图上的工具画出范围，可量算、查询、下载。",
        "Click a shape to read the words of the plan that put it there; click a name in the text to see where it is; "
        "draw an area with the tools on the map to measure it, ask about it and take it away.",
    ),
    "intro_note": (
        "纲要没有给出边界。每个图形都写明依据、方法、来源和误差；无法落位的只列名，不上图。",
        "The plan gives no boundaries. Every shape tells its evidence, method, source and error; "
        "what cannot be located is listed, never drawn.",
    ),
    "why_here": ("为什么在这里", "Why it is here"),
    "also_named": ("纲要中还提到", "Also named in"),
    "how_located": ("落图依据与精度", "How it was located, and how well"),
    "method": ("方法", "Method"),
    "accuracy": ("精度", "Accuracy"),
    "source": ("来源", "Source"),
    "notes": ("说明", "Note"),
    "parts": ("组成", "Parts"),
    "facts": ("属性", "Facts"),
    "alt_def": ("另一口径", "Another definition"),
    "geometry_of": ("几何同", "Same shape as"),
    "geometry_of_several": ("几何合成自", "Shape put together from"),
    "geometry_for": ("同形要素", "Shape also used by"),
    "geometry_for_several": ("用于合成", "Goes into the shape of"),
    "part_of": ("属", "Part of"),
    "has_parts": ("包括", "Includes"),
    "name_in_layer": ("{name}（{layer}）", "{name} ({layer})"),
    "length": ("长度", "Length"),
    "area": ("面积", "Area"),
    "drawn": ("图上 {n} {unit}", "{n} {unit} as drawn"),
    "drawn_schematic": ("图上 {n} {unit}（示意）", "{n} {unit} as drawn (schematic)"),
    "stated": ("文献 {n} {unit}", "{n} {unit} in documents"),
    "difference": ("相差 {n}%", "{n}% from the documents"),
    "same_figure": ("相差不到 1%", "within 1% of the documents"),
    "stated_note": ("文献数字", "Figures"),
    "same_paragraph": ("同段地点", "Places in the same paragraph"),
    "read_in_text": ("原文", "In the text"),
    "front_matter": ("卷首", "Front matter"),
    "chapter_title": ("章标题", "title of the chapter"),
    "no_location": (
        "纲要与公开资料未给出位置，未落图。",
        "Neither the plan nor public sources give a position: not drawn.",
    ),
    "second_hand": ("二手来源，待核实", "second-hand source, to be verified"),
    "from_memory": ("无文献，凭记忆，待核实", "no document, from memory, to be verified"),
    "close_card": ("关闭卡片", "Close the card"),
    "status_existing": ("现状", "existing"),
    "status_building": ("在建", "under construction"),
    "status_proposed": ("纲要提出", "proposed by the plan"),
    "method_official": ("官方数据", "official data"),
    "method_digitized": ("对照资料人工描绘", "digitised by hand"),
    "method_geocoded": ("按地址或地名定点", "geocoded"),
    "method_derived": ("由其他数据推导", "derived from other data"),
    "method_schematic": ("示意", "schematic"),
    "within": ("误差约 {d}", "within about {d}"),
    "schematic_within": (
        "示意 · 误差约 {d}，纲要未给出边界",
        "schematic · within about {d}; the plan gives no boundary",
    ),
    # several features under a click
    "chooser": ("此处有 {n} 个要素，请选择", "{n} features here, choose one"),
    "wide_group": ("片区层面涉及（具体位置未明确）", "Concerned as a wider area (exact place not given)"),
    "certainty_certain": ("确定涉及", "certainly here"),
    "certainty_possible": ("可能涉及", "possibly here"),
    "nothing_here": ("此处没有已落图的纲要地点", "No place of the plan is drawn here"),
    "here_is": ("此处位于", "This point lies in"),
    "outside": ("广州市域之外", "outside Guangzhou"),
    "unlocated": ("未能落位", "Not located"),
    "unlocated_title": ("未能落位的地点", "Places that could not be located"),
    "unlocated_intro": (
        "纲要点了名，但现有资料不足以确定位置，所以不上图。",
        "Named by the plan, but what is known does not say where; so they are not drawn.",
    ),
    # search
    "results": ("“{q}”的结果", "Results for “{q}”"),
    "result_features": ("纲要地点", "Places of the plan"),
    "result_labels": ("地名", "Place names"),
    "result_paragraphs": ("原文", "Text"),
    "not_found": ("未收录该地名，请在图上点选。", "This name is not held here; please click on the map."),
    "not_drawn": ("未落图", "not drawn"),
    # text page
    "contents": ("目录", "Contents"),
    "places_here": ("本段地点", "Places named"),
    "text_hint": ("点击有底色的地名，在地图上查看。", "Click a marked name to see it on the map."),
    # sources and data
    "data_title": ("数据与方法", "Data and methods"),
    "data_intro": (
        "每个图层有什么、怎样落图、误差多大、依据何来；示意的和没有落图的，列出缘由。",
        "What every layer holds, how it was located, how far off it may be and from what sources; "
        "what is schematic or not on the map is listed with the reason.",
    ),
    "total_features": ("规划要素", "features of the plan"),
    "total_located": ("已落图", "on the map"),
    "total_schematic": ("其中示意", "of these schematic"),
    "total_unlocated": ("未能落位", "not located"),
    "total_layers": ("纲要图层", "layers of the plan"),
    "total_sources": ("来源", "sources"),
    "overview": ("各图层一览", "The layers at a glance"),
    "features": ("要素", "features"),
    "median_accuracy": ("中位误差", "median error"),
    "retrieved": ("取得 {date}", "retrieved {date}"),
    "schematic_title": ("示意的要素", "Schematic features"),
    "schematic_intro": (
        "纲要未给出边界，图形按所列规则画出，只示大致位置，不可作为边界使用。",
        "The plan gives no boundary: the shape follows the stated rule, shows roughly where, and is no boundary.",
    ),
    "located": ("已落位", "located"),
    "worst_accuracy": ("最大误差", "worst error"),
    "methods": ("方法", "methods"),
    "licence": ("许可", "licence"),
    "publisher": ("发布者", "publisher"),
    "edition": ("版本", "edition"),
    "feature": ("要素", "feature"),
    "status": ("状态", "status"),
    "district": ("所在区", "district"),
    "category": ("类别", "category"),
    "document": ("文件", "document"),
    "consultation_open": ("征求意见 {start} 至 {end}", "open for comment {start} to {end}"),
    "consultation_closed": ("征求意见 {start} 至 {end}，已结束", "comments {start} to {end}, closed"),
    "plan_layers": ("纲要图层", "Layers of the plan"),
    "base_layers": ("底图", "Base layers"),
    "sources": ("来源登记", "Register of sources"),
    "more_places": ("其余 {n} 处", "{n} more"),
    # the ledger
    "ledger_intro": (
        "纲要中每一处地名的去向：全文 {n} 处、{names} 个名字，各归一类。点击图中的章或区，或用下面的条件筛选。",
        "What has become of every place name of the plan: {n} places in the text, {names} names, each in one box. "
        "Click a chapter or district of the figure, or choose below.",
    ),
    "ledger_list": ("逐处列出（{n} 处）", "One by one ({n})"),
    "ledger_empty": ("没有符合条件的地名。", "No place name fits."),
    "box": ("去向", "Box"),
    "box_mapped": ("已落图", "on the map"),
    "box_ambiguous": ("有歧义", "ambiguous"),
    "box_unlocatable": ("未能落位", "not located"),
    "box_outside": ("市外", "outside the city"),
    "box_not_place": ("非具体地点", "no particular place"),
    "box_unaccounted": ("未入账", "not accounted for"),
    "chapter": ("章", "Chapter"),
    "all": ("全部", "all"),
    "total": ("合计", "total"),
    "by_chapter": ("各章", "By chapter"),
    "by_district": ("各区", "By district"),
    "citywide": ("全市", "citywide"),
    "beyond": ("市外", "beyond the city"),
    "district_hint": (
        "一处地名涉及几个区的，各区都计，因此各区之和大于全文；“全市”与“市外”不属某一区，只列数字。",
        "A name that concerns several districts counts in each, so the districts add up to more than the whole; "
        "what is citywide or beyond the city is told in numbers only.",
    ),
    "listed_as": ("（名录作“{name}”）", "(listed as “{name}”)"),
    # the line below
    "unofficial": ("非官方示意图，不作为法定依据", "Unofficial schematic map, without legal force"),
    "unreviewed": (
        "未经地图审核，仅限内部使用，不得公开登载",
        "Not reviewed by the mapping authority: internal use only, not for publication",
    ),
    "reviewed": ("审图号：{number}", "Map review number: {number}"),
    "edition_line": ("{edition}（正式稿 {formal} 另发）", "{edition} (a formal text of {formal} exists)"),
    "database_away": (
        "数据库自 {since}（北京时间）起连不上；显示的是此前的数据，恢复后自动更新",
        "The database has been away since {since} (Beijing time); older data are shown until it is back",
    ),
    "database_refused": (
        "数据库里的新版本有误，暂不采用；显示的是上一个可用的版本",
        "The newest version in the database is broken and not taken; the last good one is shown",
    ),
    # what went wrong
    "unknown_feature": ("没有编号为 {id} 的要素；显示全图。", "There is no feature {id}; showing the whole map."),
    "unknown_paragraph": ("没有编号为 {id} 的段落。", "There is no paragraph {id}."),
    "layer_left_out": (
        "一个图层文件有误，已略去，其余图层照常：",
        "One layer file is broken and left out; the others are here:",
    ),
    "cannot_open": ("项目数据无法打开：", "The project's data cannot be opened:"),
    "went_wrong": ("操作未能完成：", "This could not be done:"),
    "broken_area": (
        "网址中的范围（area=）读不出来，已略去；请在地图上重新画。",
        "The area in the address (area=) cannot be read and is left out; draw it again on the map.",
    ),
    **AREA_WORDS,
    **DELIVERY_WORDS,
    **TOOL_WORDS,
    **PAGE_WORDS,
    **QUERY_WORDS,
    **SHARE_WORDS,
    **SIGN_WORDS,
}


def say(key: str, lang: Lang, *listed: object, **values: object) -> str:
    """Give a phrase in a language, with its ``{values}`` filled in; ``{0}`` and ``{1}`` are the listed ones.

    Raises
    ------
    KeyError
        If there is no such phrase.
    """
    return WORDS[key][LANGS.index(lang)].format(*listed, **values)


def say_distance(metres: float, lang: Lang) -> str:
    """Give a distance in the unit a reader expects: 80 m / 80 米, 1.5 km / 1.5 公里."""
    if metres < 1000:
        return f"{metres:.0f} 米" if lang == "zh" else f"{metres:.0f} m"
    km = f"{metres / 1000:.1f}".removesuffix(".0")
    return f"{km} 公里" if lang == "zh" else f"{km} km"


def say_area(square_metres: float) -> str:
    """Give an area with three figures or all before the point: 322 km², 12.3 km², 0.0123 km², 950 m²."""
    km2 = square_metres / 1e6
    decimals = 0 if km2 >= 100 else 1 if km2 >= 10 else 2 if km2 >= 1 else 4
    told = f"{km2:,.{decimals}f} km²" if square_metres >= 1e4 else f"{square_metres:,.0f} m²"
    return told.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(" ", "\N{NO-BREAK SPACE}")


def pick(raw: dict, key: str, lang: Lang) -> str:
    """Give a bilingual value: ``key`` in Chinese, ``key_en`` in English where there is one."""
    return str((raw.get(f"{key}_en") if lang == "en" else None) or raw.get(key) or "")
