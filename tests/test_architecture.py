"""The house rules, read off the syntax trees: who may import whom, what happens at import, how large things get.

Every rule is a function from source text to a list of findings, so that the rules themselves are tested on invented
sources before they are applied to ours.
"""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import statistics
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = "gzmap"
# A module imports only from lower rows; modules of one row never import each other.
ROWS = {
    **dict.fromkeys(("errors", "config"), 1),
    **dict.fromkeys(("files", "document", "crs", "names", "metrics", "signin"), 2),
    **dict.fromkeys(("catalog", "mentions", "ledger", "sites"), 3),
    **dict.fromkeys(("atlas", "own", "symbols"), 4),
    **dict.fromkeys(("query", "checks", "database"), 5),
    **dict.fromkeys(("export", "webmap", "sheet", "report", "ogcapi", "screen", "store"), 6),
    **dict.fromkeys(("ui", "server"), 7),
    "publish": 8,  # the pages of ui, written beforehand
    "cli": 9,
    **dict.fromkeys(("__main__", "app"), 10),
}
EDGE_ROW = 7
DOORS = {
    "streamlit": {"ui", "app", "signin"},
    "folium": {"webmap"},
    "branca": {"webmap"},
    "pyproj": {"crs"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "prometheus_client": {"metrics"},
    "click": {"cli"},
    "typst": {"sheet"},
    "segno": {"sheet"},
    "dask": {"screen"},
    "sqlalchemy": {"database"},
    "geoalchemy2": {"database"},
    "psycopg": {"database"},
    "pygeoapi": {"ogcapi"},
    "cql2": {"ogcapi"},
    "distributed": {"screen"},
}
READERS = {
    *("open", "open_atlas", "read_text", "read_bytes", "read_file", "read_csv", "read_parquet"),
    *("load", "iterdir", "glob", "rglob", "listdir", "scandir", "open_text", "open_binary"),
}
VAGUE_NAMES = {"util", "utils", "common", "helper", "helpers", "misc"}
VAGUE_VERBS = re.compile(r"_*(process|handle|get|manage)(_|$)")
COLOUR = re.compile(r"#(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})\b")
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)

MODULE_LINES = 300
BODY_LINES = 40
MEDIAN_BODY_LINES = 12
PARAMETERS = 6
POSITIONAL = 3
TESTS_PER_SOURCE = 0.7


def list_modules() -> list[Path]:
    return [*sorted((ROOT / PACKAGE).rglob("*.py")), ROOT / "app.py"]


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unit(module: str) -> str:
    """The name that the table of rows knows: `gzmap.ui.pages.text` → `ui`, `app` → `app`, `gzmap` → ``."""
    parts = module.split(".")
    return (parts[1] if len(parts) > 1 else "") if parts[0] == PACKAGE else parts[0]


# --- who imports whom


