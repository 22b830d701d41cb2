"""What is said of brought files, in Chinese and English: nothing but words.

Names in braces are facts that `gzmap.sites.problems` puts in.
"""

from __future__ import annotations

REMEDY_KINDS = (
    "请提供 GeoJSON、KML/KMZ、打包成 .zip 的 Shapefile、DXF，或粘贴界址点坐标。",
    "Give GeoJSON, KML or KMZ, a Shapefile packed as .zip, DXF, or paste coordinates.",
)
REMEDY_ARCHIVE = (
    "请只把 .shp、.dbf、.shx、.prj（和 .cpg）几个文件重新打包成 .zip。",
    "Pack just the .shp, .dbf, .shx, .prj (and .cpg) files into a .zip again.",
)
REMEDY_SMALLER = (
    "请只保留本地块，或先简化、拆分后再试。",
    "Keep the site alone, or simplify or split it first.",
)
REMEDY_RESAVE = (
    "请用原软件打开检查后重新导出。",
    "Open it in the program that made it, check it, and export it again.",
)
REMEDY_CONVERT = (
    "请委托测绘单位转换到 CGCS2000（EPSG:4490 或 EPSG:4547）后再提供。",
    "Have the surveyors convert it to CGCS2000 (EPSG:4490 or EPSG:4547) first.",
)
REMEDY_CRS = ("{advice_zh}", "{advice}")

