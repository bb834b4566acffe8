"""Every product of the shop as the day needs to know it: names, families, flags, price, cost, stock.

The day reads no files of the night; what it must know of products is published beside the bundles. Prices are those
that the night has worked with.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.favourite_rules import Product
from models.features.catalogue import Catalogue
from models.tables import FAMILY_LEVELS


def product_rows(
    products: pd.DataFrame, catalogue: Catalogue, price_minor: npt.NDArray[np.float64]
) -> pd.DataFrame:
    """Return one row a product, index product_no, in the order of the stored products table.

    Args:
        products: `models.tables.STORED_PRODUCTS`.
        catalogue: its products as items.
        price_minor: (items,) price of one unit of each item; NaN where none is known.

    Returns:
        product_id, name, brand, family_1..4, price_minor, cost_minor, stock (Int64), flags, and item_no, the
        product's row in the catalogue (missing for what is never offered).
    """
    rows = products.set_index("product_no")
    item_no = catalogue.product_items.set_index("product_no")["item_no"].reindex(rows.index)
    known = item_no.notna().to_numpy()
    price = rows["price_minor"].astype("float64").to_numpy().copy()
    price[known] = price_minor[item_no[known].to_numpy(dtype=np.int64)]
    whole = pd.Series(np.floor(price + 0.5), index=rows.index).astype("Int64")
    columns = ["product_id", "name", "brand", *FAMILY_LEVELS, "cost_minor", "stock", "flags"]
    return rows[columns].assign(price_minor=whole, item_no=item_no)


def products_of(products: pd.DataFrame) -> Iterator[Product]:
    """Yield the rows of `product_rows` as the rules know products."""
    amounts = (_amounts(products[name]) for name in ("price_minor", "cost_minor", "stock"))
    families = zip(*(products[level].tolist() for level in FAMILY_LEVELS), strict=True)
    flags = products["flags"].fillna("").tolist()
    rows = zip(products["product_id"], products["name"], families, flags, *amounts, strict=True)
    for product_id, name, levels, words, price, cost, stock in rows:
        yield Product(
            id=product_id,
            name=name,
            families=tuple(level for level in levels if isinstance(level, str) and level),
            flags=frozenset(word for word in words.split(";") if word),
            price_minor=price,
            cost_minor=cost,
            stock=stock,
        )


def _amounts(column: "pd.Series[Any]") -> list[int | None]:
    return [None if pd.isna(amount) else int(amount) for amount in column.tolist()]
