"""The routes of the real server, asked with bytes that no client would tidy up first."""

from __future__ import annotations

import gzip
import json
import socket

import pytest

from tests.e2e.conftest import Server

SECRETS = (b"root:x:", b"[project]", b"import streamlit", b"BEGIN")


def ask(server: Server, target: str, *, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *rest = head.decode("latin-1").split("\r\n")
    told = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in rest)}
    return int(status.split()[1]), told, body


@pytest.mark.parametrize("prefix", ["/data/", "/assets/", "/assets/ui/x/", "/assets/leaflet/"])
@pytest.mark.parametrize(
    "path",
    [
        "../../../../../../../../etc/passwd",
        "..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "%252e%252e%252f%252e%252e%252f%252e%252e%252fetc%252fpasswd",
        "..%5c..%5c..%5cpyproject.toml",
        "..\\..\\pyproject.toml",
        "../../pyproject.toml",
        "../../../../pyproject.toml",
        "%2e%2e%2f%2e%2e%2fpyproject.toml",
        "../main.py",
        "..%2fmain.py",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "....//....//etc/passwd",
        "..;/..;/pyproject.toml",
        "%c0%ae%c0%ae/%c0%ae%c0%ae/pyproject.toml",
        "..%00/pyproject.toml",
        "waterways.geojson/../../../pyproject.toml",
    ],
)
def test_no_path_leads_out_of_our_folders(shipped: Server, prefix: str, path: str) -> None:
    status, _, body = ask(shipped, prefix + path)
    assert status in {400, 404, 405}
    assert not any(secret in body for secret in SECRETS)


def test_a_layer_is_served_packed_and_only_when_changed(shipped: Server) -> None:
    plain = (shipped.root / "layers/waterways.geojson").read_bytes()
    status, told, body = ask(shipped, "/data/waterways.geojson")
    assert (status, body) == (200, plain)
    assert told["content-type"].startswith("application/geo+json")
    status, told, body = ask(shipped, "/data/waterways.geojson", Accept_Encoding="gzip")
    assert (status, told["content-encoding"], gzip.decompress(body)) == (200, "gzip", plain)
    assert len(body) < len(plain) / 2
    status, _, body = ask(shipped, "/data/waterways.geojson", Accept_Encoding="gzip", If_None_Match=told["etag"])
    assert (status, body) == (304, b"")
    status, told, body = ask(shipped, "/data/waterways.geojson", method="HEAD")
    assert (status, told["content-length"], body) == (200, str(len(plain)), b"")


def test_an_unknown_layer_is_a_404_that_says_why(shipped: Server) -> None:
    status, told, body = ask(shipped, "/data/waterway.geojson")
    assert status == 404
    assert told["content-type"].startswith("application/json")
    assert "did you mean 'waterways'" in json.loads(body)["message"]


def test_health_names_the_layers(shipped: Server) -> None:
    status, _, body = ask(shipped, "/healthz")
    assert status == 200
    assert {"waterways", "eco_corridors", "biodiversity_hotspots", "energy_parks"} <= set(json.loads(body)["layers"])


def test_only_this_machine_is_listened_to(shipped: Server) -> None:
    import psutil

    listening = [
        c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr.port == shipped.port
    ]
    assert [c.laddr.ip for c in listening] == ["127.0.0.1"]
