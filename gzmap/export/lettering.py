r"""The lettering of a drawing: names of features as CAD programs and GDAL read them alike, and what that changes.

Sources: Autodesk's DXF reference (string values, TEXT, MTEXT), GDAL's ``ACTextUnescape`` and ``ReadValue``, each tried
with GDAL 3.6 and 3.12: they take the code page at its word in every release, know ``\U+XXXX`` in MTEXT only, and read
256 bytes of a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gzmap.export.formats import FORMATS
from gzmap.export.losses import CHANGED, Loss
from gzmap.export.tables import Table
from gzmap.export.titles import find_labels, name_by_format

CODEC = "gbk"
"""Of a whole drawing: every program reads the code page of R2004, and not every one the UTF-8 of later releases."""

MISSING = "〓"
"""Stands for a character that no drawing can hold so that all programs read it: the printers' sign for that."""

LAST = "\uffff"
"""The last character that ``\\U+XXXX`` can write."""

SIGNS = re.compile(r"%%|\\(?=[UM]\+)", re.IGNORECASE)
"""What CAD programs take for a sign of theirs; wide characters look the same and are taken for none."""
WIDE = {"%%": "％％", "\\": "＼"}

LABELS = "_注记"
"""What the name of a layer of names ends in."""

SHOWN = 8
"""Features or characters that one message lists."""


@dataclass(frozen=True, slots=True)
class Lettering:
    """One text: ``shown`` is what a reader sees, ``written`` stands in the file.

    ``is_mtext`` tells that ``written`` has the escapes of MTEXT, for ``shown`` has characters beyond GBK.
    """

    shown: str
    written: str
    is_mtext: bool = False


def letter(texts: Sequence) -> list[Lettering | None]:
    """Give texts as they are lettered in a drawing, None for what is empty."""
    plain = ["" if text is None else str(text) for text in texts]
    limit = FORMATS["dxf"].label_bytes // 2
    # One look at all of them: hardly any needs a closer one.
    if _is_plain(plain):
        return [_letter(text) if len(text) > limit else Lettering(text, text) if text else None for text in plain]
    return [_letter(text) for text in plain]


def _is_plain(texts: Sequence[str]) -> bool:
    """Tell whether all texts are written as they are, but for their length."""
    joined, letters = f" {' '.join(texts)} ", "".join(texts)
    # An empty text makes two spaces as well; a closer look at all is right then, too.
    is_even = "  " not in joined and letters.isprintable()
    return is_even and "^" not in letters and not SIGNS.search(letters) and _is_encodable(letters)


def _is_encodable(text: str) -> bool:
    try:
        text.encode(CODEC)
    except UnicodeEncodeError:
        return False
    return True


def _letter(text: str) -> Lettering | None:
    line = _adapt(text)
    if not line:
        return None
    is_mtext = not _is_encodable(line)
    shown, written, room = [], [], FORMATS["dxf"].label_bytes
    for character in line:
        token = _write_mtext(character) if is_mtext else "^ " if character == "^" else character
        room -= len(token.encode(CODEC))
        if room < 0:
            break
        shown.append(character)
        written.append(token)
    if shown[-1] == " ":  # a cut before a word
        del shown[-1], written[-1]
    return Lettering("".join(shown), "".join(written), is_mtext)


def _adapt(text: str) -> str:
    """Give a text as one line of characters that a drawing can hold, signs of CAD programs made harmless."""
    return _replace_rare(SIGNS.sub(lambda found: WIDE[found[0]], _fit_line(text)))


