"""What a customer was not offered because everybody gets it as cheap, from what the night wrote about them."""

import pandas as pd

from engine.domain.eligibility import Removal
from engine.nightly.folder.run_folder import RunFolder
from models.tables import CUSTOMER_ID


def left_out_for_promotion(folder: RunFolder, customer_id: str) -> list[str]:
    """Return the item ids that would have been next and were left out as `planned_promotion`, in their order.

    Raises:
        BadInput: a file of the run is missing or was changed.
    """
    if not folder.promoted.exists() or not folder.is_finished:
        return []
    rule, found = Removal.PLANNED_PROMOTION.value, list[str]()
    for file in folder.checked_files("slots"):
        asked = [(CUSTOMER_ID, "==", customer_id), ("runner_up_rule", "==", rule)]
        found += pd.read_parquet(file, columns=["runner_up"], filters=asked)["runner_up"].tolist()
    return list(dict.fromkeys(found))
