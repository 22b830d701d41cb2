"""Every word that a sheet adds to the plan's own, in Chinese and English."""

from __future__ import annotations

from gzmap.sheet.views import LANGS, Lang

WORDS: dict[str, tuple[str, str]] = {
    "legend": ("图例", "Legend"),
    "legend_more": ("图例（续）", "Legend (continued)"),
    "signs": ("表示方法", "Signs"),
    "sign_known": ("位置有据", "position known"),
    "sign_derived": ("由其他数据推导", "derived from other data"),
    "sign_schematic": ("示意", "schematic"),
    "sign_disc": ("位置在此圆内", "somewhere inside"),
    "own_layers": ("本单位图层", "Layers of our own"),
    "query_area": ("查询范围", "Area asked about"),
    "selected": ("选中要素：{name}", "Selected: {name}"),
    "name_sample": ("名", "Name"),
    "locator": ("图幅位置", "Position of the sheet"),
    "north": ("北", "N"),
    "grid_north": ("坐标北", "Grid north"),
    "true_north_east": ("真北偏东 {angle}", "true N {angle} E"),
    "true_north_west": ("真北偏西 {angle}", "true N {angle} W"),
    "scale_note": ("图上 1 厘米 = 实地 {distance}", "1 cm on the map is {distance} on the ground"),
    "kilometres": ("公里", "km"),
    "metres": ("米", "m"),
    "notes": ("说明", "Notes"),
    "edition": ("规划文本", "Plan"),
    "edition_line": ("《{title}》{edition}，{date}。", "{title}, {edition}, {date}."),
    "formal_line": (
        "正式文本已于 {date} 印发，内容可能不同。",
        "A formal text was issued on {date} and may differ.",
    ),
    "crs": ("坐标系", "Reference system"),
    "crs_line": (
        "CGCS2000，高斯—克吕格投影 3 度带，中央经线 114°E（EPSG:4547）；公里网间隔 {grid} 公里。",
        "CGCS2000, 3-degree Gauss–Krüger, central meridian 114°E (EPSG:4547); grid every {grid} km.",
    ),
    "accuracy": ("精度", "Accuracy"),
    "accuracy_line": (
        "图中要素误差约 {least} 至 {most}（中位 {middle}）；图上 1 毫米为实地 {mm}。",
        "Features are within {least} to {most} (median {middle}); 1 mm on the map is {mm} on the ground.",
    ),
    "accuracy_one": (
        "图中要素误差约 {least}；图上 1 毫米为实地 {mm}。",
        "Features are within {least}; 1 mm on the map is {mm} on the ground.",
    ),
    "schematic_line": (
        "{n} 处为示意：纲要未给出边界，不可作为边界使用。",
        "{n} are schematic: the plan gives no boundary, and they are none.",
    ),
    "own_line": (
        "本单位图层由使用者提供，不属于纲要内容。",
        "Layers of our own come from the user and are no part of the plan.",
    ),
    "unlocated": ("未能落位", "Not located"),
    "unlocated_line": ("{n} 处未能落位，未绘出：{names}。", "{n} could not be located and are not drawn: {names}."),
    "and_others": ("{names}等", "{names} and others"),
    "sources": ("资料来源", "Sources"),
    "sources_more": ("{names}等 {n} 项", "{names} and others, {n} in all"),
    "list_comma": ("、", ", "),
    "list_stop": ("；", "; "),
    "full_stop": ("。", "."),
    "scan": ("扫码打开此图", "Scan to open this map"),
    "unofficial": ("非官方示意图，不作为法定依据", "Unofficial schematic map, without legal force"),
    "unreviewed": (
        "未经地图审核，仅限内部使用，不得公开登载",
        "Not reviewed by the mapping authority: internal use only, not for publication",
    ),
    "reviewed": ("审图号：{number}", "Map review number: {number}"),
    "made_with": ("gzmap {version} 制图", "Drawn by gzmap {version}"),
    "entered_until": ("数据录入至 {date}", "Data entered until {date}"),
    "cards": ("图中要素与原文", "Features on the map and the words of the plan"),
    "cards_intro": (
        "图幅内所绘要素 {n} 处，按图层排列；引号内为纲要原文。",
        "The {n} features drawn on the map, by layer; what stands in quotation marks is the plan's own text.",
    ),
    "chapter_title": ("章标题", "title of the chapter"),
    "front_matter": ("卷首", "front matter"),
    "chapter": ("第{n}章", "Chapter {n}"),
    "grounds": ("来源：{sources}", "Sources: {sources}"),
    "within": ("误差约 {d}", "within about {d}"),
    "status_existing": ("现状", "existing"),
    "status_building": ("在建", "under construction"),
    "status_proposed": ("纲要提出", "proposed"),
    "method_official": ("官方数据", "official data"),
    "method_digitized": ("人工描绘", "digitised by hand"),
    "method_geocoded": ("地名定位", "geocoded"),
    "method_derived": ("由其他数据推导", "derived"),
    "method_schematic": ("示意", "schematic"),
    "unlocated_title": ("未能落位的要素", "Features that could not be located"),
    "unlocated_intro": (
        "以下 {n} 处由纲要点名，属于图中的图层；位置没有依据，图上未绘出。",
        "The plan names these {n}, which belong to the layers of the map; nothing says where they are, and they are "
        "not drawn.",
    ),
    "map_alt": ("{title}，比例尺 1:{scale}", "{title}, scale 1:{scale}"),
    "too_small": (
        "1:{scale} 的图幅容不下所选范围，只绘出中部；1:{fit} 可以绘全。",
        "At 1:{scale} the sheet holds only the middle of what was asked for; 1:{fit} would show all.",
    ),
    "area_off": (
        "查询范围在图幅之外，图上没有它的边界。",
        "The area that was asked about lies off this sheet and is not outlined.",
    ),
    "no_qr": (
        "链接有 {n} 个字节，二维码放不下，未印。",
        "The link has {n} bytes, too many for a QR code, which is left out.",
    ),
    "nothing_here": ("图幅内没有所选图层的要素。", "Nothing of the chosen layers lies on this sheet."),
}


def say(key: str, lang: Lang, **values: object) -> str:
    """Give a phrase in a language, with its ``{values}`` filled in.

    Raises
    ------
    KeyError
        If there is no such phrase.
    """
    return WORDS[key][LANGS.index(lang)].format(**values)


def say_distance(metres: float, lang: Lang) -> str:
    """Give a distance in the unit a reader expects: 80 米, 1.5 公里; 80 m, 1.5 km."""
    if metres < 1000:
        return f"{metres:g} {say('metres', lang)}"
    return f"{f'{metres / 1000:.2f}'.rstrip('0').rstrip('.')} {say('kilometres', lang)}"


def pick(raw: dict, key: str, lang: Lang) -> str:
    """Give a bilingual value: ``key`` in Chinese, ``key_en`` in English where there is one."""
    return str((raw.get(f"{key}_en") if lang == "en" else None) or raw.get(key) or "")
