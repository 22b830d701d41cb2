"""What is said of things that were read all the same, and the pieces that messages are put together from.

Chinese and English, nothing but words; names in braces are facts that `gzmap.sites.problems` puts in.
"""

from __future__ import annotations

NOTES: dict[str, tuple[str, str]] = {
    "crs-assumed": (
        "未说明坐标系，按经纬度（WGS 84 / CGCS2000）读取；如为 GCJ-02（高德、腾讯地图）坐标，位置会偏约 500 米，请改"
        "选 GCJ-02。",
        "No coordinate reference system was stated; read as degrees (WGS 84 / CGCS2000). Were they GCJ-02 (AMap, "
        "Tencent), "
        "the place would be some 500 m off: choose GCJ-02 then.",
    ),
    "crs-overridden": (
        "文件写明 {stated}，按您指定的 {crs} 读取。",
        "The file states {stated}; it was read as {crs}, as you chose.",
    ),
    "axes-swapped": (
        "坐标为北坐标（纬度）在前，已按此读取。",
        "The coordinates have the northing (latitude) first and were read so.",
    ),
    "gcj02-converted": (
        "已按非官方公开公式由 GCJ-02 换算到 WGS 84，精度约 {accuracy_m} 米。",
        "Taken from GCJ-02 to WGS 84 by the publicly known, unofficial formula; good to some {accuracy_m} m.",
    ),
    "gcj02-suspected": (
        "“{where}”中有“{word}”：坐标可能是 GCJ-02（火星坐标），那样会偏约 500 米。仅凭数值无法判断，请核实；若是，请"
        "改选 GCJ-02 重新读取。",
        "{where} says {word!r}: the coordinates may be GCJ-02, and then lie some 500 m off. The numbers alone cannot "
        "tell; "
        "please find out, and if so, choose GCJ-02 and read again.",
    ),
    "bd09-suspected": (
        "“{where}”中有“{word}”：坐标可能是百度 BD-09，那样会偏一公里左右。仅凭数值无法判断，请核实；若是，请换用测绘"
        "坐标。",
        "{where} says {word!r}: the coordinates may be Baidu's BD-09, and then lie about a kilometre off. The "
        "numbers alone "
        "cannot tell; please find out, and if so, use surveyed coordinates.",
    ),
    "gcj02-fits": (
        "地块边界与“{outline}”相距约 {before_m} 米，按 GCJ-02 换算后只差约 {after_m} 米：坐标可能是 GCJ-02。请核实；"
        "若是，请改选 GCJ-02 重新读取。",
        "The site's edge lies some {before_m} m from that of {outline}, and only {after_m} m when taken for GCJ-02: "
        "the "
        "coordinates may be GCJ-02. Please find out, and if so, choose GCJ-02 and read again.",
    ),
    "partly-outside": (
        "地块有一部分在广州之外，查询只涉及纲要范围。",
        "Part of the site lies outside Guangzhou; the plan says nothing of that part.",
    ),
    "several-features": (
        "共 {count} 个面，合并为一个地块查询；也可以只选其中一个。",
        "{count} areas were taken together as one site; one of them can be chosen instead.",
    ),
    "lines-closed": (
        "{count} 条闭合线按面读取。",
        "{count} closed lines were taken as areas.",
    ),
    "lines-joined": (
        "{count} 段首尾相接的线围成面，按面读取。",
        "{count} lines that join end to end were taken as areas.",
    ),
    "lines-nested": (
        "有闭合线位于另一条闭合线之内，按地块的一部分（而非孔洞）计算。",
        "A closed line lies inside another; it was taken as part of the site, not as a hole.",
    ),
    "hole-assumed": (
        "有一圈坐标位于另一圈之内，按孔洞扣除。",
        "One ring of coordinates lies inside another and was taken as a hole.",
    ),
    "left-out": (
        "未用于查询：{what_zh}。",
        "Left out: {what}.",
    ),
    "ring-touching": (
        "边界在一点与自身相接（{at}），不影响面积，已整理。",
        "The boundary touches itself at {at}; that changes no area, and it was put in order.",
    ),
    "repaired": (
        "边界自相交，已自动修复，面积改变 {change_percent} %，请核对。",
        "The boundary crossed itself and was repaired, which changed the area by {change_percent} %; please check it.",
    ),
    "encoding-guessed": (
        "文字编码未写明，按内容判断为 {encoding}。",
        "The encoding of the texts is not stated; by their content it is {encoding}.",
    ),
    "encoding-corrected": (
        "文件写明编码为 {stated}，但内容是 {encoding}，按后者读取。",
        "The file states the encoding {stated}, but its texts are {encoding} and were read so.",
    ),
    "encoding-unknown": (
        "部分文字无法识别编码，读不出的字以 � 代替。",
        "The encoding of some texts cannot be told; what cannot be read shows as �.",
    ),
    "links-ignored": (
        "文件引用了网络链接，未访问。",
        "The file refers to network links, which were not opened.",
    ),
    "blocks-ignored": (
        "图中有嵌套图块，图块中的线未读取；如地块边界在图块中，请先炸开（EXPLODE）。",
        "The drawing has blocks inside blocks, and lines in blocks were not read; if the site's boundary is in one, "
        "explode it first.",
    ),
    "own-repaired": (
        "{count} 个要素的边界有自相交，查询和量算时按修复后的图形。",
        "{count} features have boundaries that cross themselves; queries and measures use repaired shapes.",
    ),
    "own-unlocated": (
        "{count} 个要素没有几何，不显示。",
        "{count} features have no geometry and are not drawn.",
    ),
}
"""By code: what a person should know of what was read, in Chinese and English."""

