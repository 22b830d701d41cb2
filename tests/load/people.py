"""What people do: they open the page, click, search and go to other pages, think in between, and leave again."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gzmap.atlas import Atlas
from tests.load.sessions import FAILURES, Session, SessionError, format_query

PAGES = {
    "text": "gz_plan",
    "mine": "gz_mine",
    "districts": "gz_districts",
    "list": "gz_list",
    "ledger": "gz_ledger",
    "data": "gz_register",
}
"""Pages to go to, and the component in which each shows its content."""

ACTS = ("click", "click", "click", "search", "page")
"""What is done next, each as likely as it is often here."""


@dataclass(frozen=True)
class Target:
    """A feature: where people click, and by what they look for it."""

    id: str
    name: str
    lon: float
    lat: float


@dataclass
class Record:
    """What happened to everybody."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    closed: int = 0

    def note(self, act: str, seconds: float) -> None:
        self.seconds.setdefault(act, []).append(seconds)


def find_targets(atlas: Atlas) -> list[Target]:
    """List every located feature of the plan."""
    targets = []
    for layer_id, layer in atlas.layers.items():
        if atlas.catalog.entries[layer_id].kind != "plan":
            continue
        for feature_id, row in layer[layer.geometry.notna()].iterrows():
            point = row.geometry.representative_point()
            targets.append(Target(str(feature_id), row["name"], point.x, point.y))
    return targets


class Person:
    """Somebody with an open page."""

    def __init__(self, session: Session, targets: Sequence[Target], record: Record, *, seed: int) -> None:
        self.session = session
        self.targets = targets
        self.record = record
        self.random = random.Random(seed)

    async def visit(self, until: float, think_s: float) -> None:
        """Open the page, go about until a time on the monotonic clock, and leave; an error is counted and ends it."""
        try:
            await self._open()
            while time.monotonic() < until:
                await asyncio.sleep(min(self.random.expovariate(1 / think_s), 6 * think_s))
                await self._do(self.random.choice(ACTS))
        except FAILURES as error:
            self.record.errors[f"{type(error).__name__}: {str(error)[:120]}"] += 1
        finally:
            await self._leave()

    async def _open(self) -> None:
        target = self.random.choice(self.targets)
        answer = await self.session.open(self.random.choice(["", "", format_query(feature=target.id)]))
        self.record.opened += 1
        self.record.note("open", answer.whole_s)

    async def _do(self, act: str) -> None:
        await {"click": self._click, "search": self._search, "page": self._turn}[act]()

    async def _click(self) -> None:
        """Click on the map where a feature is: its card comes, or a choice of those that lie there."""
        target = self.random.choice(self.targets)
        layer_id = target.id.partition(".")[0]
        place = {"lon": target.lon, "lat": target.lat, "tolerance_m": 50.0, "layer_ids": [layer_id]}
        answer = await self.session.act("gz_map", "gz_panel", {"kind": "click", **place})
        self._require(target.id, answer.content)
        self.record.note("click", answer.shown_s)

    async def _search(self) -> None:
        target = self.random.choice(self.targets)
        answer = await self.session.act("gz_frame", "gz_panel", {"kind": "search", "q": target.name})
        self._require("gz-results", answer.content)
        self.record.note("search", answer.shown_s)

    async def _turn(self) -> None:
        """Go to another page and back to the map."""
        page = self.random.choice(list(PAGES))
        answer = await self.session.act("gz_frame", PAGES[page], {"kind": "page", "id": page})
        self._require("html", answer.content)
        self.record.note("page", answer.shown_s)
        answer = await self.session.act("gz_frame", "gz_panel", {"kind": "page", "id": "map"})
        self.record.note("back", answer.shown_s)

    @staticmethod
    def _require(wanted: str, content: str) -> None:
        if wanted not in content:
            raise SessionError(f"{wanted} is not in the answer, which begins {content[:60]}")

    async def _leave(self) -> None:
        try:
            await self.session.close()
        finally:
            self.record.closed += 1
