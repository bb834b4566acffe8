"""CDNOW: the classic cohort of 23,570 customers of a music shop, of whom 2,357 make the published sample.

The files come with the development dependency `lifetimes`, which is located and never imported.
"""

from datetime import date
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from models.customers.lifetime import VisitHistory
from models.customers.lifetime.visit_history import DAYS_A_WEEK, RECENT_WEEKS


def master() -> pd.DataFrame:
    """Every order of the whole cohort: customer_id, day (as 19970101), discs, dollars."""
    return pd.read_csv(
        _folder() / "CDNOW_master.txt",
        sep=r"\s+",
        header=0,
        names=["customer_id", "day", "discs", "dollars"],
        dtype={"customer_id": "str", "day": "str"},
    )


def sample() -> pd.DataFrame:
    """The sample's purchase days: customer_id, day, spend_minor; several orders of a day are one."""
    lines = master()
    chosen = pd.read_csv(
        _folder() / "CDNOW_sample.txt", sep=r"\s+", header=None, usecols=[0], dtype={0: "str"}
    )[0].unique()
    lines = lines[lines["customer_id"].isin(chosen)]
    lines = lines.assign(
        day=pd.to_datetime(lines["day"], format="%Y%m%d"), spend_minor=lines["dollars"] * 100.0
    )
    return lines.groupby(["customer_id", "day"], as_index=False)["spend_minor"].sum()


def histories(days: pd.DataFrame, last_day: date) -> tuple[pd.Index, VisitHistory, np.ndarray]:
    """Customers, their histories and mean money of a visit, known at the end of `last_day`."""
    known = days[days["day"] <= pd.Timestamp(last_day)]
    ages = (pd.Timestamp(last_day) - known["day"]).dt.days
    of_customer = known.assign(age=ages, recent=ages < RECENT_WEEKS * DAYS_A_WEEK).groupby("customer_id")
    found = of_customer.agg(
        visits=("age", "size"),
        first=("age", "max"),
        last=("age", "min"),
        recent=("recent", "sum"),
        basket_minor=("spend_minor", "mean"),
    )
    first_is_recent = found["first"] < RECENT_WEEKS * DAYS_A_WEEK
    history = VisitHistory(
        repeats=found["visits"].to_numpy(np.float64) - 1.0,
        last_weeks=(found["first"] - found["last"]).to_numpy(np.float64) / DAYS_A_WEEK,
        age_weeks=found["first"].to_numpy(np.float64) / DAYS_A_WEEK,
        recent_repeats=np.maximum((found["recent"] - first_is_recent).to_numpy(np.float64), 0.0),
    )
    return found.index, history, found["basket_minor"].to_numpy(np.float64)


def visits_between(days: pd.DataFrame, customers: pd.Index, after: date, last_day: date) -> np.ndarray:
    """Each customer's purchase days after `after` up to and with `last_day`."""
    inside = days[(days["day"] > pd.Timestamp(after)) & (days["day"] <= pd.Timestamp(last_day))]
    return inside.groupby("customer_id").size().reindex(customers).fillna(0).to_numpy(np.float64)


def _folder() -> Path:
    spec = find_spec("lifetimes")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "datasets"
