"""What a bundle is worth by living on: the same households with each plan, on the same Monte Carlo futures.

A plan's household is a copy with the same dice, so the difference between two plans is what the bundle causes in
that future (common random numbers); futures are independent. The bundle is lived with for its days and four weeks
more without offers, so that stockpiling's dip, habits and fatigue are in. What lies beyond is counted only for
whether the household is still a customer: by the change of its hazard of leaving, not by rare drawn departures.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.simulator.draws import Ints
from training.simulator.dropout import dropout_probability
from training.simulator.runs import totals
from training.simulator.shop import margin_minor
from training.simulator.till import Offers, no_offers, personal_minor
from training.simulator.world import World

# Days lived with and after a bundle, and days beyond for which a customer kept is counted.
LIVED_DAYS, BEYOND_DAYS = 35, 84

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Futures:
    """Gains of plans over no offers, minor units.

    Attributes:
        lived: (futures, plans, n) margin gained within LIVED_DAYS.
        kept: (futures, plans, n) chance gained that the household is a customer thereafter.
    """

    lived: Doubles
    kept: Doubles


def roll_out(world: World, rows: Ints, plans: list[Offers], days: int, seeds: list[int]) -> Futures:
    """Live some households of a world on with each plan and with none.

    Args:
        world: as it is; it is not changed.
        rows: the households.
        plans: bundles, `household` a place in `rows`; valid for the next `days`, each offer until it is used.
        seeds: one future each.
    """
    n, many = len(rows), len(plans) + 1
    offers = _side_by_side(plans, n)
    found = [_live(world.with_future(seed).select(np.tile(rows, many)), offers, days) for seed in seeds]
    margin = np.stack([margin.reshape(many, n) for margin, _ in found])
    gone = np.stack([gone.reshape(many, n) for _, gone in found])
    return Futures(margin[:, 1:] - margin[:, :1], gone[:, :1] - gone[:, 1:])


def _side_by_side(plans: list[Offers], n: int) -> Offers:
    """Plan p's household h as row (p + 1) n + h; the first n rows have no offers."""
    columns = {
        name: np.concatenate([getattr(plan, name) for plan in plans])
        for name in ("product", "discount_bp", "max_units")
    }
    household = np.concatenate([plan.household + (place + 1) * n for place, plan in enumerate(plans)])
    return Offers(household=household, offer_no=np.arange(len(household)), **columns)


def _live(world: World, offers: Offers, days: int) -> tuple[Doubles, Doubles]:
    """Margin of every row, and the chance that it left, summed over days."""
    margin, gone = np.zeros(len(world.state.here)), np.zeros(len(world.state.here))
    for day in range(LIVED_DAYS):
        valid = offers if day < days else no_offers()
        lines = world.shop_day(valid)
        off = personal_minor(lines, valid)
        world.pay(lines, off)
        paid = lines.shelf_price_minor * lines.units - lines.discount_minor(off)
        left = margin_minor(world.shop, lines.product, lines.units, paid)
        margin += totals(lines.household, left, len(margin))
        gone += _leaving(world)
        if day < days:
            offers = offers.take(np.flatnonzero(~np.isin(offers.offer_no, lines.offer_no[off > 0])))
    return margin, np.minimum(gone, 1.0)


def _leaving(world: World) -> Doubles:
    state = world.state
    chance = dropout_probability(
        world.traits.dropout_per_day,
        state.satisfaction,
        state.complaint,
        state.fatigue,
        state.reward,
        world.parameters.dropout,
    )
    return np.where(state.here, chance, 0.0).astype(np.float64)


def pooled(observed: Doubles, explained_by: Doubles) -> tuple[Doubles, Doubles]:
    """The best guess of every household's mean from few futures: its own, drawn towards what is like it.

    Own means of two futures are mostly luck, and choosing the best of several plans by them would choose the
    luckiest. So they are shrunken towards a regression over all households, by as much as luck explains
    (empirical Bayes; Efron and Morris 1975, "Data analysis using Stein's estimator", JASA).

    Args:
        observed: (futures, n).
        explained_by: (n, k) what is known of each household before any future is lived.

    Returns:
        (n,) guesses and (n,) the standard error that is left in each.
    """
    futures, n = observed.shape
    own = observed.mean(axis=0)
    design = np.column_stack([np.ones(n), explained_by])
    coefficients, *_ = np.linalg.lstsq(design, own, rcond=None)
    line = design @ coefficients
    luck = float(observed.var(axis=0, ddof=1).mean() / futures) if futures > 1 else float(own.var())
    true = max(float(((own - line) ** 2).mean()) - luck, 0.0)
    weight = true / (true + luck) if true + luck > 0 else 0.0
    error = np.sqrt(weight * luck + (1 - weight) ** 2 * luck * design.shape[1] / n)
    return line + weight * (own - line), np.full(n, error)
