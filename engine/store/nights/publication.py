"""A staged run becomes the one that customers see, in one short transaction.

What was staged for customers who keep another bundle is dropped before: nobody sees staged bundles, so that takes as
long as it takes without keeping a till waiting. The transaction itself looks again only at what can have changed
meanwhile, the bundles that were touched.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, true, update

from engine.store.access.audit import Act, keep_record
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.nights.claimed_sets import offers_in_pools
from engine.store.nights.stops import refuse_to_publish
from engine.store.schema import (
    PUBLISHED,
    STAGED,
    SUPERSEDED,
    bundles,
    counts,
    moment_us,
    of_run,
    offers,
    runs,
    stays,
)
from models.ground.errors import BadInput


@dataclass(frozen=True)
class Published:
    """What publishing did."""

    bundles: int
    offers: int
    dropped: int  # staged bundles of customers who kept an earlier one that runs at the same time
    superseded: tuple[str, ...]  # run ids of the attempts that this one replaced


def publish(
    store: Store,
    run_id: str,
    *,
    now: datetime,
    manifest: Mapping[str, Any],
    also: Callable[[Connection], object] = bool,
) -> Published:
    """Make a staged run visible and replace the untouched bundles of its programme's earlier attempts for the same night.

    One transaction that changes a few rows of `runs`: readers see all of the night before or all of it after.
    A customer who has kept an earlier bundle of the programme (of another night, or one they touched, even while this run was
    being staged) keeps it, and what was staged for them is dropped. `also` writes what becomes true with it. Raises BadInput
    unless the run is staged,
    OffersStopped while all offers are stopped.
    """
    with store.reading() as connection:
        run = _staged(connection, run_id)
        seen, touched = _states(connection), _touched(connection, run)
        beside = _beside_kept_ones(connection, run, true())
    for some in in_lists(beside):
        with store.writing() as connection:
            _drop(connection, run.run_no, some)
    with store.switching() as connection:
        before = _staged(connection, run_id)
        refuse_to_publish(connection)
        if _states(connection) != seen:
            late: list[ColumnElement[bool]] = [true()]
        else:  # other bundles count, or do not, as they did
            since = sorted(_touched(connection, run) - touched)
            late = [bundles.c.bundle_no.in_(some) for some in in_lists(since)]
        for among in late:
            for some in in_lists(_beside_kept_ones(connection, run, among)):
                _drop(connection, run.run_no, some)
        replaced = _earlier_attempts(run)
        superseded = (
            connection.execute(select(runs.c.run_id).where(replaced).order_by(runs.c.run_no)).scalars().all()
        )
        connection.execute(update(runs).where(replaced).values(state=SUPERSEDED, ended_us=moment_us(now)))
        last = connection.execute(select(func.max(runs.c.publish_no))).scalar() or 0
        connection.execute(
            update(runs)
            .where(runs.c.run_no == run.run_no)
            .values(
                state=PUBLISHED,
                publish_no=last + 1,
                published_us=moment_us(now),
                manifest=json.dumps(manifest, ensure_ascii=False, sort_keys=True),
            )
        )
        also(connection)
        keep_record(connection, Act(now, "abonement nightly", "published", subject=run_id))
        after = connection.execute(select(runs).where(runs.c.run_no == run.run_no)).one()
    dropped = len(beside) + before.bundles - after.bundles
    return Published(after.bundles, after.offers, dropped, tuple(superseded))


def _staged(connection: Connection, run_id: str) -> Any:
    run = connection.execute(select(runs).where(runs.c.run_id == run_id)).first()
    if run is None or run.state != STAGED:
        raise BadInput(
            f"Run {run_id} is {'unknown' if run is None else run.state}; only a staged run is published."
        )
    return run


def _states(connection: Connection) -> list[tuple[int, str]]:
    rows = connection.execute(select(runs.c.run_no, runs.c.state).order_by(runs.c.run_no))
    return [(row.run_no, row.state) for row in rows]


def _earlier_attempts(run: Any) -> ColumnElement[bool]:
    return and_(runs.c.night == run.night, runs.c.programme == run.programme, runs.c.state == PUBLISHED)


def _touched(connection: Connection, run: Any) -> set[int]:
    """Bundles of the night's published attempts that somebody touched."""
    query = (
        select(bundles.c.bundle_no)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(_earlier_attempts(run), bundles.c.touched_us.is_not(None))
    )
    return set(connection.execute(query).scalars())


def _beside_kept_ones(connection: Connection, run: Any, among: ColumnElement[bool]) -> Sequence[int]:
    """Staged bundles whose customer keeps another one of the programme, and of `among`, for some of the same time."""
    staged, kept = bundles.alias("staged"), bundles
    query = (
        select(staged.c.bundle_no)
        .join(kept, and_(kept.c.customer_id == staged.c.customer_id, kept.c.run_no != staged.c.run_no))
        .join(runs, runs.c.run_no == kept.c.run_no)
        .where(
            of_run(staged.c.bundle_no, run.run_no),
            runs.c.programme == run.programme,
            kept.c.valid_from_us < staged.c.valid_to_us,
            kept.c.valid_to_us > staged.c.valid_from_us,
            counts(),
            stays(run.night, run.programme),
            among,
        )
        .distinct()
    )
    return connection.execute(query).scalars().all()


def _drop(connection: Connection, run_no: int, numbers: Sequence[int]) -> None:
    gone_offers = offers_in_pools(connection, numbers)
    gone_offers += connection.execute(delete(offers).where(offers.c.bundle_no.in_(numbers))).rowcount
    gone = connection.execute(
        delete(bundles).where(bundles.c.bundle_no.in_(numbers))
    ).rowcount  # and the views
    connection.execute(
        update(runs)
        .where(runs.c.run_no == run_no)
        .values(bundles=runs.c.bundles - gone, offers=runs.c.offers - gone_offers)
    )
