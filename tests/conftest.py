"""What all tests share."""

from collections.abc import Iterator

import pytest

from models.running.terminal import wait_politely
from tests.engine.databases import Databases

wait_politely()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """SQLite files and one PostgreSQL server for the whole session."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.stop()
