"""What is written of hostile names for browsers, GIS programs and headers: they stay words, and whole."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from hypothesis import strategies as st
from lxml import etree

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import CATALOG_FILE, STORAGE_CRS
from gzmap.errors import GzmapError, NotFoundError
from gzmap.export import Selection, build_dataset
from gzmap.export.metadata import build_metadata
from gzmap.export.styles import build_qml, build_sld
from gzmap.ogcapi import open_service
from gzmap.publish.book import build_books
from gzmap.server.exports import format_disposition
from gzmap.sheet import draw_qr
from gzmap.ui.shell import plain
from tests.fuzz import Property, require_back
from tests.hostile import any_texts, wicked_texts
from tests.makers import default_layers, edit_json, make_feature, make_points
from tests.ui_support import make_shown_project

RUNNING = {"script", "iframe", "object", "embed", "base", "link", "meta", "style", "form", "input", "img"}
"""Elements by which a text that got into markup would do something."""

FORMS = {"form", "input"}
"""Those of them that our own pages have."""


class Strict(HTMLParser):
    """Markup as a browser reads it; what could run, and was not written by us, fails."""

    def __init__(self, html: str, *, allowed: frozenset[str] = frozenset()) -> None:
        super().__init__(convert_charrefs=True)
        self.allowed, self.heads, self.within = allowed, [], ""
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        assert tag not in RUNNING - self.allowed, tag
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert not re.match(r"\s*(javascript|vbscript|data):", value or "", re.IGNORECASE), (tag, name, value)
        self.within = tag
        if tag == "h2":
            self.heads.append("")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self.within = "" if tag == self.within else self.within

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data
        if self.within == "h2":
            self.heads[-1] += data


def list_markup(content: object) -> Iterator[str]:
    """List the texts in what a page gets that are markup."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list | tuple):
        for one in content:
            yield from list_markup(one)
    elif isinstance(content, str) and content.lstrip().startswith("<") and "class=" in content:
        yield content


def make_atlas(folder: Path, words: tuple[str, str, str]) -> Atlas:
    """Make a project whose features and layers have such a name, note and title."""
    name, note, title = words
    hostile = make_feature("parks.h001", name, make_points((113.26, 23.16)), notes=note)
    layers = default_layers()
    layers["parks"] = [*layers["parks"], hostile, make_feature("parks.h002", note, None, notes=name, name_en=title)]
    root = make_shown_project(folder, layers)

    def entitle(catalog: dict) -> None:
        for entry in catalog["layers"]:
            entry["title"] = entry["title_en"] = title

    edit_json(root / CATALOG_FILE, entitle)
    return read_atlas(root)


def flat(text: str) -> str:
    """Give a text as a browser shows it: blanks and line ends are one blank."""
    return " ".join(text.split())


def check_pages(words: tuple[str, str, str]) -> None:
    """Build what the pages and the static edition show."""
    with tempfile.TemporaryDirectory() as folder:
        books = build_books(make_atlas(Path(folder), words), review_number="", base="")
    json.dumps(books, ensure_ascii=False).encode()
    for name, book in books.items():
        for markup in list_markup(book):
            Strict(markup, allowed=frozenset(FORMS))
        if name.endswith("cards/parks"):
            [head] = Strict(book["parks.h001"], allowed=frozenset(FORMS)).heads[:1]
            require_back([flat(words[0])], [flat(head)], "name in a card")


