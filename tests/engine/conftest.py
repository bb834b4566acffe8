import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.settings import store_url_in
from engine.store import Store, open_store
from tests.engine.databases import BACKENDS, Databases


@pytest.fixture
def embedded_store(databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """The store where a server with the workspace `tmp_path` looks for it."""
    databases.embed(store_url_in(tmp_path))
    opened = open_store(store_url_in(tmp_path))
    yield opened
    opened.close()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Every test that takes `store` or `store_url` runs on each database, empty and its own."""
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


@pytest.fixture
def lived_shop(shop_after_a_night: Path, tmp_path: Path) -> Path:
    """A workspace of one's own, of a small shop after its first night."""
    return Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))


@pytest.fixture
def its_store(lived_shop: Path) -> Iterator[Store]:
    """The store of `lived_shop`."""
    opened = open_store(store_url_in(lived_shop))
    yield opened
    opened.close()
