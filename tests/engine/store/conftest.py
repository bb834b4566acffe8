from collections.abc import Iterator

import pytest

from engine.store import Store, open_store
from tests.engine.databases import BACKENDS, Databases


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Every test of this folder that takes `store` or `store_url` runs on each database, empty and its own."""
    return str(request.param)


@pytest.fixture
def store_url(backend: str, databases: Databases) -> Iterator[str]:
    with databases.fresh(backend) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()
