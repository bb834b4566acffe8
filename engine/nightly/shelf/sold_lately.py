"""How often each item was sold lately in each store: bucket by bucket, then summed; what stores carry is seen in nothing else.

Memory goes with stores x items, never with customers. Purchases that name no store count in a store without a name.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.programme.shelf_section import Shelf
from models.features.catalogue import Catalogue
from models.ground.moment import Moment
from models.tables import ITEM_NO

YEAR_DAYS = 364
STORE_ID = "store_id"
# The columns that add up: days of a customer with the item, thousandths of units; and such days of a whole year.
SALES, UNITS_MILLI, YEAR_SALES = "sales", "units_milli", "year_sales"
_SUMS = [SALES, UNITS_MILLI, YEAR_SALES]


def asks_what_was_sold(rules: Shelf | None, stock: npt.NDArray[np.float64]) -> bool:
    """Tell whether a programme needs to know what was sold; `stock` is (I,) units, NaN where the shop does not say."""
    if rules is None:
        return False
    stocked = rules.stock_days > 0 and not np.isnan(stock).all()
    return stocked or rules.store_sales > 0 or rules.unsold_days > 0


def sold_part(purchases: Path, catalogue: Catalogue, as_of: Moment, rules: Shelf) -> pd.DataFrame:
    """One bucket's share: store_id (missing where unknown), item_no, sales and units_milli of `store_days`, year_sales."""
    of_items = catalogue.product_items.dropna(subset=[ITEM_NO])
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("of_items", of_items.astype({ITEM_NO: "int64"}))
        return connection.execute(
            f"""
            WITH sale AS (
                SELECT store_id, item_no, customer_no, local_day, sum(quantity_milli) AS quantity_milli
                FROM read_parquet('{purchases}') JOIN of_items USING (product_no)
                WHERE quantity_milli > 0 AND purchased_at < ? AND local_day >= CAST(? AS DATE) - {YEAR_DAYS}
                GROUP BY ALL)
            SELECT store_id, item_no,
                   count(*) FILTER (local_day >= CAST(? AS DATE) - {rules.store_days})::BIGINT AS {SALES},
                   coalesce(sum(quantity_milli) FILTER (local_day >= CAST(? AS DATE) - {rules.store_days}), 0)::BIGINT
                       AS {UNITS_MILLI},
                   count(*)::BIGINT AS {YEAR_SALES}
            FROM sale GROUP BY ALL ORDER BY ALL
            """,
            [as_of.as_of, as_of.day, as_of.day, as_of.day],
        ).df()


def merge_sold(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The whole shop's, of parts taken one at a time; rows by store and item, whatever their number and order."""
    whole = pd.DataFrame({STORE_ID: [], ITEM_NO: []} | {name: [] for name in _SUMS})
    for part in parts:
        whole = part if whole.empty else pd.concat([whole, part], ignore_index=True)
        whole = whole.groupby([STORE_ID, ITEM_NO], dropna=False, as_index=False)[_SUMS].sum()
    return whole.astype({STORE_ID: "str"} | dict.fromkeys((ITEM_NO, *_SUMS), "int64"))
