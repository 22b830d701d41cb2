"""Open the workbooks of a packet in LibreOffice and compare every cell with what the file holds.

    python -m tests.local.check_office PACKET.zip

LibreOffice turns each sheet into CSV; openpyxl reads the same sheet. A formula would show as such in both.
"""

from __future__ import annotations

import csv
import datetime
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

# Comma, double quote, UTF-8, from line 1, formats and language as they are, texts quoted, numbers in full, formulas
# instead of their results, spaces kept, nothing computed anew, every sheet in a file of its own.
TO_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,true,false,false,-1"
SHOWN = 10


def main(packet: Path) -> int:
    """Check a packet.

    Returns
    -------
    int
        0 if nothing is wrong.
    """
    office = shutil.which("soffice")
    if office is None:
        sys.exit("LibreOffice is not installed: run `make check-office`, which installs it or says how.")
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(packet) as archive:
            archive.extractall(folder / "packet")
        books = sorted((folder / "packet").rglob("*.xlsx"))
        if not books:
            wrong.append(f"{packet.name} has no workbook")
        for number, book in enumerate(books):
            wrong += check_book(book, convert(office, book, folder / f"csv{number}", home=folder / "home"))
    for line in wrong[:SHOWN]:
        print(f"  WRONG {line}")
    version = subprocess.run([office, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{version}: {packet.name}: {len(books)} workbooks, {len(wrong)} wrong")
    return 1 if wrong else 0


def convert(office: str, book: Path, target: Path, *, home: Path) -> Path:
    """Let LibreOffice write each sheet of a workbook as CSV into a folder, and return it."""
    profile = f"-env:UserInstallation={home.as_uri()}"
    command = [office, "--headless", profile, "--convert-to", TO_CSV, "--outdir", str(target), str(book)]
    # Sheets give their names to files, which another locale could not write.
    subprocess.run(command, check=True, capture_output=True, timeout=300, env={**os.environ, "LC_ALL": "C.UTF-8"})
    return target


def check_book(book: Path, folder: Path) -> Iterator[str]:
    """Compare the sheets of a workbook with their CSV, and say what differs."""
    workbook = openpyxl.load_workbook(book)
    cells = 0
    for sheet in workbook.worksheets:
        path = folder / f"{book.stem}-{sheet.title}.csv"
        if not path.exists():
            yield f"{book.name}: LibreOffice has no sheet {sheet.title}"
            continue
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        cells += sheet.max_row * sheet.max_column
        yield from check_sheet(sheet, rows, where=f"{book.name} {sheet.title}")
    print(f"  {book.name}: {len(workbook.worksheets)} sheets, {cells} cells")


def check_sheet(sheet: Worksheet, rows: list[list[str]], *, where: str) -> Iterator[str]:
    """Compare a sheet with rows of texts, cell by cell."""
    if len(rows) != sheet.max_row:
        yield f"{where}: LibreOffice has {len(rows)} rows, not {sheet.max_row}"
    for row, shown in zip(sheet.iter_rows(), rows, strict=False):
        for cell, text in zip(row, shown, strict=False):
            if cell.data_type == "f":
                yield f"{where} {cell.coordinate} is a formula: {cell.value!r}"
            elif not is_same(cell.value, text):
                yield f"{where} {cell.coordinate}: LibreOffice shows {text!r} for {cell.value!r}"


def is_same(value: object, text: str) -> bool:
    """Tell whether LibreOffice's text stands for a value."""
    if value is None:
        return text == ""
    if isinstance(value, bool):
        return text == str(value).upper()
    if isinstance(value, int | float):
        try:
            return float(text) == float(value)
        except ValueError:
            return False
    if isinstance(value, datetime.datetime):
        plain = value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
        return text == plain
    return text.replace("\r\n", "\n") == str(value).replace("\r\n", "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python -m tests.local.check_office PACKET.zip")
    sys.exit(main(Path(sys.argv[1])))
