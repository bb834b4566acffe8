"""What the chain's own promotions truly bring: the same weeks lived with promotions and without, on the same dice.

Kappa is the share of a promoted week's extra units, at list margin, that is still there as the shop's margin at list prices
after six weeks: what was neither bought instead of something else nor instead of later. Of all promotions of a week at
once, what they take from each other is in the extra units already; of a few beside the others, as a personal offer is one,
it is lost, and kappa is smaller.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.response.elasticities import Familiarity, familiarity
from training.simulator.world.draws import Flags, Ints
from training.simulator.world.flat_runs import totals
from training.simulator.world.offers_and_lines import Lines
from training.simulator.world.world import World

WEEKS_AFTER = 6  # the promoted one included
_DAYS_A_WEEK = 7
_PERCENTS = 100

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TrueLift:
    """Purchases of promoted products in their week, with the promotion and without it.

    Attributes:
        with_it, without: customers' days with a product, by `Familiarity`, whether the mailer shows it, and whole
            percents off; shape (3, 2, 100).
    """

    with_it: Counts
    without: Counts

    def plus(self, other: "TrueLift") -> "TrueLift":
        """Of these weeks and of others."""
        return TrueLift(self.with_it + other.with_it, self.without + other.without)


def kappa(worlds: list[World], one_in: int = 1) -> float:
    """Kappa over the weeks that begin in the morning of each world; NaN where no promotion sells a unit more.

    Args:
        worlds: in the morning of a week's first day.
        one_in: of every so many products one loses its promotion, another one in each world; 1: all of them.
    """
    found = [kept_of_extra(world, one_in, number) for number, world in enumerate(worlds)]
    kept, extra = (sum(part) for part in zip(*found, strict=True))
    return kept / extra if extra > 0 else float("nan")


def kept_of_extra(world: World, one_in: int, number: int) -> tuple[int, int]:
    """What is kept of a week's promotions after six weeks, and what they brought in it, minor units of list margin.

    Args:
        world: in the morning of the week's first day.
        one_in, number: every so many-th product, beginning so far on.
    """
    of = _taken(world, one_in, number)
    promoted = (world.week().promo_minor > 0) & of
    with_it, without = _with_and_without(world, of)
    first = _list_margin(with_it, _DAYS_A_WEEK) - _list_margin(without, _DAYS_A_WEEK)
    later = (WEEKS_AFTER - 1) * _DAYS_A_WEEK
    rest = _list_margin(with_it, later) - _list_margin(without, later)
    return int(first.sum() + rest.sum()), int(first[promoted].sum())


def true_lift(world: World, buys: Ints, one_in: int, number: int) -> TrueLift:
    """Purchases in the week that begins in the morning of a world, of one in so many products.

    Args:
        world: in the morning of a week's first day.
        buys: (households, products) days on which each bought each before.
        one_in, number: every so many-th product, beginning so far on.
    """
    of = _taken(world, one_in, number)
    with_it, without = (one.live(_DAYS_A_WEEK) for one in _with_and_without(world, of))
    return TrueLift(_bought(world, with_it, buys, of), _bought(world, without, buys, of))


def _taken(world: World, one_in: int, number: int) -> Flags:
    return np.asarray((np.arange(len(world.shop.product_id)) + number) % one_in == 0)


def _with_and_without(world: World, of: Flags) -> tuple[World, World]:
    with_it, without = world.copy(), world.copy()
    without.promote_nothing_this_week(of)
    return with_it, without


def _bought(world: World, lines: Lines, buys: Ints, of: Flags) -> Counts:
    week = world.week()
    days = np.unique(np.column_stack([lines.household, lines.product, lines.day]), axis=0)
    household, product, _ = days[of[days[:, 1]]].T
    off_pct = np.round(_PERCENTS * (1 - week.price_share[product])).astype(np.int64)
    counted = np.zeros((len(Familiarity), 2, _PERCENTS), np.int64)
    np.add.at(
        counted, (familiarity(buys[household, product]), week.mailer[product].astype(np.int64), off_pct), 1
    )
    return counted


def _list_margin(world: World, days: int) -> Ints:
    """Live so many days; units of each product `[j]` times price less cost, minor units."""
    lines, shop = world.live(days), world.shop
    units = totals(lines.product, lines.units, len(shop.product_id)).astype("int64")
    margin: Ints = units * (shop.price_minor - shop.cost_minor)
    return margin
