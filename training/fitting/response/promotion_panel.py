"""Counts of the products that sell nearly every week, as arrays over products and weeks.

A product's depth in a week is the median discount of its buyers' days, as everybody sees it: neither a few coupons nor a
store without the promotion move it. A week without a sale is one without a promotion as far as anybody can tell, which
is why only steady products count: of the others a week's price is known when, and because, it sold.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.response.elasticities import Doubles, Familiarity, Ints
from training.fitting.response.purchase_cells import CellSetting, PurchaseCells

STEADY_SHARE = 0.85  # of the weeks, with a sale
PROMOTED_FROM = 0.03  # of the price: less is rounding, or a card's bonus


@dataclass(frozen=True)
class PromotionPanel:
    """P steady products in T weeks, and all F families.

    Attributes:
        setting: the weeks.
        product: (P,) their numbers.
        family: (P,) row of each one's family in the family arrays.
        family_no: (F,) numbers of the families.
        depth: (P, T) share off the list price.
        controls: (K, P, T) what else the chain did for a product, such as mailer and display; K may be 0.
        days: (P, 3, T) days with the product of customers by `Familiarity`; nobody's is known before the first week.
        units: (P, 3, T).
        margin: (P, T) margin at list price, minor units.
        family_margin: (F, T) the same of all products of the family.
        family_days: (F, T) customers' days with a product of it, each product counting.
    """

    setting: CellSetting
    product: Ints
    family: Ints
    family_no: Ints
    depth: Doubles
    controls: Doubles
    days: Doubles
    units: Doubles
    margin: Doubles
    family_margin: Doubles
    family_days: Doubles

    def __len__(self) -> int:
        """Number of products."""
        return len(self.product)

    @property
    def shop_days(self) -> Doubles:
        """(T,) days with a product, of all products."""
        return np.asarray(self.family_days.sum(axis=0))

    @property
    def promoted(self) -> npt.NDArray[np.bool_]:
        """(P, T) whether a product is on promotion."""
        return np.asarray(self.depth >= PROMOTED_FROM)


def panel_of(
    counted: PurchaseCells, setting: CellSetting, shown: pd.DataFrame | None = None
) -> PromotionPanel:
    """Arrays from counts.

    Args:
        counted: of the whole shop.
        setting: that it was counted by.
        shown: what else the chain did: product, week and one column each, 0 to 1; None where nobody said.
    """
    weeks, cells = setting.weeks, counted.cells
    sold = cells.groupby("product")["week"].nunique()
    product = np.sort(sold.index[sold >= STEADY_SHARE * weeks].to_numpy(dtype=np.int64))
    cells = cells[cells["product"].isin(product)]
    row = np.searchsorted(product, cells["product"].to_numpy(dtype=np.int64))
    week = cells["week"].to_numpy(dtype=np.int64)
    shape = (len(product), len(Familiarity), weeks)
    known = (row, cells["familiarity"].to_numpy(dtype=np.int64), week)
    families = counted.families
    family_no = np.unique(families["family"].to_numpy(dtype=np.int64))
    place = np.searchsorted(family_no, families["family"].to_numpy(dtype=np.int64))
    of_product = np.zeros(len(product), np.int64)
    of_product[row] = np.searchsorted(family_no, cells["family"].to_numpy(dtype=np.int64))
    margins = families["margin_minor"].to_numpy(dtype=np.float64)
    at = (place, families["week"].to_numpy(dtype=np.int64))
    return PromotionPanel(
        setting=setting,
        product=product,
        family=of_product,
        family_no=family_no,
        depth=_median_depth(cells, row, week, (len(product), weeks)),
        controls=_controls(shown, product, weeks),
        days=_summed(shape, known, cells["days"]),
        units=_summed(shape, known, cells["units"]),
        margin=_summed((len(product), weeks), (row, week), cells["margin_minor"]),
        family_margin=_summed((len(family_no), weeks), at, pd.Series(margins)),
        family_days=_summed((len(family_no), weeks), at, families["days"]),
    )


def _summed(shape: tuple[int, ...], place: tuple[Ints, ...], values: pd.Series) -> Doubles:
    whole = np.zeros(shape)
    np.add.at(whole, place, values.to_numpy(dtype=np.float64))
    return whole


def _median_depth(cells: pd.DataFrame, row: Ints, week: Ints, shape: tuple[int, int]) -> Doubles:
    pct, days = (cells[name].to_numpy(dtype=np.int64) for name in ("depth_pct", "days"))
    order = np.lexsort((pct, week, row))
    cell = (row * shape[1] + week)[order]
    seen = np.cumsum(days[order])
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    before = np.repeat(seen[starts] - days[order][starts], np.diff([*starts, len(cell)]))
    total = (
        np.repeat(np.add.reduceat(days[order], starts), np.diff([*starts, len(cell)]))
        if len(cell)
        else before
    )
    reached = np.flatnonzero(2 * (seen - before) >= total)
    depth = np.zeros(shape[0] * shape[1])
    at, first = np.unique(cell[reached], return_index=True)
    depth[at] = pct[order][reached[first]] / 100
    return np.clip(depth, 0.0, 0.99).reshape(shape)


def _controls(shown: pd.DataFrame | None, product: Ints, weeks: int) -> Doubles:
    if shown is None:
        return np.zeros((0, len(product), weeks))
    names = [name for name in shown.columns if name not in {"product", "week"}]
    known = shown[shown["product"].isin(product) & shown["week"].between(0, weeks - 1)]
    at = (
        np.searchsorted(product, known["product"].to_numpy(dtype=np.int64)),
        known["week"].to_numpy(dtype=np.int64),
    )
    whole = np.zeros((len(names), len(product), weeks))
    for number, name in enumerate(names):
        whole[number][at] = known[name].to_numpy(dtype=np.float64)
    return whole
