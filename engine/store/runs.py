"""A night's run: begin it, stage bundles under it, publish it in one transaction, withdraw it.

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

from engine.domain.errors import BadRequest
from engine.domain.view import keep_offers
from engine.store.connect import Store
from engine.store.schema import (
    BUNDLES_PER_RUN,
    PUBLISHED,
    STAGED,
    SUPERSEDED,
    WITHDRAWN,
    bundles,
    counts,
    moment,
    moment_us,
    offers,
    runs,
    views,
)


@dataclass(frozen=True)
class Run:
    """One attempt at one night."""

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


@dataclass(frozen=True)
class Published:
    """What publishing did."""

    bundles: int
    offers: int
    dropped: int  # staged bundles of customers who kept an earlier one that runs at the same time
    superseded: tuple[str, ...]  # run ids of the attempts that this one replaced


def next_attempt(store: Store, night: date) -> int:
    """1 for the first run of a night, then 2, ...; a run that was never published does not count."""
    with store.reading() as connection:
        query = select(func.max(runs.c.attempt)).where(runs.c.night == night, runs.c.state != STAGED)
        return (connection.execute(query).scalar() or 0) + 1


def begin_run(
    store: Store, *, night: date, attempt: int, as_of: datetime, timezone: str, currency: str, now: datetime
) -> Run:
    """Register a run under which bundles can be staged; nothing of it is visible before `publish`.

    Raises BadRequest if that attempt exists.
    """
    run_id = f"{night.isoformat()}.{attempt}"
    with store.writing() as connection:
        if connection.execute(select(runs.c.run_no).where(runs.c.run_id == run_id)).first():
            raise BadRequest(
                f"Run {run_id} exists already; take the next attempt, or discard what is staged."
            )
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
            )
        )
    return run_of(store, run_id)


def run_of(store: Store, run_id: str) -> Run:
    """The run with that id; BadRequest if there is none."""
    with store.reading() as connection:
        row = connection.execute(select(runs).where(runs.c.run_id == run_id)).first()
    if row is None:
        raise BadRequest(f"There is no run {run_id} in {store.name}.")
    return _run(row)


def current_run(store: Store) -> Run | None:
    """The run published last and not replaced or withdrawn since; None before the first night."""
    with store.reading() as connection:
        row = connection.execute(_current()).first()
    return None if row is None else _run(row)


def all_runs(store: Store) -> tuple[Run, ...]:
    """Every run in the order in which they began."""
    with store.reading() as connection:
        return tuple(_run(row) for row in connection.execute(select(runs).order_by(runs.c.run_no)))


def published_before(store: Store, night: date, *, since: date, limit: int) -> tuple[Run, ...]:
    """The last runs for nights from `since` until before `night` that were published and not rolled back.

    At most `limit`, one a night (its last attempt), oldest first.
    """
    query = (
        select(runs)
        .where(runs.c.night >= since, runs.c.night < night, runs.c.state == PUBLISHED)
        .order_by(runs.c.night.desc())
        .limit(limit)
    )
    with store.reading() as connection:
        return tuple(_run(row) for row in reversed(connection.execute(query).all()))


def publish(store: Store, run_id: str, *, now: datetime, manifest: Mapping[str, Any]) -> Published:
    """Make a staged run visible and replace the untouched bundles of earlier attempts for the same night.

    One transaction that changes a few rows of `runs`: readers see all of the night before or all of it after.
    A customer who has kept an earlier bundle (of another night, or one he touched, even while this run was
    being staged) keeps it, and what was staged for him is dropped. Raises BadRequest unless the run is staged.
    """
    with store.writing() as connection:
        run = connection.execute(select(runs).where(runs.c.run_id == run_id)).first()
        if run is None or run.state != STAGED:
            raise BadRequest(
                f"Run {run_id} is {'unknown' if run is None else run.state}; only a staged run is published."
            )
        replaced = and_(runs.c.night == run.night, runs.c.state == PUBLISHED)
        superseded = (
            connection.execute(select(runs.c.run_id).where(replaced).order_by(runs.c.run_no)).scalars().all()
        )
        connection.execute(update(runs).where(replaced).values(state=SUPERSEDED, ended_us=moment_us(now)))
        dropped, offers_dropped = _drop_bundles_beside_kept_ones(connection, run.run_no)
        bundle_count, offer_count = run.bundles - dropped, run.offers - offers_dropped
        last = connection.execute(select(func.max(runs.c.publish_no))).scalar() or 0
        connection.execute(
            update(runs)
            .where(runs.c.run_no == run.run_no)
            .values(
                state=PUBLISHED,
                publish_no=last + 1,
                published_us=moment_us(now),
                bundles=bundle_count,
                offers=offer_count,
                manifest=json.dumps(manifest, ensure_ascii=False, sort_keys=True),
            )
        )
    return Published(bundle_count, offer_count, dropped, tuple(superseded))


def withdraw_run(store: Store, run_id: str, *, now: datetime) -> Run:
    """Roll a published run back: its untouched offers are withdrawn, touched ones are honoured to their end.

    The run published before it becomes the current one. Raises BadRequest unless the run is published.
    """
    with store.writing() as connection:
        run = connection.execute(select(runs).where(runs.c.run_id == run_id)).first()
        if run is None or run.state != PUBLISHED:
            raise BadRequest(
                f"Run {run_id} is {'unknown' if run is None else run.state}; only a published run can be rolled back."
            )
        connection.execute(
            update(runs).where(runs.c.run_no == run.run_no).values(state=WITHDRAWN, ended_us=moment_us(now))
        )
        _keep_touched_offers(connection, run.run_no)
    return run_of(store, run_id)


def discard_staged(store: Store) -> tuple[str, ...]:
    """Remove what killed nights left staged; call it at the start of a night, while no other one runs.

    Returns the ids of the discarded runs; they can begin again under the same attempt.
    """
    with store.writing() as connection:
        left = connection.execute(
            select(runs.c.run_no, runs.c.run_id).where(runs.c.state == STAGED).order_by(runs.c.run_no)
        ).all()
        for run_no, _ in left:
            for table, key in (
                (views, views.c.bundle_no),
                (offers, offers.c.bundle_no),
                (bundles, bundles.c.bundle_no),
            ):
                connection.execute(delete(table).where(_of_run(key, run_no)))
            connection.execute(delete(runs).where(runs.c.run_no == run_no))
    return tuple(run_id for _, run_id in left)


def _drop_bundles_beside_kept_ones(connection: Connection, run_no: int) -> tuple[int, int]:
    staged, kept = bundles.alias("staged"), bundles
    beside = connection.execute(
        select(staged.c.bundle_no)
        .join(kept, and_(kept.c.customer_id == staged.c.customer_id, kept.c.run_no != staged.c.run_no))
        .join(runs, runs.c.run_no == kept.c.run_no)
        .where(
            _of_run(staged.c.bundle_no, run_no),
            kept.c.valid_from_us < staged.c.valid_to_us,
            kept.c.valid_to_us > staged.c.valid_from_us,
            counts(),
        )
        .distinct()
    ).scalars()
    dropped = offers_dropped = 0
    for number in list(beside):
        offers_dropped += connection.execute(delete(offers).where(offers.c.bundle_no == number)).rowcount
        dropped += connection.execute(
            delete(bundles).where(bundles.c.bundle_no == number)
        ).rowcount  # and its view
    return dropped, offers_dropped


def _keep_touched_offers(connection: Connection, run_no: int) -> None:
    """In bundles that outlive their run, only touched offers are still promised: in the view and in the cost."""
    touched_cost = (
        select(func.coalesce(func.sum(offers.c.expected_cost_milli), 0))
        .where(offers.c.bundle_no == bundles.c.bundle_no, offers.c.touched_us.is_not(None))
        .scalar_subquery()
    )
    kept = and_(_of_run(bundles.c.bundle_no, run_no), bundles.c.touched_us.is_not(None))
    connection.execute(update(bundles).where(kept).values(expected_cost_milli=touched_cost))
    rows = connection.execute(
        select(views.c.bundle_no, views.c.body, offers.c.offer_id)
        .join(bundles, bundles.c.bundle_no == views.c.bundle_no)
        .join(offers, offers.c.bundle_no == bundles.c.bundle_no)
        .where(kept, offers.c.touched_us.is_not(None))
        .order_by(views.c.bundle_no)
    ).all()
    touched: dict[int, tuple[bytes, set[str]]] = {}
    for number, body, offer_id in rows:
        touched.setdefault(number, (body, set()))[1].add(offer_id)
    for number, (body, offer_ids) in touched.items():
        connection.execute(
            update(views).where(views.c.bundle_no == number).values(body=keep_offers(body, offer_ids))
        )


def _of_run(key: Any, run_no: int) -> Any:
    return key.between(run_no * BUNDLES_PER_RUN, (run_no + 1) * BUNDLES_PER_RUN - 1)


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
    )
