"""What the OpenAPI document of /ogc promises, asked for by schemathesis: no failure, and answers as described."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.applications import Starlette

from gzmap.atlas import Atlas
from gzmap.server import build_routes
from tests.conftest import ROOT

FEW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


LAYERS = ("wetlands", "labels", "unsited")
"""Areas, points, and one without any place; all layers are described by the same lines."""

ENDS = ("", "/queryables", "/schema", "/items", "/items/{featureId}")
PATHS = (
    *("/", "/conformance", "/openapi", "/collections"),
    *(f"/collections/{layer}{end}" for layer in LAYERS for end in ENDS),
)
RULED = {"bbox", "bbox-crs", "datetime", "filter"}
"""Parameters with rules that OpenAPI has no words for, such as lower bounds before upper ones."""


@pytest.fixture(scope="module")
def described() -> Iterator[schemathesis.BaseSchema]:
    """The document as the service gives it, and the service behind it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GZMAP_ROOT", str(ROOT))
        yield schemathesis.openapi.from_asgi("/ogc/openapi", Starlette(routes=build_routes()))


def test_every_layer_is_described(described: schemathesis.BaseSchema, atlas: Atlas) -> None:
    wanted = {f"/collections/{layer}{end}" for layer in atlas.layers for end in ENDS}
    assert set(described) == wanted | set(PATHS[:4])


@pytest.mark.parametrize("path", PATHS)
def test_answers_are_as_described(described: schemathesis.BaseSchema, path: str) -> None:
    seen = set()

    @FEW
    @given(case=described[path]["GET"].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def ask(case: schemathesis.Case) -> None:
        may_be_refused = RULED & set(case.query or ())
        answer = case.call_and_validate(excluded_checks=[positive_data_acceptance] if may_be_refused else [])
        seen.add(answer.status_code)

    ask()
    assert 200 in seen or "{featureId}" in path
    assert seen <= {200, 400, 404}


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_described_is_refused(described: schemathesis.BaseSchema, path: str) -> None:
    seen = set()

    @FEW
    @given(case=described[path]["GET"].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def ask(case: schemathesis.Case) -> None:
        seen.add(case.call_and_validate().status_code)

    ask()
    assert seen <= {400, 404}
