"""A basket becomes a priced receipt: what its customer may use, what the card did before, what each line saves.

The same for a till that asks, one that holds and one that redeems.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from engine.day.published_rules import PublishedRules
from engine.day.till.usable_offers import Hand, hand_of, products_in
from engine.domain.grants import GrantState
from engine.domain.till.basket import Basket, till_named
from engine.domain.till.basket_pricing import Applied, Priced, WhyNot, price_basket
from engine.domain.till.grant_money import Purse, pay, to_pay
from engine.domain.till.velocity_caps import Use
from engine.store import Store
from engine.store.access.customer_erasure import is_pseudonym
from engine.store.checkout.receipts import Receipt, ReceiptLine
from engine.store.checkout.redemption_ledger import standing_redemptions
from engine.store.checkout.sessions import Session, live_sessions
from engine.store.grants.grant_ledger import GrantPart
from engine.store.grants.kept_grants import KeptGrant, grants_of
from engine.store.nights.stops import stop_in_force


def priced_receipt(
    store: Store, connection: Connection, shop: PublishedRules, basket: Basket, *, now: datetime
) -> Receipt:
    """Price a basket on the connection's snapshot; sessions that live hold their offers, units and slots.

    Raises StoreUnreachable.
    """
    hand = hand_of(store, connection, shop, basket.customer_id, now=now, at=basket.at or now)
    if is_pseudonym(connection, basket.customer_id):
        return _receipt(basket, Priced((), ()), hand, shop, now)
    products = products_in(store, shop, (line.product_id for line in basket.lines))
    caps, uses = shop.programme.velocity.caps, _uses(connection, shop, hand.sharers, now)
    stopped = caps.blocked(uses, basket.till, now)
    if stop_in_force(connection) is not None:
        stopped = WhyNot.STOPPED
    deals = tuple(
        replace(deal, blocked=stopped) if stopped is not None and deal.blocked is None else deal
        for deal in hand.deals
    )
    rules = replace(shop.programme.pricing_rules, too_young_for=hand.too_young_for)
    priced = price_basket(
        basket.lines,
        deals,
        products,
        rules,
        free_slots=hand.free_slots,
        units_left_milli=caps.units_left_milli(uses),
        recalled=hand.recalled,
    )
    receipt = _receipt(basket, priced, hand, shop, now)
    kept = [
        one
        for one in grants_of(connection, basket.customer_id, now)
        if one.state_at(now) is GrantState.OPEN and one.grant.currency == shop.currency
    ]
    if not kept:
        return receipt
    return _with_grants(
        receipt, basket, kept, to_pay(basket.lines, priced, products, rules, hand.recalled), stopped=stopped
    )


def _with_grants(
    receipt: Receipt,
    basket: Basket,
    kept: Sequence[KeptGrant],
    costs: Sequence[int],
    *,
    stopped: WhyNot | None,
) -> Receipt:
    """Let grants pay; a card's caps do not bind them: their money can be spent once, at whichever till."""
    of_all = stopped if stopped is WhyNot.STOPPED else None
    purses = [
        Purse(one.grant.id, one.left_minor, of_all or (None if one.held_until is None else WhyNot.RESERVED))
        for one in kept
    ]
    paid, numbers = pay(purses, costs), {one.grant.id: one.grant_no for one in kept}
    return receipt._replace(
        grants=tuple(
            GrantPart(numbers[name], name, place, basket.lines[place].line_id, amount)
            for name, place, amount in paid.parts
        ),
        grants_not_used=tuple((name, key.value) for name, key in paid.not_used),
        granted_products=tuple(dict.fromkeys(basket.lines[place].product_id for _, place, _ in paid.parts)),
    )


def _uses(connection: Connection, shop: PublishedRules, sharers: Sequence[str], now: datetime) -> list[Use]:
    """What the cards of who shares one bundle did today or lately, held baskets included."""
    today, since = shop.days.day_of(now), now - shop.programme.velocity.caps.within
    uses = [
        Use(till_named(one.store_id, one.till_id), one.redeemed_at, one.local_day == today, one.units_milli)
        for one in standing_redemptions(connection, sharers, local_day=today, since=since)
    ]
    return uses + [
        _held(session, session.receipt.local_day == today)
        for session in live_sessions(connection, sharers, now)
        if session.receipt.lines
    ]


def _held(session: Session, is_today: bool) -> Use:
    receipt = session.receipt
    # A held basket is at its till for as long as it lives.
    return Use(
        till_named(receipt.store_id, receipt.till_id), session.expires_at, is_today, receipt.units_milli
    )


def _receipt(basket: Basket, priced: Priced, hand: Hand, shop: PublishedRules, now: datetime) -> Receipt:
    places = {line.line_id: place for place, line in enumerate(basket.lines)}
    return Receipt(
        basket.customer_id,
        basket.store_id,
        basket.till_id,
        basket.at,
        shop.days.day_of(now),
        shop.currency,
        tuple(_line(one, hand, places[one.line.line_id]) for one in priced.applied),
        tuple((name, key.value) for name, key in priced.not_applied),
    )


def _line(one: Applied, hand: Hand, place: int) -> ReceiptLine:
    offer, favourite = hand.offers.get(one.deal.offer_id), hand.favourites.get(one.deal.offer_id)
    return ReceiptLine(
        line_no=place,
        line_id=one.line.line_id,
        product_id=one.line.product_id,
        offer_id=one.deal.offer_id,
        bundle_no=None if offer is None else offer.bundle_no,
        slot=None if offer is None else offer.slot,
        favourite_no=None if favourite is None else favourite.favourite_no,
        unit=one.line.unit.value,
        quantity_milli=one.line.quantity_milli,
        units_milli=one.units_milli,
        shelf_price_minor=one.line.shelf_price_minor,
        promo_discount_minor=one.line.promo_discount_minor,
        discount_bp=one.deal.discount_bp,
        discount_minor=one.discount_minor,
    )
