"""Whether those who are held out were kept without offers: what the store knows of them since they were first seen.

Whoever is marked as crossed is left out: what a merged card brought them is contamination and counted as that. A bundle that
was promised before they were held out (a rotation) is no leak, nor is what is redeemed of it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, false, func, or_, select

from engine.domain.arms import Arm
from engine.store.database.store import Store
from engine.store.schema import STAGED, UNNAMED, bundles, counts, moment_us, runs
from engine.store.schema.checkout_tables import redemption_lines, redemptions
from engine.store.schema.contact_tables import contacts
from engine.store.schema.experiment_tables import assignments
from engine.store.schema.favourite_tables import favourites

_BUNDLE, _FAVOURITE = "bundle", "favourite"


class Leaks(NamedTuple):
    """How many of the held-out customers got what they should not, each counted once in each column."""

    held_out: int
    served: int  # had a bundle or a favourite of what the holdout covers
    redeemed: int  # of it
    contacted: int  # by a call or a message; no offer, and told because it may change them


def leaks(
    store: Store, number: int, *, covers: Collection[str], since: datetime, programme: str = UNNAMED
) -> Leaks:
    """Count what leaked of an experiment's holdout in a programme's nights, and on days, from `since` on.

    What the holdout covers is each programme's own: bundles of another one may be meant for those who are held out.
    """
    held_out = and_(
        assignments.c.experiment_no == number,
        assignments.c.arm == Arm.HOLDOUT.value,
        assignments.c.customer_id.is_not(None),
        assignments.c.crossed.is_(None),
    )
    since_us = moment_us(since)
    bundled = (
        select(bundles.c.customer_id)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .join(assignments, assignments.c.customer_id == bundles.c.customer_id)
        .where(held_out, runs.c.state != STAGED, counts(), runs.c.programme == programme)
        .where(runs.c.as_of_us >= assignments.c.seen_us, runs.c.as_of_us >= since_us)
    )
    chosen = (
        select(favourites.c.customer_id)
        .join(assignments, assignments.c.customer_id == favourites.c.customer_id)
        .where(held_out, favourites.c.set_us >= assignments.c.seen_us, favourites.c.set_us >= since_us)
    )
    redeemed = (
        select(redemptions.c.customer_id)
        .join(redemption_lines, redemption_lines.c.redemption_no == redemptions.c.redemption_no)
        .join(assignments, assignments.c.customer_id == redemptions.c.customer_id)
        .outerjoin(bundles, bundles.c.bundle_no == redemption_lines.c.bundle_no)
        .outerjoin(runs, runs.c.run_no == bundles.c.run_no)
        .outerjoin(favourites, favourites.c.favourite_no == redemption_lines.c.favourite_no)
        .where(held_out, redemptions.c.redeemed_us >= since_us)
        .where(
            or_(
                and_(runs.c.programme == programme, runs.c.as_of_us >= assignments.c.seen_us)
                if _BUNDLE in covers
                else false(),
                favourites.c.set_us >= assignments.c.seen_us if _FAVOURITE in covers else false(),
            )
        )
    )
    contacted = (
        select(contacts.c.customer_id)
        .join(assignments, assignments.c.customer_id == contacts.c.customer_id)
        .where(held_out, contacts.c.contacted_us >= assignments.c.seen_us)
        .where(contacts.c.contacted_us >= since_us)
    )
    given = [*([bundled] if _BUNDLE in covers else []), *([chosen] if _FAVOURITE in covers else [])]
    with store.reading() as connection:
        everybody = connection.execute(
            select(func.count()).select_from(assignments).where(held_out)
        ).scalar_one()
        served = len({name for query in given for name in connection.execute(query).scalars()})
        others = [connection.execute(_counted(query)).scalar_one() for query in (redeemed, contacted)]
    return Leaks(everybody, served, *others)


def _counted(query: Select[Any]) -> Select[Any]:
    (name,) = query.selected_columns
    return query.with_only_columns(func.count(name.distinct()))
