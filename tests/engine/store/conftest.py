from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store import Store, open_store

# Every test of this folder that takes `store` runs on each of them.
BACKENDS = ("sqlite",)


@pytest.fixture(params=BACKENDS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    assert request.param == "sqlite"
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()
