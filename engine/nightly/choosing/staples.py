"""No item stands in more than a share of all bundles: each has a price, in value, and who loses least gives it up.

The budget's way (`allocation`), for items. Where an item stands in more of the night's bundles than the programme allows, its
price rises on a fixed geometric grid until as many customers as may keep it lose more by the exchange than the price. What a
customer loses is the item's value less that of the best of their spare candidates, of the same side (bought before, or new),
that would keep every rule; a spare has its own price, so that one staple is not exchanged for the next. Prices never fall, so
that the search ends; a bucket tells whole numbers, which are summed in any order, and memory does not grow with customers.

A supplier who pays a part of the discounts has a budget, which is kept beside it in the same way: by a price, in value, of what
they are expected to pay, on the same grid.

A place without a spare stays empty; a bundle that would become too small for the programme is given up whole, last of all. What an
item may stand in is a share of the bundles before any is given up: of what is left, each one given up would cost others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.nightly.choosing.funder_lines import FunderLines, PaidByFunders
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import LaidOut
from engine.nightly.choosing.price_grid import (
    AT_NO_PRICE,
    FIRST_PRICE,
    Numbers,
    Values,
    enough,
    in_value,
    most_borne,
)

NO_ITEM = -1
_OWN = 0
_ARRAYS = ("customer", "level", "reach", "served", "item", "value", "new", "p_buy")
_SPARES = ("spare_item", "spare_value", "spare_new", "spare_p_buy")
_FUNDED = ("funded_milli", "spare_funded_milli")


def most_of(bundles: int, share: float) -> int:
    """How many of so many bundles one item may stand in: the share, rounded down, and at least one."""
    return max(1, int(share * bundles + 1e-9))


@dataclass(frozen=True)
class Claims:
    """Who would have which items: B bundles of a bucket, of any plan that some shadow price takes, S places, P spares.

    Attributes:
        customer, level: (B,) whose, by which of the policy's plans.
        reach: (B,) of the budget's shadow prices.
        served: (B,) false where the bundle is only logged.
        item, value, new, p_buy: (B, S) of each place; NO_ITEM and zeros where it is empty.
        spare_item, spare_value, spare_new, spare_p_buy: (B, P) what the places may be exchanged for.
        funded_milli, spare_funded_milli: (B, S) and (B, P) what the item's supplier is expected to pay; None where nothing is
            funded.
    """

    customer: Numbers
    level: Numbers
    reach: Numbers
    served: npt.NDArray[np.bool_]
    item: Numbers
    value: Values
    new: npt.NDArray[np.bool_]
    p_buy: Values
    spare_item: Numbers
    spare_value: Values
    spare_new: npt.NDArray[np.bool_]
    spare_p_buy: Values
    funded_milli: Numbers | None = None
    spare_funded_milli: Numbers | None = None

    @classmethod
    def of(
        cls,
        context: Context,
        plans: tuple[LaidOut, ...],
        spares: tuple[LaidOut, ...],
        reach: Numbers,
        customer_no: Numbers,
        served: npt.NDArray[np.bool_],
        *,
        funded: bool = False,
    ) -> "Claims":
        """From a bucket's laid out plans; `reach` is (n, L) without the column of no bundle."""
        taken = [np.flatnonzero((reach[:, place] > 0) & plan.exists) for place, plan in enumerate(plans)]

        def stacked(laid_out: tuple[LaidOut, ...]) -> tuple[Numbers, Values, npt.NDArray[np.bool_], Values]:
            rows = np.concatenate([plan.rows[some] for plan, some in zip(laid_out, taken, strict=True)])
            value = np.concatenate([plan.value[some] for plan, some in zip(laid_out, taken, strict=True)])
            empty = rows < 0
            item = np.append(context.item_no, NO_ITEM)[rows]
            new = (np.append(context.buys, 1)[rows] == 0) & ~empty
            return item, np.where(empty, 0.0, value), new, np.append(context.p_buy, 0.0)[rows]

        def paid(laid_out: tuple[LaidOut, ...]) -> Numbers | None:
            parts = (plan.of(context.funded_milli)[some] for plan, some in zip(laid_out, taken, strict=True))
            return np.concatenate(list(parts)) if funded else None

        people = np.concatenate(taken)
        return cls(
            customer_no[people],
            np.repeat(np.arange(1, len(plans) + 1), [len(some) for some in taken]),
            np.concatenate([reach[some, place] for place, some in enumerate(taken)]),
            served[people],
            *stacked(plans),
            *stacked(spares),
            paid(plans),
            paid(spares),
        )

    def save(self, file: Path) -> None:
        """Write the arrays."""
        names = (*_ARRAYS, *_SPARES, *(_FUNDED if self.funded_milli is not None else ()))
        np.savez(file, **{name: getattr(self, name) for name in names})

    @classmethod
    def load(cls, file: Path) -> "Claims":
        """Read what `save` wrote."""
        with np.load(file) as kept:
            return cls(**{name: kept[name] for name in kept.files})

    def exchanged(self, price: Numbers, min_items: int, lines: FunderLines | None = None) -> "Exchanged":
        """Let every bundle exchange what is not worth its price; `price` is (I,) of each item, a place on the grid."""
        return Exchanged.at(self, in_value(price), min_items, lines)


