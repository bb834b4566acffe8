"""Items: what an offer is on. A product, or one level of the shop's families, as the programme chooses."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from models.ground.errors import BadInput
from models.tables import (
    COST_MINOR,
    DELISTED,
    FAMILY_LEVELS,
    ITEM_ID,
    ITEM_NO,
    PRICE_MINOR,
    PRODUCT_ID,
    PRODUCT_NO,
    STORED_VAT,
    UNCONFIRMED,
    VAT_BP,
)

PRODUCT_LEVEL = "product"
WHOLE_BP = 10_000
_PRICE_VAT, _COST_VAT = (column.name for column in STORED_VAT[1:])
# Asked for by people who do not know how many levels the shop has.
FINEST_FAMILY = "family"


@dataclass(frozen=True)
class Catalogue:
    """The items of one level.

    Attributes:
        item_level: "product" or one of FAMILY_LEVELS.
        items: one row an item, index item_no 0..n-1: item_id, name, family_1..4, price_minor and cost_minor
            (float, NaN where unknown; the cost is net of VAT where the shop declares it), introduced_on (a product's first day on sale, missing where the shop did not
            say), flags (`;`-separated), vat_bp (rate of the VAT that the price includes, 0 where none is or none is
            known; the mean of a family's products), fine_no and coarse_no (the two family levels above the item, -1 where there
            is none).
        product_items: one row a product of merchandise: product_no, item_no (missing where the product has no
            family of that level, and where it, or all of its family, is delisted or looks like no merchandise: such a
            product makes a visit and is never offered), vat_bp (of its price).
        tax_known: the shop declares VAT; without it prices and costs are taken as they stand.
    """

    item_level: str
    items: pd.DataFrame
    product_items: pd.DataFrame
    tax_known: bool = False

    def __len__(self) -> int:
        """Number of items."""
        return len(self.items)

    def launched(self, day: date, within_days: int) -> np.ndarray:
        """True for items whose first day on sale is the given one or one of so many before it; shape (items,)."""
        on_sale_days = (pd.Timestamp(day) - self.items["introduced_on"]).dt.days
        return np.asarray(on_sale_days.between(0, within_days - 1))

    @cached_property
    def finest_families(self) -> list[str | None]:
        """The finest named family above each item, None where there is none; in the order of item_no."""
        at = FAMILY_LEVELS.index(self.item_level) if self.item_level in FAMILY_LEVELS else None
        finest: list[str | None] = [None] * len(self)
        for level in FAMILY_LEVELS[:at]:
            names = self.items[level].tolist()
            finest = [
                name if isinstance(name, str) else coarser
                for name, coarser in zip(names, finest, strict=True)
            ]
        return finest


def family_levels(products: pd.DataFrame) -> tuple[str, ...]:
    """The family levels that this shop fills, coarsest first."""
    return tuple(level for level in FAMILY_LEVELS if products[level].notna().any())


def resolve_item_level(products: pd.DataFrame, item_level: str) -> str:
    """Turn "family" into the finest level the shop fills; refuse a level it does not fill.

    Raises:
        BadInput: the level is unknown or empty in this shop.
    """
    if item_level == PRODUCT_LEVEL:
        return item_level
    levels = family_levels(products)
    if item_level == FINEST_FAMILY and levels:
        return levels[-1]
    if item_level not in levels:
        raise BadInput(
            f"Item level {item_level!r} is not filled in the products table; "
            f"expected one of {', '.join((PRODUCT_LEVEL, *levels))}."
        )
    return item_level


def build_catalogue(products: pd.DataFrame, item_level: str) -> Catalogue:
    """Make the items of a level from the stored products table (`models.tables.STORED_PRODUCTS`).

    A family's item_id and name are its name, it has no price, cost or first day of its own, and it carries every flag
    that any of its products carries, so that an exclusion can never slip through a mixed family.
    """
    item_level = resolve_item_level(products, item_level)
    tax_known = _PRICE_VAT in products
    merchandise = _net_of_vat(products[products["merchandise"]].reset_index(drop=True), known=tax_known)
    levels = family_levels(products)
    above = levels if item_level == PRODUCT_LEVEL else levels[: levels.index(item_level)]
    fine_level = above[-1] if above else None
    coarse_level = above[-2] if len(above) > 1 else None

    sold = merchandise[~_never_offered(merchandise["flags"])]
    if item_level == PRODUCT_LEVEL:
        items = sold.assign(item_id=sold[PRODUCT_ID])
        item_no = pd.Series(np.arange(len(sold)), index=sold.index).reindex(merchandise.index)
    else:
        codes, names = pd.factorize(sold[item_level], sort=True)
        all_codes = pd.Index(names).get_indexer(merchandise[item_level])
        item_no = pd.Series(all_codes).where(all_codes >= 0)
        items = _family_items(sold, item_level, pd.Series(names), codes)
    columns = [ITEM_ID, "name", *FAMILY_LEVELS, PRICE_MINOR, COST_MINOR, VAT_BP, "introduced_on", "flags"]
    items = items[columns].reset_index(drop=True)
    items["introduced_on"] = pd.to_datetime(items["introduced_on"])
    items[PRICE_MINOR] = items[PRICE_MINOR].astype("float64")
    items[COST_MINOR] = items[COST_MINOR].astype("float64")
    items["fine_no"] = _codes(merchandise, items, fine_level)
    items["coarse_no"] = _codes(merchandise, items, coarse_level)
    items.index.name = ITEM_NO
    product_items = pd.DataFrame(
        {
            PRODUCT_NO: merchandise[PRODUCT_NO].astype("int32"),
            ITEM_NO: item_no.astype("Int32"),
            VAT_BP: merchandise[VAT_BP],
        }
    )
    return Catalogue(item_level, items, product_items, tax_known)


def _net_of_vat(merchandise: pd.DataFrame, *, known: bool) -> pd.DataFrame:
    """The products with vat_bp of their price, and the cost without VAT."""
    if not known:
        return merchandise.assign(vat_bp=0.0)
    included = 1.0 + merchandise[_COST_VAT].astype("float64") / WHOLE_BP
    cost = merchandise[COST_MINOR].astype("float64") / included
    return merchandise.assign(vat_bp=merchandise[_PRICE_VAT].astype("float64"), cost_minor=cost)


def _family_items(merchandise: pd.DataFrame, level: str, names: pd.Series, codes: np.ndarray) -> pd.DataFrame:
    known = merchandise[codes >= 0]
    by_family = known.groupby(level, sort=True)
    finer = FAMILY_LEVELS[FAMILY_LEVELS.index(level) + 1 :]
    items = by_family[list(FAMILY_LEVELS)].first().reset_index(drop=True)
    items.loc[:, list(finer)] = None
    items[ITEM_ID] = names.to_numpy()
    items["name"] = names.to_numpy()
    items[PRICE_MINOR] = np.nan
    items[COST_MINOR] = np.nan
    items[VAT_BP] = by_family[VAT_BP].mean().to_numpy()
    items["introduced_on"] = pd.NaT
    items["flags"] = by_family["flags"].agg(_union_of_flags).to_numpy()
    return items


def _never_offered(flags: pd.Series) -> pd.Series:
    never = {DELISTED, UNCONFIRMED}
    return flags.fillna("").str.split(";").map(lambda words: not never.isdisjoint(words)).astype(bool)


def _union_of_flags(flags: pd.Series) -> str:
    return ";".join(sorted({flag for entry in flags.unique() for flag in entry.split(";") if flag}))


def _codes(merchandise: pd.DataFrame, items: pd.DataFrame, level: str | None) -> np.ndarray:
    if level is None:
        return np.full(len(items), -1, dtype=np.int32)
    families = pd.Index(merchandise[level].dropna().unique()).sort_values()
    return np.asarray(families.get_indexer(items[level]), dtype=np.int32)
