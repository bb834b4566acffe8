"""Does this night look like one that may be published without anybody looking? Pure functions on its numbers.

Each check compares one number with a limit of the programme's section [guard]. Limits hold for a large shop; for
a small one they are widened by what chance alone does to so few customers: three standard errors, or the 99.9 %
point of the index's own distribution. A check that has nothing to compare with says so and passes.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import numpy as np
from scipy.stats import chi2

from engine.domain.errors import BadRequest, GuardRefused
from engine.nightly.measure import Measures
from engine.programme.guard import GuardLimits
from models.likeness import DAYS, Likeness

CHECKS: Mapping[str, str] = {
    "data_age": "hours from the newest purchase to the night",
    "recent_lines": "lines of the last days against the same weekday of the weeks before",
    "history": "lines of settled days against what was seen before",
    "paid_level": "money a line against what was seen before, and of the last days against the weeks before",
    "unknown_products": "share of lines whose product is not in the products table",
    "known_items": "share of the items in use before that are still in use",
    "price_level": "median price of the same items against before",
    "price_jumps": "share of the same items whose price moved more than fivefold",
    "known_customers": "share of the last run's customers who were scored again",
    "model_shop": "share of the baskets known to the model that are in the data",
    "empty_bundles": "share of the customers who should have a bundle and have none",
    "mean_depth": "mean depth against the earlier runs, basis points",
    "expected_cost": "expected cost of a bundle against the earlier runs",
    "p_buy_drift": "population stability index of P(buy) against the earlier runs",
    "p_churn_drift": "population stability index of P(silent) against the earlier runs",
    "candidate_drift": "population stability index of the candidates' sources against the earlier runs",
}
STANDARD_ERRORS = 3.0
CHANCE = 0.999
PRICE_JUMP = 5.0
WEEKS_BEFORE = 4


@dataclass(frozen=True)
class Check:
    """One number against its limits; without a number there was nothing to judge, and `says` why."""

    name: str
    value: float | None
    says: str
    at_least: float | None = None
    at_most: float | None = None
    accepted: bool = False

    @property
    def ok(self) -> bool:
        """True within the limits, or where there is nothing to judge."""
        if self.value is None:
            return True
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return low <= self.value <= high

    @property
    def limit(self) -> str:
        """Both limits in words."""
        parts = [
            f"{word} {number(limit)}"
            for word, limit in (("at least", self.at_least), ("at most", self.at_most))
            if limit is not None
        ]
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content for the manifest."""
        limit = {"at_least": self.at_least, "at_most": self.at_most}
        return {
            "value": self.value,
            "limit": {name: bound for name, bound in limit.items() if bound is not None},
            "ok": self.ok,
            "accepted": self.accepted,
            "says": self.says,
        }


@dataclass(frozen=True)
class Earlier:
    """An earlier published run."""

    run_id: str
    measures: Measures


@dataclass(frozen=True)
class Tonight:
    """Everything that the checks look at.

    Attributes:
        as_of: the night's cut of the data.
        measures: the night in numbers.
        item_prices: every item in use tonight, by mark, with its price.
        earlier: runs to compare with, oldest first.
        model: the shop as the model saw it when it was fitted, None for models that did not look.
        model_basket_share: of the baskets in `model`, found in tonight's data; None if it does not reach back.
        known_customer_share: of the last run's customers, scored tonight; None if that run's folder is gone.
    """

    as_of: datetime
    measures: Measures
    item_prices: Mapping[str, int | None]
    earlier: Sequence[Earlier]
    model: Likeness | None
    model_basket_share: float | None
    known_customer_share: float | None

    @property
    def reference(self) -> tuple[str, Likeness] | None:
        """What the shop looked like before: to the last run, else to the model."""
        if self.earlier:
            return f"run {self.earlier[-1].run_id}", self.earlier[-1].measures.likeness
        return None if self.model is None else (f"model {self.measures.model}", self.model)


