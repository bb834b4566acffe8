"""The chain's own promotions and mailers, week by week, for everybody: they depend on nothing that households do."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from training.simulator.world.draws import Flags, Floats, Ints, Purpose, beta_of, keyed, uniform
from training.simulator.world.simulated_shop import ShopDice, SimulatedShop, part_minor
from training.simulator.world.world_parameters import Promotions


@dataclass(frozen=True)
class Calendar:
    """How often, how long and when each product `[j]` is promoted."""

    share: Floats  # of its weeks
    weeks: Ints  # length of one turn
    phase: Ints  # weeks by which its turns are shifted


@dataclass(frozen=True)
class Week:
    """What promotions and mailer say in one week, for every product `[j]` and family `[f]`."""

    promo_minor: Ints  # [j] off one unit, minor units
    price_share: Floats  # [j] promoted price by shelf price
    mailer: Flags  # [j]
    best_gain: Floats  # [f] largest log(shelf price / promoted price)
    any_mailer: Flags  # [f]


class _CalendarTrait(IntEnum):
    """Names the draws of a product's calendar; with the shop's own they are part of every world's past."""

    SHARE = 9
    WEEKS = 11
    PHASE = 12


class _Turn(IntEnum):
    """Names the draws of one turn or week."""

    PROMOTED = 0
    DEPTH = 1
    MAILER = 2


def plan_promotions(shop: SimulatedShop, promotions: Promotions, seed: int) -> Calendar:
    """Draw every product's calendar."""
    of_product = ShopDice(seed, np.arange(len(shop.product_id)))
    weeks = int(promotions.weeks) + (of_product.uniform(_CalendarTrait.WEEKS) < promotions.weeks % 1)
    return Calendar(
        share=beta_of(
            promotions.product_share, promotions.concentration, of_product.uniform(_CalendarTrait.SHARE)
        ),
        weeks=weeks,
        phase=(of_product.uniform(_CalendarTrait.PHASE) * weeks).astype(np.int64),
    )


def open_week(shop: SimulatedShop, calendar: Calendar, promotions: Promotions, seed: int, week: int) -> Week:
    """Return promotions and mailer of week `week`; day 0 begins week 0."""
    product = np.arange(len(shop.product_id))
    turn = (week + calendar.phase) // calendar.weeks
    promoted = uniform(keyed(seed, Purpose.PROMOTION, _Turn.PROMOTED, product, turn)) < calendar.share
    steps = np.cumsum(promotions.depth_weights) / np.sum(promotions.depth_weights)
    drawn = np.searchsorted(steps, uniform(keyed(seed, Purpose.PROMOTION, _Turn.DEPTH, product, turn)))
    depth_bp = np.array(promotions.depths_bp, np.int64)[np.minimum(drawn, len(steps) - 1)] * promoted
    promo_minor = part_minor(shop.price_minor, depth_bp)
    price_share = (1 - promo_minor / shop.price_minor).astype(np.float32)
    shown = uniform(keyed(seed, Purpose.PROMOTION, _Turn.MAILER, product, week)) < promotions.mailer_share
    mailer = (promo_minor > 0) & shown
    return Week(
        promo_minor=promo_minor,
        price_share=price_share,
        mailer=mailer,
        best_gain=np.maximum.reduceat(-np.log(price_share), shop.starts),
        any_mailer=np.maximum.reduceat(mailer, shop.starts),
    )
