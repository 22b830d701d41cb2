"""What several test files share: the repository's root, its atlas, a free port, the tools of the system."""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from gzmap.atlas import Atlas
    from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent

# A failing example must be the same one on every machine and every run of CI; at a desk a new search each time may
# find more. The deadline is off because the first example pays for imports.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def atlas(root: Path) -> Atlas:
    """Return the atlas of the shipped data, opened once."""
    from gzmap.atlas import open_atlas

    return open_atlas(root)


@pytest.fixture
def free_port() -> int:
    """Return a TCP port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the system's Chromium; its absence is a failure, never a skip."""
    return _require_tool("chromium")


@pytest.fixture(scope="session")
def ogrinfo() -> str:
    """Return the path of GDAL's ogrinfo; its absence is a failure, never a skip."""
    return _require_tool("ogrinfo")


def _require_tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is not installed: run the tests with `make test`, which installs it or says how.")
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Return a running PostgreSQL with PostGIS and the tests' roles."""
    from tests.postgres import prepare, run_cluster

    with run_cluster() as running:
        prepare(running)
        yield running


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """Return the owner's address of an empty database with PostGIS."""
    from tests.postgres import build_database

    name = f"test_{uuid.uuid4().hex[:12]}"
    yield build_database(cluster, name)
    cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """Return the owner's engine of an empty database with PostGIS."""
    from gzmap.database import open_engine

    opened = open_engine(database)
    yield opened
    opened.dispose()
