"""What stands beside the layers: evidence, whole texts, the data dictionary and README.txt, as tables or as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gzmap.export.files import dump_csv, export_zip
from gzmap.export.order import Order
from gzmap.export.readme import build_readme
from gzmap.export.tables import Table, build_field_table, build_table
from gzmap.export.texts import build_long_table


def build_side_tables(order: Order) -> tuple[Table, ...]:
    """Build the tables beside the layers: evidence, whole texts where some were cut, and the data dictionary."""
    evidence = () if order.evidence is None else (order.evidence,)
    long = (build_long_table(order.long),) if order.long else ()
    fields = build_field_table((*order.cut, *evidence, *long), codec=order.encoding.codec)
    return (*evidence, *long, fields)


def build_readme_table(order: Order) -> Table:
    """Build README.txt as a table, for formats that hold everything in one file."""
    head = ("text", "text", "说明", "Read me")
    return build_table("readme", "说明", "版本、坐标系、精度与来源", heads=(head,), rows=[(build_readme(order),)])


def export_side_files(order: Order, folder: Path) -> None:
    """Write the side tables as CSV, and README.txt, into a folder."""
    for table in build_side_tables(order):
        (folder / f"{table.title}.csv").write_bytes(dump_csv(table))
    # Notepad of older Windows needs both the byte order mark and the carriage returns.
    (folder / "README.txt").write_text(build_readme(order), encoding="utf-8-sig", newline="\r\n")


def export_packed(order: Order, path: Path, write: Callable[[Table, Path], None]) -> None:
    """Write each layer with a function into a folder, the side files beside them, and pack all into a zip.

    Parameters
    ----------
    order
        What is written.
    path
        The zip.
    write
        Takes a table as the format holds it, and the path of its file without an end.
    """
    folder = path.with_name("packet")
    folder.mkdir()
    for table in order.cut:
        write(table, folder / table.name)
    export_side_files(order, folder)
    export_zip(folder, path, order.day)
