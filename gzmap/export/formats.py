"""What each file format can hold: data that the exporter, its messages and the documentation read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gzmap.errors import ExportError, describe_unknown


@dataclass(frozen=True)
class Encoding:
    """One text encoding of a DBF: Python's codec, what GDAL is told, what stands in the ``.cpg``.

    ``marked`` says whether the DBF itself names the encoding, so that it survives the loss of its ``.cpg``.
    """

    codec: str
    gdal: str
    cpg: str
    marked: bool


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
    field_chars
        Longest field name in ASCII characters, None without limit.
    reserved_fields
        Field names that the format keeps for itself, lower case.
    text_bytes
        Longest text in bytes of the chosen encoding, None without limit.
    keeps_spaces
        Whether spaces at the ends of a text, and the difference between an empty text and none, survive.
    integer_limit
        Whole numbers of this size and above are not kept exactly, None without limit.
    encodings
        Keys of `ENCODINGS`.
    crs
        EPSG codes that the format allows, None for every one.
    null_geometry
        How a feature without geometry is written.
    """

    title: str
    driver: str | None
    suffix: str
    suffix_many: str
    packed: bool
    field_chars: int | None
    reserved_fields: frozenset[str]
    text_bytes: int | None
    keeps_spaces: bool
    integer_limit: int | None
    encodings: tuple[str, ...]
    crs: tuple[str, ...] | None
    null_geometry: str


ENCODINGS: Mapping[str, Encoding] = {
    "utf-8": Encoding("utf-8", "UTF-8", "UTF-8", marked=False),
    # LDID 77 is Windows code page 936 in the DBF's head. The .cpg names it too, as GDAL, Java and Qt all know it.
    "gbk": Encoding("gbk", "LDID/77", "CP936", marked=True),
}

FORMATS: Mapping[str, Format] = {
    "shp": Format(
        title="Shapefile (zip)",
        driver="ESRI Shapefile",
        suffix=".zip",
        suffix_many=".zip",
        packed=True,
        field_chars=10,
        reserved_fields=frozenset(),
        text_bytes=254,
        keeps_spaces=False,
        integer_limit=10**17,
        encodings=("utf-8", "gbk"),
        crs=None,
        null_geometry="null shape (type 0); the row stays in the .dbf",
    ),
    "gpkg": Format(
        title="GeoPackage 1.3",
        driver="GPKG",
        suffix=".gpkg",
        suffix_many=".gpkg",
        packed=False,
        field_chars=None,
        reserved_fields=frozenset({"fid", "geom"}),
        text_bytes=None,
        keeps_spaces=True,
        integer_limit=2**63,
        encodings=("utf-8",),
        crs=None,
        null_geometry="NULL",
    ),
    "geojson": Format(
        title="GeoJSON (RFC 7946)",
        driver=None,
        suffix=".geojson",
        suffix_many=".zip",
        packed=False,
        field_chars=None,
        reserved_fields=frozenset(),
        text_bytes=None,
        keeps_spaces=True,
        integer_limit=None,
        encodings=("utf-8",),
        crs=("EPSG:4326",),
        null_geometry="null",
    ),
}


def require_format(name: str) -> Format:
    """Return a format by its key.

    Raises
    ------
    ExportError
        If there is no such format.
    """
    if name not in FORMATS:
        raise ExportError(describe_unknown("Format", name, FORMATS, where=f"the list {', '.join(FORMATS)}"))
    return FORMATS[name]


def require_encoding(fmt: Format, name: str) -> Encoding:
    """Return an encoding that a format allows.

    Parameters
    ----------
    fmt
        The format.
    name
        A key of `ENCODINGS`, upper or lower case.

    Raises
    ------
    ExportError
        If the format does not allow it.
    """
    if name.lower() not in fmt.encodings:
        raise ExportError(f"{fmt.title} cannot be written in {name!r}; use {' or '.join(fmt.encodings)}.")
    return ENCODINGS[name.lower()]


def require_crs(fmt: Format, crs: str) -> str:
    """Return an EPSG code, upper case, that a format allows.

    Raises
    ------
    ExportError
        If the format does not allow it; the message names formats that do.
    """
    code = crs.upper()
    if fmt.crs is not None and code not in fmt.crs:
        others = " or ".join(f.title for f in FORMATS.values() if f.crs is None)
        raise ExportError(f"{fmt.title} is always in {', '.join(fmt.crs)}, not in {crs}; take {others} for {crs}.")
    return code
