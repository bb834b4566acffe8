"""From who comes to what is in the basket: needs, choice and quantity put together for a block of visitors.

Every family that might be bought is looked at item by item, and only those: a family's incidence is first bounded by
its best deal, so that the exact inclusive value is computed where it can matter. The bound never changes a result.
"""

from dataclasses import dataclass

import numpy as np

from training.simulator.world.behaviour import attention, item_choice, needs, quantity
from training.simulator.world.chain_promotions import Week
from training.simulator.world.draws import (
    Flags,
    Floats,
    Ints,
    Purpose,
    extended,
    gumbel,
    keyed,
    normal,
    uniform,
)
from training.simulator.world.flat_runs import largest, ranges, run_lengths, run_starts, starts_of
from training.simulator.world.households import State, Traits
from training.simulator.world.offers_and_lines import Lines, PersonalOffers
from training.simulator.world.simulated_shop import SimulatedShop
from training.simulator.world.world_parameters import WorldParameters

_OPENS, _CLOSES = 8 * 3600, 21 * 3600  # seconds of the day
_DAYS_PER_BASKET_NO = 100_000


@dataclass(frozen=True)
class TripSetting:
    """Everything that a block's trips look at and nothing that they change."""

    shop: SimulatedShop
    week: Week
    parameters: WorldParameters
    traits: Traits
    state: State
    day: int
    seed: int  # of what lasts: tastes
    dice: int  # of what happens


@dataclass(frozen=True)
class Considered:
    """Items under consideration, families one after the other: `[k]` families, `[m]` items."""

    visitor: Ints  # [k] place among the visitors
    family: Ints  # [k]
    starts: Ints  # [k] first item of each family
    of: Ints  # [m] family's place in the three above
    row: Ints  # [m] household's row
    product: Ints  # [m]
    utility: Floats  # [m] before the day's prices and pointers
    response: Floats  # [m] what these add
    price_share: Floats  # [m] best price by shelf price
    promo_share: Floats  # [m] the same without personal offers
    max_units: Ints  # [m] of the personal offer, 0 without one
    offer_no: Ints  # [m] -1 without one


def consider(
    scene: TripSetting, rows: Ints, visitor: Ints, family: Ints, offers: PersonalOffers
) -> Considered:
    """Look at every item of some families for some households: `visitor` are places in `rows`.

    `offers` are those of the households in `rows`, sorted by household.
    """
    shop, traits, state, pick = scene.shop, scene.traits, scene.state, scene.parameters.choice
    sizes = shop.sizes[family]
    starts = starts_of(sizes)
    of = np.repeat(np.arange(len(family)), sizes)
    product = ranges(shop.starts[family], sizes)
    row = rows[visitor]
    wide = np.repeat(row, sizes)
    habit = state.habit.reshape(-1).take(wide * state.habit.shape[1] + product)
    attachment = shop.attachment[family]
    bits = np.repeat(item_choice.taste_bits(scene.seed, traits.number[row]), sizes)
    utility = item_choice.lasting_utility(
        bits, product, shop.appeal[product], np.repeat(attachment, sizes), pick
    )
    utility += item_choice.acquired_utility(
        habit, np.repeat(traits.habit_weight[row] * attachment, sizes), np.repeat(traits.novelty[row], sizes)
    )
    promo_share = scene.week.price_share[product]
    share, max_units, offer_no = promo_share, np.zeros(len(of), np.int64), np.full(len(of), -1, np.int64)
    if len(offers):
        places, which = _offered_places(shop, rows, visitor, family, starts, offers)
        share = promo_share.copy()
        off = offers.discount_bp[which] / np.float32(10_000)
        share[places] = np.minimum(share[places], (1 - off).astype(np.float32))
        max_units[places] = offers.max_units[which]
        offer_no[places] = offers.offer_no[which]
    weight = np.repeat(traits.money_weight[row] * shop.price_weight[family], sizes)
    response = item_choice.price_response(
        share, np.repeat(state.reference[row, family], sizes), habit, weight, pick
    )
    response += item_choice.pointed_at(scene.week.mailer[product], offer_no >= 0, pick)
    return Considered(
        visitor=visitor,
        family=family,
        starts=starts,
        of=of,
        row=wide,
        product=product,
        utility=utility,
        response=response,
        price_share=share,
        promo_share=promo_share,
        max_units=max_units,
        offer_no=offer_no,
    )


