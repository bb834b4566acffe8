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
# Whole numbers of each item and store, days on display and in the mailer, and days times basis points off; and what a
# product counts at most of each in a store.
MOST = {
    "display_now": PLANNED_DAYS,
    "mailer_now": PLANNED_DAYS,
    "off_now": PLANNED_DAYS * 10_000,
    "display_last": LAST_DAYS,
    "mailer_last": LAST_DAYS,
    "display_before": DAYS_BEFORE,
    "mailer_before": DAYS_BEFORE,
    "off_before": DAYS_BEFORE * 10_000,
}
COUNTS = tuple(MOST)
FAMILY_COUNTS = ("display_now", "mailer_now", "display_before", "mailer_before")
PLANNED_OFF = "planned_off_minor"


@dataclass(frozen=True)
class ShopShares:
    """Shares of days, 0 to 1, by name in COUNTS: of items, shape (items,), and of families, shape (families,).

    Attributes:
        always: by promotions of every store.
        in_all: the mean of all stores of which anything is known.
        of_family: products of each family.
        family_always, family_in_all: the same as the first two, the mean of a family's products.
    """

    always: dict[str, np.ndarray]
    in_all: dict[str, np.ndarray]
    of_family: np.ndarray
    family_always: dict[str, np.ndarray]
    family_in_all: dict[str, np.ndarray]


