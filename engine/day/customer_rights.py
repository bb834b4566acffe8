"""What customers may ask of us about themselves: everything that the store holds, and to be erased."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from engine.store import Store
from engine.store.access.customer_erasure import Erased, data_of, erase_customer
from engine.store.nights.known_ids import cards_of
from engine.store.nights.login_views import kept_bodies
from engine.store.nights.shared_bundles import hand_on, writing_for

# Regulation (EU) 2016/679, articles 15(1)(h) and 22: what is decided, from what, and by which logic.
LOGIC = (
    "From your purchases an algorithm estimates what you will buy and how likely a discount makes you do so; items and"
    " discounts are chosen within the shop's rules and budget. The reason given with each offer is the strongest one."
)


def hand_out(store: Store, customer_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a customer and their cards, by table; raises StoreUnreachable, CannotWrite.

    In the transaction of the audit line that says so, where there is one.
    """
    with store.writing() as connection:
        found = data_of(connection, customer_id)
        for card_id in cards_of(store, customer_id):  # bundles that could not go over are still the card's
            of_card = data_of(connection, card_id)
            found = {
                name: rows + [row for row in of_card[name] if row not in rows] for name, rows in found.items()
            }
        return found


def explain(store: Store, customer_id: str) -> Iterator[dict[str, Any]]:
    """Yield why a customer has, or had, each of their offers, in the words and figures that they were shown."""
    for name in (*cards_of(store, customer_id), customer_id):
        for view in map(json.loads, kept_bodies(store, name)):
            bundle = view["bundle"]
            for offer in view["offers"]:
                yield {
                    "offer_id": offer["id"],
                    "item": offer["item"]["name"],
                    "valid_from": bundle["valid_from"],
                    "valid_to": bundle["valid_to"],
                    "discount_bp": offer["discount_bp"],
                    "price_minor": offer["price_minor"],
                    "reason": offer["reason"]["code"],
                    "reason_text": offer["reason"]["text"],
                }


def erase(store: Store, customer_id: str, *, asked_at: datetime) -> Erased:
    """Remove a customer, and the cards that were merged into them, from the store; erasing them again finds nothing more.

    Args:
        store: where.
        customer_id: whom; unknown ones are marked as erased too, so that nothing is written for them any more.
        asked_at: real time, whatever the shop's clock says.

    Raises:
        StoreUnreachable, StoreBusy, CannotWrite: nothing was erased.

    """
    with writing_for(store, customer_id) as connection:
        hand_on(connection, customer_id)
        gone = [
            erase_customer(connection, name, now=asked_at)
            for name in (*cards_of(store, customer_id), customer_id)
        ]
        return Erased(sum(one.removed for one in gone), sum(one.kept for one in gone))
