"""A till asks what a basket saves: dry, or with its offers held for a while."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.day.published_rules import PublishedRules, rules_now
from engine.day.usable_offers import Hand, goods, hand_of
from engine.domain.basket import Basket, check_basket
from engine.domain.basket_pricing import Applied, Priced, price_basket
from engine.domain.offer_errors import Refused
from engine.domain.velocity_caps import Use
from engine.store import Store
from engine.store.checkout.receipts import Receipt, ReceiptLine
from engine.store.checkout.redemption_ledger import standing_redemptions
from engine.store.checkout.sessions import (
    TAKEN,
    Session,
    close_session,
    drop_expired_of,
    forget_expired,
    live_sessions,
    open_session,
    session_named,
)
from engine.store.log.events import Event, append


@dataclass(frozen=True)
class Hold:
    """What a till asks for: its name for the basket, and for how long to keep the offers."""

    key: str
    ttl: timedelta


@dataclass(frozen=True)
class Validation:
    """What the basket saves, and until when that is held; None where it is not."""

    receipt: Receipt
    session_key: str | None
    expires_at: datetime | None


def validate(store: Store, basket: Basket, *, now: datetime, hold: Hold | None = None) -> Validation:
    """Price a basket; with a hold, keep its offers from every other basket until the session ends.

    The same session key again prices the basket anew: what it held before is free first. A hold lasts for no longer
    than the programme's `checkout.session_max_seconds`.

    Raises:
        Refused: basket_impossible; session_taken, the key is another customer's; no_current_run.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was held.

    """
    check_basket(basket.lines)
    shop = rules_now(store)
    if hold is None:
        with store.looking() as connection:
            return Validation(price(store, connection, shop, basket, now=now), None, None)
    longest = timedelta(seconds=shop.programme.checkout.session_max_seconds)
    expires_at = now + min(hold.ttl, longest)
    with store.writing(basket.customer_id) as connection:
        free_key(connection, hold.key, basket.customer_id, now)
        receipt = price(store, connection, shop, basket, now=now)
        open_session(connection, hold.key, receipt, now=now, expires_at=expires_at)
        for line in receipt.lines:
            append(connection, line_event("reserved", receipt.customer_id, line, now))
    return Validation(receipt, hold.key, expires_at)


def price(
    store: Store, connection: Connection, shop: PublishedRules, basket: Basket, *, now: datetime
) -> Receipt:
    """Price a basket on the connection's snapshot; sessions that live hold their offers, units and slots."""
    hand = hand_of(store, connection, shop, basket.customer_id, now=now, at=basket.at or now)
    caps, uses = shop.programme.velocity.caps, _uses(connection, shop, basket.customer_id, now)
    stopped = caps.blocked(uses, basket.till, now)
    deals = tuple(
        replace(deal, blocked=stopped) if stopped is not None and deal.blocked is None else deal
        for deal in hand.deals
    )
    priced = price_basket(
        basket.lines,
        deals,
        goods(store, shop, (line.product_id for line in basket.lines)),
        shop.programme.pricing_rules,
        free_slots=hand.free_slots,
        units_left_milli=caps.units_left_milli(uses),
    )
    return _receipt(basket, priced, hand, shop, now)


def free_key(connection: Connection, session_key: str, customer_id: str, now: datetime) -> None:
    """End the customer's own session under a key, and forget his expired ones.

    Raises:
        Refused: session_taken, another customer's basket is held under that key.

    """
    session = session_named(connection, session_key)
    if session is not None and session.customer_id == customer_id:
        close_session(connection, session, now)
    elif session is not None and session.expires_at > now:
        raise Refused("session_taken", TAKEN)
    elif session is not None:
        forget_expired(connection, session)
    drop_expired_of(connection, customer_id, now)


def line_event(kind: str, customer_id: str, line: ReceiptLine, now: datetime) -> Event:
    """Return what the feed tells of a line: its offer, product, units and money."""
    return Event(
        kind,
        now,
        customer_id=customer_id,
        offer_id=line.offer_id,
        item_id=line.product_id,
        details={
            "units_milli": line.units_milli,
            "discount_minor": line.discount_minor,
            "discount_bp": line.discount_bp,
        },
    )


def _uses(connection: Connection, shop: PublishedRules, customer_id: str, now: datetime) -> list[Use]:
    """What the card did today or lately, held baskets included."""
    today, since = shop.days.day_of(now), now - shop.programme.velocity.caps.within
    uses = [
        Use(_till(one.store_id, one.till_id), one.redeemed_at, one.local_day == today, one.units_milli)
        for one in standing_redemptions(connection, customer_id, local_day=today, since=since)
    ]
    return uses + [
        _held(session, session.receipt.local_day == today)
        for session in live_sessions(connection, customer_id, now)
        if session.receipt.lines
    ]


def _held(session: Session, is_today: bool) -> Use:
    receipt = session.receipt
    # A held basket is at its till for as long as it lives.
    return Use(_till(receipt.store_id, receipt.till_id), session.expires_at, is_today, receipt.units_milli)


def _till(store_id: str | None, till_id: str | None) -> tuple[str | None, str | None] | None:
    return None if store_id is None and till_id is None else (store_id, till_id)


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
