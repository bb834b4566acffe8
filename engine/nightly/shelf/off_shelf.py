"""What nobody can buy tonight: it is sold out, or it has not been sold anywhere for longer than its sales explain."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Removal
from engine.nightly.shelf.sold_lately import YEAR_DAYS, YEAR_SALES
from engine.programme.shelf_section import Shelf
from models.tables import ITEM_NO

# Sales that a silence should have had: nobody buying by chance has a probability of exp(-3), 5 % (Poisson).
_SALES_MISSED = 3.0


def off_shelf(
    stock: npt.NDArray[np.float64], item_table: pd.DataFrame, sold: pd.DataFrame | None, rules: Shelf | None
) -> list[Removal | None]:
    """Say of every item why it is not on the shelf, None where it may be.

    Args:
        stock: (I,) units, NaN where the shop does not say.
        item_table: index item_no: first_sold_days, last_sold_days.
        sold: `merge_sold`, None where it was not asked for.
        rules: the programme's.

    """
    if rules is None:
        return [None] * len(stock)
    sold_out = (stock <= 0) & (rules.stock_days > 0)
    gone = np.zeros(len(stock), dtype=np.bool_)
    if sold is not None and rules.unsold_days > 0:
        silent = item_table["last_sold_days"].to_numpy(dtype=np.float64)
        span = np.minimum(item_table["first_sold_days"].to_numpy(dtype=np.float64), YEAR_DAYS) - silent + 1
        sales = sold.groupby(ITEM_NO)[YEAR_SALES].sum().reindex(range(len(stock)), fill_value=0)
        missed = sales.to_numpy(dtype=np.float64) / np.maximum(span, 1) * silent
        # Comparisons with what is not known are false: an item that was never sold is new, not gone.
        gone = (silent > rules.unsold_days) & ((missed >= _SALES_MISSED) | (silent > YEAR_DAYS))
    return [
        Removal.SOLD_OUT if out else Removal.SOLD_NO_MORE if left else None
        for out, left in zip(sold_out.tolist(), gone.tolist(), strict=True)
    ]
