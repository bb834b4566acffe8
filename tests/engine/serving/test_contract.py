"""Requests that the OpenAPI page allows, and ones that it does not, made by schemathesis: what comes back is as it says.

No 5xx, no status that is not documented, every body and header as its schema has it, on a store with offers.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engine.serving.app import create_app
from engine.settings import Settings
from tests.engine.databases import BACKENDS, Databases
from tests.engine.serving.conftest import served_shop

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def operations() -> list[str]:
    """Every operation of the page; no store is opened for it."""
    page = create_app(Settings(workspace=Path("nowhere"), clock="system")).openapi()
    return [f"{method.upper()} {path}" for path, methods in page["paths"].items() for method in methods]


@pytest.fixture(scope="module", params=BACKENDS)
def served(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, str]]:
    """A schema with the app behind it, on each database, and the secret of a key that may do everything."""
    with (
        databases.fresh(str(request.param)) as url,
        served_shop(url, tmp_path_factory.mktemp("contract"), ["0", "1", "1029", "anna"]) as (app, secret),
    ):
        yield schemathesis.openapi.from_asgi("/openapi.json", app), secret


def explore(served: tuple[Any, str], operation: str, examples: int) -> None:
    """Send that many requests of one operation, as the page describes them and not as it does, and check the answers."""
    schema, secret = served
    (found,) = [
        one.ok() for one in schema.get_all_operations() if isinstance(one, Ok) and one.ok().label == operation
    ]
    can_be_wrong = bool(found.body) or any(True for _ in found.iter_parameters())
    for mode in (GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if can_be_wrong else [])):

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=found.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {secret}"})
            case.validate_response(answer, checks=CHECKS)

        ask()


@pytest.mark.parametrize("operation", operations())
def test_what_comes_back_is_what_the_page_says(served: tuple[Any, str], operation: str) -> None:
    explore(served, operation, examples=4)


@pytest.mark.prove
@pytest.mark.parametrize("operation", operations())
def test_it_stays_so_for_many_requests(served: tuple[Any, str], operation: str) -> None:
    explore(served, operation, examples=300)
