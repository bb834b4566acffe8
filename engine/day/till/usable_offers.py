"""What a customer may use at the till at a moment, as the domain prices it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.day.published_rules import PublishedRules
from engine.domain.bundle import OfferState
from engine.domain.favourite_rules import Product, substitutes
from engine.domain.till.basket import MILLI
from engine.domain.till.basket_pricing import Deal, StoodIn, WhyNot
from engine.store import Store
from engine.store.checkout.open_offers import OpenFavourite, OpenOffer, open_favourites, open_offers
from engine.store.choices.favourites import suggestions_of
from engine.store.nights.published_products import products_named, products_of_family
from engine.store.nights.recalls import recalls_in_force
from engine.store.nights.shared_bundles import used_by, who_shares
from engine.store.nights.substitutions import Substitution, usable_substitutions

_BLOCKED_BY_STATE = {
    OfferState.OFFERED: WhyNot.NOT_ACTIVATED,
    OfferState.REDEEMED: WhyNot.ALREADY_REDEEMED,
}


@dataclass(frozen=True)
class Hand:
    """A customer's deals with the rows they come from, by the offer's id."""

    deals: tuple[Deal, ...]
    offers: dict[str, OpenOffer]
    favourites: dict[str, OpenFavourite]
    free_slots: dict[int, int]
    too_young_for: frozenset[str]  # flags of goods
    recalled: frozenset[str]  # products on which nothing is given
    sharers: tuple[str, ...]  # whose cards count together, the customer's among them


def hand_of(
    store: Store,
    connection: Connection,
    shop: PublishedRules,
    customer_id: str,
    *,
    now: datetime,
    at: datetime,
) -> Hand:
    """Collect what counts now, and what counted or will count at the till's own time, with the reason why not.

    The favourite's substitutes count while the shelf says that it is sold out, or its product is recalled; what stands in for
    an offer's item to the end of the day on which it is there again, since customers have read of it.
    """
    sharers = who_shares(connection, customer_id)
    owner = used_by(connection, customer_id, now)
    found = sorted(open_offers(connection, owner, now, at), key=lambda one: _as_seen(one, now))
    today = shop.days.start_of(shop.days.day_of(now))
    stood_in = usable_substitutions(connection, sorted({one.bundle_no for one in found}), today)
    picked = open_favourites(connection, customer_id, now, at, shop.days.day_of(now))
    of_age = of_age_now(store, shop, customer_id)
    recalled = recalls_in_force(connection, now)
    deals = [_favourite(store, shop, one, now, of_age, recalled) for one in picked]
    deals += [_offer(one, now, recalled, stood_in.get((one.bundle_no, one.slot), ())) for one in found]
    return Hand(
        tuple(deals),
        {one.offer_id: one for one in found},
        {one.favourite_id: one for one in picked},
        {one.bundle_no: one.slots_free for one in found},
        shop.programme.kept_from_the_young - of_age,
        frozenset(recalled),
        sharers,
    )


def products_in(store: Store, shop: PublishedRules, product_ids: Iterable[str]) -> dict[str, Product]:
    """Return what the shop knows of some products; unknown ones are absent."""
    names = list(dict.fromkeys(product_ids))
    return {name: row.product for name, row in products_named(store, shop.run_no, names).items()}


def of_age_now(store: Store, shop: PublishedRules, customer_id: str) -> frozenset[str]:
    """Return the flags of goods with a legal age that a customer may have, by what the night knew of their age."""
    if not shop.programme.kept_from_the_young:
        return frozenset()
    return suggestions_of(store, shop.run_no, customer_id).of_age


def stand_ins(
    store: Store,
    shop: PublishedRules,
    product_id: str,
    of_age: frozenset[str],
    recalled: Collection[str] = (),
) -> tuple[Product, ...]:
    """Return what gets a favourite's discount while it is sold out or recalled, the nearest price first."""
    rules = shop.programme.favourite.substitutes
    if rules.at_most == 0:
        return ()
    row = products_named(store, shop.run_no, [product_id]).get(product_id)
    if row is None or row.family is None or not (row.product.is_sold_out or product_id in recalled):
        return ()
    return substitutes(
        row.product,
        (
            one.product
            for one in products_of_family(store, shop.run_no, row.family)
            if one.product_id not in recalled
        ),
        shop.programme.favourite_rules_for(of_age),
        at_most=rules.at_most,
        price_band_bp=rules.price_band_bp,
    )


def _offer(
    one: OpenOffer, now: datetime, recalled: Collection[str], stood_in: tuple[Substitution, ...]
) -> Deal:
    blocked = _outside(one.valid_from, one.valid_to, now) or _BLOCKED_BY_STATE.get(one.state)
    if blocked is None and one.is_held:
        blocked = WhyNot.RESERVED
    if one.price_minor is not None and one.item_id in recalled and one.state is not OfferState.REDEEMED:
        blocked = WhyNot.RECALLED
    return Deal(
        offer_id=one.offer_id,
        items=frozenset({one.item_id}),
        is_family=one.price_minor is None,
        discount_bp=one.discount_bp,
        price_minor=one.price_minor,
        units_milli=one.max_units * MILLI,
        bundle_no=one.bundle_no,
        blocked=blocked,
        stood_in=tuple(StoodIn(other.product_id, other.price_minor) for other in stood_in),
    )


def _favourite(
    store: Store,
    shop: PublishedRules,
    one: OpenFavourite,
    now: datetime,
    of_age: frozenset[str],
    recalled: Collection[str],
) -> Deal:
    return Deal(
        offer_id=one.favourite_id,
        items=frozenset(
            {one.item_id, *(other.id for other in stand_ins(store, shop, one.item_id, of_age, recalled))}
        ),
        is_family=False,
        discount_bp=one.discount_bp,
        price_minor=one.price_minor,
        units_milli=max(one.max_units * MILLI - one.used_milli, 0),
        bundle_no=None,
        blocked=_outside(one.effective_from, one.valid_to, now),
    )


def _as_seen(one: OpenOffer, now: datetime) -> tuple[bool, datetime]:
    """Of several bundles the one that ends first comes first, as a login shows them; what does not count now comes last."""
    return _outside(one.valid_from, one.valid_to, now) is not None, one.valid_to


def _outside(starts: datetime, ends: datetime, now: datetime) -> WhyNot | None:
    if now < starts:
        return WhyNot.NOT_YET_VALID
    return None if now < ends else WhyNot.EXPIRED
