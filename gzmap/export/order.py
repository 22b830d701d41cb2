"""What is to be delivered: the tables, checked against the format before a file is touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from gzmap.atlas import Atlas
from gzmap.errors import ExportError
from gzmap.export.formats import ENCODINGS, Encoding, Format, require_crs, require_encoding, require_format
from gzmap.export.limits import LongText, cut_texts, require_encodable, require_fields, require_integers
from gzmap.export.tables import Table, build_evidence_table, build_layer_table


@dataclass(frozen=True)
class Order:
    """Layers in one format, CRS and encoding.

    ``tables`` are whole; ``cut`` is what the format holds of them and ``long`` the texts that it does not. ``day`` is
    the date of the plan's edition, which every file carries, so that the same input gives the same bytes.
    """

    atlas: Atlas = field(repr=False)
    format_name: str
    crs: str
    encoding_name: str
    day: date
    tables: tuple[Table, ...]
    cut: tuple[Table, ...]
    long: tuple[LongText, ...]

    @property
    def fmt(self) -> Format:
        """The format's limits."""
        return require_format(self.format_name)

    @property
    def encoding(self) -> Encoding:
        """The encoding of attribute tables."""
        return ENCODINGS[self.encoding_name]

    @property
    def evidence(self) -> Table:
        """The words behind the features."""
        return build_evidence_table(self.atlas, self.tables)


def build_order(atlas: Atlas, layer_ids: Sequence[str], *, format_name: str, crs: str, encoding_name: str) -> Order:
    """Make an order from a request.

    Parameters
    ----------
    atlas
        Where the layers are.
    layer_ids
        Plan or base layers; one named twice counts once.
    format_name
        A key of `FORMATS`.
    crs
        EPSG code.
    encoding_name
        A key of `ENCODINGS`.

    Raises
    ------
    ExportError
        If no layer is named, or the format cannot hold what is asked for without losing something silently.
    NotFoundError, CatalogError
        If a layer does not exist or is broken.
    CRSError
        If the CRS is unknown or does not fit the data.
    """
    fmt = require_format(format_name)
    encoding, crs = require_encoding(fmt, encoding_name), require_crs(fmt, crs)
    if not layer_ids:
        raise ExportError(f"No layer is named; name at least one of {', '.join(atlas.catalog.entries)}.")
    tables = tuple(build_layer_table(atlas, layer_id, crs) for layer_id in dict.fromkeys(layer_ids))
    for table in tables:
        require_fields(table, fmt)
        require_integers(table, fmt)
        require_encodable(table, encoding)
    fitted = [cut_texts(table, fmt, encoding) for table in tables]
    return Order(
        atlas=atlas,
        format_name=format_name,
        crs=crs,
        encoding_name=encoding_name.lower(),
        day=_edition_day(atlas),
        tables=tables,
        cut=tuple(table for table, _ in fitted),
        long=tuple(text for _, long in fitted for text in long),
    )


def _edition_day(atlas: Atlas) -> date:
    day = atlas.document.meta.get("edition_date")
    try:
        return date.fromisoformat(day)
    except (TypeError, ValueError):
        raise ExportError(f"geodata/plan/meta.json: edition_date is {day!r}; write it like 2025-09-23.") from None
