"""What only the app can see: an offer was shown, an offer was opened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from engine.day.told_moments import check_told
from engine.store import Store
from engine.store.access.customer_erasure import erased_among
from engine.store.log.events import Event, append_all
from engine.store.nights.offered import Offered, offered_to
from engine.store.nights.shared_bundles import used_by


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


Origins = Mapping[tuple[str, str | None], Offered]


def origins_of(store: Store, told: Sequence[Told], *, now: datetime) -> Origins:
    """Find the run, bundle and item of every offer that is told of, by customer and offer. Raises StoreUnreachable.

    Apart from `tell`, because a hundred look-ups are no reason to keep a till waiting.
    """
    with store.reading() as connection:
        return {
            (customer_id, offer_id): offered_to(
                connection, used_by(connection, customer_id, now), offer_id, now
            )
            for customer_id, offer_id in {_about(one) for one in told}
        }


def tell(store: Store, told: Sequence[Told], origins: Origins, *, now: datetime) -> CountedEvents:
    """Append a batch to the feed, each id once, with what `origins_of` found out about it.

    What is told of a customer who is being erased is counted and not kept.

    Raises:
        Refused: invalid_request, an event cannot have happened then.
        StoreUnreachable, CannotWrite: nothing was appended.

    """
    for place, one in enumerate(told):
        check_told(one.told_at, now, f"body.events.{place}.at")
    with store.writing() as connection:
        gone = erased_among(connection, {one.customer_id for one in told})
        kept = [one for one in told if one.customer_id not in gone]
        new = append_all(connection, [_event(one, origins[_about(one)], now) for one in kept])
    accepted = len(told) - len(kept) + new
    return CountedEvents(accepted, len(told) - accepted)


def _about(one: Told) -> tuple[str, str | None]:
    return one.customer_id, one.offer_id


def _event(one: Told, offered: Offered, now: datetime) -> Event:
    return Event(
        one.kind,
        now,
        customer_id=one.customer_id,
        run_id=offered.run_id,
        bundle_id=offered.bundle_id,
        offer_id=one.offer_id,
        item_id=offered.item_id,
        told_at=one.told_at,
        event_id=f"{one.customer_id}/{one.event_id}",
    )
