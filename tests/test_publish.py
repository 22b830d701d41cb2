"""The static edition as files: what is in them, how they are named, and that they are never half."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from markupsafe import escape

from gzmap.atlas import Atlas, open_atlas
from gzmap.cli import main
from gzmap.errors import ExportError
from gzmap.publish import export_edition, export_single_file
from gzmap.publish.book import PAGES, build_books, list_carded
from gzmap.publish.search import build_index
from gzmap.publish.shelf import OWN, Item, list_scripts, pack
from gzmap.publish.words import WORDS
from gzmap.ui.cards import format_card
from gzmap.ui.lists import format_intro
from gzmap.ui.words import say
from tests.conftest import ROOT
from tests.makers import edit_json

MOST_BYTES = 5_000_000
FOREIGN = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}")
NAMESPACES = ("http://www.w3.org",)


@pytest.fixture(scope="module")
def books(atlas: Atlas) -> Mapping[str, object]:
    return build_books(atlas, review_number="", base="")


@pytest.fixture(scope="module")
def edition(atlas: Atlas, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edition") / "公开版"
    export_edition(atlas, folder)
    return folder


@pytest.fixture(scope="module")
def single(atlas: Atlas, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("single") / "地图.html"
    export_single_file(atlas, path)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the shipped data, to be changed."""
    for name in ("geodata", "layers"):
        shutil.copytree(ROOT / name, tmp_path / "项目" / name)
    return tmp_path / "项目"


