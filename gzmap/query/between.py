"""Features of one layer and those of another: which cross, contain, lie in or come near which."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gzmap.atlas import Atlas
from gzmap.errors import NotFoundError, QueryError
from gzmap.query.area import DECIMALS, DIVISORS, UNITS
from gzmap.query.layers import find_layer_shapes, find_own_shapes
from gzmap.query.pairs import Pairs, Side, find_candidates, find_close, find_crossing, find_inside
from gzmap.query.shapes import DISTRICTS, OwnLayer, Shapes, measure_shapes

SYMMETRIC = ("crosses", "near")
RELATIONS: Mapping[str, Callable[[Pairs], Pairs]] = {
    "crosses": find_crossing,
    "contains": lambda pairs: find_inside(pairs.swap()).swap(),
    "within": find_inside,
}
"""What each relation but "near" asks of pairs."""

MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A feature of A, one of B, and how the first lies to the second.

    ``relation`` is what was asked for: ``crosses`` (they share ground and neither lies wholly in the other),
    ``contains`` (B's lies in A's), ``within`` (A's lies in B's) or ``near``. ``certainty`` is ``certain`` where it
    holds whatever the accuracies of both, which add up; ``possible`` where it may, and for all that is schematic or
    wide. Neither two lines nor a disc ever cross certainly. ``distance_m`` is planar, between what is drawn, 0 where
    they meet; of a point drawn as a disc, from its centre.

    ``measure`` is what they share as drawn, in ``unit`` (``km2`` of two areas, ``km`` with a line), ellipsoidal; None
    (and ``""``) with points. ``share`` is its part of A's feature, ``cover`` of B's, from 0 to 1; None where there is
    no such part. ``wide`` is True where one of both is less accurate than `config.WIDE_ACCURACY_M`.
    """

    a_id: str
    a_name: str
    a_layer: str
    b_id: str
    b_name: str
    b_layer: str
    relation: str
    certainty: str
    wide: bool
    distance_m: float
    measure: float | None
    unit: str
    share: float | None
    cover: float | None


def find_between(
    atlas: Atlas,
    layer_a: str,
    layer_b: str,
    *,
    relation: str,
    distance_m: float = 0.0,
    own: Sequence[OwnLayer] = (),
) -> tuple[Pair, ...]:
    """Find the features of A that cross, contain, lie in or come near features of B.

    Planar, in `config.METRIC_CRS`. Wide features count only as they are drawn. ``crosses`` and ``near`` are symmetric,
    ``contains`` is ``within`` with the sides exchanged. A pin crosses and contains nothing; a disc may.

    Parameters
    ----------
    atlas
        Whose layers are asked, base layers too.
    layer_a, layer_b
        Each the id or title of a layer, the id of a feature, the name of a district (with or without 区), or the id
        of a layer of the planner's own.
    relation
        ``"crosses"``, ``"contains"``, ``"within"`` or ``"near"``.
    distance_m
        For ``"near"``, how far apart they may be, in metres, 0 or more.
    own
        The planner's own layers that may be named.

    Returns
    -------
    tuple
        Wide ones last, certain ones first, then the nearest, then in the order of the layers. No feature with itself;
        where A and B hold the same features, each pair of a symmetric relation once. Empty when there is none.

    Raises
    ------
    QueryError
        If there is no such relation, the distance is not finite, below 0 or given for another relation than "near", or
        there are too many pairs.
    NotFoundError, CatalogError
        If A or B names nothing, or a broken layer.
    """
    _require_relation(relation, distance_m)
    a, b = (_find_side(atlas, name, own) for name in (layer_a, layer_b))
    pairs = find_candidates(a, b, reach_m=distance_m)
    found = find_close(pairs, distance_m) if relation == "near" else RELATIONS[relation](pairs)
    merged = _merge_parts(found, relation)
    if relation in SYMMETRIC:
        merged = merged.drop(index=merged.index[_is_mirrored(merged, a, b)])
    if len(merged) > MOST_ROWS:
        raise QueryError(f"{len(merged)} pairs are more than {MOST_ROWS}; ask with a shorter distance or one feature.")
    return _list_pairs(merged, a, b, relation=relation)


def _require_relation(relation: str, distance_m: float) -> None:
    known = (*RELATIONS, "near")
    if relation not in known:
        raise QueryError(f"There is no relation {relation!r}; ask for one of {', '.join(known)}.")
    if not math.isfinite(distance_m) or distance_m < 0:
        raise QueryError(f"distance_m must be a finite number of metres, 0 or more, not {distance_m}.")
    if distance_m and relation != "near":
        raise QueryError(f"A distance counts for the relation near only, not for {relation}; leave it off.")


