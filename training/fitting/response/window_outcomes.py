"""What customers did in the windows of logged plans: visits and margin, bucket by bucket, whether they had the bundle or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.ground.moment import Moment
from models.response.visit_hazard import RATE_DAYS
from models.sources import Data
from models.sources.stored.netting import make_standing
from models.tables import COST_MINOR, CUSTOMER_ID, CUSTOMER_NO, PRODUCT_NO
from training.fitting.response.logged_plans import LoggedPlans
from training.fitting.response.lot_fit import ASSUMED_MARGIN

_EPOCH = "DATE '1970-01-01'"

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WindowOutcomes:
    """Of n windows.

    Attributes:
        visits: (n,) days of the window with a purchase.
        margin: (n,) minor units of all that was bought in it, after discounts.
        expected: (n,) visits by the customer's mean rate of the half year before.
    """

    visits: Doubles
    margin: Doubles
    expected: Doubles


def outcomes_of(data: Data, nights: Sequence[LoggedPlans], as_of: Moment) -> list[WindowOutcomes]:
    """What came of every night's plans, in their order, by what was bought before a moment."""
    windows = pd.concat(
        [
            pd.DataFrame({CUSTOMER_ID: plans.customer_id, "starts": plans.starts, "ends": plans.ends})
            for plans in nights
        ],
        ignore_index=True,
    )
    windows["place"] = np.arange(len(windows))
    cost = pd.read_parquet(data.products, columns=[PRODUCT_NO, COST_MINOR])
    found = np.zeros((len(windows), 3))
    for bucket in range(data.buckets):
        people = pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
        rows = _bucket_outcomes(data.purchases(bucket), windows.merge(people, on=CUSTOMER_ID), cost, as_of)
        found[rows["place"].to_numpy(np.int64)] = rows[["visits", "margin", "before"]].to_numpy(np.float64)
    days = (windows["ends"] - windows["starts"]).to_numpy(np.float64)
    expected = found[:, 2] / RATE_DAYS * days
    edges = np.cumsum([len(plans) for plans in nights])[:-1]
    parted = (np.split(column, edges) for column in (found[:, 0], found[:, 1], expected))
    return [WindowOutcomes(*columns) for columns in zip(*parted, strict=True)]


def _bucket_outcomes(
    purchases: Path, windows: pd.DataFrame, cost: pd.DataFrame, as_of: Moment
) -> pd.DataFrame:
    """place, visits, margin and visits of the half year before, of the windows with any of it."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET timezone = 'UTC'")
        make_standing(connection, purchases, f"purchased_at < TIMESTAMPTZ '{as_of.as_of.isoformat()}'")
        connection.register("windows", windows[["place", CUSTOMER_NO, "starts", "ends"]])
        connection.register("costs", cost.astype({COST_MINOR: "float64"}))
        found: pd.DataFrame = connection.execute(
            f"""
            WITH lines AS (
                SELECT customer_no, date_diff('day', {_EPOCH}, local_day) AS day,
                    sum(CASE WHEN cost_minor IS NULL OR isnan(cost_minor) THEN paid_minor * {ASSUMED_MARGIN}
                        ELSE paid_minor - cost_minor * quantity_milli / 1000.0 END) AS margin
                FROM standing LEFT JOIN costs USING (product_no) GROUP BY ALL
            )
            SELECT place, count(*) FILTER (day >= starts) AS visits,
                coalesce(sum(margin) FILTER (day >= starts), 0) AS margin, count(*) FILTER (day < starts) AS before
            FROM windows JOIN lines USING (customer_no)
            WHERE day >= starts - {RATE_DAYS} AND day < ends
            GROUP BY place ORDER BY place
            """
        ).df()
    return found
