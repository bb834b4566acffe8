"""Members beside others who bought alike in the weeks before: closer than everybody else, and no effect either.

Both are followed over the period's whole weeks. Members were members already in the weeks on which they are matched, so what
membership had brought by then is taken off with the rest: what is left tells who grows, and not what membership is worth.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.measurement.customer_weeks import MOST_BEFORE, ReportedWeeks, customer_weeks
from engine.measurement.experiment_lights import FIGURES
from engine.measurement.metric_definitions import MONEY, margin_basis
from engine.measurement.metric_intervals import ENOUGH
from engine.reports.report_figures import ReportedShop, ReportLine, ReportTable, ShownFigure, estimated
from models.effects.lookalikes import Lookalikes, few_enough, lookalikes
from models.effects.pre_period import pre_period_figures
from models.features.bucket_history import open_bought
from models.tables import CUSTOMER_NO

APART = "standard deviations"
Floats = npt.NDArray[np.float64]


class _Followed(NamedTuple):
    """Customers who bought in the weeks before; shapes (n,), and (n, 7) of figures."""

    member: npt.NDArray[np.bool_]
    figures: Floats
    money: Floats
    margin: Floats
    visits: Floats


def matched_members(shop: ReportedShop) -> Sequence[ReportTable]:
    """What members bring beside others like them, and how alike they are; nothing where weeks or customers are too few."""
    weeks = shop.days // 7
    before = min((shop.starts.day - shop.first_day).days // 7, MOST_BEFORE)
    if not weeks or not before:
        return []
    period = ReportedWeeks(shop.starts, shop.starts, weeks, before, shop.ends)
    parts = [_followed(shop, period, bucket) for bucket in range(shop.data.buckets)]
    whole: list[npt.NDArray[Any]] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    some = few_enough(len(whole[0]))
    found = _Followed(*(column[some] for column in whole))
    members = int(found.member.sum())
    if min(members, len(found.member) - members) < ENOUGH:
        return []
    matched = {
        head: (unit, values, lookalikes(values, found.member, found.figures))
        for head, unit, values in (
            ("visits", "visits", found.visits),
            ("money", MONEY, found.money),
            ("margin", MONEY, found.margin),
        )
    }
    says = (
        f"Each of {members:,} who were members before the period beside the other customer nearest to them in the {before} weeks before it, a "
        f"customer, over {weeks} whole weeks; {margin_basis(net=shop.catalogue.tax_known)}. No lot made them members: not an effect."
    )
    lines = [
        ReportLine(name, [_figure(name, *one, found.member) for one in matched.values()])
        for name in (_MEMBERS, _ALIKE, _APART)
    ]
    (_, _, alike), *_ = matched.values()
    return [
        ReportTable("matched", "Members beside others like them", says, tuple(matched), lines),
        _balance(alike, before, members),
    ]


_MEMBERS, _ALIKE, _APART = "members", "others like them", "difference, no effect"


def _figure(
    name: str, unit: str, values: Floats, one: Lookalikes, member: npt.NDArray[np.bool_]
) -> ShownFigure:
    n = int(member.sum())
    if name == _APART:
        return estimated(one.answer.difference, unit, n)
    mean = values[member].mean() if name == _MEMBERS else values[~member][one.match].mean()
    return ShownFigure(float(mean), unit, n)


def _balance(one: Lookalikes, before: int, members: int) -> ReportTable:
    return ReportTable(
        "balance",
        "How alike they are",
        f"By how many standard deviations members are above others in figures of the {before} weeks before the period: all others, and those "
        "they were matched with. Beyond 0.1 they are not alike.",
        ("all others", "others like them"),
        [
            ReportLine(name, [ShownFigure(float(apart), APART, members) for apart in both])
            # the last figure tells of whom nothing is known, and they are not here
            for name, *both in zip(
                FIGURES[:-1], one.before_matching[:-1], one.after_matching[:-1], strict=True
            )
        ],
    )


def _followed(shop: ReportedShop, period: ReportedWeeks, bucket: int) -> _Followed:
    joined = (
        joined_age(shop, bucket).sort_values(CUSTOMER_NO)["joined_age"].to_numpy(np.float64, na_value=np.nan)
    )
    with open_bought(shop.data.purchases(bucket), shop.catalogue, shop.ends) as bought:
        weeks = customer_weeks(bought, len(joined), shop.margins, period)
    came = weeks.visits_before.any(axis=1)
    member = joined > shop.days
    other = np.isnan(joined) | (joined <= 0)
    kept = came & (member | other)
    tables: list[npt.NDArray[Any]] = [
        member,
        pre_period_figures(weeks.paid_before, weeks.visits_before),
        *(table.sum(axis=1) for table in (weeks.paid, weeks.margin, weeks.visits)),
    ]
    return _Followed(*(table[kept] for table in tables))


def joined_age(shop: ReportedShop, bucket: int) -> pd.DataFrame:
    """How many days before the period's end each customer of a bucket joined: customer_no, joined_age, missing for no member."""
    people = pd.read_parquet(shop.data.customers(bucket), columns=[CUSTOMER_NO, "joined_on"])
    age = (pd.Timestamp(shop.ends.day) - pd.to_datetime(people["joined_on"])).dt.days
    return pd.DataFrame({CUSTOMER_NO: people[CUSTOMER_NO], "joined_age": age.astype("Int64")})
