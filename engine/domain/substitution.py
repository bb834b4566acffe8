"""What is left of a product by the last word on it, and what stands in for an offered one of which nothing is left."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from engine.domain.favourite_rules import Product
from engine.domain.money import WHOLE_BP


class StockWord(NamedTuple):
    """What was said of a product at some moment; None for enough, which nobody counts."""

    units: int | None
    at: datetime


@dataclass(frozen=True)
class StockLeft:
    """What is left, and whether that is said of one store alone."""

    units: int | None
    of_store: bool

    @property
    def is_sold_out(self) -> bool:
        """True if nothing is left."""
        return self.units is not None and self.units <= 0


def what_is_left(loaded: StockWord, everywhere: StockWord | None, here: StockWord | None) -> StockLeft:
    """Return what is left of a product where a customer shops.

    The last word counts. But stock that was loaded for the whole chain does not say that one store has it again: there what was
    told of the store stands until something else is told, or until a load says that nothing is left anywhere.

    Args:
        loaded: the products table's stock, None where it has none, and the data's cut.
        everywhere: what the day was told of all stores; None for nothing.
        here: what it was told of the customer's store.
    """
    is_loaded = everywhere is None or (loaded.units is not None and loaded.at >= everywhere.at)
    base = loaded if is_loaded or everywhere is None else everywhere
    if here is None:
        return StockLeft(base.units, of_store=False)
    overruled = base.at > here.at and (not is_loaded or (base.units is not None and base.units <= 0))
    return StockLeft(base.units, of_store=False) if overruled else StockLeft(here.units, of_store=True)


@dataclass(frozen=True)
class Offerable:
    """A product, and the depths (bp) at which the last night's rules let it be offered; money in minor units."""

    product: Product
    depths_bp: frozenset[int]
    lowest_minor: int | None  # of the last 30 days, where the law wants it told


def candidates(
    item_id: str,
    price_minor: int,
    discount_bp: int,
    family: Iterable[Offerable],
    *,
    band_bp: int,
    never: Collection[str],
) -> tuple[Offerable, ...]:
    """Return what may stand in for an item at its discount, whoever's it is: the nearest price first, then by id.

    Args:
        item_id: what is sold out.
        price_minor: of one unit of it, as the offer shows it.
        discount_bp: of the offer; exactly this depth is allowed for what stands in.
        family: products of its finest family.
        band_bp: so far above or below the price at most.
        never: flags of goods that stand in for nothing, such as those with a legal age.
    """
    near = [
        (abs(one.product.price_minor - price_minor), one.product.id, one)
        for one in family
        if one.product.id != item_id
        and one.product.price_minor is not None
        and discount_bp in one.depths_bp
        and abs(one.product.price_minor - price_minor) * WHOLE_BP <= price_minor * band_bp
        and one.product.flags.isdisjoint(never)
    ]
    return tuple(one for _, _, one in sorted(near, key=lambda found: found[:2]))


def resting(
    offered: Collection[tuple[int, datetime, str]], now: datetime, *, item_bundles: int, item_days: int
) -> frozenset[str]:
    """Return the items that rest for a customer: those of their last bundles, and of bundles that ended lately.

    Args:
        offered: number and end of a bundle, and an item of it, for every offer that is known of them.
        now: the shop's time.
        item_bundles: of so many last bundles.
        item_days: of those that ended less than so many days ago.
    """
    last = sorted({number for number, _, _ in offered}, reverse=True)[:item_bundles]
    since = now - timedelta(days=item_days)
    return frozenset(item for number, ends, item in offered if number in last or ends > since)