@dataclass(frozen=True)
class Exchanged:
    """What became of the places of `Claims` at some prices.

    Attributes:
        claims: before.
        spare: (B, S) the spare that took the place, from 0; -1 where the item keeps it, -2 where it is left empty.
        bearable: (B, S) the price, its supplier's included, up to which what stands there now would stay; infinite where that
            was not asked.
        void: (B,) bundles that are given up.
        price, lines: at which.
    """

    claims: Claims
    spare: Numbers
    bearable: Values
    void: npt.NDArray[np.bool_]
    price: Values
    lines: FunderLines | None = None

    @classmethod
    def at(
        cls, claims: Claims, price: Values, min_items: int, lines: FunderLines | None = None
    ) -> "Exchanged":
        """Place after place, in their order."""
        bundles, places = claims.item.shape
        spare = np.full((bundles, places), -1)
        bearable = np.full((bundles, places), np.inf)
        void = np.zeros(bundles, dtype=np.bool_)
        own, spare_own = np.append(price, 0.0)[claims.item], np.append(price, 0.0)[claims.spare_item]
        if lines is not None:
            own = own + lines.asked(claims.item, claims.funded_milli)
            spare_own = spare_own + lines.asked(claims.spare_item, claims.spare_funded_milli)
        asked = np.flatnonzero((own > 0).any(axis=1))
        left = np.where(claims.spare_item == NO_ITEM, -np.inf, claims.spare_value)[asked]
        spare_price = spare_own[asked]
        size = (claims.item[asked] != NO_ITEM).sum(axis=1)
        worth = claims.value[asked].copy()
        rows = np.arange(len(asked))
        for place in range(places):
            before = claims.value[asked, place]
            rest = worth.sum(axis=1) - worth[:, place]
            empty = np.where(size > min_items, 0.0, -np.maximum(rest, 0.0))
            same = claims.spare_new[asked] == claims.new[asked, place][:, None]
            offered = np.where(same, left - spare_price, -np.inf)
            choice = np.column_stack([before - own[asked, place], offered, empty])
            best = choice.argmax(axis=1)
            best[own[asked, place] <= 0] = _OWN
            taken = choice[rows, best]
            choice[rows, best] = -np.inf
            gross = (
                taken + np.column_stack([own[asked, place], spare_price, np.zeros(len(asked))])[rows, best]
            )
            bearable[asked, place] = gross - choice.max(axis=1)
            gone, swapped = best == choice.shape[1] - 1, (best > _OWN) & (best < choice.shape[1] - 1)
            spare[asked[swapped], place] = best[swapped] - 1
            spare[asked[gone], place] = -2
            left[rows[swapped], best[swapped] - 1] = -np.inf
            worth[:, place] = np.where(gone, 0.0, np.where(swapped, gross, before))
            void[asked[gone & (size <= min_items)]] = True
            size = size - gone
        return cls(claims, spare, bearable, void, price, lines)

    @cached_property
    def funded_milli(self) -> Numbers:
        """(B, S) what the supplier of what stands in each place now is expected to pay."""
        if self.claims.funded_milli is None or self.claims.spare_funded_milli is None:
            return np.zeros(self.spare.shape, dtype=np.int64)
        found = np.take_along_axis(self.claims.spare_funded_milli, np.maximum(self.spare, 0), axis=1)
        now = np.where(self.spare == -1, self.claims.funded_milli, np.where(self.spare >= 0, found, 0))
        return np.asarray(now, dtype=np.int64)

    @cached_property
    def item(self) -> Numbers:
        """(B, S) what stands in each place now."""
        found = np.take_along_axis(self.claims.spare_item, np.maximum(self.spare, 0), axis=1)
        now = np.where(self.spare == -1, self.claims.item, np.where(self.spare >= 0, found, NO_ITEM))
        return np.asarray(now, dtype=np.int64)

    def standing(self, shadow_price_index: int) -> Numbers:
        """The bundles that are served at the budget's shadow price."""
        still = np.flatnonzero(self.claims.served & ~self.void & (self.claims.reach > shadow_price_index))
        order = still[np.lexsort((self.claims.reach[still], self.claims.customer[still]))]
        first = np.diff(self.claims.customer[order], prepend=-1) != 0
        return np.asarray(order[first], dtype=np.int64)

    def wanted(self, shadow_price_index: int) -> int:
        """How many bundles would be served at the budget's shadow price if none were given up."""
        there = self.claims.served & (self.claims.reach > shadow_price_index)
        return len(np.unique(self.claims.customer[there]))

    def lost_uses(self, standing: Numbers) -> float:
        """Uses that some bundles are expected to lose by the exchange."""
        swapped = np.take_along_axis(self.claims.spare_p_buy, np.maximum(self.spare, 0), axis=1)
        now = np.where(self.spare == -1, self.claims.p_buy, np.where(self.spare >= 0, swapped, 0.0))
        return float((self.claims.p_buy - now)[standing].sum())