@dataclass(frozen=True)
class PromotedWeeks:
    """What is promoted around a moment.

    Attributes:
        rows: a row an item and store in which anything of it was or is planned to be promoted: item_no, store_id (a
            category, missing: in every store), COUNTS, planned_off_minor (what a unit is cheaper by on most days of the
            coming week, 0 where it is not), planned (anything at all in the coming week).
        products: shape (items,), products of each item.
        fine_no: shape (items,), the family of each item, -1 where it has none.
    """

    rows: pd.DataFrame
    products: np.ndarray
    fine_no: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame, catalogue: Catalogue) -> "PromotedWeeks":
        """The same rows, as they are kept, with what the catalogue knows of the items."""
        return cls(rows, products_of(catalogue), catalogue.items["fine_no"].to_numpy())

    @property
    def stores(self) -> pd.DataFrame:
        """The stores of which anything is known: store_no, store_id."""
        names = self.rows["store_id"].cat.categories.astype("str")
        return pd.DataFrame({"store_no": np.arange(len(names), dtype=np.int32), "store_id": names})

    @cached_property
    def in_stores(self) -> pd.DataFrame:
        """The rows of single stores: item_no, store_no, COUNTS, planned_off_minor."""
        rows = self.rows.assign(store_no=self.rows["store_id"].cat.codes.astype(np.int32))
        return rows.loc[rows["store_no"] >= 0, [ITEM_NO, "store_no", *COUNTS, PLANNED_OFF]]

    @cached_property
    def everywhere(self) -> pd.DataFrame:
        """COUNTS and planned_off_minor of what is promoted in every store; index item_no, all items."""
        rows = self.rows[self.rows["store_id"].isna()].set_index(ITEM_NO)[[*COUNTS, PLANNED_OFF]]
        return rows.reindex(range(len(self.products)), fill_value=0)

    @cached_property
    def families_in_stores(self) -> pd.DataFrame:
        """Sums over each family's items: fine_no, store_no, and the days of COUNTS."""
        rows = self.in_stores
        fine_no = self.fine_no[rows[ITEM_NO]].astype(np.int64)
        stores = max(len(self.stores), 1)
        key = fine_no * stores + rows["store_no"].to_numpy()
        known, place = np.unique(key[fine_no >= 0], return_inverse=True)
        sums = {
            name: np.bincount(place, rows[name].to_numpy()[fine_no >= 0], len(known)).astype(np.int32)
            for name in FAMILY_COUNTS
        }
        return pd.DataFrame({"fine_no": known // stores, "store_no": known % stores, **sums}).astype("int32")

    @cached_property
    def shares(self) -> "ShopShares":
        """What is the same for every customer."""
        local, stores = self.in_stores, max(len(self.stores), 1)
        place, items, families = (
            local[ITEM_NO].to_numpy(),
            len(self.products),
            int(self.fine_no.max(initial=0)) + 1,
        )
        of_family = np.maximum(totals(self.fine_no, self.products, families), 1)
        always: dict[str, np.ndarray] = {}
        in_all: dict[str, np.ndarray] = {}
        family_always: dict[str, np.ndarray] = {}
        family_in_all: dict[str, np.ndarray] = {}
        for name, most in MOST.items():
            total, everywhere = totals(place, local[name].to_numpy(), items), self.everywhere[name].to_numpy()
            always[name] = everywhere / (most * self.products)
            in_all[name] = np.minimum(total / (stores * most * self.products) + always[name], 1.0)
            if name in FAMILY_COUNTS:
                family_always[name] = totals(self.fine_no, everywhere, families) / (most * of_family)
                whole = totals(self.fine_no, total, families) / (stores * most * of_family)
                family_in_all[name] = np.minimum(whole + family_always[name], 1.0)
        return ShopShares(always, in_all, of_family, family_always, family_in_all)

    @property
    def knows_a_plan(self) -> bool:
        """Whether anything is planned for the coming week: where nothing is, nobody has said what is."""
        return bool(self.rows["planned"].any())


def products_of(catalogue: Catalogue) -> np.ndarray:
    """How many products each item is made of, shape (items,)."""
    item_no = catalogue.product_items[ITEM_NO].dropna().to_numpy(dtype=np.int64)
    return np.maximum(np.bincount(item_no, minlength=len(catalogue)), 1)


def totals(place: np.ndarray, amount: np.ndarray, count: int) -> np.ndarray:
    """Sums of whole numbers by place, exact below 2^53, shape (count,); places below zero count nowhere."""
    there = place >= 0
    return np.bincount(place[there], amount[there], count)


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
        near = connection.read_parquet(str(promotions)).filter(
            f"starts_on < DATE '{day}' + {PLANNED_DAYS} AND ends_on >= DATE '{day}' - {DAYS_BEFORE}"
        )
        near.create("near")
        # Numbers in the place of names: rows are many, stores are few.
        connection.execute("""CREATE TABLE stores AS SELECT store_id, (row_number() OVER (ORDER BY store_id) - 1)::INTEGER AS store_no
            FROM (SELECT DISTINCT store_id FROM near WHERE store_id IS NOT NULL)""")
        connection.register("product_items", catalogue.product_items)
        products = products_of(catalogue)
        item_no = np.arange(len(unit_minor), dtype=np.int32)
        prices = pd.DataFrame({ITEM_NO: item_no, "unit_minor": unit_minor, "products": products})
        connection.register("priced", prices)
        connection.execute(
            "CREATE TABLE item_prices AS SELECT item_no, CASE WHEN isnan(unit_minor) THEN NULL"
            " ELSE CAST(round(unit_minor) AS BIGINT) END AS unit_minor, products FROM priced"
        )
        rows = connection.sql(read_sql("promoted_weeks.sql").strip().rstrip(";")).df()
        names = connection.sql("SELECT store_id FROM stores ORDER BY store_no").df()["store_id"].astype("str")
    # Nearly all numbers are days of a week.
    small = {name: pd.to_numeric(rows[name], downcast="unsigned") for name in (*COUNTS, PLANNED_OFF)}
    stores = pd.Categorical.from_codes(
        rows["store_no"].to_numpy(), categories=pd.Index(names.to_numpy(), dtype="str")
    )
    kept = rows.drop(columns="store_no").assign(store_id=stores, **small)
    return PromotedWeeks.of(kept[[ITEM_NO, "store_id", *COUNTS, PLANNED_OFF, "planned"]], catalogue)


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
