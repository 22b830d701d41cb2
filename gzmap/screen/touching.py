"""What the parcels of a window touch: the rule of `query.find_in_area`, for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely

from gzmap.query.area import DIVISORS
from gzmap.query.grounds import Grounds
from gzmap.query.overlaps import RELATIONS, Lie, find_lie
from gzmap.query.shapes import Shapes
from gzmap.screen.parcels import Window
from gzmap.screen.placed import AREAS, Placed, place_parcels
from gzmap.screen.plan import WORDS

M_DECIMALS, PERCENT_DECIMALS = 2, 4
NONE = -1
"""Number of the feature in the row of a parcel that touches none."""

TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("parcel", pa.int64()),
        ("label", TEXT),
        ("parcel_m2", pa.float64()),
        ("feature_id", TEXT),
        ("name", TEXT),
        ("layer", TEXT),
        ("category", TEXT),
        ("status", TEXT),
        ("relation", TEXT),
        ("certainty", TEXT),
        ("loose", pa.bool_()),
        ("wide", pa.bool_()),
        ("accuracy_m", pa.float64()),
        ("overlap_m2", pa.float64()),
        ("overlap_m", pa.float64()),
        ("cover_pct", pa.float64()),
        ("share_pct", pa.float64()),
        ("paragraphs", TEXT),
        ("repaired", pa.bool_()),
        ("problem", TEXT),
        ("problem_zh", TEXT),
        ("problem_en", TEXT),
        ("geometry", pa.dictionary(pa.int32(), pa.binary())),
    ]
)
"""Columns of a result.

