"""What both arms of an experiment differ by: every figure with its interval, and the first one week by week."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.measurement.compared_arms import ComparedArms
from engine.measurement.metric_definitions import MONEY
from models.effects.arm_means import arm_means
from models.effects.bought_anyway import bought_anyway
from models.effects.compliers import effect_per_exposed
from models.effects.confidence_sequence import ConfidenceSequence
from models.effects.drawn_arms import Arms
from models.effects.estimate import Estimate
from models.effects.heavy_tails import Bounds, WinsorisedEffect, winsorised_effect
from models.effects.ratio_of_means import RatioOfMeans
from models.effects.smallest_effect import Question
from models.effects.treatment_effect import TreatmentEffect, treatment_effect
from models.ground.errors import BadInput

LEVEL, POWER = 0.95, 0.8
# Below this many customers a thousandth at each end is nobody, and whoever stands out is looked at by hand.
ENOUGH_TO_CUT = 1_000
FEW_ENOUGH = 9  # households in each arm that seven earlier figures need
Floats = npt.NDArray[np.float64]


class Measured(NamedTuple):
    """One figure a customer in both arms, and by what they differ; `left_out` is what the rule for heavy tails leaves out."""

    name: str
    unit: str
    treated: Estimate
    control: Estimate
    difference: Estimate
    variance_left: float
    left_out: Estimate | None
    per_reached: RatioOfMeans | None


class Look(NamedTuple):
    """The margin's difference a customer, from the beginning up to a week's end; low and high hold at all looks together."""

    week: int
    value: float
    low: float
    high: float
    error: float


@dataclass(frozen=True)
class BoughtAnyway:
    """The share of the discount on what is bought anyway: over all bundles, without those of the first week, and of these."""

    whole: RatioOfMeans
    later: RatioOfMeans | None
    first_week: RatioOfMeans | None


def measured(arms: ComparedArms) -> list[Measured]:
    """Margin, sales, visits, basket, share still active, discount, baskets with an offer; of everybody who was drawn.

    Where suppliers pay a part of the discount, that is a figure of its own.
    """
    whole = arms.margin.sum(axis=1)
    cut = _winsorised(whole, arms, arms.weeks)
    rows = [
        _row(
            "margin",
            MONEY,
            cut.effect,
            whole,
            arms,
            left_out=cut.left_out if cut.customers_cut.any() else None,
        ),
        _row("spend", MONEY, treatment_effect(arms.spend, arms.arms, figures_of(arms)), arms.spend, arms),
        _row(
            "visits", "visits", treatment_effect(arms.visits, arms.arms, figures_of(arms)), arms.visits, arms
        ),
        _basket(arms),
    ]
    others = [
        ("active", "share", arms.active[:, -1].astype(np.float64)),
        ("discount", MONEY, arms.discount),
        *([("funded", MONEY, arms.funded)] if arms.funded.any() else []),
        ("redemptions", "baskets", arms.redemptions),
    ]
    for name, unit, values in others:
        rows.append(_row(name, unit, treatment_effect(values, arms.arms, figures_of(arms)), values, arms))
    return rows


def looks(arms: ComparedArms, planned_weeks: int) -> list[Look]:
    """The margin's difference after each week, with a band that may be looked at every week.

    Where the band is narrowest is settled from the time before the experiment alone. A look counts whom a night had
    seen by its week.
    """
    found = looks_at_margin(arms)
    if not found or all(one.standard_error == 0 for _, one in found):
        return []
    planned = planned_error(arms, planned_weeks) or max(one.standard_error for _, one in found)
    band = ConfidenceSequence(LEVEL, planned).band(
        [one.value for _, one in found], [one.standard_error for _, one in found]
    )
    return [
        Look(week + 1, one.value, float(low), float(high), one.standard_error)
        for (week, one), (low, high) in zip(found, band, strict=True)
    ]


def looks_at_margin(arms: ComparedArms) -> list[tuple[int, Estimate]]:
    """The margin's difference from the beginning up to each week's end, the first week 0."""
    found: list[tuple[int, Estimate]] = []
    before, so_far = _whole_before(arms), np.zeros(len(arms.margin))
    for week in range(arms.weeks):
        so_far = so_far + arms.margin[:, week]
        values, mine, figures, known = so_far, arms.arms, arms.figures, before
        here = arms.seen_week <= week
        if not here.all():
            values, mine = so_far[here], Arms.of(arms.arms.treated[here], arms.arms.household[here])
            figures = None if figures is None else figures[here]
            known = None if known is None else known[here]
        fewest = int(mine.households.min())
        if fewest < 2:  # noqa: PLR2004 - one alone has no spread
            continue
        bounds = _bounds(known, arms, week + 1)
        figures = figures if fewest >= FEW_ENOUGH else None
        found.append((week, winsorised_effect(values, mine, figures, bounds).effect.difference))
    return found


def planned_error(arms: ComparedArms, weeks: int) -> float:
    """The standard error that the time before the experiment foretells for its planned end; 0 where nothing is known."""
    half = arms.before.shape[1] // 2
    if not half:
        return 0.0
    earlier, later = (
        part.sum(axis=1, dtype=np.float64)
        for part in (arms.before[:, -2 * half : -half], arms.before[:, -half:])
    )
    if later.std() == 0:
        return 0.0
    foretold = float(np.corrcoef(earlier, later)[0, 1]) if earlier.std() > 0 else 0.0
    treated, control = arms.arms.customers
    size = len(later) / float(arms.arms.households.sum())
    question = Question(float(later.std(ddof=1)) * weeks / half, foretold, size, LEVEL, POWER)
    return question.standard_error(len(later), float(control) / float(treated + control))


def anyway(arms: ComparedArms) -> BoughtAnyway | None:
    """How much of the discount falls on what would have been bought anyway; None where nothing was served or shadowed."""
    first, later = arms.own_discount.T
    if not (first + later)[arms.arms.treated].any() or not (first + later)[~arms.arms.treated].any():
        return None
    parts = [
        bought_anyway(values, arms.arms, figures_of(arms)) if values[arms.arms.treated].any() else None
        for values in (later, first)
    ]
    return BoughtAnyway(bought_anyway(first + later, arms.arms, figures_of(arms)), *parts)


def margin_effect(arms: ComparedArms) -> Estimate:
    """The margin's difference a customer over all weeks, under the rule for heavy tails."""
    return _winsorised(arms.margin.sum(axis=1), arms, arms.weeks).effect.difference