ERRORS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    # the file itself
    "empty": (
        ("“{name}”是空的。", "{name} is empty."),
        ("请重新导出，或检查是否上传完整。", "Export it again, or check that all of it arrived."),
    ),
    "unreadable": (
        ("无法读取“{name}”（{reason}）。", "{name} cannot be opened ({reason})."),
        ("请检查路径和权限。", "Correct the path or its permissions."),
    ),
    "too-large": (
        ("“{name}”有 {size_mb} MB，超过上限 {limit_mb} MB。", "{name} has {size_mb} MB; the limit is {limit_mb} MB."),
        REMEDY_SMALLER,
    ),
    "kind-unknown": (
        ("无法识别“{name}”是什么文件{guess_zh}。", "{name} is no kind of file that is read here{guess}."),
        REMEDY_KINDS,
    ),
    "suffix-wrong": (
        ("“{name}”的内容不是 {kind} 文件。", "The content of {name} is not that of a .{kind} file."),
        REMEDY_RESAVE,
    ),
    "content-broken": (
        ("“{name}”不是有效的 {kind} 文件（{reason}）。", "{name} is not a valid {kind} file ({reason})."),
        REMEDY_RESAVE,
    ),
    # archives
    "zip-broken": (
        ("“{name}”不是完整的 zip 压缩包（{reason}）。", "{name} is not a whole zip archive ({reason})."),
        REMEDY_ARCHIVE,
    ),
    "zip-path": (
        (
            "压缩包中的文件名“{member}”带有上级目录或绝对路径，可能有害，未读取。",
            "The archive names a file {member!r}, which leads out of it; that may be an attack, and nothing was read.",
        ),
        REMEDY_ARCHIVE,
    ),
    "zip-encrypted": (
        ("压缩包中的“{member}”有密码。", "{member} in the archive is encrypted."),
        ("请不设密码重新打包。", "Pack it again without a password."),
    ),
    "zip-bomb": (
        (
            "压缩包解开后会超过 {limit_mb} MB，疑为压缩炸弹，未继续解压。",
            "The archive would unpack to more than {limit_mb} MB, as a zip bomb does; unpacking was stopped.",
        ),
        REMEDY_ARCHIVE,
    ),
    "zip-many": (
        ("压缩包中有 {count} 个文件，超过上限 {limit}。", "The archive holds {count} files; the limit is {limit}."),
        REMEDY_ARCHIVE,
    ),
    "zip-nothing": (
        (
            "压缩包中没有可读取的图形文件（有：{members}）。",
            "The archive has no file that is read here (it has {members}).",
        ),
        REMEDY_KINDS,
    ),
    "shapefile-part-missing": (
        (
            "Shapefile 不完整：缺少 {stem} 的 {missing}。",
            "The Shapefile is not whole: {missing} of {stem} is missing.",
        ),
        (
            "请把同名的 .shp、.dbf、.shx、.prj（和 .cpg）一起打包成 .zip。",
            "Pack the .shp, .dbf, .shx, .prj (and .cpg) files of that name together as .zip.",
        ),
    ),
    "xml-doctype": (
        (
            "该 KML 带有文档类型声明（DOCTYPE），可能借实体读取别的文件，未读取。",
            "The KML has a document type declaration, which can make a reader open other files; it was not read.",
        ),
        ("请用 Google 地球或 QGIS 重新另存为 KML。", "Save it as KML again with Google Earth or QGIS."),
    ),
    # amounts
    "too-many-features": (
        ("“{name}”中的要素超过上限 {limit} 个。", "{name} has more features than the limit of {limit}."),
        REMEDY_SMALLER,
    ),
    "too-many-vertices": (
        (
            "“{name}”有 {count} 个顶点，超过上限 {limit} 个。",
            "{name} has {count} vertices; the limit is {limit}.",
        ),
        REMEDY_SMALLER,
    ),
    # coordinates
    "crs-missing": (
        (
            "“{name}”没有说明坐标系；猜测可能会差几公里。",
            "{name} does not say its coordinate reference system, and a guess could be kilometres wrong.",
        ),
        REMEDY_CRS,
    ),
    "crs-unknown": (
        ("无法识别坐标系“{crs}”。", "The coordinate reference system {crs!r} is not known here."),
        (
            "请选用 EPSG:4490、EPSG:4326、EPSG:4547 或 EPSG:4526；自定义坐标系请先转换。",
            "Use EPSG:4490, EPSG:4326, EPSG:4547 or EPSG:4526; convert from a system of your own first.",
        ),
    ),
    "crs-local": (
        (
            "坐标系“{crs}”（1954 北京、1980 西安或地方坐标系）到 CGCS2000 没有公开的精确转换参数，直接叠加会偏几十"
            "至上百米。",
            "{crs} is Beijing 1954, Xian 1980 or a city's own system: no exact way from there to CGCS2000 is public, "
            "and laid over as it is it would be tens of metres off, or a hundred.",
        ),
        REMEDY_CONVERT,
    ),
    "bd09": (
        (
            "BD-09（百度坐标）不是坐标系，而是在 GCJ-02 上又加的偏移，这里不换算。",
            "BD-09 (Baidu) is no coordinate reference system but a displacement on top of GCJ-02; it is not undone "
            "here.",
        ),
        (
            "请从原始测绘数据导出 CGCS2000 或 WGS 84 坐标。",
            "Export coordinates in CGCS2000 or WGS 84 from the surveyed data.",
        ),
    ),
    "gcj02-not-degrees": (
        (
            "GCJ-02 只用于经纬度，而“{name}”的坐标不是广州的经纬度。",
            "GCJ-02 is for degrees only, and the coordinates of {name} are no degrees of Guangzhou.",
        ),
        REMEDY_CRS,
    ),
    "outside": (
        (
            "按 {crs}（{crs_name}）读取，“{name}”在{where_zh}，不在广州及周边。",
            "Read as {crs} ({crs_name}), {name} lies at {where}, not in or near Guangzhou.",
        ),
        REMEDY_CRS,
    ),
    "not-finite": (
        (
            "“{name}”中有不是数值或大得不可能的坐标。",
            "{name} has coordinates that are no numbers, or impossibly large ones.",
        ),
        REMEDY_RESAVE,
    ),
    "line-unreadable": (
        ("第 {number} 行读不出坐标：“{line}”。", "No coordinates can be read from line {number}: {line!r}."),
        (
            "每行写一个点，例如 J1,2570000.123,450000.456 或 113°15′30″,23°07′30″。",
            "Write one point per line, such as J1,2570000.123,450000.456 or 113°15′30″,23°07′30″.",
        ),
    ),
    "unit-unknown": (
        ("计量单位是“{unit}”，只能读取以米为单位的坐标。", "The unit is {unit!r}; only metres are read."),
        ("请以米为单位重新导出。", "Export it again in metres."),
    ),
    # geometry
    "no-area": (
        ("“{name}”中没有面：{found_zh}。", "{name} has no area: {found}."),
        (
            "请画成面或首尾闭合的线{gap_zh}。",
            "Draw the site as a polygon or as a line that ends where it begins{gap}.",
        ),
    ),
    "too-few-points": (
        ("“{name}”中有地块不足三个不同的点。", "A plot of {name} has fewer than three different points."),
        ("请补全界址点，按顺序排列。", "Give all its corners, in order."),
    ),
    "self-intersecting": (
        (
            "“{name}”的边界有误：{reason_zh}，位于 {at}。",
            "The boundary of {name} is wrong: {reason} at {at}.",
        ),
        (
            "请检查该处附近的点是否漏点、重复或顺序颠倒；也可以选择自动修复（面积可能改变）。",
            "Look there for a point that is missing, doubled or out of order; or choose to have it repaired, which may "
            "change the area.",
        ),
    ),
    "too-tangled": (
        (
            "“{name}”的边界自相交或重叠处过多，不作处理。",
            "The boundary of {name} crosses or overlaps itself in too many places; it was not worked on.",
        ),
        (
            "请检查点的顺序，或在 CAD 或 GIS 软件中整理边界后再试。",
            "Check the order of the points, or clean the boundary in CAD or GIS software and try again.",
        ),
    ),
    "choice-unknown": (
        ("没有第 {number} 个地块，共 {count} 个。", "There is no plot {number}; there are {count}."),
        ("请在 1 至 {count} 中选择。", "Choose one from 1 to {count}."),
    ),
    # own layers
    "own-kind": (
        ("本单位图层不读取“{name}”这种格式。", "{name} is not of a kind that is read as a layer of your own."),
        (
            "请另存为 Shapefile、GeoPackage、File Geodatabase 或 GeoJSON。",
            "Save it as Shapefile, GeoPackage, File Geodatabase or GeoJSON.",
        ),
    ),
    "own-name": (
        (
            "文件名或文件夹名“{name}”不是 UTF-8，无法打开。",
            "The name of {name} or of its folder is not UTF-8, and it cannot be opened.",
        ),
        ("请改名后再放进来。", "Rename it."),
    ),
    "own-empty": (
        ("“{name}”中没有带几何的图层。", "{name} has no layer with geometry."),
        ("请检查导出内容，或把该文件移出此文件夹。", "Check what was exported, or move the file out of the folder."),
    ),
    "own-too-many": (
        (
            "图层“{name}”有 {count} 个要素，超过上限 {limit} 个。",
            "The layer {name} has {count} features; the limit is {limit}.",
        ),
        ("请裁剪到所需范围或拆分。", "Clip it to the area that is needed, or split it."),
    ),
}
"""By code: what is wrong and what to do, each in Chinese and English."""
