"""Operating efficiency: what the programme earns before its costs over what it costs, both from the holdout.

The gain is the margin that treated customers bring more than held-out ones, before discounts; the cost is the discount that
they redeem more, without what suppliers pay of it, what grants paid for them more, and what running the programme costs
beside it. Above 1 the programme pays. Both are known only so well, so
the ratio has Fieller's interval, which has no end where the cost may be nothing.
"""

import math

import numpy as np

from engine.measurement.compared_arms import ComparedArms
from engine.measurement.customer_weeks import ReportedWeeks
from engine.measurement.experiment_effects import LEVEL, figures_of
from engine.measurement.experiment_lights import Light, untrusted
from engine.measurement.metric_definitions import MONEY, margin_basis
from engine.reports.report_figures import (
    ManagersReport,
    ReportLine,
    ReportTable,
    ShownFigure,
    estimated,
    report_of,
)
from models.effects.arm_means import arm_means
from models.effects.estimate import Estimate
from models.effects.ratio_of_means import RatioOfMeans, ratio_of

RATIO = "gain over cost"
_TITLE = "What the programme earns over what it costs"


def efficiency(
    arms: ComparedArms, lights: list[Light], period: ReportedWeeks, running_cost_minor: float, *, net: bool
) -> ManagersReport:
    """Compare gain and cost a treated customer.

    Args:
        arms: treated and held out.
        lights: whether they may be compared.
        period: the whole weeks of the holdout that are compared.
        running_cost_minor: what running it cost in them beside discounts, for all treated customers together.
        net: margins are without VAT.
    """
    broken = untrusted(lights)
    if broken:
        said = " ".join(one.says for one in broken)
        return ManagersReport(
            "efficiency", _TITLE, f"No difference between the arms can be trusted: {said}", (), ()
        )
    n = int(arms.arms.customers.min())
    running = running_cost_minor / float(arms.arms.customers[0])
    # The running cost is known, so it enters as a constant that only the treated have.
    given = arms.discount + arms.granted
    spent = given + running * arms.arms.treated
    before = arms.margin.sum(axis=1) + given
    means = arm_means(np.column_stack([before, spent]), arms.arms, figures_of(arms))
    gain, cost = means.contrast([[1, 0], [-1, 0]]), means.contrast([[0, 1], [0, -1]])
    net_gain = means.contrast([[1, -1], [-1, 1]])
    ratio = ratio_of(means, [[1, 0], [-1, 0]], [[0, 1], [0, -1]])
    weeks = f"{period.weeks} whole weeks, {period.starts.day} up to {period.ends.day}"
    lines = [
        ReportLine("margin gained before discounts", [estimated(gain, MONEY, n)]),
        ReportLine(
            f"discount{', grants' if np.any(arms.granted) else ''} and running cost",
            [estimated(cost, MONEY, n)],
        ),
        ReportLine("left", [estimated(net_gain, MONEY, n)]),
        ReportLine(RATIO, [_shown(ratio, n)]),
    ]
    return report_of(
        "efficiency",
        _TITLE,
        _answer(cost, ratio),
        (
            "By intention to treat: everybody who was drawn counts, whether an offer reached them or not. `abonement experiment report` has every figure and whether the experiment may be believed.",
        ),
        [
            ReportTable(
                "efficiency",
                _TITLE,
                f"Treated less held-out customers over {weeks}, a customer; {margin_basis(net=net)}. Gain over cost has no unit.",
                ("a customer",),
                lines,
            )
        ],
    )


def _shown(ratio: RatioOfMeans, n: int) -> ShownFigure:
    low, high = ratio.interval(LEVEL)
    ends = (None, None) if math.isinf(low) or math.isinf(high) else (low, high)
    whole = estimated(Estimate(ratio.value, 0.0, 1.0), RATIO, n)
    if whole.value is None or math.isnan(ratio.value):
        return ShownFigure(None, RATIO, n)
    return ShownFigure(ratio.value, RATIO, n, *ends)


def _answer(cost: Estimate, ratio: RatioOfMeans) -> str:
    low, high = ratio.interval(LEVEL)
    if cost.value <= 0 or math.isnan(ratio.value):
        return "The treated cost nothing more than the held out, so there is nothing to be earned back."
    if math.isinf(low) or math.isinf(high):
        return "What the programme costs is not surely anything yet, so gain over cost cannot be bounded. Wait for more weeks."
    about = f"{ratio.value:.2f} [{low:.2f}, {high:.2f}] of margin gained for each 1 spent"
    if low > 1:
        return f"The programme pays: {about}."
    return (
        f"The programme costs more than it earns: {about}."
        if high < 1
        else f"It cannot be said yet whether the programme pays: {about}."
    )
