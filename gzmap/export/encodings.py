"""Text encodings of a Shapefile's attribute table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Encoding:
    """One text encoding of a DBF: Python's codec, what GDAL is told, what stands in the ``.cpg``.

    ``ldid`` is the DBF's own number of the encoding, 0 where it has none;
    ``char_bytes`` is the most bytes that a character takes; ``note`` and ``note_en`` say what the DBF depends on;
    ``lacks`` are characters that Python's codec has and GDAL's does not.
    """

    codec: str
    gdal: str
    cpg: str
    ldid: int
    char_bytes: int
    note: str
    note_en: str
    lacks: str = ""

    @property
    def marked(self) -> bool:
        """Whether the DBF itself names the encoding, so that it survives the loss of its ``.cpg``."""
        return self.ldid != 0


MOVED = "".join(
    map(chr, (*range(0xE78D, 0xE797), 0xE816, 0xE817, 0xE818, 0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE831, 0xE832, 0xE83B,
              0xE843, 0xE854, 0xE855, 0xE864))
)  # fmt: skip
"""Private characters that later editions of GB18030 gave a place of their own; iconv drops them."""

ENCODINGS: Mapping[str, Encoding] = {
    "utf-8": Encoding(
        "utf-8", "UTF-8", "UTF-8", ldid=0, char_bytes=4,
        note="UTF-8：须与 .cpg 文件放在一起，丢失 .cpg 则中文会乱码。",
        note_en="UTF-8 depends on the .cpg file: without it Chinese becomes garbage.",
    ),
    # LDID 77 is Windows code page 936 in the DBF's head. The .cpg names it too, as GDAL, Java and Qt all know it.
    "gbk": Encoding(
        "gbk", "LDID/77", "CP936", ldid=77, char_bytes=2,
        note="GBK（CP936）：.dbf 文件头已注明（LDID 77），另附 .cpg，丢失 .cpg 也能正确读取。",
        note_en="GBK (CP936) is named in the .dbf itself (LDID 77) and in the .cpg: it survives the loss of its .cpg.",
    ),
    "gb18030": Encoding(
        "gb18030", "GB18030", "GB18030", ldid=0, char_bytes=4,
        note="GB18030：须与 .cpg 文件放在一起，丢失 .cpg 则部分汉字会变成别的字。",
        note_en="GB18030 depends on the .cpg file: without it some characters become others.",
        lacks=MOVED,
    ),
}  # fmt: skip
