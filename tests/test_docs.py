"""The documents say what is there: tree, commands, properties; and no file holds an address that it must not."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
from pathlib import Path

import click
import geopandas
import pytest
from click.testing import CliRunner
from shapely.geometry import Point

from gzmap.cli import main
from gzmap.ui.helping import TRIED_CHROMIUM
from gzmap.ui.words import WORDS
from tests.conftest import ROOT
from tests.site_makers import SQUARE, convert, lines

READMES = ("README.md", "README.zh.md")
# Written in two parts each, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(re.escape(first + second) for first, second in [
        ("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", "."), ("debian", ".org"), ("anaconda", ".org"),
        ("anaconda", ".com"), ("conda-forge", ".org"),
    ])
)  # fmt: skip
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:work|farm|root|home/\w+|tmp)/")


def list_files() -> list[str]:
    """Paths of the repository, tracked or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(path for path in done.stdout.split("\0") if path and (ROOT / path).is_file())


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# --- the tree


def parse_tree(text: str) -> dict[str, set[str]]:
    """Folders (``""`` is the root) that a tree lists, with the names it lists in them; folders end in ``/``."""
    tree: dict[str, set[str]] = {"": set()}
    stack = [""]
    for line in text.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = re.split(r" {2,}", line.strip())[0].split()
        stack = stack[: depth + 1]
        tree.setdefault(stack[-1], set()).update(names)
        stack.append(stack[-1] + names[-1])
    return tree


def find_tree_differences(tree: dict[str, set[str]], files: list[str]) -> list[str]:
    """Names that only the tree or only the repository has, in the folders whose contents the tree lists."""
    found = []
    for folder, listed in tree.items():
        inside = [path.removeprefix(folder) for path in files if path.startswith(folder)]
        real = {name.split("/")[0] + ("/" if "/" in name else "") for name in inside}
        found += [f"{folder}{name} is not in the repository" for name in listed - real]
        found += [f"{folder}{name} is not in the README's tree" for name in real - listed]
    return sorted(found)


def test_tree_differences_are_found() -> None:
    tree = parse_tree("a.py b.py   two files\nlib/        a folder\n  c.py d/   inside\nopaque/     not listed")
    assert tree == {"": {"a.py", "b.py", "lib/", "opaque/"}, "lib/": {"c.py", "d/"}}
    files = ["a.py", "b.py", "lib/c.py", "lib/d/x", "opaque/y"]
    assert find_tree_differences(tree, files) == []
    assert find_tree_differences(tree, [*files, "lib/new.py", "top.py"]) == [
        "lib/new.py is not in the README's tree",
        "top.py is not in the README's tree",
    ]
    assert find_tree_differences(tree, files[1:]) == ["a.py is not in the repository"]


def test_the_readme_shows_the_real_tree() -> None:
    block = re.search(r"^## Tree\n\n```text\n(.*?)^```", read("README.md"), re.MULTILINE | re.DOTALL)[1]
    tree = parse_tree(block)
    assert "gzmap/" in tree
    assert find_tree_differences(tree, list_files()) == []


# --- the two READMEs


@pytest.mark.parametrize("name", READMES)
def test_a_readme_opens_with_the_two_commands_and_the_screenshot(name: str) -> None:
    lines = [line for line in read(name).splitlines() if line]
    assert lines[0].startswith("# ")
    assert lines[1] == "```sh"
    assert lines[2].startswith("make run ")
    assert lines[3].startswith("make test ")
    assert lines[4] == "```"
    assert re.fullmatch(r"!\[.{10,}\]\(docs/img/card-1400\.png\)", lines[5])


