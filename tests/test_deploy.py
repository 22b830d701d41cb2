"""The files of ``deploy/``: each is taken by the program it is for, and they fit together."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from gzmap.server.limits import SETTINGS, Limits
from gzmap.server.logs import STYLES
from tests.conftest import ROOT
from tests.deployed import find_nginx, substitute, write_nginx

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd/gzmap@.service"
MOST_EXPOSED = 1.5
"""What systemd-analyze calls OK ends at 4."""


def read(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def run(*command: object) -> subprocess.CompletedProcess:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)


# --- nginx


def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    done = run(find_nginx(), "-t", "-p", tmp_path, "-c", write_nginx(tmp_path, 8080, (9001, 9002)))
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_only_ports_and_paths_are_substituted(tmp_path: Path) -> None:
    shipped = read("nginx/gzmap.conf") + read("nginx/gzmap-upstream.conf")
    ours = substitute(shipped, 8080, (9001, 9002), tmp_path)
    back = ours.replace(f"{tmp_path}/gzmap levels", "/var/cache/nginx/gzmap levels")
    back = back.replace(str(tmp_path), "/var/log/nginx").replace(":9001", ":8501").replace(":9002", ":8502")
    back = back.replace("listen 127.0.0.1:8080;", "listen 80;\n    listen [::]:80;")
    assert back == shipped
    assert "/var/" not in ours


@pytest.mark.parametrize(
    "rule",
    [
        r"server_tokens off;", r"autoindex off;", r"limit_req_status 429;", r"limit_conn_status 429;",
        r"client_max_body_size 1m;", r"hash \$gz_seat consistent;", r"proxy_set_header Upgrade \$http_upgrade;",
        r"X-Forwarded-For \$proxy_add_x_forwarded_for;",
    ],
)  # fmt: skip
def test_a_rule_that_matters_stands(rule: str) -> None:
    assert re.search(rule, read("nginx/gzmap.conf") + read("nginx/gzmap-upstream.conf"))


def test_nothing_personal_is_logged() -> None:
    [log] = re.findall(r"log_format gzmap.*?;\n", read("nginx/gzmap.conf"), re.DOTALL)
    for variable in ("remote_addr", "request ", "request_uri", "args", "cookie", "referer", "user_agent", "forwarded"):
        assert variable not in log
    assert re.search(r"error_log \S+ crit;", read("nginx/gzmap.conf"))


# --- systemd


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    # The program is where it will be installed, not here: another that is here takes its place.
    text = read("systemd/gzmap@.service")
    assert text.count("/opt/gzmap/.venv/bin/gzmap ") == 1
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace("/opt/gzmap/.venv/bin/gzmap ", "/bin/true "), "utf-8")
    done = run("systemd-analyze", "verify", "--man=no", unit)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_is_exposed_to_little() -> None:
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", UNIT)
    exposed = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)[1])
    assert exposed <= MOST_EXPOSED


def test_the_unit_runs_what_there_is() -> None:
    from click.testing import CliRunner

    from gzmap.cli import main

    [command] = re.findall(r"^ExecStart=\S+/gzmap (.*)$", read("systemd/gzmap@.service"), re.MULTILINE)
    assert command == "--root /opt/gzmap serve --host 127.0.0.1 --port %i"
    told = CliRunner().invoke(main, ["serve", "--help"]).output
    assert "--host" in told
    assert "--port" in told


def test_the_settings_are_known_and_say_what_is_usual() -> None:
    text = read("systemd/gzmap.env")
    given = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))
    for field, name in SETTINGS.items():
        assert float(given[name]) == getattr(Limits(), field)
    assert given["GZMAP_LOG"] in STYLES
    source = "".join(path.read_text("utf-8") for path in (ROOT / "gzmap").rglob("*.py"))
    assert [name for name in given if name.startswith("GZMAP_") and f'"{name}"' not in source] == []
    assert given["STREAMLIT_SERVER_COOKIE_SECRET"] == "", "a secret that is shipped is none"


# --- containers


def test_the_containers_fit_together() -> None:
    compose = yaml.safe_load(read("compose.yaml"))
    services = compose["services"]
    upstream = read("compose/gzmap-upstream.conf")
    named = re.findall(r"server (\w+):(\d+) ", upstream)
    assert {name for name, _ in named} == set(services) - {"nginx"}
    dockerfile = read("Dockerfile")
    assert {port for _, port in named} == set(re.findall(r"^EXPOSE (\d+)$", dockerfile, re.MULTILINE))
    for volume in services["nginx"]["volumes"]:
        path, _, mode = volume.partition(":")[0], *volume.rpartition(":")[1:]
        assert (DEPLOY / path).is_file()
        assert mode == "ro"
    for name, _ in named:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert services["nginx"]["ports"] == ["127.0.0.1:8080:80"], "a map that was not reviewed stays on this machine"


def test_the_upstream_of_the_containers_differs_in_names_only() -> None:
    def strip(text: str) -> list[str]:
        return [re.sub(r"server \S+", "server X", line) for line in text.splitlines() if not line.startswith("#")]

    assert strip(read("compose/gzmap-upstream.conf")) == strip(read("nginx/gzmap-upstream.conf"))


def test_the_image_copies_what_there_is_and_runs_as_nobody_special() -> None:
    text = read("Dockerfile")
    for source in re.findall(r"^COPY (\S+) \./$", text, re.MULTILINE):
        assert (ROOT / source).is_file()
    assert text.index("USER gzmap") < text.index('CMD ["gzmap"')
    assert "--require-hashes" in text


# --- the two descriptions


def test_both_languages_tell_the_same() -> None:
    chinese, english = read("README.zh.md"), read("README.md")
    for pattern in (r"`([^`\n]+)`", r"^```\w+\n(.*?)^```"):
        words = [re.findall(pattern, text, re.MULTILINE | re.DOTALL) for text in (english, chinese)]
        told = [{re.sub(r"\s+#.*|<.*?>", "", word) for word in found if "README" not in word} for found in words]
        assert told[0] == told[1]
    for name in re.findall(r"^\| `([\w./@-]+)`", english, re.MULTILINE):
        assert (DEPLOY / name).is_file() or name.startswith(("process_", "gzmap_"))
