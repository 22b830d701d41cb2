"""Measure many people at once: ``python -m tests.load [--sessions 200] [--minutes 15] [--browsers 3] [--json FILE]``.

Two processes and nginx run with the configuration of ``deploy/`` on this machine, and the people with them: what they
need of its cores is missing to the service.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.async_api import async_playwright

from gzmap.atlas import open_atlas
from tests.conftest import ROOT
from tests.deployed import Deployed, deployed
from tests.load.browsers import browse
from tests.load.people import Person, Record, Target, find_targets
from tests.load.report import Sample, format_report, list_misses, summarize
from tests.load.sessions import Session

SAMPLE_S = 5


def read_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=200, help="pages that are open at the same time (default 200)")
    parser.add_argument("--minutes", type=float, default=15, help="how long (default 15)")
    parser.add_argument("--browsers", type=int, default=3, help="real browsers among them (default 3)")
    parser.add_argument("--think-s", type=float, default=15, help="mean pause between two acts (default 15)")
    parser.add_argument("--stay-s", type=float, default=180, help="mean stay of a session (default 180)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures and samples there as well")
    chosen = parser.parse_args(arguments)
    if min(chosen.sessions, chosen.minutes, chosen.think_s, chosen.stay_s) <= 0 or chosen.browsers < 0:
        parser.error("numbers must be positive")
    return chosen


class Load:
    """One load test."""

    def __init__(self, service: Deployed, targets: list[Target], chosen: argparse.Namespace) -> None:
        self.service = service
        self.targets = targets
        self.chosen = chosen
        self.record = Record()
        self.samples: list[Sample] = []
        self.processes = [psutil.Process(app.running.pid) for app in service.apps]
        self.random = random.Random(6)
        self.start = time.monotonic()
        self.end = self.start + 60 * chosen.minutes
        # A new page takes the processor about as long as five clicks; people do not all come in the same moment.
        self.ramp_s = min(60 * chosen.minutes / 4, chosen.sessions * 0.3)

    async def run(self) -> dict:
        """Run it and sum it up."""
        seats = [self._fill_seat(number) for number in range(self.chosen.sessions)]
        async with async_playwright() as playwright:
            chrome = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            until = self.end - 15
            windows = [
                browse(chrome, self.service.base, self.targets, self.record, until=until)
                for _ in range(self.chosen.browsers)
            ]
            await asyncio.gather(self._watch(), *seats, *windows)
            await chrome.close()
        errors = sum(self.record.errors.values())
        settled = min(self.ramp_s + self.chosen.stay_s, 30 * self.chosen.minutes)
        return summarize(self.record.seconds, self.samples, errors, settled_s=settled)

    async def _fill_seat(self, number: int) -> None:
        """Keep one place taken: when somebody leaves, another comes."""
        await asyncio.sleep(self.ramp_s * number / self.chosen.sessions)
        while time.monotonic() < self.end:
            seed = self.random.getrandbits(32)
            session = Session(self.service.base, cookie=f"gz_seat={self.random.getrandbits(128):032x}")
            stay = self.random.uniform(0.5, 1.5) * self.chosen.stay_s
            person = Person(session, self.targets, self.record, seed=seed)
            await person.visit(min(time.monotonic() + stay, self.end), self.chosen.think_s)

    async def _watch(self) -> None:
        used = self._read_cpu()
        while time.monotonic() < self.end:
            await asyncio.sleep(SAMPLE_S)
            before, used = used, self._read_cpu()
            try:
                held = [await asyncio.to_thread(app.count_sessions) for app in self.service.apps]
            except OSError as error:
                self.record.errors[f"a process gave no counts: {error}"] += 1
                continue
            rss = sum(process.memory_info().rss for process in self.processes) / 1e6
            now = time.monotonic() - self.start
            sample = Sample(round(now, 1), rss, sum(held), self.record.closed, (used - before) / SAMPLE_S)
            self.samples.append(sample)
            print(f"{now:5.0f} s  {sample.sessions} open  {rss:.0f} MB  {sample.cores:.2f} cores", file=sys.stderr)

    def _read_cpu(self) -> float:
        return sum(times.user + times.system for times in (process.cpu_times() for process in self.processes))


def main() -> int:
    """Run the load test, print its figures, and give 1 where the aim is missed."""
    chosen = read_arguments()
    targets = find_targets(open_atlas(ROOT))
    with tempfile.TemporaryDirectory(prefix="gzmap-load-") as folder, deployed(Path(folder)) as service:
        load = Load(service, targets, chosen)
        summary = asyncio.run(load.run())
    print(format_report(summary))
    for error, count in load.record.errors.most_common():
        print(f"{count} × {error}")
    if chosen.json:
        told = {"summary": summary, "errors": load.record.errors, "samples": [vars(one) for one in load.samples]}
        chosen.json.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    misses = list_misses(summary)
    print("\n".join(f"missed: {miss}" for miss in misses) or "the aim is reached")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
