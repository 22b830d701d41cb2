"""Reads uploads that are made to exhaust a machine, with little more memory than an empty process has; tells the codes.

Run as ``python -m tests.hostile_uploads``: one line of JSON, code by name of the upload. What ends the process, or
needs more, is seen by the test that started it.
"""

from __future__ import annotations

import io
import json
import re
import resource
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from gzmap import sites
from gzmap.errors import SiteError
from tests.site_makers import make_dxf, make_frame, make_kml, make_placemark, make_shapefile, make_zip

ROOM = 600_000_000
"""Bytes of addresses beyond what is taken when all is imported."""

DXF_HEAD = b"0\nSECTION\n2\nENTITIES\n0\nLWPOLYLINE\n8\n0\n100\nAcDbEntity\n100\nAcDbPolyline\n90\n1900000\n70\n1\n"
DXF_END = b"0\nENDSEC\n0\nEOF\n"
RING = (
    "<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing></outerBoundaryIs>"
    "</Polygon></Placemark>"
)


def list_again(data: bytes, times: int) -> bytes:
    """Give an archive whose list of members names its first so many times over."""
    start, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    central = data[start:end] * times
    count = min(times, 0xFFFF)
    return data[:start] + central + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(central), start, 0)


def make_shp() -> bytes:
    """Give an archive with a Shapefile of ten million vertices, which packs to a little."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.shp", "w") as file:
        file.write(b"\x00\x00\x27\x0a" + bytes(96))
        for _ in range(160):
            file.write(bytes(1_000_000))
    return stream.getvalue()


LINE = b'{"type":"LineString","coordinates":['

UPLOADS: dict[str, Callable[[], tuple[bytes, str]]] = {
    "shp of 10^7 vertices": lambda: (make_shp(), "a.zip"),
    "kml of 10^7 vertices": lambda: (make_zip({"a.kml": make_kml(RING.format("1,1 " * 10**7))}), "a.zip"),
    "kml of 4*10^6 vertices": lambda: (make_kml(RING.format("1,1 " * 2 * 10**6) * 2).encode(), "a.kml"),
    "kml of words": lambda: (make_kml(RING.format("1 " * 4_900_000) * 2).encode(), "a.kml"),
    "kml of elements": lambda: (make_kml("<a/>" * 4_900_000).encode(), "a.kml"),
    "kml of depth": lambda: (make_kml("<a>" * 3_000_000).encode(), "a.kml"),
    "json of 10^7 vertices": lambda: (make_zip({"a.json": LINE + b"[0,0]," * 10**7}), "a.zip"),
    "json of 3*10^6 vertices": lambda: (LINE + b"[0,0]," * 3_300_000 + b"[0,0]]}", "a.json"),
    "json of lists": lambda: (LINE + b"[]," * 6_600_000 + b"[]]}", "a.json"),
    "json of objects": lambda: (b'{"type":"FeatureCollection","features":[' + b"{}," * 6_600_000 + b"{}]}", "a.json"),
    "json of 10^5 brackets": lambda: (LINE + b"[" * 10**5 + b"]" * 10**5 + b"]}", "a.json"),
    "json of collections": lambda: (b'{"type":"GeometryCollection","geometries":[' * 9000 + b"]}" * 9000, "a.json"),
    "wkt of depth": lambda: (b"GEOMETRYCOLLECTION(" * 200_000 + b"POINT(1 1)" + b")" * 200_000, ""),
    "wkt that does not close": lambda: (b"GEOMETRYCOLLECTION(" * 250_000, ""),
    "pasted brackets": lambda: (b"[" * 10**6 + b"]" * 10**6, ""),
    "dxf of 2*10^6 vertices": lambda: (DXF_HEAD + b"10\n0\n20\n0\n" * 1_900_000 + DXF_END, "a.dxf"),
    "members by the 10^5": lambda: (list_again(make_zip({"a.kml": b""}), 300_000), "a.zip"),
    "one member many times": lambda: (list_again(make_zip({"a.shp": bytes(60_000_000)}), 400), "a.zip"),
    "many members of much": lambda: (make_zip({f"{n}.dbf": bytes(40_000_000) for n in range(3)}), "a.zip"),
}


def main() -> None:
    """Read every upload."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    # All that is read with is loaded by now: addresses that are taken are no memory that is used.
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, taken + ROOM))
    told = {}
    for name, make in UPLOADS.items():
        data, called = make()
        try:
            sites.read_site(data, called)
            told[name] = "read"
        except SiteError as error:
            told[name] = error.code
    # Not `ru_maxrss`: that begins with what the process that started this one had taken.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    told["peak MB"] = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024
    print(json.dumps(told))


def warm() -> None:
    """Read one good file of each kind, so that every library is there."""
    good = [
        (b"113.3,23.1\n113.4,23.1\n113.4,23.2", ""),
        (make_kml(make_placemark()).encode(), "a.kml"),
        (make_dxf({"0": [[(38437600, 2560100), (38437700, 2560100), (38437700, 2560200)]]}), "a.dxf"),
        (make_zip(make_shapefile(make_frame(name=["甲"]))), "a.zip"),
    ]
    for data, name in good:
        sites.read_site(data, name, crs="EPSG:4526" if name == "a.dxf" else "")


if __name__ == "__main__":
    warm()
    main()
