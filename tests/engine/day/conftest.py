from collections.abc import Iterator

import pytest

from engine.store import Store, open_store
from tests.engine.databases import BACKENDS, Databases


@pytest.fixture(params=BACKENDS)
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Store]:
    """An empty store; every test of this folder that takes it runs on each database."""
    with databases.fresh(request.param) as url:
        opened = open_store(url)
        yield opened
        opened.close()
