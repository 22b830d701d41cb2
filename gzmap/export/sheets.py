"""Tables for spreadsheets: CSV and XLSX, geometries as WKT, no text ever a formula."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gzmap.export.files import FORMULA_STARTS, dump_csv
from gzmap.export.formats import FORMATS
from gzmap.export.markup import clean_text
from gzmap.export.order import Order
from gzmap.export.readme import build_readme
from gzmap.export.sidefiles import build_side_tables, export_packed
from gzmap.export.tables import Column, Table, build_table, format_text
from gzmap.export.titles import cut_utf16, name_by_format

if TYPE_CHECKING:
    from xlsxwriter.format import Format as CellFormat
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

WKT = "WKT"
CELL_CHARS = FORMATS["xlsx"].text_chars
FIRST_YEAR = "1900-03-01"
"""Spreadsheets disagree about days before, which become texts."""

COLUMN_WIDTH = 16
PIECES_HEADS = (
    ("layer", "text", "表名", "Table"),
    ("feature_id", "text", "要素标识", "Feature id"),
    ("part", "integer", "段号", "Number of the part, from 1"),
    ("wkt", "text", "WKT 分段", "Part of the WKT; the parts joined are the whole"),
)


def export_csv(order: Order, path: Path) -> None:
    """Write one layer as CSV with a last column of WKT, or several as a zip with their side tables and README.txt."""

    def write(table: Table, stem: Path) -> None:
        wkt = Column(WKT, "text", _format_wkt(table.geometries))
        flat = replace(table, columns=(*map(_write_booleans, table.columns), wkt), geometries=None)
        stem.with_name(f"{stem.name}.csv").write_bytes(dump_csv(flat))

    tables = list_csv_tables(order)
    if path.suffix == order.fmt.suffix:
        write(tables[0], path.with_suffix(""))
    else:
        export_packed(replace(order, cut=tables), path, write)


def list_csv_tables(order: Order) -> tuple[Table, ...]:
    """Give the tables as a CSV has them: texts as cut for the format, numbers as numbers, for texts are defused."""
    return tuple(
        replace(
            cut, columns=tuple(c if c.kind == w.kind else w for c, w in zip(cut.columns, whole.columns, strict=True))
        )
        for cut, whole in zip(order.cut, order.tables, strict=True)
    )


def dump_attributes(table: Table, *, lead: Sequence[str] = ()) -> bytes:
    """Write a table without its geometries as CSV; lines of ``lead`` stand above, each in a first cell."""
    flat = replace(table, columns=tuple(map(_write_booleans, table.columns)), geometries=None)
    return dump_csv(flat, lead=lead)


def _write_booleans(column: Column) -> Column:
    if column.kind != "boolean":
        return column
    return replace(column, kind="text", values=[None if v is None else str(v).lower() for v in column.values])


def _format_wkt(geometries: np.ndarray) -> list[str | None]:
    return shapely.to_wkt(geometries, rounding_precision=-1).tolist()


def export_xlsx(order: Order, path: Path) -> None:
    """Write one workbook: a sheet per layer, the side tables, README; the heads stay in sight.

    Texts are text cells, never formulas or links; those that a program could take for a formula when they are edited
    are marked as text. A text with a time zone, or a day before March 1900, is written as text. WKT that is longer
    than a cell stands in parts on a sheet of its own.
    """
    layers, pieces = zip(*(_place_wkt(table) for table in order.cut), strict=True)
    rows = [row for some in pieces for row in some]
    more = (build_table("wkt_parts", "WKT 分段", "", heads=PIECES_HEADS, rows=rows),) if rows else ()
    side = (*map(split_long, build_side_tables(order)), *more, _build_readme_table(order))
    export_workbook((*layers, *side), path, title=order.dataset.title, day=order.day)


def export_workbook(tables: Sequence[Table], path: Path, *, title: str, day: date, lead: Sequence[str] = ()) -> None:
    """Write tables without geometry as one workbook, a sheet each; a text must fit a cell.

    Parameters
    ----------
    tables
        In the order of the sheets, which are called by the tables' titles.
    path
        The workbook.
    title, day
        Of the workbook; the same input gives the same bytes.
    lead
        Lines that stand above the heads of every sheet, the first of them in bold.
    """
    names = name_sheets(tables)
    with _open_book(path) as book:
        book.set_properties({"title": clean_text(title), "created": datetime.combine(day, time())})
        forms = {
            "head": book.add_format({"bold": True}),
            "plain": book.add_format(),
            "quoted": book.add_format({"quote_prefix": True}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for table in tables:
            _write_sheet(book.add_worksheet(names[table.name]), table, forms, lead=lead)


@contextlib.contextmanager
def _open_book(path: Path) -> Iterator[Workbook]:
    """Open a workbook; what the disk refuses is told as such, and not in the library's own words."""
    # Imported here: its 0.1 s are to be paid by workbooks alone, not by each page and command.
    import xlsxwriter  # noqa: PLC0415
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    options = {"constant_memory": True, "tmpdir": str(path.parent), "default_date_format": "yyyy-mm-dd"}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            yield book
    except FileCreateError as error:
        raise error.args[0] from error


