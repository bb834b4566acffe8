"""The products of a night as the day will know them: names, prices, families, flags and stock, without frames."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from engine.nightly.scene import Scene
from engine.nightly.shelf import UNKNOWN_PRICE
from engine.store.shelf import ShelfProduct
from models.tables import FAMILY_LEVELS


def stocked_products(scene: Scene) -> Iterator[ShelfProduct]:
    """Yield every product of the load, in the order of the ids, also those that are never offered.

    Its price is the one the night offered it at: the products table's, else the last undiscounted one paid; a night
    whose items are families knows the products table's only.
    """
    table = pd.read_parquet(scene.data.products).sort_values("product_id", ignore_index=True)
    offered = _night_prices(scene)
    columns = [_plain(table[name]) for name in ("product_id", "name", "brand", *FAMILY_LEVELS)]
    numbers = [_plain(table[name].astype("Int64")) for name in ("price_minor", "cost_minor", "stock")]
    flags = table["flags"].fillna("").tolist()
    rows = zip(*columns, *numbers, flags, strict=True)
    for product_id, name, brand, first, second, third, fourth, price, cost, stock, words in rows:
        families = (first, second, third, fourth)
        finest = next((family for family in reversed(families) if family), None)
        known = offered.get(product_id, price)
        yield ShelfProduct(product_id, name, brand, *families, finest, known, cost, stock, words)


def _night_prices(scene: Scene) -> dict[str, int]:
    if scene.night.programme.prediction.item_level != "product":
        return {}
    shelf = scene.shelf
    pairs = zip(shelf.item_id.tolist(), shelf.price_minor.tolist(), strict=True)
    return {item: price for item, price in pairs if price != UNKNOWN_PRICE}


def _plain(column: "pd.Series[Any]") -> list[Any]:
    """Python values, None where there is nothing."""
    return column.astype(object).where(column.notna(), None).tolist()
