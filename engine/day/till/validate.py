"""A till asks what a basket saves: dry, or with its offers held for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.day.published_rules import rules_now
from engine.day.till.held_basket import check_latest, free_key
from engine.day.till.priced_receipt import priced_receipt
from engine.day.till.till_events import tell_lines
from engine.day.told_moments import check_told
from engine.domain.till.basket import Basket, check_basket
from engine.store import Store
from engine.store.checkout.receipts import Receipt
from engine.store.checkout.sessions import open_session
from engine.store.nights.shared_bundles import writing_for


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

    The same session key again prices the basket anew: what it held before is free first. A state of the basket that was
    sent before the one that is held, and arrives after it, changes nothing. A hold lasts for no longer
    than the programme's `checkout.session_max_seconds`.

    Raises:
        Refused: basket_impossible; invalid_request, `at` cannot be; session_taken, the key is another customer's;
            basket_outdated; no_current_run.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was held.

    """
    check_basket(basket.lines)
    if basket.at is not None:
        check_told(basket.at, now, "body.at")
    shop = rules_now(store)
    if hold is None:
        with store.looking() as connection:
            return Validation(priced_receipt(store, connection, shop, basket, now=now), None, None)
    longest = timedelta(seconds=shop.programme.checkout.session_max_seconds)
    expires_at = now + min(hold.ttl, longest)
    with writing_for(store, basket.customer_id) as connection:
        check_latest(connection, hold.key, basket.customer_id, basket.at)
        free_key(connection, hold.key, basket.customer_id, now)
        receipt = priced_receipt(store, connection, shop, basket, now=now)
        open_session(connection, hold.key, receipt, now=now, expires_at=expires_at)
        tell_lines(connection, "reserved", receipt.customer_id, receipt.lines, now)
    return Validation(receipt, hold.key, expires_at)
