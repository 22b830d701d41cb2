"""The words of the help page, in Chinese and English; `gzmap.ui.words` adds them."""

from __future__ import annotations

HELP_WORDS: dict[str, tuple[str, str]] = {
    "help_title": ("怎样使用这张图", "How to use this map"),
    "help_intro": (
        "规划纲要是文字，地图是对文字的解释。每个图形都注明依据哪句原文、位置怎样得来、误差可能有多大。",
        "The plan is a text, and the map explains it. Every shape tells which words put it there, how its place was "
        "found, and how far off it may be.",
    ),
    "help_tour": ("再看一次导览", "Show the tour again"),
    "help_look": ("看图", "Look"),
    "help_look_1": (
        "点一个图形，右边（手机上在下面）出现卡片：依据的原文、方法、来源、误差。一处有几个图形时先列出来选。",
        "Click a shape: a card with the plan's words, method, source and error opens beside the map, below it on a "
        "phone. Where there are several, choose one first.",
    ),
    "help_look_2": (
        "左边是图层（手机上按“图层”）：按主题开关，拖动滑块调不透明度，“预设”一次换好一组。",
        "The layers are at the left; on a phone press “Layers”. Switch whole themes, move a slider for the "
        "opacity, or take a preset.",
    ),
    "help_look_picture": (
        "选中一处地点：图上深色描边，右边是写到它的原文",
        "A place is selected: a dark outline on the map, and the words that put it there",
    ),
    "help_phone_picture": ("手机上：地图在上，卡片在下", "On a phone: the map above, the card below"),
    "help_signs": ("图形怎么读", "What the signs mean"),
    "help_signs_1": (
        "纲要没有给出边界，所以画法本身就说明可信程度；不靠颜色也能分清。",
        "The plan gives no boundaries, so the way a thing is drawn says how far to trust it; colour is never needed to "
        "tell.",
    ),
    "help_sign_solid": ("实线：位置有据", "Solid: the position is known"),
    "help_sign_thin": ("细线：由其他数据推导", "Thin: derived from other data"),
    "help_sign_dashed": ("虚线：示意，位置大致如此", "Dashed: schematic, about here"),
    "help_sign_disc": ("虚线圆：在圆内某处，具体位置不详", "Dashed disc: somewhere inside, nobody says where"),
    "help_sign_pin": ("圆点：误差不超过 300 米", "Dot: within 300 m"),
    "help_sign_listed": ("只列名、不上图：未能落位", "Listed, not drawn: could not be located"),
    "help_find": ("搜索", "Search"),
    "help_find_1": (
        "上面的搜索框找地点，也找原文。可以输入汉字、拼音或拼音首字母：帽峰山、maofengshan、mfs。",
        "The box above finds places and sentences. Type Chinese, pinyin or initials: 帽峰山, maofengshan, mfs.",
    ),
    "help_find_2": (
        "“原文”页中有底色的地名都可以点击，点击即到图上；“我的区”用通俗的话说明规划对一个区、一个地方写了什么。",
        "On the page “Text” every marked name leads to the map; “My district” says in plain words what is planned "
        "for a district or a place.",
    ),
    "help_find_picture": ("原文：点击蓝底的地名，即到图上", "The text: a name on blue leads to the map"),
    "help_ask": ("画范围、查询", "Draw and ask"),
    "help_ask_1": (
        "用地图左上方的工具画多边形、矩形或圆：单击加点，双击或点回起点即完成，Esc 取消。右边列出面积；点“查询此范围"
        "内容”，查看纲要对这里写了什么。“查询”页还可以查一个区、导入的文件、粘贴的坐标和两个图层的关系。",
        "With the tools at the upper left of the map draw a polygon, a rectangle or a circle: click for each corner, "
        "end with a double click or on the first corner, Esc gives up. The size is shown beside the map; “What the "
        "plan says here” gives the answer. The page “Query” also takes a district, a file, pasted coordinates, and two "
        "layers.",
    ),
    "help_ask_2": (
        "查询结果只说明纲要涉及什么，不是规划符合性审查，不能替代“三区三线”及法定规划核查。在误差范围之内的标为“可能”。",
        "An answer tells what the plan concerns. It is no review of compliance and replaces no statutory check. What "
        "lies within the error is marked “possible”.",
    ),
    "help_take": ("下载", "Download"),
    "help_take_1": (
        "“下载”页给出 SHP、GPKG、GDB、DXF、KML、GeoJSON、XLSX 等格式和坐标系，下载前检查会丢失什么。",
        "The page “Download” gives SHP, GPKG, GDB, DXF, KML, GeoJSON, XLSX and others, in the reference system that "
        "you need, and says beforehand what would be lost.",
    ),
    "help_take_picture": ("下载：左边选内容，右边选格式", "Download: what at the left, in which form at the right"),
    "help_print": ("打印与分享", "Print and share"),
    "help_print_1": (
        "“打印”页按真实比例尺制图，PDF 是矢量的；打印机选“实际大小”。“分享”给出这张图的链接和二维码。",
        "The page “Print” makes sheets at a true scale, as vectors in a PDF; tell the printer “actual size”. “Share” "
        "gives the link of the map as it is, and its QR code.",
    ),
    "help_print_picture": ("打印：右边是成图预览", "Print: the sheet as it will be"),
    "help_share_picture": ("分享：链接与二维码", "Share: the link and its QR code"),
    "help_cite": ("引用", "Cite"),
    "help_cite_1": (
        "卡片和“原文”里的“引用”给出 GB/T 7714 格式的著录和永久链接。引用时写明是征求意见稿还是正式稿，两者可能不同。",
        "“Cite” on a card and in the text gives the reference (GB/T 7714) with a permanent link. Say which edition you "
        "mean: the draft and the formal text may differ.",
    ),
    "help_keys": ("键盘", "Keyboard"),
    "help_keys_1": (
        "全部功能都能用键盘：Tab 到下一处，Enter 打开，空格开关图层，Esc 关闭；焦点在地图上时，方向键移动，+ 和 - "
        "缩放。“视野内地点”是地图的文字版。",
        "Everything works by keyboard: Tab goes on, Enter opens, Space switches a layer, Esc closes; on the map the "
        "arrow keys move and + and - zoom. “Places in view” is the map in words.",
    ),
    "help_browser": ("浏览器", "Browsers"),
    "help_browser_1": (
        "本版只在 Chromium {version} 上试过，更旧的没有试过。360 与奇安信浏览器的内核往往旧几年：打不开时请换新版的 "
        "Chrome 或 Edge（火狐没有试过），并把版本号告诉管理员。",
        "This edition was tried with Chromium {version} only, with nothing older. The browsers of 360 and 奇安信 are "
        "often years behind: if it does not open, take a new Chrome or Edge (Firefox was not tried), and tell the "
        "administrator the version.",
    ),
    "help_standing": ("这张图不是什么", "What this map is not"),
}
