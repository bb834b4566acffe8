"""What tills gave, in sums by the shop's day: discounts that stand, without what was rolled back."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select

from engine.store.database.store import Store
from engine.store.schema.checkout_tables import redemption_lines, redemptions


class GivenAtTills(NamedTuple):
    """Of one day, or of several together."""

    uses: int  # lines with a discount
    given_minor: int  # what they cost, suppliers' part included

    def __add__(self, other: object) -> "GivenAtTills":
        """Two days together."""
        return (
            GivenAtTills(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))
            if isinstance(other, GivenAtTills)
            else NotImplemented
        )


def given_by_day(store: Store, first: date, last: date) -> dict[date, GivenAtTills]:
    """What was given on each day from the first to the last, both among them; days without any are left out."""
    query = (
        select(
            redemptions.c.local_day,
            func.count(),
            func.sum(redemption_lines.c.discount_minor),
        )
        .join(redemption_lines, redemption_lines.c.redemption_no == redemptions.c.redemption_no)
        .where(redemptions.c.local_day.between(first, last), redemption_lines.c.rollback_no.is_(None))
        .group_by(redemptions.c.local_day)
        .order_by(redemptions.c.local_day)
    )
    with store.reading() as connection:
        return {day: GivenAtTills(uses, int(given)) for day, uses, given in connection.execute(query)}
