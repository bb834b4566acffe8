"""What a finished run offered against what was on the shelf, in numbers."""

import duckdb
import numpy as np
import pandas as pd

from engine.domain.eligibility import Removal
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.shelf.assortment import REMOVAL_CODES, UNKNOWN_STOCK, Assortment
from engine.nightly.shelf.stock_lots import stock_share
from engine.programme.shelf_section import Shelf
from models.tables import ITEM_ID


def shelf_figures(
    folder: RunFolder, assortment: Assortment, sold: pd.DataFrame | None, rules: Shelf | None
) -> dict[str, dict[str, int]]:
    """Count the items that were kept out for the shelf's sake, and those that are offered beyond it.

    Args:
        folder: the run's.
        assortment: the night's items.
        sold: what was sold lately, None where nothing asked for it.
        rules: the programme's.

    Returns:
        shelf, where something was asked: sold_out and sold_no_more; scarce, items on the shelf and offered to some by lot; over_stock, items of which the bundles
        are expected to use more units than there are.

    """
    if sold is None or rules is None:
        return {}
    told = assortment.stock != UNKNOWN_STOCK
    share = np.ones(len(told))
    if rules.stock_days > 0:
        share = stock_share(np.where(told, assortment.stock, np.nan), sold, rules)
    with duckdb.connect(config={"threads": 1}) as connection:
        used = connection.execute(
            f"SELECT item_id, sum(p_buy * expected_units) AS units FROM read_parquet('{folder.path}/slots/*.parquet') GROUP BY 1"
        ).df()
    units = pd.Series(used["units"].to_numpy(), index=used[ITEM_ID]).reindex(
        assortment.item_id, fill_value=0.0
    )
    removed = {
        rule: int((assortment.removed_by == REMOVAL_CODES[rule]).sum())
        for rule in (Removal.SOLD_OUT, Removal.SOLD_NO_MORE)
    }
    found = {
        "sold_out": removed[Removal.SOLD_OUT],
        "sold_no_more": removed[Removal.SOLD_NO_MORE],
        "scarce": int(((share < 1) & (assortment.stock > 0)).sum()),
        "over_stock": int((told & (units.to_numpy(dtype=np.float64) > assortment.stock)).sum()),
    }
    return {"shelf": found}
