"""What the chain's own promotions truly bring: the same weeks lived with a week's promotions and without, on the same dice.

Kappa is the share of a promoted week's extra units, at list margin, that is still there as the shop's margin at list prices
after six weeks: what was neither bought instead of something else nor instead of later.
"""

from training.simulator.world.draws import Ints
from training.simulator.world.flat_runs import totals
from training.simulator.world.world import World

WEEKS_AFTER = 6  # the promoted one included
_DAYS_A_WEEK = 7


def kappa(worlds: list[World]) -> float:
    """Kappa over the weeks that begin in the morning of each world; NaN where no promotion sells a unit more."""
    extra, kept = 0, 0
    for world in worlds:
        promoted = world.week().promo_minor > 0
        with_it, without = world.copy(), world.copy()
        without.promote_nothing_this_week()
        first = _list_margin(with_it, _DAYS_A_WEEK) - _list_margin(without, _DAYS_A_WEEK)
        later = (WEEKS_AFTER - 1) * _DAYS_A_WEEK
        rest = _list_margin(with_it, later) - _list_margin(without, later)
        extra += int(first[promoted].sum())
        kept += int(first.sum() + rest.sum())
    return kept / extra if extra > 0 else float("nan")


def _list_margin(world: World, days: int) -> Ints:
    """Live so many days; units of each product `[j]` times price less cost, minor units."""
    lines, shop = world.live(days), world.shop
    units = totals(lines.product, lines.units, len(shop.product_id)).astype("int64")
    margin: Ints = units * (shop.price_minor - shop.cost_minor)
    return margin
