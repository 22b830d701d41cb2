"""Files as people bring them: good ones, in every format and encoding, and the parts that bad ones are made of."""

from __future__ import annotations

import io
import json
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import ezdxf
import geopandas
import pyogrio
import shapely

from gzmap import crs as crs_door

CORNERS = ((113.3, 23.1), (113.32, 23.1), (113.32, 23.12), (113.3, 23.12))
SQUARE = shapely.Polygon(CORNERS)
"""A site in 海珠区, about 2 by 2 km."""


def convert(code: str) -> list[tuple[float, float]]:
    """The corners in another CRS, easting first."""
    return [crs_door.convert_point(lon, lat, code) for lon, lat in CORNERS]


def lines(points: Iterable[tuple[float, float]], template: str = "{x:.9f},{y:.9f}") -> str:
    """Points as text, one per line; the template may name n, x and y."""
    return "\n".join(template.format(n=n, x=x, y=y) for n, (x, y) in enumerate(points, 1))


def make_frame(code: str = "EPSG:4490", **columns: list) -> geopandas.GeoDataFrame:
    """A layer with the square as its only feature, more of them where a column is longer, side by side."""
    count = max((len(values) for values in columns.values()), default=1)
    shapes = [shapely.affinity.translate(SQUARE, n * 0.03, 0) for n in range(count)]
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490").to_crs(code)


def make_shapefile(frame: geopandas.GeoDataFrame, *, encoding: str = "GBK", stem: str = "地块") -> dict[str, bytes]:
    """The parts of a Shapefile by their names, as GDAL writes them."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # That a long Chinese name is cut is what is wanted here.
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(frame, Path(folder) / f"{stem}.shp", encoding=encoding)
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def make_zip(members: Mapping[str, bytes | str], *, drop: Iterable[str] = ()) -> bytes:
    """A compressed archive, without the members that end in one of ``drop``."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            if not name.endswith(tuple(drop) or ("\0",)):
                archive.writestr(name, content)
    return stream.getvalue()


def make_geojson(shape: object = SQUARE, *, crs: object = None, **properties: object) -> bytes:
    """A collection of one feature, with the ``crs`` member of old where it is asked for."""
    geometry = json.loads(shapely.to_geojson(shape))
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    named = (
        {"crs": {"type": "name", "properties": {"name": crs}}} if isinstance(crs, str) else {"crs": crs} if crs else {}
    )
    return json.dumps({"type": "FeatureCollection", **named, "features": [feature]}, ensure_ascii=False).encode()


def make_kml(body: str, *, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>', name: str = "工程") -> str:
    """A KML document round some placemarks."""
    return (
        f'{declaration}<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>{name}</name>{body}</Document></kml>'
    )


def make_placemark(name: str = "红线", points: Iterable[tuple[float, float]] = (*CORNERS, CORNERS[0])) -> str:
    """A polygon with heights, as Google Earth writes it."""
    text = " ".join(f"{x},{y},0" for x, y in points)
    ring = f"<outerBoundaryIs><LinearRing><coordinates>{text}</coordinates></LinearRing></outerBoundaryIs>"
    return f"<Placemark><name>{name}</name><Polygon>{ring}</Polygon></Placemark>"


def make_dxf(rings: Mapping[str, Iterable[list[tuple[float, float]]]], *, closed: bool = True) -> bytes:
    """A drawing with lines by layer, a text and a point among them."""
    drawing = ezdxf.new("R2004")
    drawing.encoding = "gbk"
    space = drawing.modelspace()
    for layer, some in rings.items():
        for ring in some:
            space.add_lwpolyline(ring, close=closed, dxfattribs={"layer": layer})
    space.add_text("图名", height=3)
    space.add_point((1, 1))
    stream = io.StringIO()
    drawing.write(stream)
    return stream.getvalue().encode("gbk")


def make_nested_blocks(depth: int) -> bytes:
    """A drawing of one block, in which each block holds four of the next: four to the power of the depth in all."""
    drawing = ezdxf.new("R2004")
    drawing.blocks.new("B0").add_lwpolyline([(0, 0), (5, 0), (5, 5)], close=True)
    for number in range(1, depth):
        block = drawing.blocks.new(f"B{number}")
        for place in range(4):
            block.add_blockref(f"B{number - 1}", (place, place))
    drawing.modelspace().add_blockref(f"B{depth - 1}", (400_000, 2_500_000))
    stream = io.StringIO()
    drawing.write(stream)
    return stream.getvalue().encode("gbk")


def make_survey(*, system: str = "2000国家大地坐标系", zone: str = "38", width: str = "3", unit: str = "米") -> str:
    """A survey of one plot with a hole, in EPSG:4526, northing first."""
    points = convert("EPSG:4526")
    (x, y), inner = points[0], [(200, 200), (400, 200), (400, 400), (200, 400)]
    outer = [*points, points[0]]
    hole = [(x + dx, y + dy) for dx, dy in [*inner, inner[0]]]
    rings = [lines(some, f"J{{n}},{ring},{{y:.3f}},{{x:.3f}}") for ring, some in ((1, outer), (2, hole))]
    head = f"[属性描述]\n坐标系={system}\n几度分带={width}\n投影类型=高斯克吕格\n计量单位={unit}\n带号={zone}"
    return "\n".join([head, "转换参数=0,0,0,0,0,0,0", "[地块坐标]", "10,4.2,1,地块甲,面,F49G001,建设用地,,@", *rings])
