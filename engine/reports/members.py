"""Members beside everybody else: what they bring, which part of the shop they are, and how many of them are active.

A member is a customer whose `joined_on` lies before the time that is counted. Who joined likes the shop already, so no
difference here is what membership brought.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from engine.measurement.metric_definitions import MONEY, margin_basis
from engine.reports.bucket_sums import bucket_sums
from engine.reports.matched_customers import Bools, MatchedWords, matched_customers
from engine.reports.report_figures import (
    SHARE,
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
from models.effects.not_causal import WHY_LOOKALIKES
from models.ground.errors import BadInput
from models.pages.drawing import AMBER, LEAF, LINE, TALL
from models.tables import CUSTOMER_NO

MONTH_DAYS = 28
MEMBERS, JOINED, OTHERS = "members", "joined in the period", "others"
_WHOLE = -1
# They were members already in the weeks that are matched: what is left tells who grows, not what membership is worth.
WORDS = MatchedWords(MEMBERS, "who were members before the period", "No lot made them members")


def members(shop: ReportedShop) -> ManagersReport:
    """Compare members with others over the period, and follow their share and activity by 28 days.

    Raises:
        BadInput: nobody's `joined_on` is known.
    """
    sums = bucket_sums(shop, "members.sql", ("month_no", "who"), partial(_joined, shop))
    if set(sums["who"]) <= {OTHERS}:
        raise BadInput(
            "Nobody is known to be a member: no customer who bought has a joined_on before the period's end. Deliver joined_on "
            "in the customers table."
        )
    rows: dict[tuple[int, str], Mapping[Any, float]] = {
        (int(one["month_no"]), str(one["who"])): one for one in sums.to_dict("records")
    }
    whole = {who: rows[_WHOLE, who] for who in (MEMBERS, JOINED, OTHERS) if (_WHOLE, who) in rows}
    together = _together(whole.values())
    months = sorted({month for month, _ in rows if month != _WHOLE}, reverse=True)
    by_month = [_month(shop, month, rows) for month in months]
    alike = matched_customers(shop, partial(_members_of, shop), WORDS)
    report = report_of(
        "members",
        "Members beside everybody else",
        _answer(whole, together),
        (
            WHY_LOOKALIKES,
            "Sales without a card are in no share: nobody knows who bought. What the programme is worth is said by `abonement experiment report`.",
        ),
        (
            ReportTable(
                "period",
                "What they bring",
                f"A line is those who joined before, in, or not by the end of the period; of those who bought in its {shop.days} days. Money in the shop's currency; {margin_basis(net=shop.catalogue.tax_known)}.",
                (
                    "customers who bought",
                    "of all who bought",
                    "of all money",
                    "visits",
                    "money",
                    "margin",
                    "discount",
                ),
                [ReportLine(who, _compared(one, together)) for who, one in whole.items()],
            ),
            ReportTable(
                "months",
                "Members' share and who is active",
                f"A line is {MONTH_DAYS} days up to that day, which counts. Active: of all who ever bought up to then and had joined by then, or not, those who bought in these {MONTH_DAYS} days.",
                ("members of who bought", "of the money", "members active", "others active"),
                by_month,
            ),
            *alike,
        ),
    )
    return report if not report.tables else _with_plot(report, by_month)


def _joined(shop: ReportedShop, bucket: int) -> Mapping[str, pd.DataFrame]:
    return {"joined": joined_age(shop, bucket)}


def joined_age(shop: ReportedShop, bucket: int) -> pd.DataFrame:
    """How many days before the period's end each customer of a bucket joined: customer_no, joined_age, missing for no member."""
    people = pd.read_parquet(shop.data.customers(bucket), columns=[CUSTOMER_NO, "joined_on"])
    age = (pd.Timestamp(shop.ends.day) - pd.to_datetime(people["joined_on"])).dt.days
    return pd.DataFrame({CUSTOMER_NO: people[CUSTOMER_NO], "joined_age": age.astype("Int64")})


