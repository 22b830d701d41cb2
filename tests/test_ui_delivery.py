"""The download page's parts: what is wished for, the check as it is shown, its remedies, file names and links."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from gzmap.atlas import Atlas
from gzmap.errors import ExportError
from gzmap.export import FORMATS, SCHEMES, Choices, Loss, Selection
from gzmap.export.losses import CODES
from gzmap.export.order import FIXES
from gzmap.ui import delivery, preflight
from gzmap.ui.wishes import Wish, list_layers
from gzmap.ui.words import LANGS, Lang
from tests.ui_support import goes, read, small, small_root

__all__ = ["small", "small_root"]
PARKS = Selection(("parks",))


def wish(fmt: str = "shp", *, selection: Selection = PARKS, formats: tuple[str, ...] = (), **choices: object) -> Wish:
    return Wish(selection, Choices(fmt, **choices), formats)


def loss(code: str = "text-cut", severity: str = "changed", **parts: str) -> Loss:
    return Loss(code, severity, **{"detail": "截短", "detail_en": "cut", **parts})


# --- the wish


def test_a_wish_for_a_packet_has_one_part_per_format() -> None:
    packet = wish("shp", formats=("shp", "geojson"), crs="EPSG:4547", encoding="gbk")
    assert [(c.fmt, c.crs, c.encoding) for c in packet.parts] == [
        ("shp", "EPSG:4547", "gbk"),
        ("geojson", "EPSG:4326", "utf-8"),
    ]
    assert wish("gpkg").parts == (Choices("gpkg"),)


@pytest.mark.parametrize("lang", LANGS)
def test_layers_are_listed_with_their_themes(atlas: Atlas, lang: Lang) -> None:
    listed = list_layers(atlas, lang)
    assert set(listed) == set(atlas.layers)
    assert all(" · " in title for title in listed.values())


# --- the check


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("lang", LANGS)
def test_the_check_of_every_format_is_written_whole(atlas: Atlas, fmt: str, lang: Lang) -> None:
    wanted = wish(fmt, selection=Selection(tuple(e.layer_id for e in atlas.catalog.plan_entries)))
    found = preflight.check_wish(atlas, wanted)
    assert {f for f, _ in found} == {fmt}
    markup = read(preflight.format_preflight(atlas, wanted, found, lang=lang))
    assert len(markup.find("tr")) - len(markup.find("thead")) == len({one for _, one in found})
    for _, one in found:
        detail = one.detail_en if lang == "en" else one.detail
        assert " ".join(detail.split()) in " ".join(markup.text.split())


def test_what_a_packet_says_of_several_formats_is_said_once(atlas: Atlas) -> None:
    packet = wish(selection=Selection(("waterways",)), formats=("shp", "gpkg"))
    found = preflight.check_wish(atlas, packet)
    assert {fmt for fmt, _ in found} == {"shp", "gpkg"}
    summaries = read(preflight.format_preflight(atlas, packet, found, lang="zh")).texts("summary")
    assert any("Shapefile (zip) · GeoPackage 1.3" in s for s in summaries)
    assert any("Shapefile (zip)" in s and "GeoPackage" not in s for s in summaries)


def test_nothing_lost_is_said(small: Atlas) -> None:
    assert "没有损失" in read(preflight.format_preflight(small, wish(), [], lang="zh")).text


def test_what_is_refused_comes_first_and_open_and_long_lists_are_folded(small: Atlas) -> None:
    many = [("shp", loss(field=f"f{n}")) for n in range(preflight.FEW + 1)]
    found = [("shp", loss("schematic", "note")), *many, ("shp", loss("integer", "refused", fix="integers-as-text"))]
    assert preflight.is_refused(found)
    assert not preflight.is_refused(found[:-1])
    markup = read(preflight.format_preflight(small, wish(), found, lang="en"))
    assert ["open" in d.attrs for d in markup.find("details")] == [True, False, False]
    assert markup.texts("summary")[0].startswith("refused")
    assert [e.attrs["role"] for e in markup.find("p", role="alert")] == ["alert"]


def test_what_no_loss_names_has_no_column_and_a_common_remedy_stands_above(small: Atlas) -> None:
    same = [("shp", loss(layer="parks", remedy="甲")), ("shp", loss(layer="streams", remedy="甲"))]
    markup = read(preflight.format_preflight(small, wish(), same, lang="zh"))
    assert markup.texts("th") == ["图层", "影响"]
    assert markup.texts("p", cls="gz-remedy") == ["甲"]
    other = [same[0], ("shp", loss(layer="streams", field="name", feature_id="streams.s001", remedy="乙"))]
    markup = read(preflight.format_preflight(small, wish(), other, lang="zh"))
    assert markup.texts("th") == ["图层", "字段", "要素", "影响", "处理办法"]
    assert "东濠涌 streams.s001" in markup.texts("td")


def test_the_check_escapes_what_the_data_says(small: Atlas) -> None:
    found = [("shp", loss(layer="<b>", field="<i>", feature_id="<u>", detail="<script>x</script>", remedy="<s>'\""))]
    markup = read(preflight.format_preflight(small, wish(), found, lang="zh"))
    assert not markup.find("script")
    assert not any(markup.find(tag) for tag in ("i", "u", "s"))
    assert "<script>x</script>" in markup.text


# --- remedies


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("fix", "named"),
    [
        ("integers-as-text", {"zh": FIXES["integers-as-text"][0], "en": FIXES["integers-as-text"][1]}),
        ("encoding=gbk", {"zh": "GBK", "en": "GBK"}),
        ("fmt=gpkg", {"zh": "GeoPackage 1.3", "en": "GeoPackage 1.3"}),
        ("names=ascii", {"zh": SCHEMES["ascii"][0], "en": SCHEMES["ascii"][1]}),
        ("crs=EPSG:4490", {"zh": "EPSG:4490", "en": "EPSG:4490"}),
        ("nulls=false", {"zh": "采用", "en": "Do this"}),
    ],
)
def test_a_remedy_is_a_button_that_says_what_it_does(small: Atlas, fix: str, named: dict, lang: Lang) -> None:
    markup = read(preflight.format_preflight(small, wish(), [("shp", loss(fix=fix))], lang=lang))
    assert goes(markup) == [{"kind": "fix", "fix": fix, "formats": ["shp"]}]
    assert named[lang] in markup.texts("button")[0]


def test_no_button_for_what_is_chosen_already_or_cannot_be_clicked(small: Atlas) -> None:
    for fix, wanted in [
        ("", wish()),
        ("something=else", wish()),
        ("fmt=gpkg", wish(formats=("shp", "gpkg"))),
        ("rename", wish(fixes=frozenset({"rename"}))),
    ]:
        assert goes(read(preflight.format_preflight(small, wanted, [("shp", loss(fix=fix))], lang="zh"))) == []


def test_a_name_that_does_not_fit_may_be_cut_as_well(small: Atlas) -> None:
    found = [("shp", loss("field-name", "refused", fix="encoding=gbk"))]
    listed = goes(read(preflight.format_preflight(small, wish(), found, lang="zh")))
    assert [go["fix"] for go in listed] == ["encoding=gbk", "rename"]


@pytest.mark.parametrize(
    ("fix", "before", "after"),
    [
        ("encoding=utf-8", {"gz_encoding": "gbk"}, {"gz_encoding": "utf-8"}),
        ("names=ascii", {}, {"gz_names": "ascii"}),
        ("nulls=false", {}, {"gz_nulls": False}),
        ("schematic=false", {}, {"gz_schematic": False}),
        ("clip=false", {"gz_clip": True}, {"gz_clip": False}),
        ("fmt=gpkg", {"gz_kind": "file", "gz_format": "shp"}, {"gz_kind": "file", "gz_format": "gpkg"}),
        (
            "fmt=gpkg",
            {"gz_kind": "packet", "gz_formats": ["shp", "csv"]},
            {"gz_kind": "packet", "gz_formats": ["csv", "gpkg"]},
        ),
        ("rename", {}, {"gz_fixes": ["rename"]}),
        ("rename", {"gz_fixes": ["integers-as-text", "rename"]}, {"gz_fixes": ["integers-as-text", "rename"]}),
        ("place=x", {"place": 1}, {"place": 1}),
    ],
)
def test_a_remedy_sets_its_choice(monkeypatch: pytest.MonkeyPatch, fix: str, before: dict, after: dict) -> None:
    state = dict(before)
    monkeypatch.setattr(preflight, "st", SimpleNamespace(session_state=state))
    preflight.take_fix({"kind": "fix", "fix": fix, "formats": ["shp"]})
    assert state == after


def test_every_remedy_of_the_shipped_layers_can_be_clicked(atlas: Atlas) -> None:
    wanted = Selection(tuple(e.layer_id for e in atlas.catalog.plan_entries), district="南沙区", clip=True)
    for fmt in FORMATS:
        one = wish(fmt, selection=wanted, names="chinese")
        for _, found in preflight.check_wish(atlas, one):
            assert found.code in CODES
            listed = goes(read(preflight.format_preflight(atlas, one, [(fmt, found)], lang="zh")))
            assert [go["fix"] for go in listed][: bool(found.fix)] == ([found.fix] if found.fix else [])


# --- formats and names


@pytest.mark.parametrize("lang", LANGS)
def test_the_limits_of_every_format_are_shown(lang: Lang) -> None:
    markup = read(preflight.format_limits(lang))
    assert markup.texts("th", scope="row") == [fmt.title for fmt in FORMATS.values()]
    for fmt in FORMATS.values():
        assert (fmt.limits_note_en if lang == "en" else fmt.limits_note) in markup.text


@pytest.mark.parametrize("names", SCHEMES)
def test_the_example_shows_the_names_in_the_file_and_one_row(atlas: Atlas, names: str) -> None:
    one = wish(selection=Selection(("waterways",)), encoding="gbk", names=names)
    markup = read(preflight.format_example(atlas, one, "zh"))
    heads = markup.texts("th")
    assert {"ascii": "name", "pinyin": "MC", "chinese": "名称"}[names] in heads
    assert "waterways.w001" in markup.texts("td")
    assert all(len(text) <= preflight.SHOWN_CHARS + 1 for text in markup.texts("td"))


# --- the file


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (wish(), "gzmap_parks_4326.zip"),
        (wish(encoding="gbk", names="pinyin", crs="EPSG:4547"), "gzmap_parks_4547_gbk_pinyin.zip"),
        (wish("dxf"), "gzmap_parks_4326_dxf.zip"),
        (wish("gdb"), "gzmap_parks_4326.gdb.zip"),
        (wish("csv", selection=Selection(("parks", "streams"))), "gzmap_2_layers_4326_csv.zip"),
        (wish("gpkg", selection=Selection(("parks", "streams"))), "gzmap_2_layers_4326.gpkg"),
        (wish(selection=Selection(("parks",), district="白云区")), "gzmap_parks_district_4326.zip"),
        (wish(selection=Selection(("parks",), bbox=(113.0, 23.0, 114.0, 24.0))), "gzmap_parks_view_4326.zip"),
        (wish(selection=Selection(("parks",), feature_ids=frozenset({"parks.p001"}))), "gzmap_parks_search_4326.zip"),
        (wish(formats=("shp", "gpkg")), "gzmap_packet_parks_4326.zip"),
    ],
)
def test_a_file_has_a_plain_name_that_tells_it_apart(small: Atlas, wanted: Wish, name: str) -> None:
    assert delivery.name_file(small, wanted) == name


@pytest.mark.parametrize(
    ("wanted", "link"),
    [
        (wish(), "/export/parks.shp?crs=EPSG:4326&encoding=utf-8&names=ascii"),
        (
            wish("gpkg", crs="EPSG:4547", names="chinese"),
            "/export/parks.gpkg?crs=EPSG:4547&encoding=utf-8&names=chinese",
        ),
        (wish(formats=("shp",)), ""),
        (wish(nulls=False), ""),
        (wish(schematic=False), ""),
        (wish(fixes=frozenset({"rename"})), ""),
        (wish(selection=Selection(("parks", "streams"))), ""),
        (wish(selection=Selection(("parks",), district="白云区")), ""),
    ],
)
def test_a_link_only_for_what_a_link_can_say(wanted: Wish, link: str) -> None:
    assert delivery.find_link(wanted) == link


class Stopped(BaseException):
    """As Streamlit ends a run."""


def test_a_run_that_is_ended_leaves_nothing(small: Atlas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made_in = tmp_path / "scratch"
    made_in.mkdir()

    def leave(*_: object, **__: object) -> None:
        raise Stopped

    monkeypatch.setattr(delivery.Bar, "step", leave)
    monkeypatch.setattr(delivery.tempfile, "tempdir", str(made_in))
    for wanted in (wish(), wish(formats=("shp", "gpkg"))):
        with pytest.raises(Stopped):
            delivery._make(small, wanted, "zh")
    assert list(made_in.iterdir()) == []


def test_each_step_is_said_in_words() -> None:
    told: list[tuple[float, str]] = []
    bar = delivery.Bar(SimpleNamespace(progress=lambda value, text: told.append((value, text))), "zh")
    for done, what in enumerate(("layers", "shp", "tables", "readback", "a.zip")):
        bar.step(done, 4, what)
    assert [value for value, _ in told] == [0, 0.25, 0.5, 0.75, 1]
    assert "Shapefile" in told[1][1]
    assert len({text for _, text in told}) == 5


def test_a_wish_that_does_not_go_together_says_so(small: Atlas) -> None:
    far = wish(selection=Selection(("parks",), bbox=(10.0, 10.0, 11.0, 11.0)))
    with pytest.raises(ExportError, match="Nothing is selected"):
        preflight.check_wish(small, far)
