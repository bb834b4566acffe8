"""What became of each programme's bundles, in sums, and whose bundles customers had at a moment."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, case, func, select

from engine.domain.budget import MILLI
from engine.store.database.store import Store
from engine.store.schema import bundles, counts, moment_us, runs
from engine.store.schema.checkout_tables import redemption_lines, redemptions
from engine.store.schema.funding_tables import funded_lines


class ProgrammeUse(NamedTuple):
    """Bundles of a programme that ended in a period, and what tills gave on its offers in that period, less what came back."""

    programme: str  # its name; empty where it has none
    nights: int
    customers: int
    bundles: int
    bundles_used: int  # with at least one item redeemed
    slots: int
    slots_used: int
    expected_minor: float  # discount, as the nights planned it
    given_minor: int  # by tills, suppliers' part among it
    funded_minor: int


def programme_uses(store: Store, since: datetime, until: datetime) -> tuple[ProgrammeUse, ...]:
    """Every programme with a bundle that ended, or an offer that was used, in `[since, until)`, by name."""
    ended = (
        select(
            runs.c.programme,
            func.count(bundles.c.run_no.distinct()),
            func.count(bundles.c.customer_id.distinct()),
            func.count(),
            func.sum(case((bundles.c.slots_used > 0, 1), else_=0)),
            func.sum(bundles.c.slots_total),
            func.sum(bundles.c.slots_used),
            func.sum(bundles.c.expected_cost_milli),
        )
        .join(bundles, bundles.c.run_no == runs.c.run_no)
        .where(
            counts(),
            runs.c.publish_no.is_not(None),
            bundles.c.valid_to_us > moment_us(since),
            bundles.c.valid_to_us <= moment_us(until),
        )
        .group_by(runs.c.programme)
    )
    given = (
        select(
            runs.c.programme,
            func.sum(redemption_lines.c.discount_minor),
            func.sum(func.coalesce(funded_lines.c.funded_minor, 0)),
        )
        .select_from(redemption_lines)
        .join(redemptions, redemptions.c.redemption_no == redemption_lines.c.redemption_no)
        .join(bundles, bundles.c.bundle_no == redemption_lines.c.bundle_no)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .outerjoin(
            funded_lines,
            and_(
                funded_lines.c.redemption_no == redemption_lines.c.redemption_no,
                funded_lines.c.line_no == redemption_lines.c.line_no,
            ),
        )
        .where(
            redemption_lines.c.rollback_no.is_(None),
            redemptions.c.redeemed_us >= moment_us(since),
            redemptions.c.redeemed_us < moment_us(until),
        )
        .group_by(runs.c.programme)
    )
    with store.looking() as connection:
        of_bundles = {row[0]: [int(one) for one in row[1:]] for row in connection.execute(ended)}
        of_tills = {row[0]: [int(one) for one in row[1:]] for row in connection.execute(given)}
    found = []
    for name in sorted({*of_bundles, *of_tills}):
        *told, expected_milli = of_bundles.get(name, [0] * 7)
        given_minor, funded_minor = of_tills.get(name, [0, 0])
        nights, customers, made, used, slots, slots_used = told
        found.append(
            ProgrammeUse(
                name,
                nights,
                customers,
                made,
                used,
                slots,
                slots_used,
                expected_milli / MILLI,
                given_minor,
                funded_minor,
            )
        )
    return tuple(found)


def programmes_at(store: Store, at: datetime) -> list[tuple[str, str]]:
    """Customer and programme of every bundle that is valid at a moment and counts, without repetition."""
    query = (
        select(bundles.c.customer_id, runs.c.programme)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(counts(), bundles.c.valid_from_us <= moment_us(at), bundles.c.valid_to_us > moment_us(at))
        .distinct()
        .order_by(bundles.c.customer_id, runs.c.programme)
    )
    with store.reading() as connection:
        return [(row[0], row[1]) for row in connection.execute(query)]