def test_the_screenshot_is_a_picture_of_a_page() -> None:
    data = (ROOT / "docs/img/card-1400.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    assert width >= 1000
    assert height >= 600


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_what_a_publisher_must_know(name: str) -> None:
    text = read(name)
    for words in (
        *("未经地图审核，仅限内部使用，不得公开登载", "GZMAP_REVIEW_NUMBER", "标准地图", "二手来源，待核实"),
        *("make_districts.py --from", "非官方示意图，不作为法定依据", "2025-09-23", "2025-12-02"),
        *("conda env create -f environment.yml", "EPSG:4490"),
    ):
        assert words in text, f"{name} does not say {words}"


def test_the_readmes_tell_the_same_things() -> None:
    """Same commands, routes and code blocks, in the same order."""

    def marks(name: str) -> list[str]:
        return re.findall(r"^\| `(?:gzmap )?([/\w-]+)", read(name), re.MULTILINE)

    assert marks(READMES[0]) == marks(READMES[1]) != []


def list_pages() -> list[str]:
    """Keys of the pages as the navigation has them, read and not imported: the module runs a page when it is."""
    (pages,) = [
        node.value
        for node in ast.parse(read("gzmap/ui/main.py")).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "PAGES"
    ]
    return list(ast.literal_eval(pages))


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_every_page_as_the_navigation_does(name: str) -> None:
    table = re.search(r"^\| (?:page|页面) \|.*\n\|.*\n((?:\|.*\n)+)", read(name), re.MULTILINE)[1]
    rows = re.findall(r"^\| ([^|]+?)(?: \(([^)]+)\))? \|", table, re.MULTILINE)
    told = [WORDS[key] for key in list_pages()]
    assert rows == [(en, zh) if name == "README.md" else (zh, "") for zh, en in told]


def test_the_workbench_page_has_the_addresses_of_all_pages() -> None:
    named = set(re.findall(r"`/([a-z]*)`", read("docs/workbench.md").partition("\n## Ask")[0]))
    assert named == {"" if key == "map" else key for key in list_pages()}


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_the_oldest_browser_that_was_tried(name: str) -> None:
    assert f"Chromium {TRIED_CHROMIUM}" in read(name)


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_every_setting(name: str) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gzmap").rglob("*.py"))
    settings = set(re.findall(r"[\"'](GZMAP_[A-Z_]+)[\"']", code))
    assert len(settings) > 3
    assert set(re.findall(r"^\| `(GZMAP_[A-Z_]+)`", read(name), re.MULTILINE)) == settings


# --- commands, codes, properties


def list_commands() -> dict[str, click.Command]:

    return main.commands


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_every_command_and_no_other(name: str) -> None:
    named = set(re.findall(r"^\| `gzmap ([\w-]+)", read(name), re.MULTILINE))
    assert named == set(list_commands())


def test_every_command_says_what_it_does() -> None:
    for name, command in list_commands().items():
        assert command.get_short_help_str(limit=200), f"gzmap {name} has no help"
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, f"gzmap {name} {parameter.name}"


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_every_route(name: str) -> None:
    from gzmap.server import build_routes

    named = set(re.findall(r"^\| `(/[^`]+)`", read(name), re.MULTILINE))
    first = {"/" + route.path.split("/")[1] for route in build_routes()}
    assert {"/" + path.split("/")[1] for path in named} == first


def test_the_dictionary_is_up_to_date() -> None:
    from docs.make_dictionary import build_dictionary

    assert read("docs/data-dictionary.md") == build_dictionary(ROOT), "run `make dictionary`"


def test_the_dictionary_names_every_code_property_and_command() -> None:
    from gzmap.checks import CODES

    text = read("docs/data-dictionary.md")
    catalog = json.loads(read("layers/catalog.json"))
    words = {*CODES, *catalog["fields"], *(f"gzmap {name}" for name in list_commands())}
    for entry in catalog["layers"]:
        features = json.loads(read(entry["path"]))["features"]
        words |= {name for feature in features for name in feature["properties"]}
        words |= {feature["properties"]["category"] for feature in features if "category" in feature["properties"]}
    assert sorted(word for word in words if f"`{word}`" not in text) == []


def test_every_code_of_the_checks_is_described() -> None:
    from gzmap.checks import CODES

    for code, (severity, meaning) in CODES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert severity in {"error", "warning"}
        assert len(meaning) > 10


# --- what must not appear, and links that lead somewhere


def list_texts() -> list[str]:
    pictures = {".png", ".ico", ".woff2"}
    return [path for path in list_files() if Path(path).suffix not in pictures]


def test_forbidden_addresses_and_paths_are_recognised() -> None:
    assert REGISTRIES.search("https://" + "pypi" + ".org/simple")
    assert MACHINE_PATHS.search('open("' + "/wo" + 'rk/main/x")')
    assert not MACHINE_PATHS.search("geodata/work/x and http://localhost/tmp/")


@pytest.mark.parametrize("path", list_texts())
def test_a_file_names_no_registry_and_no_path_of_a_machine(path: str) -> None:
    text = read(path)
    assert REGISTRIES.findall(text) == []
    assert MACHINE_PATHS.findall(text) == []


@pytest.mark.parametrize("path", [path for path in list_files() if path.endswith(".md")])
def test_links_between_documents_lead_somewhere(path: str) -> None:
    folder = (ROOT / path).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", read(path)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        page = (folder / name) if name else ROOT / path
        assert page.exists(), f"{path} links to {target}"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", t).strip().lower().replace(" ", "-") for t in titles}


def test_every_decision_is_listed() -> None:
    index = read("docs/index.md")
    for path in sorted((ROOT / "docs/adr").glob("*.md")):
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
        assert f"(adr/{path.name})" in index, f"docs/index.md does not list {path.name}"


# --- examples run


def find_blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", read(name), re.MULTILINE | re.DOTALL)


def test_the_example_in_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    monkeypatch.chdir(tmp_path)
    (example,) = find_blocks("docs/delivery.md", "python")
    exec(compile(example, "docs/delivery.md", "exec"), {})
    told = capsys.readouterr().out
    assert "changed text-cut" in told
    back = geopandas.read_file("stations.zip", encoding="gbk")
    assert len(back) == 2
    assert back.crs.to_epsg() == 4547


def test_the_commands_of_the_delivery_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    frame = geopandas.GeoDataFrame({"名称": ["甲"]}, geometry=[Point(113.3, 23.1).buffer(0.01)], crs="EPSG:4490")
    frame.to_file("parcels.shp", encoding="gbk")
    lines = [line for block in find_blocks("docs/delivery.md", "sh") for line in block.splitlines()]
    assert len(lines) == 6
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "gzmap"
        done = CliRunner().invoke(main, ["--root", str(ROOT), *words])
        assert done.exit_code == 0, (line, done.output, done.stderr)
    assert {p.name for p in tmp_path.iterdir()} > {"waterways.zip", "nansha.gpkg", "packet.zip", "parcels.gpkg"}


def test_the_example_of_the_workbench_in_python_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    monkeypatch.chdir(ROOT)
    (example,) = find_blocks("docs/workbench.md", "python")
    exec(compile(example, "docs/workbench.md", "exec"), {})
    told = capsys.readouterr().out
    assert "certain crosses 珠江前航道" in told
    assert "possible 北二环" in told


def test_the_commands_of_the_workbench_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    site = geopandas.GeoDataFrame({"名称": ["甲"]}, geometry=[SQUARE], crs="EPSG:4490")
    site.to_file("site.shz", driver="ESRI Shapefile")
    Path("site.shz").rename("site.zip")
    Path("corners.txt").write_text(lines(convert("EPSG:4547")), encoding="utf-8")
    Path("local").mkdir()
    site.to_file("local/控规.gpkg")
    commands = [line for block in find_blocks("docs/workbench.md", "sh") for line in block.splitlines()]
    assert len(commands) == 13
    told = {}
    for line in commands:
        program, *words = shlex.split(line)
        assert program == "gzmap"
        done = CliRunner().invoke(main, ["--root", str(ROOT), *words])
        assert done.exit_code == 0, (line, done.output, done.stderr)
        told[line] = done.stdout
    written = {words[words.index("-o") + 1] for words in map(str.split, commands) if "-o" in words}
    assert {p.name for p in tmp_path.iterdir()} == {*written, "site.zip", "corners.txt", "local"}
    assert any("konggui" in answer for line, answer in told.items() if line.startswith("gzmap between own.konggui"))
