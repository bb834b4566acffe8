"""Every product of the shop as the day needs to know it: names, families, flags, price, cost, stock.

The day reads no files of the night; what it must know of products is published beside the bundles. Prices are those
that the night has worked with.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.money import WHOLE_BP
from engine.store.nights.published_products import PublishedProduct
from models.features.catalogue import PRODUCT_LEVEL, Catalogue
from models.tables import (
    COST_MINOR,
    FAMILY_LEVELS,
    ITEM_NO,
    PRICE_MINOR,
    PRODUCT_ID,
    PRODUCT_NO,
    SHOWN_OF_PRODUCTS,
    VAT_BP,
)


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
        product's row in the catalogue (missing for what is never offered). Where the shop declares VAT, the cost is with
        the price's VAT, to be compared with it, and rounded up.
    """
    rows = products.set_index(PRODUCT_NO)
    item_no = catalogue.product_items.set_index(PRODUCT_NO)[ITEM_NO].reindex(rows.index)
    known = item_no.notna().to_numpy()
    price = rows[PRICE_MINOR].astype("float64").to_numpy().copy()
    price[known] = price_minor[item_no[known].to_numpy(dtype=np.int64)]
    whole = pd.Series(np.floor(price + 0.5), index=rows.index).astype("Int64")
    columns = [PRODUCT_ID, "name", "brand", *FAMILY_LEVELS, COST_MINOR, "stock", "flags"]
    made = rows[columns].assign(price_minor=whole, item_no=item_no)
    if not catalogue.tax_known:
        return made
    cost = np.full(len(rows), np.nan)
    items = catalogue.items.loc[item_no[known].to_numpy(dtype=np.int64)]
    cost[known] = items[COST_MINOR] * (1.0 + items[VAT_BP] / WHOLE_BP)
    # Less than a millionth of a minor unit is the noise of floats.
    return made.assign(cost_minor=pd.Series(np.ceil(np.round(cost, 6)), index=rows.index).astype("Int64"))


def shown_of_products(products: pd.DataFrame) -> dict[str, dict[str, str]]:
    """What an app shows of the stored products beside name and price, by product id: only what the shop says."""
    columns = [name for name in SHOWN_OF_PRODUCTS if name in products]  # loads of earlier versions have none
    told = products.loc[products[columns].notna().any(axis=1), [PRODUCT_ID, *columns]]
    return {
        product_id: {name: str(value) for name, value in zip(columns, values, strict=True) if pd.notna(value)}
        for product_id, *values in told.itertuples(index=False)
    }


def stock_of(products: pd.DataFrame, catalogue: Catalogue) -> npt.NDArray[np.float64]:
    """(items,) units of each item in the stored products table; NaN where the shop does not say, and for families."""
    if "stock" not in products or catalogue.item_level != PRODUCT_LEVEL:
        return np.full(len(catalogue), np.nan)
    offered = catalogue.product_items.dropna(subset=[ITEM_NO]).set_index(ITEM_NO)[PRODUCT_NO]
    stock = offered.map(products.set_index(PRODUCT_NO)["stock"].astype("float64"))
    return np.asarray(stock.reindex(catalogue.items.index), dtype=np.float64)


def published_rows(products: pd.DataFrame) -> Iterator[PublishedProduct]:
    """Yield the rows of `product_rows` as they are published, in their order."""
    columns = [_plain(products[name]) for name in (PRODUCT_ID, "name", "brand", *FAMILY_LEVELS)]
    numbers = [_plain(products[name].astype("Int64")) for name in (PRICE_MINOR, COST_MINOR, "stock")]
    flags = products["flags"].fillna("").tolist()
    rows = zip(*columns, *numbers, flags, strict=True)
    for product_id, name, brand, first, second, third, fourth, price, cost, stock, words in rows:
        families = (first, second, third, fourth)
        finest = next((family for family in reversed(families) if family), None)
        yield PublishedProduct(product_id, name, brand, *families, finest, price, cost, stock, words)


def _plain(column: "pd.Series[Any]") -> list[Any]:
    """Python values, None where there is nothing."""
    return column.astype(object).where(column.notna(), None).tolist()
