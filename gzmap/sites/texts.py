"""Chinese texts whose encoding is not stated, or stated wrongly: the characters that come out tell which it is."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

CANDIDATES = ("utf-8", "gb18030", "cp950")
"""Python's codecs that are tried, the commonest first; GB18030 holds GBK and GB2312, CP950 is Big5 of Windows."""

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SAMPLE_BYTES = 200_000
CUT_BYTES = 3
"""Bytes at the end of a text that may be half of a character: fields of a DBF are cut at a fixed number of bytes."""

STATED_BONUS = 0.15
"""What it counts that the file itself states an encoding."""

STRICT_BONUS, STRICT_CHARS = 0.3, 4
"""What it counts that a text of so many characters is UTF-8 at all: of Chinese in another encoding, one character in
seven would be by chance."""

LDIDS = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "cp950", 0x78: "cp950"}
"""Encodings by the number in a DBF's head (language driver id)."""


@dataclass(frozen=True)
class Encoding:
    """An encoding that was found. ``is_sure`` is false when none fits without loss."""

    codec: str
    is_sure: bool = True


def parse_stated(name: str) -> str:
    """Read the name of an encoding as a ``.cpg`` or an XML declaration gives it.

    Returns
    -------
    str
        One of `CANDIDATES`, or nothing: Latin encodings are what programs write when they were told nothing.
    """
    folded = re.sub(r"[^a-z0-9]", "", name.lower())
    if re.search(r"utf8|65001", folded):
        return "utf-8"
    if re.search(r"936|gb", folded):
        return "gb18030"
    return "cp950" if re.search(r"950|big5", folded) else ""


def find_encoding(samples: Iterable[bytes], stated: Sequence[str] = ()) -> Encoding:
    """Find the encoding of texts.

    Parameters
    ----------
    samples
        Texts as bytes; each may be cut inside its last character.
    stated
        What the file says, as `parse_stated` reads it; empty names count for nothing.

    Returns
    -------
    Encoding
        UTF-8 for texts that are plain ASCII; GB18030, not sure, when nothing fits.
    """
    taken, size = [], 0
    for sample in samples:
        if not sample.isascii():
            taken.append(sample[:SAMPLE_BYTES])
            size += len(sample)
            if size > SAMPLE_BYTES:
                break
    if not taken:
        return Encoding("utf-8")
    known = list(dict.fromkeys([*(s for s in stated if s), *CANDIDATES]))
    scores = {codec: _score(taken, codec) + STATED_BONUS * (codec in stated) for codec in known}
    best = max(known, key=lambda codec: scores[codec])
    return Encoding(best) if scores[best] > 0 else Encoding("gb18030", is_sure=False)


def decode(data: bytes, codec: str) -> str:
    """Decode a text that may be cut inside its last character; what cannot be read becomes U+FFFD."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        is_cut = error.start >= len(data) - CUT_BYTES
        return data[: error.start].decode(codec) if is_cut else data.decode(codec, errors="replace")


def decode_whole(data: bytes, stated: str = "") -> tuple[str, Encoding]:
    """Decode a text file: by its byte order mark, else by what it states, else by what its characters say."""
    for mark, codec in MARKS:
        if data.startswith(mark):
            return data.decode(codec, errors="replace").removeprefix("\ufeff"), Encoding(codec)
    if data.isascii():
        return data.decode("ascii"), Encoding("utf-8")
    found = find_encoding(data.splitlines(), (parse_stated(stated),))
    return data.decode(found.codec, errors="replace"), found


def _score(samples: Sequence[bytes], codec: str) -> float:
    """Tell how usual the characters are that an encoding gives, up to 1 and its bonus; -1 where it does not fit."""
    total, count = 0.0, 0
    for sample in samples:
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError as error:
            if error.start < max(1, len(sample) - CUT_BYTES):
                return -1.0
            text = sample[: error.start].decode(codec)
        marks = [_usualness(c) for c in text if not c.isascii()]
        total, count = total + sum(marks), count + len(marks)
    if not count:
        return -1.0
    return total / count + STRICT_BONUS * (codec == "utf-8" and count >= STRICT_CHARS)


@lru_cache(maxsize=65536)
def _usualness(char: str) -> float:
    """Tell how usual a character is: the 3 755 of GB 2312's first level most, then those of Big5's."""
    if unicodedata.category(char) in ("Co", "Cn", "Cc", "Cs"):
        return -1.0
    if "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef" or char in "“”‘’—…·°′″℃㎡²³×±":
        return 1.0
    if not ("\u3400" <= char <= "\u9fff" or char >= "\U00020000"):
        return 0.2
    for codec, first, last, level in (
        ("gb2312", 0xB0, 0xD7, 1.0),
        ("cp950", 0xA4, 0xC6, 0.8),
        ("gb2312", 0xD8, 0xF7, 0.5),
    ):
        lead = char.encode(codec, errors="ignore")[:1]
        if lead and first <= lead[0] <= last:
            return level
    return 0.1
