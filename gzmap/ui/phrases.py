"""The words of drawing and of the download page, in Chinese and English; `gzmap.ui.words` adds them to the others."""

from __future__ import annotations

AREA_WORDS: dict[str, tuple[str, str]] = {
    # the tools on the map
    "draw": ("画范围", "Draw an area"),
    "draw_polygon": ("多边形", "Polygon"),
    "draw_rectangle": ("矩形", "Rectangle"),
    "draw_circle": ("圆", "Circle"),
    "draw_clear": ("清除", "Clear"),
    "draw_shown": ("所画范围", "Area"),
    "draw_failed": (
        "画图组件未能载入，请检查服务器上的 gzmap/assets 后刷新：",
        "The drawing tools could not be loaded; check gzmap/assets on the server, then reload:",
    ),
    "draw_finish": ("完成", "Finish"),
    "draw_undo": ("退一点", "Undo point"),
    "draw_cancel": ("取消", "Cancel"),
    "hint_polygon": ("逐点点击，点回起点即完成", "Click point by point; click the first one again to finish"),
    "hint_rectangle": ("点击一角，再点对角；也可拖动", "Click a corner, then the opposite one; or drag"),
    "hint_circle": ("点击圆心，再点圆上一点；也可拖动", "Click the centre, then a point of the circle; or drag"),
    "hint_touch_polygon": ("逐点轻点，点回起点或按“完成”", "Tap point by point; tap the first again or “Finish”"),
    "hint_touch_rectangle": ("轻点一角，再点对角", "Tap a corner, then the opposite one"),
    "hint_touch_circle": ("轻点圆心，再点圆上一点", "Tap the centre, then a point of the circle"),
    "hint_keys": (
        "方向键移动地图，空格在十字处定点，回车完成，退格退一点，Esc 取消",
        "Arrows move the map, Space sets a point at the cross, Enter finishes, Backspace undoes, Esc cancels",
    ),
    # the panel
    "area_title": ("所画范围", "The drawn area"),
    "area_title_refused": ("这个范围不能用", "This area cannot be used"),
    "area_size": ("面积", "Area"),
    "area_ellipsoidal": ("{n}（椭球面积）", "{n} (on the ellipsoid)"),
    "area_perimeter": ("周长", "Perimeter"),
    "area_points": ("顶点", "Vertices"),
    "area_centre": ("中心", "Centre"),
    "area_take": ("下载此范围", "Download this area"),
    "area_again": ("图上保留了刚才画的线，请照着重新画。", "What was drawn is still on the map: draw it again."),
    "area_simplified": (
        "范围较复杂，网址中存的是简化后的（误差约 {d}）：刷新或分享后以简化的为准。",
        "The outline is complex: the address holds a simpler one (within about {d}), which is what a reload or a "
        "shared link shows.",
    ),
    "area_unwritten": (
        "范围太复杂，网址中存不下：刷新或分享后不再有它。",
        "The outline is too complex for the address: it is gone after a reload and not in a shared link.",
    ),
    "area_crossing": (
        "边线在 {0}, {1} 处自相交，分不清里外。",
        "The outline crosses itself at {0}, {1}, so that inside and outside cannot be told apart.",
    ),
    "area_many": ("顶点有 {0} 个，最多 {1} 个。", "It has {0} vertices; there may be {1}."),
    "area_small": (
        "范围太小：至少要三个不同的点、100 平方米。",
        "It is too small: it takes three points apart and 100 m².",
    ),
    "area_far": (
        "范围超出广州及周边（东经 110–116 度，北纬 21–26.6 度）。",
        "It reaches too far from Guangzhou (beyond 110 to 116 E, 21 to 26.6 N).",
    ),
    "area_senseless": ("浏览器送来的不是坐标。", "What the browser sent are no coordinates."),
}

