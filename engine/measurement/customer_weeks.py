"""What a bucket's customers brought week by week, before an experiment and in it: DuckDB sums, NumPy holds the tables."""

from dataclasses import dataclass
from datetime import timedelta

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.features.bucket_history import read_sql
from models.features.habits import Margins, offer_earned
from models.ground.moment import Moment, local_midnight
from models.tables import CUSTOMER_NO

MOST_BEFORE = 26  # weeks: what is longer ago foretells little more

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ReportedWeeks:
    """Whole weeks of an experiment.

    Attributes:
        began: the cut of the experiment's first night; what is known before it is free of its effect.
        starts: first day that is measured.
        weeks: how many.
        before: whole weeks before `began` that the history holds, at most MOST_BEFORE.
        read_to: up to when purchases are read, later than the end where the data are: returns that came late are taken off.
    """

    began: Moment
    starts: Moment
    weeks: int
    before: int
    read_to: Moment

    @property
    def ends(self) -> Moment:
        """First moment after the last week."""
        return local_midnight(self.starts.day + timedelta(weeks=self.weeks), self.starts.timezone)


@dataclass(frozen=True)
class CustomerWeeks:
    """Rows are customer_no 0..n-1 of the bucket; money in minor units.

    Attributes:
        paid, margin, visits: shape (n, weeks).
        paid_before, margin_before, visits_before: shape (n, before), the last week before the experiment last.
        seen_days_before: shape (n,), days from the last purchase before the experiment to its beginning; infinite for none.
    """

    paid: Floats
    margin: Floats
    visits: Floats
    paid_before: Floats
    margin_before: Floats
    visits_before: Floats
    seen_days_before: Floats


def customer_weeks(
    bought: duckdb.DuckDBPyConnection, customers: int, margins: Margins, period: ReportedWeeks
) -> CustomerWeeks:
    """Sum one bucket, opened with `open_bought` at `period.read_to`."""
    offer_earned(bought, margins)
    bought.register(
        "weeks",
        pd.DataFrame(
            {
                "starts_age": [(period.read_to.day - period.starts.day).days],
                "days": [7 * period.weeks],
                "began_age": [(period.read_to.day - period.began.day).days],
                "before_days": [7 * period.before],
            }
        ),
    )
    rows = bought.sql(read_sql("customer_weeks.sql", "engine.measurement").strip().rstrip(";")).df()
    seen = np.full(customers, np.inf)
    seen[rows[CUSTOMER_NO].to_numpy()] = rows["seen_days_before"].astype("float64").fillna(np.inf).to_numpy()
    rows = rows[rows["week"].notna()]
    number, week = rows[CUSTOMER_NO].to_numpy(np.int64), rows["week"].to_numpy(np.int64)
    inside = week >= 0
    tables = []
    for name in ("paid_minor", "margin_minor", "visits"):
        value = rows[name].to_numpy(np.float64)
        now, before = np.zeros((customers, period.weeks)), np.zeros((customers, period.before))
        now[number[inside], week[inside]] = value[inside]
        before[number[~inside], period.before + week[~inside]] = value[~inside]
        tables.append((now, before))
    (paid, paid_before), (margin, margin_before), (visits, visits_before) = tables
    return CustomerWeeks(paid, margin, visits, paid_before, margin_before, visits_before, seen)
