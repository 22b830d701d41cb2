"""What a reader hands on: shapes in the coordinates of the file, and what the file says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from gzmap.sites.problems import Note

NAME_FIELDS = (
    *("name", "名称", "mc", "地块名称", "dkmc", "项目名称", "xmmc", "用地名称", "ydmc", "地名", "dm"),
    *("title", "标题", "地块编号", "dkbh", "编号", "bh", "地块号", "dkh", "zdmc", "宗地名称", "id"),
)
"""Fields that hold a feature's name in Chinese planning data, the likeliest first; compared without case."""


@dataclass(frozen=True)
class RawPart:
    """One feature as the file has it: in its coordinates, its first number first; ``title`` may be empty."""

    title: str
    geometry: BaseGeometry


@dataclass(frozen=True)
class Raw:
    """A file that was read but not yet placed on the earth.

    ``kind`` names the format for messages; ``crs`` is an EPSG code or whatever the file says, empty when it says
    nothing; ``words`` are texts of the file, by where they stand, in which a hint of GCJ-02 may be found;
    ``may_assume_degrees`` is set for pasted numbers, for which nobody can write a CRS.
    """

    kind: str
    parts: tuple[RawPart, ...]
    crs: str = ""
    title: str = ""
    notes: tuple[Note, ...] = ()
    words: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    may_assume_degrees: bool = False


def find_name_field(columns: list[str]) -> str:
    """Find the column that holds names; nothing when none is known to."""
    folded = {str(column).strip().lower(): str(column) for column in reversed(columns)}
    return next((folded[name] for name in NAME_FIELDS if name in folded), "")
