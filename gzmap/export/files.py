"""CSV that spreadsheets open safely, zips that are the same each time, targets that are whole or not there."""

from __future__ import annotations

import contextlib
import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from gzmap.errors import ExportError
from gzmap.export.limits import format_text
from gzmap.export.tables import Table

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""What a spreadsheet may take for a formula; the apostrophe is among them so that taking one off undoes it."""

FILE_MODE = 0o100644 << 16


def dump_csv(table: Table) -> bytes:
    """Write a table as CSV for spreadsheets: UTF-8 with a byte order mark, texts defused.

    Returns
    -------
    bytes
        A row of field names, then the values. A text that a spreadsheet could take for a formula has one apostrophe
        before it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(column.name for column in table.columns)
    defused = [[_defuse(v) if c.kind == "text" else v for v in c.values] for c in table.columns]
    writer.writerows(zip(*defused, strict=True))
    return text.getvalue().encode("utf-8-sig")


def _defuse(value: object) -> str | None:
    text = format_text(value)
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text


def export_zip(folder: Path, path: Path, day: date) -> None:
    """Pack the files of a folder, ordered by name, all dated at a day, names marked as UTF-8 where not ASCII."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            info = zipfile.ZipInfo(file.name, (day.year, day.month, day.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = FILE_MODE
            info.file_size = file.stat().st_size
            with file.open("rb") as source, archive.open(info, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)


@contextlib.contextmanager
def open_target(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside a target; what is written there under the target's name is moved when whole.

    Raises
    ------
    ExportError
        If the folder does not exist or cannot be written to, or the disk is full; nothing is left behind then.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".gzmap-", dir=path.parent) as folder:
            yield Path(folder)
            (Path(folder) / path.name).replace(path)
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written ({error.strerror or error}); "
            "choose a folder that exists, that you may write to and that has room."
        ) from error
