from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.settings import store_url_in
from engine.store import Store, open_store
from tests.engine.databases import Databases


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """SQLite files and one PostgreSQL server for the whole session."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.stop()


@pytest.fixture
def embedded_store(tmp_path: Path) -> Iterator[Store]:
    """The store where a server with the workspace `tmp_path` looks for it."""
    opened = open_store(store_url_in(tmp_path))
    yield opened
    opened.close()
