"""Printed sheets read back by a program that is not ours: pdfium, as browsers use it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

MM_PER_PT = 25.4 / 72


@dataclass(frozen=True)
class Path:
    """A drawn path: points in millimetres from the page's lower left corner, colours as red, green, blue or None."""

    points: tuple[tuple[float, float], ...]
    stroke: tuple[int, int, int] | None
    fill: tuple[int, int, int] | None
    dashed: bool

    @property
    def length_mm(self) -> float:
        pairs = zip(self.points, self.points[1:], strict=False)
        return sum(((x1 - x) ** 2 + (y1 - y) ** 2) ** 0.5 for (x, y), (x1, y1) in pairs)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        xs, ys = zip(*self.points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def count_pages(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))


def read_text(pdf: bytes, page: int = 0) -> str:
    """The text of a page without any space: readers put some where letters stand apart, as at the end of a line."""
    return squeeze(pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_range())


def squeeze(text: str) -> str:
    return "".join(c for c in text if not c.isspace() and c not in "\ufffe\u00ad\u200b")


def find_words(pdf: bytes, words: str, page: int = 0) -> tuple[float, float, float, float]:
    """Where words first stand on a page: left, bottom, right, top of their first line in millimetres."""
    text = pypdfium2.PdfDocument(pdf)[page].get_textpage()
    found = text.search(words).get_next()
    assert found is not None, words
    start, _ = found
    return tuple(v * MM_PER_PT for v in text.get_charbox(start))


def read_size(pdf: bytes, page: int = 0) -> tuple[float, float]:
    return tuple(v * MM_PER_PT for v in pypdfium2.PdfDocument(pdf)[page].get_size())


def read_metadata(pdf: bytes) -> dict[str, str]:
    return pypdfium2.PdfDocument(pdf).get_metadata_dict()


def count_pictures(pdf: bytes, page: int = 0) -> int:
    """How many pictures made of pixels a page has."""
    document = pypdfium2.PdfDocument(pdf)
    return sum(kind == pdfium.FPDF_PAGEOBJ_IMAGE for kind, *_ in _walk(document[page]))


def read_paths(pdf: bytes, page: int = 0) -> list[Path]:
    """Every path of a page, where it stands on paper."""
    document = pypdfium2.PdfDocument(pdf)
    return [
        Path(tuple(_read_points(raw, matrix)), *_read_look(raw))
        for kind, raw, matrix in _walk(document[page])
        if kind == pdfium.FPDF_PAGEOBJ_PATH
    ]


def _walk(page: pypdfium2.PdfPage) -> Iterator[tuple]:
    count = pdfium.FPDFPage_CountObjects(page.raw)
    for n in range(count):
        yield from _walk_object(pdfium.FPDFPage_GetObject(page.raw, n), (1, 0, 0, 1, 0, 0))


def _walk_object(raw: object, outer: tuple) -> Iterator[tuple]:
    kind = pdfium.FPDFPageObj_GetType(raw)
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(raw, ctypes.byref(own))
    matrix = _multiply((own.a, own.b, own.c, own.d, own.e, own.f), outer)
    yield kind, raw, matrix
    if kind == pdfium.FPDF_PAGEOBJ_FORM:
        for n in range(pdfium.FPDFFormObj_CountObjects(raw)):
            yield from _walk_object(pdfium.FPDFFormObj_GetObject(raw, n), matrix)


def _multiply(first: tuple, then: tuple) -> tuple:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _read_points(raw: object, matrix: tuple) -> Iterator[tuple[float, float]]:
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    for n in range(pdfium.FPDFPath_CountSegments(raw)):
        pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFPath_GetPathSegment(raw, n), ctypes.byref(x), ctypes.byref(y))
        yield (a * x.value + c * y.value + e) * MM_PER_PT, (b * x.value + d * y.value + f) * MM_PER_PT


def _read_look(raw: object) -> tuple:
    fill_mode, has_stroke = ctypes.c_int(), pdfium.FPDF_BOOL()
    pdfium.FPDFPath_GetDrawMode(raw, ctypes.byref(fill_mode), ctypes.byref(has_stroke))
    stroke = _read_colour(raw, pdfium.FPDFPageObj_GetStrokeColor) if has_stroke.value else None
    fill = _read_colour(raw, pdfium.FPDFPageObj_GetFillColor) if fill_mode.value else None
    return stroke, fill, pdfium.FPDFPageObj_GetDashCount(raw) > 0


def _read_colour(raw: object, getter: object) -> tuple[int, int, int]:
    parts = [ctypes.c_uint() for _ in range(4)]
    getter(raw, *map(ctypes.byref, parts))
    return tuple(part.value for part in parts[:3])
