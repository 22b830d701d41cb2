"""What a person brings becomes one area to ask about; nothing of it is kept."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
from shapely.geometry.base import BaseGeometry

from gzmap import crs as crs_door
from gzmap.config import SITE_FEATURES, SITE_TEXT_BYTES
from gzmap.sites.areas import build_areas, unite_areas
from gzmap.sites.dxf import parse_dxf
from gzmap.sites.geojson import parse_geojson
from gzmap.sites.guards import NEEDED_PARTS, PARTS, find_kind, open_archive, pack, read_bytes, require_size
from gzmap.sites.pasted import parse_pasted
from gzmap.sites.placing import place
from gzmap.sites.problems import Note, build_error, build_note
from gzmap.sites.raw import Raw, RawPart, find_name_field
from gzmap.sites.shapefile import KIND as SHAPEFILE
from gzmap.sites.shapefile import read_shapefile, require_shape_file
from gzmap.sites.survey import is_survey, parse_survey
from gzmap.sites.suspicion import find_better_fit, find_hints
from gzmap.sites.texts import decode_whole
from gzmap.sites.zones import find_candidates

PROJECTION_CHARS = 40
"""Characters of a ``.prj`` that is none which a message repeats."""

KINDS = {".zip": "zip", ".kmz": "zip", ".kml": "xml", ".dxf": "dxf", ".geojson": "json", ".json": "json"}
"""What the content of a file with this suffix must be, where it is not some other kind that is read."""


@dataclass(frozen=True)
class Part:
    """One feature of a site. ``geometry`` is a valid area in storage CRS; ``title`` is empty where it has no name."""

    title: str
    geometry: BaseGeometry


@dataclass(frozen=True)
class Site:
    """An area to ask about, as a person brought it.

    ``geometry`` is a valid Polygon or MultiPolygon in storage CRS, longitude first; ``crs`` is the EPSG code that it
    was read in, or ``"GCJ-02"``; ``title`` is its own name, else the file's, empty for pasted coordinates; ``parts``
    are its features, one at least, of which `choose` takes one.
    """

    geometry: BaseGeometry
    crs: str
    title: str
    notes: tuple[Note, ...]
    parts: tuple[Part, ...]

    def choose(self, number: int) -> Site:
        """Return the site that is one of the parts, counted from 1.

        Raises
        ------
        SiteError
            If there is no such part.
        """
        if not 1 <= number <= len(self.parts):
            raise build_error("choice-unknown", number=number, count=len(self.parts))
        part = self.parts[number - 1]
        kept = tuple(note for note in self.notes if note.code != "several-features")
        return replace(self, geometry=part.geometry, title=part.title or self.title, notes=kept, parts=(part,))


def read_site(
    data: bytes | Path,
    name: str = "",
    *,
    crs: str = "",
    repair: bool = False,
    outlines: Mapping[str, BaseGeometry] | None = None,
) -> Site:
    """Read what a person brings: a file's bytes, its path, or pasted text as bytes.

    GeoJSON, KML, KMZ, a zipped Shapefile, DXF, the text of a land survey, WKT and pasted coordinates are told apart by
    their content, not by their names. All is done in memory: nothing is written to the disk, nothing is fetched from
    the network, nothing is kept.

    Parameters
    ----------
    data
        The content; or the path of a file, of a Shapefile that of its ``.shp`` or of the zip that holds all parts.
    name
        The file's name, for titles and messages; empty for pasted text.
    crs
        EPSG code of the coordinates, or ``"GCJ-02"`` for degrees from a web map, which are taken back to WGS 84 within
        `crs.GCJ02_ACCURACY_M`. It goes before what the file says. Empty: what the file says; pasted degrees need
        nothing.
    repair
        Whether a boundary that crosses itself is repaired instead of refused.
    outlines
        Areas in storage CRS by name, such as districts, whose edges sites share: where the site does so only when it
        is taken for GCJ-02, a note says so.

    Raises
    ------
    SiteError
        Whatever is wrong, in Chinese and English, with a remedy; where a CRS would help, ``suggestions`` names it.
    """
    if isinstance(data, Path):
        name = name or data.name
        data = read_bytes(data)
    raw = _parse(data, name)
    areas = build_areas(raw, name, repair=repair)
    placed = place(areas.shapes, name, stated=raw.crs, chosen=crs, may_assume_degrees=raw.may_assume_degrees)
    groups: dict[int, list[BaseGeometry]] = {}
    for number, shape in zip(areas.owners, placed.shapes, strict=True):
        if shape is not None:
            groups.setdefault(number, []).append(shape)
    parts = tuple(Part(raw.parts[number].title, unite_areas(shapes)) for number, shapes in groups.items())
    whole = unite_areas([p.geometry for p in parts])
    hints = find_hints(raw.words) if crs == "" else []
    fit = find_better_fit(whole, outlines or {}) if crs == "" else None
    notes = (*raw.notes, *areas.notes, *placed.notes, *hints, *filter(None, (fit,)), *_tell_parts(parts))
    return Site(whole, placed.crs, _find_title(raw, parts, name), notes, parts)


def parse_site(
    text: str, *, crs: str = "", repair: bool = False, outlines: Mapping[str, BaseGeometry] | None = None
) -> Site:
    """Read pasted text: coordinates, WKT, GeoJSON, KML, or the text of a land survey.

    Parameters
    ----------
    text, crs, repair, outlines
        As `read_site`.

    Raises
    ------
    SiteError
        As `read_site`.
    """
    return read_site(
        codecs.BOM_UTF8 + text.encode("utf-8", errors="replace"), crs=crs, repair=repair, outlines=outlines
    )


def _parse(data: bytes, name: str) -> Raw:
    kind = find_kind(data, name)
    if kind == "zip":
        return _parse_archive(open_archive(data, name), name)
    if kind == "text" and not data.lstrip().startswith(b"["):
        suffix = PurePosixPath(name).suffix.lower()
        if KINDS.get(suffix, kind) != kind:
            raise build_error("suffix-wrong", name=name, kind=suffix.lstrip("."))
    if kind == "text":
        return _parse_text(data, name)
    if kind == "xml":
        # lxml takes 0.05 s to load, which every start would pay for the few who bring a KML.
        from gzmap.sites.kml import parse_kml  # noqa: PLC0415

        return parse_kml(data, name)
    return {"json": parse_geojson, "dxf": parse_dxf}[kind](data, name)


def _parse_text(data: bytes, name: str) -> Raw:
    require_size(len(data), name, limit=SITE_TEXT_BYTES)
    text, _ = decode_whole(data)
    return parse_survey(text, name) if is_survey(text) else parse_pasted(text, name, fits=_may_fit)


def _may_fit(bounds: np.ndarray) -> bool:
    return bool(find_candidates(bounds[None, :]))


def _parse_archive(members: dict[str, bytes], name: str) -> Raw:
    """Read what an archive holds: its Shapefiles together; else its KML files, else whatever else is first."""
    stems = list(dict.fromkeys(PurePosixPath(m).with_suffix("") for m in members if m.lower().endswith(".shp")))
    if stems:
        return _merge([_parse_shapefile(members, stem, name) for stem in stems])
    readable = [m for m in members if not m.lower().endswith(PARTS)]
    if not readable:
        stem = PurePosixPath(next(iter(members))).stem
        raise build_error("shapefile-part-missing", stem=stem, missing=".shp")
    kmls = [m for m in readable if m.lower().endswith(".kml")]
    raws = [_parse_member(members[m], m) for m in (kmls or readable[:1])]
    merged = _merge(raws)
    return replace(merged, words=((name, name), *merged.words))


def _parse_member(content: bytes, member: str) -> Raw:
    # An archive inside an archive would let the limits be counted anew.
    if find_kind(content, member) == "zip":
        raise build_error("zip-nothing", members=member)
    return _parse(content, PurePosixPath(member).name)


def _parse_shapefile(members: dict[str, bytes], stem: PurePosixPath, name: str) -> Raw:
    parts = {}
    for member, content in members.items():
        path = PurePosixPath(member)
        if str(path.with_suffix("")).lower() == str(stem).lower():
            parts[path.suffix.lower()] = content
    missing = [suffix for suffix in NEEDED_PARTS if suffix not in parts]
    if missing:
        raise build_error("shapefile-part-missing", stem=stem.name, missing="、".join(missing))
    require_shape_file(parts[".shp"], stem.name)
    frame, notes = read_shapefile(
        pack({suffix: parts[suffix] for suffix in NEEDED_PARTS}),
        stem.name,
        dbf_head=parts[".dbf"][:64],
        cpg=parts.get(".cpg"),
        max_features=SITE_FEATURES + 1,
    )
    if len(frame) > SITE_FEATURES:
        raise build_error("too-many-features", name=stem.name, limit=SITE_FEATURES)
    column = find_name_field([str(c) for c in frame.columns if c != "geometry"])
    titles = frame[column].fillna("").astype(str) if column else [""] * len(frame)
    shapes = zip(titles, frame.geometry, strict=True)
    words = ((name, name), (stem.name, stem.name), *((str(c), str(c)) for c in frame.columns))
    read = tuple(RawPart(title, shape) for title, shape in shapes if shape is not None)
    stated = _read_projection(parts.get(".prj", b""))
    return Raw(SHAPEFILE, read, crs=stated, title=stem.name, notes=tuple(notes), words=words)


def _read_projection(content: bytes) -> str:
    """Read a ``.prj``: its EPSG code or name, its own words where it is none, nothing where there is none."""
    text = decode_whole(content)[0].strip("\0 \r\n\t") if content else ""
    return crs_door.parse_wkt(text) or text[:PROJECTION_CHARS]


def _merge(raws: Sequence[Raw]) -> Raw:
    """Take several files of one archive together, if they are in one CRS; else the first alone counts."""
    first = raws[0]
    alike = [raw for raw in raws if raw.crs == first.crs]
    notes = dict.fromkeys(note for raw in alike for note in raw.notes)
    left = len(raws) - len(alike)
    if left:
        notes[build_note("left-out", what_zh=f"{left} 个坐标系不同的文件", what=f"{left} files in another CRS")] = None
    parts = tuple(part for raw in alike for part in raw.parts)
    words = tuple(word for raw in alike for word in raw.words)
    return replace(first, parts=parts, notes=tuple(notes), words=words)


def _tell_parts(parts: Sequence[Part]) -> list[Note]:
    return [build_note("several-features", count=len(parts))] if len(parts) > 1 else []


def _find_title(raw: Raw, parts: Sequence[Part], name: str) -> str:
    if len(parts) == 1 and parts[0].title:
        return parts[0].title
    return raw.title or PurePosixPath(name).stem
