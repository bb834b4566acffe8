"""A customer chooses which of their offers count at the till, as many as the bundle has slots.

Where the programme activates offers by itself they are active from the start, and choosing one again is no mistake.
"""

from datetime import datetime

from sqlalchemy import Connection

from engine.day.offers_at_login import offers_at_login
from engine.day.published_rules import activation_of, rules_now
from engine.day.stop_offers import refuse_stopped
from engine.domain.bundle import OfferState
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.choices.activations import OfferNow, mark_offer, offer_now
from engine.store.log.events import Event, append
from engine.store.nights.offered import offered_to
from engine.store.nights.shared_bundles import used_by, writing_for


def activate(store: Store, customer_id: str, offer_id: str, now: datetime) -> bytes:
    """Activate an offer and return what the customer sees then; an active one stays as it is.

    Raises:
        Refused: `offer_not_found`, or `slots_full` when as many are active as the bundle has slots.
        StoreUnreachable, CannotWrite: nothing was written.
    """
    with writing_for(store, customer_id) as connection:
        found = _found(store, customer_id, offer_id, now)
        if found.state is OfferState.OFFERED:
            if found.active >= found.slots_total:
                raise Refused(
                    "slots_full", f"All {found.slots_total} slots are taken; put another offer back first."
                )
            mark_offer(store, customer_id, found, OfferState.ACTIVATED, now)
            append(connection, _event(connection, "activated", customer_id, offer_id, now))
        return offers_at_login(store, customer_id, now).body


def deactivate(store: Store, customer_id: str, offer_id: str, now: datetime) -> bytes:
    """Put an unused offer back and return what the customer sees then; one that is not active stays as it is.

    Raises:
        Refused: `offer_not_found`; `offer_reserved` or `offer_redeemed` for one in a basket or used;
            `activation_is_automatic` or `activation_is_final` where the programme does not let customers put back.
        StoreUnreachable, CannotWrite: nothing was written.
    """
    shop = rules_now(store)
    with writing_for(store, customer_id) as connection:
        found = _found(store, customer_id, offer_id, now)
        if found.state is OfferState.OFFERED:
            return offers_at_login(store, customer_id, now).body
        if found.state is OfferState.REDEEMED:
            raise Refused("offer_redeemed", "The offer has been used.")
        if found.state is OfferState.RESERVED:
            raise Refused("offer_reserved", "The offer is held for a basket at a till.")
        rule = activation_of(store, shop, found.programme)
        if rule.mode == "automatic":
            raise Refused("activation_is_automatic", "Offers are always active here; none can be put back.")
        if not rule.may_deactivate:
            raise Refused("activation_is_final", "An activated offer cannot be put back.")
        mark_offer(store, customer_id, found, OfferState.OFFERED, now)
        append(connection, _event(connection, "deactivated", customer_id, offer_id, now))
        return offers_at_login(store, customer_id, now).body


def _event(connection: Connection, kind: str, customer_id: str, offer_id: str, now: datetime) -> Event:
    of = offered_to(connection, used_by(connection, customer_id, now), offer_id, now)
    return Event(kind, now, customer_id, of.run_id, of.bundle_id, offer_id, of.item_id)


def _found(store: Store, customer_id: str, offer_id: str, now: datetime) -> OfferNow:
    refuse_stopped(store)
    with store.writing(customer_id) as connection:
        owner = used_by(connection, customer_id, now)
    found = offer_now(store, owner, offer_id, now)
    if found is None:
        raise Refused("offer_not_found", "The customer has no such offer now.")
    return found