def fill_baskets(scene: TripSetting, rows: Ints, offers: PersonalOffers, brought: Flags) -> Lines:
    """Fill the baskets of the households in `rows`, all of whom are in the shop today; some were `brought` by offers.

    Whoever comes buys something: where no family's log odds are met, the one that was nearest before any deal is.
    """
    shop, traits, need = scene.shop, scene.traits, scene.parameters.needs
    number, family = traits.number[rows], np.arange(len(shop.sizes))
    per_gap = traits.units_per_day[rows] * traits.gap_days[rows][:, None]
    usual = needs.usual_stock(traits.units_per_day[rows], traits.gap_days[rows][:, None])
    stock = scene.state.stock_units[rows]
    size = normal(keyed(scene.dice, Purpose.TRIP, number, scene.day))
    odds = needs.incidence_log_odds(per_gap, needs.shortage(stock, usual), size[:, None], need)
    if scene.parameters.attention.errand and brought.any():
        odds = odds - attention.on_errand(
            brought, _families_offered(scene, rows, offers), scene.parameters.attention
        )
    drawn = uniform(keyed(scene.dice, Purpose.NEED, number[:, None], scene.day, family))
    surplus = odds - needs.log_odds_drawn(drawn)
    visitor, of_family = np.nonzero(_possible(scene, rows, surplus, offers))
    seen = consider(scene, rows, visitor, of_family, offers)
    gain = item_choice.inclusive_gain(seen.utility, seen.response, seen.starts)
    before_deals = surplus[visitor, of_family]
    bought = needs.raised_log_odds(before_deals, gain, need) > 0
    bought |= _nearest_of_the_empty(before_deals, bought, visitor)
    places = _choose(scene, seen, bought)
    return _lines(scene, seen, places, (per_gap, stock, usual))


def _possible(scene: TripSetting, rows: Ints, surplus: Floats, offers: PersonalOffers) -> Flags:
    """Families `[n, f]` whose log odds might be met, seeing that no gain is larger than the best deal's."""
    weight = scene.traits.money_weight[rows][:, None] * scene.shop.price_weight
    bound = weight * scene.week.best_gain + np.float32(
        scene.parameters.choice.mailer_weight
    ) * scene.week.any_mailer.astype(np.float32)
    possible: Flags = needs.raised_log_odds(surplus, bound, scene.parameters.needs) > 0
    possible[np.arange(len(rows)), surplus.argmax(axis=1)] = True
    if len(offers):
        possible[np.searchsorted(rows, offers.household), scene.shop.family[offers.product]] = True
    return possible


def _families_offered(scene: TripSetting, rows: Ints, offers: PersonalOffers) -> Flags:
    """Families `[n, f]` in which each of the households has an offer."""
    offered = np.zeros((len(rows), len(scene.shop.sizes)), np.bool_)
    offered[np.searchsorted(rows, offers.household), scene.shop.family[offers.product]] = True
    return offered


def _nearest_of_the_empty(surplus: Floats, bought: Flags, visitor: Ints) -> Flags:
    """For every visitor with nothing bought, the family that came nearest to it."""
    starts = run_starts(visitor)
    empty = np.repeat(~np.logical_or.reduceat(bought, starts), run_lengths(starts, len(visitor)))
    nearest: Flags = empty & (surplus == largest(surplus, starts))
    return nearest