def require_known(names: Collection[str]) -> None:
    """Refuse names that are no check; raises BadRequest."""
    unknown = sorted(set(names) - set(CHECKS))
    if unknown:
        raise BadRequest(
            f"--accept {', '.join(unknown)} is no check of the guard; the checks are {', '.join(CHECKS)}."
        )


def judge(tonight: Tonight, limits: GuardLimits, accepted: Collection[str]) -> tuple[Check, ...]:
    """Make every check, in the order of CHECKS; `accepted` ones are marked where they fail."""
    checks = [
        data_age(tonight, limits),
        recent_lines(tonight.measures.likeness, limits),
        history(tonight, limits),
        paid_level(tonight, limits),
        _unknown_products(tonight.measures, limits),
        *_items(tonight, limits),
        _known_customers(tonight, limits),
        _model_shop(tonight, limits),
        _empty_bundles(tonight.measures, limits),
        *_offers(tonight, limits),
        *_drifts(tonight, limits),
    ]
    return tuple(
        Check(c.name, c.value, c.says, c.at_least, c.at_most, not c.ok and c.name in accepted) for c in checks
    )


def enforce(run_id: str, checks: Sequence[Check]) -> None:
    """Raise GuardRefused, naming every failed check that was not accepted, its value, limit and place."""
    failed = [check for check in checks if not check.ok and not check.accepted]
    if not failed:
        return
    lines = [
        (
            f"Night {run_id} was not published: {len(failed)} of {len(checks)} checks failed. "
            "Customers keep the offers they have."
        ),
        *(f"  {check.name}: {number(check.value)}, {check.limit} allowed; {check.says}." for check in failed),
        "Correct the data or the model and run the night again; if it is as it should be, run it again with "
        + " ".join(f"--accept {check.name}" for check in failed)
        + ".",
    ]
    raise GuardRefused("\n".join(lines), run_id)


def number(value: float | None) -> str:
    """Three significant digits, at most four after the point, without an exponent."""
    if value is None:
        return "nothing to judge"
    if value == 0 or abs(value) >= 100:  # noqa: PLR2004 - three digits are before the point
        return f"{value:,.0f}"
    return f"{value:.{min(4, max(0, 2 - math.floor(math.log10(abs(value)))))}f}"


def data_age(tonight: Tonight, limits: GuardLimits) -> Check:
    """A feed that is late makes every customer look as if he had stopped coming.

    Where few buy, the limit is widened by the pause between two customers that chance exceeds once in a thousand.
    """
    newest = tonight.measures.likeness.newest_purchase
    if newest is None:
        return Check("data_age", None, "nothing was bought before the night")
    last = datetime.fromisoformat(newest)
    hours = (tonight.as_of - last).total_seconds() / 3600
    days = [last + timedelta(days=ahead) for ahead in range(1, int(hours / 24) + 1)]
    hours -= 24 * sum(f"{day:%m-%d}" in limits.closed_days for day in days)
    shoppers = sum(tonight.measures.likeness.shoppers.values())
    pause = math.log(1 / (1 - CHANCE)) * 24 * DAYS / shoppers if shoppers else 0.0
    says = f"newest purchase {last:%Y-%m-%d %H:%M}, night as of {tonight.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return Check("data_age", round(hours, 2), says, at_most=round(limits.max_data_age_hours + pause, 1))


