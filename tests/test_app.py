"""Every page as Streamlit runs it, in both languages, with good, unknown and broken data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, say
from tests.conftest import ROOT
from tests.ui_support import Markup, read, small_root

__all__ = ["small_root"]
SCRIPT = ROOT / "gzmap" / "ui" / "main.py"
PAGES = ("map", "text", "download", "ledger", "data")
PANELS = {"map": "gz_panel", "text": "gz_plan", "ledger": "gz_ledger", "data": "gz_register"}


def start(root: Path, monkeypatch: pytest.MonkeyPatch, page: str = "map", **query: str) -> AppTest:
    monkeypatch.setenv("GZMAP_ROOT", str(root))
    app = AppTest.from_file(str(SCRIPT), default_timeout=30)
    for key, value in query.items():
        app.query_params[key] = value
    if page != "map":
        app.switch_page(f"screens/{page}.py")
    return app.run()


def component(app: AppTest, key: str) -> dict:
    """The data that a component of ours was given."""
    [element] = [
        e
        for e in app.main
        if getattr(e, "key", None) == key or getattr(getattr(e, "proto", None), "id", "").endswith(f"-{key}")
    ]
    return json.loads(element.proto.json)


def markup(app: AppTest, key: str) -> Markup:
    return read(component(app, key)["html"])


def messages(app: AppTest) -> list[str]:
    return [e.value.replace("\\", "") for e in (*app.warning, *app.error)]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_in_every_language(root: Path, monkeypatch: pytest.MonkeyPatch, page: str, lang: str) -> None:
    app = start(root, monkeypatch, page, lang=lang)
    assert not app.exception
    assert messages(app) == []
    told = component(app, "gz_map")
    assert told["hidden"] == (page != "map")
    assert told["lang"] == lang
    frame = markup(app, "gz_frame")
    assert [a.text for a in frame.find("a") if a.attrs.get("aria-current") == "page"] == [say(page, lang)]
    assert say("unofficial", lang) in frame.text
    if page in PANELS:
        assert markup(app, PANELS[page]).text.strip()
    else:
        assert app.selectbox[0].label == say("layer", lang)


def test_the_map_is_mounted_once_and_before_the_page(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = []
    for page in PAGES:
        app = start(root, monkeypatch, page)
        kinds = [str(getattr(e, "key", "")) for e in app.main]
        assert kinds.count("gz_map") == 1
        orders.append(kinds.index("gz_map"))
    assert len(set(orders)) == 1


def test_a_feature_in_the_address_has_its_card(root: Path, monkeypatch: pytest.MonkeyPatch, atlas: Atlas) -> None:
    app = start(root, monkeypatch, feature="waterways.w003")
    card = markup(app, "gz_panel")
    assert card.texts("h2") == [atlas.features["waterways.w003"].name]
    assert component(app, "gz_map")["selected"] == {"feature_id": "waterways.w003", "layer_id": "waterways"}
    assert component(app, "gz_map")["focus"]["layer_ids"] == ["waterways"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"feature": "waterways.w999"}, "没有编号为 waterways.w999 的要素；显示全图。"),
        ({"para": "chp_99__sec_1__para_1"}, "没有编号为 chp_99__sec_1__para_1 的段落。"),
        ({"feature": "<b>*x*</b>`$y$`"}, "没有编号为 <b>*x*</b>`$y$` 的要素；显示全图。"),
        ({"feature": "a" * 2000}, "a" * 2000),
    ],
    ids=["feature", "paragraph", "hostile", "long"],
)
def test_an_unknown_id_is_named(root: Path, monkeypatch: pytest.MonkeyPatch, page: str, query: dict, said: str) -> None:
    app = start(root, monkeypatch, page, **query)
    assert not app.exception
    [message] = messages(app)
    assert said in message
    assert component(app, "gz_map")["selected"] is None


def test_a_long_query_in_the_address_is_no_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(root, monkeypatch, q="帽峰山" * 100)
    assert not app.exception
    assert "未收录该地名，请在图上点选。" in markup(app, "gz_panel").text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("page", PAGES)
def test_a_broken_layer_is_named_on_every_page(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, page: str, lang: str
) -> None:
    path = small_root / "layers/spots.geojson"
    path.write_text(path.read_text("utf-8").replace('"geometry":', '"geometri":', 1), "utf-8")
    app = start(small_root, monkeypatch, page, lang=lang)
    assert not app.exception
    [message] = messages(app)
    assert message.startswith(say("layer_left_out", lang))
    assert "spots.geojson" in message
    assert "spots.b001" in message
    assert "geometry" in message
    told = {row["id"]: row for row in component(app, "gz_map")["layers"]}
    assert "spots.geojson" in told["spots"]["broken"]
    assert told["parks"]["broken"] == ""


@pytest.mark.parametrize(
    "file", ["layers/catalog.json", "layers/mentions.jsonl", "geodata/sources.json", "geodata/plan/plan.txt"]
)
def test_a_project_that_cannot_be_opened_is_a_message(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    (small_root / file).write_text("{broken", encoding="utf-8")
    app = start(small_root, monkeypatch)
    assert not app.exception
    [message] = messages(app)
    assert message.startswith(say("cannot_open", "zh"))


def test_a_missing_project_is_a_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = start(tmp_path, monkeypatch)
    assert not app.exception
    [message] = messages(app)
    assert "GZMAP_ROOT" in message


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "held",
    [
        Place(feature="spots.gone", panel="card"),
        Place(feature="spots.gone", panel="card", focus=2),
        Place(picks=("spots.gone", "parks.p001"), panel="chooser", focus=2),
        Place(picks=("spots.gone",), panel="chooser"),
    ],
    ids=["card", "focused", "chooser", "chooser of nothing"],
)
def test_what_a_session_holds_may_be_gone_from_disk(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, page: str, held: Place
) -> None:
    app = start(small_root, monkeypatch, page)
    app.session_state["place"] = replace(held, answered=True)
    app.run()
    assert not app.exception
    assert component(app, "gz_map")["selected"] is None
    if held.feature:
        assert any("spots.gone" in m for m in messages(app))


@pytest.mark.parametrize("panel", ["here", "unlocated", "results", "intro", "chooser"])
@pytest.mark.parametrize("lang", LANGS)
def test_every_panel(small_root: Path, monkeypatch: pytest.MonkeyPatch, panel: str, lang: str) -> None:
    app = start(small_root, monkeypatch)
    app.session_state["place"] = Place(
        panel=panel,
        lang=lang,
        query="帽峰山",
        point=(113.25, 23.15, 5.0),
        picks=("parks.p001", "parks.p002"),
        answered=True,
    )
    app.run()
    assert not app.exception
    assert messages(app) == []
    heading = {"here": "nothing_here", "unlocated": "unlocated_title", "intro": "intro_title"}
    said = say(heading[panel], lang) if panel in heading else say(panel, lang, n=2, q="帽峰山")
    said += " (1)" if panel == "unlocated" else ""
    assert markup(app, "gz_panel").texts("h2") == [said]


def say_title(entry: Entry, lang: str) -> str:
    return entry.title if lang == "zh" else entry.title_en


@pytest.mark.parametrize("lang", LANGS)
def test_downloads_offer_every_readable_layer_plan_layers_first(
    root: Path, monkeypatch: pytest.MonkeyPatch, atlas: Atlas, lang: str
) -> None:
    app = start(root, monkeypatch, "download", lang=lang)
    offered = app.selectbox[0].options
    titles = [say_title(e, lang) for e in atlas.catalog.entries.values()]
    assert sorted(o.split(" · ", 1)[1] for o in offered) == sorted(titles)
    base = [say_title(e, lang) for e in atlas.catalog.entries.values() if e.kind == "base"]
    assert {o.split(" · ", 1)[1] for o in offered[-len(base) :]} == set(base)
    themes = [t["title" if lang == "zh" else "title_en"] for t in reversed(atlas.catalog.themes)]
    assert list(dict.fromkeys(o.split(" · ", 1)[0] for o in offered)) == themes


@pytest.mark.parametrize("fmt", ["shp", "gpkg", "geojson"])
def test_choices_follow_the_format(root: Path, monkeypatch: pytest.MonkeyPatch, fmt: str) -> None:
    app = start(root, monkeypatch, "download")
    app.radio(key="gz_format").set_value(fmt).run()
    assert not app.exception
    assert messages(app) == []
    keys = {r.key for r in app.radio}
    assert ("gz_crs" in keys) == (fmt != "geojson")
    assert ("gz_encoding" in keys) == (fmt == "shp")
    [button] = app.get("download_button")
    assert fmt in button.proto.label or (fmt == "shp" and "zip" in button.proto.label)


def test_what_cannot_be_exported_is_a_message(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gzmap.errors import ExportError
    from gzmap.ui import views

    def refuse(*_: object, **__: object) -> None:
        raise ExportError("大㘵沙 cannot be written in GBK; choose UTF-8.")

    monkeypatch.setattr(views, "export_bytes", refuse)
    app = start(small_root, monkeypatch, "download")
    assert not app.exception
    assert messages(app) == ["操作未能完成： 大㘵沙 cannot be written in GBK; choose UTF-8."]
