"""The words of printing, sharing, help, the tour and faults, in Chinese and English; `gzmap.ui.words` adds them."""

from __future__ import annotations

from gzmap.ui.helpwords import HELP_WORDS

SHARE_WORDS: dict[str, tuple[str, str]] = {
    "help": ("帮助", "Help"),
    "fault": (
        "操作未能完成：程序出现意外错误，不是您的操作有误。请刷新页面再试；若仍如此，请把编号 {number} "
        "告诉管理员，日志中有详情。",
        "This did not work: the program met an error that nobody foresaw; you did nothing wrong. Reload the page and "
        "try again. If it stays so, tell the administrator the number {number}: the log has the details.",
    ),
    # the print page
    "print_title": ("打印图幅", "Print a sheet"),
    "print_intro": (
        "打印地图上现在显示的图层，比例尺真实，附图例、坐标网、来源与精度。要换图层或位置，先在地图上调好。",
        "Prints the layers that the map shows now, true to scale, with legend, grid, sources and accuracy. To change "
        "layers or place, arrange the map first.",
    ),
    "print_where": ("范围", "Extent"),
    "print_where_view": ("地图当前视野", "What the map shows"),
    "print_where_city": ("全市", "The whole city"),
    "print_where_district": ("一个区", "One district"),
    "print_where_area": ("所画范围", "The drawn area"),
    "print_paper": ("纸张", "Paper"),
    "print_upright": ("{paper} 纵向", "{paper} portrait"),
    "print_lying": ("{paper} 横向", "{paper} landscape"),
    "print_scale": ("比例尺", "Scale"),
    "print_fit": ("自动（容下整个范围）", "Fit (show all of the extent)"),
    "print_heading": ("图名", "Title"),
    "print_usual": ("美丽广州规划要素图", "Features of the Beautiful Guangzhou plan"),
    "print_usual_district": ("{district}规划要素图", "Features of the plan: {district}"),
    "print_labels": ("图上标注地名", "Names on the map"),
    "print_cards": ("附页：图中要素与原文", "Further pages: the features and the plan's sentences"),
    "print_qr": ("二维码：扫码打开此图", "QR code that opens this map"),
    "print_own": ("本单位图层", "Layers of your own"),
    "print_preview": ("图幅预览", "Preview of the sheet"),
    "print_alt": ("图幅预览，{scale}，绘出要素 {n} 处", "Preview of the sheet, {scale}, {n} features drawn"),
    "print_told": (
        "{scale}，{layers} 个纲要图层，绘出要素 {n} 处。",
        "{scale}, {layers} layers of the plan, {n} features drawn.",
    ),
    "print_unlocated": ("这些图层另有 {n} 处未能落位。", "{n} more of these layers could not be located."),
    "print_pages": ("共 {n} 页。", "{n} pages."),
    "print_layers": ("图幅中的图层（{n}）", "Layers on the sheet ({n})"),
    "print_change": ("回地图调整", "Change them on the map"),
    "print_local": (
        "本页从本机地址打开，二维码只在这台电脑上有效。用别人能访问的地址打开本页再打印，或不印二维码。",
        "This page was opened at an address of this computer, and so the QR code works here only. Open it at an "
        "address that others can reach before printing, or leave the code out.",
    ),
    "print_pdf": ("下载 PDF（矢量）", "Download PDF (vectors)"),
    "print_png": ("下载 PNG（{dpi} dpi）", "Download PNG ({dpi} dpi)"),
    "print_pngs": ("下载 PNG（{n} 页，ZIP）", "Download PNG ({n} pages, ZIP)"),
    "print_made": (
        "打印时选“实际大小”，不要“适应页面”，比例尺才准确。",
        "Print at “actual size”, not “fit to page”: only then is the scale true.",
    ),
    **HELP_WORDS,
}
"""Of pages."""

SHARE_TOOL_WORDS: dict[str, tuple[str, str]] = {
    "tool_share": ("分享", "Share"),
    "tool_share_hint": (
        "链接打开的就是现在这张图：图层、不透明度、次序、视野、选中的地点、搜索和所画范围。",
        "The link opens the map as it is now: layers, opacity, order, view, what is selected, the search, the drawn "
        "area.",
    ),
    "tool_share_link": ("链接", "Link"),
    "tool_share_copy": ("复制链接", "Copy the link"),
    "tool_share_send": ("发送…", "Send…"),
    "tool_share_qr": ("二维码", "QR code"),
    "tool_share_qr_alt": ("上面链接的二维码", "QR code of the link above"),
    "tool_share_qr_failed": ("二维码未能生成，请复制链接。", "No QR code could be made; copy the link."),
    "tool_share_no_area": (
        "所画范围顶点太多，未放入链接；对方看不到它。请画得简单些，或在“下载”页存成文件。",
        "The drawn area has too many corners and is not in the link: others will not see it. Draw it simpler, or save "
        "it as a file under “Download”.",
    ),
    "tool_share_simple_area": (
        "所画范围已简化后放入链接，与您画的略有出入。",
        "The drawn area is simplified in the link and differs a little from yours.",
    ),
    "tool_share_no_own": (
        "本单位图层只在这台电脑上，不会放入链接。",
        "Layers of your own stay on this computer and are never in a link.",
    ),
    "tool_share_local": (
        "这是本机地址，别人打不开。请用单位内网或公开的地址打开本页，再复制链接。",
        "This is an address of this computer, which others cannot open. Open the page at an address of your network "
        "first, then copy the link.",
    ),
    "tool_share_long": (
        "链接有 {n} 个字符，有些程序最多支持 2000 个；请少显示几个图层。",
        "The link has {n} characters, and some programs take 2,000 only; show fewer layers.",
    ),
    "tool_print": ("打印", "Print"),
    "tool_tour": ("导览", "Tour"),
    "tool_tour_step": ("{n} / {of}", "{n} of {of}"),
    "tool_tour_1": (
        "搜一个地名，或点图上的图形：卡片会列出纲要中写到它的原文。",
        "Search for a place, or click a shape: the words of the plan that put it there are shown beside the map.",
    ),
    "tool_tour_2": (
        "在这里选看什么：按主题开关图层，或用预设。虚线和虚线圆表示示意，只是大致位置。",
        "Choose here what to see, by theme or by preset. Dashes and dashed discs are schematic: about there, no more.",
    ),
    "tool_tour_3": (
        "工具在这里：图例、视野内地点、量测、坐标、分享和打印。其余见“帮助”。",
        "The tools are here: legend, places in view, measuring, coordinates, sharing, printing. “Help” has the rest.",
    ),
    "tool_tour_next": ("下一步", "Next"),
    "tool_tour_back": ("上一步", "Back"),
    "tool_tour_end": ("开始使用", "Start"),
    "tool_tour_skip": ("跳过", "Skip"),
}
"""Of the tools on the map; keys begin as `gzmap.ui.toolwords` says."""