def recent_lines(likeness: Likeness, limits: GuardLimits) -> Check:
    """The day furthest from its usual, as a ratio to the mean of the same weekday of the four weeks before.

    The factor allowed is widened by three standard errors of the logarithm of a ratio of two Poisson counts of
    customers, sqrt(1/a + 1/b).
    """
    days = sorted(likeness.lines)
    worst: tuple[float, float, Check] | None = None
    for place in range(len(days) - limits.recent_days, len(days)):
        if days[place][5:] in limits.closed_days:
            continue
        before = [days[place - 7 * week] for week in range(1, WEEKS_BEFORE + 1) if place >= 7 * week]
        before = [
            day
            for day in before
            if day[5:] not in limits.closed_days
            and any(likeness.lines[first] for first in days if first <= day)
        ]
        usual = sum(likeness.lines[day] for day in before) / max(len(before), 1)
        people = sum(likeness.shoppers[day] for day in before)
        if usual == 0:
            continue
        lines = likeness.lines[days[place]]
        error = math.sqrt(len(before) / people + 1 / people)
        factor = limits.max_day_factor * math.exp(STANDARD_ERRORS * error)
        ratio = lines / usual
        # A day without anybody is chance where this few are usual: P(0) of a Poisson count is exp(-mean).
        chance = lines == 0 and math.exp(-people / len(before)) > 1 - CHANCE
        strain = -math.inf if chance else (abs(math.log(ratio)) if ratio > 0 else math.inf) - math.log(factor)
        check = Check(
            "recent_lines",
            round(ratio, 4),
            f"{days[place]} has {lines:,} lines, usual on that weekday are {usual:,.0f}",
            0.0 if chance else round(1 / factor, 4),
            round(factor, 4),
        )
        if worst is None or strain > worst[0]:
            worst = (strain, ratio, check)
    return worst[2] if worst else Check("recent_lines", None, "no earlier week to compare with")


def history(tonight: Tonight, limits: GuardLimits) -> Check:
    """Days that were complete before must hold the same lines now: catches files loaded twice or cut."""
    if tonight.reference is None:
        return _nothing_before("history")
    whose, before = tonight.reference
    now = tonight.measures.likeness.lines
    shared = {day: lines for day, lines in before.settled_lines.items() if day in now}
    total = sum(shared.values())
    if total == 0:
        return Check("history", None, f"tonight's {len(now)} days and those of {whose} have none in common")
    change = sum(abs(now[day] - lines) for day, lines in shared.items()) / total
    says = (
        f"{min(shared)} to {max(shared)} hold {sum(now[day] for day in shared):,} lines, "
        f"{total:,} when {whose} looked"
    )
    return Check("history", round(change, 4), says, at_most=limits.max_history_change)


def paid_level(tonight: Tonight, limits: GuardLimits) -> Check:
    """Money a line by two ratios, the more strained one: settled days now and then, last days and weeks before.

    Settled days are the same lines twice. The last days are few customers' purchases: their limit is widened by
    three standard errors of the logarithm of a ratio of means whose spread is as large as the mean.
    """
    now = tonight.measures.likeness
    days = sorted(now.lines)
    last, weeks = days[-limits.recent_days :], days[: -limits.recent_days]
    people = [sum(now.shoppers[day] for day in some) for some in (last, weeks)]
    sides = []
    if min(people):
        factor = limits.max_price_factor * math.exp(
            STANDARD_ERRORS * math.sqrt(1 / people[0] + 1 / people[1])
        )
        usual = _money_a_line(now, weeks)
        sides.append((_money_a_line(now, last), usual, factor, last, "the weeks before"))
    if tonight.reference is not None:
        whose, before = tonight.reference
        shared = [day for day in before.settled_lines if before.lines[day] and now.lines.get(day)]
        if shared:
            then = _money_a_line(before, shared)
            sides.append(
                (_money_a_line(now, shared), then, limits.max_price_factor, shared, f"what {whose} saw")
            )
    strained = [
        (
            abs(math.log(amount / usual)) - math.log(factor),
            Check(
                "paid_level",
                round(amount / usual, 4),
                f"a line of {which[0]} to {which[-1]} brought {amount:,.0f} minor units, {usual:,.0f} in {than}",
                round(1 / factor, 4),
                round(factor, 4),
            ),
        )
        for amount, usual, factor, which, than in sides
        if amount > 0 and usual > 0
    ]
    if not strained:
        return Check("paid_level", None, "no money to compare")
    return max(strained, key=lambda side: side[0])[1]


def _money_a_line(likeness: Likeness, days: Sequence[str]) -> float:
    lines = sum(likeness.lines[day] for day in days)
    return sum(likeness.paid_minor[day] for day in days) / lines if lines else 0.0


