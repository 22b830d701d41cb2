"""What a packet takes of an atlas, and in which form: layers, formats, what each of them loses or changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gzmap import crs as crs_door
from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.errors import CRSError, ExportError
from gzmap.export.formats import require_format
from gzmap.export.losses import CHANGED, NOTE, Loss
from gzmap.export.order import Choices, Dataset, Order, build_order
from gzmap.export.preflight import check_order
from gzmap.export.selection import Selection, build_dataset

DEFAULT_FORMATS = ("shp", "gpkg")
"""Formats of a packet for which none is named."""


def choose_formats(choices: Choices, formats: Iterable[str]) -> tuple[Choices, ...]:
    """Give the choices for each format, which may have one CRS or encoding only.

    Raises
    ------
    ExportError
        If no format is named, one does not exist, or none is written in the encoding.
    """
    keys = list(dict.fromkeys(formats))
    limits = {key: require_format(key) for key in keys}
    if not limits:
        raise ExportError(f"No format is named; name at least one, for instance {' and '.join(DEFAULT_FORMATS)}.")
    if not any(choices.encoding in fmt.encodings for fmt in limits.values()):
        raise ExportError(f"None of {', '.join(keys)} is written in {choices.encoding}; add shp or leave the encoding.")
    return tuple(
        replace(
            choices, fmt=key,
            crs=choices.crs if fmt.crs is None or choices.crs in fmt.crs else fmt.crs[0],
            encoding=choices.encoding if choices.encoding in fmt.encodings else fmt.encodings[0],
        )
        for key, fmt in limits.items()
    )  # fmt: skip


def build_orders(
    atlas: Atlas, selection: Selection, choices: Sequence[Choices]
) -> tuple[tuple[Order, ...], dict[str, tuple[Loss, ...]]]:
    """Bring the data and the choices of each format together.

    Returns
    -------
    tuple
        The orders, and what each format loses or changes, by its key.

    Raises
    ------
    ExportError, NotFoundError, CatalogError, CRSError
        As `export_packet`.
    """
    datasets, losses = _check(atlas, selection, choices)
    return tuple(build_order(datasets[one.crs], one) for one in choices), losses


def check_packet(
    atlas: Atlas, selection: Selection, *, choices: Choices, formats: Sequence[str] = DEFAULT_FORMATS
) -> dict[str, tuple[Loss, ...]]:
    """Say what each format of a packet would lose or change, by its key; the parameters are those of `export_packet`.

    Raises
    ------
    ExportError, NotFoundError, CatalogError, CRSError
        As `export_packet`, but for losses that are refused.
    """
    return _check(atlas, selection, choose_formats(choices, formats))[1]


def _check(
    atlas: Atlas, selection: Selection, choices: Sequence[Choices]
) -> tuple[dict[str, Dataset], dict[str, tuple[Loss, ...]]]:
    """Give the data by CRS, and what each format loses or changes by its key."""
    selection, told = _choose_layers(atlas, selection, [c.crs for c in choices])
    datasets = {crs: _build_dataset(atlas, selection, crs, told=told) for crs in dict.fromkeys(c.crs for c in choices)}
    main = next(c.crs for c in choices)
    losses = {}
    for one in choices:
        fixed = (_tell_crs(one),) if require_format(one.fmt).crs is not None and one.crs != main else ()
        losses[one.fmt] = (*check_order(datasets[one.crs], one), *fixed)
    return datasets, losses


def _build_dataset(atlas: Atlas, selection: Selection, crs: str, *, told: Sequence[Loss]) -> Dataset:
    dataset = build_dataset(atlas, selection, crs)
    return replace(dataset, losses=(*told, *dataset.losses))


def _choose_layers(atlas: Atlas, selection: Selection, systems: Iterable[str]) -> tuple[Selection, tuple[Loss, ...]]:
    """Take all readable layers that fit every CRS where none is named, and tell the others."""
    if selection.layer_ids:
        return selection, ()
    taken, told, reasons = [], [], []
    for layer_id, entry in atlas.catalog.entries.items():
        try:
            for crs in dict.fromkeys(systems):
                crs_door.convert(atlas.require_layer(layer_id)[["geometry"]], crs)
        except CRSError as error:
            told.append(_tell_left_out(entry, error))
            reasons.append(error)
        else:
            taken.append(layer_id)
    if not taken and reasons:
        raise reasons[0]
    return replace(selection, layer_ids=tuple(taken)), tuple(told)


def _tell_left_out(entry: Entry, error: CRSError) -> Loss:
    return Loss(
        "layer-left-out", CHANGED, entry.layer_id,
        detail=f"图层“{entry.title}”超出坐标系的适用范围，没有放入数据包",
        detail_en=f"the layer leaves the area of use of the CRS and is left out: {error}",
        remedy="需要它时改用 EPSG:4490 或 EPSG:4326", remedy_en="take EPSG:4490 or EPSG:4326 to have it",
        fix="crs=EPSG:4490",
    )  # fmt: skip


def _tell_crs(choices: Choices) -> Loss:
    fmt = require_format(choices.fmt)
    return Loss(
        "crs-fixed", NOTE, detail=f"{fmt.title} 只用 {choices.crs}，不随所选坐标系",
        detail_en=f"{fmt.title} is always in {choices.crs}, whatever CRS is asked for",
    )  # fmt: skip
