"""Numbers in a line of pasted coordinates: decimal, with labels, or as degrees, minutes and seconds."""

from __future__ import annotations

import re
import unicodedata

PLAIN = str.maketrans(
    {"º": "°", "˚": "°", "′": "'", "’": "'", "‘": "'", "´": "'", "`": "'", "″": '"', "”": '"', "“": '"'}
    | {
        "〃": '"',
        "，": ",",
        "；": ";",
        "：": ":",
        "、": ",",
        "\ufeff": " ",
        "\u3000": " ",
        "−": "-",
        "–": "-",
    }
)
WRITTEN = re.compile(r"(?<=[\d\s])(?:度|分|秒)")
"""Degrees, minutes and seconds in words, which mean something else behind others: 经度, 十五分."""

MARKS = {"度": "°", "分": "'", "秒": '"'}
HEMISPHERES = {"东经": "E", "北纬": "N", "东": "E", "北": "N", "E": "E", "N": "N", "e": "E", "n": "N"}
SIDE = r"(东经|北纬|[东北ENen])?"
DMS = re.compile(
    rf"{SIDE}\s*:?\s*(?<![\d.])(\d{{1,3}}(?:\.\d+)?)\s*°"
    rf"(?:\s*(\d{{1,2}}(?:\.\d+)?)\s*'(?!')(?:\s*(\d{{1,2}}(?:\.\d+)?)\s*(?:\"|''))?)?\s*{SIDE}(?![A-Za-z])"
)
"""Degrees, with minutes and seconds or without, and the hemisphere before or behind."""

PLAIN_PAIR = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)[\s,]+([-+]?\d+(?:\.\d+)?)\s*")
"""What most lines are; the other patterns take ten times as long."""

UNIT = re.compile(r"(?<=\d)\s*(?:米|公尺|m)(?![\w²])")
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?(?![\w.°'\"])")
LABEL = re.compile(
    r"^\s*\(?(?:\d{1,5}\s*[.#)]|[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff-]{0,11}[.#)]?)[\s,:：]+(?=[-+]?\d)"
)
"""What stands before the first coordinate without being one: ``J1``, ``界址点3``, ``2#``, ``X:``."""

FIGURES = re.compile(r"\d+(?:\.\d+)+|\d{4,}")
WORDS = re.compile(r"[\u4e00-\u9fff]{2}|[A-Za-z]{3}")
REMARK = re.compile(r"面积|周长|公顷|平方米|平方公里|亩|电话|日期|area|perimeter", re.IGNORECASE)
HEADER = re.compile(
    r"点号|坐标|经度|纬度|序号|longitude|latitude|easting|northing|^[\sXYxy,]+$|^\W*(?:lon|lng|lat)\b", re.IGNORECASE
)


def format_plain(text: str) -> str:
    """Give pasted text with signs of one form: half-width figures, one kind of each mark of degrees and separators.

    The number of lines stays the same.
    """
    folded = unicodedata.normalize("NFKC", WRITTEN.sub(lambda m: MARKS[m[0]], text.translate(PLAIN)))
    # Long runs of blanks would make the patterns below look at each of them again from every other.
    return re.sub(r"[^\S\n]+", " ", re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", folded.translate(PLAIN)))


def find_numbers(line: str) -> list[float]:
    """Find the numbers of one line that was given by `format_plain`, in order.

    Degrees, minutes and seconds come as decimal degrees, and where they say their hemisphere, longitude first. A label
    before the first number is left out; a whole number that may be one is given, for the caller to judge.
    """
    plain = PLAIN_PAIR.fullmatch(line)
    if plain:
        return [float(plain[1]), float(plain[2])]
    found = [_read_dms(m) for m in DMS.finditer(line)] if "°" in line else []
    if len(found) >= 2:
        if {side for _, side in found[:2]} == {"E", "N"}:
            found[:2] = sorted(found[:2], key=lambda item: item[1])
        elif found[0][1] == "N":
            found[0], found[1] = found[1], found[0]
        return [value for value, _ in found]
    plain = UNIT.sub("", LABEL.sub(" ", line, count=1))
    return [float(n) for n in NUMBER.findall(plain)]


def _read_dms(match: re.Match[str]) -> tuple[float, str]:
    before, degrees, minutes, seconds, behind = match.groups()
    value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return value, HEMISPHERES.get(before or behind or "", "")


def is_like_coordinates(line: str) -> bool:
    """Tell whether a line without two numbers was meant to hold coordinates, so that it must not be passed over."""
    figures = FIGURES.findall(line)
    return len(figures) > 1 or (len(figures) == 1 and not WORDS.search(line))


def is_remark(line: str) -> bool:
    """Tell whether a line speaks of the site or names columns instead of giving a point."""
    if PLAIN_PAIR.fullmatch(line):
        return False
    return REMARK.search(line) is not None or (HEADER.search(line) is not None and len(find_numbers(line)) < 2)