def figures_of(arms: ComparedArms) -> Floats | None:
    """The earlier figures, where both arms have enough households to be adjusted by them."""
    return arms.figures if int(arms.arms.households.min()) >= FEW_ENOUGH else None


def part_of(arms: ComparedArms, rows: npt.NDArray[np.bool_]) -> ComparedArms:
    """Some of the customers, whole units."""
    if rows.all():
        return arms
    kept: dict[str, Any] = {
        name: value[rows] for name, value in vars(arms).items() if isinstance(value, np.ndarray)
    }
    return replace(arms, **kept, arms=Arms.of(arms.arms.treated[rows], arms.arms.household[rows]))


def _winsorised(values: Floats, arms: ComparedArms, weeks: int) -> WinsorisedEffect:
    return winsorised_effect(values, arms.arms, figures_of(arms), _bounds(_whole_before(arms), arms, weeks))


def _whole_before(arms: ComparedArms) -> Floats | None:
    """Each customer's margin of all weeks before, shape (n,); None of no week."""
    return arms.before.sum(axis=1, dtype=np.float64) if arms.before.shape[1] else None


def _bounds(before: Floats | None, arms: ComparedArms, weeks: int) -> Bounds:
    """Of so many weeks' margin, from what those who count brought before."""
    if before is None or len(before) < ENOUGH_TO_CUT:
        return Bounds(float("-inf"), float("inf"))
    return Bounds.of(before, weeks / arms.before.shape[1])


def _row(
    name: str,
    unit: str,
    effect: TreatmentEffect,
    values: Floats,
    arms: ComparedArms,
    *,
    left_out: Estimate | None = None,
) -> Measured:
    return Measured(
        name,
        unit,
        effect.treated,
        effect.holdout,
        effect.difference,
        effect.variance_left,
        left_out,
        _per_reached(values, arms),
    )


def _per_reached(values: Floats, arms: ComparedArms) -> RatioOfMeans | None:
    if not arms.reached[arms.arms.treated].any():
        return None
    try:
        return effect_per_exposed(values, arms.reached, arms.arms, figures_of(arms))
    except (
        BadInput
    ):  # the control arm was reached too: a leak, which its own light tells, or it has offers of its own
        return None


def _basket(arms: ComparedArms) -> Measured:
    """Money a visit in each arm: a ratio of means, its error by the delta method."""
    both = np.column_stack([arms.spend, arms.visits])

    def basket(figures: Floats | None) -> tuple[list[Estimate], Estimate]:
        means = arm_means(both, arms.arms, figures)
        values, weights = np.zeros(2), np.zeros((2, 2))
        for arm, (spend, visits) in enumerate(means.mean):
            if visits > 0:
                values[arm], weights[arm] = spend / visits, (1 / visits, -spend / visits**2)
        apart = means.contrast(weights * np.array([[1.0], [-1.0]]))
        each = [means.contrast(weights * np.eye(2)[arm][:, None]) for arm in (0, 1)]
        return (
            [
                Estimate(float(value), one.standard_error, one.degrees)
                for value, one in zip(values, each, strict=True)
            ],
            Estimate(float(values[0] - values[1]), apart.standard_error, apart.degrees),
        )

    (treated, control), difference = basket(figures_of(arms))
    plain = basket(None)[1].standard_error
    left = (difference.standard_error / plain) ** 2 if plain > 0 else 1.0
    return Measured("basket", MONEY, treated, control, difference, left, None, None)
