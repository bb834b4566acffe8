"""A report in words: the answer in a sentence, or that there is none yet and what it would take; then a table."""

import math
from collections.abc import Iterator

from scipy import stats

from engine.measurement.experiment_effects import LEVEL, POWER
from engine.measurement.experiment_guards import WHAT, GuardRow, worse
from engine.measurement.experiment_lights import untrusted
from engine.measurement.experiment_report import ExperimentReport
from engine.measurement.metric_definitions import MONEY, margin_basis
from models.effects.estimate import Estimate
from models.effects.ratio_of_means import RatioOfMeans
from models.ground.currencies import written
from models.running.terminal import number_of

LONGEST = 104  # weeks; nobody waits longer for an answer
TITLES = {
    "margin": "Margin",
    "spend": "Sales",
    "visits": "Days with a purchase",
    "basket": "Money a visit",
    "active": "Still active",
    "discount": "Discount redeemed",
    "funded": "Paid by suppliers",
    "redemptions": "Baskets with an offer",
}


def answer_in_words(report: ExperimentReport, currency: str) -> str:
    """The answer, ready to be read out; guards that got worse first."""
    broken = [f"Guard {guard_in_words(one, currency)}." for one in worse(report.guards)]
    return " ".join([*broken, _answer(report, currency)])


def _answer(report: ExperimentReport, currency: str) -> str:
    weeks = report.period.weeks
    time = f"In {number_of(weeks, 'week')}"
    broken = untrusted(report.lights)
    if broken:
        said = " ".join(one.says for one in broken)
        return f"{time} no difference can be trusted: {said} Find the cause before anything is decided."
    if not report.given and not report.row("discount").treated.value:
        return (
            f"{time} nothing was given to arm {report.pair[0]}, so there is nothing that could have had an effect: "
            "whatever the arms differ by is chance."
        )
    margin, (low, high) = report.row("margin").difference, report.margin_interval
    about = f"{amount(margin.value, MONEY, currency)} [{amount(low, MONEY, currency)}, {amount(high, MONEY, currency)}]"
    if low <= 0 <= high:
        return f"{time} it cannot be said whether the offers earn or lose: {about} of margin a customer may be chance{_cost(report, currency)}.{_anyway(report)} {_takes(report, currency)}"
    earned = "earned" if margin.value > 0 else "lost"
    if margin.value < 0:
        about = f"{amount(-margin.value, MONEY, currency)} [{amount(-high, MONEY, currency)}, {amount(-low, MONEY, currency)}]"
    return f"{time} the offers {earned} {about} of margin a customer{_cost(report, currency)}.{_anyway(report)} {_takes(report, currency)}"


def guard_in_words(one: GuardRow, currency: str) -> str:
    """A guard's judgement: `churn: share still active -2.1% [-3.9%, -0.3%], worse since week 5`."""
    if one.state == "look":
        return f"{one.name}: not judged, {one.lacks}"
    unit = MONEY if one.name == "margin" else "share"
    value, low, high = (signed(bound, unit, currency) for bound in (one.value, one.low, one.high))
    if one.name == "nps":
        value, low, high = (f"{100 * bound:+.0f}" for bound in (one.value, one.low, one.high))
    said = "no worse as far as can be seen" if one.since is None else f"worse since week {one.since}"
    return f"{one.name}: {WHAT[one.name]} {value} [{low}, {high}], {said}"


def _cost(report: ExperimentReport, currency: str) -> str:
    apart = report.row("discount").difference.value
    if not apart:
        return ""
    if report.pair[1] != "holdout":
        return (
            f", with {amount(apart, MONEY, currency)} more discount"
            if apart > 0
            else f", with {amount(-apart, MONEY, currency)} less discount"
        )
    return f", after the {amount(apart, MONEY, currency)} of discount that they cost"


def _anyway(report: ExperimentReport) -> str:
    if report.anyway is None:
        return ""
    low, high = report.anyway.whole.interval(LEVEL)
    if math.isinf(low) or math.isinf(high):
        return " How much of the discount would have been given on what is bought anyway cannot be said yet."
    return f" {share(report.anyway.whole.value)} [{low:.0%}, {high:.0%}] of the discount would have been bought anyway."


def _takes(report: ExperimentReport, currency: str) -> str:
    """How long until the uncertainty is half of what it is, by how it has shrunk so far; else how many more customers."""
    more = weeks_to_halve(report)
    if more is not None:
        return f"{number_of(more, 'more week')} would halve the uncertainty of a week's margin."
    low, high = report.margin_interval
    error = report.row("margin").difference.standard_error
    seen = (high - low) / 2 + float(stats.norm.ppf(POWER)) * error
    return (
        f"{sum(report.customers):,} customers show differences of {amount(seen, MONEY, currency)} and more four times in five; "
        "half of that takes four times as many in both arms."
    )


