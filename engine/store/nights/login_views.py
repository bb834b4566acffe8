"""What a login reads: one ready-made JSON body for a customer, in one statement.

The body consists of parts that are written beforehand: the bundle's (by the night, or by whoever touched the
bundle last), the favourite's (by whoever chose it last) and that of grants (by whoever gave or used one last). Each has its own end, so that publishing a night
rewrites nothing for customers whose favourite goes on. Joining them is a concatenation of bytes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ScalarSelect, Table, Text, bindparam, func, not_, select

from engine.domain.customer_view import render_empty, together, with_customer, with_favourite, with_grants
from engine.store.database.store import Store
from engine.store.nights.shared_bundles import SHARED_OWNER
from engine.store.nights.stops import is_stopped
from engine.store.schema import (
    PUBLISHED,
    SUPERSEDED,
    UNNAMED,
    WITHDRAWN,
    bundles,
    counts,
    moment,
    moment_us,
    runs,
    views,
)
from engine.store.schema.access_tables import erasures
from engine.store.schema.checkout_tables import passing_views
from engine.store.schema.favourite_tables import favourite_views
from engine.store.schema.grant_tables import grant_views
from engine.store.schema.recall_tables import recalls, stops
from engine.store.schema.stock_tables import stock_changes


class StoredView(NamedTuple):
    """A customer's body and the cut of the data it was made from."""

    body: bytes
    as_of: datetime | None  # None before the first night


class Endings(NamedTuple):
    """Two of these differ if a run was replaced or rolled back, a customer erased, a product recalled or all offers stopped between."""

    runs: int
    last_run_us: int | None
    erasures: int
    last_erasure_us: int | None
    recalls: int
    recalls_rendered: int
    last_rendered_us: int | None  # one that is rendered anew between two looks is counted as before
    stops: int
    stops_over: int
    stock_looked: int | None  # the last change of stock for which all bundles were looked through


_CUSTOMER = bindparam("customer_id", "", Text)
_NOW = bindparam("now_us", 0, BigInteger)


def _part(views_of: Table) -> ScalarSelect[bytes]:
    return (
        select(views_of.c.body)
        .where(
            views_of.c.customer_id == _CUSTOMER,
            views_of.c.valid_to_us > _NOW,
            not_(is_stopped()),
        )
        .order_by(views_of.c.valid_to_us)
        .limit(1)
        .scalar_subquery()
    )


_PASSING = (
    select(passing_views.c.body)
    .where(passing_views.c.bundle_no == views.c.bundle_no, passing_views.c.valid_to_us > _NOW)
    .order_by(passing_views.c.valid_to_us)
    .limit(1)
    .scalar_subquery()
)
# At most one bundle of a programme counts at a moment; the order only makes the statement's answer certain.
_VIEWS = (
    select(
        func.coalesce(_PASSING, views.c.body).label("body"),
        _part(favourite_views).label("favourite"),
        _part(grant_views).label("grants"),
        runs.c.as_of_us,
        runs.c.programme,
        views.c.valid_to_us,
    )
    .join(bundles, bundles.c.bundle_no == views.c.bundle_no)
    .join(runs, runs.c.run_no == bundles.c.run_no)
    .where(
        bundles.c.customer_id == _CUSTOMER,
        bundles.c.valid_from_us <= _NOW,
        views.c.valid_to_us > _NOW,
        counts(),
        not_(is_stopped()),
    )
    .order_by(bundles.c.bundle_no.desc())
)
_AS_OF = select(runs.c.as_of_us).where(runs.c.state == PUBLISHED).order_by(runs.c.publish_no.desc()).limit(1)
_ENDED = runs.c.state.in_((SUPERSEDED, WITHDRAWN))
_ENDINGS = select(
    select(func.count()).select_from(runs).where(_ENDED).scalar_subquery(),
    select(func.max(runs.c.ended_us)).where(_ENDED).scalar_subquery(),
    select(func.count()).select_from(erasures).scalar_subquery(),
    select(func.max(erasures.c.asked_us)).scalar_subquery(),
    select(func.count()).select_from(recalls).scalar_subquery(),
    select(func.count(recalls.c.rendered_us)).scalar_subquery(),
    select(func.max(recalls.c.rendered_us)).scalar_subquery(),
    select(func.count()).select_from(stops).scalar_subquery(),
    select(func.count(stops.c.resumed_us)).scalar_subquery(),
    select(func.max(stock_changes.c.change_no))
    .where(stock_changes.c.looked_us.is_not(None))
    .scalar_subquery(),
)
_NO_BUNDLE = select(_part(favourite_views), _part(grant_views), _AS_OF.scalar_subquery())


