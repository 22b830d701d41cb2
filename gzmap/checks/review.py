"""All checks of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from gzmap.checks.accounts import check_accounts, check_exceptions, check_ledger
from gzmap.checks.features import check_accuracy, check_categories, check_ids, check_properties, check_sources
from gzmap.checks.files import check_derived, check_format, check_given, check_links
from gzmap.checks.findings import CODES, Finding
from gzmap.checks.geometry import check_geometry
from gzmap.checks.links import check_evidence, check_mentions, check_toponyms
from gzmap.checks.measures import check_measures
from gzmap.checks.reading import Project, read_project
from gzmap.checks.relations import check_relations

CHECKS: tuple[Callable[[Project], Iterator[Finding]], ...] = (
    check_ids,
    check_geometry,
    check_properties,
    check_categories,
    check_sources,
    check_given,
    check_links,
    check_accuracy,
    check_evidence,
    check_mentions,
    check_toponyms,
    check_ledger,
    check_exceptions,
    check_accounts,
    check_relations,
    check_measures,
    check_derived,
    check_format,
)


def check_atlas(root: Path) -> tuple[Finding, ...]:
    """Check all data of a project.

    Broken data gives findings, never an error: a layer that cannot be read is told, and the others are still checked.

    Parameters
    ----------
    root
        The folder that holds ``layers/`` and ``geodata/``.

    Returns
    -------
    tuple
        Files that cannot be read first, then in the order of `CODES` and of the files; empty when all is well.
    """
    project = read_project(root)
    found = [finding for file in project.files for finding in file.findings]
    # Coordinates beyond all reason overflow in shapely and numpy; the checks tell them, a warning would tell nobody.
    with np.errstate(all="ignore"):
        found += [finding for check in CHECKS for finding in check(project)]
    order = list(CODES)
    return tuple(sorted(found, key=lambda f: order.index(f.code)))
