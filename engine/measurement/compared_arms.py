"""Who is compared in a report and what each of them brought: bucket by bucket, so that purchases never lie in memory whole.

What stays of a customer are some 400 bytes for twelve weeks, and twice that while something is estimated (docs/cost.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.measurement.bucket_arms import AskedArms, Floats, Tables, bucket_arms
from engine.measurement.store_weeks import added_up, silent_weeks
from models.effects.drawn_arms import Arms, in_both_arms
from models.ground.errors import BadInput
from models.tables import PRODUCT_ID, PRODUCT_NO

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ComparedArms:
    """Customers of two arms, rows are customers, money in minor units over the period.

    Attributes:
        customer_id: shape (n,).
        arms: the treated arm and the other one, by drawn unit.
        seen_week: shape (n,), the week from which they count: 0 for who was drawn before it.
        margin: shape (n, weeks), each week's, with what suppliers pay of its discounts.
        spend, visits: shape (n,).
        active: shape (n, weeks), bought in the ACTIVE_WEEKS up to each week's end.
        figures: shape (n, 7), known before the experiment; None where the history does not reach back.
        before: shape (n, weeks before), margin of each week before the experiment, of single precision.
        discount, redemptions: shape (n,), as tills redeemed, without what suppliers pay of it, and of another engine's offers
            as receipts show.
        funded: shape (n,), what suppliers pay.
        served, reached: shape (n,).
        own_discount: shape (n, 2), of `own_offers`: bundles of the first week, later ones.
        complained: shape (n, weeks), have complained by each week's end.
        nps: shape (n, weeks), the last answer by each week's end: 1 for a promoter, -1 for a detractor, else 0; not a
            number for none.
        crossed, torn: customers with a merged card of another arm, who stay; with a household in both arms, who are left out.
        silent_stores: the weeks, 0 is the first reported one, in which a store had nobody though it usually has.
        granted: shape (n,), what grants paid of their purchases, which `discount` does not hold; zero where nothing says.
    """

    customer_id: npt.NDArray[np.str_]
    arms: Arms
    seen_week: npt.NDArray[np.integer]
    margin: Floats
    spend: Floats
    visits: Floats
    active: Bools
    figures: Floats | None
    before: npt.NDArray[np.floating]
    discount: Floats
    funded: Floats
    redemptions: Floats
    served: Bools
    reached: Bools
    own_discount: Floats
    complained: Bools
    nps: npt.NDArray[np.floating]
    crossed: int
    torn: int
    silent_stores: Mapping[str, Sequence[int]]
    granted: Floats | float = 0.0

    @property
    def weeks(self) -> int:
        """Length of the period."""
        return int(self.margin.shape[1])


def compared_arms(asked: AskedArms) -> ComparedArms:
    """Collect both arms of a pair, treated first.

    A customer counts if they bought within `seen_days` before the experiment began, or were seen first later: whoever left
    long before tells nothing, and the lot has no say in it. What another engine's offers took off is added to what tills
    redeemed, where `foreign` tells of them.

    Raises:
        BadInput: an arm has nobody who counts.
    """
    products = pd.read_parquet(asked.data.products, columns=[PRODUCT_NO, PRODUCT_ID])
    parts, of_stores = [], list[pd.DataFrame]()
    for bucket in range(asked.data.buckets):
        tables, customers = bucket_arms(asked, products, bucket)
        parts.append(tables)
        of_stores = [added_up([*of_stores, customers])]
    return _together(parts, asked.pair, silent_weeks(of_stores, asked.period.weeks))


def _together(
    parts: Sequence[Tables], pair: tuple[str, str], silent_stores: Mapping[str, Sequence[int]]
) -> ComparedArms:
    # One table after the other, each let go where it lay in parts, so that they are in memory once and not twice.
    table: dict[str, Any] = {
        name: np.concatenate([one.pop(name) for one in parts]) for name in list(parts[0])
    }
    treated, unit = table.pop("treated"), pd.factorize(table.pop("unit"))[0]
    torn = in_both_arms(treated, unit)
    if torn.any():
        treated, unit = treated[~torn], unit[~torn]
        table = {name: one[~torn] for name, one in table.items()}
    for arm, count in zip(pair, (int(treated.sum()), int((~treated).sum())), strict=True):
        if count < 2:  # noqa: PLR2004 - one alone has no spread
            raise BadInput(
                f"Arm {arm} has {count} customers who bought lately; expected at least 2 to compare. Wait until the arms "
                "have more, or name another arm."
            )
    crossed = int(table.pop("crossed").sum())
    table.setdefault("figures", None)
    return ComparedArms(
        **table,
        arms=Arms.of(treated, unit),
        crossed=crossed,
        torn=int(torn.sum()),
        silent_stores=silent_stores,
    )