def psi(before: Sequence[int], now: Sequence[int]) -> float:
    """Population stability index of two histograms: sum of (q - p) ln(q / p) over the bins.

    Half an observation is added to every bin, so that an empty one does not make it infinite.
    Source: Siddiqi, Credit Risk Scorecards (2006).
    """
    p, q = (np.asarray(counts, dtype=np.float64) + 0.5 for counts in (before, now))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def chance_psi(before: int, now: int, bins: int) -> float:
    """The index that chance alone exceeds once in a thousand nights, with so many independent observations.

    Without a shift it is distributed as chi-squared(bins - 1) x (1/n + 1/m).
    Source: Yurdakul and Naranjo, Statistical properties of the population stability index (2020).
    """
    if min(before, now) == 0:
        return math.inf
    return float(chi2.ppf(CHANCE, bins - 1)) * (1 / before + 1 / now)


def _nothing_before(name: str) -> Check:
    return Check(name, None, "no earlier run, and the model did not record its shop")


def _slack(share: float, count: int) -> float:
    """Three standard errors of a share of so many."""
    return STANDARD_ERRORS * math.sqrt(share * (1 - share) / max(count, 1))


def _unknown_products(measures: Measures, limits: GuardLimits) -> Check:
    share = measures.unknown_product_share
    says = f"{share:.2%} of the loaded lines are of products that the products table does not know"
    return Check("unknown_products", share, says, at_most=limits.max_unknown_product_share)


def _items(tonight: Tonight, limits: GuardLimits) -> Iterator[Check]:
    names = ("known_items", "price_level", "price_jumps")
    if tonight.reference is None:
        yield from map(_nothing_before, names)
        return
    whose, before = tonight.reference
    marks = [mark for mark in before.items if mark in tonight.item_prices]
    if not before.items:
        yield from (Check(name, None, f"{whose} knew no item in use") for name in names)
        return
    least, count = limits.min_known_item_share, len(before.items)
    yield Check(
        names[0],
        round(len(marks) / count, 4),
        f"{len(marks):,} of {count:,} sampled items that were in use when {whose} looked still are",
        at_least=round(max(0.0, least - _slack(least, count)), 4),
    )
    pairs = [(before.items[mark], tonight.item_prices[mark]) for mark in marks]
    ratios = [now / then for then, now in pairs if now and then]
    if not ratios:
        yield from (Check(name, None, f"no item with a price in common with {whose}") for name in names[1:])
        return
    factor = limits.max_price_factor
    says = f"of the median item of {len(ratios):,}, against when {whose} looked"
    yield Check(names[1], round(median(ratios), 4), says, round(1 / factor, 4), factor)
    jumped = sum(not 1 / PRICE_JUMP <= ratio <= PRICE_JUMP for ratio in ratios)
    most = limits.max_price_jump_share
    yield Check(
        names[2],
        round(jumped / len(ratios), 4),
        f"{jumped:,} of {len(ratios):,} items, against when {whose} looked",
        at_most=round(most + _slack(most, len(ratios)), 4),
    )


def _known_customers(tonight: Tonight, limits: GuardLimits) -> Check:
    share, name = tonight.known_customer_share, "known_customers"
    if not tonight.earlier:
        return Check(name, None, "no earlier run")
    last = tonight.earlier[-1]
    if share is None:
        return Check(name, None, f"the folder of run {last.run_id} is gone")
    least = limits.min_known_customer_share
    return Check(
        name,
        round(share, 4),
        f"of the {last.measures.customers:,} customers scored in run {last.run_id}",
        at_least=round(max(0.0, least - _slack(least, last.measures.customers)), 4),
    )


