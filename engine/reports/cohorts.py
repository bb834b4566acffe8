"""Cohorts: whether those who came first in a month stay, and what they bring, in the months after their first purchase.

A month is 28 days from the customer's own first purchase, so that each has as many Saturdays. A cell is shown only where
everybody of the cohort has lived all of it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engine.measurement.metric_definitions import MONEY, margin_basis
from engine.reports.bucket_sums import bucket_sums
from engine.reports.report_figures import (
    ManagersReport,
    ReportedShop,
    ReportLine,
    ReportPlot,
    ReportTable,
    ShownFigure,
    counted,
    mean_of,
    report_of,
    share_of,
)
from models.pages.drawing import AMBER, LEAF, LINE, SKY, SOFT, TALL

MONTH_DAYS = 28
MOST_MONTHS = 13  # a year: what is longer ago is read in the file of a longer period
_MOST_DRAWN = 4
_FIRST_MONTH = (
    2  # place of the figure of the first month after that of the first purchase; the size comes first
)
_OfCell = Callable[[int, Mapping[Any, float]], ShownFigure]


def cohorts(shop: ReportedShop) -> ManagersReport:
    """Active share, visits and margin of each month's new customers by months since."""
    sums = bucket_sums(shop, "cohorts.sql", ("cohort", "month_no"))
    months = [name for name in _calendar(shop) if name in set(sums["cohort"])] if len(sums) else []
    by_cohort = {name: sums[sums["cohort"] == name].set_index("month_no") for name in months}
    active = [_line(shop, name, rows, _active) for name, rows in by_cohort.items()]
    longest = max((len(line.figures) for line in active), default=1) - 1
    heads = ["customers", *(f"month {month}" for month in range(longest))]
    every = "A line is the customers whose first purchase that the data hold fell into that month; a column is the 28 days that began so many months of 28 days after each one's own first purchase, 0 with it"
    tables = [
        ReportTable("active", "Who still buys", f"{every}. Share of the cohort who bought.", heads, active),
        ReportTable(
            "visits",
            "How often they come",
            f"{every}. Days with a purchase a customer of the cohort, who stayed away included.",
            heads,
            [_line(shop, name, rows, _visits) for name, rows in by_cohort.items()],
        ),
        ReportTable(
            "margin",
            "What they earn the shop",
            f"{every}. Margin a customer of the cohort, who stayed away included; {margin_basis(net=shop.catalogue.tax_known)}.",
            heads,
            [_line(shop, name, rows, _margin) for name, rows in by_cohort.items()],
        ),
    ]
    first = shop.first_day.strftime("%Y-%m")
    return report_of(
        "cohorts",
        "Cohorts by month of first purchase",
        _answer([line for line in active if line.name != first]),
        (
            f"Most customers of {first} bought before the data began: they are no new customers, and stay longer.",
            "Later cohorts differ by season and by who was won, so a better one is no effect of the programme.",
        ),
        tables,
        [_plot(active)] if longest > 1 else (),
    )


def _calendar(shop: ReportedShop) -> list[str]:
    """The whole calendar months of the period, the first day of the data beginning its own."""
    found, day = [], max(shop.starts.day, shop.first_day)
    if day > shop.first_day and day.day > 1:
        day = _next_month(day)
    while _next_month(day) <= shop.ends.day:
        found.append(day.strftime("%Y-%m"))
        day = _next_month(day)
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _line(shop: ReportedShop, cohort: str, rows: pd.DataFrame, figure: _OfCell) -> ReportLine:
    """A cohort's size and its cells, as many as all of its customers have lived."""
    last_began = _next_month(date.fromisoformat(f"{cohort}-01")) - timedelta(days=1)
    lived = min((shop.ends.day - last_began).days // MONTH_DAYS, MOST_MONTHS)
    size = int(rows["active"].get(0, 0))
    known = rows.reindex(range(lived), fill_value=0.0)
    return ReportLine(cohort, [counted(size), *(figure(size, cell) for cell in known.to_dict("records"))])


def _active(size: int, cell: Mapping[Any, float]) -> ShownFigure:
    return share_of(cell["active"], size)


def _visits(size: int, cell: Mapping[Any, float]) -> ShownFigure:
    return mean_of(size, cell["visits"], cell["visits_squared"], "visits")


def _margin(size: int, cell: Mapping[Any, float]) -> ShownFigure:
    return mean_of(size, cell["margin_minor"], cell["margin_squared"], MONEY)


def _answer(known: Sequence[ReportLine]) -> str:
    """How many of the oldest whole cohort that is really new still buy, in the last month that it has lived."""
    shown = [
        line
        for line in known
        if len(line.figures) > _FIRST_MONTH and line.figures[_FIRST_MONTH].value is not None
    ]
    if not shown:
        return "No month's new customers are at least 20 and two months old: the data say nothing of who stays yet."
    oldest, month = shown[0], len(shown[0].figures) - 2
    last = oldest.figures[-1]
    return (
        f"Of the {oldest.figures[0].value:,.0f} customers who came first in {oldest.name}, {last.value:.0%} "
        f"[{last.low:.0%}, {last.high:.0%}] bought in their month {month} after it."
    )


def _plot(lines: Sequence[ReportLine]) -> ReportPlot:
    return ReportPlot(
        "retention",
        "Who still buys",
        f"Share of each cohort who bought, by months of {MONTH_DAYS} days since their first purchase; the {_MOST_DRAWN} cohorts that are longest known.",
        partial(draw_cohorts, lines=[one for one in lines if len(one.figures) > _FIRST_MONTH][:_MOST_DRAWN]),
        TALL,
    )


def draw_cohorts(axes: Axes, lines: Sequence[ReportLine]) -> None:
    """A line a cohort."""
    for line, colour in zip(lines, (SOFT, LEAF, AMBER, SKY), strict=False):
        shares = [100 * one.value for one in line.figures[1:] if one.value is not None]
        axes.plot(
            range(len(shares)), shares, color=colour, linewidth=2, marker="o", markersize=3, label=line.name
        )
    axes.set_ylim(0, 104)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel("months since")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: f"{y:,g} %"))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", ncols=2)
