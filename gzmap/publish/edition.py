"""Writing an edition: a folder for a web server, or one file for a disk."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gzmap import __version__
from gzmap.atlas import Atlas
from gzmap.errors import ExportError
from gzmap.export.targets import open_target
from gzmap.files import hold, remove_left
from gzmap.publish.book import PAGES, build_books
from gzmap.publish.pages import format_page
from gzmap.publish.shelf import Item, build_shelf, list_licences

ASSETS = "a"
"""Folder of everything that has a digest in its name and so may be kept by browsers for ever."""

MANIFEST = "edition.json"
HASHED = re.compile(r".+\.[0-9a-f]{12}\.\w+")


@dataclass(frozen=True)
class Edition:
    """What was written: the pages that a visitor opens, all files, and their size in bytes together."""

    pages: tuple[Path, ...]
    files: tuple[Path, ...]
    size: int


def export_edition(atlas: Atlas, folder: Path, *, review_number: str = "", base: str = "") -> Edition:
    """Write an edition to a folder, which may hold an earlier one.

    Pages come last and each in one step, so that a visitor meets the earlier edition or this one whole, also when the
    writing is cut short; files that only the edition before the last one needed are taken away at the end. What was
    written before a page was, is taken away again when the disk refuses.

    Parameters
    ----------
    atlas
        What is published.
    folder
        Is made if need be; it must be empty or hold an edition.
    review_number
        审图号, empty while there is none: then every page says so.
    base
        Address that the edition will have, for the permanent links in references; empty leaves them out.

    Raises
    ------
    ExportError
        If the folder holds something else, cannot be written to, or a browser asset is missing.
    BusyError
        If another run publishes there.
    """
    _require_edition(folder)
    with _hold(folder):
        return _export_held(atlas, folder, review_number=review_number, base=base)


@contextlib.contextmanager
def _hold(folder: Path) -> Iterator[None]:
    try:
        with hold(folder, "gzmap publish"):
            yield
    except OSError as error:
        raise _refuse(folder, error) from error


def _export_held(atlas: Atlas, folder: Path, *, review_number: str, base: str) -> Edition:
    before = _require_edition(folder)
    items = build_shelf(atlas, build_books(atlas, review_number=review_number, base=base))
    named = {f"{ASSETS}/{item.file_name}": item.body for item in items}
    named |= {f"licences/{name}": body for name, body in list_licences()}
    places = {item.name: f"{ASSETS}/{item.file_name}" for item in items}
    pages = {
        (f"{page}/" if page != "map" else "") + "index.html": format_page(
            atlas, page, places=places, review_number=review_number
        ).encode()
        for page in reversed(PAGES)  # the map last: it is what leads to the others
    }
    manifest = {"gzmap": __version__, "files": sorted(named), "before": before}
    written = named | pages | {MANIFEST: f"{json.dumps(manifest, indent=1)}\n".encode()}
    for place in (folder, folder / ASSETS, folder / "licences"):
        remove_left(place)
    _write_assets(folder, named)
    for name in (*pages, MANIFEST):
        _write(folder / name, written[name])
    _clear(folder, {*named, *before})
    paths = tuple(folder / name for name in written)
    return Edition(tuple(folder / name for name in pages)[::-1], paths, sum(map(len, written.values())))


def export_single_file(atlas: Atlas, path: Path, *, review_number: str = "") -> Edition:
    """Write an edition as one HTML file, which needs no server.

    Raises
    ------
    ExportError
        If the file cannot be written, its name does not end in ``.html``, or a browser asset is missing.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise ExportError(
            f"{path.name} does not end in .html, which browsers go by; name it {path.stem}.html.",
            zh=f"{path.name} 不以 .html 结尾；请命名为 {path.stem}.html。",
        )
    items = build_shelf(atlas, build_books(atlas, review_number=review_number, base=""))
    packed = {item.name: [item.kind, _pack(item)] for item in items}
    styles = {item.name: item.body.decode() for item in items if item.name.endswith(".css")}
    body = format_page(atlas, "map", places=styles, review_number=review_number, packed=packed).encode()
    with open_target(path) as inner:
        (inner / path.name).write_bytes(body)
    return Edition((path,), (path,), len(body))


def _pack(item: Item) -> str:
    body = item.body if item.name.endswith(".bin") else gzip.compress(item.body, 9, mtime=0)
    return base64.b64encode(body).decode()


def _require_edition(folder: Path) -> Sequence[str]:
    """List the files of the edition that a folder holds; none for an empty or new one.

    Raises
    ------
    ExportError
        If it holds something that is no edition.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / MANIFEST
        if path.is_file():
            manifest: Mapping = json.loads(path.read_text(encoding="utf-8"))
            return [str(name) for name in manifest["files"]]
        foreign = [p.name for p in folder.iterdir() if not _is_ours(p)]
    except (ValueError, KeyError, TypeError):
        raise ExportError(
            f"{folder / MANIFEST} is not the list that an edition has; take the folder away or name another one.",
            zh=f"{folder.name} 中的 {MANIFEST} 已损坏；请删除该文件夹或换一个。",
        ) from None
    except OSError as error:
        raise _refuse(folder, error) from error
    if foreign:
        raise ExportError(
            f"{folder} holds {foreign[0]!r} and no edition of ours; name a new or an empty folder.",
            zh=f"{folder.name} 中已有其他文件（{foreign[0]}）；请指定新的或空的文件夹。",
        )
    return []


def _is_ours(path: Path) -> bool:
    """Tell whether an edition whose writing was cut short may have left this."""
    return path.name in {ASSETS, "licences", "index.html", *PAGES} or path.name.startswith(".gzmap-")


def _refuse(folder: Path, error: OSError) -> ExportError:
    reason = error.strerror or str(error)
    return ExportError(
        f"{folder} cannot be used ({reason}); name a folder that can be written to and has room.",
        zh=f"无法使用文件夹 {folder.name}（{reason}）；请换一个可写、有空间的文件夹。",
    )


def _write_assets(folder: Path, named: Mapping[str, bytes]) -> None:
    """Write what the pages need; nothing new stays if one cannot be written."""
    new = [folder / name for name in named if not (folder / name).exists()]
    try:
        for name, body in named.items():
            _write(folder / name, body)
    except ExportError:
        for path in new:
            path.unlink(missing_ok=True)
        raise


def _write(path: Path, body: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refuse(path.parent, error) from error
    if path.is_file() and path.read_bytes() == body:
        return
    with open_target(path) as inner:
        (inner / path.name).write_bytes(body)


def _clear(folder: Path, wanted: set[str]) -> None:
    """Take away files with a digest that neither this edition nor the one before needs."""
    for path in (folder / ASSETS).iterdir():
        if HASHED.fullmatch(path.name) and f"{ASSETS}/{path.name}" not in wanted:
            path.unlink()