def _model_shop(tonight: Tonight, limits: GuardLimits) -> Check:
    name, model = "model_shop", tonight.measures.model
    if tonight.model is None:
        return Check(name, None, f"model {model} did not record its shop")
    first, until = tonight.model.basket_days
    if tonight.model_basket_share is None:
        return Check(name, None, f"the data do not reach back to {first}, where model {model} looked")
    least, count = limits.min_model_basket_share, len(tonight.model.baskets)
    return Check(
        name,
        round(tonight.model_basket_share, 4),
        f"of {count:,} baskets of {first} to {until} that model {model} was fitted on, in these data",
        at_least=round(max(0.0, least - _slack(least, count)), 4),
    )


def _empty_bundles(measures: Measures, limits: GuardLimits) -> Check:
    if measures.due == 0:
        return Check("empty_bundles", None, "nobody should have a bundle")
    most = limits.max_empty_share
    return Check(
        "empty_bundles",
        round(measures.empty / measures.due, 4),
        f"{measures.empty:,} of {measures.due:,} customers who should have a bundle have none",
        at_most=round(most + _slack(most, measures.due), 4),
    )


def _offers(tonight: Tonight, limits: GuardLimits) -> Iterator[Check]:
    now = tonight.measures
    before = [run.measures for run in tonight.earlier if run.measures.bundles]
    if not before or not now.bundles:
        says = "no bundle tonight" if before else "no earlier run with bundles"
        yield from (Check(name, None, says) for name in ("mean_depth", "expected_cost"))
        return
    made = sum(run.bundles for run in before)
    runs = f"the {made:,} bundles of {_runs(len(before))}"
    usual = sum(run.depth_bp.mean * run.bundles for run in before) / made
    # Two bundles do not show how much bundles differ, so the larger spread counts for both sides.
    error = max(run.depth_bp.sd for run in (now, *before)) * math.sqrt(1 / now.bundles + 1 / made)
    slack = limits.max_depth_change_bp + STANDARD_ERRORS * error
    yield Check(
        "mean_depth",
        now.depth_bp.mean,
        f"basis points, of {now.bundles:,} bundles; {usual:,.0f} in {runs}",
        round(usual - slack, 1),
        round(usual + slack, 1),
    )
    usual = sum(run.cost_milli.mean * run.bundles for run in before) / made
    if usual <= 0:
        yield Check("expected_cost", None, f"{runs} were expected to cost nothing")
        return
    spread = max(run.cost_milli.sd / max(run.cost_milli.mean, 1e-9) for run in (now, *before))
    error = spread * math.sqrt(1 / now.bundles + 1 / made)
    factor = limits.max_cost_factor * math.exp(STANDARD_ERRORS * error)
    yield Check(
        "expected_cost",
        round(now.cost_milli.mean / usual, 4),
        f"of {usual / 1000:,.1f} minor units, the mean of {runs}; tonight's {now.bundles:,} are expected to cost "
        f"{now.cost_milli.mean / 1000:,.1f} each",
        at_most=round(factor, 4),
    )


def _runs(count: int) -> str:
    return "1 earlier run" if count == 1 else f"{count} earlier runs"


def _drifts(tonight: Tonight, limits: GuardLimits) -> Iterator[Check]:
    now = tonight.measures
    before = [run.measures for run in tonight.earlier if run.measures.customers]
    for name, histogram, most in (
        ("p_buy_drift", "p_buy", limits.max_p_buy_drift),
        ("p_churn_drift", "p_churn", limits.max_p_churn_drift),
        ("candidate_drift", "sources", limits.max_candidate_drift),
    ):
        if not before or not now.customers:
            yield Check(name, None, "no earlier run" if not before else "no customer was scored")
            continue
        counts: list[int] = np.sum([getattr(run, histogram) for run in before], axis=0).tolist()
        models = sorted({run.model for run in before} - {now.model})
        changed = f", the model was {', '.join(models)} and is {now.model}" if models else ""
        chance = chance_psi(max(run.customers for run in before), now.customers, len(counts))
        yield Check(
            name,
            round(psi(counts, getattr(now, histogram)), 4),
            f"against {_runs(len(before))}, {chance:.3f} of the limit for chance{changed}",
            at_most=round(most + chance, 4),
        )