def _members_of(shop: ReportedShop, bucket: int) -> tuple[Bools, Bools]:
    """Members before the period, and who was none by its end."""
    joined = joined_age(shop, bucket).sort_values(CUSTOMER_NO)["joined_age"]
    age = joined.to_numpy(np.float64, na_value=np.nan)
    return age > shop.days, np.isnan(age) | (age <= 0)


def _together(groups: Any) -> dict[str, float]:
    table = pd.DataFrame(list(groups)).drop(columns=["who", "month_no"])
    return {str(name): float(value) for name, value in table.sum().items()}


def _compared(one: Mapping[Any, float], together: Mapping[Any, float]) -> list[ShownFigure]:
    came = one["came"]
    before_discount = one["paid_minor"] + one["discount_minor"]
    return [
        counted(came),
        share_of(came, together["came"]),
        _part(one["paid_minor"], together["paid_minor"], came),
        mean_of(came, one["visits"], one["visits_squared"], "visits"),
        mean_of(came, one["paid_minor"], one["paid_squared"], MONEY),
        mean_of(came, one["margin_minor"], one["margin_squared"], MONEY),
        _part(one["discount_minor"], before_discount, came),
    ]


def _part(money: float, of: float, customers: float) -> ShownFigure:
    """Money as a part of other money; of few customers none."""
    if not of or counted(customers).value is None:
        return ShownFigure(None, SHARE, int(customers))
    return ShownFigure(money / of, SHARE, int(customers))


def _month(shop: ReportedShop, month: int, rows: Mapping[tuple[int, str], Mapping[Any, float]]) -> ReportLine:
    mine, theirs = (rows.get((month, who), _NOBODY) for who in (MEMBERS, OTHERS))
    came, paid = mine["came"] + theirs["came"], mine["paid_minor"] + theirs["paid_minor"]
    last = shop.ends.day - timedelta(days=MONTH_DAYS * month + 1)
    return ReportLine(
        last.isoformat(),
        [
            share_of(mine["came"], came),
            _part(mine["paid_minor"], paid, came),
            share_of(mine["came"], mine["known"]),
            share_of(theirs["came"], theirs["known"]),
        ],
    )


_NOBODY = {"came": 0.0, "paid_minor": 0.0, "known": 0.0}


def _answer(whole: Mapping[str, Mapping[Any, float]], together: Mapping[Any, float]) -> str:
    share = share_of(whole.get(MEMBERS, _NOBODY)["came"], together["came"])
    money = _part(whole.get(MEMBERS, _NOBODY)["paid_minor"], together["paid_minor"], together["came"])
    if share.value is None or money.value is None:
        return "Too few bought to say which part members are."
    return f"Members are {share.value:.0%} of those who bought and {money.value:.0%} of what was paid with a card. That is no effect of membership."


def _with_plot(report: ManagersReport, months: list[ReportLine]) -> ManagersReport:
    plot = ReportPlot(
        "active",
        "Who is active",
        f"Share of all who ever bought that bought in {MONTH_DAYS} days, by their last day.",
        partial(draw_active, months=months),
        TALL,
    )
    return ManagersReport(report.name, report.title, report.answer, report.warnings, report.tables, (plot,))


def draw_active(axes: Axes, months: list[ReportLine]) -> None:
    """Two lines over the months."""
    for place, (name, colour) in enumerate((("members", LEAF), ("others", AMBER)), start=2):
        known = [(at, line.figures[place].value) for at, line in enumerate(months)]
        drawn = [(at, 100 * value) for at, value in known if value is not None]
        if drawn:
            axes.plot(
                *zip(*drawn, strict=True), color=colour, linewidth=2, marker="o", markersize=3, label=name
            )
    step = max(1, len(months) // 4)
    axes.set_xticks(range(0, len(months), step), [line.name for line in months[::step]])
    axes.set_xlim(-0.4, len(months) - 0.6)  # the first day's words stay clear of the axis' own
    axes.set_ylim(0, 104)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: f"{y:,g} %"))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", ncols=2)
