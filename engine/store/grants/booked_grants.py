"""The whole ledger of grants as a table for others."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from engine.store.database.store import Store
from engine.store.schema import moment
from engine.store.schema.checkout_tables import redemptions
from engine.store.schema.grant_tables import grant_entries, grants

_CHUNK = 10_000


def booked_grants(store: Store) -> Iterator[tuple[Any, ...]]:
    """Stream every entry, a grant's after each other, in the columns of `models.tables.GRANT_LOG`."""
    one, entry = grants.c, grant_entries.c
    query = (
        select(
            one.grant_id,
            one.customer_id,
            one.kind,
            entry.booking,
            entry.at_us,
            entry.change_minor,
            entry.left_minor,
            one.currency,
            one.budget_line,
            one.funder,
            one.given_by,
            one.valid_from_us,
            one.valid_to_us,
            redemptions.c.redemption_id,
            entry.line_id,
        )
        .join(grants, one.grant_no == entry.grant_no)
        .outerjoin(redemptions, redemptions.c.redemption_no == entry.redemption_no)
        .order_by(entry.grant_no, entry.entry_no)
    )
    with store.reading() as connection:
        for row in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield (*row[:4], moment(row[4]), *row[5:11], moment(row[11]), moment(row[12]), *row[13:])
