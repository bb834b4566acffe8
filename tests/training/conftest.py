from datetime import date
from pathlib import Path

import pytest

from models.sources import Data, load, open_data
from tests.shop import write_shop


@pytest.fixture(scope="session")
def grocer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder of a shop of 40 customers whose purchases go on for ten days after 2024-05-01."""
    folder = tmp_path_factory.mktemp("grocer")
    write_shop(folder, customers=40, products=40, days=170, seed=3, last_day=date(2024, 5, 10))
    return folder


@pytest.fixture(scope="session")
def grocer_data(grocer: Path, tmp_path_factory: pytest.TempPathFactory) -> Data:
    """The same shop, loaded in two buckets."""
    workspace = tmp_path_factory.mktemp("grocer-workspace")
    load(grocer, workspace, buckets=2)
    return open_data(workspace)
