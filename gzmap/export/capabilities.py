"""What can be said of a file format: the members of the table of formats."""

from __future__ import annotations

from dataclasses import dataclass

ALL_KINDS = frozenset({"text", "integer", "real", "date", "datetime", "boolean"})
"""Kinds of a column, see `gzmap.export.tables.Column`."""


@dataclass(frozen=True)
class Format:
    """What one format can hold.

    Attributes
    ----------
    title
        Name for people.
    driver
        GDAL's name of it; None where gzmap writes it itself.
    suffix, suffix_many
        Ends of the file name for one layer and for several.
    packed
        Whether the file is a zip that also holds the side tables and README.txt.
    field_chars, field_bytes
        Longest field name in characters, and in bytes of the chosen encoding; None without limit.
    field_charset
        ``ascii`` for plain ASCII names only, ``word`` for letters, digits and underscores up to U+FFFF, else ``any``.
    field_forbidden
        Characters that no field name has; an underscore stands for each.
    reserved_fields
        Field names that the format keeps for itself, lower case.
    reserved_layers, reserved_starts
        Names of layers, and what they begin with, that the format keeps for itself, lower case.
    layer_title_chars, field_title_chars
        Longest title of a layer and of a field in characters (UTF-16 units), where the format has titles and a limit.
    title_forbidden, title_taken
        Characters that no title of a layer may have there, and titles that are gone, lower case.
    text_bytes, text_chars, label_bytes
        Longest text in bytes of the encoding, and in UTF-16 units; longest name in a drawing in bytes of its code page.
    keeps_spaces
        Whether spaces at the ends of a text, and the difference between an empty text and none, survive.
    text_charset
        ``xml`` where texts cannot have the characters that XML 1.0 lacks (most controls, U+FFFE and U+FFFF), else
        ``any``. No format takes U+0000 or half a character.
    returns
        What becomes of a carriage return in a text: ``kept``; ``reader`` where the file has it and many programs read a
        line feed; ``changed`` where each end of a line becomes a line feed.
    zones
        What becomes of the zones of times: ``each`` value keeps its own; ``one`` for a whole column, UTC where there
        are several; ``utc`` where all times are in UTC; ``clock`` where a time has no zone, so that it is as the clock
        of its one zone shows it, or that of UTC where there are several.
    keeps_milliseconds
        Whether parts of a second survive.
    field_count, row_count
        Most fields and features of a layer, None without limit.
    integer_limit, real_limit
        Whole numbers, and others, of this size and above are not kept exactly, None without limit.
    decimals
        Decimals of coordinates, None where all are kept.
    types
        Kinds of a column that come back as what they were; the others become texts (or 0 and 1). A format of texts
        alone has no types at all: its readers guess.
    encodings
        Keys of `ENCODINGS`.
    crs, states_crs
        EPSG codes that the format allows, None for every one; whether a file says in which CRS it is.
    null_geometry, null_geometry_en
        What becomes of a feature without geometry.
    attributes
        Whether a feature carries attributes; where not, they stand in a table beside the file.
    many_layers
        Whether one file holds several layers.
    limits_note, limits_note_en
        What else a user should know, in one sentence.
    """

    title: str
    driver: str | None
    suffix: str
    suffix_many: str
    packed: bool = False
    field_chars: int | None = None
    field_bytes: int | None = None
    field_charset: str = "any"
    field_forbidden: str = ""
    reserved_fields: frozenset[str] = frozenset()
    reserved_layers: frozenset[str] = frozenset()
    reserved_starts: tuple[str, ...] = ()
    layer_title_chars: int | None = None
    field_title_chars: int | None = None
    title_forbidden: str = ""
    title_taken: frozenset[str] = frozenset()
    text_bytes: int | None = None
    text_chars: int | None = None
    label_bytes: int | None = None
    text_charset: str = "any"
    returns: str = "kept"
    zones: str = "each"
    keeps_milliseconds: bool = True
    keeps_spaces: bool = True
    field_count: int | None = None
    row_count: int | None = None
    integer_limit: int | None = None
    real_limit: float | None = None
    decimals: int | None = None
    types: frozenset[str] = ALL_KINDS
    encodings: tuple[str, ...] = ("utf-8",)
    crs: tuple[str, ...] | None = None
    states_crs: bool = True
    null_geometry: str = ""
    null_geometry_en: str = ""
    attributes: bool = True
    many_layers: bool = True
    limits_note: str = ""
    limits_note_en: str = ""

    @property
    def is_typed(self) -> bool:
        """Whether the format knows any type but text."""
        return self.types != {"text"}

    @property
    def plain_title(self) -> str:
        """The title without how a file on its own is packed."""
        return self.title.removesuffix(" (zip)")
