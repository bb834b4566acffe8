from collections.abc import Iterator

import pytest

from engine.store import Store, open_store
from tests.engine.databases import BACKENDS, Databases


@pytest.fixture(params=BACKENDS)
def store_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    with databases.fresh(request.param) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()