def _fit_line(text: str) -> str:
    """Give a text as one line without control characters, which would break the file apart."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _replace_rare(text: str) -> str:
    return "".join(MISSING if c > LAST else c for c in text)


def _write_mtext(character: str) -> str:
    if character in "\\{}":
        return f"\\{character}"
    if character == "^":
        return "^ "
    return character if _is_encodable(character) else f"\\U+{ord(character):04X}"


def write_ids(ids: Sequence) -> list[str]:
    """Give the ids of features as the drawing carries them, as long as the format allows."""
    plain = [str(feature_id) for feature_id in ids]
    fits = _is_plain(plain) and max(map(len, plain), default=0) <= FORMATS["dxf"].label_bytes // 2
    return plain if fits else [_write_id(text) for text in plain]


def _write_id(text: str) -> str:
    room, written = FORMATS["dxf"].label_bytes, []
    for character in _replace_rare(_fit_line(text)):
        token = character if _is_encodable(character) else f"\\U+{ord(character):04X}"
        room -= len(token.encode(CODEC))
        if room < 0:
            break
        written.append(token)
    return "".join(written)


def name_layers(tables: Sequence[Table]) -> dict[str, str]:
    """Find the name of the layer of each table: its title, without the characters that a drawing lacks."""
    told = [replace(t, title="".join(c if _is_encodable(c) else MISSING for c in t.title)) for t in tables]
    return name_by_format(told, FORMATS["dxf"])


def list_lettering(table: Table) -> list[str]:
    """List what the drawing shows of the names in a table, in their order."""
    rows = np.flatnonzero(~shapely.is_missing(table.geometries)).tolist()
    labels = find_labels(table)
    return [text.shown for text in letter([labels[row] for row in rows]) if text is not None]


def check_lettering(tables: Sequence[Table]) -> list[Loss]:
    """Tell what the drawing shows otherwise: titles of layers, and names of features in it."""
    return [loss for table in tables for loss in (*_check_title(table), *_check_labels(table))]


def _check_title(table: Table) -> Iterator[Loss]:
    lost = [c for c in table.title if not _is_encodable(c)]
    if lost:
        yield Loss(
            "character", CHANGED, table.name,
            detail=f"图层名以“{MISSING}”代替 GBK 没有的字符：{_list(lost, '，')}",
            detail_en=f"{MISSING} stands in the name of the layer for what GBK lacks: {_list(lost, ', ')}",
            remedy="改图层名，或改用 GeoPackage", remedy_en="rename the layer, or take GeoPackage", fix="fmt=gpkg",
        )  # fmt: skip


def _check_labels(table: Table) -> Iterator[Loss]:
    rows = np.flatnonzero(~shapely.is_missing(table.geometries)).tolist()
    labels = find_labels(table)
    wanted = {row: "" if labels[row] is None else str(labels[row]) for row in rows}
    shown = {row: text.shown if text else "" for row, text in zip(wanted, letter(list(wanted.values())), strict=True)}
    if shown == wanted:
        return
    lines = {row: _adapt(text) for row, text in wanted.items()}
    if rare := dict.fromkeys(c for text in wanted.values() for c in text if c > LAST and c.isprintable()):
        yield _tell("character", table, [], told=(
            f"图中名称以“{MISSING}”代替各软件读法不一的字符：{_list(rare, '，')}",
            f"in names {MISSING} stands for characters that not every program reads: {_list(rare, ', ')}",
        ))  # fmt: skip
    limit = FORMATS["dxf"].label_bytes
    if cut := [table.ids[row] for row, line in lines.items() if shown[row] != line]:
        yield _tell("text-cut", table, cut, told=(
            f"{len(cut)} 个名称在图中截为 {limit} 字节，QGIS 与旧版 CAD 只读这么长",
            f"{len(cut)} names are cut to {limit} bytes, for QGIS and older CAD read no more",
        ))  # fmt: skip
    if odd := [table.ids[row] for row, line in lines.items() if line != _replace_rare(wanted[row])]:
        yield _tell("character", table, odd, told=(
            f"{len(odd)} 个名称在图中写成一行，控制字符与多余空格不写，%% 等 CAD 记号写成全角",
            f"{len(odd)} names are on one line, without control characters and spare spaces, signs of CAD made wide",
        ))  # fmt: skip


def _tell(code: str, table: Table, ids: Sequence, *, told: tuple[str, str]) -> Loss:
    some, some_en = (f"：{_list(ids, '，')}", f": {_list(ids, ', ')}") if ids else ("", "")
    return Loss(
        code, CHANGED, table.name, feature_id=str(ids[0]) if ids else "",
        detail=f"{told[0]}{some}；旁附的属性表照原样",
        detail_en=f"{told[1]}{some_en}; the table beside has them as they are",
    )  # fmt: skip


def _list(items: Iterable, comma: str) -> str:
    """List the first of ids or characters, characters with their codes."""
    told = [f"{item} (U+{ord(item):04X})" if len(item) == 1 and not item.isascii() else str(item) for item in items]
    return comma.join(told[:SHOWN]) + (f"{comma}… ({len(told)})" if len(told) > SHOWN else "")
