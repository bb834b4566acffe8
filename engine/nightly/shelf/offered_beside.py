"""What customers are offered by the shop's other programmes at the same time: no item is offered to anybody twice."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Removal
from engine.nightly.shelf.offered_before import keys_of, placed
from models.tables import BUNDLE_ID, CUSTOMER_ID, ITEM_ID

BESIDE = (CUSTOMER_ID, BUNDLE_ID, ITEM_ID)


@dataclass(frozen=True)
class OfferedBeside:
    """Takes what a customer has in another programme's bundle that is valid while tonight's may be; `rows` are BESIDE."""

    rows: pd.DataFrame
    removal: Removal = Removal.OFFERED_BESIDE

    def bars(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        """See `CandidateRule`."""
        each = np.arange(len(item_id), dtype=np.int64)
        keys, kept = placed(self.rows, customers, item_id, each)
        return np.isin(keys_of(customers, candidates, each), keys[kept])


def beside_rules(file: Path) -> tuple[OfferedBeside, ...]:
    """The rule of a bucket's snapshot; none where no other programme offers anything."""
    return (OfferedBeside(pd.read_parquet(file)),) if file.exists() else ()
