"""What ties households to the offers they have today, and how likely a visit uses each: the logit, before its dice."""

import numpy as np

from training.simulator.world.behaviour import item_choice, needs
from training.simulator.world.behaviour.attention import OfferTies
from training.simulator.world.draws import Floats, Ints
from training.simulator.world.flat_runs import run_starts
from training.simulator.world.offers_and_lines import PersonalOffers, beyond_minor
from training.simulator.world.shopping_trip import TripSetting, consider

_BLOCK = 500  # households looked at a time: bounds the memory, decides nothing
_TRIPS, _TRIP_WEIGHTS = np.polynomial.hermite_e.hermegauss(3)
_TRIP_WEIGHTS = (_TRIP_WEIGHTS / _TRIP_WEIGHTS.sum()).astype(np.float32)


def offer_ties(scene: TripSetting, row: Ints, product: Ints, chance: Floats) -> OfferTies:
    """What ties the households `row` to offers on `product`, `[m]`, with the chance of use beside."""
    family, traits, state = scene.shop.family[product], scene.traits, scene.state
    rate = traits.units_per_day[row, family]
    usual = needs.usual_stock(rate, traits.gap_days[row])
    return OfferTies(
        lacking=needs.shortage(state.stock_units[row, family], usual),
        habit=state.habit[row, product],
        novelty=traits.novelty[row],
        uses=rate > 0,
        chance=chance,
    )


def chances_of_use(scene: TripSetting, offers: PersonalOffers) -> Floats:
    """P(the item is bought | a visit today) of every offer, `[m]`, at the offer's price.

    Averaged over small and large trips; further items of a family in one basket are left out. An offer on what the chain
    sells as cheaply is used at no till, so it has no chance.
    """
    starts = run_starts(offers.household)
    found = np.zeros(len(offers), np.float32)
    for first in range(0, len(starts), _BLOCK):
        end = starts[first + _BLOCK] if first + _BLOCK < len(starts) else len(offers)
        mine = np.arange(starts[first], end)
        found[mine] = _of_block(scene, offers.take(mine))
    return found


def _of_block(scene: TripSetting, offers: PersonalOffers) -> Floats:
    shop, need = scene.shop, scene.parameters.needs
    rows, of_rows = np.unique(offers.household, return_inverse=True)
    key, pair = np.unique(of_rows * len(shop.sizes) + shop.family[offers.product], return_inverse=True)
    visitor, family = np.divmod(key, len(shop.sizes))
    row = rows[visitor]
    seen = consider(scene, rows, visitor, family, offers)
    rate, gap = scene.traits.units_per_day[row, family], scene.traits.gap_days[row]
    lacking = needs.shortage(scene.state.stock_units[row, family], needs.usual_stock(rate, gap))
    odds = needs.incidence_log_odds((rate * gap)[:, None], lacking[:, None], _TRIPS.astype(np.float32), need)
    gain = item_choice.inclusive_gain(seen.utility, seen.response, seen.starts)
    # summed by hand: a matrix product would round by the size of the block
    bought = (needs.probability(needs.raised_log_odds(odds, gain[:, None], need)) * _TRIP_WEIGHTS).sum(axis=1)
    chosen = item_choice.probabilities(seen.utility + seen.response, seen.starts)
    place = seen.starts[pair] + offers.product - shop.starts[shop.family[offers.product]]
    promo_minor = scene.week.promo_minor[offers.product]
    more = beyond_minor(shop.price_minor[offers.product], offers.discount_bp, promo_minor)
    chance: Floats = bought[pair] * chosen[place] * (more > 0)
    return chance