def run(project: Path, *arguments: object, **environment: str) -> Result:
    result = CliRunner(env={"GZMAP_REVIEW_NUMBER": "", **environment}).invoke(
        main, ["--root", str(project), "publish", *map(str, arguments)]
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def read_files(page: Path) -> dict[str, str]:
    """Addresses of all files by name, as a page lists them."""
    [text] = re.findall(r'id="gz-files">(.*?)</script>', page.read_text(encoding="utf-8"))
    return json.loads(text)


# --- what is in it


def test_every_feature_of_the_plan_has_its_card_in_both_languages(atlas: Atlas, books: Mapping) -> None:
    plan = [f for f in atlas.features.values() if atlas.entry_of(f).kind == "plan"]
    assert {f.feature_id for f in plan} < {f.feature_id for f in list_carded(atlas)}
    today = f"[{date.today().isoformat()}]"  # noqa: DTZ011 - as the references are written
    for lang in ("zh", "en"):
        for feature in list_carded(atlas):
            card = books[f"{lang}/cards/{feature.layer_id}"][feature.feature_id]
            ours = format_card(atlas, feature.feature_id, lang, picks=("", ""))
            assert card == ours.replace(today, "[{today}]")
            assert today not in card


def test_every_paragraph_can_be_cited_and_what_it_names_lit(atlas: Atlas, books: Mapping) -> None:
    text = books["zh/text"]
    assert set(text["cites"]) == set(atlas.document.paragraphs)
    assert all("[{today}]" in cite for cite in text["cites"].values())
    assert set(text["lit"]) == set(atlas.mentions_by_paragraph)
    for passage, lit in text["lit"].items():
        assert set(lit["ids"]) <= {m.feature_id for m in atlas.mentions_by_paragraph[passage]}


def test_the_ledger_knows_of_each_row_what_it_is_filtered_by(atlas: Atlas, books: Mapping) -> None:
    ledger = books["zh/ledger"]
    assert len(ledger["accounts"]) == ledger["html"].count("<li>") - ledger["html"].count("gz-toc")
    assert [a["box"] for a in ledger["accounts"]] == [a.box for a in atlas.accounts]
    assert all(a["district"] for a in ledger["accounts"])


def test_the_introduction_speaks_of_the_tools_that_are_there(atlas: Atlas, books: Mapping) -> None:
    for lang in ("zh", "en"):
        assert say("intro", lang) in format_intro(atlas, lang)
        assert say("intro", lang) not in books[f"{lang}/book"]["intro"]
        assert WORDS["intro"][lang == "en"] in books[f"{lang}/book"]["intro"]


def test_the_position_of_the_reader_is_said_to_go_to_no_server(books: Mapping) -> None:
    for lang in ("zh", "en"):
        html = books[f"{lang}/mine"]["html"]
        assert escape(say("locate_fine", lang)) not in html
        assert escape(WORDS["locate_fine"][lang == "en"]) in html


def test_traditional_characters_fold_to_what_the_index_has(atlas: Atlas) -> None:
    fold = build_index(atlas)["fold"]
    assert {"峯": "峰", "雲": "云", "濕": "湿"}.items() <= fold.items()
    assert not set(fold) & set(fold.values())


def test_no_tile_of_another_service_gets_in(atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GZMAP_TIANDITU_KEY", "0123456789abcdef")
    assert "tianditu.gov" not in json.dumps(build_books(atlas, review_number="", base=""))


def test_the_review_number_is_on_every_page(atlas: Atlas, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    written = export_edition(atlas, folder, review_number="粤AS(2026)001号")
    assert len(written.pages) == len(PAGES)
    for page in written.pages:
        assert "粤AS(2026)001号" in page.read_text(encoding="utf-8")
    frames = build_books(atlas, review_number="粤AS(2026)001号", base="")["en/book"]["frames"]
    assert all("粤AS(2026)001号" in frame for frame in frames.values())


def test_references_name_the_address_that_it_will_have(atlas: Atlas) -> None:
    books = build_books(atlas, review_number="", base="https://plan.example/gz/")
    assert "https://plan.example/gz/?feature=waterways.w003" in books["zh/cards/waterways"]["waterways.w003"]
    assert "https://plan.example/gz/text?para=chp_1__sec_1__para_1" in books["zh/text"]["cites"]["chp_1__sec_1__para_1"]


# --- the files


def test_it_is_small(edition: Path, single: Path) -> None:
    assert sum(p.stat().st_size for p in edition.rglob("*") if p.is_file()) <= MOST_BYTES
    assert single.stat().st_size <= MOST_BYTES


def test_names_tell_the_content_and_every_file_is_there(edition: Path) -> None:
    for path in (edition / "a").iterdir():
        stem, digest, end = path.name.rsplit(".", 2)
        assert stem
        assert end
        assert hashlib.sha256(path.read_bytes()).hexdigest()[:12] == digest
    for page in edition.rglob("index.html"):
        files = read_files(page)
        assert all((page.parent / place).is_file() for place in files.values())
        assert {(page.parent / place).resolve() for place in files.values()} == set((edition / "a").resolve().iterdir())
        linked = re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8"))
        assert all((page.parent / place).is_file() for place in linked if place != "data:,")


def test_the_layers_are_the_bytes_of_the_app(edition: Path, atlas: Atlas) -> None:
    files = read_files(edition / "index.html")
    for layer_id in atlas.layers:
        ours = (atlas.root / atlas.catalog.entries[layer_id].path).read_bytes()
        assert (edition / files[f"layers/{layer_id}.json"]).read_bytes() == ours


def test_the_scripts_are_those_of_the_app(edition: Path) -> None:
    """But for the names by which they find each other, and the one file that says where things are."""
    files = read_files(edition / "index.html")
    shared = {name: path for name, path in list_scripts().items() if path.parent != OWN}
    assert {"mapview.js", "layers.js", "panel.js", "legend.js", "twin.js", "measure.js", "names.js"} < set(shared)
    for name, path in shared.items():
        published = (edition / files[name]).read_text(encoding="utf-8")
        assert published.replace('"gz/', '"./') == path.read_text(encoding="utf-8")


def test_no_script_imports_what_is_not_published() -> None:
    scripts = list_scripts()
    imported = {
        (name, wanted)
        for name, path in scripts.items()
        for wanted in re.findall(r'"\./([\w.]+\.js)"', path.read_text(encoding="utf-8"))
    }
    # Tools that need a server are imported when they are opened, and are not offered.
    assert {wanted for _, wanted in imported} - set(scripts) == {"draw.js", "coords.js"}
    assert "host.js" in {path.name for path in scripts.values() if path.parent == OWN}


def test_no_file_names_another_host_to_be_asked(edition: Path) -> None:
    """Links that a person may follow are in the books only; nothing in them is fetched."""
    for path in [*edition.rglob("*.js"), *edition.rglob("*.css"), *edition.rglob("*.html")]:
        found = FOREIGN.findall(
            re.sub(r"/\*.*?\*/|^\s*//.*?$", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)
        )
        ours = [a for a in found if not a.startswith(NAMESPACES) and "leaflet" not in a]
        assert ours == [], path.name
    for path in edition.rglob("*.bin"):
        text = gzip.decompress(path.read_bytes()).decode()
        assert not re.search(r"""<(?:img|script|link|iframe|object|embed)\b|\bsrc\s*=""", text), path.name


@pytest.mark.parametrize("path", sorted(OWN.glob("*.js")), ids=lambda p: p.name)
def test_scripts_put_no_data_into_markup(path: Path) -> None:
    """Markup is parsed only from what was published, and shown by `linked.js`."""
    source = path.read_text(encoding="utf-8")
    assert not re.findall(r"innerHTML\s*=|outerHTML|insertAdjacentHTML|document\.write|\beval\(", source)


def test_the_same_data_gives_the_same_bytes(atlas: Atlas, edition: Path, single: Path, tmp_path: Path) -> None:
    export_edition(atlas, tmp_path / "again")
    for path in edition.rglob("*"):
        if path.is_file():
            assert (tmp_path / "again" / path.relative_to(edition)).read_bytes() == path.read_bytes()
    export_single_file(atlas, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == single.read_bytes()


def test_an_item_is_named_by_its_content() -> None:
    item = Item("layers/a.json", b"{}", "application/json")
    assert item.file_name == f"layers-a.{hashlib.sha256(b'{}').hexdigest()[:12]}.json"
    assert json.loads(gzip.decompress(pack({"名": 1}))) == {"名": 1}


# --- never half


def change(project: Path, title: str) -> Atlas:
    edit_json(project / "layers/catalog.json", lambda catalog: catalog["layers"][-1].update(title=title))
    return open_atlas(project)


def test_an_edition_takes_the_place_of_the_one_before(project: Path, tmp_path: Path) -> None:
    """What somebody has open goes on working: files go with the edition after the next."""
    folder = tmp_path / "e"
    sizes = [export_edition(open_atlas(project), folder)]
    first = {p.name for p in (folder / "a").iterdir()}
    sizes.append(export_edition(change(project, "改一"), folder))
    second = set(read_files(folder / "index.html").values())
    assert first < {p.name for p in (folder / "a").iterdir()}
    sizes.append(export_edition(change(project, "改二"), folder))
    left = {f"a/{p.name}" for p in (folder / "a").iterdir()}
    assert left == second | set(read_files(folder / "index.html").values())
    assert {f"a/{name}" for name in first} - left
    assert all(size.size for size in sizes)


def test_a_killed_publication_leaves_the_edition_before_it_whole(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "e"
    export_edition(open_atlas(project), folder)
    before = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    change(project, "改")
    command = [sys.executable, "-m", "gzmap", "--root", str(project), "publish", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while {p.name for p in (folder / "a").iterdir()} <= {p.name for p in before} and process.poll() is None:
        assert time.monotonic() < until
    process.send_signal(signal.SIGKILL)
    process.wait()
    for page in folder.rglob("index.html"):
        assert all((page.parent / place).is_file() for place in read_files(page).values())
    export_edition(open_atlas(project), folder)
    for page in folder.rglob("index.html"):
        assert all((page.parent / place).is_file() for place in read_files(page).values())
        assert page.read_bytes() != before[page.relative_to(folder)]


def test_a_folder_of_something_else_is_left_alone(project: Path, tmp_path: Path) -> None:
    (tmp_path / "其他").mkdir()
    (tmp_path / "其他/信.txt").write_text("旧", encoding="utf-8")
    result = run(project, tmp_path / "其他")
    assert result.exit_code == 2
    assert "信.txt" in result.stderr
    assert [p.name for p in (tmp_path / "其他").iterdir()] == ["信.txt"]


def test_a_broken_list_of_files_is_told(project: Path, tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "e/edition.json").write_text("{", encoding="utf-8")
    with pytest.raises(ExportError, match=r"edition\.json"):
        export_edition(open_atlas(project), tmp_path / "e")


def test_a_missing_browser_asset_is_told(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gzmap.publish.shelf.LIBRARIES", tmp_path / "none")
    with pytest.raises(ExportError, match="make setup"):
        export_edition(open_atlas(project), tmp_path / "e")
    assert not (tmp_path / "e/index.html").exists()


# --- the command


def test_the_command_writes_a_folder_and_tells_of_it(project: Path, tmp_path: Path) -> None:
    result = run(project, tmp_path / "e", "--json", "--base-url", "https://plan.example/gz")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    files = [p for p in (tmp_path / "e").rglob("*") if p.is_file()]
    assert told["files"] == len(files)
    assert told["bytes"] == sum(p.stat().st_size for p in files)
    assert told["pages"][0] == str(tmp_path / "e/index.html")
    assert "未经地图审核" in result.stderr


def test_the_command_writes_one_file(project: Path, tmp_path: Path) -> None:
    result = run(project, "--single-file", tmp_path / "图.html", GZMAP_REVIEW_NUMBER="粤AS(2026)001号")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip() == str(tmp_path / "图.html")
    assert "未经地图审核" not in result.stderr
    assert "粤AS(2026)001号" in (tmp_path / "图.html").read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["图.html"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--single-file"),
        (("e", "--single-file", "f.html"), "--single-file"),
        (("--single-file", "f.txt"), "f.html"),
        (("--single-file", "nowhere/f.html"), "nowhere"),
        (("e", "--base-url", "plan.example"), "https://"),
    ],
)
def test_a_bad_request_is_refused(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(project, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "e").exists()
