"""For whom a bundle that was never served is still running, by the shadow logs of the nights before."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa

from engine.nightly.folder.run_folder import RunFolder
from models.ground.errors import BadInput
from models.tables import CUSTOMER_ID


def running_shadows(workspace: Path, run_ids: Collection[str], at: datetime) -> set[str]:
    """Customers whose shadow bundle of one of the runs ends after a moment; a run whose folder was pruned tells of nobody.

    Raises:
        BadInput: a shadow log cannot be read.
    """
    found: set[str] = set()
    for run_id in sorted(run_ids):
        for file in RunFolder.of(workspace, run_id).shadow_files():
            try:
                rows = pd.read_parquet(file, columns=[CUSTOMER_ID, "valid_to"])
            except (OSError, pa.ArrowInvalid) as error:
                raise BadInput(
                    f"{file} cannot be read; expected the shadow log that run {run_id} wrote. Bring it back from a copy of "
                    "the run folder, or prune the run."
                ) from error
            found |= set(rows.loc[rows["valid_to"] > pd.Timestamp(at), CUSTOMER_ID])
    return found
