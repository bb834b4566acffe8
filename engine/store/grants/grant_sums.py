"""What grants cost: by budget line while more are given, and by kind for reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, exists, func, select, text

from engine.domain.grants import Booking, GrantKind
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.schema import moment_us
from engine.store.schema.grant_tables import grant_entries, grants

# Our own lock number among PostgreSQL's advisory locks: one transaction at a time gives from the lines.
_GIVING = 7_201_705


class GrantTotals(NamedTuple):
    """What became of grants of one kind in a period, minor units; `customers` were given one in it.

    What was used, returned and cancelled then may have been given before.
    """

    kind: GrantKind
    grants: int
    customers: int
    given_minor: int
    used_minor: int
    returned_minor: int
    cancelled_minor: int

    @property
    def cost_minor(self) -> int:
        """What the shop paid: used, less what came back."""
        return self.used_minor - self.returned_minor


def alone_at_the_lines(connection: Connection) -> None:
    """Wait until nobody else gives from a budget line; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _GIVING})


def taken_from_line(connection: Connection, budget_line: str, since: datetime, until: datetime) -> int:
    """What was given of a budget line in `[since, until)`, less what of that was taken back, minor units."""
    query = (
        select(func.coalesce(func.sum(grant_entries.c.change_minor), 0))
        .join(grants, grants.c.grant_no == grant_entries.c.grant_no)
        .where(
            grants.c.budget_line == budget_line,
            grants.c.given_us >= moment_us(since),
            grants.c.given_us < moment_us(until),
            grant_entries.c.booking.in_((Booking.GIVEN.value, Booking.CANCELLED.value)),
        )
    )
    return int(connection.execute(query).scalar_one())


def given_to(
    connection: Connection, customer_id: str, kind: GrantKind, since: datetime, until: datetime
) -> int:
    """How many grants of a kind a customer was given in `[since, until)` that were not taken back."""
    taken_back = exists().where(
        grant_entries.c.grant_no == grants.c.grant_no, grant_entries.c.booking == Booking.CANCELLED.value
    )
    query = select(func.count()).where(
        grants.c.customer_id == customer_id,
        grants.c.kind == kind.value,
        grants.c.given_us >= moment_us(since),
        grants.c.given_us < moment_us(until),
        ~taken_back,
    )
    return int(connection.execute(query).scalar_one())


def granted_between(
    store: Store, customer_ids: Sequence[str], since: datetime, until: datetime
) -> dict[str, int]:
    """What grants paid of each of these customers' purchases in `[since, until)` and did not come back, minor units, whenever it might have."""
    back = grant_entries.alias("back")
    came_back = exists().where(
        back.c.grant_no == grant_entries.c.grant_no,
        back.c.redemption_no == grant_entries.c.redemption_no,
        back.c.line_no == grant_entries.c.line_no,
        back.c.booking == Booking.RETURNED.value,
    )
    query = (
        select(grants.c.customer_id, -func.sum(grant_entries.c.change_minor))
        .join(grants, grants.c.grant_no == grant_entries.c.grant_no)
        .where(
            grant_entries.c.booking == Booking.USED.value,
            grant_entries.c.at_us >= moment_us(since),
            grant_entries.c.at_us < moment_us(until),
            ~came_back,
        )
        .group_by(grants.c.customer_id)
    )
    found: dict[str, int] = {}
    with store.reading() as connection:
        for names in in_lists(customer_ids):
            rows = connection.execute(query.where(grants.c.customer_id.in_(names)))
            found |= {customer: int(minor) for customer, minor in rows}
    return found


def grant_totals(store: Store, since: datetime, until: datetime) -> list[GrantTotals]:
    """What was given, used, returned and cancelled in `[since, until)`, by kind; kinds without any are left out."""
    moved = and_(grant_entries.c.at_us >= moment_us(since), grant_entries.c.at_us < moment_us(until))
    given = case((grant_entries.c.booking == Booking.GIVEN.value, grants.c.customer_id))
    query = (
        select(
            grants.c.kind,
            func.count(given),
            func.count(given.distinct()),
            *(
                func.sum(
                    case(
                        (grant_entries.c.booking == booking.value, func.abs(grant_entries.c.change_minor)),
                        else_=0,
                    )
                )
                for booking in Booking
            ),
        )
        .join(grants, grants.c.grant_no == grant_entries.c.grant_no)
        .where(moved)
        .group_by(grants.c.kind)
    )
    with store.reading() as connection:
        found = [GrantTotals(GrantKind(row[0]), *map(int, row[1:])) for row in connection.execute(query)]
    return sorted(found, key=lambda one: list(GrantKind).index(one.kind))
