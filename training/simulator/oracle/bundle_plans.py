"""Bundles to choose among on one evening: whole plans for everybody, made of what single offers are worth.

    items      what gains most by itself, whether or not it brings anybody
    visits     what gains most with the visits that the bundle's savings bring
    rewards    what gives most away
    due        what a visit is likeliest to use, and cheaply: what pleases without costing
    loved      the greatest savings on what was bought most
    dear       large savings that cost little, because they are hardly used
    new        what was never bought, by what it gains with the visits it brings
    win_back   to those who are silent or likeliest to leave alone: what is worth most to them
    thank_you  to those alone who come as ever and whose staying is worth most: what gives most away

Each is filled by the night's own rules, so none of them breaks a programme: a bundle to win somebody back is as small as
those allow, and no smaller.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.simulator.oracle.offer_worth import Doubles, Worth, worth
from training.simulator.oracle.rollout import leaving
from training.simulator.world.draws import Flags, Ints
from training.simulator.world.flat_runs import totals
from training.simulator.world.offers_and_lines import PersonalOffers, beyond_minor
from training.simulator.world.world import World

VALID_DAYS = 7
MAX_UNITS = 4
PLANS = ("items", "visits", "rewards", "due", "loved", "dear", "new", "win_back", "thank_you")
_ROUNDS = 3  # of choosing items at the marginal worth of their saving, which falls with the bundle's
_DEAR_FACTOR = 8.0  # minor units of saving that one of expected discount outweighs
_SILENT_GAPS = 2.0  # own mean gaps without a visit that are a silence
_LEAVING_SHARE, _THANKED_SHARE = 0.1, 1 / 3  # of the night's households
_NEW_FIRST = 1e6  # minor units: more than any item is worth

# Values (N, D) of a night's candidates -> (chosen (N,), depth (N,)): bundles by the engine's own rules.
Bundler = Callable[[Doubles], tuple[Flags, Ints]]


@dataclass(frozen=True)
class Plan:
    """One bundle for each household that gets any: rows of candidates and their depths."""

    rows: Ints
    depth: Ints


@dataclass(frozen=True)
class Evening:
    """A night's N candidates at D depths with what they are worth."""

    world: World
    household: Ints
    product: Ints
    depths_bp: Ints
    allowed: Flags
    bundler: Bundler
    worth: Worth

    @classmethod
    def of(
        cls,
        world: World,
        customer_id: npt.NDArray[np.object_],
        item_id: npt.NDArray[np.object_],
        depths_bp: Ints,
        allowed: Flags,
        bundler: Bundler,
    ) -> "Evening":
        """Look at every candidate; `customer_id` and `item_id` are (N,), `allowed` is (N, D)."""
        household = pd.Index(world.customer_id).get_indexer(pd.Index(customer_id))
        product = pd.Index(world.shop.product_id).get_indexer(pd.Index(item_id))
        order = np.argsort(household, kind="stable")
        found = worth(world, household[order], product[order], depths_bp, MAX_UNITS, VALID_DAYS)
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return cls(world, household, product, depths_bp, allowed, bundler, _reordered(found, back))

    @cached_property
    def people(self) -> Ints:
        """Households with candidates."""
        return np.unique(self.household)

    @cached_property
    def place(self) -> Ints:
        """Each candidate's household as a place in `people`."""
        return np.searchsorted(self.people, self.household)

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """A bundle for everybody who can have one, by each of PLANS."""
        found, habit = self.worth, self.world.state.habit[self.household, self.product].astype(np.float64)
        price, promo = self.world.shop.price_minor[self.product], self.world.week().promo_minor[self.product]
        more = beyond_minor(price[:, None], self.depths_bp, promo[:, None])
        new = np.where(habit[:, None] > 0, 0.0, _NEW_FIRST)
        made = (
            self.plan(found.gain_minor),
            self.with_visits(found.gain_minor),
            self.plan(found.reward_minor),
            self.plan(found.reward_minor / np.maximum(more, 1) ** 1.5),
            self.plan(habit[:, None] * more),
            self.plan(more - _DEAR_FACTOR * found.reward_minor),
            self.with_visits(found.gain_minor + new),
            self.plan(self.only(self.leaving, found.saving_minor + found.reward_minor)),
            self.plan(self.only(self.thanked, found.reward_minor)),
        )
        return dict(zip(PLANS, made, strict=True))

    @cached_property
    def leaving(self) -> Flags:
        """Which households of the world are silent, or among those of tonight who are likeliest to leave."""
        return self._silent(_SILENT_GAPS) | self._highest(leaving(self.world), _LEAVING_SHARE)

    @cached_property
    def thanked(self) -> Flags:
        """Which households come as ever and are among those of tonight whose staying is worth most."""
        at_stake = leaving(self.world) * np.maximum(self.worth.margin_per_day, 0)
        return ~self._silent(1.0) & self._highest(at_stake, _THANKED_SHARE)

    def _silent(self, gaps: float) -> Flags:
        since = self.world.day - self.world.state.last_visit
        return np.asarray(since > gaps * self.world.traits.gap_days, dtype=np.bool_)

    def _highest(self, of: Doubles, share: float) -> Flags:
        return np.asarray((of > 0) & (of >= np.quantile(of[self.people], 1 - share)), dtype=np.bool_)

    def only(self, households: Flags, values: Doubles) -> Doubles:
        """Values of the candidates of some households, minus infinity for others."""
        return np.where(households[self.household][:, None], values, -np.inf)

    def plan(self, values: Doubles) -> Plan:
        """Bundles of these values."""
        chosen, depth = self.bundler(np.where(self.allowed, values, -np.inf))
        return Plan(np.flatnonzero(chosen), depth)

    def with_visits(self, values: Doubles, weight: float = 1.0) -> Plan:
        """Bundles of values and, so many times, the marginal worth of their savings at the bundle they make."""
        n = len(self.world.state.here)
        saving = np.zeros(n)
        plan = self.plan(values)
        for _ in range(_ROUNDS):
            half = self.worth.attended_at_minor
            marginal = weight * self.worth.attention_minor * half / (saving + half) ** 2
            plan = self.plan(values + marginal[self.household][:, None] * self.worth.saving_minor)
            saving = (saving + self.total(plan, self.worth.saving_minor)) / 2
        return plan

    def total(self, plan: Plan, of: Doubles) -> Doubles:
        """A plan's total by household of the world."""
        chosen = of[plan.rows, plan.depth[plan.rows]]
        return totals(self.household[plan.rows], chosen, len(self.world.state.here))

    def has(self, plan: Plan) -> Flags:
        """Which of `people` get a bundle by it."""
        return np.bincount(self.place[plan.rows], minlength=len(self.people)) > 0

    def shared(self, plan: Plan, taken: Flags, worth_minor: Doubles, values: Doubles) -> None:
        """Write into `values` (N, D) the worth of the bundles of the `taken` of `people`, shared by their items."""
        rows = plan.rows[taken[self.place[plan.rows]]]
        size = np.bincount(self.place[plan.rows], minlength=len(self.people))
        values[rows, plan.depth[rows]] = (worth_minor / np.maximum(size, 1))[self.place[rows]]

    def offers(self, plan: Plan) -> PersonalOffers:
        """A plan's bundles; `household` is a place in `people`."""
        rows = plan.rows[np.argsort(self.place[plan.rows], kind="stable")]
        return PersonalOffers(
            household=self.place[rows],
            product=self.product[rows],
            discount_bp=self.depths_bp[plan.depth[rows]],
            max_units=np.full(len(rows), MAX_UNITS),
            offer_no=np.arange(len(rows)),
        )


def _reordered(found: Worth, rows: Ints) -> Worth:
    return Worth(
        found.gain_minor[rows],
        found.saving_minor[rows],
        found.reward_minor[rows],
        found.attention_minor,
        found.attended_at_minor,
        found.margin_per_day,
    )
