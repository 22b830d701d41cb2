"""One thing that an export would lose or change, told before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REFUSED, CHANGED, NOTE = "refused", "changed", "note"
"""Severities: nothing is written before it is fixed; the file differs from the data; good to know."""

CODES: Mapping[str, tuple[str, str]] = {
    "attributes": ("格式不存属性，属性在旁附的表里", "the format holds no attributes, they stand in a table beside it"),
    "character": ("格式或编码没有这些字符", "the format or the encoding lacks these characters"),
    "clipped": ("要素按所选范围裁剪", "features are cut at the selection"),
    "collection": ("几何集合按类型拆开", "collections are taken apart"),
    "coordinates": ("坐标取整", "coordinates are rounded"),
    "crs": ("坐标系，所用转换及其精度", "the CRS, the transformation and its accuracy"),
    "crs-fixed": ("格式只有一种坐标系", "the format has one CRS only"),
    "crs-unstated": ("文件本身不记坐标系", "the file does not state its CRS"),
    "decimals": ("很小的数只留 15 位小数", "very small numbers keep 15 decimals"),
    "empty-geometry": ("空几何按无几何处理", "empty geometries are taken as none"),
    "empty-text": ("空文字与空值不再区分", "empty texts and no text are the same afterwards"),
    "encoding": ("编码依赖 .cpg 文件", "the encoding depends on its .cpg file"),
    "field-count": ("字段太多", "too many fields"),
    "field-name": ("字段改名", "a field gets another name"),
    "input": ("读取来件时的提示", "what the reader of the file warned of"),
    "integer": ("整数太大", "a whole number is too large"),
    "layer-empty": ("所选范围内没有要素的图层", "a layer without a feature in the selection"),
    "layer-left-out": ("图层超出坐标系的适用范围", "a layer leaves the area of use of the CRS"),
    "layer-name": ("图层改名", "a layer gets another name"),
    "line-ends": ("文字中的换行", "ends of lines in texts"),
    "mixed-geometry": ("点线面混合，分为几个图层", "mixed geometries are split into layers"),
    "names": ("字段名的写法", "the scheme of field names"),
    "null-geometry": ("没有几何的要素去了哪里", "where features without geometry go"),
    "real": ("小数太大", "a number is too large"),
    "row-count": ("行数太多", "too many rows"),
    "row-id": ("加一列行号", "a column of row numbers is added"),
    "schematic": ("含示意要素", "schematic features are included"),
    "table-left-out": ("没有几何的表不写出", "tables without geometry are left out"),
    "text-cut": ("文字截短，全文另存", "a text is cut, the whole is kept beside"),
    "time": ("时刻的写法", "times are written otherwise"),
    "title": ("标题写法不同", "a title is written otherwise"),
    "type": ("类型改变", "a type changes"),
    "untyped": ("格式没有类型", "the format has no types"),
    "unplaced": ("未落位的要素不在所选范围内", "features without geometry are in no view"),
    "z-dropped": ("高程与量测值不保留", "heights and measures are dropped"),
}
"""What can be lost or changed, in Chinese and in English."""


@dataclass(frozen=True)
class Loss:
    """What an export would lose or change, where, and what to do.

    ``code`` is a key of `CODES`, ``severity`` is ``refused``, ``changed`` or ``note``. ``detail`` and ``remedy`` are in
    Chinese, ``detail_en`` and ``remedy_en`` in English. ``fix`` is what to add to `Choices.fixes`, or a choice such as
    ``encoding=utf-8``; empty where there is none. ``layer``, ``field`` and ``feature_id`` are empty where the loss is
    not of one.
    """

    code: str
    severity: str
    layer: str = ""
    field: str = ""
    feature_id: str = ""
    detail: str = ""
    detail_en: str = ""
    remedy: str = ""
    remedy_en: str = ""
    fix: str = ""
