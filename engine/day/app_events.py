"""What only the app can see: an offer was shown, an offer was opened."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from engine.day.told_moments import check_told
from engine.store import Store
from engine.store.access.customer_erasure import erased_among
from engine.store.log.events import Event, append
from engine.store.nights.offered import offered_to


class Told(NamedTuple):
    """An event as the app tells it."""

    event_id: str
    kind: str
    customer_id: str
    offer_id: str | None
    told_at: datetime


class CountedEvents(NamedTuple):
    """What became of a batch."""

    accepted: int
    duplicates: int


def tell(store: Store, told: Sequence[Told], *, now: datetime) -> CountedEvents:
    """Append a batch to the feed, each id once, with the run, bundle and item that the offer belongs to.

    What is told of a customer who is being erased is counted and not kept.

    Raises:
        Refused: invalid_request, an event cannot have happened then.
        StoreUnreachable, CannotWrite: nothing was appended.

    """
    for place, one in enumerate(told):
        check_told(one.told_at, now, f"body.events.{place}.at")
    with store.writing() as connection:
        gone = erased_among(connection, {one.customer_id for one in told})
        accepted = 0
        for one in told:
            if one.customer_id in gone:
                accepted += 1
                continue
            offered = offered_to(connection, one.customer_id, one.offer_id, now)
            accepted += append(
                connection,
                Event(
                    one.kind,
                    now,
                    customer_id=one.customer_id,
                    run_id=offered.run_id,
                    bundle_id=offered.bundle_id,
                    offer_id=one.offer_id,
                    item_id=offered.item_id,
                    told_at=one.told_at,
                    event_id=f"{one.customer_id}/{one.event_id}",
                ),
            )
    return CountedEvents(accepted, len(told) - accepted)
