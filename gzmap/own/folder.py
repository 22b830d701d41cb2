"""The folder of the planner's own layers: read once, looked at on every question, read again where it changed."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import geopandas
import numpy as np
import shapely

from gzmap.crs import convert_shapes_to_metric
from gzmap.own.identity import find_keys, find_version, format_key
from gzmap.own.index import FeatureIndex, LayerIndex
from gzmap.own.layers import Broken, OwnLayer, OwnLayers
from gzmap.own.style import build_style, choose_colours
from gzmap.sites import LAYER_SUFFIXES, Layer, SiteError, build_note, list_files, read_layers

log = logging.getLogger(__name__)

FOREIGN_SUFFIXES = (".kml", ".kmz", ".dxf", ".dwg", ".mdb", ".zip", ".rar", ".7z", ".tab", ".mif", ".gml", ".fgb")
"""Kinds of files that were surely meant to be layers: told as broken, while notes and tables are passed over."""

FAMILIES = {0: "Point", 1: "LineString", 2: "Polygon"}
SLUG_CHARS = 40

Signature = tuple[tuple[str, int, int], ...]


def open_own(folder: Path, *, avoid: Iterable[str] = (), wait: bool = True) -> OwnLayers:
    """Open a folder of own layers; the same object is returned until something in it changes.

    Every call looks at the names, sizes and times of the files. A file that changed is read again; layers whose content
    is what it was stay the same objects, and the spatial index of a changed layer loses and gains only the features
    that went and came.

    What is opened here never leaves the machine: nothing of it is part of an `Atlas`, and no function that writes
    files, links or public pages takes it unless it is handed over by name. Whoever serves it over HTTP answers only
    requests of the same origin from the same machine.

    Parameters
    ----------
    folder
        May be missing: there are no own layers then. Folders in it are looked through too.
    avoid
        Colours, as ``#RRGGBB``, that generated ones must differ from: those of the plan's layers.
    wait
        False to get what was known before, marked so, while another thread reads the folder.

    Returns
    -------
    OwnLayers
        With every layer that can be read, and every file that cannot, named with the remedy.
    """
    return _store(folder.resolve(), tuple(sorted(set(avoid)))).refresh(wait=wait)


@lru_cache(maxsize=8)
def _store(folder: Path, avoid: tuple[str, ...]) -> _Store:
    return _Store(folder, avoid)


class _Store:
    """What is known of a folder from the last look at it."""

    def __init__(self, folder: Path, avoid: tuple[str, ...]) -> None:
        self.folder, self.avoid = folder, avoid
        self._lock = threading.Lock()
        self._signatures: dict[str, Signature] = {}
        self._read: dict[str, tuple[OwnLayer, ...] | Broken] = {}
        self._now = OwnLayers(folder, (), ())

    def refresh(self, *, wait: bool) -> OwnLayers:
        """Look at the folder and read what changed; without ``wait`` only if nobody else does so at this moment."""
        if not self._lock.acquire(blocking=wait):
            return replace(self._now, is_reading=True)
        try:
            paths = dict(_list_paths(self.folder))
            signatures = {name: _sign(path) for name, path in paths.items()}
            if signatures == self._signatures:
                return self._now
            before = self._read
            self._read = {
                name: before[name] if self._signatures.get(name) == signature else self._open(name, paths[name])
                for name, signature in signatures.items()
            }
            self._now = self._gather()
            # Last, so that a look that fails half-way is taken again.
            self._signatures = signatures
            return self._now
        finally:
            self._lock.release()

    def _open(self, name: str, path: Path) -> tuple[OwnLayer, ...] | Broken:
        known = self._read.get(name, ())
        previous = {layer.name: layer for layer in known} if isinstance(known, tuple) else {}
        try:
            return tuple(build_layer(layer, name, previous.get(layer.name)) for layer in read_layers(path))
        except SiteError as error:
            log.error("own layer %s is left out: %s", name, error)
            return Broken(name, error.code, error.zh, str(error))

    def _gather(self) -> OwnLayers:
        found = [layer for entry in self._read.values() if isinstance(entry, tuple) for layer in entry]
        named = dict(zip(found, _name_layers(found), strict=True))
        colours = choose_colours(sorted({layer_id for layer_id, _ in named.values()}), self.avoid)
        for key, entry in self._read.items():
            if isinstance(entry, tuple):
                self._read[key] = tuple(_dress(layer, *named[layer], colours=colours) for layer in entry)
        layers = tuple(layer for entry in self._read.values() if isinstance(entry, tuple) for layer in entry)
        broken = tuple(entry for entry in self._read.values() if isinstance(entry, Broken))
        return OwnLayers(self.folder, layers, broken)


def _list_paths(folder: Path) -> Iterator[tuple[str, Path]]:
    """List what may be a layer, by its path below the folder, in the order of the names; hidden files are none."""
    if not folder.is_dir():
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        # Told as a broken file is: `read_layers` refuses a folder by name.
        yield ".", folder
        return
    for path in entries:
        suffix = path.suffix.lower()
        if path.name.startswith((".", "~$")):
            continue
        if path.is_dir() and suffix != ".gdb":
            yield from ((f"{_readable(path.name)}/{name}", inner) for name, inner in _list_paths(path))
        elif suffix in (*LAYER_SUFFIXES, *FOREIGN_SUFFIXES):
            yield _readable(path.name), path


def _readable(name: str) -> str:
    """Give a name of the disk as text: bytes that are no UTF-8 become question marks."""
    return name.encode(errors="replace").decode()


def _sign(path: Path) -> Signature:
    """Give names, times and sizes of the files that make up a layer; a file that vanishes meanwhile has none."""
    signature = []
    try:
        for file in list_files(path):
            stat = file.stat()
            signature.append((file.name, stat.st_mtime_ns, stat.st_size))
    except OSError:
        return ()
    return tuple(signature)


def build_layer(
    layer: Layer, path: str, previous: OwnLayer | None = None, *, keys: np.ndarray | None = None
) -> OwnLayer:
    """Make an own layer of what was read; its id, title and colour come when all layers are known.

    Parameters
    ----------
    layer
        As `gzmap.sites.read_layers` gives it.
    path
        The file's, below the folder.
    previous
        The same layer before: its spatial index is brought up to date, and it is returned itself if nothing changed.
    keys
        Of the features, where they are known already, as of a part of a layer; else they are found.
    """
    keys = find_keys(layer.frame) if keys is None else keys
    version = find_version(keys, [str(c) for c in layer.frame.columns])
    if previous is not None and previous.version == version and previous.crs == layer.crs:
        return previous
    metric, repaired = _repair(convert_shapes_to_metric(layer.frame.geometry.to_numpy()))
    boxes = shapely.bounds(metric)
    boxes[~np.isfinite(boxes).all(axis=1)] = np.nan
    shared = previous.index.shared if previous is not None else FeatureIndex()
    shared.update(keys, boxes)
    frame = layer.frame.set_axis([format_key(key) for key in keys.tolist()], axis=0)
    frame.index.name = None
    family = _find_family(frame)
    return OwnLayer(
        layer_id="",
        title="",
        path=path,
        name=layer.name,
        frame=frame,
        metric=metric,
        index=LayerIndex(shared, keys, boxes, shared.version),
        crs=layer.crs,
        name_field=layer.name_field,
        family=family,
        style={},
        version=version,
        notes=(*layer.notes, *([build_note("own-repaired", count=repaired)] if repaired else [])),
    )


def _repair(shapes: np.ndarray) -> tuple[np.ndarray, int]:
    """Put areas right that cross themselves, so that no question fails on them; and count them."""
    wrong = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    mended = shapes.copy()
    sound = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
    sound[shapely.is_empty(sound)] = None
    mended[wrong] = sound
    return mended, len(wrong)


def _find_family(frame: geopandas.GeoDataFrame) -> str:
    dimensions = shapely.get_dimensions(frame.geometry.dropna().to_numpy())
    return FAMILIES[int(np.bincount(dimensions).argmax())] if len(dimensions) else "Polygon"


def _name_layers(layers: list[OwnLayer]) -> list[tuple[str, str]]:
    """Give each layer its id and title, those of its file or its own; longer ones where two are alike."""
    titles = [layer.name or Path(layer.path).stem for layer in layers]
    slugs = [_slug(title) for title in titles]
    counts, title_counts = Counter(slugs), Counter(titles)
    named = []
    for layer, title, slug in zip(layers, titles, slugs, strict=True):
        mark = hashlib.blake2b(f"{layer.path}\0{layer.name}".encode(errors="replace"), digest_size=3).hexdigest()
        whole = f"{title}（{layer.path}）" if title_counts[title] > 1 else title
        named.append((f"own.{slug}_{mark}" if counts[slug] > 1 or not slug else f"own.{slug}", whole))
    return named


def _slug(title: str) -> str:
    """Write a title in letters, figures and underscores: Chinese as pinyin."""
    # Imported here: the dictionaries of readings take 0.2 s, which a server without own layers need not pay to start.
    from gzmap.names import parse_name  # noqa: PLC0415

    readings = parse_name(title).readings
    return re.sub(r"[^a-z0-9]+", "_", (readings[0] if readings else title).lower()).strip("_")[:SLUG_CHARS]


def _dress(layer: OwnLayer, layer_id: str, title: str, *, colours: Mapping[str, str]) -> OwnLayer:
    style = build_style(colours[layer_id], layer.family)
    if (layer.layer_id, layer.title, layer.style) == (layer_id, title, style):
        return layer
    return replace(layer, layer_id=layer_id, title=title, style=style)
