"""Layers with hostile names and texts, written in every format and read back by a second reader: nothing is lost."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from gzmap.errors import ExportError
from gzmap.export.losses import CHANGED
from tests.export_readers import read_library
from tests.fuzz import Property, require_back
from tests.hostile import WICKED, any_texts, make_plain, wicked_texts
from tests.test_export_hostile import ENCODED, assert_names_remedy, deliver, end_lines, read_long

RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')
SHORT_NAMES = st.one_of(st.sampled_from([text for text in WICKED if len(text) < 60]), wicked_texts(20))


def require_safe_names(path: Path) -> None:
    """Make sure that any system can unpack what was written: no path, no reserved name, nothing too long."""
    names = [path.name]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            names += [part for name in archive.namelist() for part in name.rstrip("/").split("/")]
    for name in names:
        assert not UNSAFE.search(name), name
        assert not RESERVED.fullmatch(name), name
        assert name == name.strip(" .") != "", name
        assert len(name.encode()) <= 255, name


def check_texts(fmt: str, encoding: str) -> Callable[[list[str]], None]:
    """Make the check that texts come back, or that the pre-flight tells what does not."""

    def check(texts: list[str]) -> None:
        frame = make_plain(key=[f"k{n}" for n in range(len(texts))], text=texts)
        with tempfile.TemporaryDirectory() as folder:
            try:
                delivery = deliver(frame, Path(folder), fmt, layer="a", encoding=encoding)
            except ExportError as error:
                assert_names_remedy(error)
                return
            require_safe_names(delivery.path)
            read, long = delivery.read(0), read_long(delivery)
        fields = read.fields
        rows = fields.get("row_id", [""] * len(texts))
        found = zip(fields["key"], rows, fields["text"], strict=True)
        back = {key: long.get((row, "text"), text) or "" for key, row, text in found}
        whole = [end_lines(text) for text in texts] if fmt == "xlsx" else texts
        told = {loss.code for loss in delivery.order.losses if loss.field == "text" and loss.severity == CHANGED}
        if not told - {"text-cut"}:
            require_back(whole, [back[key] for key in frame["key"]], fmt)

    return check


def check_names(fmt: str, encoding: str) -> Callable[[tuple[list[str], str]], None]:
    """Make the check that a layer and its fields keep their values under whatever names, and file names are safe."""

    def check(case: tuple[list[str], str]) -> None:
        names, layer = case
        frame = make_plain(**{f"c{n}": [f"v{n}"] for n in range(len(names))})
        frame.columns = [*names, "geometry"]
        if "geometry" in names:
            frame = frame.rename_geometry("形状")
        with tempfile.TemporaryDirectory() as folder:
            try:
                delivery = deliver(frame, Path(folder), fmt, layer=layer, encoding=encoding, names="chinese")
            except ExportError as error:
                assert_names_remedy(error)
                return
            require_safe_names(delivery.path)
            read, (table,) = delivery.read(0), delivery.order.cut
        end = end_lines if fmt == "xlsx" else str
        assert {end(column.name) for column in table.columns} <= set(read.fields)
        values = sorted(str(v) for values in read.fields.values() for v in values if re.fullmatch(r"v\d+", str(v)))
        require_back(sorted(f"v{n}" for n in range(len(names))), values, fmt)
        origins = [column.origin for column in table.columns]
        require_back(sorted(names), sorted(o for o in origins if o in set(names)), f"{fmt}: names in the dictionary")

    return check


def check_drawing(texts: list[str]) -> None:
    """Texts beside a drawing stand in its table as they were."""
    frame = make_plain(text=texts)
    with tempfile.TemporaryDirectory() as folder:
        try:
            delivery = deliver(frame, Path(folder), "dxf", layer="a")
        except ExportError as error:
            assert_names_remedy(error)
            return
        require_safe_names(delivery.path)
        read = read_library("csv", delivery.place, "a", "")
    require_back(texts, [text or "" for text in read.fields["text"]], "dxf")


TEXTS = st.lists(any_texts(200), min_size=1, max_size=6)
LONG_TEXTS = st.lists(st.one_of(any_texts(200), wicked_texts(10).map(lambda text: text * 1000)), min_size=1, max_size=3)
CELLS = st.one_of(TEXTS, LONG_TEXTS)
NAMED = st.tuples(st.lists(SHORT_NAMES, min_size=1, max_size=5), SHORT_NAMES)

WEIGHT = 0.05

EXPORTS = (
    *(
        Property(f"export: texts in {fmt}, {encoding}", CELLS, check_texts(fmt, encoding), suite=5, weight=WEIGHT)
        for fmt, encoding in ENCODED
    ),
    *(
        Property(f"export: names in {fmt}, {encoding}", NAMED, check_names(fmt, encoding), suite=4, weight=WEIGHT)
        for fmt, encoding in ENCODED
    ),
    Property("export: texts in dxf", TEXTS, check_drawing, suite=5, weight=WEIGHT),
)
