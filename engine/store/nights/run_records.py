"""A night's run: begin it, find it, withdraw it; `publishing` and `retention` do the rest.

staged --publish--> published --a later attempt is published--> superseded
  |                     '------withdraw_run-------------------> withdrawn
  '--discard_staged--> gone, as if it had never begun
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, select, update

from engine.domain.customer_view import keep_offers
from engine.store.access.audit import Act, keep_record
from engine.store.database.store import Store
from engine.store.nights.bundle_bodies import render_bundles
from engine.store.nights.claimed_sets import end_with_last_sets
from engine.store.nights.recalls import render_anew
from engine.store.schema import (
    PUBLISHED,
    STAGED,
    UNNAMED,
    WITHDRAWN,
    bundles,
    moment,
    moment_us,
    of_run,
    offers,
    runs,
    views,
)
from engine.store.schema.checkout_tables import passing_views
from engine.store.schema.pool_tables import pools
from models.ground.errors import BadInput


@dataclass(frozen=True)
class Run:
    """One attempt at one night, of one programme."""

    run_no: int
    run_id: str
    night: date  # local day of as_of
    attempt: int
    as_of: datetime  # the data's cut
    timezone: str
    currency: str
    state: str
    created_at: datetime
    published_at: datetime | None
    bundles: int
    offers: int
    manifest: Mapping[str, Any]
    programme: str  # its name; empty where it has none


def run_name(night: date, attempt: int, programme: str = UNNAMED) -> str:
    """`2017-12-04.1`, or `2017-12-04.weekly.1` of a programme with a name."""
    return ".".join(filter(None, (night.isoformat(), programme, str(attempt))))


def programme_in(run_id: str) -> str:
    """The programme's name within a run's; empty where it has none."""
    return run_id.partition(".")[2].rpartition(".")[0]


def next_attempt(store: Store, night: date) -> int:
    """1 for the first run of a night, then 2, ..., whatever their programmes; a run that was never published does not count."""
    with store.reading() as connection:
        query = select(func.max(runs.c.attempt)).where(runs.c.night == night, runs.c.state != STAGED)
        return (connection.execute(query).scalar() or 0) + 1


def begin_run(
    store: Store,
    *,
    night: date,
    attempt: int,
    as_of: datetime,
    timezone: str,
    currency: str,
    now: datetime,
    ids: str | None = None,
    programme: str = UNNAMED,
) -> Run:
    """Register a run under which bundles can be staged; nothing of it is visible before `publish`.

    `ids` says how the data's ids are read, "text" or "numbers"; None where a load of an earlier version does not know.
    Raises BadInput if that attempt exists.
    """
    run_id = run_name(night, attempt, programme)
    with store.writing() as connection:
        if connection.execute(select(runs.c.run_no).where(runs.c.run_id == run_id)).first():
            raise BadInput(f"Run {run_id} exists already; take the next attempt, or discard what is staged.")
        connection.execute(
            insert(runs).values(
                run_no=(connection.execute(select(func.max(runs.c.run_no))).scalar() or 0) + 1,
                run_id=run_id,
                night=night,
                attempt=attempt,
                as_of_us=moment_us(as_of),
                timezone=timezone,
                currency=currency,
                state=STAGED,
                created_us=moment_us(now),
                bundles=0,
                offers=0,
                manifest="{}",
                ids=ids,
                programme=programme,
            )
        )
    return run_of(store, run_id)


def run_of(store: Store, run_id: str) -> Run:
    """The run with that id; BadInput if there is none."""
    with store.reading() as connection:
        row = connection.execute(select(runs).where(runs.c.run_id == run_id)).first()
    if row is None:
        raise BadInput(f"There is no run {run_id} in {store.name}.")
    return _run(row)


def keep_manifest(store: Store, run_id: str, manifest: Mapping[str, Any]) -> None:
    """Replace what a published run is known by, after customers were erased from it; unknown runs are left alone."""
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True)
    with store.writing() as connection:
        known = and_(runs.c.run_id == run_id, runs.c.state != STAGED)
        connection.execute(update(runs).where(known).values(manifest=text))


def current_run(store: Store) -> Run | None:
    """The run published last and not replaced or withdrawn since; None before the first night."""
    with store.reading() as connection:
        row = connection.execute(_current()).first()
    return None if row is None else _run(row)


def all_runs(store: Store) -> tuple[Run, ...]:
    """Every run in the order in which they began."""
    with store.reading() as connection:
        return tuple(_run(row) for row in connection.execute(select(runs).order_by(runs.c.run_no)))


def run_states(store: Store) -> dict[str, str]:
    """The state of every run by its name, and nothing else of them."""
    with store.reading() as connection:
        return {row.run_id: row.state for row in connection.execute(select(runs.c.run_id, runs.c.state))}


def published_before(
    store: Store, night: date, *, since: date, limit: int, programme: str = UNNAMED
) -> tuple[Run, ...]:
    """The last runs of a programme for nights from `since` until before `night` that were published and not rolled back.

    At most `limit`, one a night (its last attempt), oldest first.
    """
    query = (
        select(runs)
        .where(
            runs.c.night >= since,
            runs.c.night < night,
            runs.c.state == PUBLISHED,
            runs.c.programme == programme,
        )
        .order_by(runs.c.night.desc())
        .limit(limit)
    )
    with store.reading() as connection:
        return tuple(_run(row) for row in reversed(connection.execute(query).all()))


def began_with(store: Store, started: datetime) -> tuple[str, ...]:
    """The runs of the first night with a cut at or after `started` that was ever published, the last attempt first."""
    published = and_(runs.c.as_of_us >= moment_us(started), runs.c.published_us.is_not(None))
    first = select(func.min(runs.c.as_of_us)).where(published).scalar_subquery()
    query = select(runs.c.run_id).where(runs.c.as_of_us == first, runs.c.published_us.is_not(None))
    with store.reading() as connection:
        return tuple(connection.execute(query.order_by(runs.c.run_no.desc())).scalars())


def withdraw_run(store: Store, run_id: str, *, now: datetime) -> Run:
    """Roll a published run back: its untouched offers are withdrawn, touched ones are honoured to their end.

    The run published before it becomes the current one. What is recalled of touched offers has to be rendered again.
    Raises BadInput unless the run is published.
    """
    with store.switching() as connection:
        run = connection.execute(select(runs).where(runs.c.run_id == run_id)).first()
        if run is None or run.state != PUBLISHED:
            raise BadInput(
                f"Run {run_id} is {'unknown' if run is None else run.state}; only a published run can be rolled back."
            )
        connection.execute(
            update(runs).where(runs.c.run_no == run.run_no).values(state=WITHDRAWN, ended_us=moment_us(now))
        )
        _keep_touched_offers(connection, run.run_no)
        render_bundles(connection, end_with_last_sets(connection, run.run_no), now)
        render_anew(connection, now)
        keep_record(connection, Act(now, "abonement runs", "withdrawn", subject=run_id))
    return run_of(store, run_id)


def _keep_touched_offers(connection: Connection, run_no: int) -> None:
    """In bundles that outlive their run, only touched offers are still promised: in the view and in the cost."""
    touched_cost = (
        select(func.coalesce(func.sum(offers.c.expected_cost_milli), 0))
        .where(offers.c.bundle_no == bundles.c.bundle_no, offers.c.touched_us.is_not(None))
        .scalar_subquery()
    )
    of_pool = select(pools.c.bundle_no).where(pools.c.bundle_no == bundles.c.bundle_no).exists()
    # What was claimed of a pool goes on as a whole, and costs no more than the pool was planned to.
    kept = and_(of_run(bundles.c.bundle_no, run_no), bundles.c.touched_us.is_not(None), ~of_pool)
    connection.execute(update(bundles).where(kept).values(expected_cost_milli=touched_cost))
    rows = connection.execute(
        select(views.c.bundle_no, views.c.body, offers.c.offer_id)
        .join(bundles, bundles.c.bundle_no == views.c.bundle_no)
        .join(offers, offers.c.bundle_no == bundles.c.bundle_no)
        .where(kept, offers.c.touched_us.is_not(None))
        .order_by(views.c.bundle_no)
    ).all()
    # Its offers may have gone: what tills hold is shown again with the next write.
    connection.execute(delete(passing_views).where(of_run(passing_views.c.bundle_no, run_no)))
    touched: dict[int, tuple[bytes, set[str]]] = {}
    for number, body, offer_id in rows:
        touched.setdefault(number, (body, set()))[1].add(offer_id)
    for number, (body, offer_ids) in touched.items():
        connection.execute(
            update(views).where(views.c.bundle_no == number).values(body=keep_offers(body, offer_ids))
        )


def _current() -> Select[Any]:
    return select(runs).where(runs.c.state == PUBLISHED).order_by(runs.c.publish_no.desc()).limit(1)


def _run(row: Row[Any]) -> Run:
    return Run(
        run_no=row.run_no,
        run_id=row.run_id,
        night=row.night,
        attempt=row.attempt,
        as_of=moment(row.as_of_us),
        timezone=row.timezone,
        currency=row.currency,
        state=row.state,
        created_at=moment(row.created_us),
        published_at=None if row.published_us is None else moment(row.published_us),
        bundles=row.bundles,
        offers=row.offers,
        manifest=json.loads(row.manifest),
        programme=row.programme,
    )
