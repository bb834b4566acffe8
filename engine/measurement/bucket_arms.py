"""What one bucket's customers of two arms brought: as few numbers each as the report needs, because all buckets stay in memory."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.measurement.customer_weeks import CustomerWeeks, ReportedWeeks, customer_weeks
from engine.measurement.foreign_discount import ForeignOffersOf, foreign_discount
from engine.measurement.own_offers import NightFiles, own_discount
from engine.measurement.store_weeks import store_weeks
from engine.store.log.measured_arms import Member, RedeemedSum
from models.effects.pre_period import pre_period_figures
from models.features.bucket_history import open_bought
from models.features.catalogue import Catalogue
from models.features.habits import Margins
from models.sources import Data
from models.tables import CUSTOMER_ID, CUSTOMER_NO

ACTIVE_WEEKS = 4  # who bought in so many is still active
Floats = npt.NDArray[np.float64]
# By name one value, or one row, of each customer: the arrays of ComparedArms, and unit and treated.
Tables = dict[str, npt.NDArray[Any]]


class SaidWhen(NamedTuple):
    """What a customer said at a moment, as a number."""

    customer_id: str
    at: datetime
    value: float


@dataclass(frozen=True)
class StoreFacts:
    """What is known beside purchases of the customers who are asked about, in the reported weeks."""

    members: Sequence[Member]
    redeemed: Sequence[RedeemedSum]
    funded: Sequence[SaidWhen]  # what suppliers pay of it, minor units
    served: Collection[str]
    reached: Collection[str]
    complaints: Sequence[SaidWhen]  # 1 each
    granted: Mapping[str, int]  # what grants paid of their purchases, minor units, by customer id


# From customers of a bucket to what is known of them.
FactsOf = Callable[[Sequence[str]], StoreFacts]


@dataclass(frozen=True)
class AskedArms:
    """What is compared.

    Attributes:
        data, catalogue, margins: the load and how its purchases are read.
        period: which weeks.
        pair: names of the treated arm and of the other one.
        facts_of: what the store knows of some customers.
        answers: everybody's, 1 for a promoter, -1 for a detractor, else 0: customer_id, at, value.
        nights: of the period, in whose folders offers are looked up.
        seen_days: whoever last bought longer before the experiment does not count.
        foreign: what another engine offered to some customers.
    """

    data: Data
    catalogue: Catalogue
    margins: Margins
    period: ReportedWeeks
    pair: tuple[str, str]
    facts_of: FactsOf
    answers: pd.DataFrame
    nights: Sequence[NightFiles]
    seen_days: int
    foreign: ForeignOffersOf | None = None


def bucket_arms(asked: AskedArms, products: pd.DataFrame, bucket: int) -> tuple[Tables, pd.DataFrame]:
    """Both arms' customers of a bucket who count, and the customers of its stores by week (`store_weeks`).

    Args:
        asked: what is compared.
        products: product_no, product_id of the load.
        bucket: which one.
    """
    data, period = asked.data, asked.period
    people = pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
    people = people.sort_values(CUSTOMER_NO, ignore_index=True)
    facts = asked.facts_of(people[CUSTOMER_ID].tolist())
    people = _placed(people, facts.members, asked.pair)
    treated = people["treated"].to_numpy(np.bool_)
    with open_bought(data.purchases(bucket), asked.catalogue, period.read_to) as bought:
        weeks = customer_weeks(bought, len(people), asked.margins, period)
        place = (bucket, data.buckets)
        own = own_discount(bought, people, treated, asked.nights, asked.catalogue, period, place)
        others = people.loc[people["arm"] == asked.pair[1], CUSTOMER_ID].tolist()
        offers = () if asked.foreign is None else asked.foreign(others)
        foreign = foreign_discount(bought, people, offers, products, period)
        of_stores = store_weeks(bought, period)
    late = (people["seen"] > period.began.as_of).to_numpy(np.bool_)
    counts = people["arm"].notna().to_numpy() & (late | (weeks.seen_days_before <= asked.seen_days))
    tables = _of_people(people, facts, asked.answers, period) | _of_purchases(weeks, period)
    funded = _by_week(people[CUSTOMER_ID], facts.funded, period)
    tables["margin"] = tables["margin"] + funded
    tables["funded"] = funded.sum(axis=1)
    tables["discount"] = tables["discount"] - tables["funded"]
    tables["granted"] = people[CUSTOMER_ID].map(facts.granted).fillna(0).to_numpy(np.float64)
    tables["own_discount"] = own
    tables["redemptions"] = tables["redemptions"] + foreign[:, 0]
    tables["discount"] = tables["discount"] + foreign[:, 1]
    return {name: table[counts] for name, table in tables.items()}, of_stores


def _placed(people: pd.DataFrame, members: Sequence[Member], pair: tuple[str, str]) -> pd.DataFrame:
    columns = [CUSTOMER_ID, "unit", "arm", "seen", "crossed"]
    known = pd.DataFrame([one for one in members if one.arm in pair], columns=columns)
    people = people.join(known.set_index(CUSTOMER_ID), on=CUSTOMER_ID)
    people["seen"] = pd.to_datetime(people["seen"], utc=True)
    people["treated"] = people["arm"] == pair[0]
    return people


def _of_people(
    people: pd.DataFrame, facts: StoreFacts, answers: pd.DataFrame, period: ReportedWeeks
) -> Tables:
    names = people[CUSTOMER_ID]
    redeemed = pd.DataFrame(facts.redeemed, columns=list(RedeemedSum._fields)).set_index(CUSTOMER_ID)
    redeemed = redeemed.reindex(names).fillna(0).astype("float64")
    complaints = pd.DataFrame(facts.complaints, columns=list(SaidWhen._fields))
    days = (people["seen"] - pd.Timestamp(period.starts.as_of)).dt.days
    return {
        "customer_id": names.to_numpy(np.str_),
        "unit": people["unit"].fillna("").to_numpy(np.str_),
        "treated": people["treated"].to_numpy(np.bool_),
        "crossed": (people["crossed"] == True).to_numpy(np.bool_),  # noqa: E712 - missing for who is in neither arm
        "seen_week": np.clip(days.fillna(0).to_numpy() // 7, 0, period.weeks).astype(np.int16),
        "redemptions": redeemed["baskets"].to_numpy(),
        "discount": redeemed["discount_minor"].to_numpy(),
        "served": names.isin(list(facts.served)).to_numpy(np.bool_),
        "reached": names.isin(list(facts.reached)).to_numpy(np.bool_),
        "complained": ~np.isnan(_last_by_week(names, complaints, period)),
        "nps": _last_by_week(names, answers, period).astype(np.float16),
    }


def _of_purchases(weeks: CustomerWeeks, period: ReportedWeeks) -> Tables:
    # What was bought between the beginning and a later first day is not read, so that who is active has to show it anew.
    before = weeks.visits_before if period.starts.day == period.began.day else weeks.visits_before[:, :0]
    visited = np.hstack([before, weeks.visits]) > 0
    ends = range(before.shape[1] + 1, before.shape[1] + period.weeks + 1)
    found: Tables = {
        "margin": weeks.margin,
        "before": weeks.margin_before.astype(np.float32),
        "spend": weeks.paid.sum(axis=1),
        "visits": weeks.visits.sum(axis=1),
        "active": np.column_stack([visited[:, max(end - ACTIVE_WEEKS, 0) : end].any(axis=1) for end in ends]),
    }
    if period.before:
        found["figures"] = pre_period_figures(weeks.paid_before, weeks.visits_before)
    return found


def _by_week(names: "pd.Series[str]", told: Sequence[SaidWhen], period: ReportedWeeks) -> Floats:
    """What each customer's values add up to by week, shape (n, weeks)."""
    found = np.zeros((len(names), period.weeks))
    row, week, value = _places(names, pd.DataFrame(told, columns=list(SaidWhen._fields)), period)
    np.add.at(found, (row, week), value)
    return found


def _last_by_week(names: "pd.Series[str]", told: pd.DataFrame, period: ReportedWeeks) -> Floats:
    """The last value that each customer told from the first day up to each week's end, shape (n, weeks)."""
    found = np.full((len(names), period.weeks), np.nan)
    row, week, value = _places(names, told, period)
    found[row, week] = value
    return pd.DataFrame(found).ffill(axis=1).to_numpy() if len(row) else found


def _places(
    names: "pd.Series[str]", told: pd.DataFrame, period: ReportedWeeks
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """The customer's row, the week and the value of what was told, in the order of time."""
    said = told[told[CUSTOMER_ID].isin(names)].sort_values("at", kind="stable")
    row = pd.Index(names).get_indexer(pd.Index(said[CUSTOMER_ID])).astype(np.int64)
    days = (pd.to_datetime(said["at"], utc=True) - pd.Timestamp(period.starts.as_of)).dt.days
    week = days.to_numpy(np.int64) // 7
    inside = (week >= 0) & (week < period.weeks)
    value: Floats = said["value"].to_numpy(np.float64)[inside]
    return row[inside], week[inside].astype(np.int64), value
