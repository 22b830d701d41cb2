"""The project folders that are measured: a copy of a real one, with or without a large layer of a planner's own."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

from gzmap.catalog import derive, dump_layer
from gzmap.files import dump_json

PLOTS = "plots"
PLOT_BOX = (113.0, 22.7, 113.8, 23.5)
"""Where the synthetic polygons lie: west, south, east, north in degrees."""

CORNERS = 8


def copy_project(root: Path, folder: Path) -> Path:
    """Copy what gzmap reads of a project, so that nobody edits it while it is measured; return the copy's root."""
    for name in ("geodata", "layers"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("scripts", "*.md"))
    return folder


def place_plot(number: int, count: int) -> tuple[float, float, float]:
    """Return the centre (longitude, latitude) and half width, in degrees, of one of ``count`` polygons in a grid."""
    west, south, east, _north = PLOT_BOX
    side = math.ceil(math.sqrt(count))
    step = (east - west) / side
    return west + (number % side + 0.5) * step, south + (number // side + 0.5) * step, 0.4 * step


def make_plots(count: int) -> list[dict]:
    """Make ``count`` polygons of eight corners as plan features, like the plots of a detailed plan."""
    return [_plot(number, count) for number in range(count)]


def _plot(number: int, count: int) -> dict:
    lon, lat, reach = place_plot(number, count)
    turns = [2 * math.pi * (corner + 0.5) / CORNERS for corner in range(CORNERS)]
    ring = [[round(lon + reach * math.cos(t), 6), round(lat + reach * math.sin(t), 6)] for t in turns]
    properties = {
        **{"name": f"地块{number:05d}", "name_en": f"Plot {number:05d}", "aliases": "", "category": "plot"},
        **{"status": "proposed", "district": "", "source_id": "", "method": "digitized", "accuracy_m": 10},
        **{"entered": "2026-11-22", "notes": ""},
    }
    geometry = {"type": "MultiPolygon", "coordinates": [[[*ring, ring[0]]]]}
    return {"type": "Feature", "id": f"{PLOTS}.p{number:05d}", "properties": properties, "geometry": geometry}


def add_plots(root: Path, count: int) -> Path:
    """Add a plan layer of ``count`` polygons to a project, on top of its others; return the root."""
    path = root / "layers" / f"{PLOTS}.geojson"
    features = make_plots(count)
    text = dump_layer(features)
    path.write_text(text, encoding="utf-8")
    catalog_path = root / "layers/catalog.json"
    catalog = json.loads(catalog_path.read_text(encoding="utf-8"))
    pattern = next(entry for entry in catalog["layers"] if entry["kind"] == "plan")
    catalog["layers"].append(
        {
            **pattern,
            **{"id": PLOTS, "path": f"layers/{PLOTS}.geojson", "group": PLOTS, "title": "地块", "title_en": "Plots"},
            **{"description": "", "description_en": "", "geometry_type": "MultiPolygon", "fields": {}, "visible": True},
            "categories": {"plot": {"title": "地块", "title_en": "Plot"}},
            "derived": derive(features, text.encode()),
        }
    )
    catalog_path.write_text(dump_json(catalog), encoding="utf-8")
    return root