def name_sheets(tables: Sequence[Table]) -> dict[str, str]:
    """Give the names of the sheets by the tables' names; those of the first do not depend on what follows."""
    return name_by_format(tables, FORMATS["xlsx"])


def _place_wkt(table: Table) -> tuple[Table, list[tuple]]:
    """Put WKT into a last column, and give the parts of what is too long for a cell."""
    cells, pieces = _format_wkt(table.geometries), []
    for row, text in enumerate(cells):
        if text is not None and len(text) > CELL_CHARS:
            parts = _cut_into_cells(text)
            pieces += [(table.name, table.ids[row], number, part) for number, part in enumerate(parts, 1)]
            cells[row] = f"（共 {len(parts)} 段，见工作表“WKT 分段”）"
    return replace(table, columns=(*table.columns, Column(WKT, "text", cells)), geometries=None), pieces


def _cut_into_cells(text: str) -> list[str]:
    parts = []
    while text:
        parts.append(cut_utf16(text, CELL_CHARS))
        text = text[len(parts[-1]) :]
    return parts


def split_long(table: Table) -> Table:
    """Give rows with a text longer than a cell as several rows, each with the next part of it."""
    rows = [row for values in zip(*(c.values for c in table.columns), strict=True) for row in _split_row(values)]
    heads = tuple((c.name, c.kind, c.title, c.title_en) for c in table.columns)
    return build_table(table.name, table.title, table.description, heads=heads, rows=rows)


def _split_row(values: tuple) -> Iterator[tuple]:
    parts = [_cut_into_cells(v) if isinstance(v, str) and len(v) > CELL_CHARS // 2 else [v] for v in values]
    for number in range(max(map(len, parts))):
        yield tuple(some[number] if number < len(some) else some[0] if len(some) == 1 else None for some in parts)


def _build_readme_table(order: Order) -> Table:
    lines = [(line,) for line in build_readme(order).splitlines()]
    return build_table("readme", "说明", "", heads=(("text", "text", "说明", "Read me"),), rows=lines)


def _write_sheet(sheet: Worksheet, table: Table, forms: dict[str, CellFormat], *, lead: Sequence[str]) -> None:
    sheet.freeze_panes(len(lead) + 1, 0)
    sheet.set_column(0, len(table.columns) - 1, COLUMN_WIDTH)
    # The workbook keeps one row in memory, so that rows are written from the top.
    for number, line in enumerate(lead):
        text = _clean(line)
        quoted = forms["quoted"] if text.startswith(FORMULA_STARTS) else None
        sheet.write_string(number, 0, text, forms["head"] if number == 0 else quoted)
    for position, column in enumerate(table.columns):
        sheet.write_string(len(lead), position, _clean(column.name), forms["head"])
    writers = [_find_writer(sheet, column, forms) for column in table.columns]
    for number, values in enumerate(zip(*(c.values for c in table.columns), strict=True), len(lead) + 1):
        for position, (value, write) in enumerate(zip(values, writers, strict=True)):
            if value is not None:
                write(number, position, value)


def _find_writer(sheet: Worksheet, column: Column, forms: dict[str, CellFormat]) -> Callable:
    def write_text(row: int, position: int, value: object) -> None:
        text = _clean(format_text(value))
        if text.startswith("<r>") and text.endswith("</r>"):
            # The library would take it for its own mark-up: in two pieces it is only text.
            sheet.write_rich_string(row, position, text[:1], forms["plain"], text[1:])
        else:
            sheet.write_string(row, position, text, forms["quoted"] if text.startswith(FORMULA_STARTS) else None)

    def write_moment(row: int, position: int, value: str) -> None:
        moment = datetime.fromisoformat(value)
        if value < FIRST_YEAR or moment.tzinfo is not None:
            write_text(row, position, value)
        else:
            sheet.write_datetime(row, position, moment, forms[column.kind])

    moments: Sequence[str] = ("date", "datetime")
    plain = {"integer": sheet.write_number, "real": sheet.write_number, "boolean": sheet.write_boolean}
    return write_moment if column.kind in moments else plain.get(column.kind, write_text)


def _clean(text: str) -> str:
    """Give a text that a cell can hold.

    Returns
    -------
    str
        The text, its lines ended as those of a spreadsheet are. What XML lacks the library writes as ECMA-376 has it,
        ``_x0001_``.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")
