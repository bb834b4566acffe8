"""What customers would have had in bundles that were never served, by the shadow logs of the nights before."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from engine.nightly.folder.run_folder import RunFolder
from models.ground.errors import BadInput
from models.tables import CUSTOMER_ID, ITEM_ID


def past_shadows(
    workspace: Path, run_ids: Collection[str], customer_ids: Sequence[str], since: datetime, until: datetime
) -> pd.DataFrame:
    """Items of some customers' shadow bundles that ended after `since` and by `until`: customer_id, item_id, valid_from, valid_to.

    Raises:
        BadInput: a shadow log cannot be read.
    """
    files = [str(file) for name in sorted(run_ids) for file in RunFolder.of(workspace, name).shadow_files()]
    if not files:
        return pd.DataFrame(columns=[CUSTOMER_ID, ITEM_ID, "valid_from", "valid_to"])
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("asked", pd.DataFrame({CUSTOMER_ID: pd.Series(customer_ids, dtype="str")}))
        try:
            found = connection.execute(
                f"""SELECT {CUSTOMER_ID}, {ITEM_ID}, epoch_us(valid_from) AS valid_from, epoch_us(valid_to) AS valid_to FROM read_parquet(?) SEMI JOIN asked USING ({CUSTOMER_ID})
                WHERE valid_to > ? AND valid_to <= ? ORDER BY ALL""",
                [files, since, until],
            ).df()
        except duckdb.Error as error:
            raise BadInput(
                f"A shadow log of the runs {', '.join(sorted(run_ids))} cannot be read ({error}); bring it back from a copy of "
                "its run folder, or prune the run."
            ) from error
    return found.assign(
        **{name: pd.to_datetime(found[name], unit="us", utc=True) for name in ("valid_from", "valid_to")}
    )
