from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.settings import store_url_in
from engine.store import Store, open_store


@pytest.fixture
def embedded_store(tmp_path: Path) -> Iterator[Store]:
    """The store where a server with the workspace `tmp_path` looks for it."""
    opened = open_store(store_url_in(tmp_path))
    yield opened
    opened.close()
