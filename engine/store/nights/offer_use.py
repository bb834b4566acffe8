"""What became of offers at tills, in sums by kind: what a night's budget is told before it plans.

Given is what the shop gave itself: without what suppliers pay, which has budgets of its own.

Large shops are looked at by a sample of their bundles: the sums are there to tell shares and ratios.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, cast, func, select

from engine.domain.budget import MILLI
from engine.domain.expected_use import KindOfOffers, Promised
from engine.store.database.store import Store
from engine.store.nights.bundle_records import committed_milli
from engine.store.schema import UNNAMED, bundles, counts, moment_us, runs, stays
from engine.store.schema.checkout_tables import redemption_lines, redemptions
from engine.store.schema.funding_tables import funded_lines
from engine.store.schema.pool_tables import made_by_night

# Bundles looked at: more of them tell no factor better.
SAMPLE = 100_000
_IS_FUNDED = and_(
    funded_lines.c.redemption_no == redemption_lines.c.redemption_no,
    funded_lines.c.line_no == redemption_lines.c.line_no,
)
# What a line of its own pays is no part of the programme's [budget].
_OF_THE_BUDGET = bundles.c.line.is_(None)
_OWN_MINOR = redemption_lines.c.discount_minor - func.coalesce(funded_lines.c.funded_minor, 0)


def over_kinds(
    store: Store, since: datetime, until: datetime, *, programme: str = UNNAMED
) -> dict[str, KindOfOffers]:
    """Offers of a programme's bundles that ended in `[since, until)`, by kind; what was given on them whenever it was."""
    ended = and_(
        bundles.c.valid_to_us > moment_us(since),
        bundles.c.valid_to_us <= moment_us(until),
        runs.c.programme == programme,
        _OF_THE_BUDGET,
        counts(),
    )
    return _by_kind(store, ended)


def promised_in(
    store: Store,
    starts: datetime,
    ends: datetime,
    at: datetime,
    *,
    replacing: date | None = None,
    programme: str = UNNAMED,
) -> Promised:
    """What a programme has promised for the period `[starts, ends)` before a night whose bundles begin at `at`.

    `replacing` leaves out what a new attempt for that night replaces.
    """
    is_open = and_(
        bundles.c.valid_from_us < moment_us(ends),
        bundles.c.valid_to_us > moment_us(at),
        _OF_THE_BUDGET,
        counts(),
        runs.c.programme == programme,
        stays(replacing, programme),
    )
    whole = _number(store, _of_runs(func.coalesce(func.sum(bundles.c.expected_cost_milli), 0), is_open))
    kinds = _by_kind(store, is_open)
    sampled = sum(sums.expected_milli for sums in kinds.values())
    raised = {
        kind: KindOfOffers(
            sums.uses * whole / sampled,
            -(-sums.expected_milli * whole // sampled),
            sums.redeemed * whole // sampled,
            sums.given_milli * whole // sampled,
            sums.variance * whole / sampled,
        )
        for kind, sums in kinds.items()
        if sampled
    }
    return Promised(
        committed_milli(store, starts, ends, replacing=replacing, programme=programme),
        MILLI
        * _given(
            store,
            starts,
            min(at, ends),
            and_(bundles.c.valid_to_us <= moment_us(at), runs.c.programme == programme),
        ),
        raised,
    )


def _given(store: Store, since: datetime, until: datetime, which: ColumnElement[bool]) -> int:
    """Discount that tills gave in `[since, until)` on offers of some bundles, minor units."""
    return _number(
        store,
        select(func.coalesce(func.sum(_OWN_MINOR), 0))
        .select_from(redemption_lines)
        .outerjoin(funded_lines, _IS_FUNDED)
        .join(redemptions, redemptions.c.redemption_no == redemption_lines.c.redemption_no)
        .join(bundles, bundles.c.bundle_no == redemption_lines.c.bundle_no)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(
            redemption_lines.c.rollback_no.is_(None),
            redemptions.c.redeemed_us >= moment_us(since),
            redemptions.c.redeemed_us < moment_us(until),
            _OF_THE_BUDGET,
            which,
        ),
    )


def _by_kind(store: Store, which: ColumnElement[bool]) -> dict[str, KindOfOffers]:
    number = _number(store, _of_runs(func.count(), which))
    step = max(1, number // SAMPLE)
    given = (
        select(
            redemption_lines.c.bundle_no,
            redemption_lines.c.slot,
            func.sum(_OWN_MINOR).label("given_minor"),
        )
        .select_from(redemption_lines)
        .outerjoin(funded_lines, _IS_FUNDED)
        .where(redemption_lines.c.rollback_no.is_(None), redemption_lines.c.bundle_no.is_not(None))
        .group_by(redemption_lines.c.bundle_no, redemption_lines.c.slot)
        .subquery()
    )
    offers = made_by_night()
    p_buy, cost = cast(offers.c.p_buy, Float), cast(offers.c.expected_cost_milli, Float)
    query = (
        select(
            offers.c.kind,
            func.sum(p_buy),
            func.sum(offers.c.expected_cost_milli),
            func.count(given.c.given_minor),
            func.coalesce(func.sum(given.c.given_minor), 0),
            func.sum(cost * cost / func.nullif(p_buy, 0.0)),
        )
        .join(bundles, bundles.c.bundle_no == offers.c.bundle_no)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .outerjoin(given, and_(given.c.bundle_no == offers.c.bundle_no, given.c.slot == offers.c.slot))
        .where(which, bundles.c.bundle_no % step == 0)
        .group_by(offers.c.kind)
        .order_by(offers.c.kind)
    )
    with store.reading() as connection:
        return {
            kind: KindOfOffers(
                round(float(uses), 3),
                int(expected),
                int(redeemed),
                int(minor) * MILLI,
                round(float(spread or 0)),
            )
            for kind, uses, expected, redeemed, minor, spread in connection.execute(query)
        }


def _of_runs(what: Any, which: ColumnElement[bool]) -> Select[Any]:
    return select(what).select_from(bundles).join(runs, runs.c.run_no == bundles.c.run_no).where(which)


def _number(store: Store, query: Select[Any]) -> int:
    with store.reading() as connection:
        return int(connection.execute(query).scalar_one())
