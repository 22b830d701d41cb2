"""Every page as Streamlit runs it, in both languages, with good, unknown and broken data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from streamlit.testing.v1 import AppTest

from gzmap.atlas import Atlas
from gzmap.catalog import Entry
from gzmap.errors import ExportError
from gzmap.export import FORMATS
from gzmap.ui import delivery
from gzmap.ui.areas import dump_area
from gzmap.ui.state import Place
from gzmap.ui.words import LANGS, say
from tests.conftest import ROOT
from tests.ui_support import Markup, goes, read, small_root

__all__ = ["small_root"]
SCRIPT = ROOT / "gzmap" / "ui" / "main.py"
PAGES = ("map", "text", "mine", "districts", "list", "download", "ledger", "data")
PANELS = {
    **{"map": "gz_panel", "text": "gz_plan", "mine": "gz_mine", "districts": "gz_districts", "list": "gz_list"},
    **{"ledger": "gz_ledger", "data": "gz_register"},
}


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
    # Once on the line and once in the menu of small screens.
    assert [a.text for a in frame.find("a") if a.attrs.get("aria-current") == "page"] == [say(page, lang)] * 2
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


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("fmt", FORMATS)
def test_choices_follow_the_format(root: Path, monkeypatch: pytest.MonkeyPatch, fmt: str, lang: str) -> None:
    app = start(root, monkeypatch, "download", lang=lang)
    app.radio(key="gz_format").set_value(fmt).run()
    assert not app.exception
    assert messages(app) == []
    keys = {r.key for r in app.radio}
    assert ("gz_crs" in keys) == (FORMATS[fmt].crs is None)
    assert ("gz_encoding" in keys) == (len(FORMATS[fmt].encodings) > 1)
    note = FORMATS[fmt].limits_note_en if lang == "en" else FORMATS[fmt].limits_note
    assert note.replace("\\", "") in [c.value.replace("\\", "") for c in app.caption]
    assert f"/export/{app.selectbox(key='gz_layer').value}.{fmt}?" in app.code[0].value


def made(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


def test_a_file_is_made_when_it_is_asked_for_and_answers_to_its_choices(
    small_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(small_root, monkeypatch, "download")
    assert made(app) == []
    app.button(key="gz_make").click().run()
    assert messages(app) == []
    assert made(app) == [f"保存 gzmap_{app.selectbox(key='gz_layer').value}_4326.zip（{made(app)[0].split('（')[1]}"]
    app.run()
    assert len(made(app)) == 1
    app.radio(key="gz_encoding").set_value("gbk").run()
    assert made(app) == []
    app.button(key="gz_make").click().run()
    assert "_4326_gbk.zip" in made(app)[0]


def test_choices_are_still_there_after_a_look_at_the_map(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(small_root, monkeypatch, "download")
    app.radio(key="gz_scope").set_value("some").run()
    app.multiselect(key="gz_layers").set_value(["parks", "streams"]).run()
    app.radio(key="gz_names").set_value("pinyin").run()
    app.switch_page("screens/map.py").run()
    app.switch_page("screens/download.py").run()
    assert app.radio(key="gz_names").value == "pinyin"
    assert app.multiselect(key="gz_layers").value == ["parks", "streams"]


def test_a_packet_of_all_layers(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(small_root, monkeypatch, "download")
    app.radio(key="gz_scope").set_value("all").run()
    app.radio(key="gz_kind").set_value("packet").run()
    assert app.multiselect(key="gz_formats").value == ["shp", "gpkg"]
    app.button(key="gz_make").click().run()
    assert messages(app) == []
    assert "gzmap_packet_3_layers_4326.zip" in made(app)[0]
    app.multiselect(key="gz_formats").set_value([]).run()
    assert [e.value for e in app.info] == [say("choose_formats", "zh")]
    assert app.button == []


def test_formats_of_a_packet_that_have_one_system_or_encoding_keep_it(
    small_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(small_root, monkeypatch, "download")
    app.radio(key="gz_kind").set_value("packet").run()
    app.multiselect(key="gz_formats").set_value(["geojson", "gpkg", "shp"]).run()
    app.radio(key="gz_crs").set_value("EPSG:4547").run()
    app.radio(key="gz_encoding").set_value("gbk").run()
    assert messages(app) == []
    assert "GeoJSON (RFC 7946) 规定使用 EPSG:4326。" in [c.value for c in app.caption]
    app.button(key="gz_make").click().run()
    assert messages(app) == []
    assert "_4547_gbk.zip" in made(app)[0]


def test_a_district_whole_or_cut(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(small_root, monkeypatch, "download")
    app.radio(key="gz_where").set_value("district").run()
    app.radio(key="gz_scope").set_value("all").run()
    app.selectbox(key="gz_district").set_value("黄埔区").run()
    assert messages(app) == []
    assert app.code == []  # no link can say this
    app.radio(key="gz_clip").set_value(True).run()
    app.button(key="gz_make").click().run()
    assert "_district_" in made(app)[0]


def test_what_the_map_shows_can_be_taken_when_it_is_known(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(small_root, monkeypatch, "download")
    app.radio(key="gz_where").set_value("view").run()
    assert "gzmap packet --bbox" in markup(app, "gz_hint").text
    assert app.button == []
    place = app.session_state["place"]
    app.session_state["place"] = replace(place, seen=(113.2, 23.1, 113.3, 23.2), answered=True)
    app.radio(key="gz_scope").set_value("all").run()
    assert messages(app) == []
    app.button(key="gz_make").click().run()
    assert "_view_" in made(app)[0]


def test_what_a_search_found_can_be_taken(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(small_root, monkeypatch, "download", q="储能")
    app.radio(key="gz_where").set_value("search").run()
    assert app.selectbox == []
    app.button(key="gz_make").click().run()
    assert "gzmap_spots_search_4326.zip" in made(app)[0]
    app = start(small_root, monkeypatch, "download")
    app.radio(key="gz_where").set_value("search").run()
    assert [e.value for e in app.info] == [say("search_none", "zh")]
    assert app.button == []


AREA = dump_area(shapely.box(113.2, 23.1, 113.3, 23.2))
"""Around the first park and little else of the small project."""


def test_a_drawn_area_in_the_address_is_on_the_map_and_in_the_panel(
    small_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(small_root, monkeypatch, area=AREA)
    assert component(app, "gz_map")["area"]["code"] == AREA
    assert component(app, "gz_map")["focus"]["bbox"] == [113.2, 23.1, 113.3, 23.2]
    assert markup(app, "gz_panel").texts("h2") == ["所画范围"]
    assert app.query_params["area"] == AREA


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("code", [AREA[:-1], "BF", "<b>*x*</b>", "A" * 3_000])
def test_a_broken_area_in_the_address_is_said_and_the_map_is_there(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, page: str, code: str
) -> None:
    app = start(small_root, monkeypatch, page, area=code)
    assert not app.exception
    assert messages(app) == [say("broken_area", "zh")]
    assert component(app, "gz_map")["area"]["code"] == ""
    assert "area" not in app.query_params


def test_a_drawn_area_can_be_taken_whole_or_cut(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start(small_root, monkeypatch, "download", area=AREA)
    assert app.radio(key="gz_where").value == "area", "who has drawn an area means that"
    assert app.radio(key="gz_scope").value == "all", "who has not chosen a layer wants all that is there"
    assert messages(app) == []
    assert app.code == []  # no link can say this
    app.radio(key="gz_clip").set_value(True).run()
    app.button(key="gz_make").click().run()
    assert messages(app) == []
    assert "_area_4326" in made(app)[0]
    app.radio(key="gz_where").set_value("city").run()
    assert app.radio(key="gz_scope").value == "one"


def test_layers_that_were_chosen_stay_chosen_for_another_area(
    small_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(small_root, monkeypatch, "download")
    app.selectbox(key="gz_layer").set_value("streams").run()
    app.radio(key="gz_where").set_value("district").run()
    assert (app.radio(key="gz_scope").value, app.selectbox(key="gz_layer").value) == ("one", "streams")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("where", ["area", "view"])
def test_what_must_be_done_on_the_map_first_is_said_with_a_link(
    small_root: Path, monkeypatch: pytest.MonkeyPatch, where: str, lang: str
) -> None:
    app = start(small_root, monkeypatch, "download", lang=lang)
    app.radio(key="gz_where").set_value(where).run()
    hint = markup(app, "gz_hint")
    assert say(f"{where}_unknown", lang) in hint.text
    assert goes(hint) == [{"kind": "page", "id": "map"}]
    assert app.button == []


def test_nothing_in_the_drawn_area_is_said_in_chinese(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far = dump_area(shapely.box(114.9, 25.1, 114.95, 25.15))
    app = start(small_root, monkeypatch, "download", area=far)
    assert messages(app) == ["操作未能完成：所选范围内，这些图层没有任何要素；请换图层或扩大范围。"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("32649", None),
        ("EPSG:4490", None),
        ("4549", "EPSG:4547"),
        ("GCJ-02", "火星坐标"),
        ("99999", "没有 EPSG:99999 这个代号"),
        ("<b>*x*</b>", "<B>*X*</B>"),
    ],
)
def test_any_epsg_code_that_fits_may_be_named(
    root: Path, monkeypatch: pytest.MonkeyPatch, typed: str, said: str | None
) -> None:
    app = start(root, monkeypatch, "download")
    app.radio(key="gz_crs").set_value("other").run()
    app.text_input(key="gz_epsg").set_value(typed).run()
    assert not app.exception
    if said is None:
        assert messages(app) == []
        assert not app.button(key="gz_make").disabled
    else:
        [message] = messages(app)
        assert said in message
        assert app.button == []


def test_what_is_refused_is_not_written_until_it_is_fixed(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = small_root / "layers/parks.geojson"
    path.write_text(path.read_text("utf-8").replace("白云湖", "白云𠮷湖"), "utf-8")
    app = start(small_root, monkeypatch, "download")
    app.selectbox(key="gz_layer").set_value("parks").run()
    app.radio(key="gz_encoding").set_value("gbk").run()
    assert app.button(key="gz_make").disabled
    assert app.code == [], "no link to what would be refused"
    check = markup(app, "gz_preflight")
    assert check.find("p", role="alert")
    assert "𠮷" in check.text
    [fix] = [g for g in goes(check) if g["fix"] == "encoding=utf-8"]
    app.session_state["gz_encoding"] = fix["fix"].partition("=")[2]
    app.run()
    assert not app.button(key="gz_make").disabled
    assert not markup(app, "gz_preflight").find("p", role="alert")


def test_what_cannot_be_written_is_a_message(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ExportError("The disk is full; make room.")

    app = start(small_root, monkeypatch, "download")
    monkeypatch.setattr(delivery, "export_order", refuse)
    app.button(key="gz_make").click().run()
    assert not app.exception
    assert messages(app) == ["操作未能完成： The disk is full; make room."]
    assert made(app) == []
