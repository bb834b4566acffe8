"""How customers buy: money, margin and discounts of the current period and the ones before it."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from models.features.bucket_history import read_sql
from models.tables import COST_MINOR, CUSTOMER_NO, FAMILY_LEVELS, ITEM_NO

COLUMNS = (
    CUSTOMER_NO,
    "paid_minor_ever",
    "margin_minor_ever",
    "cost_known",
    "paid_minor",
    "discount_minor",
    "margin_minor",
    "paid_minor_before",
    "discount_minor_before",
    "visits_in_period",
    "buys",
    "deal_buys",
    "plain_buys_before",
    "best_paid_minor",
    "families",
    "longest_gap_days",
    "returned_days_ago",
)


@dataclass(frozen=True)
class Margins:
    """What the shop earns on its items, for habits in periods of so many days.

    Attributes:
        items: item_no, cost_minor (net of VAT, NaN where unknown) and assumed_bp, the owner's margin on the undiscounted
            price without VAT where there is no cost.
        default_assumed_bp: the margin of products that are no items.
        period_days: length of a period; the current one ends at `as_of`.
    """

    items: pd.DataFrame
    default_assumed_bp: int
    period_days: int


def margins_of(items: pd.DataFrame, assumed: Callable[[tuple[str, ...]], int], period_days: int) -> Margins:
    """What a catalogue's items earn.

    Args:
        items: index item_no 0..n-1, family_1..4, cost_minor (NaN where unknown).
        assumed: the owner's margin for an item's families, coarsest first, basis points of the undiscounted price.
        period_days: length of a period.
    """
    levels = list(FAMILY_LEVELS)
    families = items[levels].astype(object).where(items[levels].notna(), "")
    different = families.drop_duplicates()
    named = [tuple(name for name in row if name) for row in different.to_numpy()]
    margins = families.merge(different.assign(assumed_bp=[assumed(names) for names in named]), how="left")
    table = pd.DataFrame(
        {
            ITEM_NO: np.arange(len(items), dtype=np.int32),
            COST_MINOR: items[COST_MINOR].to_numpy(np.float64),
            "assumed_bp": margins["assumed_bp"].to_numpy(np.int64),
        }
    )
    return Margins(table, assumed(()), period_days)


def offer_earned(bought: duckdb.DuckDBPyConnection, margins: Margins) -> None:
    """Make `earned` of `earned.sql` readable beside a bucket's purchases: what each day of an item left the shop."""
    bought.register("margins", margins.items[[ITEM_NO, COST_MINOR, "assumed_bp"]])
    bought.register("assumed_margin", pd.DataFrame({"default_assumed_bp": [margins.default_assumed_bp]}))
    bought.execute(read_sql("earned.sql"))


def read_habits(history: duckdb.DuckDBPyConnection, margins: Margins) -> pd.DataFrame:
    """Every customer with a visit before `as_of`, in the order of customer_no: COLUMNS, NaN where nothing is known.

    Args:
        history: an `open_history` connection.
        margins: what the items earn, and how long a period is.

    Returns:
        Money in minor units: margins net of VAT where the shop declares it, everything else as it was paid. `buys` are items bought on a day, `deal_buys` those with a discount, `plain_` those
        without; `_before` is the period before the current one, `best_` the best of all earlier ones; `families`
        the finest families bought from in the current period; `cost_known` whether no assumed margin was needed.
    """
    offer_earned(history, margins)
    history.register("habit_window", pd.DataFrame({"days": [margins.period_days]}))
    rows = history.sql(read_sql("habits.sql").strip().rstrip(";")).df()
    numbers = {name: "float64" for name in COLUMNS if name not in {CUSTOMER_NO, "cost_known"}}
    sums = {name: 0.0 for name in numbers if name.endswith(("_minor", "_before"))}
    del sums["best_paid_minor"]  # nothing earlier is not nothing bought
    habits: pd.DataFrame = rows[list(COLUMNS)].astype(numbers).fillna(sums)
    return habits
