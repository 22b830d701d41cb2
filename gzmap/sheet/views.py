"""What a sheet is to show, validated before anything is drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from shapely.geometry.base import BaseGeometry

from gzmap.config import STUDY_BBOX
from gzmap.errors import ExportError
from gzmap.own import OwnLayer

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")

PAPERS = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
"""Width and height in millimetres, upright."""

SCALES = (10_000, 20_000, 25_000, 50_000, 100_000, 150_000, 200_000, 250_000, 300_000, 400_000, 500_000)
"""Scale denominators to choose from; a sheet that is fitted to its area may have another round one."""

TITLE_CHARS = 160
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
"""Characters that XML or a line of text cannot hold."""


@dataclass(frozen=True)
class SheetTable:
    """A table for further pages: plain words, one cell for each of ``heads`` in every row.

    ``notes`` are sentences below the title.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetView:
    """What a sheet shows.

    Attributes
    ----------
    layer_ids
        Layers of the catalogue in drawing order, the first at the bottom; base layers are among them.
    title
        Printed at the top.
    bbox
        ``(west, south, east, north)`` in degrees; its middle is the sheet's. None with ``center`` or for the city.
    center
        ``(lon, lat)`` of the sheet's middle, in degrees.
    scale
        Denominator, one of `SCALES`; None to show all of ``bbox`` at the largest round scale.
    paper, landscape
        A key of `PAPERS`, and whether it lies on its long side.
    opacity
        From 0 to 1 by layer id; what is not named is as in the catalogue.
    selected
        Id of the feature that stands out; empty for none.
    area
        Polygon in storage CRS that is outlined, as what a query asked about.
    permalink
        Address in the QR code; empty for none.
    review_number
        审图号; empty while there is none.
    cards
        Whether pages with the sentences behind the features follow.
    lang
        Of the sheet's own words; the plan's stay Chinese.
    labels
        Whether names are written on the map.
    tables
        Tables on further pages.
    own
        Layers of the planner's own, drawn on top in this order.

    Raises
    ------
    ExportError
        If a value cannot be printed; the message says what can.
    """

    layer_ids: tuple[str, ...]
    title: str
    bbox: tuple[float, float, float, float] | None = None
    center: tuple[float, float] | None = None
    scale: int | None = None
    paper: str = "A4"
    landscape: bool = False
    opacity: Mapping[str, float] = field(default_factory=dict)
    selected: str = ""
    area: BaseGeometry | None = None
    permalink: str = ""
    review_number: str = ""
    cards: bool = False
    lang: Lang = "zh"
    labels: bool = True
    tables: tuple[SheetTable, ...] = ()
    own: Sequence[OwnLayer] = ()

    def __post_init__(self) -> None:
        if self.paper not in PAPERS:
            raise ExportError.unknown("Paper", self.paper, PAPERS, where="the list")
        if self.lang not in LANGS:
            raise ExportError.unknown("Language", self.lang, LANGS, where="the list")
        if self.scale is not None and self.scale not in SCALES:
            scales = ", ".join(f"1:{scale}" for scale in SCALES)
            raise ExportError(f"Scale 1:{self.scale} is not offered; choose one of {scales}, or fit.")
        if len(self.title) > TITLE_CHARS:
            raise ExportError(f"The title has {len(self.title)} characters; the sheet holds {TITLE_CHARS}, shorten it.")
        if self.center is not None and (self.bbox is not None or self.scale is None):
            raise ExportError(
                "A sheet around a point needs a scale and no bbox; name the scale, or give the bbox alone."
            )
        if bad := [name for name, value in self.opacity.items() if not 0 <= value <= 1]:
            raise ExportError(f"The opacity of layer {bad[0]!r} is {self.opacity[bad[0]]}; give 0 to 1.")
        if self.area is not None and self.area.geom_type not in ("Polygon", "MultiPolygon"):
            raise ExportError(f"The outlined area is a {self.area.geom_type}; give a polygon.")
        self._require_places()
        for table in self.tables:
            if any(len(row) != len(table.heads) for row in table.rows):
                raise ExportError(f"A row of the table {table.title!r} has not one cell for each head; fill it up.")

    def _require_places(self) -> None:
        numbers = [*(self.bbox or ()), *(self.center or ())]
        if not all(map(math.isfinite, numbers)):
            raise ExportError("bbox and center must be finite numbers, in degrees, longitude first.")
        if self.bbox is not None and not (self.bbox[0] < self.bbox[2] and self.bbox[1] < self.bbox[3]):
            raise ExportError("A bbox is west, south, east, north in degrees, west below east and south below north.")
        lon, lat = self.middle
        west, south, east, north = STUDY_BBOX
        if not (west <= lon <= east and south <= lat <= north):
            raise ExportError(
                f"The sheet's middle {lon:g}, {lat:g} is far from Guangzhou; choose one in {west:g} to {east:g} east, "
                f"{south:g} to {north:g} north, longitude first."
            )

    @property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude of the sheet's middle, in degrees."""
        if self.center is not None:
            return self.center
        west, south, east, north = self.bbox or STUDY_BBOX
        return (west + east) / 2, (south + north) / 2


def clean_text(text: str) -> str:
    """Give a text that can stand in XML and on a line: control characters become spaces."""
    return CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
