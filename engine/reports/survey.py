"""What customers answer: NPS and CSI by month, by what was asked about and between arms, and how many to ask next time."""

from functools import partial

import pandas as pd
from matplotlib.axes import Axes

from engine.measurement.metric_intervals import ENOUGH
from engine.reports.drawn_holdout import DrawnHoldout
from engine.reports.report_figures import (
    COUNT,
    POINTS,
    ManagersReport,
    ReportedShop,
    ReportLine,
    ReportPlot,
    ReportTable,
    ShownFigure,
    estimated,
    report_of,
)
from models.customers.lifecycle import CSI, NPS, last_answers
from models.effects.estimate import Estimate
from models.effects.promoters import WORST_SD, answers_needed, net_promoter_score, points
from models.effects.sample_means import mean_of_sums
from models.features.bucket_history import open_bought
from models.pages.drawing import LEAF, LINE, SOFT, TALL
from models.tables import CUSTOMER_ID

SCORE = "points of the shop's scale"
WITHIN = (10.0, 5.0, 3.0)  # points of NPS, plus or minus
WHOLE = "the shop as a whole"
_NO_ANSWERS = pd.DataFrame(
    {
        CUSTOMER_ID: pd.Series(dtype="str"),
        "answered_at": pd.Series(dtype="datetime64[us, UTC]"),
        "kind": pd.Series(dtype="str"),
        "score": pd.Series(dtype="int64"),
    }
)
_WHO_TO_ASK = (
    "Ask customers drawn by lot from all who bought in the last {days} days, treated and held out alike: whoever is asked at "
    "the till on a good day, in the app or after a complaint answers for others. Ask nobody twice within 90 days, remind once, "
    "and never give anything for an answer."
)


def survey(shop: ReportedShop, holdout: DrawnHoldout | None, active_days: int) -> ManagersReport:
    """Say what the answers of the period say; each customer's last answer counts, in a month and in the whole.

    Args:
        shop: the load and the period.
        holdout: who was drawn, or None.
        active_days: those who bought within so many days before the end are to be asked.
    """
    answers = _NO_ANSWERS if shop.data.answers is None else pd.read_parquet(shop.data.answers)
    at = answers["answered_at"]
    answers = answers[(at >= shop.starts.as_of) & (at < shop.ends.as_of)]
    if "parameter" not in answers:
        answers = answers.assign(parameter=None)
    answers["month"] = answers["answered_at"].dt.tz_convert(shop.data.timezone).dt.strftime("%Y-%m")
    nps, csi = (answers[answers["kind"] == kind] for kind in (NPS, CSI))
    months = [
        ReportLine(str(month), [_nps(_last(nps, str(month))), _csi(_last(csi, str(month)))])
        for month in sorted(answers["month"].unique())
    ]
    asked = _active(shop, active_days)
    tables = [
        ReportTable(
            "months",
            "By month",
            "A line is a calendar month, of each customer's last answer in it. NPS: per cent of promoters (9, 10) less per cent of detractors (0 to 6), from -100 to 100; CSI: mean score.",
            ("NPS", "CSI"),
            months,
        ),
        ReportTable(
            "parameters",
            "CSI by what was asked about",
            "Mean of each customer's last score in the period, in points of the shop's scale.",
            ("CSI",),
            [
                ReportLine(str(name), [_csi(_last(rows))])
                for name, rows in csi.groupby(csi["parameter"].fillna(WHOLE))
            ],
        ),
    ]
    if holdout is not None:
        tables += _between_arms(shop, holdout, _last(nps), _last(csi))
    answer, whole = (
        "Nobody answered in the period: deliver the table answers (customer_id, answered_at, kind, score).",
        _nps(_last(nps)),
    )
    if len(answers):
        answer = f"{len(_last(nps)):,} customers answered the NPS question and {csi[CUSTOMER_ID].nunique():,} a CSI question: too few to say more."
    if whole.value is not None and whole.low is not None and whole.high is not None:
        answer = f"NPS {whole.value:+.0f} [{whole.low:+.0f}, {whole.high:+.0f}], of {whole.n:,} customers who answered."
    return report_of(
        "nps",
        "What customers answer",
        answer,
        (
            "Who answers is no lot: those who are very glad or very cross answer more often, and what never asked customers think is not in it.",
            _WHO_TO_ASK.format(days=active_days),
        ),
        [*tables, _sampling(_last(nps), asked)],
        [_plot(months)] if sum(line.figures[0].value is not None for line in months) > 1 else (),
    )


def _last(answers: pd.DataFrame, month: str | None = None) -> pd.DataFrame:
    return last_answers(answers if month is None else answers[answers["month"] == month])