def view_of(store: Store, customer_id: str, now: datetime) -> StoredView | None:
    """The body a customer sees at a moment; None where they have neither a bundle nor a favourite nor a grant, or all offers are stopped.

    Unknown, held out, not yet begun or ended all look alike. What a customer has of several programmes is one list, that of a
    programme with a name too. Raises StoreUnreachable.
    """
    moment_now = moment_us(now)
    found = store.point_reads(_VIEWS, customer_id=customer_id, now_us=moment_now)
    if found:
        body, made = _of_bundles(found)
        return StoredView(with_grants(with_favourite(body, found[0][1]), found[0][2]), made)
    shared = store.point_read(SHARED_OWNER, customer_id=customer_id, now_us=moment_now)
    if shared is not None:
        return _shared_view(store, customer_id, str(shared[0]), moment_now)
    row = store.point_read(_NO_BUNDLE, customer_id=customer_id, now_us=moment_now)
    if row is None or not any(row[:2]):
        return None
    as_of = None if row[2] is None else moment(row[2])
    body = with_favourite(render_empty(customer_id, as_of=as_of), row[0])
    return StoredView(with_grants(body, row[1]), as_of)


def _of_bundles(found: Sequence[tuple[Any, ...]]) -> tuple[bytes, datetime]:
    """All bundles of a customer, the newest of each programme, as one list: the one that ends first before the others."""
    if len(found) == 1 and found[0][4] == UNNAMED:
        return found[0][0], moment(found[0][3])
    newest = {row[4]: row for row in reversed(found)}
    in_order = sorted(newest.values(), key=lambda row: (row[5], row[4]))
    return together([row[0] for row in in_order]), moment(max(row[3] for row in in_order))


def _shared_view(store: Store, customer_id: str, owner: str, moment_now: int) -> StoredView | None:
    """A household's bundles as another member sees them, beside the favourite and the grants of their own."""
    found = store.point_reads(_VIEWS, customer_id=owner, now_us=moment_now)
    mine = store.point_read(_NO_BUNDLE, customer_id=customer_id, now_us=moment_now)
    if not found or mine is None:  # it ended, or all offers were stopped, between two statements
        return None
    body, as_of = _of_bundles(found)
    shown = with_favourite(with_customer(body, customer_id), mine[0])
    return StoredView(with_grants(shown, mine[1]), as_of)


def kept_bodies(store: Store, customer_id: str) -> tuple[bytes, ...]:
    """The bodies of all bundles that are kept of a customer, the oldest first. Raises StoreUnreachable."""
    query = (
        select(views.c.body)
        .join(bundles, bundles.c.bundle_no == views.c.bundle_no)
        .where(bundles.c.customer_id == customer_id)
        .order_by(views.c.bundle_no)
    )
    with store.reading() as connection:
        return tuple(connection.execute(query).scalars())


def current_as_of(store: Store) -> datetime | None:
    """The data's cut of the current run; None before the first night. Raises StoreUnreachable."""
    row = store.point_read(_AS_OF)
    return None if row is None else moment(row[0])


def endings(store: Store) -> Endings:
    """What has ended until now that customers had been shown. Raises StoreUnreachable."""
    return Endings(*(store.point_read(_ENDINGS) or (0, None, 0, None, 0, 0, None, 0, 0, None)))


def last_offer_ends(store: Store) -> datetime | None:
    """The first moment after the end of every bundle that counts, whenever; None where there is none."""
    query = (
        select(func.max(bundles.c.valid_to_us)).join(runs, runs.c.run_no == bundles.c.run_no).where(counts())
    )
    with store.reading() as connection:
        ends = connection.execute(query).scalar()
    return None if ends is None else moment(ends)


def customers_with_offers(store: Store, now: datetime, *, limit: int) -> tuple[str, ...]:
    """Some customers who have offers at a moment, always the same ones: the demo page's examples."""
    moment_now = moment_us(now)
    query = (
        select(bundles.c.customer_id)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(bundles.c.valid_from_us <= moment_now, bundles.c.valid_to_us > moment_now, counts())
        .group_by(bundles.c.customer_id)
        .order_by(func.length(bundles.c.customer_id), bundles.c.customer_id)
        .limit(limit)
    )
    with store.reading() as connection:
        return tuple(connection.execute(query).scalars())