One row for each parcel and feature that it meets, in the order of the parcels and of an answer about an area; one
without a feature where there is none, or where ``problem`` tells why the parcel was not screened. ``parcel`` is its
number in the file, from 1; ``relation``, ``certainty``, ``loose`` and ``wide`` are those of `query.Overlap`;
``overlap_m2`` (areas) and ``overlap_m`` (lines) are ellipsoidal, ``cover_pct`` the part of the parcel that lies in the
feature, ``share_pct`` the part of the feature that lies in the parcel. ``geometry`` is the parcel in storage CRS.
"""


@dataclass(frozen=True, eq=False)
class _Hits:
    """Rows of a result: the parcel's place in its window, the feature's row, and its entry in the lie, or `NONE`."""

    places: np.ndarray
    rows: np.ndarray
    entries: np.ndarray
    lie: Lie


def screen_window(shapes: Shapes, window: Window) -> pa.Table:
    """Find what each parcel of a window touches.

    Parameters
    ----------
    shapes
        Those of a `Plan`.
    window
        The parcels.

    Returns
    -------
    Table
        With `SCHEMA`.
    """
    placed = place_parcels(window)
    hits = _find_hits(shapes, placed)
    columns = {
        **_tell_parcels(window, placed, hits.places),
        **_tell_features(shapes, hits),
        **_tell_overlaps(shapes, placed, hits),
        **_tell_faults(placed, hits.places),
    }
    return pa.table([columns[field.name].cast(field.type) for field in SCHEMA], schema=SCHEMA)


def _find_hits(shapes: Shapes, placed: Placed) -> _Hits:
    owners, rows = shapes.believed.sindex.query(placed.areas.outer)
    order = np.lexsort((rows, owners))
    owners, rows = owners[order], rows[order]
    lie = find_lie(shapes, rows, Grounds(placed.areas, owners))
    met = owners[lie.asked]
    # As in an answer about one area: what is wide last, what is certain first.
    order = np.lexsort((shapes.parts["number"][lie.rows], ~lie.sure, shapes.parts["wide"][lie.rows], met))
    lie, met = lie.take(order), placed.sound[met[order]]
    alone = np.setdiff1d(np.arange(len(placed.shapes)), met)
    places = np.concatenate([met, alone])
    order = np.argsort(places, kind="stable")
    none = np.full(len(alone), NONE)
    return _Hits(
        places[order],
        np.concatenate([lie.rows, none])[order],
        np.concatenate([np.arange(len(met)), none])[order],
        lie,
    )


def _tell_parcels(window: Window, placed: Placed, places: np.ndarray) -> dict[str, pa.Array]:
    sizes = np.full(len(placed.shapes), np.nan)
    sizes[placed.sound] = np.round(placed.areas.area_m2, M_DECIMALS)
    repaired = np.zeros(len(placed.shapes), dtype=bool)
    repaired[placed.mended] = True
    return {
        "parcel": pa.array(window.first + places),
        "label": _pick(places, window.labels),
        "parcel_m2": _numbers(sizes[places]),
        "repaired": pa.array(repaired[places]),
        "geometry": _pick(places, _dump_areas(placed.shapes)),
    }


def _dump_areas(shapes: np.ndarray) -> pa.Array:
    """Give areas as WKB, each of them a multi-polygon; None for everything else."""
    areas = np.where(np.isin(shapely.get_type_id(shapes), AREAS), shapes, None)
    parts, owners = shapely.get_parts(areas, return_index=True)
    there = np.unique(owners)
    whole = np.full(len(areas), None, dtype=object)
    if len(there):
        whole[there] = shapely.multipolygons(parts, indices=np.searchsorted(there, owners))
    return pa.array(shapely.to_wkb(whole).tolist(), pa.binary())


def _tell_features(shapes: Shapes, hits: _Hits) -> dict[str, pa.Array]:
    words = {name: _pick(hits.rows, pa.array(shapes.parts[name].tolist(), pa.string())) for name in WORDS}
    words["feature_id"], words["layer"] = words.pop("id"), words.pop("layer_id")
    is_none = hits.rows == NONE
    accuracy = np.where(is_none, np.nan, shapes.parts["accuracy_m"][hits.rows].astype(float))
    wide = shapes.parts["wide"][hits.rows].astype(bool)
    return {**words, "accuracy_m": _numbers(accuracy), "wide": pa.array(wide, mask=is_none)}


def _tell_overlaps(shapes: Shapes, placed: Placed, hits: _Hits) -> dict[str, pa.Array]:
    lie = hits.lie
    dimensions = shapes.dimensions[lie.rows]
    areas_m2 = np.full(len(placed.shapes), np.nan)
    areas_m2[placed.sound] = placed.areas.area_m2
    whole = shapes.measure(lie.rows)
    sizes = np.append(np.nan_to_num(lie.size), 0)[hits.entries]
    kinds = np.append(dimensions, len(DIVISORS))[hits.entries]
    with np.errstate(invalid="ignore", divide="ignore"):
        # Stored numbers are rounded: what is shared may come out a trifle larger than the whole.
        share = np.minimum(np.append(np.where(whole > 0, lie.size / whole, np.nan), np.nan)[hits.entries], 1)
        cover = np.where(kinds == 2, np.minimum(sizes / areas_m2[hits.places], 1), np.nan)
    return {
        "relation": _pick(np.append(lie.relation, NONE)[hits.entries], pa.array(RELATIONS)),
        "certainty": _pick(np.append(~lie.sure, NONE)[hits.entries].astype(int), pa.array(["certain", "possible"])),
        "loose": pa.array(np.append(lie.loose, False)[hits.entries], mask=hits.entries == NONE),
        "overlap_m2": _numbers(np.where(kinds == 2, np.round(sizes, M_DECIMALS), np.nan)),
        "overlap_m": _numbers(np.where(kinds == 1, np.round(sizes, M_DECIMALS), np.nan)),
        "cover_pct": _numbers(np.round(100 * cover, PERCENT_DECIMALS)),
        "share_pct": _numbers(np.round(100 * share, PERCENT_DECIMALS)),
    }


def _tell_faults(placed: Placed, places: np.ndarray) -> dict[str, pa.Array]:
    order = sorted(placed.faults)
    number_of = np.full(len(placed.shapes), NONE)
    number_of[order] = np.arange(len(order))
    faults = [placed.faults[place] for place in order]
    texts: dict[str, Sequence[str]] = {
        "problem": [fault.code for fault in faults],
        "problem_zh": [fault.zh for fault in faults],
        "problem_en": [str(fault) for fault in faults],
    }
    return {name: _pick(number_of[places], pa.array(told, pa.string())) for name, told in texts.items()}


def _pick(numbers: np.ndarray, values: pa.Array) -> pa.Array:
    """Give values by their numbers, null for `NONE` and where the value is null."""
    index = pa.array(numbers.astype(np.int32), mask=numbers == NONE)
    return values.take(index).dictionary_encode()


def _numbers(values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))
