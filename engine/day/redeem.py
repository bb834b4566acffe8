"""A basket is paid: its offers are used, once."""

from dataclasses import dataclass
from datetime import datetime

from engine.day.published_rules import rules_now
from engine.day.validate import free_key, line_event, price
from engine.domain.basket import Basket, check_basket
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.checkout.receipts import Receipt
from engine.store.checkout.redemption_ledger import book
from engine.store.checkout.sessions import close_session, session_named
from engine.store.log.events import append

_UNKNOWN = "There is no such session: it was redeemed, released or never opened. Validate the basket again."


@dataclass(frozen=True)
class Redeemed:
    """A booked redemption."""

    redemption_id: str
    receipt: Receipt


def redeem(store: Store, basket: Basket, *, now: datetime, session_key: str | None = None) -> Redeemed:
    """Price a basket and use its offers in one transaction; a session of the same basket is ended with it.

    Raises:
        Refused: nothing_to_redeem, no offer applies (any more); basket_impossible; session_taken;
            no_current_run.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was redeemed.

    """
    check_basket(basket.lines)
    shop = rules_now(store)
    with store.writing(basket.customer_id) as connection:
        if session_key is not None:
            free_key(connection, session_key, basket.customer_id, now)
        receipt = price(store, connection, shop, basket, now=now)
        return _booked(store, receipt, session_key, now)


def redeem_session(store: Store, session_key: str, *, now: datetime) -> Redeemed:
    """Use what a session holds, as it was priced; what ended meanwhile was promised and counts.

    Raises:
        Refused: session_not_found; session_expired, what it held is free again; nothing_to_redeem.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was redeemed.

    """
    with store.reading() as connection:
        found = session_named(connection, session_key)
    if found is None:
        raise Refused("session_not_found", _UNKNOWN)
    with store.writing(found.customer_id) as connection:
        session = session_named(connection, session_key)  # again, now that nobody else writes for him
        if session is None or session.customer_id != found.customer_id:
            raise Refused("session_not_found", _UNKNOWN)
        if session.expires_at <= now:
            raise Refused("session_expired", "The session has expired; validate the basket again.")
        close_session(connection, session, now)
        return _booked(store, session.receipt, session_key, now)


def _booked(store: Store, receipt: Receipt, session_key: str | None, now: datetime) -> Redeemed:
    if not receipt.lines:
        raise Refused(
            "nothing_to_redeem",
            "No offer applies to this basket, or they have been redeemed; validate it to see the reasons.",
        )
    with store.writing(receipt.customer_id) as connection:
        name = book(connection, receipt, session_key=session_key, now=now)
        for line in receipt.lines:
            event = line_event("redeemed", receipt.customer_id, line, now)
            append(connection, event._replace(details={**event.details, "redemption_id": name}))
    return Redeemed(name, receipt)
