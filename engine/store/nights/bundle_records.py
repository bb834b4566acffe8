"""What the night writes, and what it asks before it plans: who still has a bundle, and what is promised already."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, select, update

from engine.domain.bundle import Bundle, Kind, OfferState
from engine.domain.funding import Funding
from engine.store.access.customer_erasure import all_erased
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store, insert_rows
from engine.store.nights.claimed_sets import StagedPool, pool_rows
from engine.store.nights.funded_offers import funded_rows
from engine.store.nights.run_records import Run
from engine.store.schema import (
    BUNDLES_PER_RUN,
    UNNAMED,
    bundles,
    counts,
    moment,
    moment_us,
    of_programme,
    of_run,
    offers,
    runs,
    stays,
    views,
)
from engine.store.schema.checkout_tables import passing_views
from engine.store.schema.funding_tables import funded_offers
from engine.store.schema.pool_tables import pool_offers, pools

_Rows = list[tuple[Any, ...]]
# Bundles of one transaction: a till waits for less than a second behind it.
_CHUNK = 5_000
NOBODY_PAYS: Mapping[int, Funding] = {}


class StagedBundle(NamedTuple):
    """A finished bundle as a night hands it over."""

    bundle: Bundle
    arm: str
    body: bytes  # the JSON a customer reads: engine.domain.customer_view.render
    fundings: Mapping[int, Funding] = NOBODY_PAYS  # by place in the bundle: what suppliers pay
    line: str | None = None  # of the budget that pays it
    pool: StagedPool | None = None  # of which the customer draws what counts; the body shows none of it


class KeptBundle(NamedTuple):
    """A bundle of a run as the store still has it."""

    bundle_id: str
    body: bytes
    touched: bool


class OpenBundle(NamedTuple):
    """A bundle that a customer has at some moment."""

    customer_id: str
    bundle_id: str
    run_id: str
    valid_to: datetime


def stage_bundles(store: Store, run: Run, staged: Iterable[StagedBundle]) -> int:
    """Append bundles to a staged run, chunk by chunk; readers see none of them before `publish`.

    Customers who are being erased get none. Returns how many were written. A second bundle for a customer in one run breaks a unique key
    (sqlalchemy.exc.IntegrityError).
    """
    position = _next_bundle_no(store, run)
    first = position
    rest = iter(staged)
    while chunk := tuple(islice(rest, _CHUNK)):
        with store.writing() as connection:
            gone = all_erased(connection)
            kept = [one for one in chunk if one.bundle.customer_id not in gone]
            bundle_rows, offer_rows, view_rows = _rows(run, position, kept)
            drawn_of = [
                pool_rows(number, one.bundle.offers, one.pool)
                for number, one in enumerate(kept, position)
                if one.pool is not None
            ]
            in_pools = [row for _, rows in drawn_of for row in rows]
            paid_rows = [
                row for number, one in enumerate(kept, position) for row in funded_rows(number, one.fundings)
            ]
            insert_rows(connection, bundles, bundle_rows)
            insert_rows(connection, offers, offer_rows)
            insert_rows(connection, funded_offers, paid_rows)
            insert_rows(connection, views, view_rows)
            insert_rows(connection, pools, [head for head, _ in drawn_of])
            insert_rows(connection, pool_offers, in_pools)
            connection.execute(
                update(runs)
                .where(runs.c.run_no == run.run_no)
                .values(
                    bundles=runs.c.bundles + len(bundle_rows),
                    offers=runs.c.offers + len(offer_rows) + len(in_pools),
                )
            )
        position += len(bundle_rows)
    return position - first


def open_bundles_of(
    store: Store,
    customer_ids: Sequence[str],
    at: datetime,
    *,
    replacing: date | None = None,
    programme: str | None = UNNAMED,
) -> dict[str, OpenBundle]:
    """The bundles of some customers, for one bucket of a night, valid at a moment; customers without one are absent.

    Those of a programme, or with None of any: then one that a customer has, whichever.

    With `replacing`, as a new attempt for that night would find them: without the untouched bundles of the
    night's earlier attempts.
    """
    found: dict[str, OpenBundle] = {}
    with store.reading() as connection:
        for names in in_lists(customer_ids):
            query = _open(at, replacing, programme).where(bundles.c.customer_id.in_(names))
            found |= {row.customer_id: _open_bundle(row) for row in connection.execute(query)}
    return found


def offers_lately(
    store: Store, customer_ids: Sequence[str], since: datetime, until: datetime
) -> dict[str, tuple[int, int]]:
    """How many offers of some customers could be used, and were, in bundles that ended from `since` on and by `until`.

    Customers without such a bundle are absent; bundles that were pruned do not count.
    """
    ended = (bundles.c.valid_to_us > moment_us(since)) & (bundles.c.valid_to_us <= moment_us(until))
    found: dict[str, tuple[int, int]] = {}
    with store.reading() as connection:
        for names in in_lists(customer_ids):
            query = (
                select(
                    bundles.c.customer_id,
                    func.sum(bundles.c.slots_total).label("could"),
                    func.sum(bundles.c.slots_used).label("used"),
                )
                .join(runs, runs.c.run_no == bundles.c.run_no)
                .where(bundles.c.customer_id.in_(names), ended, counts())
                .group_by(bundles.c.customer_id)
            )
            found |= {row.customer_id: (int(row.could), int(row.used)) for row in connection.execute(query)}
    return found


def end_bundle(store: Store, customer_id: str, ends: datetime) -> bool:
    """End every bundle that a customer has at a moment with that moment; False where they have none.

    From then on it is neither shown nor redeemed; what was redeemed stays, and can be returned.
    """
    ends_us = moment_us(ends)
    with store.writing(customer_id) as connection:
        found = connection.execute(
            select(bundles.c.bundle_no, bundles.c.valid_from_us)
            .join(runs, runs.c.run_no == bundles.c.run_no)
            .where(
                bundles.c.customer_id == customer_id,
                bundles.c.valid_from_us <= ends_us,
                bundles.c.valid_to_us > ends_us,
                counts(),
            )
        ).all()
        for bundle_no, valid_from_us in found:
            last = {"valid_to_us": max(ends_us, valid_from_us + 1)}  # a window holds at least a moment
            connection.execute(update(bundles).where(bundles.c.bundle_no == bundle_no).values(last))
            connection.execute(update(views).where(views.c.bundle_no == bundle_no).values(last))
            connection.execute(delete(passing_views).where(passing_views.c.bundle_no == bundle_no))
    return bool(found)


def committed_milli(
    store: Store,
    starts: datetime,
    ends: datetime,
    *,
    replacing: date | None = None,
    programme: str = UNNAMED,
    line: str | None = None,
) -> int:
    """Expected discount cost, thousandths of a minor unit, of all bundles of a programme whose window meets `[starts, ends)`.

    Withdrawn and staged bundles do not count; `replacing` leaves out what a new attempt for that night replaces. `line` counts
    those that a line of the budget pays, which otherwise do not count.
    """
    query = _committed(starts=starts, ends=ends, replacing=replacing, programme=programme, line=line)
    with store.reading() as connection:
        return int(connection.execute(query).scalar_one())


def committed_to(
    store: Store,
    customer_ids: Sequence[str],
    starts: datetime,
    ends: datetime,
    *,
    replacing: date | None = None,
    programme: str = UNNAMED,
) -> dict[str, int]:
    """The same of each of these customers, those without any left out."""
    found: dict[str, int] = {}
    with store.reading() as connection:
        for some in in_lists(customer_ids):
            query = (
                _committed(
                    bundles.c.customer_id, starts=starts, ends=ends, replacing=replacing, programme=programme
                )
                .where(bundles.c.customer_id.in_(some))
                .group_by(bundles.c.customer_id)
            )
            found |= {row[0]: int(row[1]) for row in connection.execute(query)}
    return found


def _committed(
    *columns: ColumnElement[Any],
    starts: datetime,
    ends: datetime,
    replacing: date | None,
    programme: str,
    line: str | None = None,
) -> Select[Any]:
    return (
        select(*columns, func.coalesce(func.sum(bundles.c.expected_cost_milli), 0))
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(
            bundles.c.valid_from_us < moment_us(ends),
            bundles.c.valid_to_us > moment_us(starts),
            bundles.c.line.is_(None) if line is None else bundles.c.line == line,
            counts(),
            runs.c.programme == programme,
            stays(replacing, programme),
        )
    )


def bundles_of_run(store: Store, run: Run) -> Iterator[KeptBundle]:
    """Stream what the store holds of a run, in the order in which it was staged."""
    query = (
        select(bundles.c.bundle_id, views.c.body, bundles.c.touched_us)
        .join(views, views.c.bundle_no == bundles.c.bundle_no)
        .where(of_run(bundles.c.bundle_no, run.run_no))
        .order_by(bundles.c.bundle_no)
    )
    with store.reading() as connection:
        for row in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield KeptBundle(row.bundle_id, row.body, row.touched_us is not None)


def touched_customers(store: Store, run: Run) -> list[str]:
    """Who touched their bundle of a run: it stays theirs when the run is replaced."""
    query = select(bundles.c.customer_id).where(
        of_run(bundles.c.bundle_no, run.run_no), bundles.c.touched_us.is_not(None)
    )
    with store.reading() as connection:
        return list(connection.execute(query).scalars())


def _open(at: datetime, replacing: date | None, programme: str | None) -> Select[Any]:
    return (
        select(bundles.c.customer_id, bundles.c.bundle_id, runs.c.run_id, bundles.c.valid_to_us)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(
            bundles.c.valid_from_us <= moment_us(at),
            bundles.c.valid_to_us > moment_us(at),
            counts(),
            of_programme(programme),
            stays(replacing, programme or UNNAMED),
        )
    )


def _open_bundle(row: Any) -> OpenBundle:
    return OpenBundle(row.customer_id, row.bundle_id, row.run_id, moment(row.valid_to_us))


def _next_bundle_no(store: Store, run: Run) -> int:
    lowest = run.run_no * BUNDLES_PER_RUN
    with store.reading() as connection:
        query = select(func.max(bundles.c.bundle_no)).where(of_run(bundles.c.bundle_no, run.run_no))
        last = connection.execute(query).scalar()
    return lowest if last is None else last + 1


def _rows(run: Run, first: int, chunk: Sequence[StagedBundle]) -> tuple[_Rows, _Rows, _Rows]:
    """Raw tuples in the column order of the schema."""
    # Drivers take plain strings only, and `.value` is a slow attribute in a loop over millions of offers.
    kinds, states = {kind: kind.value for kind in Kind}, {state: state.value for state in OfferState}
    bundle_rows: _Rows = []
    offer_rows: _Rows = []
    view_rows: _Rows = []
    for number, (bundle, arm, body, _, line, pool) in enumerate(chunk, first):
        starts, ends = moment_us(bundle.valid_from), moment_us(bundle.valid_to)
        cost = 0
        for slot, offer in enumerate(bundle.offers):
            cost += offer.expected_cost_milli
            if pool is not None:
                continue
            offer_rows.append(
                (
                    number,
                    slot,
                    offer.id,
                    offer.item.id,
                    kinds[offer.kind],
                    states[offer.state],
                    offer.discount_bp,
                    offer.item.price_minor,
                    offer.max_units,
                    offer.reason.code,
                    offer.p_buy,
                    offer.propensity,
                    offer.expected_cost_milli,
                    None,
                )
            )
        bundle_rows.append(
            (
                number,
                run.run_no,
                bundle.customer_id,
                bundle.id,
                arm,
                starts,
                ends,
                bundle.slots_total if pool is None else 0,  # until something is claimed
                bundle.slots_used,
                cost,
                None,
                line,
            )
        )
        view_rows.append((number, ends, body))
    return bundle_rows, offer_rows, view_rows
