"""A group of customers beside others who bought alike in the weeks before: closer than everybody else, and no effect either.

Both are followed over the period's whole weeks. What had set the group apart by then is taken off with the rest, and what no figure
shows is not.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.measurement.customer_weeks import MOST_BEFORE, ReportedWeeks, customer_weeks
from engine.measurement.experiment_lights import FIGURES
from engine.measurement.metric_definitions import MONEY, margin_basis
from engine.measurement.metric_intervals import ENOUGH
from engine.reports.report_figures import (
    ReportedShop,
    ReportLine,
    ReportTable,
    ShownFigure,
    estimated,
    mean_of,
)
from models.effects.lookalikes import Lookalikes, few_enough, lookalikes
from models.effects.pre_period import pre_period_figures
from models.features.bucket_history import open_bought

APART = "standard deviations"
DIFFERENCE, ALIKE = "difference, no effect", "others like them"
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
# From a bucket to who is in the group and who is not, by customer_no; who is in neither is left out.
GroupOf = Callable[[int], tuple[Bools, Bools]]


class Followed(NamedTuple):
    """Customers who bought in the weeks before: shape (n,) each, figures (n, 7); `weekly_before` is their margin a week."""

    inside: Bools
    figures: Floats
    money: Floats
    margin: Floats
    visits: Floats
    weekly_before: Floats


class MatchedWords(NamedTuple):
    """What the group is called, who they are, and how they came to be in it."""

    group: str
    who: str
    why_not: str


def matched_customers(shop: ReportedShop, group_of: GroupOf, words: MatchedWords) -> Sequence[ReportTable]:
    """What the group brings beside others like them, how alike they are, and how both changed.

    Nothing where weeks or customers are too few.
    """
    weeks = shop.days // 7
    before = min((shop.starts.day - shop.first_day).days // 7, MOST_BEFORE)
    if not weeks or not before:
        return []
    period = ReportedWeeks(shop.starts, shop.starts, weeks, before, shop.ends)
    parts = [_followed(shop, period, bucket, *group_of(bucket)) for bucket in range(shop.data.buckets)]
    whole: list[npt.NDArray[Any]] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    some = few_enough(len(whole[0]))
    found = Followed(*(column[some] for column in whole))
    members = int(found.inside.sum())
    if min(members, len(found.inside) - members) < ENOUGH:
        return []
    matched = {
        head: (unit, values, lookalikes(values, found.inside, found.figures))
        for head, unit, values in (
            ("visits", "visits", found.visits),
            ("money", MONEY, found.money),
            ("margin", MONEY, found.margin),
        )
    }
    says = (
        f"Each of {members:,} {words.who} beside the other customer nearest to them in the {before} weeks before it, a customer, over "
        f"{weeks} whole weeks; {margin_basis(net=shop.catalogue.tax_known)}. {words.why_not}: not an effect."
    )
    lines = [
        ReportLine(name, [_figure(name, *one, found.inside) for one in matched.values()])
        for name in (words.group, ALIKE, DIFFERENCE)
    ]
    (_, _, alike), *_ = matched.values()
    title = f"{words.group[0].upper()}{words.group[1:]} beside others like them"
    return [
        ReportTable("matched", title, says, tuple(matched), lines),
        _balance(alike, before, members, words.group),
        _change(found, weeks, before, words.group),
    ]


def _figure(name: str, unit: str, values: Floats, one: Lookalikes, inside: Bools) -> ShownFigure:
    n = int(inside.sum())
    if name == DIFFERENCE:
        return estimated(one.answer.difference, unit, n)
    mean = values[~inside][one.match].mean() if name == ALIKE else values[inside].mean()
    return ShownFigure(float(mean), unit, n)


def _balance(one: Lookalikes, before: int, members: int, group: str) -> ReportTable:
    return ReportTable(
        "balance",
        "How alike they are",
        f"By how many standard deviations {group} are above others in figures of the {before} weeks before the period: all others, and those "
        "they were matched with. Beyond 0.1 they are not alike.",
        ("all others", ALIKE),
        [
            ReportLine(name, [ShownFigure(float(apart), APART, members) for apart in both])
            # the last figure tells of whom nothing is known, and they are not here
            for name, *both in zip(
                FIGURES[:-1], one.before_matching[:-1], one.after_matching[:-1], strict=True
            )
        ],
    )


def _change(found: Followed, weeks: int, before: int, group: str) -> ReportTable:
    weekly = found.margin / weeks
    lines = []
    for name, rows in ((group, found.inside), ("all others", ~found.inside)):
        columns = (found.weekly_before[rows], weekly[rows], (weekly - found.weekly_before)[rows])
        lines.append(
            ReportLine(
                name, [mean_of(len(one), float(one.sum()), float((one**2).sum()), MONEY) for one in columns]
            )
        )
    return ReportTable(
        "change",
        "Before and after",
        f"Margin a customer and week, of those who bought in the {before} weeks before. Seasons, prices and holidays are in both lines, and whoever "
        "bought much before buys less after by chance alone: not an effect.",
        (f"{before} weeks before", f"{weeks} weeks of the period", "change"),
        lines,
    )


def _followed(
    shop: ReportedShop, period: ReportedWeeks, bucket: int, inside: Bools, outside: Bools
) -> Followed:
    with open_bought(shop.data.purchases(bucket), shop.catalogue, shop.ends) as bought:
        weeks = customer_weeks(bought, len(inside), shop.margins, period)
    kept = weeks.visits_before.any(axis=1) & (inside | outside)
    tables: list[npt.NDArray[Any]] = [
        inside,
        pre_period_figures(weeks.paid_before, weeks.visits_before),
        *(table.sum(axis=1) for table in (weeks.paid, weeks.margin, weeks.visits)),
        weeks.margin_before.mean(axis=1),
    ]
    return Followed(*(table[kept] for table in tables))
