"""Where there is less of an item than is sold until the next delivery, it is offered to a share of customers, drawn by lot."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.arms import is_drawn, salt_of
from engine.domain.eligibility import Removal
from engine.nightly.night import Night
from engine.nightly.shelf.sold_lately import UNITS_MILLI
from engine.programme.shelf_section import Shelf
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_NO


@dataclass(frozen=True)
class StockLots:
    """Takes scarce items from all but as large a share of their customers as the stock serves.

    Attributes:
        share: (I,) of customers who may have each item, 1 where there is enough or nobody knows.
        salt: draws the lots, others every night.
        removal: what the log says.

    """

    share: npt.NDArray[np.float64]
    salt: bytes
    removal: Removal = field(default=Removal.SCARCE)

    @classmethod
    def of(
        cls, stock: npt.NDArray[np.float64], sold: pd.DataFrame | None, rules: Shelf, night: Night
    ) -> "StockLots":
        """Make the rule of a night.

        Args:
            stock: (I,) units, NaN where the shop does not say.
            sold: `merge_sold`, None where it was not asked for.
            rules: the programme's.
            night: the run.

        """
        share = np.ones(len(stock))
        if sold is not None and rules.stock_days > 0:
            share = stock_share(stock, sold, rules)
        day = night.valid_from.date().isoformat()
        return cls(share, salt_of(night.programme.seed, f"stock/{day}"))

    def bars(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        """(N,) whether each candidate's lot fell on nothing; as in `CandidateRule`."""
        item_no = candidates[ITEM_NO].to_numpy(dtype=np.int64)
        share = self.share[item_no]
        barred = np.zeros(len(candidates), dtype=np.bool_)
        rows = np.flatnonzero(share < 1)
        names = customers.set_index(CUSTOMER_NO)[CUSTOMER_ID].reindex(candidates[CUSTOMER_NO].iloc[rows])
        for row, name in zip(rows.tolist(), names.tolist(), strict=True):
            barred[row] = not is_drawn(f"{name}/{item_id[item_no[row]]}", self.salt, share[row])
        return barred


def stock_share(stock: npt.NDArray[np.float64], sold: pd.DataFrame, rules: Shelf) -> npt.NDArray[np.float64]:
    """(I,) what there is against what is sold in `stock_days`, at most 1; 1 where either is not known."""
    units = sold.groupby(ITEM_NO)[UNITS_MILLI].sum().reindex(range(len(stock)), fill_value=0)
    wanted = units.to_numpy(dtype=np.float64) / 1000 / rules.store_days * rules.stock_days
    return np.clip(
        np.divide(stock, wanted, out=np.ones(len(stock)), where=(wanted > 0) & ~np.isnan(stock)), 0, 1
    )
