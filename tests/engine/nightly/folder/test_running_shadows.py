from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.nightly.folder.run_folder import RunFolder, write_parquet
from engine.nightly.folder.running_shadows import running_shadows
from models.ground.errors import BadInput

RUN, PRUNED = "2017-12-04.1", "2017-12-03.1"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Anna's shadow bundle ends on the 8th, Boris's on the 10th."""
    ends = pd.to_datetime(["2017-12-08", "2017-12-08", "2017-12-10"], utc=True)
    rows = pd.DataFrame({"customer_id": ["anna", "anna", "boris"], "valid_to": ends})
    write_parquet(RunFolder.of(tmp_path, RUN).shadows(0), rows)
    return tmp_path


@pytest.mark.parametrize(("day", "who"), [(7, {"anna", "boris"}), (8, {"boris"}), (10, set())])
def test_a_shadow_runs_to_just_before_its_end(workspace: Path, day: int, who: set[str]) -> None:
    assert running_shadows(workspace, [RUN, PRUNED], datetime(2017, 12, day, tzinfo=UTC)) == who


def test_a_damaged_shadow_log_is_named(workspace: Path) -> None:
    RunFolder.of(workspace, RUN).shadows(0).write_bytes(b"no table")
    with pytest.raises(
        BadInput, match=f"bucket=0000.parquet cannot be read; expected the shadow log that run {RUN} wrote"
    ):
        running_shadows(workspace, [RUN], datetime(2017, 12, 7, tzinfo=UTC))
