"""What the tests of the page share: a small project that the page can show, a session without a server, read markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from gzmap.atlas import Atlas, read_atlas
from gzmap.config import PLAN_DIR
from gzmap.ui import state
from tests.makers import edit_json, make_project

META = {
    **{"title_en": "Plan of Some City", "issuer_en": "Some Bureau", "edition_en": "consultation draft"},
    **{"source_url": "https://www.gz.gov.cn/", "language": "zh-CN"},
    "formal": {"issued": "2025-02-02", "note": "正式稿另发", "note_en": "A formal text exists"},
}


def make_shown_project(folder: Path, layers: Mapping[str, list[dict]] | None = None) -> Path:
    """A project of `tests.makers` with all that the page says of an edition."""
    root = make_project(folder, layers)
    edit_json(root / PLAN_DIR / "meta.json", lambda meta: meta.update(META))
    return root


@pytest.fixture
def small_root(tmp_path: Path) -> Path:
    return make_shown_project(tmp_path)


@pytest.fixture
def small(small_root: Path) -> Atlas:
    return read_atlas(small_root)


class Params(dict):
    """Query parameters as Streamlit gives them; ``writes`` counts how often they were set."""

    writes = 0

    def to_dict(self) -> dict:
        return dict(self)

    def from_dict(self, wanted: dict) -> None:
        self.writes += 1
        self.clear()
        self.update(wanted)


class Session(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A session that stands at the introduction: ``session_state`` and ``query_params``."""
    fake = SimpleNamespace(session_state=Session(place=state.Place()), query_params=Params())
    monkeypatch.setattr(state, "st", fake)
    return fake


class Markup(HTMLParser):
    """Markup as a browser reads it: every element with its attributes and own text, in order."""

    VOID = frozenset({"img", "input", "br", "link", "meta", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[SimpleNamespace] = []
        self.open: list[SimpleNamespace] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = SimpleNamespace(tag=tag, text="", **{"attrs": dict(attrs)})
        self.elements.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        for element in self.open:
            element.text += data

    def find(self, tag: str | None = None, **attrs: str) -> list[SimpleNamespace]:
        """Elements by tag and attributes; ``cls`` is one of the classes, ``_`` in a name stands for ``-``."""
        wanted_class = attrs.pop("cls", None)
        wanted = {name.replace("_", "-"): value for name, value in attrs.items()}
        return [
            e
            for e in self.elements
            if (tag is None or e.tag == tag)
            and all(e.attrs.get(name) == value for name, value in wanted.items())
            and (wanted_class is None or wanted_class in (e.attrs.get("class") or "").split())
        ]

    def texts(self, tag: str | None = None, **attrs: str) -> list[str]:
        return [" ".join(e.text.split()) for e in self.find(tag, **attrs)]


def read(html: str) -> Markup:
    """Parse markup that must be well formed."""
    markup = Markup(html)
    assert markup.open == [], f"left open: {[e.tag for e in markup.open]}"
    return markup


def goes(markup: Markup) -> list[dict]:
    """What the links and buttons of some markup ask for, in order."""
    return [json.loads(e.attrs["data-go"]) for e in markup.elements if "data-go" in e.attrs]
