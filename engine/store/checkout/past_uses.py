"""What one customer used at tills, and what of it came back."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from engine.store.database.store import Store
from engine.store.schema import moment
from engine.store.schema.checkout_tables import redemption_lines, redemptions


class PastUse(NamedTuple):
    """A line of a receipt with a discount."""

    redeemed_at: datetime
    store_id: str | None
    product_id: str
    offer_id: str
    units_milli: int
    discount_bp: int
    discount_minor: int
    currency: str
    is_taken_back: bool


def past_uses(store: Store, customer_id: str, *, at_most: int) -> tuple[PastUse, ...]:
    """The last lines of a customer, the newest first."""
    lines = redemption_lines.c
    query = (
        select(
            redemptions.c.redeemed_us,
            redemptions.c.store_id,
            lines.product_id,
            lines.offer_id,
            lines.units_milli,
            lines.discount_bp,
            lines.discount_minor,
            redemptions.c.currency,
            lines.rollback_no,
        )
        .join(redemption_lines, lines.redemption_no == redemptions.c.redemption_no)
        .where(redemptions.c.customer_id == customer_id)
        .order_by(redemptions.c.redeemed_us.desc(), lines.line_no)
        .limit(at_most)
    )
    with store.reading() as connection:
        return tuple(
            PastUse(
                moment(row.redeemed_us),
                row.store_id,
                row.product_id,
                row.offer_id,
                row.units_milli,
                row.discount_bp,
                row.discount_minor,
                row.currency,
                row.rollback_no is not None,
            )
            for row in connection.execute(query)
        )
