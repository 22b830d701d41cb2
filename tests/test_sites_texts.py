from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gzmap import sites
from gzmap.errors import SiteError
from gzmap.sites.raw import find_name_field
from gzmap.sites.texts import CANDIDATES, Encoding, decode, decode_whole, find_encoding, parse_stated
from tests.site_makers import make_frame, make_shapefile, make_zip

NAMES = ("白云区第一地块", "大塱沙涌滨水公园", "海珠湿地二期", "南沙明珠湾起步区", "增城（挂绿）新城", "越秀")
TRADITIONAL = (
    "白雲區第一地塊",
    "大塱沙湧濱水公園",
    "海珠濕地二期",
    "南沙明珠灣起步區",
    "增城（掛綠）新城",
    "越秀區廣場",
)
HAN = st.text(
    st.sampled_from("".join(dict.fromkeys("".join(NAMES) + "广州市规划和自然资源局用地红线编号面积公顷道路绿地")))
)


@pytest.mark.parametrize(
    ("texts", "codec", "found"),
    [
        (NAMES, "utf-8", "utf-8"),
        (NAMES, "gbk", "gb18030"),
        (NAMES, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "cp950"),
        (("abc", "1.5"), "ascii", "utf-8"),
        (("113°18′",), "utf-8", "utf-8"),
        (("大㘵沙", "𠮷野家"), "gb18030", "gb18030"),
        (("大㘵沙", "𠮷野家"), "utf-8", "utf-8"),
    ],
)
def test_encodings_are_found_without_being_told(texts, codec, found):
    assert find_encoding(text.encode(codec) for text in texts) == Encoding(found)


@given(st.lists(HAN.filter(lambda t: len(t) > 3), min_size=2), st.sampled_from(["utf-8", "gb18030"]))
def test_names_of_places_are_always_read_right(texts, codec):
    found = find_encoding([text.encode(codec) for text in texts])
    assert [decode(text.encode(codec), found.codec) for text in texts] == texts


def test_a_stated_encoding_decides_between_likely_ones():
    odd = "㘵".encode("gb18030")
    assert find_encoding([odd], ("gb18030",)).codec == "gb18030"
    assert find_encoding(["白云".encode("gbk")], ("utf-8",)).codec == "gb18030", "but not against the bytes"


def test_what_fits_nothing_is_not_sure():
    assert find_encoding([b"\xff\xfe\xfd\xff\xff" * 3]) == Encoding("gb18030", is_sure=False)


@given(st.binary(max_size=60), st.sampled_from(CANDIDATES))
@example(b"\xe5\x9c", "utf-8")
def test_anything_is_decoded_to_something(data, codec):
    assert isinstance(decode(data, codec), str)
    assert isinstance(decode_whole(data)[0], str)


@pytest.mark.parametrize("size", [9, 10, 11])
def test_half_a_character_at_the_end_is_left_off(size):
    whole = "地块编号名".encode()
    assert decode(whole[:size], "utf-8") == "地块编号名"[: size // 3]


@pytest.mark.parametrize(
    ("said", "codec"),
    [
        ("UTF-8", "utf-8"), ("65001", "utf-8"), ("GBK", "gb18030"), ("CP936", "gb18030"), ("936", "gb18030"),
        ("GB2312", "gb18030"), ("ANSI 936", "gb18030"), ("Big5", "cp950"), ("950", "cp950"),
        ("ISO-8859-1", ""), ("1252", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_a_cpg_says_is_understood(said, codec):
    assert parse_stated(said) == codec


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "gb18030"])
def test_whole_texts_are_decoded_by_their_mark_or_characters(codec):
    assert decode_whole("地块一\n113.3,23.1".encode(codec))[0] == "地块一\n113.3,23.1"


# --- in Shapefiles


def read_titles(parts: dict[str, bytes]) -> tuple[list[str], list[str]]:
    site = sites.read_site(make_zip(parts), "a.zip")
    return [part.title for part in site.parts], [note.code for note in site.notes if "encoding" in note.code]


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8", "GB18030"])
@pytest.mark.parametrize("has_cpg", [True, False])
@pytest.mark.parametrize("column", ["名称", "name"])
def test_chinese_names_survive_the_loss_of_the_cpg(encoding, has_cpg, column):
    parts = make_shapefile(make_frame(**{column: list(NAMES)}), encoding=encoding)
    assert any(name.endswith(".cpg") for name in parts)
    kept = {name: content for name, content in parts.items() if has_cpg or not name.endswith(".cpg")}
    titles, notes = read_titles(kept)
    assert titles == list(NAMES)
    assert notes == ([] if has_cpg else ["encoding-guessed"])


def test_a_wrong_cpg_is_told_and_not_believed():
    parts = make_shapefile(make_frame(name=list(NAMES)), encoding="GBK")
    titles, notes = read_titles({**parts, "地块.cpg": b"UTF-8"})
    assert (titles, notes) == (list(NAMES), ["encoding-corrected"])
    titles, notes = read_titles({**parts, "地块.cpg": b"ISO-8859-1"})
    assert (titles, notes) == (list(NAMES), ["encoding-corrected"])


def test_the_number_in_the_dbf_is_believed():
    parts = make_shapefile(make_frame(name=list(NAMES)), encoding="GBK")
    head = bytearray(parts["地块.dbf"])
    head[29] = 0x4D
    titles, notes = read_titles({**parts, "地块.dbf": bytes(head), "地块.cpg": b""})
    assert (titles, notes) == (list(NAMES), [])


def test_big5_from_hong_kong_is_read():
    parts = make_shapefile(make_frame(name=["x" * 30] * len(TRADITIONAL)), encoding="UTF-8")
    dbf = parts["地块.dbf"]
    for name in TRADITIONAL:
        dbf = dbf.replace(b"x" * 30, name.encode("big5").ljust(30), 1)
    titles, notes = read_titles({**parts, "地块.dbf": dbf, "地块.cpg": b""})
    assert (titles, notes) == (list(TRADITIONAL), ["encoding-guessed"])


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
def test_columns_and_values_cut_inside_a_character_are_read(encoding):
    """GDAL cuts names at ten bytes and texts at 254, inside a character, and then cannot read its own file."""
    long = "越秀山" * 60
    parts = make_shapefile(make_frame(地块编号名称=[long], name=[f"a{long}"]), encoding=encoding)
    titles, _ = read_titles(parts)
    assert titles[0]
    assert f"a{long}".startswith(titles[0])
    assert "\ufffd" not in titles[0]


def test_texts_that_cannot_be_told_are_replaced_and_noted():
    parts = make_shapefile(make_frame(name=["x" * 8]), encoding="UTF-8")
    dbf = parts["地块.dbf"].replace(b"x" * 8, b"\xff\xff\xfe\xfe\xff\xff\xfe\x41")
    titles, notes = read_titles({**parts, "地块.dbf": dbf})
    assert notes == ["encoding-unknown"]
    assert "\ufffd" in titles[0]


def test_a_dbf_with_nothing_but_a_head_is_refused():
    parts = make_shapefile(make_frame(name=["甲"]))
    cut = {**parts, "地块.dbf": struct.pack("<B3BIHH20x", 3, 124, 1, 1, 0, 33, 1) + b"\r"}
    with pytest.raises(SiteError, match="no geometry"):
        sites.read_site(make_zip(cut), "a.zip")


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["OBJECTID", "MC", "BZ"], "MC"),
        (["bz", "名称", "name"], "name"),
        (["ID", "面积"], "ID"),
        (["面积"], ""),
        ([], ""),
    ],
)
def test_the_column_of_names_is_found(columns, found):
    assert find_name_field(columns) == found
