"""CSV that spreadsheets open safely, zips that are the same each time."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from gzmap.export.tables import Table, format_text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""What a spreadsheet may take for a formula; the apostrophe is among them so that taking one off undoes it."""

LARGE_BYTES = 1 << 22
"""Bytes from which a file is packed quickly rather than as small as possible."""

FILE_MODE = 0o100644 << 16


def dump_csv(table: Table, *, lead: Sequence[str] = ()) -> bytes:
    """Write a table as CSV for spreadsheets: UTF-8 with a byte order mark, texts defused.

    Parameters
    ----------
    table
        Its geometries are left off.
    lead
        Lines for people above the names, each in a first cell.

    Returns
    -------
    bytes
        A row of field names, then the values. A text that a spreadsheet could take for a formula has one apostrophe
        before it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([_defuse(line)] for line in lead)
    writer.writerow(_defuse(column.name) for column in table.columns)
    defused = [[_defuse(v) if c.kind == "text" else v for v in c.values] for c in table.columns]
    writer.writerows(zip(*defused, strict=True))
    return text.getvalue().encode("utf-8-sig")


def _defuse(value: object) -> str | None:
    text = format_text(value)
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text


def export_zip(folder: Path, path: Path, day: date) -> None:
    """Pack the files of a folder and below, ordered by name, dated at a day, names marked as UTF-8 where not ASCII."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(f for f in folder.rglob("*") if f.is_file()):
            info = zipfile.ZipInfo(file.relative_to(folder).as_posix(), (day.year, day.month, day.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = FILE_MODE
            info.file_size = file.stat().st_size
            # Large tables of coordinates gain nothing from more effort, and it takes three times as long.
            info._compresslevel = 1 if info.file_size > LARGE_BYTES else None  # noqa: SLF001
            with file.open("rb") as source, archive.open(info, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)
