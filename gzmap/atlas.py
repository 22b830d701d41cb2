"""The atlas: document, catalogue, layers, mentions and ledger held together, read-only and shared."""

from __future__ import annotations

import hashlib
import logging
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import geopandas

from gzmap.catalog import Catalog, Entry, Feature, load_layer, read_catalog
from gzmap.config import CATALOG_FILE, LEDGER_FILE, MENTIONS_FILE, PLAN_DIR, SOURCES_FILE, TOPONYMS_FILE
from gzmap.document import Document, parse_document
from gzmap.errors import CatalogError, DocumentError, NotFoundError
from gzmap.files import read_bytes, read_json, read_text
from gzmap.ledger import Account, Line, build_accounts, find_occurrences, read_ledger
from gzmap.mentions import Mention, Toponym, read_mentions, read_toponyms

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Atlas:
    """One structure that says which words put each feature on the map, and which features each word names.

    ``layers`` holds every readable layer, base and plan, by layer id (storage CRS, indexed by feature id).
    ``versions`` holds, by layer id, the first 12 hex digits of the SHA-256 of each readable layer's file.
    ``broken`` holds, by layer id, what is wrong with each layer that could not be read.
    """

    root: Path
    document: Document
    catalog: Catalog
    layers: Mapping[str, geopandas.GeoDataFrame]
    mentions: tuple[Mention, ...]
    toponyms: tuple[Toponym, ...]
    versions: Mapping[str, str]
    broken: Mapping[str, str]
    ledger: tuple[Line, ...] = ()

    @cached_property
    def features(self) -> dict[str, Feature]:
        """Every feature of every readable layer by its id."""
        return {
            str(feature_id): Feature(str(feature_id), layer_id, self._plain(layer_id, properties), geometry)
            for layer_id, frame in self.layers.items()
            for feature_id, properties, geometry in zip(
                frame.index, frame.drop(columns="geometry").to_dict("records"), frame.geometry, strict=True
            )
        }

    def _plain(self, layer_id: str, properties: dict) -> dict:
        """Undo what a data frame does to a column with gaps: NaN is None again, whole numbers are integers again."""
        fields = self.catalog.fields_of(self.catalog.entries[layer_id])
        whole = {name for name, field in fields.items() if field["type"] == "integer"}
        return {
            name: None
            if isinstance(value, float) and math.isnan(value)
            else int(value)
            if name in whole and isinstance(value, float)
            else value
            for name, value in properties.items()
        }

    @cached_property
    def mentions_by_feature(self) -> dict[str, tuple[Mention, ...]]:
        """Mentions of each feature, in reading order."""
        return self._group("feature_id")

    @cached_property
    def mentions_by_paragraph(self) -> dict[str, tuple[Mention, ...]]:
        """Mentions in each passage, by ``para_id``, in order of their place; headings and front matter too."""
        return self._group("para_id")

    def _group(self, key: str) -> dict[str, tuple[Mention, ...]]:
        order = {para_id: n for n, para_id in enumerate(self.document.passages)}
        groups: dict[str, list[Mention]] = {}
        for mention in sorted(self.mentions, key=lambda m: (order.get(m.para_id, -1), m.start, m.end, m.feature_id)):
            groups.setdefault(getattr(mention, key), []).append(mention)
        return {name: tuple(group) for name, group in groups.items()}

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """What has become of every occurrence of a place name in the text, in reading order.

        A mention counts when its quote stands in the text and its feature in a readable layer.
        """
        plan = {e.layer_id for e in self.catalog.plan_entries}
        planned = {i: f for i, f in self.features.items() if f.layer_id in plan}
        return account_for(
            self.document,
            self.toponyms,
            [m for m in self.mentions if m.feature_id in planned],
            ledger=self.ledger,
            features={i: (list_words(f.properties), _describe_absence(f)) for i, f in planned.items()},
        )

    def require_feature(self, feature_id: str) -> Feature:
        """Return a feature, or raise.

        Raises
        ------
        NotFoundError
            If no readable layer has this feature id.
        """
        if feature_id not in self.features:
            raise NotFoundError.unknown("Feature", feature_id, self.features, where="layers/")
        return self.features[feature_id]

    def require_layer(self, layer_id: str) -> geopandas.GeoDataFrame:
        """Return a layer's frame, or raise.

        Raises
        ------
        NotFoundError
            If the catalogue has no such layer.
        CatalogError
            If the layer's file is broken.
        """
        self.catalog.require_entry(layer_id)
        if layer_id in self.broken:
            raise CatalogError(self.broken[layer_id])
        return self.layers[layer_id]

    def entry_of(self, feature: Feature) -> Entry:
        """Return the catalogue entry of a feature's layer."""
        return self.catalog.entries[feature.layer_id]


def list_words(properties: Mapping) -> tuple[str, ...]:
    """List the words that a feature may be called in the text: its name and aliases, each once."""
    words = [str(properties["name"]), *str(properties.get("aliases") or "").split("|")]
    return tuple(word for word in dict.fromkeys(words) if word)


