"""What all tests share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from models.running.terminal import wait_politely
from tests.engine.databases import Databases
from tests.slow import mark_slow

wait_politely()
# A law is about what comes out, on a busy machine too; how long things take is measured in tests/benchmarks.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_slow(items)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """SQLite files and one PostgreSQL server for the whole session."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def opened_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workspace of a small shop with its model, before its first night; to be copied, never written to."""
    from tests.engine.nightly.shop_nights import open_shop

    workspace = tmp_path_factory.mktemp("opened")
    open_shop(workspace)
    return workspace


@pytest.fixture(scope="session")
def shop_after_a_night(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same workspace after its first night; to be copied, never written to."""
    from tests.engine.nightly.shop_nights import FIRST_NIGHT, night

    workspace = Path(shutil.copytree(opened_shop, tmp_path_factory.mktemp("nights") / "workspace"))
    night(workspace, FIRST_NIGHT)
    return workspace
