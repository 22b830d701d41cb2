"""The door for brought bytes: how large they are, what they are, and what an archive would do if it were believed."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from gzmap.config import SITE_ARCHIVE_FILES, SITE_BYTES, SITE_UNPACKED_BYTES
from gzmap.errors import SiteError
from gzmap.sites.problems import build_error
from gzmap.sites.remarks import GUESSES
from gzmap.sites.texts import find_encoding

MEGABYTE = 1_000_000
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
NEEDED_PARTS = (".shp", ".shx", ".dbf")
READ_SUFFIXES = (*PARTS, ".kml", ".geojson", ".json", ".dxf", ".txt")
SHAPE_MAGIC = b"\x00\x00\x27\x0a"
UTF8_NAME = 0x800
"""Flag of a zip member whose name is UTF-8; other names are in the code page of whoever packed it."""

ENCRYPTED = 0x1
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
TOLD_MEMBERS = 5
"""Names of members that a message lists."""

MAGICS = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"AutoCAD Binary DXF", "dxf-binary"),
    (b"AC10", "dwg"),
    (b"SQLite format 3\x00", "gpkg"),
    (SHAPE_MAGIC, "shp"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"II*\x00", "image"),
)
DXF_START = re.compile(rb"\s*(?:999[ \t]*\r?\n[^\n]*\n\s*)*0[ \t]*\r?\n[ \t]*SECTION\b")


def read_bytes(path: Path) -> bytes:
    """Read a brought file; of a Shapefile's ``.shp``, the files beside it too, as one archive.

    Raises
    ------
    SiteError
        If it is no file, cannot be opened, is empty or too large.
    """
    try:
        if path.is_dir():
            raise build_error("kind-unknown", name=path.name, **_guess("folder"))
        if path.suffix.lower() != ".shp":
            return _read_limited(path)
        beside = {p.suffix.lower(): p for p in sorted(path.parent.iterdir()) if p.stem == path.stem}
        return pack({s: _read_limited(p) for s, p in beside.items() if s in PARTS})
    except OSError as error:
        raise build_error("unreadable", name=path.name, reason=error.strerror or str(error)) from None


def _read_limited(path: Path) -> bytes:
    require_size(path.stat().st_size, path.name)
    with path.open("rb") as file:
        return file.read(SITE_BYTES + 1)


def require_size(size: int, name: str, *, limit: int = SITE_BYTES) -> None:
    """Raise where a file is larger than a limit in bytes.

    Raises
    ------
    SiteError
        If so.
    """
    if size > limit:
        facts = {"size_mb": f"{size / MEGABYTE:.1f}", "limit_mb": limit // MEGABYTE}
        raise build_error("too-large", name=name, **facts)


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Pack the parts of a Shapefile, by suffix, into an archive that is not compressed, under a plain name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for suffix, content in parts.items():
            archive.writestr(f"site{suffix}", content)
    return stream.getvalue()


def find_kind(data: bytes, name: str) -> str:
    """Tell by its first bytes what a file is.

    Returns
    -------
    str
        ``"zip"``, ``"json"``, ``"xml"``, ``"dxf"`` or ``"text"``; the name's suffix is not believed.

    Raises
    ------
    SiteError
        If it is empty, too large, or of a kind that is not read here; the message says what it looks like.
    """
    require_size(len(data), name)
    start = _peek(data).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise build_error("empty", name=name)
    for magic, kind in MAGICS:
        if start.startswith(magic) or data.startswith(magic):
            if kind == "zip":
                return kind
            raise build_error("kind-unknown", name=name, **_guess(kind))
    if start.startswith((b"{", b"[{")):
        return "json"
    if start.startswith(b"<"):
        return "xml"
    if DXF_START.match(_peek(data).removeprefix(b"\xef\xbb\xbf")):
        return "dxf"
    if b"\x00" in start and not data.startswith(UTF16_MARKS):
        raise build_error("kind-unknown", name=name, **_guess("nothing"))
    return "text"


def _peek(data: bytes) -> bytes:
    """Give the first bytes of a file, in UTF-8 where its mark says that they are UTF-16."""
    start = data[:65536]
    return start.decode("utf-16", errors="ignore").encode() if start.startswith(UTF16_MARKS) else start


def _guess(kind: str) -> dict[str, str]:
    zh, en = GUESSES[kind]
    return {"guess": en, "guess_zh": zh}


def refuse_kind(name: str, kind: str) -> SiteError:
    """Make the error of a file that is of no kind that is read, but looks like something."""
    return build_error("kind-unknown", name=name, **_guess(kind))


def open_archive(data: bytes, name: str) -> dict[str, bytes]:
    """Unpack what can be read of an archive, in memory.

    Nothing is written; names are only looked at. Every member counts against one limit, by the bytes that really come
    out, whatever the archive's own list claims.

    Returns
    -------
    dict
        Contents by name, in the archive's order; only files with a suffix of `READ_SUFFIXES`.

    Raises
    ------
    SiteError
        If it is no whole archive, names a path that leads out of it, is encrypted, has too many members, unpacks to
        too much, or has nothing to read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # Not by `is_dir`, which fails on a member without a name.
            members = [m for m in archive.infolist() if not m.filename.endswith("/")]
            if len(members) > SITE_ARCHIVE_FILES:
                raise build_error("zip-many", count=len(members), limit=SITE_ARCHIVE_FILES)
            names = [_read_name(member) for member in members]
            for member_name in names:
                _require_inside(member_name)
            found = _unpack(archive, list(zip(members, names, strict=True)))
    except SiteError:  # told already, and a ValueError too
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise build_error("zip-broken", name=name, reason=str(error)) from None
    if not found:
        if any(n == "[Content_Types].xml" for n in names):
            raise build_error("kind-unknown", name=name, **_guess("office"))
        told = "、".join(names[:TOLD_MEMBERS]) + ("…" if len(names) > TOLD_MEMBERS else "")
        raise build_error("zip-nothing", members=told or "0")
    return found


def _unpack(archive: zipfile.ZipFile, members: list[tuple[zipfile.ZipInfo, str]]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = SITE_UNPACKED_BYTES
    for member, name in members:
        hidden = name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith("._")
        if hidden or not name.lower().endswith(READ_SUFFIXES) or name.lower().endswith(".shp.xml"):
            continue
        if member.flag_bits & ENCRYPTED:
            raise build_error("zip-encrypted", member=name)
        with archive.open(member) as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise build_error("zip-bomb", limit_mb=SITE_UNPACKED_BYTES // MEGABYTE)
        found[name] = content
    return found


def _read_name(member: zipfile.ZipInfo) -> str:
    """Give a member's name with Chinese packed by Windows put right: `zipfile` reads it as code page 437."""
    name = member.filename
    if not member.flag_bits & UTF8_NAME and not name.isascii():
        try:
            raw = name.encode("cp437")
            name = raw.decode(find_encoding([raw]).codec, errors="replace")
        except UnicodeEncodeError:
            return name
    return name


def _require_inside(name: str) -> None:
    plain = name.replace("\\", "/")
    if plain.startswith("/") or re.match(r"[A-Za-z]:", plain) or ".." in plain.split("/"):
        raise build_error("zip-path", member=name)