def _offered_places(
    shop: SimulatedShop, rows: Ints, visitor: Ints, family: Ints, starts: Ints, offers: PersonalOffers
) -> tuple[Ints, Ints]:
    """Places among the considered items that have an offer, and which; of several on one item the deepest."""
    place_of = np.full((len(rows), len(shop.sizes)), -1, np.int64)
    place_of[visitor, family] = starts
    of_family = shop.family[offers.product]
    first = place_of[np.searchsorted(rows, offers.household), of_family]
    places = first + offers.product - shop.starts[of_family]
    known = np.flatnonzero(first >= 0)
    deepest_last = known[np.lexsort((offers.discount_bp[known], places[known]))]
    last = np.append(np.diff(places[deepest_last]) != 0, True) if len(known) else np.zeros(0, np.bool_)
    which = deepest_last[last]
    return places[which], which


def _choose(scene: TripSetting, seen: Considered, bought: Flags) -> Ints:
    """Places of the items bought: one of each family bought, and further ones as variety has it."""
    wanted = np.flatnonzero(bought)
    family, sizes = seen.family[wanted], scene.shop.sizes[seen.family[wanted]]
    inside = ranges(seen.starts[wanted], sizes)
    number = scene.traits.number[seen.row[seen.starts[wanted]]]
    key = np.repeat(keyed(scene.dice, Purpose.CHOICE, number, scene.day), sizes)
    perturbed = seen.utility[inside] + seen.response[inside] + gumbel(extended(key, seen.product[inside]))
    variety = uniform(keyed(scene.dice, Purpose.VARIETY, number, scene.day, family))
    items = np.minimum(1 + further_items(variety, scene.parameters.needs.variety), sizes)
    places = []
    while len(sizes):
        starts = starts_of(sizes)
        taken = item_choice.best(perturbed, starts)
        places.append(inside[taken])
        perturbed[taken] = -np.inf
        again = np.flatnonzero(items > len(places))
        left = ranges(starts[again], sizes[again])
        inside, perturbed, sizes, items = inside[left], perturbed[left], sizes[again], items[again]
    return np.sort(np.concatenate(places)) if places else np.zeros(0, np.int64)


def further_items(drawn: Floats, variety: float) -> Ints:
    """How many further items of a family go into the basket, from uniforms: geometric, at most three."""
    further = np.zeros(drawn.shape, np.int64)
    for turn in range(1, 4):
        further += drawn < variety**turn
    return further


def _lines(
    scene: TripSetting, seen: Considered, places: Ints, stocks: tuple[Floats, Floats, Floats]
) -> Lines:
    row, product = seen.row[places], seen.product[places]
    number = scene.traits.number[row]
    units = _units(scene, seen, places, seen.promo_share, stocks)
    offered = np.flatnonzero(seen.max_units[places])
    if len(offered):
        at_offer = _units(scene, seen, places[offered], seen.price_share, stocks)
        units[offered] = quantity.with_offer(units[offered], at_offer, seen.max_units[places[offered]])
    moment = uniform(keyed(scene.dice, Purpose.MOMENT, number, scene.day))
    return Lines(
        household=row,
        basket=number * _DAYS_PER_BASKET_NO + scene.day,
        product=product,
        units=units,
        shelf_price_minor=scene.shop.price_minor[product],
        promo_minor=units * scene.week.promo_minor[product],
        offer_no=seen.offer_no[places],
        day=np.full(len(places), scene.day, np.int64),
        second=_OPENS + (moment * (_CLOSES - _OPENS)).astype(np.int64),
    )


def _units(
    scene: TripSetting,
    seen: Considered,
    places: Ints,
    price_share: Floats,
    stocks: tuple[Floats, Floats, Floats],
) -> Ints:
    """Units of the items at some places, at prices given as shares of the shelf price `[m]`."""
    of = seen.of[places]
    per_gap, stock, usual = (array[seen.visitor[of], seen.family[of]] for array in stocks)
    row, product = seen.row[places], seen.product[places]
    extra = quantity.expected_extra_units(
        per_gap,
        stock,
        usual,
        -np.log(price_share[places]),
        scene.traits.stockpiling[row],
        scene.shop.keeps[seen.family[of]],
        scene.parameters.quantity,
    )
    number = scene.traits.number[row]
    return quantity.units(extra, uniform(keyed(scene.dice, Purpose.QUANTITY, number, scene.day, product)))