def check_service(words: tuple[str, str, str]) -> None:
    """Ask the service for GIS programs for the layer, as JSON and as pages."""
    with tempfile.TemporaryDirectory() as folder:
        service = open_service(make_atlas(Path(folder), words), "http://127.0.0.1/ogc")
    found = json.loads(service.answer("collections/parks/items", [], {}).body)["features"]
    read = {one["id"]: one["properties"] for one in found}
    require_back([words[0], words[1]], [read["parks.h001"]["name"], read["parks.h001"]["notes"]], "OGC API, JSON")
    about = json.loads(service.answer("collections/parks", [], {}).body)
    require_back([words[2]], [about["title"]], "OGC API, title")
    for path in ("collections", "collections/parks", "collections/parks/items", "collections/parks/items/parks.h001"):
        page = service.answer(path, [("f", "html")], {}).body.decode()
        seen = Strict(page, allowed=frozenset({"meta", "link", *FORMS}))
        assert flat(words[2]) in flat(seen.text) or path.endswith("h001")


def check_documents(words: tuple[str, str, str]) -> None:
    """Write the metadata and styles of the layer, which must be XML that has the title."""
    with tempfile.TemporaryDirectory() as folder:
        atlas = make_atlas(Path(folder), words)
        dataset = build_dataset(atlas, Selection(("spots",)), STORAGE_CRS)
    entry, [table] = atlas.catalog.require_entry("spots"), dataset.tables
    names = {column.name: column.title for column in table.columns}
    written = [
        build_metadata(entry, table, dataset, crs=STORAGE_CRS),
        build_sld(entry, geometry_type="MultiPoint", names={}),
        build_qml(entry, geometry_type="MultiPoint", names={}, aliases=names),
    ]
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    read = [etree.fromstring(document, parser) for document in written]
    kept = "".join(c for c in words[2] if re.match("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", c))
    assert flat(kept) in flat("".join(read[0].itertext()).replace("\ufffd", "")) or "\ufffd" in words[2]


def check_disposition(case: tuple[str, str]) -> None:
    """Write the header of a file to take away: one line, plain in the old form, whole in the new one."""
    name, title = case
    header = format_disposition(name, title)
    assert header.isascii()
    assert header.isprintable()
    found = re.fullmatch(r"attachment; filename=\"([A-Za-z0-9._-]*)\"; filename\*=UTF-8''([A-Za-z0-9._~%-]*)", header)
    assert found, header
    readable = unquote(found[2], errors="strict")
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f]', readable)
    wanted = "".join(c for c in title if c.isprintable() and c not in '\\/:*?"<>|').strip(". ")
    require_back([wanted], [readable.removesuffix(found[1]).removesuffix("_")] if wanted else [""], "header")


def check_message(text: str) -> None:
    """An error that repeats what was asked is told in both languages, and shown as a text and not as Markdown."""
    error = NotFoundError.unknown("Layer", text, ["parks", "streams"], where="layers/catalog.json")
    assert isinstance(error, GzmapError)
    assert text in error.zh
    shown = plain(error.zh)
    require_back([error.zh], [re.sub(r"\\(.)", r"\1", shown, flags=re.DOTALL)], "message")
    assert not re.search(r"(?<!\\)(?:\\\\)*[<\[`*_]", shown)


def check_code(text: str) -> None:
    """The picture of a link's QR code is XML without a text of the visitor's."""
    picture = draw_qr(f"https://example.cn/?q={text}")
    if picture is not None:
        root = etree.fromstring(picture.svg.encode() if isinstance(picture.svg, str) else picture.svg)
        assert {etree.QName(element).localname for element in root.iter()} <= {"svg", "path"}


WORDS = st.tuples(wicked_texts(40), wicked_texts(60), wicked_texts(30))
TITLED = st.tuples(any_texts(40), any_texts(60))

OUTPUTS = (
    Property("output: pages and static edition", WORDS, check_pages, suite=8, weight=0.03),
    Property("output: OGC API, JSON and HTML", WORDS, check_service, suite=20, weight=0.1),
    Property("output: metadata and styles", WORDS, check_documents, suite=20, weight=0.1),
    Property("output: Content-Disposition", TITLED, check_disposition, suite=200, weight=3),
    Property("output: messages", any_texts(80), check_message, suite=200, weight=3),
    Property("output: QR codes", any_texts(60), check_code, suite=60, weight=0.5),
)
