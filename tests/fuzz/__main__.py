"""``make fuzz``: every property with very many cases, and a table of what came of it."""

from __future__ import annotations

import argparse
import secrets
import sys
import time

from tests.fuzz import Property, tally
from tests.hostile_exports import EXPORTS
from tests.hostile_outputs import OUTPUTS
from tests.hostile_parsers import PARSERS
from tests.hostile_queries import QUERIES

ROW = "{:<44} {:>8} {:>8} {:>6} {:>8}"


def main(arguments: list[str]) -> int:
    """Try the properties; 1 where one does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="of all properties together")
    parser.add_argument("--only", default="", help="properties whose name has this word")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="that of an earlier run repeats it")
    told = parser.parse_args(arguments)
    chosen = [p for p in (*PARSERS, *QUERIES, *EXPORTS, *OUTPUTS) if told.only in p.name]
    if not chosen:
        parser.error(f"no property has {told.only!r} in its name")
    return run(chosen, told.cases, seed=told.seed)


def run(properties: list[Property], cases: int, *, seed: int) -> int:
    """Try properties with so many cases together, shared out by their weight, and print the table."""
    whole = sum(p.weight for p in properties)
    print(f"seed {seed}")
    print(ROW.format("property", "cases", "crashes", "lost", "seconds"), flush=True)
    rows = []
    for prop in properties:
        start = time.perf_counter()
        # Hypothesis stops a little early where a strategy has few values.
        row = tally(prop, max(1, round(1.01 * cases * prop.weight / whole)), seed=seed)
        rows.append(row)
        seconds = f"{time.perf_counter() - start:.1f}"
        print(ROW.format(row.name, row.cases, row.crashes, row.lost, seconds), flush=True)
        for line in row.told:
            print(f"    {line!a}", flush=True)
    sums = [sum(getattr(row, field) for row in rows) for field in ("cases", "crashes", "lost")]
    print(ROW.format(f"{len(rows)} properties", *sums, ""))
    return 1 if sums[1] or sums[2] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
