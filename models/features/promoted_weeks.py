"""What the chain promotes for everybody in the week that begins at a moment, and before it, in every store.

The rule of what may be known: of the days after the moment those of one week, PLANNED_DAYS, and nothing else. A retailer
has the week's mailer printed by then. A promotion that is stored is taken to have been planned as it is stored: what was
added later for days past counts as though it had been known. The same table tells the night which items are as cheap for everybody.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from models.features.bucket_history import read_sql
from models.features.catalogue import Catalogue
from models.ground.moment import Moment
from models.tables import CUSTOMER_NO, ITEM_NO

# Days after the moment of which the plan is read, and days before it that a week is compared with; promoted_weeks.sql
# has them as well.
PLANNED_DAYS, DAYS_BEFORE, LAST_DAYS = 7, 56, 7
# A customer's stores are those of their visits in so many days; promoted_pairs.sql has it as well.
STORE_DAYS = 84
# Whole numbers of each item and store: days on display and in the mailer, and days times basis points off, of a product each.
COUNTS = (
    "display_now",
    "mailer_now",
    "off_now",
    "display_last",
    "mailer_last",
    "display_before",
    "mailer_before",
    "off_before",
)
PLANNED_OFF = "planned_off_minor"


@dataclass(frozen=True)
class PromotedWeeks:
    """What is promoted around a moment.

    Attributes:
        rows: a row an item and store in which anything of it was or is planned to be promoted: item_no, store_id
            (missing: in every store), COUNTS, planned_off_minor (what a unit is cheaper by on most days of the
            coming week, 0 where it is not), planned (anything at all in the coming week).
        products: shape (items,), products of each item.
    """

    rows: pd.DataFrame
    products: np.ndarray

    @cached_property
    def stores(self) -> pd.DataFrame:
        """The stores of which anything is known: store_no, store_id."""
        names = np.sort(self.rows["store_id"].dropna().unique())
        return pd.DataFrame({"store_no": np.arange(len(names), dtype=np.int32), "store_id": names})

    @cached_property
    def in_stores(self) -> pd.DataFrame:
        """The rows of single stores: item_no, store_no, COUNTS, planned_off_minor."""
        rows = self.rows[self.rows["store_id"].notna()]
        places = np.searchsorted(self.stores["store_id"].to_numpy(), rows["store_id"].to_numpy())
        return rows.assign(store_no=places.astype(np.int32))[[ITEM_NO, "store_no", *COUNTS, PLANNED_OFF]]

    @cached_property
    def everywhere(self) -> pd.DataFrame:
        """COUNTS and planned_off_minor of what is promoted in every store; index item_no, all items."""
        rows = self.rows[self.rows["store_id"].isna()].set_index(ITEM_NO)[[*COUNTS, PLANNED_OFF]]
        return rows.reindex(range(len(self.products)), fill_value=0)

    @property
    def knows_a_plan(self) -> bool:
        """Whether anything is planned for the coming week: where nothing is, nobody has said what is."""
        return bool(self.rows["planned"].any())


def read_promoted_weeks(
    promotions: Path, catalogue: Catalogue, moment: Moment, unit_minor: np.ndarray
) -> PromotedWeeks:
    """Read the promotions around a moment.

    Args:
        promotions: the load's file.
        catalogue: the items.
        moment: the coming week begins on its day.
        unit_minor: shape (items,), the price of a unit without a promotion, NaN where unknown.
    """
    day = moment.day.isoformat()
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("CREATE TABLE moment AS SELECT ?::DATE AS as_of_day", [day])
        connection.read_parquet(str(promotions)).filter(
            f"starts_on < DATE '{day}' + {PLANNED_DAYS} AND ends_on >= DATE '{day}' - {DAYS_BEFORE}"
        ).create_view("promotions")
        connection.register("product_items", catalogue.product_items)
        prices = pd.DataFrame({ITEM_NO: np.arange(len(unit_minor), dtype=np.int32), "unit_minor": unit_minor})
        connection.register("priced", prices)
        connection.execute(
            "CREATE TABLE item_prices AS SELECT item_no, CASE WHEN isnan(unit_minor) THEN NULL"
            " ELSE CAST(round(unit_minor) AS BIGINT) END AS unit_minor FROM priced"
        )
        rows = connection.sql(read_sql("promoted_weeks.sql").strip().rstrip(";")).df()
    return PromotedWeeks(rows, products_of(catalogue))


def products_of(catalogue: Catalogue) -> np.ndarray:
    """How many products each item is made of, shape (items,)."""
    item_no = catalogue.product_items[ITEM_NO].dropna().to_numpy(dtype=np.int64)
    return np.maximum(np.bincount(item_no, minlength=len(catalogue)), 1)


def planned_off_minor(
    history: duckdb.DuckDBPyConnection, promoted: PromotedWeeks, candidates: pd.DataFrame
) -> np.ndarray:
    """What a unit of each candidate is cheaper by for everybody on most days of the coming week, (n,) floats, 0 for nothing.

    In the store in which the customer was most often lately; where that is not known, or nothing is planned for it alone,
    what is planned for every store.

    Args:
        history: an `open_history` connection of the bucket.
        promoted: the shop's promotions.
        candidates: customer_no, item_no.
    """
    everywhere = promoted.everywhere[PLANNED_OFF].to_numpy(dtype=np.float64)[candidates[ITEM_NO]]
    local = promoted.in_stores[promoted.in_stores[PLANNED_OFF] > 0]
    if not len(local):
        return np.asarray(everywhere)
    history.register("promotion_stores", promoted.stores)
    usual = history.sql(f"""SELECT customer_no, store_no FROM (
            SELECT customer_no, store_no, count(DISTINCT local_day) AS visits
            FROM standing CROSS JOIN moment LEFT JOIN promotion_stores USING (store_id)
            WHERE local_day >= as_of_day - {STORE_DAYS} AND store_id IS NOT NULL GROUP BY ALL)
        QUALIFY row_number() OVER (PARTITION BY customer_no ORDER BY visits DESC, store_no) = 1""").df()
    history.unregister("promotion_stores")
    asked = candidates[[CUSTOMER_NO, ITEM_NO]].merge(usual.dropna(), on=CUSTOMER_NO, how="left")
    found = asked.merge(local[[ITEM_NO, "store_no", PLANNED_OFF]], on=[ITEM_NO, "store_no"], how="left")
    return np.asarray(np.maximum(everywhere, found[PLANNED_OFF].fillna(0).to_numpy(dtype=np.float64)))
