"""The command line, inside this process and as the program that people start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gzmap.cli import edge, main
from gzmap.errors import CRSError, ExportError, GzmapError, NotFoundError, QueryError
from tests.cli_runner import records, run
from tests.makers import edit_json, make_project, name_in_headings, write_text

COMMANDS = [
    *("serve", "check", "format", "propose", "find", "show", "at", "places", "ledger"),
    *("export", "packet", "export-file"),
    *("overview", "inventory", "mine", "cite"),
    *("area", "between", "print"),
    *("publish", "screen", "db"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "项目")


def start(*arguments: str, **environment: str) -> subprocess.Popen:
    # The environment of the tests must not name another project, and the locale is the barest there is.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GZMAP_", "LC_", "PYTHONIOENCODING"))}
    return subprocess.Popen(
        [sys.executable, "-c", "from gzmap.cli import main; main()", *arguments],
        env={**kept, "LANG": "C", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


# --- the edge


def test_help_lists_the_commands() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert list(main.commands) == COMMANDS
    assert all(f"  {name} " in result.output for name in COMMANDS)
    assert "..." not in "".join(line for line in result.output.splitlines() if line.startswith("  "))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.startswith("gzmap, version ")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFoundError("x"), 3),
        (QueryError("x"), 2),
        (CRSError("x"), 2),
        (ExportError("x"), 2),
        (GzmapError("x"), 2),
        (PermissionError(13, "Permission denied", "/a"), 2),
    ],
)
def test_one_table_of_exit_codes(error: Exception, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def fail() -> None:
        raise error

    monkeypatch.setitem(main.commands, "fail", fail)
    result = CliRunner().invoke(main, ["fail"])
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("Error: ")


def test_table_puts_the_narrow_error_first() -> None:
    for kind, code in edge.EXIT_CODES:
        assert next(c for k, c in edge.EXIT_CODES if issubclass(kind, k)) == code


@pytest.mark.parametrize("command", [["check"], ["find", "x"], ["show", "x"], ["at", "1", "2"], ["format"], ["serve"]])
def test_a_folder_without_project_is_refused(tmp_path: Path, command: list[str]) -> None:
    result = run(tmp_path, *command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--root" in result.stderr


def test_root_from_variable_and_from_the_working_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "deep").mkdir()
    monkeypatch.chdir(project / "deep")
    monkeypatch.delenv("GZMAP_ROOT", raising=False)
    assert CliRunner().invoke(main, ["find", "mfs"]).exit_code == 0
    monkeypatch.chdir("/")
    assert CliRunner().invoke(main, ["find", "mfs"]).exit_code == 2
    assert CliRunner().invoke(main, ["find", "mfs"], env={"GZMAP_ROOT": str(project)}).exit_code == 0


@pytest.mark.parametrize(
    "command", [["find", "山"], ["show", "parks.p001"], ["at", "113", "23"], ["propose"], ["format"]]
)
def test_a_broken_catalogue_is_told_with_its_place(project: Path, command: list[str]) -> None:
    write_text(project / "layers/catalog.json", "{\n")
    result = run(project, *command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "layers/catalog.json" in result.stderr
    assert "line 2" in result.stderr


# --- serve


def test_serve_refuses_a_taken_port(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run(project, "serve", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert "--port" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["--port", "0"], ["--port", "70000"], ["--port", "x"], ["--host", "no such host"]]
)
def test_serve_refuses_bad_addresses(project: Path, arguments: list[str]) -> None:
    assert run(project, "serve", *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("host", "review", "is_warned"),
    [("127.0.0.1", "", False), ("localhost", "", False), ("0.0.0.0", "", True), ("0.0.0.0", "粤S(2026)001号", False)],
)
def test_serve_warns_before_it_is_public(
    project: Path, free_port: int, monkeypatch: pytest.MonkeyPatch, host: str, review: str, is_warned: bool
) -> None:
    started = []
    monkeypatch.setattr(
        "gzmap.cli.delivery._run", lambda command, root, *, cwd: started.append((command, root, cwd)) or 0
    )
    monkeypatch.setenv("GZMAP_REVIEW_NUMBER", review)
    write_text(project / "app.py", "")
    result = run(project, "serve", "--host", host, "--port", str(free_port))
    assert result.exit_code == 0
    assert ("未经地图审核" in result.stderr) is is_warned
    assert result.stdout.startswith(f"http://localhost:{free_port} ")
    (command, root, folder) = started[0]
    assert command[1:5] == ["-m", "streamlit", "run", str(project / "app.py")]
    assert {f"--server.address={host}", f"--server.port={free_port}", "--server.headless=true"} <= set(command)
    assert root == folder == project


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_serve_starts_streamlit_and_stops_with_it(project: Path, free_port: int, signum: int) -> None:
    write_text(project / "app.py", "import os\nimport streamlit as st\nst.write(os.environ['GZMAP_ROOT'])\n")
    write_text(project / ".streamlit/config.toml", '[browser]\ngatherUsageStats = false\nserverAddress = "localhost"\n')
    server = start("--root", str(project), "serve", "--port", str(free_port))
    try:
        assert server.stdout.readline().decode().startswith(f"http://localhost:{free_port} ")
        assert wait_for(f"http://127.0.0.1:{free_port}/_stcore/health") == b"ok"
        server.send_signal(signum)
        assert server.wait(20) == 0
    finally:
        server.kill()
        server.communicate()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{free_port}/", timeout=5)


def wait_for(url: str, seconds: float = 30) -> bytes:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


# --- check


def test_check_is_content(project: Path) -> None:
    result = run(project, "check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert run(project, "check", "--json").stdout == ""


def test_check_names_file_feature_and_remedy(project: Path) -> None:
    edit_json(project / "layers/parks.geojson", lambda c: c["features"][0]["properties"].update(category="none"))
    result = run(project, "check")
    assert result.exit_code == 1
    line = next(line for line in result.stdout.splitlines() if "category-unknown" in line)
    assert line == (
        "error category-unknown  layers/parks.geojson: parks.p001: the category 'none' is unknown — "
        "write one of site, or add it to layers/catalog.json"
    )
    assert result.stdout.splitlines()[-1] == "2 errors, 0 warnings"


def test_check_goes_on_past_a_broken_layer(project: Path) -> None:
    write_text(project / "layers/parks.geojson", '{"type":"FeatureCollection","features":[\n{"type":\n]}\n')
    edit_json(project / "layers/streams.geojson", lambda c: c["features"][0]["properties"].update(accuracy_m=None))
    result = run(project, "check", "--json")
    assert result.exit_code == 1
    findings = [json.loads(line) for line in result.stdout.splitlines()]
    assert set(findings[0]) == {"code", "severity", "where", "message"}
    assert (findings[0]["code"], findings[0]["where"]) == ("json-invalid", "layers/parks.geojson")
    assert "line 3" in findings[0]["message"]
    assert "version control" in findings[0]["message"]
    assert ("accuracy-missing", "layers/streams.geojson: streams.s001") in [(f["code"], f["where"]) for f in findings]


# --- format, propose


def test_format_check_and_format(project: Path) -> None:
    edit_json(project / "layers/parks.geojson", lambda c: c["features"][0]["properties"].update(notes="改"))
    before = (project / "layers/catalog.json").read_bytes()
    result = run(project, "format", "--check")
    assert (result.exit_code, result.stdout) == (1, "layers/catalog.json\n")
    assert (project / "layers/catalog.json").read_bytes() == before
    assert run(project, "format").stdout == "layers/catalog.json\n"
    assert (run(project, "format").stdout, run(project, "format", "--check").exit_code) == ("", 0)
    assert run(project, "check").exit_code == 0


def test_propose_prints_and_writes(project: Path) -> None:
    path = project / "layers/mentions.jsonl"
    path.unlink()
    printed = run(project, "propose")
    assert printed.exit_code == 0
    assert not path.exists()
    written = run(project, "propose", "--write")
    assert path.read_text(encoding="utf-8") == printed.stdout
    assert written.stdout.startswith("layers/mentions.jsonl")


# --- find


def test_find_as_json(project: Path) -> None:
    feature, label, *paragraphs = records(run(project, "find", "帽峯山", "--json"))
    assert (
        feature.items()
        >= {"kind": "feature", "id": "parks.p001", "name": "帽峰山", "score": 1.0, "layer": "parks"}.items()
    )
    assert (label["kind"], label["id"], label["name"]) == ("label", "labels.l001", "帽峰山")
    assert {p["kind"] for p in paragraphs} == {"paragraph"}
    assert set(paragraphs[0]) == {"kind", "id", "title", "score", "start", "end"}
    assert paragraphs[0]["id"] == "chp_1__sec_1__para_1"


@pytest.mark.parametrize("query", ["帽峰山", "maofengshan", "mfs", "帽峯山"])
def test_find_in_words(project: Path, query: str) -> None:
    assert run(project, "find", query).stdout.startswith("要素  帽峰山  [parks.p001]  113.2500,23.1500\n")


@pytest.mark.parametrize("query", ["火星基地", "", "`<script>", "🌳"])
def test_find_nothing_is_no_error(project: Path, query: str) -> None:
    assert run(project, "find", query).stdout.startswith("未收录该地名")
    assert records(run(project, "find", query, "--json")) == []


def test_find_limit(project: Path) -> None:
    assert len(records(run(project, "find", "山", "--json", "--limit", "1"))) == 1
    assert run(project, "find", "山", "--limit", "0").exit_code == 2


# --- show


def test_show_as_json(project: Path) -> None:
    (shown,) = records(run(project, "show", "spots.b001", "--json"))
    assert (shown["id"], shown["layer"], shown["geometry_type"]) == ("spots.b001", "spots", "MultiPoint")
    assert (shown["name"], shown["accuracy_m"], shown["method"]) == ("白云区新型储能产业园", 500, "digitized")
    assert shown["evidence"] == [
        {"para_id": "chp_2__sec_1__para_1", "start": 18, "end": 21, "exact": "白云区"},
        {"para_id": "chp_2__sec_1__para_1", "start": 26, "end": 33, "exact": "新型储能产业园"},
    ]


def test_show_tells_evidence_and_mentions_apart(project: Path) -> None:
    (shown,) = records(run(project, "show", "parks.p001", "--json"))
    assert [e["para_id"] for e in shown["evidence"]] == ["chp_1__sec_1__para_1"]
    assert [e["para_id"] for e in shown["mentions"]] == ["chp_2__sec_1__para_1"]


def test_show_without_geometry(project: Path) -> None:
    (shown,) = records(run(project, "show", "parks.p003", "--json"))
    assert (shown["geometry_type"], shown["accuracy_m"]) == (None, None)
    assert "未能落位" in run(project, "show", "parks.p003").stdout


def test_show_in_words(project: Path) -> None:
    told = run(project, "show", "parks.p001").stdout
    assert "为什么在这里：保育【帽峰山】、白云湖,守护无名谷。（山水骨架 › 山，chp_1__sec_1__para_1）" in told
    assert "accuracy_m：50" in told


def test_show_a_passage_with_the_features_that_it_names(project: Path) -> None:
    (shown,) = records(run(project, "show", "chp_1__sec_1__para_1", "--json"))
    assert [(n["name"], n["role"], n["located"]) for n in shown["named"]] == [
        ("帽峰山", "evidence", True), ("白云湖", "evidence", True), ("无名谷", "evidence", False),
    ]  # fmt: skip
    start, end = shown["named"][0]["spans"][0]
    assert shown["text"][start:end] == "帽峰山"
    lines = run(project, "show", "chp_1__sec_1__para_1").stdout.splitlines()
    assert lines[1] == "  帽峰山  [parks.p001]  帽峰山（依据）"
    assert lines[3] == "  无名谷  [parks.p003]  无名谷（依据，未能落位）"
    assert run(project, "show", "chp_9").exit_code == 3


def test_show_tells_headings_with_the_places_that_they_have(project: Path) -> None:
    told = run(name_in_headings(project), "show", "parks.p001").stdout
    assert "另见：(一)保育【帽峰山】（山水骨架 › 保育帽峰山，chp_1__sec_1）" in told
    assert "另见：第二章 【帽峰山】产业平台（帽峰山产业平台，chp_2）" in told
    assert "另见：【帽峰山】规划（front__line_1）" in told


def test_show_unknown(project: Path) -> None:
    result = run(project, "show", "parks.p01")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "did you mean 'parks.p001'" in result.stderr


def test_show_of_a_broken_layer_says_so(project: Path) -> None:
    write_text(project / "layers/parks.geojson", "{")
    result = run(project, "show", "parks.p001")
    assert result.exit_code == 2
    assert "layers/parks.geojson" in result.stderr
    assert run(project, "show", "spots.b001").exit_code == 0


# --- at


def test_at_as_json(project: Path) -> None:
    feature, district = records(run(project, "at", "113.25", "23.15", "--json"))
    assert feature == {
        "kind": "feature", "id": "parks.p001", "name": "帽峰山", "relation": "contains",
        "certainty": "certain", "distance_m": 0.0, "wide": False,
    }  # fmt: skip
    assert (district["kind"], district["name"]) == ("district", "白云区")


def test_at_with_a_radius(project: Path) -> None:
    found = {p["id"]: p for p in records(run(project, "at", "113.25", "23.15", "--radius-m", "9000", "--json"))}
    assert (found["streams.s001"]["relation"], found["streams.s001"]["certainty"]) == ("near", "certain")
    assert found["streams.s001"]["distance_m"] == pytest.approx(7_169, abs=2)
    assert found["parks.p002"]["certainty"] == "possible"


def test_at_in_words(project: Path) -> None:
    assert run(project, "at", "113.25", "23.15").stdout.splitlines() == [
        "要素  帽峰山  [parks.p001]  在其范围内（确定）",
        "行政区  白云区  [districts.440111]  在其范围内（确定）",
    ]


@pytest.mark.parametrize(
    "arguments", [["-1", "2"], ["--", "-1", "2"], ["-1.5", "-2.25"], ["-.5", "2", "--json"], ["--json", "-1e1", "2"]]
)
def test_at_takes_negative_numbers(project: Path, arguments: list[str]) -> None:
    assert run(project, "at", *arguments).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["200", "1"], ["23.1", "113.2"], ["nan", "1"], ["inf", "1"], ["x", "1"], ["113"], ["113", "23", "1"],
        ["113", "23", "--radius-m", "-1"], ["113", "23", "--radius-m", "nan"], ["113", "23", "--radius", "1"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_at_refuses_bad_requests(project: Path, arguments: list[str]) -> None:
    result = run(project, "at", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error" in result.stderr


# --- export


@pytest.mark.parametrize("fmt", ["shp", "gpkg", "geojson"])
def test_export(project: Path, tmp_path: Path, fmt: str) -> None:
    name = {"shp": "公园.zip"}.get(fmt, f"公园.{fmt}")
    crs = "EPSG:4326" if fmt == "geojson" else "EPSG:4490"
    result = run(project, "export", "parks", "--format", fmt, "--crs", crs, "-o", str(tmp_path / name))
    assert result.exit_code == 0, result.stderr
    written = Path(result.stdout.strip())
    assert written.exists()
    assert written.stat().st_size > 100


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["none", "--format", "gpkg", "-o", "a.gpkg"], 3),
        (["parks", "--format", "gpkg", "--crs", "EPSG:1", "-o", "a.gpkg"], 2),
        (["parks", "--format", "dwg", "-o", "a.dwg"], 2),
        (["parks", "--format", "gpkg", "-o", "no/such/folder/a.gpkg"], 2),
        (["parks", "--format", "gpkg"], 2),
        (["--format", "gpkg", "-o", "a.gpkg"], 2),
    ],
)
def test_export_refuses(project: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int) -> None:
    monkeypatch.chdir(project)
    result = run(project, "export", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert "Error" in result.stderr


# --- as a program


def test_program_speaks_utf8_in_any_locale(project: Path) -> None:
    program = start("--root", str(project), "find", "mfs", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    out, _ = program.communicate(timeout=60)
    assert out.decode("utf-8").startswith("要素  帽峰山")


def test_program_exit_codes_and_streams(project: Path) -> None:
    program = start("--root", str(project), "show", "无此要素")
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out) == (3, b"")
    assert "无此要素" in err.decode("utf-8")
    assert "Traceback" not in err.decode("utf-8")


def test_program_ends_quietly_when_nobody_reads(project: Path) -> None:
    program = start("--root", str(project), "propose")
    program.stdout.close()
    with program.stderr as stream:
        told = stream.read()
    assert program.wait(60) != 0
    assert told == b""


def test_program_tells_a_full_disk(project: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from gzmap.cli import main; main()", "--root", str(project), "propose"],
            stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode != 0
    assert b"Traceback" not in done.stderr
