"""What a personal offer is worth by a world's own equations: one period, nothing simulated.

For every household, product and depth the expected margin with the offer less the margin without, over the days for
which it is valid:

    visits until it is used x [P(family) x sum of P(item) x units x margin, with the offer less without
                               - units bought more x share of them missing later x margin of the family's units]

The two probabilities are the world's nested logit, averaged over small and large trips (Gauss-Hermite); visits are
the renewals of its gap hazard. The share missing later linearises both flows of the cupboard around today: a unit
more lowers purchases by `a` and raises consumption by `c` a day, so a / (a + c) of it is not bought later. What an
offer does to visits is a matter of the whole bundle: `attention_minor` is what full attention would add.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.simulator.world.behaviour import attention, item_choice, needs, quantity, visits
from training.simulator.world.chance_of_use import offer_ties
from training.simulator.world.draws import Floats, Ints
from training.simulator.world.flat_runs import totals
from training.simulator.world.offers_and_lines import beyond_minor, no_offers
from training.simulator.world.shopping_trip import consider
from training.simulator.world.simulated_shop import part_minor
from training.simulator.world.world import World

_BLOCK = 500  # households looked at a time: bounds the memory, decides nothing
_TRIPS, _TRIP_WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_TRIP_WEIGHTS = _TRIP_WEIGHTS / _TRIP_WEIGHTS.sum()
# Most days until the visit for which a cupboard is looked at; rare visitors use up little more by then.
_LOOK_AHEAD_DAYS = 3.0

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """N household-product pairs at D depths, minor units.

    Attributes:
        gain_minor: (N, D) margin gained over the period, the visit effect left out.
        saving_minor: (N, D) how much of the saving the household counts when it thinks of coming, beyond what the chain takes off.
        reward_minor: (N, D) expected discount.
        attention_minor: (n,) by household: margin of the visits that full attention would add.
        attended_at_minor: (n,) saving at which half of that is reached.
        margin_per_day: (n,) what the household leaves a day as long as it is a customer.
    """

    gain_minor: Doubles
    saving_minor: Doubles
    reward_minor: Doubles
    attention_minor: Doubles
    attended_at_minor: Doubles
    margin_per_day: Doubles

    def attention(self, saving_minor: Doubles) -> Doubles:
        """What bundles with these savings, one a household, add by bringing it to the shop."""
        return self.attention_minor * saving_minor / (saving_minor + self.attended_at_minor)


def expected_visits(world: World, days: int, drawn: Floats) -> Doubles:
    """Visits `[n]` within the next days with so much log hazard added by offers: renewals of the gap hazard.

    Other states are as they are today.
    """
    traits, state = world.traits, world.state

    def chance(days_since: Ints) -> Doubles:
        hazard = visits.gap_hazard(days_since, traits.gap_days, traits.regularity)
        return visits.visit_probability(
            hazard, state.short, drawn, state.fatigue, world.parameters.visits
        ).astype(np.float64)

    fresh = [chance(np.full(len(state.here), day)) for day in range(1, days + 1)]
    after: list[Doubles] = [np.zeros(len(state.here))]  # visits within k days after a visit
    for length in range(1, days + 1):
        after.append(_renewed(fresh[:length], after))
    first = [chance(world.day - state.last_visit + day) for day in range(days)]
    can_come = state.here & ~state.away & (traits.joined_day <= world.day)
    return np.where(can_come, _renewed(first, after), 0.0)


def _renewed(chances: list[Doubles], after: list[Doubles]) -> Doubles:
    """Expected visits in len(chances) days: a first one on some day, and `after` it as many as are left."""
    total, waiting = np.zeros_like(chances[0]), np.ones_like(chances[0])
    for day, chance in enumerate(chances):
        total += waiting * chance * (1 + after[len(chances) - day - 1])
        waiting *= 1 - chance
    return total


def worth(world: World, household: Ints, product: Ints, depths_bp: Ints, max_units: int, days: int) -> Worth:
    """Value every pair at every depth; pairs are sorted by household."""
    n, shape = len(world.state.here), (len(product), len(depths_bp))
    nobody = np.zeros(n, np.float32)
    coming = expected_visits(world, days, nobody)
    gain, reward, share = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    paid, left = np.zeros(n), np.zeros(n)
    traits, state, model = world.traits, world.state, world.parameters.attention
    scene = world.scene()
    for first in range(0, n, _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, n))
        mine = np.flatnonzero((household >= first) & (household < first + len(rows)))
        if len(mine):
            block = _Block(world, rows, household[mine] - first, product[mine], max_units)
            paid[rows], left[rows] = block.basket()
            for depth, bp in enumerate(depths_bp.tolist()):
                gain[mine, depth], reward[mine, depth], used = block.offered(bp, coming[household[mine]])
                ties = offer_ties(scene, household[mine], product[mine], used.astype(np.float32))
                share[mine, depth] = attention.counted(ties, model)
    margin_share = np.divide(left.sum(), paid.sum(), out=np.zeros(()), where=paid.sum() > 0)
    a_visit = state.basket_minor * margin_share
    whole = attention.drawn(nobody + 1, state.used_lately, state.fatigue, model)
    brought = (expected_visits(world, days, whole) - coming) * (1 - model.borrowed)
    return Worth(
        gain_minor=gain,
        saving_minor=share
        * beyond_minor(
            world.shop.price_minor[product][:, None], depths_bp, scene.week.promo_minor[product][:, None]
        ),
        reward_minor=reward,
        attention_minor=brought * a_visit,
        attended_at_minor=traits.time_weight * model.trip_cost_minor / np.maximum(traits.money_weight, 1e-6)
        + 1e-9,
        margin_per_day=a_visit / traits.gap_days,
    )


class _Block:
    """Some households with their pairs: every item of every family that a pair is in."""

    def __init__(self, world: World, rows: Ints, household: Ints, product: Ints, max_units: int) -> None:
        self.world, self.product, self.max_units = world, product, max_units
        self.households = len(rows)
        shop = world.shop
        key = household * len(shop.sizes) + shop.family[product]
        pairs, self.pair = np.unique(key, return_inverse=True)
        self.visitor, self.family = np.divmod(pairs, len(shop.sizes))
        scene = world.scene()
        self.seen = seen = consider(scene, rows, self.visitor, self.family, no_offers())
        self.place = seen.starts[self.pair] + product - shop.starts[shop.family[product]]
        row = rows[self.visitor]
        self._cupboards(row)
        self.weight = np.exp((seen.utility + seen.response).astype(np.float64))
        self.total = np.add.reduceat(self.weight, seen.starts)
        self.inclusive = item_choice.inclusive_gain(seen.utility, seen.response, seen.starts).astype(
            np.float64
        )
        units = 1 + self._extra(seen.of, seen.product, -np.log(seen.promo_share))
        price = shop.price_minor[seen.product] - scene.week.promo_minor[seen.product]
        share = self.weight / self.total[seen.of]
        self.margin_each = units * (price - shop.cost_minor[seen.product])
        self.units_each = units
        self.margin = np.add.reduceat(share * self.margin_each, seen.starts)  # of a purchase in the family
        self.units = np.add.reduceat(share * units, seen.starts)
        self.paid = np.add.reduceat(share * units * price, seen.starts)
        self.chance = self._incidence(np.arange(len(pairs)), np.zeros(len(pairs)))

    def _cupboards(self, row: Ints) -> None:
        """Stocks at the coming visit, and the share of a stockpiled unit that is missing later."""
        world, traits, model = self.world, self.world.traits, self.world.parameters.needs
        rate, gap = traits.units_per_day[row, self.family], traits.gap_days[row]
        ahead = np.minimum(gap / 2, np.float32(_LOOK_AHEAD_DAYS))
        self.stock = np.maximum(world.state.stock_units[row, self.family] - rate * ahead, 0)
        self.usual = needs.usual_stock(rate, gap)
        self.per_gap = rate * gap
        self.keeps = world.shop.keeps[self.family]
        self.stockpiling = traits.stockpiling[row]
        lacking = needs.shortage(self.stock, self.usual)
        self.odds = needs.incidence_log_odds(
            self.per_gap[:, None], lacking[:, None], _TRIPS.astype(np.float32), model
        ).astype(np.float64)
        a_unit_more = needs.shortage(self.stock + 1, self.usual)
        fewer = (lacking - a_unit_more) * np.float32(model.shortage_weight)  # log odds lost
        now = self._incidence(np.arange(len(row)), np.zeros(len(row)), with_deals=False)
        later = _over_trips(self.odds - fewer[:, None])
        lost = (now - later) / np.maximum(gap, 1)
        eaten = needs.used_up(self.stock + 1, rate, self.usual, self.keeps, model)
        eaten = eaten - needs.used_up(self.stock, rate, self.usual, self.keeps, model)
        self.missing = lost / np.maximum(lost + np.maximum(eaten, 0), 1e-9)

    def _incidence(self, pairs: Ints, raised: Doubles, *, with_deals: bool = True) -> Doubles:
        """P(family) with its inclusive value raised by so much, averaged over trips."""
        gain = raised + self.inclusive[pairs] if with_deals else raised
        return _over_trips(self.odds[pairs] + self.world.parameters.needs.deal_weight * gain[:, None])

    def _extra(self, pairs: Ints, product: Ints, gain: Floats) -> Doubles:
        return quantity.expected_extra_units(
            self.per_gap[pairs],
            self.stock[pairs],
            self.usual[pairs],
            gain,
            self.stockpiling[pairs],
            self.world.shop.keeps[self.world.shop.family[product]],
            self.world.parameters.quantity,
        ).astype(np.float64)

    def basket(self) -> tuple[Doubles, Doubles]:
        """What a visit pays and leaves in these families, `[rows]`."""
        paid = totals(self.visitor, self.chance * self.paid, self.households)
        return paid, totals(self.visitor, self.chance * self.margin, self.households)

    def offered(self, bp: int, coming: Doubles) -> tuple[Doubles, Doubles, Doubles]:
        """Gain and expected discount of each pair at a depth, with so many visits expected; and a visit's use."""
        world, seen, shop, pair, place = self.world, self.seen, self.world.shop, self.pair, self.place
        week, traits, pick = world.week(), world.traits, world.parameters.choice
        row, product, family = seen.row[place], self.product, shop.family[self.product]
        price, promo = shop.price_minor[product], week.promo_minor[product]
        share = np.minimum(week.price_share[product], np.float32(1 - bp / 10_000))
        weight = traits.money_weight[row] * shop.price_weight[family]
        habit, reference = world.state.habit[row, product], world.state.reference[row, family]
        response = item_choice.price_response(share, reference, habit, weight, pick)
        response = response + item_choice.pointed_at(
            week.mailer[product], np.ones(len(product), np.bool_), pick
        )
        offered = np.exp((seen.utility[place] + response).astype(np.float64))
        total = self.total[pair] - self.weight[place] + offered
        chosen, others = offered / total, self.total[pair] / total
        was_chosen = self.weight[place] / self.total[pair]

        units = 1 + self._extra(pair, product, -np.log(share))
        off = part_minor(price, np.full(len(price), bp))
        is_better = off > promo
        taken = np.where(is_better, off * np.minimum(units, self.max_units), 0.0)
        kept = units * (price - shop.cost_minor[product]) - np.where(is_better, taken, promo * units)
        chance = self._incidence(pair, np.log(total / self.total[pair]))
        margin = others * (self.margin[pair] - was_chosen * self.margin_each[place]) + chosen * kept
        bought = others * (self.units[pair] - was_chosen * self.units_each[place]) + chosen * units
        more = chance * bought - self.chance[pair] * self.units[pair]
        dip = self.missing[pair] * more * self.margin[pair] / np.maximum(self.units[pair], 1e-9)
        a_visit = chance * margin - self.chance[pair] * self.margin[pair] - dip
        used = np.clip(np.where(is_better, chance * chosen, 0.0), 1e-9, 1 - 1e-9)
        until_used = -np.expm1(coming * np.log1p(-used)) / used
        return until_used * a_visit, until_used * chance * chosen * taken, used


def _over_trips(odds: Doubles) -> Doubles:
    """Mean chance over small and large trips, `[k]` from log odds `[k, trips]`."""
    return np.asarray(needs.probability(odds.astype(np.float32)) @ _TRIP_WEIGHTS, dtype=np.float64)
