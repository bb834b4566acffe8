"""What suppliers pay of offers: written with a night's bundles, and what is promised of their budgets by then."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, func, select

from engine.domain.budget import MILLI
from engine.domain.funding import Funding
from engine.store.database.store import Store
from engine.store.schema import UNNAMED, bundles, counts, moment_us, runs, stays
from engine.store.schema.checkout_tables import redemption_lines
from engine.store.schema.funding_tables import funded_lines, funded_offers


def funded_rows(bundle_no: int, fundings: Mapping[int, Funding]) -> list[tuple[Any, ...]]:
    """Raw tuples of a bundle's funded places, in the column order of the schema."""
    return [
        (
            bundle_no,
            slot,
            one.funder,
            one.agreement,
            one.funded_bp,
            one.unit_cap_minor,
            one.expected_milli,
        )
        for slot, one in sorted(fundings.items())
    ]


def promised_of_funders(
    store: Store, at: datetime, *, replacing: date | None = None, programme: str = UNNAMED
) -> dict[tuple[str, str], int]:
    """What is promised of each agreement's budget before a night whose bundles begin at `at`, thousandths of a minor unit.

    A bundle that is over counts by what was given, another one by what is expected or was given, whichever is more.
    All programmes share it. `replacing` leaves out what a new attempt of `programme` for that night replaces.
    """
    given = (
        select(
            redemption_lines.c.bundle_no,
            redemption_lines.c.slot,
            func.sum(funded_lines.c.funded_minor).label("given_minor"),
        )
        .join(
            funded_lines,
            and_(
                funded_lines.c.redemption_no == redemption_lines.c.redemption_no,
                funded_lines.c.line_no == redemption_lines.c.line_no,
            ),
        )
        .where(redemption_lines.c.rollback_no.is_(None))
        .group_by(redemption_lines.c.bundle_no, redemption_lines.c.slot)
        .subquery()
    )
    given_milli = func.coalesce(given.c.given_minor, 0) * MILLI
    expected = funded_offers.c.expected_milli
    is_open = and_(bundles.c.valid_to_us > moment_us(at), expected > given_milli)
    query = (
        select(
            funded_offers.c.funder,
            funded_offers.c.agreement,
            func.sum(case((is_open, expected), else_=given_milli)),
        )
        .join(bundles, bundles.c.bundle_no == funded_offers.c.bundle_no)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .outerjoin(
            given,
            and_(given.c.bundle_no == funded_offers.c.bundle_no, given.c.slot == funded_offers.c.slot),
        )
        .where(counts(), stays(replacing, programme))
        .group_by(funded_offers.c.funder, funded_offers.c.agreement)
    )
    with store.reading() as connection:
        return {(funder, name): int(milli) for funder, name, milli in connection.execute(query)}


def given_of_funders(store: Store) -> dict[tuple[str, str], int]:
    """What tills gave of each agreement, less what came back, in minor units."""
    query = (
        select(
            funded_lines.c.funder,
            funded_lines.c.agreement,
            func.sum(case((redemption_lines.c.rollback_no.is_(None), funded_lines.c.funded_minor), else_=0)),
        )
        .join(
            redemption_lines,
            and_(
                redemption_lines.c.redemption_no == funded_lines.c.redemption_no,
                redemption_lines.c.line_no == funded_lines.c.line_no,
            ),
        )
        .group_by(funded_lines.c.funder, funded_lines.c.agreement)
    )
    with store.reading() as connection:
        return {(funder, name): int(minor) for funder, name, minor in connection.execute(query)}
