"""What the programme allows on each item at each depth, by shelf, flags, families and floors; decided once a night, the same for every customer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Removal, exclusion, keeps_assumed_margin, keeps_margin, keeps_price
from engine.domain.money import WHOLE_BP, discount_minor
from engine.nightly.shelf.funded_items import FundedItems
from engine.programme import Programme
from models.features.lowest_prices import LOWEST_PRICE_MINOR
from models.response.price_response import families_of
from models.tables import COST_MINOR, FAMILY_LEVELS, ITEM_ID, PRICE_MINOR, VAT_BP

# A removal is stored as its place in this tuple; the first place says that nothing was removed.
REMOVALS: tuple[Removal | None, ...] = (None, *Removal)
REMOVAL_CODES = {removal: code for code, removal in enumerate(REMOVALS)}
UNKNOWN_PRICE = -1
UNKNOWN_STOCK = -1
NO_FAMILY = -1


@dataclass(frozen=True)
class Assortment:
    """All items of a night, I rows, against the programme's D depths, smallest first.

    Attributes:
        item_id, name, family: (I,) strings; the family is the finest one known, else empty.
        name_no: (I,) equal for items that a customer would read as the same.
        price_minor: (I,) price of one unit, UNKNOWN_PRICE where there is none (families have none).
        vat_bp: (I,) rate of the VAT that the price includes; 0 where none is, or none is known.
        margin_assumed: (I,) true where the cost is unknown and the owner's assumed margin stands in for it.
        depths_bp: (D,) the programme's depths.
        allowed: (I, D) whether the item may be offered at the depth.
        discount_minor: (I, D) what one unit is cheaper by; 0 where nothing is allowed.
        removed_by: (I,) code (REMOVALS) of the rule that forbids even the smallest depth, else 0.
        family_no: (I,) equal for items of one finest family; NO_FAMILY where there is none.
        margin_minor: (I,) of one undiscounted unit, by the assumed margin where the cost is unknown; 0 without a price.
        response_family: (I,) name of the family that its price response is known by, None without one.
        stock: (I,) units; UNKNOWN_STOCK where the shop does not say.
        own_minor: (I, D) what of the discount the shop pays itself; all of it where nobody funds the item.
        funded: which supplier pays the rest; None where nothing is funded tonight.

    """

    item_id: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]
    family: npt.NDArray[np.object_]
    name_no: npt.NDArray[np.int64]
    price_minor: npt.NDArray[np.int64]
    vat_bp: npt.NDArray[np.float64]
    margin_assumed: npt.NDArray[np.bool_]
    depths_bp: npt.NDArray[np.int64]
    allowed: npt.NDArray[np.bool_]
    discount_minor: npt.NDArray[np.int64]
    removed_by: npt.NDArray[np.uint8]
    family_no: npt.NDArray[np.int64]
    margin_minor: npt.NDArray[np.int64]
    stock: npt.NDArray[np.int64]
    response_family: npt.NDArray[np.object_]
    own_minor: npt.NDArray[np.int64]
    funded: FundedItems | None = None


def build_assortment(
    items: pd.DataFrame,
    programme: Programme,
    off_shelf: Sequence[Removal | None] | None = None,
    funded: FundedItems | None = None,
) -> Assortment:
    """Apply exclusions and floors to every item.

    Args:
        items: index item_no 0..n-1 with item_id, name, family_1..4, price_minor, cost_minor (net of VAT, NaN where
            unknown), flags, vat_bp (of the price; none without it); with families as items also unit_price_minor, the
            mean undiscounted price of one unit: a family's expected cost is planned with it, while its floors apply per
            product at checkout; stock, where known; lowest_price_minor, at which everybody could buy it in the last 30 days.
        programme: the rules.
        off_shelf: (I,) why each item is not on the shelf, None where it is; by default everything is.
        funded: what suppliers pay; a product's margin floor is held by the shop's own part of the discount. That of a family's
            products the till holds, by all of it.

    """
    depths = programme.depths.bp
    allowed = np.zeros((len(items), len(depths)), dtype=np.bool_)
    discount = np.zeros((len(items), len(depths)), dtype=np.int64)
    removed_by = np.zeros(len(items), dtype=np.uint8)
    margin_minor = np.zeros(len(items), dtype=np.int64)
    family_items = programme.prediction.item_level != "product"
    prices = _whole(items[PRICE_MINOR])
    typical = _whole(items["unit_price_minor"]) if family_items and "unit_price_minor" in items else prices
    vat = items[VAT_BP].to_numpy(dtype=np.float64) if VAT_BP in items else np.zeros(len(items))
    costs = _of_shelf_prices(items[COST_MINOR].to_numpy(dtype=np.float64), vat)
    families = _families(items)
    gone = off_shelf or [None] * len(items)
    law = programme.law is not None and programme.law.tells_lowest_price
    lowest = (
        _whole(items[LOWEST_PRICE_MINOR])
        if law and LOWEST_PRICE_MINOR in items
        else [UNKNOWN_PRICE] * len(items)
    )
    paid = np.zeros_like(discount) if funded is None else funded.of_unit(_discounts(typical, depths))
    for row, flags in enumerate(items["flags"].fillna("").tolist()):
        removal = exclusion(
            flags.split(";"), families[row], programme.exclusions.flags, programme.exclusions.families
        )
        removal = removal or gone[row]
        price = typical[row] if prices[row] == UNKNOWN_PRICE else prices[row]
        if removal is None and price <= 0:
            removal = Removal.NO_PRICE
        margin = programme.assumed_margin_bp.of(families[row])
        if price > 0:
            assumed = discount_minor(price, margin) * WHOLE_BP
            left = assumed if costs[row] == UNKNOWN_PRICE else price * WHOLE_BP - costs[row]
            margin_minor[row] = round(left / (WHOLE_BP + vat[row]))
        if removal is None:
            for column, depth in enumerate(depths):
                discount[row, column] = discount_minor(price, depth)
                broken = _broken_floor(
                    prices[row], costs[row], margin, depth, programme, int(paid[row, column])
                )
                if broken is None and lowest[row] != UNKNOWN_PRICE:
                    reduced = prices[row] - discount[row, column] < lowest[row]
                    broken = None if reduced else Removal.NO_REDUCTION
                allowed[row, column] = broken is None
                removal = broken if column == 0 else removal
        removed_by[row] = REMOVAL_CODES[removal]
    name_no, _ = pd.factorize(items["name"])
    family = np.array([names[-1] if names else "" for names in families], dtype=object)
    family_no, _ = pd.factorize(pd.Series(family, dtype=object).mask(family == ""))
    return Assortment(
        item_id=items[ITEM_ID].to_numpy(dtype=object),
        name=items["name"].to_numpy(dtype=object),
        family=family,
        name_no=name_no.astype(np.int64),
        price_minor=np.array(prices, dtype=np.int64),
        vat_bp=vat,
        margin_assumed=np.array(costs, dtype=np.int64) == UNKNOWN_PRICE,
        depths_bp=np.array(depths, dtype=np.int64),
        allowed=allowed,
        discount_minor=discount,
        removed_by=removed_by,
        family_no=family_no.astype(np.int64),
        margin_minor=margin_minor,
        stock=_stock(items),
        response_family=np.array(families_of(items), dtype=object),
        own_minor=discount - np.minimum(paid, discount),
        funded=funded,
    )


def _broken_floor(
    price: int, cost: int, margin_bp: int, depth_bp: int, programme: Programme, paid_minor: int
) -> Removal | None:
    """Return the floor that an offer would break; a family without a price is judged by its assumed margin.

    A product with a price keeps its margin with what a supplier pays of the discount, `paid_minor` a unit.
    `cost` is in ten-thousandths, and with the VAT that the price includes: a share of the price is the same with and
    without it.
    """
    floors = programme.floors
    if price == UNKNOWN_PRICE:
        kept = keeps_assumed_margin(depth_bp, margin_bp, floors.margin_bp)
        return None if kept else Removal.MARGIN_FLOOR
    offer_price = price - discount_minor(price, depth_bp)
    if not keeps_price(offer_price, floors.price_minor):
        return Removal.PRICE_FLOOR
    earned = offer_price + paid_minor
    if cost != UNKNOWN_PRICE:
        kept = keeps_margin(earned * WHOLE_BP, cost, floors.margin_bp)
    elif paid_minor:
        kept = keeps_margin(earned * WHOLE_BP, price * (WHOLE_BP - margin_bp), floors.margin_bp)
    else:
        kept = keeps_assumed_margin(depth_bp, margin_bp, floors.margin_bp)
    return None if kept else Removal.MARGIN_FLOOR


def _discounts(prices: list[int], depths_bp: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """(I, D) off one unit of every item, whether it may be offered or not."""
    found = [[discount_minor(max(price, 0), depth) for depth in depths_bp] for price in prices]
    return np.array(found, dtype=np.int64).reshape(len(prices), len(depths_bp))


def _stock(items: pd.DataFrame) -> npt.NDArray[np.int64]:
    if "stock" not in items:
        return _same(items, UNKNOWN_STOCK)
    # what a till has sold beyond the count is not less than nothing
    return np.array(_whole(items["stock"].astype("float64").clip(lower=0)), dtype=np.int64)


def _same(items: pd.DataFrame, number: int) -> npt.NDArray[np.int64]:
    return np.full(len(items), number, dtype=np.int64)


def _of_shelf_prices(cost_minor: npt.NDArray[np.float64], vat_bp: npt.NDArray[np.float64]) -> list[int]:
    """Costs with the price's VAT in ten-thousandths of a minor unit, UNKNOWN_PRICE where there is none.

    Whole, so that an offer exactly at its floor is within it, whichever way price and cost are declared.
    """
    amounts = cost_minor * (WHOLE_BP + vat_bp)
    return [UNKNOWN_PRICE if math.isnan(amount) else round(amount) for amount in amounts.tolist()]


def _whole(amounts: "pd.Series[Any]") -> list[int]:
    """Whole minor units, UNKNOWN_PRICE where there is no amount."""
    return [
        UNKNOWN_PRICE if math.isnan(amount) else math.floor(amount + 0.5) for amount in amounts.astype(float)
    ]


def _families(items: pd.DataFrame) -> list[tuple[str, ...]]:
    """Every item's families, coarsest first, without gaps."""
    levels = [items[level].tolist() for level in FAMILY_LEVELS if level in items]
    return [
        tuple(name for name in names if isinstance(name, str) and name) for names in zip(*levels, strict=True)
    ]