@dataclass(frozen=True)
class HeldItems:
    """What buckets tell of one group of customers; adds up in any order.

    Attributes:
        bundles: that are served.
        wanted: that would be, if none were given up.
        holding: (I,) of these with each item.
        bearable: by item that has a price, or is looked at: (AT_NO_PRICE + 1,) of these how many bear each place of the grid
            and no higher one.
        lost_milli: uses lost by exchange, thousandths.
        paid: what suppliers are expected to pay on these bundles.
    """

    bundles: int
    wanted: int
    holding: Numbers
    bearable: Mapping[int, Numbers]
    lost_milli: int
    paid: PaidByFunders = field(default_factory=PaidByFunders)

    @classmethod
    def of(cls, exchanged: Exchanged, index: int, price: Numbers, looked_at: frozenset[int]) -> "HeldItems":
        """Count a bucket at the budget's shadow price."""
        rows = exchanged.standing(index)
        item, lines = exchanged.item[rows], exchanged.lines
        paid = exchanged.funded_milli[rows]
        asked = np.zeros(item.shape) if lines is None else lines.asked(item, paid)
        bears = exchanged.bearable[rows] - asked
        holding = np.bincount(item[item != NO_ITEM], minlength=len(price))
        bearable = {}
        for one in sorted(looked_at):
            bearable[one] = np.bincount(most_borne(bears[item == one]), minlength=AT_NO_PRICE + 1)
        lost_milli = round(1000 * exchanged.lost_uses(rows))
        if lines is None:
            return cls(len(rows), exchanged.wanted(index), holding, bearable, lost_milli)
        left = exchanged.bearable[rows] - np.append(exchanged.price, 0.0)[item]
        return cls(
            len(rows),
            exchanged.wanted(index),
            holding,
            bearable,
            lost_milli,
            PaidByFunders.of(lines, item, paid, left),
        )

    def __add__(self, other: "HeldItems") -> "HeldItems":
        """Both together."""
        return HeldItems(
            self.bundles + other.bundles,
            self.wanted + other.wanted,
            self.holding + other.holding,
            {item: counts + other.bearable[item] for item, counts in self.bearable.items()},
            self.lost_milli + other.lost_milli,
            self.paid + other.paid,
        )

    def too_many(self, share: float) -> frozenset[int]:
        """Items that stand in more bundles than they may."""
        return frozenset(np.flatnonzero(self.holding > most_of(self.wanted, share)).tolist())

    def raised(self, price: Numbers, share: float, haste: int) -> Numbers:
        """(I,) the prices at which, as far as is known, no item stands in too many; each rises by `haste` steps at least."""
        found, allowed = price.copy(), most_of(self.wanted, share)
        for item in sorted(self.too_many(share)):
            if item not in self.bearable:
                found[item] = FIRST_PRICE
                continue
            found[item] = enough(self.bearable[item], allowed, int(price[item]) + haste)
        return found