def weeks_to_halve(report: ExperimentReport) -> int | None:
    """Further weeks after which the margin a week is known twice as well, by how its error has shrunk; None for too many."""
    looks = report.looks
    now = looks[-1] if looks else None
    if now is None or len(looks) < 4 or not now.error:  # noqa: PLR2004 - fewer tell no trend
        return None
    then = next((one for one in looks if one.week >= now.week / 2), now)
    if then.week == now.week or not then.error:
        return None
    shrinks = -math.log((now.error / now.week) / (then.error / then.week)) / math.log(now.week / then.week)
    if shrinks <= 0:
        return None
    more = math.ceil(now.week * (2 ** (1 / shrinks) - 1))
    return more if more <= LONGEST else None


def table_in_words(report: ExperimentReport, currency: str) -> Iterator[str]:
    """Lines of a table: each figure in both arms, the difference with its interval, and an offer's effect where it was seen."""
    treated, control = report.pair
    yield (
        f"{report.name}: {treated} against {control}, {report.period.starts.day} up to {report.period.ends.day}, which does "
        f"not count; {report.customers[0]:,} and {report.customers[1]:,} customers of {sum(report.households):,} households."
    )
    yield f"  {'a customer':<22}{treated[:12]:>12}{control[:12]:>12}  difference [95 of 100]"
    for one in report.rows:
        low, high = one.difference.interval(LEVEL)
        left = f", adjusted: {one.variance_left:.0%} of the variance left" if one.variance_left < 1 else ""
        yield (
            f"  {TITLES[one.name]:<22}{amount(one.treated.value, one.unit, currency):>12}"
            f"{amount(one.control.value, one.unit, currency):>12}  {signed(one.difference.value, one.unit, currency)} "
            f"[{signed(low, one.unit, currency)}, {signed(high, one.unit, currency)}]{left}"
        )
        if one.per_reached is not None and one.name in ("margin", "spend"):
            yield f"  {'':<22}  of whom an offer reached: {ratio(one.per_reached, one.unit, currency)}"
        if one.left_out is not None:
            yield f"  {'':<22}  beyond the bounds for a few very large ones, not in it: {estimate(one.left_out, one.unit, currency)}"
    if report.looks and not report.judged_once:
        last = report.looks[-1]
        yield (
            f"  The margin may be looked at every week: [{signed(last.low, MONEY, currency)}, {signed(last.high, MONEY, currency)}] "
            "holds at all looks together."
        )
    if report.anyway is not None:
        for what, found in (
            ("without bundles of the first week", report.anyway.later),
            ("of those of the first week", report.anyway.first_week),
        ):
            if found is not None:
                low, high = found.interval(LEVEL)
                yield f"  Bought anyway {what}: {share(found.value)} [{share(low)}, {share(high)}] of the discount"
    yield from (f"  {one.state:<5} Guard {guard_in_words(one, currency)}" for one in report.guards)
    yield from _segments(report, currency)
    for beside in report.misleading:
        yield f"  Misleading: {beside.title} {estimate(beside.answer.difference, MONEY, currency)}. {beside.answer.why}"
    for light in report.lights:
        yield f"  {light.state:<5} {light.title}: {light.says}"
    yield f"  Of money: {margin_basis(net=report.net)}."


def _segments(report: ExperimentReport, currency: str) -> Iterator[str]:
    """Margin by segment; a line before each division says whether its segments differ at all."""
    told = ""
    for one in report.segments:
        if one.division != told:
            told = one.division
            yield f"  Margin by {told}, all intervals of it together; {differ_in_words(one.division_differs_p)}"
        bounds = f"[{signed(one.low, MONEY, currency)}, {signed(one.high, MONEY, currency)}]"
        yield f"    {one.segment:<20}{one.customers:>12,}  {signed(one.value, MONEY, currency)} {bounds}"


def differ_in_words(p_value: float) -> str:
    """Whether a division's segments differ from each other at all."""
    if p_value < 1 - LEVEL:
        return f"its segments differ (p = {p_value:.3f})"
    return f"that its segments differ may be chance (p = {p_value:.2f})"


def amount(value: float, unit: str, currency: str) -> str:
    """A figure as people read it."""
    if unit == "share":
        return f"{value:z.1%}"
    return written(value, currency) if unit == MONEY else f"{value:z,.2f}"


def signed(value: float, unit: str, currency: str) -> str:
    """A difference as people read it."""
    text = amount(value, unit, currency)
    return text if text.startswith("-") else f"+{text}"


def share(value: float) -> str:
    """A share in percent; what nothing bounds is said so."""
    return "no bound" if math.isinf(value) or math.isnan(value) else f"{value:.0%}"


def estimate(one: Estimate, unit: str, currency: str) -> str:
    """A difference with its interval."""
    low, high = one.interval(LEVEL)
    return (
        f"{signed(one.value, unit, currency)} [{signed(low, unit, currency)}, {signed(high, unit, currency)}]"
    )


def ratio(one: RatioOfMeans, unit: str, currency: str) -> str:
    """The same of a ratio."""
    low, high = one.interval(LEVEL)
    if math.isinf(low) or math.isinf(high):
        return f"{signed(one.value, unit, currency)}, which nothing bounds yet"
    return (
        f"{signed(one.value, unit, currency)} [{signed(low, unit, currency)}, {signed(high, unit, currency)}]"
    )
