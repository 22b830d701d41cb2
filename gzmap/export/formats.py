"""What each file format can hold: one table that the exporter, the pre-flight, its messages and the documentation read.

Sources: the dBASE and Esri Shapefile specifications, OGC 12-128r15 (GeoPackage 1.3), RFC 7946, OGC 07-147r2 (KML),
Autodesk's DXF reference, ECMA-376 (XLSX) and GDAL's pages of its drivers, each checked by writing and reading back.
"""

from __future__ import annotations

from collections.abc import Mapping

from gzmap.errors import ExportError
from gzmap.export.capabilities import Format
from gzmap.export.encodings import ENCODINGS, Encoding
from gzmap.export.reserved import (
    DEVICES,
    GEODATABASE_FIELDS,
    GEODATABASE_STARTS,
    GEODATABASE_WORDS,
    GEOPACKAGE_STARTS,
    KML_FIELDS,
    ROW_NUMBERS,
    SIDE_TABLES,
)

FORMATS: Mapping[str, Format] = {
    "shp": Format(
        title="Shapefile (zip)",
        driver="ESRI Shapefile",
        suffix=".zip",
        suffix_many=".zip",
        packed=True,
        field_chars=10,
        field_bytes=10,
        field_forbidden=":",
        reserved_fields=ROW_NUMBERS,
        reserved_layers=DEVICES,
        text_bytes=254,
        keeps_spaces=False,
        field_count=255,
        integer_limit=10**17,
        real_limit=1e22,
        types=frozenset({"text", "integer", "real", "date"}),
        encodings=("utf-8", "gbk", "gb18030"),
        null_geometry="空图形（类型 0），.dbf 中的行保留",
        null_geometry_en="null shape (type 0); the row stays in the .dbf",
        many_layers=False,
        limits_note="字段名 10 字节，文字 254 字节，小数 15 位，点线面各成一个文件；UTF-8 与 GB18030 离不开 .cpg。",
        limits_note_en="Names of 10 bytes, texts of 254, numbers of 15 decimals, one family per file; UTF-8 and "
        "GB18030 depend on the .cpg.",
    ),
    "gpkg": Format(
        title="GeoPackage 1.3",
        driver="GPKG",
        suffix=".gpkg",
        suffix_many=".gpkg",
        reserved_fields=frozenset({"fid", "geom"}),
        reserved_layers=SIDE_TABLES,
        reserved_starts=GEOPACKAGE_STARTS,
        zones="utc",
        integer_limit=2**63,
        null_geometry="几何为 NULL",
        null_geometry_en="NULL",
        limits_note="字段名与文字长短不限，文字为 UTF-8；附表与图层同在一个文件。",
        limits_note_en="Names and texts of any length, in UTF-8; side tables are in the same file.",
    ),
    "gdb": Format(
        title="File Geodatabase (zip)",
        driver="OpenFileGDB",
        suffix=".gdb.zip",
        suffix_many=".gdb.zip",
        field_chars=64,
        field_charset="word",
        reserved_fields=GEODATABASE_FIELDS,
        reserved_layers=GEODATABASE_WORDS | SIDE_TABLES,
        reserved_starts=GEODATABASE_STARTS,
        layer_title_chars=255,
        field_title_chars=255,
        zones="clock",
        keeps_milliseconds=False,
        integer_limit=2**53,
        types=frozenset({"text", "integer", "real", "date", "datetime"}),
        null_geometry="几何为 NULL",
        null_geometry_en="NULL",
        limits_note="ArcGIS 的文件地理数据库，单独导出时为 zip，先解压；日期为当日零时，时刻到秒，不带时区；"
        "每次写出的字节不同，内容相同。",
        limits_note_en="Alone in a zip; dates are midnights, times have seconds, no zone; the bytes "
        "differ each time, the content not.",
    ),
    "geojson": Format(
        title="GeoJSON (RFC 7946)",
        driver=None,
        suffix=".geojson",
        suffix_many=".zip",
        reserved_layers=DEVICES,
        integer_limit=2**63,
        decimals=6,
        types=frozenset({"text", "integer", "real", "boolean"}),
        crs=("EPSG:4326",),
        null_geometry="geometry 为 null",
        null_geometry_en="null",
        many_layers=False,
        limits_note="只用 WGS 84 经纬度，六位小数；日期写成文字。",
        limits_note_en="Always WGS 84 degrees with six decimals; dates are texts.",
    ),
    "kml": Format(
        title="KML 2.2",
        driver=None,
        suffix=".kml",
        suffix_many=".kml",
        reserved_fields=KML_FIELDS,
        layer_title_chars=255,
        text_charset="xml",
        integer_limit=2**53,
        types=frozenset({"text", "integer", "real", "boolean"}),
        crs=("EPSG:4326",),
        null_geometry="地标没有几何，只在列表中",
        null_geometry_en="a placemark without geometry, in the list only",
        limits_note="只用 WGS 84 经纬度；属性写在 ExtendedData，多数软件只显示，GDAL 读取时去掉首尾空格；"
        "XML 1.0 没有控制字符和 U+FFFE、U+FFFF。",
        limits_note_en="Always WGS 84 degrees; attributes are ExtendedData, which most programs only show and GDAL "
        "trims; XML 1.0 lacks control characters, U+FFFE and U+FFFF.",
    ),
    "dxf": Format(
        title="DXF (zip)",
        driver=None,
        suffix=".zip",
        suffix_many=".zip",
        packed=True,
        label_bytes=255,
        layer_title_chars=240,
        title_forbidden='<>/\\":;?*|,=`',
        title_taken=frozenset({"0", "defpoints"}),
        reserved_layers=DEVICES,
        states_crs=False,
        null_geometry="图中没有，只在旁附的属性表里",
        null_geometry_en="not in the drawing, only in the table beside it",
        attributes=False,
        limits_note="图层分层，名称为文字（GBK，255 字节）；面的每个环是一条闭合线；旁附属性表和 .prj。",
        limits_note_en="Geometry by layer, names as text (GBK, 255 bytes), rings closed; beside it: attributes, .prj.",
    ),
    "csv": Format(
        title="CSV (UTF-8, WKT)",
        driver=None,
        suffix=".csv",
        suffix_many=".zip",
        keeps_spaces=False,
        types=frozenset({"text"}),
        reserved_fields=frozenset({"wkt"}),
        reserved_layers=DEVICES,
        returns="reader",
        states_crs=False,
        null_geometry="WKT 列为空",
        null_geometry_en="the WKT column is empty",
        many_layers=False,
        limits_note="没有类型，由读取软件猜测；几何为 WKT 文字；以 = + - @ 等开头的文字前加一个撇号；"
        "文件本身不记坐标系。",
        limits_note_en="No types (readers guess), no CRS; geometry is WKT; an apostrophe before texts like formulas.",
    ),
    "xlsx": Format(
        title="Excel (XLSX)",
        driver=None,
        suffix=".xlsx",
        suffix_many=".xlsx",
        reserved_fields=frozenset({"wkt"}),
        reserved_layers=SIDE_TABLES,
        layer_title_chars=31,
        title_forbidden="[]:*?/\\",
        title_taken=frozenset({"history"}),
        text_chars=32767,
        returns="changed",
        zones="each",
        field_count=16383,
        row_count=1048575,
        integer_limit=10**15,
        states_crs=False,
        null_geometry="WKT 列为空",
        null_geometry_en="the WKT column is empty",
        limits_note="每层一个工作表；几何为 WKT 文字，超过 32767 字的分段另列一表；数字 15 位；文字不作公式，"
        "其中的换行（\\r\\n、\\r）都写成 \\n。",
        limits_note_en="A sheet per layer; WKT, in parts when long; numbers of 15 digits; texts never formulas, the "
        "ends of their lines (\\r\\n, \\r) all become \\n.",
    ),
    "fgb": Format(
        title="FlatGeobuf",
        driver="FlatGeobuf",
        suffix=".fgb",
        suffix_many=".zip",
        reserved_fields=ROW_NUMBERS,
        reserved_layers=DEVICES,
        zones="one",
        integer_limit=2**63,
        types=frozenset({"text", "integer", "real", "datetime", "boolean"}),
        null_geometry="几何为空",
        null_geometry_en="null",
        many_layers=False,
        limits_note="每个文件一层；日期写成文字。",
        limits_note_en="One layer per file; dates are texts.",
    ),
    "parquet": Format(
        title="GeoParquet 1.1",
        driver=None,
        suffix=".parquet",
        suffix_many=".zip",
        reserved_fields=frozenset({"geometry"}),
        reserved_layers=DEVICES,
        zones="one",
        integer_limit=2**63,
        null_geometry="几何为 NULL",
        null_geometry_en="NULL",
        many_layers=False,
        limits_note="每个文件一层；QGIS 3.28 以上与 ArcGIS Pro 3.5 以上可读。",
        limits_note_en="One layer per file; read by QGIS from 3.28 and ArcGIS Pro from 3.5.",
    ),
}


def require_format(name: str) -> Format:
    """Return a format by its key.

    Raises
    ------
    ExportError
        If there is no such format.
    """
    if name not in FORMATS:
        raise ExportError.unknown("Format", name, FORMATS, where="the list")
    return FORMATS[name]


def require_encoding(fmt: Format, name: str) -> Encoding:
    """Return an encoding that a format allows.

    Parameters
    ----------
    fmt
        The format.
    name
        A key of `ENCODINGS`, upper or lower case.

    Raises
    ------
    ExportError
        If the format does not allow it.
    """
    if name.lower() not in fmt.encodings:
        raise ExportError(f"{fmt.title} cannot be written in {name!r}; use {' or '.join(fmt.encodings)}.")
    return ENCODINGS[name.lower()]


def require_crs(fmt: Format, crs: str) -> str:
    """Return an EPSG code, upper case, that a format allows.

    Raises
    ------
    ExportError
        If the format does not allow it; the message names formats that do.
    """
    code = crs.upper()
    if fmt.crs is not None and code not in fmt.crs:
        others = " or ".join(f.title for f in FORMATS.values() if f.crs is None)
        raise ExportError(f"{fmt.title} is always in {', '.join(fmt.crs)}, not in {crs}; take {others} for {crs}.")
    return code
