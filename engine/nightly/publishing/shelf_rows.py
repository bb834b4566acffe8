"""What a night publishes for the day beside its bundles, without frames: every product, and what to pick from."""

import json
from collections.abc import Iterator

import pandas as pd

from engine.nightly.context import NightContext
from engine.nightly.shelf.products import published_rows
from engine.store.choices.favourites import EVERYBODY
from engine.store.nights.published_products import PublishedProduct
from models.tables import CUSTOMER_ID, PRODUCT_ID


def shelf_rows(context: NightContext) -> Iterator[PublishedProduct]:
    """Every product of the load, in the order of the ids, also those that are never offered.

    Its price is the one the night worked with: the products table's unless its sales belie it, else the last undiscounted one paid.
    """
    return published_rows(context.products.sort_values(PRODUCT_ID))


def ready_sharers(context: NightContext) -> Iterator[tuple[str, int]]:
    """Yield who shares a bundle, with the number of their household in this night, in the order of the ids."""
    if not context.night.programme.eligibility.household_shares:
        return
    shared = pd.read_parquet(context.folder.sharers)
    yield from zip(shared[CUSTOMER_ID].tolist(), shared["unit_no"].tolist(), strict=True)


def ready_suggestions(context: NightContext) -> Iterator[tuple[str, str]]:
    """Yield what everybody is advised to pick as their favourite, then each customer's own list, by bucket.

    Where goods are kept from the young, customers who are of age are named even if nobody may pick a favourite.
    """
    offered = context.night.programme.favourite.offered
    if offered:
        yield EVERYBODY, json.dumps(context.pickable.popular, ensure_ascii=False)
    for bucket in range(context.data.buckets):
        if not offered and not context.folder.suggestions(bucket).exists():
            continue
        advised = pd.read_parquet(context.folder.suggestions(bucket))
        yield from zip(advised[CUSTOMER_ID].tolist(), advised["items"].tolist(), strict=True)