def _describe_absence(feature: Feature) -> str | None:
    """Say why a feature is not drawn; None when it is."""
    is_drawn = feature.geometry is not None and not feature.geometry.is_empty
    return None if is_drawn else str(feature.properties.get("notes") or "")


def account_for(
    document: Document,
    toponyms: Iterable[Toponym],
    mentions: Iterable[Mention],
    *,
    ledger: Iterable[Line],
    features: Mapping[str, tuple[tuple[str, ...], str | None]],
) -> tuple[Account, ...]:
    """Say what has become of every place name in a text.

    Parameters
    ----------
    document
        The text.
    toponyms
        People's list of place names.
    mentions
        Links to features; one whose quote is not in the text counts for nothing.
    ledger
        What people said of single occurrences.
    features
        By feature id: its words, and why it is not drawn (None when it is).

    Returns
    -------
    tuple
        In reading order. Occurrences are those of the toponyms and of the features' words, and what mentions mark.
    """
    known = tuple(toponyms)
    names = {word: word for words, _ in features.values() for word in words}
    names |= {word: toponym.name for toponym in known for word in toponym.words}
    passages = document.passages
    return build_accounts(
        find_occurrences(passages, names),
        [m for m in mentions if passages.get(m.para_id, "")[m.start : m.end] == m.exact != ""],
        ledger,
        rules={t.name: (t.box, t.note) for t in known if t.box},
        unplaced={i: reason for i, (_, reason) in features.items() if reason is not None},
    )


def find_root(start: Path) -> Path:
    """Find the project folder: the nearest folder at or above ``start`` that holds ``layers/catalog.json``.

    Parameters
    ----------
    start
        An existing folder, usually the working directory.

    Returns
    -------
    Path
        The absolute folder.

    Raises
    ------
    CatalogError
        If neither ``start`` nor a parent holds the catalogue.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / CATALOG_FILE).is_file():
            return folder
    raise CatalogError(
        f"No {CATALOG_FILE} in {here} or above it: change to the project folder, "
        "or name it with --root or the GZMAP_ROOT variable."
    )


def read_atlas(root: Path) -> Atlas:
    """Read a project folder anew.

    A layer that cannot be read is left out and told in ``broken``; everything else must be readable.

    Raises
    ------
    CatalogError, DocumentError, MentionError
        If the catalogue, the source register, the plan or the mentions are broken.
    LedgerError
        If a line of the ledger is broken; a project without a ledger has none.
    """
    catalog = read_catalog(root)
    layers, versions, broken = {}, {}, {}
    for layer_id, entry in catalog.entries.items():
        try:
            # First: a file that is saved in between is then named by an older version, and asked for again.
            version = hashlib.sha256(read_bytes(root / entry.path)).hexdigest()[:12]
            layers[layer_id], versions[layer_id] = load_layer(root / entry.path), version
        except CatalogError as error:
            log.error("layer %s is left out: %s", layer_id, error)
            # Readers of the page learn which file it is, not where the server keeps it.
            broken[layer_id] = str(error).replace(f"{root}{os.sep}", "")
    return Atlas(
        root=root,
        document=_read_document(root),
        catalog=catalog,
        layers=layers,
        mentions=read_mentions(root / MENTIONS_FILE),
        toponyms=read_toponyms(root / TOPONYMS_FILE),
        versions=versions,
        broken=broken,
        ledger=read_ledger(root / LEDGER_FILE) if (root / LEDGER_FILE).exists() else (),
    )


def _read_document(root: Path) -> Document:
    text, meta = read_text(root / PLAN_DIR / "plan.txt"), read_json(root / PLAN_DIR / "meta.json")
    try:
        return parse_document(text, meta)
    except DocumentError as error:
        raise DocumentError(f"{root / PLAN_DIR / 'plan.txt'}: {error}") from None


def open_atlas(root: Path) -> Atlas:
    """Open a project folder; the same atlas is returned until one of its files changes.

    Parameters
    ----------
    root
        The folder that holds ``layers/`` and ``geodata/``.

    Returns
    -------
    Atlas
        Read-only, shared by all callers of the process.

    Raises
    ------
    CatalogError, DocumentError, MentionError, LedgerError
        As `read_atlas`.
    """
    root = root.resolve()
    return _cached_atlas(root, _stamp(root))


@lru_cache(maxsize=2)
def _cached_atlas(root: Path, _stamp: tuple) -> Atlas:
    return read_atlas(root)


def _stamp(root: Path) -> tuple:
    """Modification times and sizes of everything that `read_atlas` reads."""
    files = [root / f for f in (CATALOG_FILE, SOURCES_FILE, MENTIONS_FILE, TOPONYMS_FILE, LEDGER_FILE)]
    files += sorted([*(root / PLAN_DIR).glob("*"), *root.glob("layers/*.geojson"), *root.glob("geodata/*.geojson")])
    return tuple(filter(None, map(_stamp_file, files)))


def _stamp_file(path: Path) -> tuple[str, int, int] | None:
    """Give a file's time and size; None where there is none, which another program may bring about at any moment."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return str(path), stat.st_mtime_ns, stat.st_size