def imported(module: str, source: str) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it; `from a import b` counts as `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # Relative imports are resolved as from a plain module; ours are absolute.
            base = ".".join(module.split(".")[: -node.level]) if node.level else ""
            stem = ".".join(part for part in (base, node.module) if part)
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def find_row_breaks(module: str, source: str) -> list[str]:
    own = unit(module)
    if own == "":
        return [f"{module} imports {name}" for name in imported(module, source) if name.split(".")[0] == PACKAGE]
    if own not in ROWS:
        return [f"{own} is in no row: add it to ROWS and to the README's tree"]
    found = []
    for name in imported(module, source):
        if name.split(".")[0] not in {PACKAGE, "app"}:
            continue
        other = unit(name)
        # `from gzmap import __version__` asks the package itself, which imports nothing.
        if not re.fullmatch(r"|__\w+__", other) and other != own and ROWS.get(other, EDGE_ROW + 1) >= ROWS[own]:
            found.append(f"{module} (row {ROWS[own]}) imports {name} (row {ROWS.get(other)})")
    return found


def find_door_breaks(module: str, source: str) -> list[str]:
    return [
        f"{module} imports {name}, which only {sorted(DOORS[name.split('.')[0]])} may"
        for name in imported(module, source)
        if unit(module) not in DOORS.get(name.split(".")[0], {unit(module)})
    ]


def find_dynamic_imports(module: str, source: str) -> list[str]:
    return [
        f"{module}:{node.lineno} imports by name, which hides it from these tests"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and called(node) in {"import_module", "__import__", "exec", "eval"}
    ]


def find_cycles(graph: dict[str, set[str]]) -> list[str]:
    """Modules that can be reached from themselves."""

    def reach(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(graph.get(start, ()))
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += graph.get(name, ())
        return seen

    return sorted(name for name in graph if name in reach(name))


def build_graph() -> dict[str, set[str]]:
    names = {dotted(path): path for path in list_modules()}
    graph = {}
    for module, path in names.items():
        edges = set()
        for name in imported(module, path.read_text(encoding="utf-8")):
            # `gzmap.catalog.load_layer` is the name of a function: the edge goes to the longest module of that name.
            parts = name.split(".")
            stems = (".".join(parts[:size]) for size in range(len(parts), 0, -1))
            edges.add(next((stem for stem in stems if stem in names), ""))
        graph[module] = edges - {"", PACKAGE, module}
    return graph


# --- what happens at import, and with the environment


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes that Python executes when it imports: everything but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Lambda):
            continue
        if isinstance(child, FUNCTION):
            for part in [*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)]:
                yield part
                yield from run_at_import(part)
            continue
        # `if TYPE_CHECKING` and `if __name__ == "__main__"` do not run when imported.
        if isinstance(child, ast.If) and {"TYPE_CHECKING", "__name__"} & names_of(child.test):
            continue
        yield child
        yield from run_at_import(child)


def names_of(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def find_import_reads(module: str, source: str) -> list[str]:
    return [
        f"{module}:{node.lineno} calls {called(node)} at import"
        for node in run_at_import(ast.parse(source))
        if isinstance(node, ast.Call) and called(node) in READERS
    ]


def find_environment_reads(module: str, source: str) -> list[str]:
    if ROWS.get(unit(module), 0) >= EDGE_ROW:
        return []
    return [
        f"{module}:{node.lineno} reads the environment; pass the value in from an edge"
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        or (isinstance(node, ast.ImportFrom) and {a.name for a in node.names} & {"environ", "getenv"})
    ]


# --- size


def functions(source: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, FUNCTION)]


def count_body(function: ast.FunctionDef | ast.AsyncFunctionDef, source: str) -> int:
    """Lines of a function's body that are code: no docstring, no blank line, no line of comment."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body:
        return 0
    lines = source.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


def find_long_bodies(module: str, source: str) -> list[str]:
    sizes = ((function, count_body(function, source)) for function in functions(source))
    return [f"{module}.{function.name}: {size} lines" for function, size in sizes if size > BODY_LINES]


def find_crowded_signatures(module: str, source: str) -> list[str]:
    found = []
    for function in functions(source):
        positional = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]]
        positional = positional[1:] if positional[:1] in (["self"], ["cls"]) else positional
        total = len(positional) + len(function.args.kwonlyargs)
        if len(positional) > POSITIONAL:
            found.append(f"{module}.{function.name}: {len(positional)} positional parameters")
        if total > PARAMETERS:
            found.append(f"{module}.{function.name}: {total} parameters")
    return found


def find_vague_names(module: str, source: str) -> list[str]:
    vague = [module] if VAGUE_NAMES & set(module.split(".")) else []
    return vague + [f"{module}.{f.name}" for f in functions(source) if VAGUE_VERBS.match(f.name)]


# --- colours


def find_colours(module: str, source: str) -> list[str]:
    """Colours in the strings of a module; docstrings may name them."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, *FUNCTION)
    docs = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, documented) and ast.get_docstring(n)}
    return [
        f"{module}:{node.lineno} writes the colour {colour}; styles live in layers/catalog.json"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
        for colour in COLOUR.findall(node.value)
    ]


# --- the rules know right from wrong

RULES: list[Callable[[str, str], list[str]]] = [
    find_row_breaks,
    find_door_breaks,
    find_dynamic_imports,
    find_import_reads,
    find_environment_reads,
    find_long_bodies,
    find_crowded_signatures,
    find_vague_names,
    find_colours,
]

WRONG = [
    (find_row_breaks, "gzmap.catalog", "from gzmap.atlas import Atlas"),
    (find_row_breaks, "gzmap.names", "import gzmap.document"),
    (find_row_breaks, "gzmap.names", "def f():\n    from gzmap import crs"),
    (find_row_breaks, "gzmap.ui.panel", "from gzmap.server import routes"),
    (find_row_breaks, "gzmap.catalog.layers", "from ..mentions import Mention"),
    (find_row_breaks, "gzmap.server", "import app"),
    (find_row_breaks, "gzmap.novelty", "import json"),
    (find_row_breaks, "gzmap", "from gzmap.atlas import open_atlas"),
    (find_door_breaks, "gzmap.query", "import pyproj"),
    (find_door_breaks, "gzmap.cli", "from streamlit.web import bootstrap"),
    (find_door_breaks, "gzmap.ui.mapview", "import folium.plugins"),
    (find_dynamic_imports, "gzmap.query", "import importlib\nimportlib.import_module('pyproj')"),
    (find_import_reads, "gzmap.config", "from pathlib import Path\nTEXT = Path('x').read_text()"),
    (find_import_reads, "gzmap.config", "class A:\n    rows = open('x')"),
    (find_import_reads, "gzmap.config", "def f(x=open('x')):\n    return x"),
    (find_import_reads, "gzmap.config", "if True:\n    import json\n    D = json.load(f)"),
    (find_environment_reads, "gzmap.atlas", "import os\ndef f():\n    return os.environ['A']"),
    (find_environment_reads, "gzmap.atlas", "from os import getenv"),
    (find_long_bodies, "gzmap.query", "def f():\n" + "    x = 1\n" * 41),
    (find_crowded_signatures, "gzmap.query", "def f(a, b, c, d): ..."),
    (find_crowded_signatures, "gzmap.query", "def f(a, b, c, *, d, e, f, g): ..."),
    (find_vague_names, "gzmap.utils", ""),
    (find_vague_names, "gzmap.query", "def get_feature(): ..."),
    (find_colours, "gzmap.webmap", "HALO = '1px #222'"),
]

RIGHT = [
    (find_row_breaks, "gzmap.atlas", "from gzmap.catalog import load_layer\nfrom gzmap import errors"),
    (find_row_breaks, "gzmap.catalog.layers", "from gzmap.catalog.register import Entry"),
    (find_row_breaks, "app", "from gzmap import server"),
    (find_row_breaks, "gzmap.crs", "from gzmap import __version__"),
    (find_door_breaks, "gzmap.ui.panel", "import streamlit as st"),
    (find_door_breaks, "app", "import streamlit as st"),
    (find_import_reads, "gzmap.config", "def f():\n    return open('x')"),
    (find_import_reads, "gzmap.config", "if __name__ == '__main__':\n    open('x')"),
    (find_environment_reads, "gzmap.cli", "import os\nos.environ.get('GZMAP_ROOT')"),
    (find_long_bodies, "gzmap.query", 'def f():\n    """' + "words\n" * 60 + '"""\n' + "    # why\n    x = 1\n\n" * 40),
    (find_crowded_signatures, "gzmap.query", "class A:\n    def f(self, a, b, c, *, d, e, f): ..."),
    (find_vague_names, "gzmap.query", "def gather(): ..."),
    (find_colours, "gzmap.webmap", '"""Draws in #0072B2."""\nROW = "see issue #x"'),
]


def case_id(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("rule", "module", "source"), WRONG, ids=case_id)
def test_a_rule_finds_what_is_wrong(rule: Callable[[str, str], list[str]], module: str, source: str) -> None:
    assert rule(module, textwrap.dedent(source))


@pytest.mark.parametrize(("rule", "module", "source"), RIGHT, ids=case_id)
def test_a_rule_leaves_alone_what_is_right(rule: Callable[[str, str], list[str]], module: str, source: str) -> None:
    assert rule(module, textwrap.dedent(source)) == []


def test_every_rule_has_a_wrong_example() -> None:
    assert {rule for rule, _, _ in WRONG} == set(RULES)


def test_cycles_are_found() -> None:
    assert find_cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]
    assert find_cycles({"a": {"b", "c"}, "b": {"c"}}) == []


# --- our source


@pytest.mark.parametrize("rule", RULES, ids=case_id)
@pytest.mark.parametrize("path", list_modules(), ids=dotted)
def test_module_keeps_the_rule(path: Path, rule: Callable[[str, str], list[str]]) -> None:
    assert rule(dotted(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", list_modules(), ids=dotted)
def test_module_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


def test_no_cycles() -> None:
    assert find_cycles(build_graph()) == []


def test_functions_are_short_in_the_median() -> None:
    sources = [path.read_text(encoding="utf-8") for path in list_modules()]
    sizes = [count_body(function, source) for source in sources for function in functions(source)]
    assert statistics.median(sizes) <= MEDIAN_BODY_LINES


def test_tests_keep_up_with_the_source() -> None:
    def count(paths: list[Path]) -> int:
        return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)

    tests = [path for path in (ROOT / "tests").rglob("*.py") if "bench" not in path.relative_to(ROOT).parts]
    assert count(tests) >= TESTS_PER_SOURCE * count(list_modules())


def find_undeclared(paths: list[Path], declared: list[str]) -> set[str]:
    """Top-level packages that are imported although no requirement names the distribution they come from."""
    names = {re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower() for requirement in declared}
    homes = importlib.metadata.packages_distributions()
    tops = {name.split(".")[0] for path in paths for name in imported(dotted(path), path.read_text(encoding="utf-8"))}
    outside = tops - set(sys.stdlib_module_names) - {PACKAGE, "app", "tests", "docs"}
    return {top for top in outside if not {home.lower() for home in homes.get(top, [])} & names}


def test_every_imported_package_is_declared() -> None:
    """What is imported must be a direct requirement, not something that another package happens to bring."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = project["project"]["dependencies"]
    assert find_undeclared(list_modules(), runtime) == set()
    development = [*runtime, *project["dependency-groups"]["dev"]]
    assert find_undeclared(sorted((ROOT / "tests").rglob("*.py")), development) == set()
    assert find_undeclared([ROOT / "tests/test_architecture.py"], ["ruff"]) == {"pytest"}


def test_importing_opens_no_file_of_ours() -> None:
    """The syntax tree cannot see through calls, so Python's own audit says what an import opens."""
    # Pages and main.py are scripts that Streamlit runs, not modules that anyone imports.
    scripts = {"app", "gzmap.__main__", "gzmap.ui.main"}
    modules = [name for name in map(dotted, list_modules()) if name not in scripts and ".screens" not in name]
    program = textwrap.dedent(f"""
        import importlib, os, sys
        opened = []
        def watch(event, arguments):
            if event == "open" and isinstance(arguments[0], str):
                opened.append(os.path.abspath(arguments[0]))
        sys.addaudithook(watch)
        for name in {modules!r}:
            importlib.import_module(name)
        ours = [p for p in opened if p.startswith({str(ROOT) + "/"!r}) and "/.venv/" not in p]
        print(*[p for p in ours if not p.endswith((".py", ".pyc")) and "__pycache__" not in p], sep="\\n")
    """)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_scripts_of_the_browser_name_no_colour_of_a_plan_layer() -> None:
    catalog = json.loads((ROOT / "layers/catalog.json").read_text(encoding="utf-8"))
    styles = {entry["style"]["color"].lower() for entry in catalog["layers"] if entry["kind"] == "plan"}
    assert styles
    for path in sorted((ROOT / PACKAGE / "ui").rglob("*.js")):
        written = {colour.lower() for colour in COLOUR.findall(path.read_text(encoding="utf-8"))}
        assert written & styles == set(), f"{path.name} writes a layer's colour; it comes with the data"
