"""The packet: layers in several formats, and everything that lets another team use and trust them, in one zip."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gzmap.atlas import Atlas
from gzmap.errors import ExportError
from gzmap.export.comparison import Written
from gzmap.export.contents import DEFAULT_FORMATS, build_orders, choose_formats
from gzmap.export.dictionary import build_dictionary, build_source_table
from gzmap.export.files import dump_csv, export_zip
from gzmap.export.handout import build_licences, build_packet_readme
from gzmap.export.losses import Loss
from gzmap.export.manifest import MANIFEST, build_manifest
from gzmap.export.order import Choices, Order
from gzmap.export.progress import Progress, Quiet
from gzmap.export.qgis import build_project
from gzmap.export.readback import dump_readings, format_readings, read_back, require_same
from gzmap.export.reports import dump_loss, format_losses
from gzmap.export.selection import Selection
from gzmap.export.sheets import export_workbook, split_long
from gzmap.export.sidefiles import build_readme_table, build_side_tables
from gzmap.export.styles import build_qml, build_sld
from gzmap.export.tables import Table
from gzmap.export.targets import open_target
from gzmap.export.texts import build_long_table
from gzmap.export.unpacked import STEM, export_unpacked

SUFFIX = ".zip"
STEPS_BESIDE = 4
"""Parts of the work beside one per format: the layers, the tables and styles, the reading back, the zip."""


def export_packet(
    atlas: Atlas,
    selection: Selection,
    path: Path,
    *,
    choices: Choices,
    formats: Sequence[str] = DEFAULT_FORMATS,
    progress: Progress | None = None,
) -> Path:
    """Write a packet.

    The same input gives the same bytes with the same client for reading back, but for a File Geodatabase.

    Parameters
    ----------
    atlas
        Where the layers are.
    selection
        What is taken; no layer named stands for all that lie in the CRS's area of use, the others are told.
    path
        Target, ending in ``.zip``, in a folder that exists.
    choices
        CRS, encoding, naming scheme and the rest; ``fmt`` does not count. A format that has one CRS or encoding only
        is written in that.
    formats
        Keys of `FORMATS`, at least one.
    progress
        Told of each part; may raise to cancel, and nothing is left behind then.

    Returns
    -------
    Path
        The path as given.

    Raises
    ------
    ExportError
        If a format cannot hold the data without a loss that was not accepted, the target cannot be written, or what
        is read back differs from what was written.
    NotFoundError, CatalogError
        If a layer or district does not exist or is broken.
    CRSError
        If the CRS is unknown or does not fit.
    """
    if not path.name.endswith(SUFFIX):
        raise ExportError(f"{path.name} must end in {SUFFIX} to hold a packet; rename it.")
    chosen = choose_formats(choices, formats)
    progress = progress or Quiet()
    total = len(chosen) + STEPS_BESIDE
    progress.step(0, total, "layers")
    orders, losses = build_orders(atlas, selection, chosen)
    with open_target(path) as scratch:
        folder = scratch / "packet"
        folder.mkdir()
        written: list[Written] = []
        for number, order in enumerate(orders, 1):
            progress.step(number, total, order.choices.fmt)
            written += _export_format(order, folder, scratch)
        progress.step(len(orders) + 1, total, "tables")
        _export_tables(orders, folder)
        _export_descriptions(orders[0], folder)
        _export_project(orders, folder, atlas)
        progress.step(len(orders) + 2, total, "readback")
        _export_readback(written, folder, scratch)
        _export_texts(orders, losses, folder)
        progress.step(len(orders) + 3, total, path.name)
        export_zip(folder, scratch / path.name, orders[0].day)
        progress.step(total, total, path.name)
    return path


# --- the files


def _export_format(order: Order, folder: Path, scratch: Path) -> list[Written]:
    own = scratch / order.choices.fmt
    own.mkdir()
    return export_unpacked(order, folder, own)


def _export_tables(orders: Sequence[Order], folder: Path) -> None:
    """Write the data dictionary, the evidence, the whole texts and the sources as CSV and as workbooks."""
    order = orders[0]
    long = list(dict.fromkeys(text for one in orders for text in one.long))
    tables = {
        "dictionary": build_dictionary(orders),
        **({} if order.evidence is None else {"evidence": order.evidence}),
        **({"long_text": build_long_table(long)} if long else {}),
        **({"sources": build_source_table(order.dataset)} if order.dataset.sources else {}),
    }
    place = folder / "tables"
    place.mkdir()
    for name, table in tables.items():
        (place / f"{name}.csv").write_bytes(dump_csv(table))
        book = split_long(_head_in_chinese(table))
        export_workbook([book], place / f"{name}.xlsx", title=table.title, day=order.day)


def _head_in_chinese(table: Table) -> Table:
    """Put the titles of the columns before their names: a workbook is for people, the CSV beside it for programs."""
    return replace(table, columns=tuple(replace(c, name=f"{c.title} {c.name}") for c in table.columns))


def _export_descriptions(order: Order, folder: Path) -> None:
    """Write metadata and styles of each layer, with the field names of the first format."""
    # Imported here: lxml and jinja2 take 0.1 s, to be paid by packets alone, not by each page and command.
    from gzmap.export.metadata import build_metadata  # noqa: PLC0415

    metadata, styles = folder / "metadata", folder / "styles"
    metadata.mkdir()
    styles.mkdir()
    for table in order.tables:
        entry, names = order.dataset.entries[table.name], order.renamed[table.name]
        aliases = {column.name: column.title for column in table.columns}
        kind = table.geometry_type
        record = build_metadata(entry, table, order.dataset, crs=order.crs)
        (metadata / f"{table.name}.xml").write_bytes(record)
        (styles / f"{table.name}.sld").write_bytes(build_sld(entry, geometry_type=kind, names=names))
        qml = build_qml(entry, geometry_type=kind, names=names, aliases=aliases)
        (styles / f"{table.name}.qml").write_bytes(qml)


def _export_project(orders: Sequence[Order], folder: Path, atlas: Atlas) -> None:
    """Write the QGIS project beside the GeoPackage, where there is one."""
    order = next((o for o in orders if o.choices.fmt == "gpkg"), None)
    if order is None:
        return
    tables: list[Table] = [*order.cut, *build_side_tables(order), build_readme_table(order)]
    project = build_project(
        order.dataset, tables, gpkg_name=f"{STEM}.gpkg", crs=order.crs, names=order.renamed, themes=atlas.catalog.themes
    )
    (folder / f"{STEM}.qgs").write_bytes(project)


def _export_readback(written: Sequence[Written], folder: Path, scratch: Path) -> None:
    """Read all back, refuse what differs, and write the report."""
    place = scratch / "readback"
    place.mkdir()
    readings = read_back(written, place, root=folder)
    require_same(readings)
    _write_json(folder / "readback.json", dump_readings(readings))
    _write_text(folder / "readback.txt", format_readings(readings))


def _export_texts(orders: Sequence[Order], losses: Mapping[str, Sequence[Loss]], folder: Path) -> None:
    """Write what people read first, and the checksums last."""
    titles = {order.choices.fmt: order.fmt.plain_title for order in orders}
    lines = [dump_loss(loss, fmt) for fmt, found in losses.items() for loss in found]
    _write_json(folder / "preflight.json", lines)
    _write_text(folder / "preflight.txt", format_losses(losses, titles))
    _write_text(folder / "LICENCES.txt", build_licences(orders[0].dataset))
    names = [p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*"))]
    _write_text(folder / "README.txt", build_packet_readme(orders, losses, [*names, MANIFEST]))
    (folder / MANIFEST).write_text(build_manifest(folder), encoding="ascii", newline="\n")


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def _write_text(path: Path, text: str) -> None:
    # Notepad of older Windows needs both the byte order mark and the carriage returns.
    path.write_text(text, encoding="utf-8-sig", newline="\r\n")
