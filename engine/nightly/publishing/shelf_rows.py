"""What a night publishes for the day beside its bundles, without frames: every product, and what to pick from."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from engine.nightly.context import NightContext
from engine.store.choices.favourites import EVERYBODY
from engine.store.nights.published_products import PublishedProduct
from models.tables import FAMILY_LEVELS


def stocked_products(context: NightContext) -> Iterator[PublishedProduct]:
    """Yield every product of the load, in the order of the ids, also those that are never offered.

    Its price is the one the night worked with: the products table's, else the last undiscounted one paid.
    """
    products = context.products.sort_values("product_id")
    columns = [_plain(products[name]) for name in ("product_id", "name", "brand", *FAMILY_LEVELS)]
    numbers = [_plain(products[name].astype("Int64")) for name in ("price_minor", "cost_minor", "stock")]
    flags = products["flags"].fillna("").tolist()
    rows = zip(*columns, *numbers, flags, strict=True)
    for product_id, name, brand, first, second, third, fourth, price, cost, stock, words in rows:
        families = (first, second, third, fourth)
        finest = next((family for family in reversed(families) if family), None)
        yield PublishedProduct(product_id, name, brand, *families, finest, price, cost, stock, words)


def ready_suggestions(context: NightContext) -> Iterator[tuple[str, str]]:
    """Yield what everybody is advised to pick as his favourite, then each customer's own list, by bucket."""
    if not context.night.programme.favourite.offered:
        return
    yield EVERYBODY, json.dumps(context.pickable.popular, ensure_ascii=False)
    for bucket in range(context.data.buckets):
        advised = pd.read_parquet(context.folder.suggestions(bucket))
        yield from zip(advised["customer_id"].tolist(), advised["items"].tolist(), strict=True)


def _plain(column: "pd.Series[Any]") -> list[Any]:
    """Python values, None where there is nothing."""
    return column.astype(object).where(column.notna(), None).tolist()
