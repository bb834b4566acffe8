"""What customers may ask of us about themselves: everything that the store holds, and to be erased."""

from datetime import datetime
from typing import Any

from engine.store import Store
from engine.store.access.customer_erasure import Erased, data_of, erase_customer
from engine.store.nights.known_ids import cards_of


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


def erase(store: Store, customer_id: str, *, asked_at: datetime) -> Erased:
    """Remove a customer, and the cards that were merged into them, from the store; erasing them again finds nothing more.

    Args:
        store: where.
        customer_id: whom; unknown ones are marked as erased too, so that nothing is written for them any more.
        asked_at: real time, whatever the shop's clock says.

    Raises:
        StoreUnreachable, StoreBusy, CannotWrite: nothing was erased.

    """
    with store.writing(customer_id) as connection:
        gone = [
            erase_customer(connection, name, now=asked_at)
            for name in (*cards_of(store, customer_id), customer_id)
        ]
        return Erased(sum(one.removed for one in gone), sum(one.kept for one in gone))
