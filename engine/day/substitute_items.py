"""Open bundles are looked through after stock has changed: what is sold out gets a stand-in, what is back comes back.

A batch a transaction, each kept with how far it is: whoever is killed in the middle leaves whole batches, and the next one to
call goes on behind them. A stand-in is of the item's finest family, at about its price, and one that the last night's rules
let be offered at exactly the offer's discount; so exclusions, floors and the law hold for it at its own price and cost.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from engine.day.published_rules import PublishedRules, rules_now
from engine.domain.substitution import Offerable, StockLeft, StockWord, candidates, resting, what_is_left
from engine.programme.rotation_section import FORGOTTEN_DAYS
from engine.store import Store
from engine.store.choices.bundles_short import ShortOffer, offered_since, offers_in, picked
from engine.store.nights.bundle_bodies import render_bundles
from engine.store.nights.offerable_products import offerable_of_family, substitute_text
from engine.store.nights.published_products import PublishedProduct, products_named
from engine.store.nights.recalls import recalls_in_force
from engine.store.nights.substitutions import (
    BACK,
    GONE,
    Substitution,
    add_substitutions,
    end_substitutions,
    promised_units,
    substitutions_of,
)
from engine.store.nights.told_stock import Pending, bundles_concerned, keep_looked, pending, told_of
from engine.store.schema.stock_tables import ALL_STORES

# A till waits for a fifth of a second behind a batch.
_BUNDLES_AT_ONCE = 250


def substitute_items(store: Store, now: datetime) -> int:
    """Look through all bundles that changes of stock concern; returns how many had something changed.

    Raises Refused(no_current_run), StoreUnreachable, StoreBusy or CannotWrite; what was written until then stays.
    """
    return sum(looked_through(store, now))


def looked_through(store: Store, now: datetime, *, at_once: int = _BUNDLES_AT_ONCE) -> Iterator[int]:
    """Look through one batch after the other, and say in how many bundles something changed, until nothing is left."""
    while (left := pending(store)) is not None:
        yield _batch(store, left, now, at_once)


def _batch(store: Store, left: Pending, now: datetime, at_once: int) -> int:
    shop = rules_now(store)
    most = shop.programme.shelf.substitutes or 0 if shop.programme.shelf is not None else 0
    numbers = bundles_concerned(store, left, now, at_once=at_once, offered=most > 0)
    with store.switching() as connection:
        to = numbers[-1] if len(numbers) == at_once else None
        if not keep_looked(connection, left, to, now):
            return 0
        changed = _substituted(_Shelf(store, connection, shop, now), numbers, most)
        render_bundles(connection, changed, now)
    return len(changed)


def _substituted(shelf: "_Shelf", numbers: Sequence[int], most: int) -> list[int]:
    """Begin and end what stands in for the offers of some bundles; returns the bundles that have, or had, such offers."""
    standing = {
        (one.bundle_no, one.slot): one for one in substitutions_of(shelf.connection, numbers) if one.stands
    }
    of_bundle: defaultdict[int, list[ShortOffer]] = defaultdict(list)
    for offer in offers_in(shelf.connection, numbers, shelf.now):
        of_bundle[offer.bundle_no].append(offer)
    shelf.read([one for some in of_bundle.values() for one in some], list(standing.values()))
    begun: list[dict[str, Any]] = []
    back: list[int] = []
    gone: list[int] = []
    for some in of_bundle.values():
        kept = 0
        short: list[ShortOffer] = []
        for offer in some:
            there = standing.get((offer.bundle_no, offer.slot))
            if not shelf.left(offer.item_id, offer.store_id).is_sold_out or most == 0:
                back += [] if there is None else [there.substitution_no]
            elif there is not None and shelf.still_serves(there, offer):
                kept += 1
            else:
                gone += [] if there is None else [there.substitution_no]
                short += [] if offer.is_used else [offer]
        for offer in short:
            if kept < most and (made := shelf.stand_in(offer)) is not None:
                begun.append(made)
                kept += 1
    end_substitutions(shelf.connection, back, BACK, shelf.now)
    end_substitutions(shelf.connection, gone, GONE, shelf.now)
    add_substitutions(shelf.connection, begun, shelf.now)
    touched = {one.bundle_no for one in standing.values()} | {row["bundle_no"] for row in begun}
    return sorted(touched)


class _Shelf:
    """What the last night and the day since know of the shop, for the customers of one batch."""

    def __init__(self, store: Store, connection: Connection, shop: PublishedRules, now: datetime) -> None:
        self.store, self.connection, self.shop, self.now = store, connection, shop, now
        self._products: dict[str, PublishedProduct] = {}
        self._told: dict[str, dict[str, StockWord]] = {}
        self._has: defaultdict[str, set[str]] = defaultdict(set)
        self._families: dict[str, tuple[Offerable, ...]] = {}
        self._promised: dict[tuple[str, str], int] = {}
        self._near: dict[tuple[str, int, int], tuple[Offerable, ...]] = {}

    def read(self, offers: Sequence[ShortOffer], standing: Sequence[Substitution]) -> None:
        """Read what the batch's products and customers are."""
        names = {one.item_id for one in offers} | {one.product_id for one in standing}
        self._products = products_named(self.store, self.shop.run_no, sorted(names))
        self._told = told_of(self.connection, sorted(names))
        self._has = self._spoken_for(sorted({one.customer_id for one in offers}))
        whose = {one.bundle_no: one.customer_id for one in offers}
        for there in standing:
            if there.bundle_no in whose:
                self._has[whose[there.bundle_no]].add(there.product_id)

    def left(self, product_id: str, store_id: str) -> StockLeft:
        """What is left of a product for a bundle's customer."""
        row, said = self._products.get(product_id), self._told.get(product_id, {})
        loaded = StockWord(None if row is None else row.stock, self.shop.as_of)
        here = None if store_id == ALL_STORES else said.get(store_id)
        return what_is_left(loaded, said.get(ALL_STORES), here)

    def still_serves(self, there: Substitution, offer: ShortOffer) -> bool:
        """Whether what stands in may go on doing so."""
        if there.product_id in self._recalled or self.left(there.product_id, offer.store_id).is_sold_out:
            return False
        return offer.is_used or any(one.product.id == there.product_id for one in self._candidates(offer))

    def stand_in(self, offer: ShortOffer) -> dict[str, Any] | None:
        """The row of what stands in for an offer of somebody from now on, None where nothing may."""
        has = self._has[offer.customer_id]
        for one in self._candidates(offer):
            name = one.product.id
            left = self.left(name, offer.store_id)
            place = (name, offer.store_id if left.of_store else ALL_STORES)
            if name in has or name in self._recalled or left.is_sold_out:
                continue
            if left.units is not None and self._promised.get(place, 0) + offer.max_units > left.units:
                continue
            for promised in {(name, offer.store_id), (name, ALL_STORES)}:
                self._promised[promised] = self._promised.get(promised, 0) + offer.max_units
            has.add(name)
            everywhere = not self.left(offer.item_id, offer.store_id).of_store
            return {
                "bundle_no": offer.bundle_no,
                "slot": offer.slot,
                "product_id": name,
                "name": one.product.name,
                "price_minor": one.product.price_minor,
                "lowest_minor": one.lowest_minor,
                "store_id": ALL_STORES if everywhere else offer.store_id,
                "text": self._text,
            }
        return None

    def _candidates(self, offer: ShortOffer) -> tuple[Offerable, ...]:
        """What may stand in for an offer, whoever's it is."""
        key = (offer.item_id, offer.price_minor, offer.discount_bp)
        if key not in self._near:
            row = self._products.get(offer.item_id)
            family = () if row is None or row.family is None else self._of_family(row.family)
            rules = self.shop.programme
            band = rules.shelf.substitute_band_bp or 0 if rules.shelf is not None else 0
            self._near[key] = candidates(*key, family, band_bp=band, never=frozenset(rules.legal_ages))
        return self._near[key]

    def _of_family(self, family: str) -> tuple[Offerable, ...]:
        if family not in self._families:
            found = offerable_of_family(self.store, self.shop.run_no, family)
            names = [one.product.id for one in found]
            self._families[family] = found
            self._products |= products_named(self.store, self.shop.run_no, names)
            self._told |= told_of(self.connection, names)
            self._promised |= promised_units(self.connection, names)
        return self._families[family]

    def _spoken_for(self, customer_ids: Sequence[str]) -> defaultdict[str, set[str]]:
        """What each customer must not be given: what they have, and what rests for them."""
        rotation = self.shop.programme.rotation
        days = 0 if rotation is None else max(rotation.item_days, FORGOTTEN_DAYS)
        offered = offered_since(self.connection, customer_ids, self.now - timedelta(days=days))
        has: defaultdict[str, set[str]] = defaultdict(set)
        for customer_id, items in picked(self.connection, customer_ids, self.now).items():
            has[customer_id] |= items
        for customer_id, rows in offered.items():
            has[customer_id] |= {item for _, ends, item in rows if ends > self.now}
            if rotation is not None:
                last = max(rotation.item_bundles, 0 if rotation.returning is None else 1)
                before = [row for row in rows if row[1] <= self.now]
                has[customer_id] |= resting(before, self.now, item_bundles=last, item_days=rotation.item_days)
        return has

    @cached_property
    def _recalled(self) -> Mapping[str, Any]:
        return recalls_in_force(self.connection, self.now)

    @cached_property
    def _text(self) -> str:
        return substitute_text(self.store, self.shop.run_no) or ""
