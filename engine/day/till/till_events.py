"""What the feed tells of a till's lines: reserved, released, redeemed, rolled back."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from engine.store.checkout.receipts import ReceiptLine
from engine.store.log.events import Event, append
from engine.store.nights.offered import Origin, origins_of


def tell_lines(
    connection: Connection,
    kind: str,
    customer_id: str,
    lines: Collection[ReceiptLine],
    now: datetime,
    *,
    redemption_id: str | None = None,
) -> None:
    """Append an event for each line: its night, bundle, offer, product, units and money, and the redemption it belongs to."""
    of_redemption = {} if redemption_id is None else {"redemption_id": redemption_id}
    origins = origins_of(connection, {line.bundle_no for line in lines if line.bundle_no is not None})
    for line in lines:
        origin = Origin() if line.bundle_no is None else origins.get(line.bundle_no, Origin())
        money = {
            "units_milli": line.units_milli,
            "discount_minor": line.discount_minor,
            "discount_bp": line.discount_bp,
        }
        event = Event(
            kind,
            now,
            customer_id=customer_id,
            run_id=origin.run_id,
            bundle_id=origin.bundle_id,
            offer_id=line.offer_id,
            item_id=line.product_id,
            details=money | of_redemption,
        )
        append(connection, event)
