"""What the plan says about a point: district, features around it or near it, and the words behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gzmap.atlas import Atlas
from gzmap.query.layers import find_own_shapes
from gzmap.query.places import Place, find_around, find_at
from gzmap.query.shapes import OwnLayer
from gzmap.query.words import Evidence, find_evidence


@dataclass(frozen=True)
class Told:
    """A district or feature at or near a point, its layer, and the words that name it.

    Districts and a planner's own features have no ``evidence``.
    """

    place: Place
    layer_id: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Here:
    """What the plan says about a point (degrees, WGS 84): ``told`` in the order of `find_at`, own features last."""

    lon: float
    lat: float
    radius_m: float
    told: tuple[Told, ...]

    @property
    def districts(self) -> tuple[Told, ...]:
        """Districts that contain the point: two on a shared border, none outside the city."""
        return tuple(t for t in self.told if t.place.kind == "district")

    @property
    def features(self) -> tuple[Told, ...]:
        """Features of the plan that contain the point or are near it and are not wide."""
        return tuple(t for t in self.told if t.place.kind == "feature" and not t.place.wide)

    @property
    def wide(self) -> tuple[Told, ...]:
        """Features of the plan that contain the point and are known only roughly (片区层面涉及)."""
        return tuple(t for t in self.told if t.place.kind == "feature" and t.place.wide)

    @property
    def own(self) -> tuple[Told, ...]:
        """Features of the planner's own layers, in the order of these."""
        return tuple(t for t in self.told if t.place.kind == "own")


def find_here(atlas: Atlas, lon: float, lat: float, *, radius_m: float = 0.0, own: Sequence[OwnLayer] = ()) -> Here:
    """Find what the plan says about a point, with the sentences.

    Parameters
    ----------
    atlas
        Whose districts and plan layers are asked.
    lon, lat
        Decimal degrees (WGS 84), in that order.
    radius_m
        How far "near" reaches, in metres, 0 or more.
    own
        The planner's own layers to ask as well.

    Returns
    -------
    Here
        Empty where nothing is.

    Raises
    ------
    QueryError
        As `places.find_at`.
    """
    planned = tuple(_tell(atlas, place) for place in find_at(atlas, lon, lat, radius_m=radius_m))
    owned = tuple(
        Told(place, layer.layer_id, ())
        for layer in own
        for place in find_around(find_own_shapes(layer), lon, lat, radius_m=radius_m)
    )
    return Here(lon, lat, radius_m, planned + owned)


def _tell(atlas: Atlas, place: Place) -> Told:
    return Told(place, atlas.features[place.id].layer_id, find_evidence(atlas, place.id))
