"""One column of any data frame as a column of plain values."""

from __future__ import annotations

import json
from datetime import MAXYEAR, MINYEAR

import numpy as np
import pandas as pd
from pandas.api import types

from gzmap.export.losses import CHANGED, Loss
from gzmap.export.moments import format_time
from gzmap.export.tables import Column
from gzmap.export.values import Values

INT64 = 2**63


def build_column(series: pd.Series, name: str, *, layer: str) -> tuple[Column, Loss | None]:
    """Give a series as a column.

    Parameters
    ----------
    series
        Of any type; what a file has no type for becomes text.
    name
        Plain ASCII name.
    layer
        The table's name, for what is told.

    Returns
    -------
    tuple
        The column, and what was changed, None where nothing was.
    """
    original = str(series.name)
    kind, values, said = _find_values(series)
    loss = None
    if said is not None:
        loss = Loss("type", CHANGED, layer, name, detail=said[0], detail_en=said[1])
    return Column(name, kind, values, title=original, title_en=original, origin=original), loss


def _find_values(series: pd.Series) -> tuple[str, Values, tuple[str, str] | None]:
    """Find the kind and the values of a series, and what that changed in Chinese and English."""
    missing = series.isna().to_numpy()
    if isinstance(series.dtype, pd.CategoricalDtype):
        dtype = series.cat.categories.dtype
        # Plain whole numbers and truth values know nothing missing.
        series = series.astype(object if missing.any() and dtype.kind in "iub" else dtype)
    if types.is_bool_dtype(series.dtype):
        return _booleans(series, missing)
    if types.is_integer_dtype(series.dtype):
        return _integers(series, missing)
    if types.is_float_dtype(series.dtype):
        return _reals(series.to_numpy(dtype="float64", na_value=np.nan))
    if types.is_datetime64_any_dtype(series.dtype):
        return _moments(series, missing)
    return _objects(series, missing)


def _booleans(series: pd.Series, missing: np.ndarray) -> tuple[str, Values, None]:
    return "boolean", Values(_fill(series, missing, nothing=False).astype(bool), missing), None


def _fill(series: pd.Series, missing: np.ndarray, *, nothing: object) -> np.ndarray:
    """Give the values as an array of objects, with something where they are missing."""
    values = series.to_numpy(dtype=object)
    return np.where(missing, nothing, values) if missing.any() else values


def _integers(series: pd.Series, missing: np.ndarray) -> tuple[str, Values, None]:
    if not missing.any() and series.dtype.kind in "iu" and series.dtype != np.uint64:
        return "integer", Values(series.to_numpy(dtype=np.int64)), None
    whole = _fill(series, missing, nothing=0)
    fits = all(-INT64 <= v < INT64 for v in whole)
    return "integer", Values(whole.astype(np.int64) if fits else whole, missing), None


def _reals(array: np.ndarray) -> tuple[str, Values, tuple[str, str] | None]:
    infinite = np.isinf(array)
    if not infinite.any():
        return "real", Values(array), None
    count = int(infinite.sum())
    told = (f"{count} 个无穷大写成空值", f"{count} infinite numbers become empty")
    return "real", Values(np.where(infinite, np.nan, array)), told


def _moments(series: pd.Series, missing: np.ndarray) -> tuple[str, Values, tuple[str, str] | None]:
    """Dates where no value has a time of day or a zone, else times in milliseconds."""
    known = series[~missing]
    if not known.dt.year.between(MINYEAR, MAXYEAR).all():
        texts = np.full(len(missing), None, dtype=object)
        texts[~missing] = np.datetime_as_string(known.to_numpy(dtype="datetime64[s]"))
        return (
            "text",
            Values(texts),
            ("公元前与 9999 年后的日期写成文字", "days before year 1 or after 9999 become text"),
        )
    if getattr(series.dtype, "tz", None) is None and all(known.dt.normalize() == known):
        return "date", Values(series.to_numpy(dtype="datetime64[D]")), None
    return _times(known, missing)


def _times(known: pd.Series, missing: np.ndarray) -> tuple[str, Values, tuple[str, str] | None]:
    texts = np.full(len(missing), None, dtype=object)
    is_one_type = known.dtype != object
    known = list(known)
    texts[~missing] = [format_time(moment) for moment in known]
    if not is_one_type and len({moment.utcoffset() is None for moment in known}) > 1:
        told = ("有的时刻带时区、有的不带，整列写成文字", "some times have a zone and some have none: all become text")
        return "text", Values(texts), told
    finer = any(m.microsecond % 1000 or getattr(m, "nanosecond", 0) for m in known)
    told = ("时间精确到毫秒，更细的部分不保留", "times are kept to the millisecond, finer parts are dropped")
    return "datetime", Values(texts), told if finer else None


def _dates(known: pd.Series, missing: np.ndarray) -> tuple[str, Values, None]:
    days = np.full(len(missing), np.datetime64("NaT"), dtype="datetime64[D]")
    days[~missing] = [day.isoformat() for day in known]
    return "date", Values(days), None


def _objects(series: pd.Series, missing: np.ndarray) -> tuple[str, Values, tuple[str, str] | None]:
    inferred = types.infer_dtype(series, skipna=True)
    if inferred in ("string", "empty"):
        return "text", Values(series.to_numpy(dtype=object, na_value=None), missing), None
    known = series[~missing]
    makers = {"boolean": _booleans, "integer": _integers}
    if inferred in makers:
        return makers[inferred](series, missing)
    if inferred in ("floating", "mixed-integer-float"):
        return _reals(series.to_numpy(dtype="float64", na_value=np.nan))
    if inferred in ("date", "datetime"):
        return {"date": _dates, "datetime": _times}[inferred](known, missing)
    texts = np.full(len(missing), None, dtype=object)
    texts[~missing] = [_format_any(value) for value in known]
    name = {"unknown-array": "geometry"}.get(inferred, inferred)
    told = (f"{name} 类型的值写成文字", f"values of type {name} become text")
    return "text", Values(texts), told


def _format_any(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.hex() if isinstance(value, bytes) else str(value)
