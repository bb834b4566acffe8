"""After a recall, or its end, what customers read is written again: a batch a transaction, each kept with how far it is.

Whoever is killed in the middle leaves batches that are whole; the next one to call goes on behind the last of them. Several
may call at once: a batch that another one has written is not noted twice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select

from engine.store.choices.favourites import render_favourites
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.nights.bundle_bodies import render_bundles
from engine.store.nights.published_products import published_shop
from engine.store.nights.recalls import Recall, keep_progress, next_to_render
from engine.store.schema import BUNDLES_PER_RUN, bundles, moment_us, offers, runs
from engine.store.schema.favourite_tables import favourites

# A till waits for a fifth of a second behind a batch of either kind.
_BUNDLES_AT_ONCE = 1_000
# A bundle lasts 60 days at most, and begins within one of its night's cut.
_LONGEST_WINDOW = timedelta(days=62)
_ALL = 2**62  # in how far a recall is rendered: beyond the number of any bundle


def render_recalled(store: Store, now: datetime) -> int:
    """Write again what all customers read of recalls that changed; returns how many bundles and favourites that were.

    Raises StoreUnreachable, StoreBusy or CannotWrite; what was written until then stays.
    """
    return sum(batches(store, now))


def batches(store: Store, now: datetime, *, at_once: int = _BUNDLES_AT_ONCE) -> Iterator[int]:
    """Write one batch after the other, and say how many bundles or favourites each was, until nothing is left."""
    while (recall := next_to_render(store)) is not None:
        if recall.bundles_to < _ALL:
            yield _bundles(store, recall, now, at_once)
        else:
            yield _favourites(store, recall, now, -(-at_once // 10))


def _bundles(store: Store, recall: Recall, now: datetime, at_once: int) -> int:
    numbers = _with_offer(store, recall, now, at_once)
    with store.switching() as connection:
        to = numbers[-1] if len(numbers) == at_once else _ALL
        if not keep_progress(connection, recall, bundles_to=to):
            return 0
        live = [
            number
            for some in in_lists(numbers)
            for number in connection.execute(
                select(bundles.c.bundle_no).where(
                    bundles.c.bundle_no.in_(some), bundles.c.valid_to_us > moment_us(now)
                )
            ).scalars()
        ]
        render_bundles(connection, live, now)
    return len(live)


def _with_offer(store: Store, recall: Recall, now: datetime, at_once: int) -> list[int]:
    """The next bundles with an offer on the product, read along the primary key beside whoever writes."""
    with store.reading() as connection:
        first = connection.execute(
            select(func.min(runs.c.run_no)).where(runs.c.as_of_us > moment_us(now - _LONGEST_WINDOW))
        ).scalar()
        if first is None:
            return []
        behind = max(recall.bundles_to, first * BUNDLES_PER_RUN - 1)
        query = (
            select(offers.c.bundle_no)
            .where(
                offers.c.bundle_no > behind,
                offers.c.item_id == recall.product_id,
                offers.c.price_minor.is_not(None),
            )
            .order_by(offers.c.bundle_no)
            .limit(at_once)
        )
        return list(connection.execute(query).scalars())


def _favourites(store: Store, recall: Recall, now: datetime, at_once: int) -> int:
    shop = published_shop(store)
    query = (
        select(favourites.c.favourite_no, favourites.c.customer_id)
        .where(
            favourites.c.favourite_no > recall.favourites_to,
            favourites.c.item_id == recall.product_id,
            favourites.c.valid_to_us > moment_us(now),
        )
        .order_by(favourites.c.favourite_no)
        .limit(at_once)
    )
    with store.reading() as connection:
        found = connection.execute(query).all()
    with store.switching() as connection:
        is_last = len(found) < at_once
        done = {"rendered_us": moment_us(now)} if is_last else {"favourites_to": found[-1].favourite_no}
        if not keep_progress(connection, recall, **done):
            return 0
        for customer_id in dict.fromkeys(row.customer_id for row in found):
            render_favourites(store, customer_id, now, "" if shop is None else shop.currency)
    return len(found)