DELIVERY_WORDS: dict[str, tuple[str, str]] = {
    "download_title": ("下载", "Download"),
    "download_intro": (
        "选好图层、范围和格式，先看导出前检查，再写文件。字段说明、原文依据和说明文件随附。示意要素不可作为边界使用。",
        "Choose layers, area and format, read the check, then have the file made. Field list, evidence and a note come "
        "with it. Schematic features are no boundaries.",
    ),
    "service_lead": (
        "QGIS 等 GIS 软件也可以不下载，直接连接：",
        "QGIS and other GIS programs can also connect without downloads: ",
    ),
    "service_name": ("数据服务（OGC API – Features）", "data service (OGC API – Features)"),
    # what
    "what_title": ("下载内容", "What"),
    "where": ("范围", "Area"),
    "where_city": ("全市", "Whole city"),
    "where_district": ("一个区", "One district"),
    "where_view": ("地图当前范围", "What the map shows"),
    "where_search": ("当前搜索结果", "What the search found"),
    "where_area": ("所画范围", "The drawn area"),
    "clip": ("几何", "Geometry"),
    "clip_false": ("取整个要素", "Whole features"),
    "clip_true": ("按边界裁剪", "Cut at the edge"),
    "view_is": ("经度 {west}–{east}，纬度 {south}–{north}", "{west} to {east} E, {south} to {north} N"),
    "view_unknown": (
        "尚不知道地图的范围：请先到“地图”页，再从上方导航回到这里；也可用命令 gzmap packet --bbox 指定范围。",
        "What the map shows is not known yet: open the map, then come back by the link above; or name an area with "
        "gzmap packet --bbox.",
    ),
    "view_to_map": ("到地图页", "Open the map"),
    "area_is": ("{size}，{points} 个顶点", "{size}, {points} vertices"),
    "area_unknown": (
        "还没有画范围：在地图上用多边形、矩形或圆画出，再回到这里；也可用命令 gzmap packet --area 范围.geojson。",
        "No area is drawn yet: draw a polygon, rectangle or circle on the map, then come back; or give a file with "
        "gzmap packet --area AREA.geojson.",
    ),
    "area_to_map": ("到地图上画", "Draw on the map"),
    "search_is": ("“{q}”：{n} 个纲要要素，图层随结果而定。", "“{q}”: {n} features of the plan, in their layers."),
    "search_none": (
        "没有可取的搜索结果：请在上方搜索纲要地点，再回到这里。",
        "No search result to take: search for a place of the plan above, then come back here.",
    ),
    "scope": ("图层", "Layers"),
    "scope_one": ("一个图层", "One layer"),
    "scope_some": ("几个图层", "Several layers"),
    "scope_all": ("全部纲要图层（{n}）", "All layers of the plan ({n})"),
    "layer": ("图层", "Layer"),
    "several_layers": ("几个图层", "Several layers"),
    "choose": ("请选择", "Choose"),
    "choose_layers": ("请至少选一个图层。", "Choose at least one layer."),
    "with_schematic": ("含示意要素", "With schematic features"),
    "with_nulls": ("含未能落位的要素（没有几何）", "With features that could not be located (no geometry)"),
    # how
    "how_title": ("格式与坐标系", "How"),
    "kind": ("交付方式", "Delivered as"),
    "kind_file": ("单个文件", "One file"),
    "kind_packet": ("数据包", "Packet"),
    "packet_hint": (
        "数据包含所选格式、数据字典、原文依据、元数据、样式、QGIS 工程（选 GeoPackage 时）、校验和与读回核对。",
        "A packet holds the formats, data dictionary, evidence, metadata, styles, a QGIS project (with GeoPackage), "
        "checksums and the result of reading it back.",
    ),
    "format": ("格式", "Format"),
    "formats": ("数据包中的格式", "Formats in the packet"),
    "choose_formats": ("请至少选一种格式。", "Choose at least one format."),
    "format_limits": ("各格式能存什么", "What each format holds"),
    "limits": ("特点与限制", "Limits"),
    "null_features": ("没有几何的要素", "Features without geometry"),
    "crs": ("坐标系", "Reference system"),
    "crs_EPSG:4326": ("WGS 84 经纬度（EPSG:4326）", "WGS 84, degrees (EPSG:4326)"),
    "crs_EPSG:4490": ("CGCS2000 经纬度（EPSG:4490）", "CGCS2000, degrees (EPSG:4490)"),
    "crs_EPSG:4547": ("CGCS2000 3 度带 中央经线 114°E（EPSG:4547）", "CGCS2000 3-degree zone, CM 114°E (EPSG:4547)"),
    "crs_EPSG:4526": (
        "CGCS2000 3 度带 带号 38（EPSG:4526）",
        "CGCS2000 3-degree zone 38, prefixed (EPSG:4526)",
    ),
    "crs_EPSG:3857": ("Web 墨卡托，只供显示（EPSG:3857）", "Web Mercator, for display only (EPSG:3857)"),
    "crs_other": ("其他 EPSG 代号", "Another EPSG code"),
    "crs_fixed": ("{fmt} 规定使用 {crs}。", "{fmt} is always in {crs}."),
    "epsg": ("EPSG 代号，如 32649（输入后按回车）", "EPSG code, such as 32649 (then press Enter)"),
    "encoding": ("Shapefile 文字编码", "Text encoding of Shapefiles"),
    "names": ("字段名", "Field names"),
    "example_title": ("字段名与一行示例：{layer}", "Field names and one row: {layer}"),
    # the check
    "check_title": ("导出前检查", "Check before export"),
    "check_none": ("没有损失，没有改动。", "Nothing is lost or changed."),
    "check_refused": (
        "有 {n} 处不能导出：请先选定处理办法，再写文件。",
        "{n} things cannot be exported: choose a remedy, then have the file made.",
    ),
    "severity_refused": ("不能导出", "refused"),
    "severity_changed": ("有改动", "changed"),
    "severity_note": ("提示", "note"),
    "field": ("字段", "Field"),
    "loss": ("影响", "What happens"),
    "places_count": ("{n} 处", "{n}"),
    "remedy": ("处理办法", "Remedy"),
    "fix": ("采用", "Do this"),
    "fix_to": ("采用：{what}", "Do this: {what}"),
    "fixes": ("已采用的处理", "Remedies taken"),
    # the file
    "link": ("直接链接（内容与此处相同，可复制）", "Direct link (the same file, to copy)"),
    "link_none": (
        "直接链接只给一个完整的图层；其他选择请用上面的按钮。",
        "A direct link gives one whole layer; for anything else use the button above.",
    ),
    "make_file": ("下载", "Download"),
    "make_packet": ("下载数据包", "Download the packet"),
    "cancel": ("取消", "Cancel"),
    "step_layers": ("读取图层", "Reading the layers"),
    "step_tables": ("写附表、元数据与样式", "Writing tables, metadata and styles"),
    "step_readback": ("用另一程序读回核对", "Reading back with a second program"),
    "step_file": ("写出 {name}", "Writing {name}"),
    "made": ("文件已写好。", "The file is ready."),
    "save": ("保存 {name}（{kb} kB）", "Save {name} ({kb} kB)"),
}
