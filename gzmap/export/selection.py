"""Choose what is taken of an atlas: layers, a district, a view, a drawn area, the features of a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import geopandas
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gzmap import crs as crs_door
from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.checks.measures import KINDS
from gzmap.config import STORAGE_CRS
from gzmap.errors import ExportError, NotFoundError
from gzmap.export.clipping import clip_shapes
from gzmap.export.layers import build_evidence_table, build_layer_table
from gzmap.export.losses import CHANGED, NOTE, Loss
from gzmap.export.order import Dataset

DISTRICTS = "districts"

MEASURE_DECIMALS = 2
"""Decimals of the lengths (km) and areas (km2) of features that were cut."""


@dataclass(frozen=True)
class Selection:
    """What is taken; what is said together must all hold.

    Attributes
    ----------
    layer_ids
        Plan or base layers, at least one; one named twice counts once.
    district
        Chinese name of a district, empty for all. A feature that is not located belongs to the districts of its
        ``district`` property.
    clip
        Whether geometries are cut at the district, bbox and area, or taken whole.
    bbox
        ``(west, south, east, north)`` in degrees, None for no bound.
    area
        A polygon in storage CRS, None for no bound.
    feature_ids
        Features to take, None for all.
    """

    layer_ids: Sequence[str]
    district: str = ""
    clip: bool = False
    bbox: tuple[float, float, float, float] | None = None
    area: BaseGeometry | None = field(default=None, repr=False)
    feature_ids: frozenset[str] | None = None

    @property
    def is_all(self) -> bool:
        """Whether the layers are taken whole."""
        return not self.district and self.bbox is None and self.area is None and self.feature_ids is None


def build_dataset(atlas: Atlas, selection: Selection, crs: str) -> Dataset:
    """Take layers of an atlas.

    Parameters
    ----------
    atlas
        Where the layers are.
    selection
        What is taken of it.
    crs
        EPSG code that the geometries are converted to.

    Raises
    ------
    ExportError
        If no layer is named, nothing is selected, or a value is broken.
    NotFoundError, CatalogError
        If a layer or the district does not exist, or a layer is broken.
    CRSError
        If the CRS is unknown or does not fit the data.
    """
    if not selection.layer_ids:
        raise ExportError(f"No layer is named; name at least one of {', '.join(atlas.catalog.entries)}.")
    losses: list[Loss] = []
    entries = {layer_id: atlas.catalog.require_entry(layer_id) for layer_id in selection.layer_ids}
    region = find_region(atlas, selection)
    frames = {
        layer_id: _choose(atlas.require_layer(layer_id), entry, selection, region=region, losses=losses)
        for layer_id, entry in entries.items()
    }
    if not selection.is_all:
        entries = {i: e for i, e in entries.items() if len(frames[i])}
        losses += [_tell_empty(i) for i, frame in frames.items() if frame.empty]
    if not entries:
        raise ExportError(
            "Nothing is selected: none of these layers has a feature there; choose others or more room.",
            zh="所选范围内，这些图层没有任何要素；请换图层或扩大范围。",
        )
    tables = tuple(build_layer_table(atlas, i, crs, frame=frames[i]) for i in entries)
    source_ids = dict.fromkeys(s for entry in entries.values() for s in entry.sources)
    meta = atlas.document.meta
    return Dataset(
        tables=tables,
        evidence=build_evidence_table(atlas, tables),
        entries=entries,
        sources=tuple(atlas.catalog.sources.get(s, {"id": s}) for s in source_ids),
        day=_edition_day(atlas),
        edition=meta,
        title=str(meta.get("title", "")),
        crs=crs.upper(),
        moves=(crs_door.describe_transformation(STORAGE_CRS, crs),),
        losses=tuple(losses),
        scope=describe_selection(selection),
    )


def describe_selection(selection: Selection) -> tuple[str, str]:
    """Say in Chinese and in English what is taken of the layers; nothing where they are whole."""
    told = []
    if selection.district:
        told.append((selection.district, f"the district {selection.district}"))
    if selection.bbox is not None:
        west, south, east, north = (f"{edge:g}" for edge in selection.bbox)
        told.append((f"东经 {west}—{east}、北纬 {south}—{north}", f"{west}–{east} °E, {south}–{north} °N"))
    if selection.area is not None:
        told.append(("所画的范围", "a drawn area"))
    if not told and selection.feature_ids is None:
        return "", ""
    cut = ("，几何按此裁剪", ", geometries cut at it") if selection.clip else ("，要素整个保留", ", features whole")
    chosen = [] if selection.feature_ids is None else [("所查到的要素", "the features of a search")]
    places, places_en = zip(*told, *chosen, strict=True)
    how, how_en = cut if told else ("", "")
    return f"{'；'.join(places)}{how}", f"{'; '.join(places_en)}{how_en}"


def find_region(atlas: Atlas, selection: Selection) -> BaseGeometry | None:
    """Find the area, in storage CRS, that a selection is bound to; None where it is not.

    Raises
    ------
    ExportError
        If the bbox or area is none.
    NotFoundError
        If the district does not exist.
    """
    bounds = [] if selection.area is None else [selection.area]
    if selection.bbox is not None:
        west, south, east, north = selection.bbox
        if not (west < east and south < north):
            raise ExportError(f"bbox {selection.bbox} is empty; write west, south, east, north in degrees.")
        bounds.append(shapely.box(west, south, east, north))
    if any(shapely.get_dimensions(b) != 2 or not b.is_valid for b in bounds):
        raise ExportError(
            "The drawn area is no area or crosses itself; draw it again.", zh="所画范围不成面或自相交；请重新画。"
        )
    if selection.district:
        bounds.append(_require_district(atlas, selection.district))
    return shapely.intersection_all(bounds) if bounds else None


def _require_district(atlas: Atlas, name: str) -> BaseGeometry:
    frame = atlas.require_layer(DISTRICTS)
    found = frame.loc[frame["name"] == name]
    if found.empty:
        raise NotFoundError.unknown("District", name, frame["name"], where=f"the layer {DISTRICTS!r}")
    return found.geometry.iloc[0]


def _choose(
    frame: geopandas.GeoDataFrame,
    entry: Entry,
    selection: Selection,
    *,
    region: BaseGeometry | None,
    losses: list[Loss],
) -> geopandas.GeoDataFrame:
    """Choose the rows of a layer, cut where that is asked for, and tell what that changed."""
    if selection.feature_ids is not None:
        frame = frame.loc[frame.index.isin(selection.feature_ids)]
    if region is None or frame.empty:
        return frame
    shapes = frame.geometry.to_numpy()
    cut, changed = clip_shapes(shapes, region)
    is_inside = ~shapely.is_missing(cut)
    is_null = shapely.is_missing(shapes)
    if selection.bbox is None and selection.area is None:
        is_inside |= is_null & _names_district(frame, selection.district)
    elif is_null.any():
        losses.append(_tell_unplaced(entry.layer_id, int(is_null.sum())))
    chosen = frame.loc[is_inside]
    if selection.clip and changed[is_inside].any():
        losses.append(_tell_clipped(entry, chosen.index[changed[is_inside]]))
        return _replace_shapes(chosen, entry, cut[is_inside], changed=changed[is_inside])
    return chosen


def _names_district(frame: geopandas.GeoDataFrame, name: str) -> np.ndarray:
    if "district" not in frame:
        return np.zeros(len(frame), dtype=bool)
    return np.array([name in str(value).split("|") for value in frame["district"]], dtype=bool)


def _replace_shapes(
    frame: geopandas.GeoDataFrame, entry: Entry, shapes: np.ndarray, *, changed: np.ndarray
) -> geopandas.GeoDataFrame:
    """Give a frame its cut geometries, and measure what was cut anew."""
    fresh = frame.set_geometry(geopandas.GeoSeries(shapes, index=frame.index, crs=frame.crs, name=frame.geometry.name))
    kind = KINDS.get(entry.geometry_type)
    if kind is not None and kind.drawn in fresh:
        measure, per_unit = (crs_door.find_length_m, 1e3) if kind.dimension == 1 else (crs_door.find_area_m2, 1e6)
        sizes = [round(measure(shape) / per_unit, MEASURE_DECIMALS) for shape in shapes[changed]]
        fresh.loc[fresh.index[changed], kind.drawn] = sizes
    return fresh


def _tell_clipped(entry: Entry, ids: Sequence[str]) -> Loss:
    return Loss(
        "clipped", CHANGED, entry.layer_id,
        detail=f"{len(ids)} 个要素按所选范围裁剪，图上长度、面积已按裁剪后的几何重算，其他属性仍属整个要素",
        detail_en=f"{len(ids)} features are cut at the selection; drawn lengths and areas are those of what is left, "
        "the other attributes those of the whole",
        remedy="可改为取整个要素", remedy_en="take whole features instead", fix="clip=false",
    )  # fmt: skip


def _tell_unplaced(layer_id: str, count: int) -> Loss:
    return Loss(
        "unplaced", NOTE, layer_id, detail=f"{count} 个要素没有落位，不在所选范围内",
        detail_en=f"{count} features without geometry are in no view or drawn area and are left out",
        remedy="按区选择时保留", remedy_en="a selection by district keeps them",
    )  # fmt: skip


def _tell_empty(layer_id: str) -> Loss:
    return Loss(
        "layer-empty", NOTE, layer_id, detail="所选范围内没有要素，不写出",
        detail_en="has no feature in the selection and is left out",
    )  # fmt: skip


def _edition_day(atlas: Atlas) -> date:
    day = atlas.document.meta.get("edition_date")
    try:
        return date.fromisoformat(day)
    except (TypeError, ValueError):
        raise ExportError(f"geodata/plan/meta.json: edition_date is {day!r}; write it like 2025-09-23.") from None
