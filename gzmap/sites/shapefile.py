"""Shapefiles with Chinese texts in whatever encoding, read so that none is lost."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas
import pandas as pd
from shapely.errors import ShapelyError

from gzmap.sites.guards import SHAPE_MAGIC
from gzmap.sites.problems import Note, build_error, build_note
from gzmap.sites.texts import LDIDS, Encoding, decode, find_encoding, parse_stated

KIND = "Shapefile"
BYTEWISE = "ISO-8859-1"
"""Encoding under which GDAL hands on every byte as one character: the texts are decoded here, where the encoding is
found by what comes out and a character that was cut in half at the end of a field does no harm."""

LDID_AT = 29
READER_ERRORS = (
    *(
        RuntimeError,
        ValueError,
        TypeError,
        LookupError,
        NameError,
        ArithmeticError,
        AttributeError,
        OSError,
        MemoryError,
    ),
    ShapelyError,
)
"""What GDAL's reader and the libraries on the way raise for broken bytes, slips of their own included."""

CODECS = {"utf-8": "UTF-8", "gb18030": "GBK/GB18030", "cp950": "Big5"}


def read_shapefile(
    source: bytes | Path, name: str, *, dbf_head: bytes, cpg: bytes | None, max_features: int
) -> tuple[geopandas.GeoDataFrame, list[Note]]:
    """Read a Shapefile whose encoding nobody needs to know.

    Parameters
    ----------
    source
        The path of its ``.shp``, or an archive as `gzmap.sites.guards.pack` makes it.
    name
        The file's name, for messages.
    dbf_head
        The first bytes of its ``.dbf``.
    cpg
        Content of its ``.cpg``, None where there is none.
    max_features
        Features to read at most.

    Returns
    -------
    tuple
        The frame, in the file's CRS if it says one, and notes about the encoding.

    Raises
    ------
    SiteError
        If GDAL cannot read it.
    """
    frame = read_frame(source, name, KIND, encoding=BYTEWISE, max_features=max_features)
    said = (cpg or b"").decode("ascii", errors="ignore")
    stated = [parse_stated(said), LDIDS.get(dbf_head[LDID_AT], "") if len(dbf_head) > LDID_AT else ""]
    texts = [c for c in frame.columns if c != frame.geometry.name and _is_text(frame[c])]
    pools = {c: frame[c].dropna().unique() for c in texts}
    samples = [str(c).encode("latin-1", errors="replace") for c in frame.columns]
    found = find_encoding(
        [*samples, *(v.encode("latin-1", errors="replace") for p in pools.values() for v in p)], stated
    )
    for column in texts:
        plain = {v: decode(v.encode("latin-1", errors="replace"), found.codec) for v in pools[column]}
        frame[column] = frame[column].map(plain).astype(object).where(frame[column].notna(), None)
    frame = frame.rename(columns=_name_columns(frame, found.codec))
    is_plain = all(str(c).isascii() for c in frame.columns) and all(v.isascii() for p in pools.values() for v in p)
    return frame, [] if is_plain else _tell(found, said, stated)


def read_frame(
    source: bytes | Path,
    name: str,
    kind: str,
    *,
    encoding: str = "",
    max_features: int | None = None,
    **options: object,
) -> geopandas.GeoDataFrame:
    """Read one layer with GDAL.

    Parameters
    ----------
    source
        A path, or the bytes of a file whose kind was made sure of before.
    name, kind
        What messages call the file and its format.
    encoding
        As GDAL calls it, where it must be told.
    max_features
        Features to read at most; all when None.
    **options
        Open options of GDAL, and ``layer``.

    Raises
    ------
    SiteError
        If GDAL cannot read it, or it has no geometry.
    """
    # Imported here: GDAL takes a while to load, and whoever brings no file does not need it.
    import pyogrio  # noqa: PLC0415

    told = {"encoding": encoding} if encoding else {}
    try:
        with warnings.catch_warnings():
            # What GDAL finds odd and reads all the same is looked at afterwards, by its result.
            warnings.simplefilter("ignore")
            frame = pyogrio.read_dataframe(source, max_features=max_features, **told, **options)
    except READER_ERRORS as error:
        # Whoever reads this learns which file it is, not where it is kept.
        reason = str(error).replace(str(source), name) if isinstance(source, Path) else str(error)
        raise build_error("content-broken", name=name, kind=kind, reason=reason or type(error).__name__) from None
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise build_error("content-broken", name=name, kind=kind, reason="no geometry")
    return frame


def require_shape_file(head: bytes, name: str) -> None:
    """Raise where a ``.shp`` does not begin as one: GDAL would take it for something else, and open what that names.

    Raises
    ------
    SiteError
        If so.
    """
    if not head.startswith(SHAPE_MAGIC):
        raise build_error("content-broken", name=name, kind=KIND, reason="file code 9994")


def _is_text(values: pd.Series) -> bool:
    return pd.api.types.is_string_dtype(values.dropna())


def _name_columns(frame: geopandas.GeoDataFrame, codec: str) -> dict[str, str]:
    """Decode the columns' names, which a DBF cuts at ten bytes; what is cut off is left out, doubles get a number."""
    names: dict[str, str] = {}
    for column in frame.columns:
        if column == frame.geometry.name:
            continue
        plain = decode(str(column).encode("latin-1", errors="replace"), codec).strip() or "field"
        taken = {*names.values(), frame.geometry.name}
        number = 2
        unique = plain
        while unique in taken:
            unique, number = f"{plain}_{number}", number + 1
        names[column] = unique
    return names


def _tell(found: Encoding, said: str, stated: list[str]) -> list[Note]:
    if not found.is_sure:
        return [build_note("encoding-unknown")]
    if found.codec in stated:
        return []
    if said.strip():
        return [build_note("encoding-corrected", stated=said.strip(), encoding=CODECS[found.codec])]
    return [build_note("encoding-guessed", encoding=CODECS[found.codec])]
