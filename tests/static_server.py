"""A folder served by Debian's nginx without any setting for what is in it: what any web server does."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deployed import find_nginx

# One process that stays what it is started as: it can read the tests' folders, and ends when it is told to.
CONFIG = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
events {{ worker_connections 128; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream; access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""
START_S = 15


@contextmanager
def serving_files(root: Path, port: int, folder: Path) -> Iterator[str]:
    """Serve a folder until the block ends; ``folder`` is where nginx keeps its own files. Gives the address."""
    config = folder / "static.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, root=root), encoding="utf-8")
    log = folder / "static.out"
    with log.open("wb") as output:
        process = subprocess.Popen([find_nginx(), "-c", str(config)], stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}/", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_ready(process: subprocess.Popen, url: str, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it answers, if only that there is nothing at the top
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nginx does not answer at {url}: {log.read_text(errors='replace')}")