def _find_side(atlas: Atlas, name: str, own: Sequence[OwnLayer]) -> Side:
    """Find the rows that a name means: of a layer, of one feature or district, or of a planner's own layer."""
    layers = {layer.layer_id: layer for layer in own}
    if name in layers:
        return _whole(find_own_shapes(layers[name]))
    titled = [e.layer_id for e in atlas.catalog.entries.values() if name in (e.layer_id, e.title, e.title_en)]
    if len(titled) == 1:
        return _whole(find_layer_shapes(atlas, titled[0]))
    if name in atlas.features:
        shapes = find_layer_shapes(atlas, atlas.features[name].layer_id)
        return Side(shapes, np.flatnonzero(shapes.parts["id"] == name))
    if DISTRICTS in atlas.layers:
        shapes = find_layer_shapes(atlas, DISTRICTS)
        rows = np.flatnonzero(np.isin(shapes.parts["name"].astype(str), (name, f"{name}区")))
        if len(rows):
            return Side(shapes, rows)
    districts = atlas.layers[DISTRICTS]["name"] if DISTRICTS in atlas.layers else ()
    titles = [e.title for e in atlas.catalog.entries.values()]
    known = (*atlas.catalog.entries, *layers, *districts, *titles, *atlas.features)
    raise NotFoundError.unknown("Layer, feature or district", name, known, where="the atlas")


def _whole(shapes: Shapes) -> Side:
    return Side(shapes, np.arange(len(shapes)))


def _merge_parts(pairs: Pairs, relation: str) -> pd.DataFrame:
    """Make one row for each pair of features: of the nearest parts, certain if one is.

    Where a feature must lie wholly in another, each of its parts must, and all certainly for the whole to be certain.
    """
    a, b = (side.column("number", rows) for side, rows in ((pairs.a, pairs.i), (pairs.b, pairs.j)))
    told = {"i": pairs.i, "j": pairs.j, "na": a, "nb": b, "sure": pairs.sure, "gap": pairs.distance_m}
    table = pd.DataFrame(told).sort_values(["gap", "i", "j"], kind="stable")
    keys = ["na", "nb"]
    if relation in ("within", "contains"):
        inner, side = ("i", pairs.a) if relation == "within" else ("j", pairs.b)
        # A part that lies in two parts of the other lies in it once, certainly if in one of them.
        table = table.sort_values("sure", ascending=False, kind="stable").drop_duplicates([*keys, inner])
        counts = table.groupby(keys)[inner].transform("size")
        table = table[counts.to_numpy() == side.column("parts", table[inner].to_numpy())]
        sure = table.groupby(keys)["sure"].transform("all")
    else:
        sure = table.groupby(keys)["sure"].transform("any")
    return table.assign(sure=sure.astype(bool)).drop_duplicates(keys).reset_index(drop=True)


def _is_mirrored(merged: pd.DataFrame, a: Side, b: Side) -> np.ndarray:
    """Tell which pairs stand there the other way round as well and come later."""
    if a.shapes is not b.shapes:
        return np.zeros(len(merged), dtype=bool)
    both = np.isin(merged["i"], b.rows) & np.isin(merged["j"], a.rows)
    return both & (merged["na"] > merged["nb"]).to_numpy()


def _list_pairs(merged: pd.DataFrame, a: Side, b: Side, *, relation: str) -> tuple[Pair, ...]:
    wide = a.column("wide", merged["i"].to_numpy()) | b.column("wide", merged["j"].to_numpy())
    merged = merged.assign(wide=wide, possible=~merged["sure"], gap=merged["gap"].round(1))
    merged = merged.sort_values(["wide", "possible", "gap", "i", "j"], kind="stable")
    i, j = merged["i"].to_numpy(), merged["j"].to_numpy()
    measured = _measure(merged, a, b)
    names = ("id", "name", "layer_id")
    columns = (
        *(a.column(name, i).tolist() for name in names),
        *(b.column(name, j).tolist() for name in names),
        [relation] * len(i),
        ["possible" if open_ else "certain" for open_ in merged["possible"]],
        *(merged[name].tolist() for name in ("wide", "gap")),
        *measured,
    )
    return tuple(map(Pair, *columns))


def _measure(merged: pd.DataFrame, a: Side, b: Side) -> tuple[list, ...]:
    """Measure what the features share, and give its unit, its part of A's and its part of B's."""
    sides = ((a, merged["i"].to_numpy()), (b, merged["j"].to_numpy()))
    dimensions = [side.shapes.dimensions[rows] for side, rows in sides]
    least = np.minimum(*dimensions)
    size = np.where(least == 0, np.nan, 0.0)
    met = np.flatnonzero((least > 0) & (merged["gap"].to_numpy() == 0))
    cut = shapely.intersection(*(side.column("lonlat", rows[met]) for side, rows in sides))
    size[met] = measure_shapes(cut, least[met])
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [
            np.where((own == least) & (least > 0), np.minimum(size / side.shapes.measure(rows), 1), np.nan)
            for (side, rows), own in zip(sides, dimensions, strict=True)
        ]
    numbers = (size / np.array(DIVISORS)[least], *parts)
    measure, share, cover = ([None if math.isnan(n) else n for n in x.round(DECIMALS).tolist()] for x in numbers)
    return measure, [UNITS[dimension] for dimension in least.tolist()], share, cover
