"""What customers are offered by other programmes while tonight's bundles may be valid."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.schema import bundles, counts, moment_us, offer_counts, offers, runs


def open_items_of(
    store: Store, customer_ids: Sequence[str], starts: datetime, ends: datetime, *, besides: str
) -> list[tuple[str, str, str]]:
    """Customer, bundle and item of what some customers are offered at any time of `[starts, ends)` by other programmes than one."""
    found: list[tuple[str, str, str]] = []
    with store.reading() as connection:
        for names in in_lists(customer_ids):
            query = (
                select(bundles.c.customer_id, bundles.c.bundle_id, offers.c.item_id)
                .join(runs, runs.c.run_no == bundles.c.run_no)
                .join(offers, offers.c.bundle_no == bundles.c.bundle_no)
                .where(
                    bundles.c.customer_id.in_(names),
                    bundles.c.valid_from_us < moment_us(ends),
                    bundles.c.valid_to_us > moment_us(starts),
                    runs.c.programme != besides,
                    counts(),
                    offer_counts(),
                )
            )
            found += [tuple(row) for row in connection.execute(query)]
    return sorted(found)
