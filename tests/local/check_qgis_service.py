"""Load collections of a running /ogc into QGIS and hold them against the files: counts, names, places.

Run by the Python that Debian's QGIS belongs to, so nothing but that and the standard library is used:

    /usr/bin/python3 tests/local/check_qgis_service.py PROJECT COMMAND_OF_GZMAP
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
    os.environ.pop(name, None)  # the server is on this machine

# By name, for they are the system's and no requirement of this project.
core = importlib.import_module("qgis.core")

LAYERS = ("wetlands", "labels", "waterways", "unsited")
"""Areas, more points than one page holds, lines, and features without any place."""

BOX = (113.2, 23.0, 113.4, 23.2)
START_S, TOLERANCE_DEG = 60, 1e-6


@contextmanager
def serve(project: Path, command: str) -> Iterator[str]:
    """Run gzmap over a project until the block ends; give the address of its service."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            [command, "--root", str(project), "serve", "--port", str(port)], stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_ready(child, f"{base}/healthz")
            yield f"{base}/ogc"
        except TimeoutError:
            log.seek(0)
            print(log.read().decode(errors="replace"), file=sys.stderr)
            raise
        finally:
            child.terminate()
            child.wait(20)


def wait_ready(child: subprocess.Popen, url: str) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and child.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    raise TimeoutError(f"{url} does not answer")


def read_files(project: Path) -> dict[str, list[dict]]:
    """Read the features of `LAYERS` from the project's files."""
    catalog = json.loads((project / "layers/catalog.json").read_text(encoding="utf-8"))
    paths = {entry["id"]: project / entry["path"] for entry in catalog["layers"]}
    return {name: json.loads(paths[name].read_text(encoding="utf-8"))["features"] for name in LAYERS}


def open_layer(url: str, name: str) -> core.QgsVectorLayer:
    """Open a collection as QGIS does after a double click on it."""
    source = core.QgsDataSourceUri()
    source.setParam("url", url)
    source.setParam("typename", name)
    return core.QgsVectorLayer(source.uri(False), name, "OAPIF")


def check_layer(layer: core.QgsVectorLayer, filed: list[dict]) -> list[str]:
    """Hold a layer against its file; return what is wrong."""
    name = layer.name()
    if not layer.isValid():
        return [f"{name} is not valid: {layer.dataProvider().error().message()}"]
    found = {feature["name"]: feature for feature in layer.getFeatures()}
    wanted = {feature["properties"]["name"]: feature for feature in filed}
    wrong = []
    count = sum(1 for _ in layer.getFeatures())
    if count != len(filed):
        wrong.append(f"{name} has {count} features, the file {len(filed)}")
    if set(found) != set(wanted):
        wrong.append(f"{name} and the file differ about the names {sorted(set(found) ^ set(wanted))[:5]}")
    for title in sorted(set(found) & set(wanted)):
        wrong += check_place(name, found[title], wanted[title])
    print(f"  {name}: {count} features, such as {next(iter(wanted))}; {layer.crs().authid()}")
    return wrong


def check_place(name: str, ours: core.QgsFeature, filed: dict) -> list[str]:
    """Hold the bounds and the accuracy of a feature against the file."""
    title = filed["properties"]["name"]
    told, wrong = filed["properties"]["accuracy_m"], []
    accuracy = None if ours["accuracy_m"] == core.NULL else ours["accuracy_m"]
    if accuracy != told:
        wrong.append(f"{name}: {title} is within {accuracy} m, in the file {told}")
    if filed["geometry"] is None:
        return wrong + ([f"{name}: {title} has a place, but not in the file"] if ours.hasGeometry() else [])
    points = list(walk(filed["geometry"]["coordinates"]))
    bounds = ours.geometry().boundingBox()
    shown = (bounds.xMinimum(), bounds.yMinimum(), bounds.xMaximum(), bounds.yMaximum())
    meant = [pick(point[axis] for point in points) for pick in (min, max) for axis in (0, 1)]
    if max(abs(a - b) for a, b in zip(shown, meant, strict=True)) > TOLERANCE_DEG:
        wrong.append(f"{name}: {title} lies in {shown}, in the file in {meant}")
    return wrong


def walk(coordinates: list) -> Iterator[list[float]]:
    """Give the points of a geometry, however deep they lie."""
    if isinstance(coordinates[0], (int, float)):
        yield coordinates
        return
    for part in coordinates:
        yield from walk(part)


def check_filters(url: str, filed: list[dict]) -> list[str]:
    """Ask for a box and for an expression, as the map and the attribute filter do."""
    layer = open_layer(url, "labels")
    west, south, east, north = BOX
    points = [feature["geometry"]["coordinates"] for feature in filed]
    inside = sum(west <= x <= east and south <= y <= north for x, y in points)
    request = core.QgsFeatureRequest().setFilterRect(core.QgsRectangle(*BOX))
    found = sum(1 for _ in layer.getFeatures(request))
    print(f"  labels in a box: {found}")
    return [] if found == inside > 0 else [f"labels has {found} features in the box, the file {inside}"]


def main(project: Path, command: str) -> int:
    """Check a project; 0 if nothing is wrong."""
    application = core.QgsApplication([], True)
    application.initQgis()
    messages: list[str] = []
    application.messageLog().messageReceived.connect(lambda text, tag, level: messages.append(f"{tag}: {text}"))
    files, wrong = read_files(project), []
    with serve(project, command) as url:
        for name in LAYERS:
            wrong += check_layer(open_layer(url, name), files[name])
        wrong += check_filters(url, files["labels"])
    wrong += [f"QGIS says {text}" for text in messages]
    for line in wrong:
        print(f"  WRONG {line}")
    print(f"QGIS {core.Qgis.QGIS_VERSION}: OGC API - Features of {project.resolve().name}: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"{Path(sys.argv[0]).name} PROJECT COMMAND_OF_GZMAP")
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
