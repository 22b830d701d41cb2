"""What is counted of a running service. No name, address, question or place of a person is ever a label.

The only door to prometheus-client: the page and the routes count here, `gzmap.server` gives the counts out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
STEPS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
"""Upper ends of the histograms' classes, in seconds."""

# When a count began is of no use to anybody here, and a line for each.
disable_created_metrics()

# Not the library's own registry: what another package counts there is no business of ours to give out.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

SESSIONS = Gauge("gzmap_sessions", "Open pages: websockets that are held.", registry=REGISTRY)
SESSIONS_OPENED = Counter("gzmap_sessions_opened", "Pages opened since the start.", registry=REGISTRY)
REQUESTS = Counter("gzmap_requests", "Answered requests.", ("route", "method", "status"), registry=REGISTRY)
REQUEST_SECONDS = Histogram(
    "gzmap_request_seconds", "Seconds until an answer was sent.", ("route",), buckets=STEPS_S, registry=REGISTRY
)
RERUN_SECONDS = Histogram(
    "gzmap_rerun_seconds", "Seconds of one run of the page.", ("page",), buckets=STEPS_S, registry=REGISTRY
)
REFUSED = Counter("gzmap_refused", "Requests and pages refused, by the limit.", ("limit",), registry=REGISTRY)
ERRORS = Counter("gzmap_errors", "Errors in the log, by the part that wrote them.", ("part",), registry=REGISTRY)
ATLAS = Info("gzmap_atlas", "Edition and contents of what is served.", registry=REGISTRY)
ATLAS_UP = Gauge("gzmap_atlas_up", "1 where the project opens, 0 where it does not.", registry=REGISTRY)
LAYERS = Gauge("gzmap_layers", "Layers that are served and left out.", ("state",), registry=REGISTRY)


@contextmanager
def timed_rerun(page: str) -> Iterator[None]:
    """Measure one run of a page, however it ends.

    Parameters
    ----------
    page
        Key of the page, such as ``map``: of a closed list, never what a person typed.
    """
    start = time.perf_counter()
    try:
        yield
    finally:
        RERUN_SECONDS.labels(page).observe(time.perf_counter() - start)


def note_atlas(about: Mapping[str, str], *, served: int, left_out: int) -> None:
    """Take down what is served.

    Parameters
    ----------
    about
        Edition, its date and digest, as label names and values.
    served, left_out
        Numbers of layers.
    """
    ATLAS.info(dict(about))
    ATLAS_UP.set(1)
    LAYERS.labels("served").set(served)
    LAYERS.labels("left_out").set(left_out)


def dump_metrics() -> bytes:
    """Write all counts in Prometheus' text format."""
    return generate_latest(REGISTRY)
