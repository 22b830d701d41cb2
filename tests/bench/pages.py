"""What a measurement does to a page of ours: open it, move its map, find a feature to click."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page

from gzmap.atlas import Atlas, open_atlas
from gzmap.query import find_drawn
from tests.bench.servers import BenchError

CLICK_ZOOM = 13
CLEAR_M = 300.0
"""A feature is taken for a click when nothing else is drawn this near: more than the click's tolerance at that zoom."""


def list_plan_marks(project: Path) -> list[str]:
    """List the performance marks that say that a plan layer is drawn."""
    entries = open_atlas(project).catalog.plan_entries
    return [f"gz-drawn-{entry.layer_id}" for entry in entries if entry.visible]


def find_shown_group(project: Path) -> str:
    """Find a group of plan layers that is shown when the page opens: the panel has one tick for each."""
    return next(entry.group for entry in open_atlas(project).catalog.plan_entries if entry.visible)


def find_targets(project: Path) -> list[tuple[str, float, float]]:
    """Find features that a click answers with a card: feature id, longitude, latitude; two or more.

    Raises
    ------
    BenchError
        If the project has fewer than two features that lie alone.
    """
    atlas = open_atlas(project)
    shown = [e.layer_id for e in atlas.catalog.plan_entries if e.visible]
    targets = [t for layer_id in shown for t in _alone(atlas, layer_id, shown)]
    if len(targets) < 2:
        raise BenchError(f"{project} has no two plan features that lie alone: a click could not be timed.")
    return targets


def _alone(atlas: Atlas, layer_id: str, shown: list[str]) -> list[tuple[str, float, float]]:
    found = []
    for feature_id, geometry in atlas.layers[layer_id].geometry.dropna().items():
        point = geometry.representative_point()
        if [p.id for p in find_drawn(atlas, point.x, point.y, tolerance_m=CLEAR_M, layer_ids=shown)] == [feature_id]:
            found.append((str(feature_id), point.x, point.y))
    return found


def open_map(page: Page, url: str, marks: list[str]) -> None:
    """Open our page and wait until the map and its plan layers stand."""
    page.goto(url)
    page.wait_for_function("(marks) => marks.every((m) => performance.getEntriesByName(m).length)", arg=marks)
    page.wait_for_selector("[data-testid=stApp] .gz-linked > *")


def move_map(page: Page, lon: float, lat: float, *, zoom: int = CLICK_ZOOM) -> tuple[float, float]:
    """Move the map so that a place is at its middle; return the middle's position on the page in pixels."""
    move = "([place, zoom]) => { window.__gz.map.setView(place, zoom, { animate: false }); }"
    page.evaluate(move, [[lat, lon], zoom])
    page.wait_for_timeout(250)
    return find_middle(page.locator(".gz-map"))


def find_middle(element: Locator) -> tuple[float, float]:
    """Return where the middle of an element is on the page, in pixels."""
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, x: float, y: float, *, by: int) -> None:
    """Drag with the mouse, slowly enough for a pan and without the throw of a swift release."""
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y + by / 2, steps=8)
    page.wait_for_timeout(200)
    page.mouse.up()
