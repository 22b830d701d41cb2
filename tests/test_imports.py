"""What is not loaded before it is needed: the first page and the quick commands do not pay for the writing of files."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

LOADED = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""
SLOW = ("ezdxf", "jinja2", "lxml", "pygeometa", "xlsxwriter")
"""Libraries that take 0.05 s and more, each for one kind of file only."""


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("gzmap.cli", (*SLOW, "gzmap.ogcapi", "pygeoapi", "cql2")),
        ("gzmap.export.packet", SLOW),
        ("gzmap.server", ("gzmap.export", "gzmap.names", "pyogrio", "ezdxf", "lxml", "pygeometa", "xlsxwriter")),
        ("gzmap.server", ("gzmap.ogcapi", "pygeoapi", "cql2", "babel", "pygeofilter", "rasterio")),
        ("gzmap.query", ("gzmap.export", "pyogrio", *SLOW)),
    ],
)
def test_what_is_not_needed_is_not_loaded(module: str, unwanted: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", LOADED, module]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert sorted(set(unwanted) & set(json.loads(done.stdout))) == []