ADVICE: dict[str, tuple[str, str]] = {
    "try": (
        "若按 {codes}读取，就落在广州；如果坐标确实如此，请改选后重新读取。",
        "Read as {codes} it would lie in Guangzhou; if that is what the coordinates are, choose it and read again.",
    ),
    "none": (
        "按 CGCS2000 的 3 度带、6 度带和经纬度读取，均不在广州；请核对坐标、带号和单位（米）。",
        "Neither degrees nor any zone of CGCS2000 puts it there; check the coordinates, the zone and the unit "
        "(metres).",
    ),
    "millimetres": (
        "坐标像是以毫米为单位；请以米为单位重新导出。",
        "The coordinates look like millimetres; export them again in metres.",
    ),
}
"""What to do about coordinates, by what was found out of them."""

REASONS: dict[str, tuple[str, str]] = {
    "Self-intersection": ("边界自相交", "it crosses itself"),
    "Ring Self-intersection": ("边界与自身相接", "a ring touches or crosses itself"),
    "Hole lies outside shell": ("孔洞在外边界之外", "a hole lies outside the outer ring"),
    "Holes are nested": ("孔洞套着孔洞", "a hole lies inside another hole"),
    "Interior is disconnected": ("孔洞把面切断", "holes cut the area in two"),
    "Nested shells": ("面中套面", "a part lies inside another part"),
    "Duplicate Rings": ("有重复的边界", "a ring is there twice"),
    "Too few points in geometry component": ("点数不足", "a ring has too few points"),
}
"""GEOS's reasons for an invalid area, in Chinese and English."""

FOUND: dict[str, tuple[str, str]] = {
    "points": ("{count} 个点", "{count} points"),
    "lines": ("{count} 条未闭合的线", "{count} lines that do not close"),
    "nothing": ("没有几何", "it has no geometry at all"),
    "flat": ("面积为零", "its area is zero"),
}
"""What there is instead of an area."""

GUESSES: dict[str, tuple[str, str]] = {
    "rar": ("（像是 RAR 压缩包，请改用 zip）", " (it looks like a RAR archive; use zip)"),
    "7z": ("（像是 7z 压缩包，请改用 zip）", " (it looks like a 7z archive; use zip)"),
    "gzip": ("（像是 gzip 压缩包，请改用 zip）", " (it looks like a gzip archive; use zip)"),
    "dwg": ("（像是 DWG 图，请另存为 DXF）", " (it looks like a DWG drawing; save it as DXF)"),
    "dxf-binary": ("（是二进制 DXF，请另存为 ASCII DXF）", " (it is a binary DXF; save it as ASCII DXF)"),
    "gpkg": (
        "（是 GeoPackage，请导出为 GeoJSON，或作为本单位图层放进 local 文件夹）",
        " (it is a GeoPackage; export it as GeoJSON, or put it into the folder local as a layer of your own)",
    ),
    "shp": ("（是 Shapefile 的一部分，请与同名文件一起打包）", " (it is one part of a Shapefile; pack all its parts)"),
    "office": ("（像是办公文档，请把坐标复制出来粘贴）", " (it looks like an office document; paste its coordinates)"),
    "pdf": ("（是 PDF，请提供矢量数据）", " (it is a PDF; give the vector data)"),
    "image": ("（是图片，请提供矢量数据）", " (it is a picture; give the vector data)"),
    "xml": ("（是 XML，但不是 KML）", " (it is XML, but no KML)"),
    "json": ("（是 JSON，但不是 GeoJSON）", " (it is JSON, but no GeoJSON)"),
    "folder": ("（是文件夹，请打包成 .zip）", " (it is a folder; pack it as .zip)"),
    "nothing": ("", ""),
}
"""What an unknown kind of file looks like."""
