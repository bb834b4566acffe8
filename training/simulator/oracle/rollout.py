"""What a bundle is worth by living on: the same households with each plan, on the same Monte Carlo futures.

A plan's household is a copy with the same dice, so the difference between two plans is what the bundle causes in
that future (common random numbers); futures are independent. The bundle is lived with for its days and four weeks
more without offers, so that stockpiling's dip, habits and fatigue are in. What lies beyond is counted only for
whether the household is still a customer: by the change of its hazard of leaving, not by rare drawn departures.

One household's gain in a few futures is nearly all luck, and the best of several plans by that would be the
luckiest. So a `Lesson` is drawn from all households together: a regression of what was gained on what the one-period
values expected, with its standard error. It is learnt once for some weeks, and applied to every bundle.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.simulator.world.behaviour.dropout import dropout_probability
from training.simulator.world.draws import Ints
from training.simulator.world.flat_runs import totals
from training.simulator.world.offers_and_lines import PersonalOffers, no_offers, personal_minor
from training.simulator.world.simulated_shop import margin_minor
from training.simulator.world.world import World

# Days lived with and after a bundle.
LIVED_DAYS = 35
FEWEST_TAUGHT = 20
_UNSURE = 1e12  # squared minor units: surer of nothing than of any bundle's gain

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


def roll_out(world: World, rows: Ints, plans: list[PersonalOffers], days: int, seeds: list[int]) -> Futures:
    """Live some households of a world on with each plan that gives them any offer, and with none.

    Args:
        world: as it is; it is not changed.
        rows: the households.
        plans: bundles, `household` a place in `rows`; valid for the next `days`, each offer until it is used.
        seeds: one future each.
    """
    have = [np.unique(plan.household) for plan in plans]
    lived_by = [np.arange(len(rows)), *have]
    starts = np.cumsum([0, *map(len, lived_by)])[1:-1]  # of each plan's rows, after those without offers
    offers = _side_by_side(plans, have, starts)
    everybody = rows[np.concatenate(lived_by)]
    futures = Futures(*(np.zeros((len(seeds), len(plans), len(rows))) for _ in range(2)))
    for future, seed in enumerate(seeds):
        margin, gone = _live(world.with_future(seed).select(everybody), offers, days)
        for number, (mine, start) in enumerate(zip(have, starts, strict=True)):
            with_it = slice(start, start + len(mine))
            futures.lived[future, number, mine] = margin[with_it] - margin[mine]
            futures.kept[future, number, mine] = gone[mine] - gone[with_it]
    return futures


def _side_by_side(plans: list[PersonalOffers], have: list[Ints], starts: Ints) -> PersonalOffers:
    """All plans' offers: the households that a plan gives any have rows from its start on, the first rows have none."""
    columns = {
        name: np.concatenate([getattr(plan, name) for plan in plans])
        for name in ("product", "discount_bp", "max_units")
    }
    household = np.concatenate(
        [
            start + np.searchsorted(mine, plan.household)
            for plan, mine, start in zip(plans, have, starts, strict=True)
        ]
    )
    return PersonalOffers(household=household, offer_no=np.arange(len(household)), **columns)


def _live(world: World, offers: PersonalOffers, days: int) -> tuple[Doubles, Doubles]:
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
        gone += leaving(world)
        if day < days:
            offers = offers.take(np.flatnonzero(~np.isin(offers.offer_no, lines.offer_no[off > 0])))
    return margin, np.minimum(gone, 1.0)


def leaving(world: World) -> Doubles:
    """P(gone by tomorrow) of every household, 0 for the gone."""
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


@dataclass(frozen=True)
class Lesson:
    """A line through what was lived: gain = coefficients x (1, what explains it), with their covariance."""

    coefficients: Doubles
    covariance: Doubles

    @classmethod
    def learn(cls, gained: Doubles, explained_by: Doubles) -> "Lesson":
        """Fit by least squares; `gained` is (futures, n), `explained_by` (n, k) was known before.

        Of fewer than FEWEST_TAUGHT households nothing is learnt, and nothing is sure: a line fits a few points too well.
        """
        own, design = gained.mean(axis=0), _design(explained_by)
        if len(own) < FEWEST_TAUGHT:
            return cls(np.zeros(design.shape[1]), np.eye(design.shape[1]) * _UNSURE)
        inverse = np.linalg.pinv(design.T @ design)
        coefficients = inverse @ design.T @ own
        left = own - design @ coefficients
        # households differ in how much luck moves them (White 1980, Econometrica)
        covariance = inverse @ (design.T * left**2) @ design @ inverse
        return cls(coefficients, covariance)

    def expect(self, explained_by: Doubles) -> Doubles:
        """Expected gain of each household, (n,)."""
        return np.asarray(_design(explained_by) @ self.coefficients, dtype=np.float64)

    def error(self, explained_by: Doubles) -> Doubles:
        """Standard error of each household's expectation, (n,)."""
        design = _design(explained_by)
        variance = np.einsum("ij,jk,ik->i", design, self.covariance, design)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)

    def error_of_sum(self, explained_by: Doubles) -> float:
        """Standard error of the sum over all households."""
        total = _design(explained_by).sum(axis=0)
        return float(np.sqrt(max(total @ self.covariance @ total, 0.0)))


def _design(explained_by: Doubles) -> Doubles:
    return np.column_stack([np.ones(len(explained_by)), explained_by])
