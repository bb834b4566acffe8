"""An item is offered where it is sold: lately, and often enough, in one of the stores in which the customer shops."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Removal
from engine.nightly.shelf.sold_lately import SALES, STORE_ID, YEAR_DAYS
from engine.programme.shelf_section import Shelf
from models.ground.moment import Moment
from models.tables import CUSTOMER_NO, ITEM_NO

# A customer shops in the stores of this long before their own last purchase: who is silent has not changed stores.
OWN_DAYS = 84


@dataclass(frozen=True)
class OwnStores:
    """Takes items that none of the customer's stores has sold; who has no known store keeps all.

    Attributes:
        carried: stores x items, sorted: store_no x number of items + item_no of what is sold there.
        items: number of items.
        anywhere: (I,) items that are too new on sale to have been sold.
        visits: customer_no and store_no, each pair once; a store_no of -1 where nothing is carried at all.
        removal: what the log says.

    """

    carried: npt.NDArray[np.int64]
    items: int
    anywhere: npt.NDArray[np.bool_]
    visits: pd.DataFrame
    removal: Removal = field(default=Removal.NOT_IN_OWN_STORE)

    @classmethod
    def of(
        cls, sold: pd.DataFrame, purchases: Path, as_of: Moment, rules: Shelf, anywhere: npt.NDArray[np.bool_]
    ) -> "OwnStores":
        """Make a bucket's rule.

        Args:
            sold: `merge_sold`.
            purchases: of the bucket.
            as_of: what happened then or later is not known.
            rules: the programme's.
            anywhere: (I,) items that may not have been sold yet.

        """
        named = sold.dropna(subset=[STORE_ID])
        stores = pd.Index(named[STORE_ID].unique())
        there = named[named[SALES] >= rules.store_sales]
        keys = stores.get_indexer(there[STORE_ID]) * len(anywhere) + there[ITEM_NO].to_numpy(dtype=np.int64)
        visits = _visits(purchases, as_of)
        store_no = stores.get_indexer(visits[STORE_ID])
        return cls(np.sort(keys), len(anywhere), anywhere, visits[[CUSTOMER_NO]].assign(store_no=store_no))

    def bars(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        """(N,) whether none of the customer's stores has sold the candidate; as in `CandidateRule`."""
        del customers, item_id
        item_no = candidates[ITEM_NO].to_numpy(dtype=np.int64)
        pairs = pd.DataFrame(
            {CUSTOMER_NO: candidates[CUSTOMER_NO].to_numpy(), "row": np.arange(len(candidates))}
        ).merge(self.visits, on=CUSTOMER_NO)
        rows = pairs["row"].to_numpy(dtype=np.int64)
        store_no = pairs["store_no"].to_numpy(dtype=np.int64)
        sold = (store_no >= 0) & np.isin(store_no * self.items + item_no[rows], self.carried)
        known, found = np.zeros((2, len(candidates)), dtype=np.bool_)
        known[rows] = True
        found[rows[sold]] = True
        return np.asarray(known & ~found & ~self.anywhere[item_no])


def _visits(purchases: Path, as_of: Moment) -> pd.DataFrame:
    """customer_no and store_id of where a bucket's customers shop; who bought nowhere that is known is absent."""
    with duckdb.connect(config={"threads": 1}) as connection:
        return connection.execute(
            f"""
            WITH visit AS (
                SELECT DISTINCT customer_no, store_id, local_day FROM read_parquet('{purchases}')
                WHERE store_id IS NOT NULL AND quantity_milli > 0 AND purchased_at < ?
                  AND local_day >= CAST(? AS DATE) - {YEAR_DAYS})
            SELECT DISTINCT customer_no, store_id FROM visit
            QUALIFY local_day > max(local_day) OVER (PARTITION BY customer_no) - {OWN_DAYS} ORDER BY ALL
            """,
            [as_of.as_of, as_of.day],
        ).df()
