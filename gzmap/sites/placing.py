"""Where a brought thing lies: its CRS found or asked for, its axes in order, its place made sure of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap import crs as crs_door
from gzmap.config import DELIVERY_CRS, HOME_BBOX, SITE_MARGIN_DEG, STORAGE_CRS
from gzmap.errors import CRSError, SiteError
from gzmap.sites.problems import Note, build_error, build_note
from gzmap.sites.remarks import ADVICE
from gzmap.sites.zones import find_candidates, find_fitting, flip, is_fitting, is_in_millimetres, is_within, widen_home

LOCAL_WORDS = re.compile(r"西安|北京|地方|独立|(?<!\d)(?:19)?(?:80|54)(?!\d)|xian|beijing", re.IGNORECASE)
CGCS2000_DEGREES = "EPSG:4490"
SITE_CRS = (*DELIVERY_CRS, crs_door.GCJ02)
"""What a person is offered to say of brought coordinates; any other EPSG code can be named too."""


@dataclass(frozen=True)
class Placed:
    """Shapes in storage CRS, None for those that lie elsewhere; the CRS that they were read in; what was noted."""

    shapes: tuple[BaseGeometry | None, ...]
    crs: str
    notes: tuple[Note, ...]


def place(shapes: Sequence[BaseGeometry], name: str, *, stated: str, chosen: str, may_assume_degrees: bool) -> Placed:
    """Take shapes to storage CRS.

    Parameters
    ----------
    shapes
        In the coordinates of the file, none empty, all finite.
    name
        The file's name, for messages.
    stated
        What the file says of its CRS; empty for nothing.
    chosen
        What the person says: an EPSG code, ``"GCJ-02"``, or empty. It goes before what the file says.
    may_assume_degrees
        Whether numbers that are degrees of Guangzhou need no CRS.

    Raises
    ------
    SiteError
        If the CRS is missing, unknown, of a datum without a public transformation, or puts most shapes elsewhere than
        into Guangzhou or near it; `SiteError.suggestions` then holds those that would not.
    """
    bounds = shapely.bounds(list(shapes))
    notes = []
    is_displaced = crs_door.find_alias(chosen) == crs_door.GCJ02
    code = STORAGE_CRS if is_displaced else require_known(chosen or stated) if chosen or stated else ""
    if not code:
        if not (may_assume_degrees and (is_fitting(bounds, STORAGE_CRS) or is_fitting(flip(bounds), STORAGE_CRS))):
            raise ask(bounds, "crs-missing", name=name)
        code = STORAGE_CRS
        notes.append(build_note("crs-assumed"))
    elif not is_displaced and chosen and stated and not _is_same(code, stated):
        notes.append(build_note("crs-overridden", stated=stated, crs=code))
    if not is_fitting(bounds, code) and is_fitting(flip(bounds), code):
        shapes, bounds = [swap(shape) for shape in shapes], flip(bounds)
        notes.append(build_note("axes-swapped"))
    if is_displaced and not is_fitting(bounds, code):
        raise ask(bounds, "gcj02-not-degrees", name=name)
    if not is_fitting(bounds, code):
        raise refuse_place(bounds, code, name)
    kept = find_fitting(bounds, code)
    if is_displaced:
        notes.append(build_note("gcj02-converted", accuracy_m=crs_door.GCJ02_ACCURACY_M))
    there = _restore(shapes) if is_displaced else _convert(shapes, kept, code=code, name=name)
    placed = tuple(shape if is_kept else None for shape, is_kept in zip(there, kept, strict=True))
    notes += _tell_place(bounds[kept], code, left_out=int((~kept).sum()))
    return Placed(placed, crs_door.GCJ02 if is_displaced else code, tuple(notes))


def _is_same(code: str, stated: str) -> bool:
    return code == stated or {code, stated} == {STORAGE_CRS, CGCS2000_DEGREES}


def require_known(crs: str) -> str:
    """Return the EPSG code of a CRS that can be taken to storage CRS exactly.

    Raises
    ------
    SiteError
        If it is no code that is known, BD-09, or of a datum from which no exact way is public.
    """
    alias = crs_door.find_alias(crs)
    if alias == "BD-09":
        raise build_error("bd09")
    try:
        code = crs_door.require_code(crs.strip())
    except CRSError:
        kind = "crs-local" if alias or LOCAL_WORDS.search(crs) else "crs-unknown"
        raise build_error(kind, crs=crs) from None
    if crs_door.is_local(code):
        raise build_error("crs-local", crs=f"{code} ({crs_door.describe_crs(code)})")
    return code


def find_stated(frame: geopandas.GeoDataFrame) -> str:
    """Return what a frame says of its CRS: an EPSG code, the name of a CRS that has none, or nothing."""
    if frame.crs is None:
        return ""
    try:
        return crs_door.require_code(frame.crs)
    except CRSError:
        return frame.crs.name or "unknown"


def refuse_place(bounds: np.ndarray, code: str, name: str) -> SiteError:
    """Make the error of bounds that do not lie in Guangzhou when read in a CRS.

    It names where they would lie, and the codes that would put them into Guangzhou.
    """
    # Chinese surveys write the northing first: of the two ways to read it, the one nearer by is what was meant.
    boxes = np.vstack([crs_door.find_boxes(bounds, code), crs_door.find_boxes(flip(bounds), code)])
    boxes = boxes[~np.isnan(boxes).any(axis=1)]
    where = ("无法确定的位置", "a place that cannot be told")
    if len(boxes):
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        away = np.hypot(*(centres - [HOME_BBOX[0] + HOME_BBOX[2], HOME_BBOX[1] + HOME_BBOX[3]] / np.array(2)).T)
        lon, lat = centres[np.argmin(away)]
        where = (f"经度 {lon:.3f}°、纬度 {lat:.3f}° 附近", f"about {lon:.3f} E, {lat:.3f} N")
    facts = {"crs": code, "crs_name": crs_door.describe_crs(code), "where_zh": where[0], "where": where[1]}
    return ask(bounds, "outside", name=name, **facts)


def ask(bounds: np.ndarray, error_code: str, **facts: object) -> SiteError:
    """Make an error that advises which CRS to choose, by where the numbers would lie in each."""
    codes = find_candidates(bounds)
    if codes:
        zh, en = ADVICE["try"]
        names = {code: crs_door.describe_crs(code) for code in codes}
        listed = " or ".join(f"{code} ({names[code]})" for code in codes)
        advice = {
            "advice_zh": zh.format(codes="、".join(f"{c}（{n}）" for c, n in names.items())),
            "advice": en.format(codes=listed),
        }
    else:
        zh, en = ADVICE["millimetres" if is_in_millimetres(bounds) else "none"]
        advice = {"advice_zh": zh, "advice": en}
    return build_error(error_code, suggestions=codes, **advice, **facts)


def swap(shape: BaseGeometry) -> BaseGeometry:
    """Exchange the two numbers of every coordinate."""
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def _restore(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    return [shapely.transform(shape, crs_door.convert_from_gcj02, interleaved=False) for shape in shapes]


def _convert(shapes: Sequence[BaseGeometry], kept: np.ndarray, *, code: str, name: str) -> list[BaseGeometry | None]:
    frame = geopandas.GeoDataFrame(geometry=np.where(kept, np.array(shapes, dtype=object), None), crs=code)
    try:
        return list(crs_door.convert(frame, STORAGE_CRS).geometry)
    except CRSError as error:
        raise build_error("content-broken", name=name, kind=code, reason=str(error)) from None


def _tell_place(bounds: np.ndarray, code: str, *, left_out: int) -> list[Note]:
    boxes = crs_door.find_boxes(bounds, code)
    notes = [] if is_within(boxes, widen_home(SITE_MARGIN_DEG)).all() else [build_note("partly-outside")]
    if left_out:
        notes.append(
            build_note(
                "left-out",
                what_zh=f"{left_out} 个不在广州及周边的面",
                what=f"{left_out} areas that are not near Guangzhou",
            )
        )
    return notes
