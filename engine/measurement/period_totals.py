"""What the customers of one bucket did in a period: DuckDB sums each customer, the group is counted in NumPy."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engine.measurement.metric_definitions import UPSELL_RISE, Totals
from engine.measurement.metric_intervals import OF_ANSWERS, OF_CUSTOMERS, Floats
from models.customers.lifecycle import last_answers
from models.effects.promoters import DETRACTOR_TO, PROMOTER_FROM
from models.features.bucket_history import open_bought, read_sql
from models.features.catalogue import Catalogue
from models.features.habits import Margins, offer_earned
from models.ground.moment import Moment
from models.tables import CUSTOMER_ID


@dataclass(frozen=True)
class MeasuredPeriod:
    """Whole local days `[starts, ends)`; a customer is one who bought in the last `active_days` before a moment."""

    starts: Moment
    ends: Moment
    active_days: int

    @property
    def days(self) -> int:
        """Length in local days."""
        return (self.ends.day - self.starts.day).days


def customers_in(
    purchases: Path, catalogue: Catalogue, margins: Margins, period: MeasuredPeriod
) -> pd.DataFrame:
    """One row a customer of a bucket: customer_no, at_start, at_end, visits, paid_minor, margin_minor, families,
    dearness (this period's price of a unit over the former one's in the same families; NaN where none is the same).
    """  # noqa: D205 - the columns are the summary
    with open_bought(purchases, catalogue, period.ends) as bought:
        bought.register("item_families", catalogue.items[["fine_no"]].reset_index())
        offer_earned(bought, margins)
        bought.register("period", pd.DataFrame({"days": [period.days], "active_days": [period.active_days]}))
        rows: pd.DataFrame = bought.sql(read_sql("period.sql", "engine.measurement").strip().rstrip(";")).df()
    return rows.astype({"paid_minor": "float64", "margin_minor": "float64", "dearness": "float64"})


def answers_in(answers: pd.DataFrame | None, period: MeasuredPeriod) -> pd.DataFrame:
    """Each customer's last answers of a kind, and on each parameter, in the period: customer_id, kind, score."""
    if answers is None:
        return pd.DataFrame({CUSTOMER_ID: pd.Series(dtype="str"), "kind": "", "score": 0})
    inside = (answers["answered_at"] >= period.starts.as_of) & (answers["answered_at"] < period.ends.as_of)
    return last_answers(answers[inside])[[CUSTOMER_ID, "kind", "score"]]


def totals_of(customers: pd.DataFrame, answers: pd.DataFrame) -> Totals:
    """Sum a group.

    Args:
        customers: rows of `customers_in`.
        answers: rows of `answers_in` of the same group, also of those who did not buy.
    """
    each, said = added_by(customers), added_by_answers(answers)
    sums = dict(zip((*OF_CUSTOMERS, *OF_ANSWERS), (*each.sum(axis=0), *said.sum(axis=0)), strict=True))
    whole = {name: value if name == "margin_minor" else round(value) for name, value in sums.items()}
    came = customers["visits"].to_numpy() > 0
    return Totals(**whole, spends_minor=customers["paid_minor"].to_numpy(np.float64)[came])


def added_by(customers: pd.DataFrame) -> Floats:
    """What each customer adds to OF_CUSTOMERS, shape (n, 11)."""
    at_start, at_end = (customers[name].to_numpy(np.bool_) for name in ("at_start", "at_end"))
    visits, dearness = customers["visits"].to_numpy(), customers["dearness"].to_numpy(np.float64)
    columns = {
        "at_start": at_start,
        "at_end": at_end,
        "joined": at_end & ~at_start,
        "came": visits > 0,
        "came_again": visits > 1,
        "visits": visits,
        "paid_minor": customers["paid_minor"],
        "margin_minor": customers["margin_minor"],
        "families": customers["families"],
        "comparable": ~np.isnan(dearness),
        "upsold": dearness >= 1.0 + UPSELL_RISE,
    }
    return np.column_stack([np.asarray(columns[name], dtype=np.float64) for name in OF_CUSTOMERS])


def added_by_answers(answers: pd.DataFrame) -> Floats:
    """What each answer adds to OF_ANSWERS, shape (m, 5)."""
    nps, csi = ((answers["kind"] == kind).to_numpy(np.bool_) for kind in ("nps", "csi"))
    score = answers["score"].to_numpy(np.float64)
    columns = (nps & (score >= PROMOTER_FROM), nps & (score <= DETRACTOR_TO), nps, csi * score, csi)
    return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