def _nps(answers: pd.DataFrame) -> ShownFigure:
    if len(answers) < 2:  # noqa: PLR2004 - one alone has no spread
        return ShownFigure(None, POINTS, len(answers))
    found = estimated(net_promoter_score(answers["score"]), POINTS, len(answers))
    if found.low is None or found.high is None:
        return found
    return found._replace(low=max(found.low, -WORST_SD), high=min(found.high, WORST_SD))


def _csi(answers: pd.DataFrame) -> ShownFigure:
    """The mean over customers of the mean of their scores: who scores five parameters counts once."""
    each = answers.groupby(CUSTOMER_ID)["score"].mean()
    if len(each) < 2:  # noqa: PLR2004 - one alone has no spread
        return ShownFigure(None, SCORE, len(each))
    return estimated(mean_of_sums(len(each), float(each.sum()), float((each**2).sum())), SCORE, len(each))


def _between_arms(
    shop: ReportedShop, holdout: DrawnHoldout, nps: pd.DataFrame, csi: pd.DataFrame
) -> list[ReportTable]:
    since = pd.Timestamp(holdout.began, tz=shop.data.timezone)
    tables = []
    each = csi[csi["answered_at"] >= since].groupby(CUSTOMER_ID, as_index=False)["score"].mean()
    later = nps[nps["answered_at"] >= since]
    for name, head, rows, values, unit in (
        ("nps_arms", "NPS", later, points(later["score"]), POINTS),
        ("csi_arms", "CSI", each, each["score"].to_numpy(), SCORE),
    ):
        lines = holdout.compare(rows[CUSTOMER_ID], values, unit) if len(rows) else []
        says = f"Of the last answer of each customer from {holdout.began} on. The lot drew the arms and not who answers: a difference is an effect only if both answer alike often."
        tables.append(ReportTable(name, f"{head} of treated and held out", says, (head,), lines))
    return tables


def _active(shop: ReportedShop, active_days: int) -> int:
    """How many bought within so many days before the period's end."""
    found = 0
    for bucket in range(shop.data.buckets):
        with open_bought(shop.data.purchases(bucket), shop.catalogue, shop.ends) as bought:
            (row,) = bought.execute(
                "SELECT count(DISTINCT customer_no) FROM item_days WHERE age_days <= ?", [active_days]
            ).fetchall()
            found += int(row[0])
    return found


def _sampling(nps: pd.DataFrame, customers: int) -> ReportTable:
    """How many answers it takes, as the shop's own answers are spread; as badly as can be where it has too few."""
    own = Estimate(0.0, 0.0, 0.0) if len(nps) < 2 else net_promoter_score(nps["score"])  # noqa: PLR2004
    known = estimated(own, POINTS, len(nps)).value is not None and own.standard_error > 0
    sd = own.standard_error * len(nps) ** 0.5 if known else WORST_SD
    basis = (
        "as widely spread as those so far"
        if known
        else "half promoters and half detractors, the worst there is"
    )
    lines = [
        ReportLine(
            f"to +- {within:g} points",
            [
                ShownFigure(float(answers_needed(sd, within, customers)), COUNT, customers),
                ShownFigure(
                    float(min(2 * answers_needed(sd, within / 2**0.5, customers), customers)),
                    COUNT,
                    customers,
                ),
            ],
        )
        for within in WITHIN
        if customers >= ENOUGH
    ]
    return ReportTable(
        "sampling",
        "How many to ask",
        f"Answers that it takes to know the NPS of {customers:,} customers in 95 of 100 surveys, if answers are {basis}; for two groups of equal size, to know their difference. Divide by the share who answer: where a tenth does, ask ten times as many.",
        ("answers", "answers, two groups together"),
        lines,
    )


def _plot(months: list[ReportLine]) -> ReportPlot:
    return ReportPlot(
        "nps",
        "NPS by month",
        "The band holds the true score in 95 of 100 such months.",
        partial(draw_score, months=[line for line in months if line.figures[0].value is not None]),
        TALL,
    )


def draw_score(axes: Axes, months: list[ReportLine]) -> None:
    """A line with its band."""
    places = range(len(months))
    figures = [line.figures[0] for line in months]
    axes.fill_between(
        places,
        [one.low or 0.0 for one in figures],
        [one.high or 0.0 for one in figures],
        color=LEAF,
        alpha=0.16,
        linewidth=0,
    )
    axes.plot(
        places, [one.value or 0.0 for one in figures], color=LEAF, linewidth=2, marker="o", markersize=3
    )
    axes.axhline(0, color=SOFT, linewidth=0.9)
    step = max(1, len(months) // 4)
    axes.set_xticks(list(places)[::step], [line.name for line in months[::step]])
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
