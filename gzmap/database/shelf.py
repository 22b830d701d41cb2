"""The bureau's own layers for one server: small ones are held, of large ones the database is asked."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from dataclasses import replace

import shapely
from sqlalchemy.engine import Engine

from gzmap.database.own import StoredTitle, list_own, load_own
from gzmap.errors import DatabaseError, NotFoundError
from gzmap.own import Broken, OwnLayer, OwnLayers, build_style, choose_colours

log = logging.getLogger(__name__)

HELD_FEATURES = 20_000
"""Layers with more are neither drawn nor held; an area is asked about in the database."""

LARGE = (
    "这个图层有 {count} 个要素，不在地图上画出；查询范围时由数据库作答。",
    "This layer has {count} features and is not drawn; questions about an area are answered by the database.",
)
AWAY = (
    "数据库暂时连不上，这个图层还没有读入；恢复后自动读入。",
    "The database cannot be reached and this layer has not been read yet; it will be when the database is back.",
)


class Shelf:
    """The own layers that a server's role may read, as the database last told of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._titles: tuple[StoredTitle, ...] = ()
        self._held: dict[str, OwnLayer] = {}
        self._last: tuple[tuple, OwnLayers] | None = None
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Look which layers there are; what is no more, or was put in anew, is let go.

        Raises
        ------
        DatabaseError
            If the database cannot be asked; everything stays as it was then.
        """
        titles = list_own(self._engine)
        with self._lock:
            current = {title.version for title in titles}
            self._held = {version: layer for version, layer in self._held.items() if version in current}
            self._titles = titles

    def add_to(self, own: OwnLayers, avoid: Collection[str] = ()) -> OwnLayers:
        """Add these layers to those of a folder, in colours that differ from theirs and from ``avoid``.

        Large ones, and those that cannot be read now, are told with the reason.
        """
        with self._lock:
            if not self._titles:
                return own
            # The same object until something changes, for pages keep what they made of it.
            key = (own.layers, own.broken, self._titles)
            if self._last is None or self._last[0] != key:
                found = [self._find(title) for title in self._titles]
                layers = self._dress([one for one in found if isinstance(one, OwnLayer)], own, avoid)
                broken = [one for one in found if isinstance(one, Broken)]
                whole = OwnLayers(own.folder, (*own.layers, *layers), (*own.broken, *broken))
                self._last = (key, whole)
                if any(one.code == "stored-away" for one in broken):
                    self._last = None
                    return whole
            return self._last[1]

    def add_near(self, own: OwnLayers, area: shapely.Geometry) -> OwnLayers:
        """Add of the large layers what lies near an area (storage CRS), as the database finds it.

        Raises
        ------
        DatabaseError
            If the database cannot be asked: an answer without these layers would be wrong.
        """
        large = [title for title in self._titles if title.count > HELD_FEATURES]
        near = [load_own(self._engine, title.layer_id, area=area) for title in large]
        return OwnLayers(own.folder, (*own.layers, *self._dress(near, own, ())), own.broken) if near else own

    def _find(self, title: StoredTitle) -> OwnLayer | Broken:
        if title.count > HELD_FEATURES:
            zh, en = (text.format(count=title.count) for text in LARGE)
            return Broken(title.title, "stored-large", zh, en)
        if title.version not in self._held:
            try:
                self._held[title.version] = load_own(self._engine, title.layer_id)
            except (DatabaseError, NotFoundError) as error:
                log.error("own layer %s of the database is left out: %s", title.layer_id, error)
                return Broken(title.title, "stored-away", *AWAY)
        return self._held[title.version]

    def _dress(self, layers: list[OwnLayer], own: OwnLayers, avoid: Collection[str]) -> list[OwnLayer]:
        taken = {*avoid, *(str(layer.style["color"]) for layer in own.layers)}
        colours = choose_colours(sorted(title.layer_id for title in self._titles), tuple(taken))
        return [replace(layer, style=build_style(colours[layer.layer_id], layer.family)) for layer in layers]
