"""Who is compared in a report and what each of them brought: bucket by bucket, so that purchases never lie in memory whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.measurement.customer_weeks import CustomerWeeks, ReportedWeeks, customer_weeks
from engine.measurement.foreign_discount import ForeignOffersOf, foreign_discount
from engine.measurement.own_offers import NightFiles, own_discount
from engine.measurement.store_weeks import silent_weeks, store_weeks
from engine.store.log.measured_arms import Member
from models.effects.drawn_arms import Arms
from models.effects.pre_period import pre_period_figures
from models.features.bucket_history import open_bought
from models.features.catalogue import Catalogue
from models.features.habits import Margins
from models.ground.errors import BadInput
from models.sources import Data
from models.tables import CUSTOMER_ID, CUSTOMER_NO, PRODUCT_ID, PRODUCT_NO

ACTIVE_WEEKS = 4  # who bought in so many is still active
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class SaidWhen(NamedTuple):
    """What a customer said at a moment, as a number."""

    customer_id: str
    at: datetime
    value: float


@dataclass(frozen=True)
class StoreFacts:
    """What is known of customers beside purchases, by customer id: baskets and discount_minor redeemed; who was served, and reached.

    Complaints count 1 each, NPS answers 1 for a promoter, -1 for a detractor, else 0; both of the reported weeks.
    """

    redeemed: Mapping[str, tuple[int, int]]
    served: frozenset[str]
    reached: frozenset[str]
    complaints: Sequence[SaidWhen] = ()
    answers: Sequence[SaidWhen] = ()


@dataclass(frozen=True)
class ComparedArms:
    """Customers of two arms, rows are customers, money in minor units over the period.

    Attributes:
        customer_id: shape (n,).
        arms: the treated arm and the other one, by drawn unit.
        seen_week: shape (n,), the week from which they count: 0 for who was drawn before it.
        margin: shape (n, weeks), each week's.
        spend, visits: shape (n,).
        active: shape (n, weeks), bought in the ACTIVE_WEEKS up to each week's end.
        figures: shape (n, 7), known before the experiment; None where the history does not reach back.
        before: shape (n, weeks before), margin of each week before the experiment.
        discount, redemptions: shape (n,), as tills redeemed, and of another engine's offers as receipts show.
        served, reached: shape (n,).
        own_discount: shape (n, 2), of `own_offers`: bundles of the first week, later ones.
        complained: shape (n, weeks), have complained by each week's end.
        nps: shape (n, weeks), the last answer by each week's end, of `StoreFacts`; not a number for none.
        crossed, torn: customers with a merged card of another arm, who stay; with a household in both arms, who are left out.
        silent_stores: the weeks, from 0 on, in which a store brought nothing though it usually does.
    """

    customer_id: npt.NDArray[np.str_]
    arms: Arms
    seen_week: npt.NDArray[np.int64]
    margin: Floats
    spend: Floats
    visits: Floats
    active: Bools
    figures: Floats | None
    before: Floats
    discount: Floats
    redemptions: Floats
    served: Bools
    reached: Bools
    own_discount: Floats
    complained: Bools
    nps: Floats
    crossed: int
    torn: int
    silent_stores: Mapping[str, Sequence[int]]

    @property
    def weeks(self) -> int:
        """Length of the period."""
        return int(self.margin.shape[1])


def compared_arms(
    data: Data,
    catalogue: Catalogue,
    margins: Margins,
    period: ReportedWeeks,
    members: Iterable[Member],
    pair: tuple[str, str],
    facts: StoreFacts,
    nights: Sequence[NightFiles],
    seen_days: int,
    foreign: ForeignOffersOf | None = None,
) -> ComparedArms:
    """Collect both arms of a pair, treated first.

    A customer counts if they bought within `seen_days` before the experiment began, or were seen first later: whoever left
    long before tells nothing, and the lot has no say in it. What another engine's offers took off is added to what tills
    redeemed, where `foreign` tells of them.

    Raises:
        BadInput: an arm has nobody who counts.
    """
    known = pd.DataFrame(
        [one for one in members if one.arm in pair], columns=[CUSTOMER_ID, "unit", "arm", "seen", "crossed"]
    ).set_index(CUSTOMER_ID)
    parts: list[tuple[pd.DataFrame, CustomerWeeks, Floats]] = []
    of_stores: list[pd.DataFrame] = []
    products = pd.read_parquet(data.products, columns=[PRODUCT_NO, PRODUCT_ID])
    for bucket in range(data.buckets):
        people = pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
        people = people.sort_values(CUSTOMER_NO, ignore_index=True).join(known, on=CUSTOMER_ID)
        people["treated"] = people["arm"] == pair[0]
        with open_bought(data.purchases(bucket), catalogue, period.read_to) as bought:
            weeks = customer_weeks(bought, len(people), margins, period)
            treated = people["treated"].to_numpy(np.bool_)
            own = own_discount(
                bought, people, treated, nights, catalogue, period, (bucket, data.buckets)
            )  # fmt: skip
            of_stores.append(store_weeks(bought, period))
            names = people.loc[people["arm"] == pair[1], CUSTOMER_ID].tolist()
            offers = () if foreign is None else foreign(names)
            own = np.hstack([own, foreign_discount(bought, people, offers, products, period)])
        late = (people["seen"] > period.began.as_of).to_numpy(np.bool_)
        keep = people["arm"].notna().to_numpy() & (late | (weeks.seen_days_before <= seen_days))
        parts.append((people[keep], _rows(weeks, keep), own[keep]))
    return _together(parts, period, pair, facts, silent_weeks(of_stores, period.weeks))


def _rows(weeks: CustomerWeeks, keep: Bools) -> CustomerWeeks:
    return CustomerWeeks(**{name: table[keep] for name, table in vars(weeks).items()})


def _together(
    parts: Sequence[tuple[pd.DataFrame, CustomerWeeks, Floats]],
    period: ReportedWeeks,
    pair: tuple[str, str],
    facts: StoreFacts,
    silent_stores: Mapping[str, Sequence[int]],
) -> ComparedArms:
    people = pd.concat([one for one, _, _ in parts], ignore_index=True)
    table = {name: np.concatenate([getattr(one, name) for _, one, _ in parts]) for name in vars(parts[0][1])}
    own = np.concatenate([one for _, _, one in parts])  # two columns of ours, then two of another engine
    torn = (people.groupby("unit")["treated"].transform("nunique") > 1).to_numpy(np.bool_)
    people, own = people[~torn], own[~torn]
    table = {name: one[~torn] for name, one in table.items()}
    treated = people["treated"].to_numpy(np.bool_)
    for arm, count in zip(pair, (int(treated.sum()), int((~treated).sum())), strict=True):
        if count < 2:  # noqa: PLR2004 - one alone has no spread
            raise BadInput(
                f"Arm {arm} has {count} customers who bought lately; expected at least 2 to compare. Wait until the arms "
                "have more, or name another arm."
            )
    names = people[CUSTOMER_ID].astype("str")
    redeemed = [facts.redeemed.get(name, (0, 0)) for name in names]
    # What was bought between the beginning and a later first day is not read, so that who is active has to show it anew.
    lead = table["visits_before"] if period.starts.day == period.began.day else table["visits_before"][:, :0]
    visited = np.hstack([lead, table["visits"]]) > 0
    return ComparedArms(
        customer_id=names.to_numpy(np.str_),
        arms=Arms.of(treated, people["unit"].astype("str").to_numpy(np.str_)),
        seen_week=_seen_week(people["seen"], period),
        margin=table["margin"],
        spend=table["paid"].sum(axis=1),
        visits=table["visits"].sum(axis=1),
        active=np.column_stack(
            [
                visited[:, max(end - ACTIVE_WEEKS, 0) : end].any(axis=1)
                for end in range(lead.shape[1] + 1, lead.shape[1] + period.weeks + 1)
            ]
        ),
        figures=pre_period_figures(table["paid_before"], table["visits_before"]) if period.before else None,
        before=table["margin_before"],
        discount=np.array([float(discount) for _, discount in redeemed]) + own[:, 3],
        redemptions=np.array([float(baskets) for baskets, _ in redeemed]) + own[:, 2],
        served=names.isin(facts.served).to_numpy(np.bool_),
        reached=names.isin(facts.reached).to_numpy(np.bool_),
        own_discount=own[:, :2],
        complained=~np.isnan(_last_by_week(names, facts.complaints, period)),
        nps=_last_by_week(names, facts.answers, period),
        crossed=int(people["crossed"].sum()),
        torn=int(torn.sum()),
        silent_stores=silent_stores,
    )


def _last_by_week(names: "pd.Series[str]", told: Sequence[SaidWhen], period: ReportedWeeks) -> Floats:
    """The last value that each customer told from the first day up to each week's end, shape (n, weeks)."""
    found = np.full((len(names), period.weeks), np.nan)
    if not told:
        return found
    rows = pd.Series(np.arange(len(names)), index=names)
    said = pd.DataFrame(told, columns=list(SaidWhen._fields)).sort_values("at", kind="stable")
    row = said[CUSTOMER_ID].map(rows).to_numpy(np.float64)
    at = pd.to_datetime(said["at"], utc=True)
    week = ((at - pd.Timestamp(period.starts.as_of)).dt.days // 7).to_numpy()
    inside = ~np.isnan(row) & (week >= 0) & (week < period.weeks)
    found[row[inside].astype(np.int64), week[inside]] = said["value"].to_numpy()[inside]
    return pd.DataFrame(found).ffill(axis=1).to_numpy()


def _seen_week(seen: "pd.Series[pd.Timestamp]", period: ReportedWeeks) -> npt.NDArray[np.int64]:
    days = (pd.to_datetime(seen, utc=True) - pd.Timestamp(period.starts.as_of)).dt.days.to_numpy()
    return np.clip(days // 7, 0, period.weeks).astype(np.int64)
