"""A basket is paid: its offers are used, once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.day.published_rules import rules_now
from engine.day.recall_product import refuse_recalled
from engine.day.stop_offers import refuse_stopped
from engine.day.till.held_basket import free_key, held_basket
from engine.day.till.priced_receipt import priced_receipt
from engine.day.till.till_events import tell_lines
from engine.day.told_moments import check_told
from engine.domain.offer_errors import Refused
from engine.domain.till.basket import Basket, check_basket
from engine.store import Store
from engine.store.checkout.receipts import Receipt
from engine.store.checkout.redemption_ledger import book
from engine.store.checkout.sessions import close_session
from engine.store.nights.shared_bundles import writing_for

_UNKNOWN = "There is no such session: it was redeemed, released or never opened. Validate the basket again."


@dataclass(frozen=True)
class Redeemed:
    """A booked redemption."""

    redemption_id: str
    receipt: Receipt


def redeem(store: Store, basket: Basket, *, now: datetime, session_key: str | None = None) -> Redeemed:
    """Price a basket and use its offers in one transaction; a session of the same basket is ended with it.

    Raises:
        Refused: nothing_to_redeem, no offer applies (any more); product_recalled, nor does one because of it; offers_stopped; basket_impossible; session_taken;
            invalid_request, `at` cannot be; no_current_run.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was redeemed.

    """
    check_basket(basket.lines)
    if basket.at is not None:
        check_told(basket.at, now, "body.at")
    shop = rules_now(store)
    with writing_for(store, basket.customer_id) as connection:
        if session_key is not None:
            free_key(connection, session_key, basket.customer_id, now)
        receipt = priced_receipt(store, connection, shop, basket, now=now)
        if receipt.is_empty:
            refuse_stopped(store)
            refuse_recalled(connection, [line.product_id for line in basket.lines], now)
        return _booked(connection, receipt, session_key, now)


def redeem_session(store: Store, session_key: str, *, now: datetime) -> Redeemed:
    """Use what a session holds, as it was priced; what ended meanwhile was promised and counts, what was recalled does not.

    Raises:
        Refused: session_not_found; session_expired, what it held is free again; nothing_to_redeem; offers_stopped; product_recalled, of
            what it holds, which stays held: validated again, the rest of the basket keeps its discounts.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was redeemed.

    """
    with held_basket(store, session_key, unknown=_UNKNOWN) as (connection, session):
        if session.expires_at <= now:
            raise Refused("session_expired", "The session has expired; validate the basket again.")
        refuse_stopped(store)
        refuse_recalled(connection, session.receipt.products, now)
        close_session(connection, session, now)
        return _booked(connection, session.receipt, session_key, now)


def _booked(connection: Connection, receipt: Receipt, session_key: str | None, now: datetime) -> Redeemed:
    if receipt.is_empty:
        raise Refused(
            "nothing_to_redeem",
            "No offer applies to this basket, or they have been redeemed; validate it to see the reasons.",
        )
    name = book(connection, receipt, session_key=session_key, now=now)
    tell_lines(connection, "redeemed", receipt.customer_id, receipt.lines, now, redemption_id=name)
    return Redeemed(name, receipt)
