"""What customers may ask of us about themselves: everything that the store holds, and to be erased."""

from datetime import datetime
from typing import Any

from engine.store import Store
from engine.store.access.customer_erasure import Erased, data_of, erase_customer


def hand_out(store: Store, customer_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a customer, by table; raises StoreUnreachable, CannotWrite.

    In the transaction of the audit line that says so, where there is one.
    """
    with store.writing() as connection:
        return data_of(connection, customer_id)


def erase(store: Store, customer_id: str, *, asked_at: datetime) -> Erased:
    """Remove a customer from the store; erasing them again finds nothing more.

    Args:
        store: where.
        customer_id: whom; unknown ones are marked as erased too, so that nothing is written for them any more.
        asked_at: real time, whatever the shop's clock says.

    Raises:
        StoreUnreachable, StoreBusy, CannotWrite: nothing was erased.

    """
    with store.writing(customer_id) as connection:
        return erase_customer(connection, customer_id, now=asked_at)
