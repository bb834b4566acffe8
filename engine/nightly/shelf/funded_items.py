"""Which items a supplier funds tonight, and by which agreement: one for each item.

An agreement counts where it covers every day on which tonight's bundles may be used, so that no redemption falls outside it,
and while more than a hundredth of its budget is left: the last crumbs would keep its items from nearly everybody, so from
then on they are offered as if nobody paid. Of several a product's own row comes before its family's, then the larger part,
then funder and agreement in the order of their names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.budget import MILLI
from engine.domain.money import WHOLE_BP
from models.features.catalogue import PRODUCT_LEVEL, Catalogue
from models.tables import FAMILY_LEVELS, ITEM_ID, PRODUCT_ID

NOBODY = -1
NO_CAP = -1
_CRUMBS = 100

Numbers = npt.NDArray[np.int64]
Agreement = tuple[str, str]  # funder and name


@dataclass(frozen=True)
class FundedItems:
    """What is funded of I items, by A agreements.

    Attributes:
        agreements: (A,) in the order of their names, only those that fund an item tonight.
        budget_minor, promised_milli, left_milli: (A,) what each pays at most, what earlier nights promised of it, and the rest.
        agreement_no: (I,) place of the item's agreement; NOBODY where it has none.
        funded_bp: (I,) part of the discount.
        unit_cap_minor: (I,) most of one unit's discount; NO_CAP where nothing is said.
    """

    agreements: tuple[Agreement, ...]
    budget_minor: Numbers
    promised_milli: Numbers
    left_milli: Numbers
    agreement_no: Numbers
    funded_bp: Numbers
    unit_cap_minor: Numbers

    def of_unit(self, discount_minor: Numbers) -> Numbers:
        """(I, D) what the funder pays of (I, D) discounts of one unit, rounded down."""
        part = discount_minor * self.funded_bp[:, None] // WHOLE_BP
        cap = self.unit_cap_minor[:, None]
        return np.where(cap == NO_CAP, part, np.minimum(part, cap))


def funded_items(
    fundings: pd.DataFrame,
    catalogue: Catalogue,
    first: date,
    last: date,
    promised_milli: Mapping[Agreement, int],
) -> FundedItems | None:
    """What is funded of a catalogue's items from a first to a last local day; None where nothing is.

    Args:
        fundings: rows as `models.tables.STORED_FUNDINGS`.
        catalogue: the night's items.
        first, last: days on which tonight's bundles may be used.
        promised_milli: what earlier nights promised of each agreement's budget, thousandths of a minor unit.
    """
    covers = (pd.to_datetime(fundings["starts_on"]) <= pd.Timestamp(first)) & (
        pd.to_datetime(fundings["ends_on"]) >= pd.Timestamp(last)
    )
    rows = [
        row
        for row in fundings[covers].to_dict("records")
        if _left(row, promised_milli) * _CRUMBS > row["budget_minor"] * MILLI
    ]
    rows.sort(key=lambda row: (pd.isna(row[PRODUCT_ID]), -row["funded_bp"], *_name(row), _cap(row)))
    by_product: dict[str, dict[Any, Any]] = {}
    by_family: dict[str, dict[Any, Any]] = {}
    for row in rows:
        if pd.isna(row[PRODUCT_ID]):
            by_family.setdefault(row["family"], row)
        else:
            by_product.setdefault(row[PRODUCT_ID], row)
    found = [_of_item(item, by_product, by_family, catalogue) for item in catalogue.items.to_dict("records")]
    used = sorted({_name(row) for row in found if row is not None})
    if not used:
        return None
    place = {name: number for number, name in enumerate(used)}
    budget = {_name(row): int(row["budget_minor"]) for row in rows}
    budgets = np.array([budget[name] for name in used], dtype=np.int64)
    promised = np.array([promised_milli.get(name, 0) for name in used], dtype=np.int64)
    return FundedItems(
        agreements=tuple(used),
        budget_minor=budgets,
        promised_milli=promised,
        left_milli=budgets * MILLI - promised,
        agreement_no=np.array(
            [NOBODY if row is None else place[_name(row)] for row in found], dtype=np.int64
        ),
        funded_bp=np.array([0 if row is None else row["funded_bp"] for row in found], dtype=np.int64),
        unit_cap_minor=np.array([NO_CAP if row is None else _cap(row) for row in found], dtype=np.int64),
    )


def _of_item(
    item: Mapping[Any, Any],
    by_product: Mapping[str, dict[Any, Any]],
    by_family: Mapping[str, dict[Any, Any]],
    catalogue: Catalogue,
) -> dict[Any, Any] | None:
    if catalogue.item_level == PRODUCT_LEVEL and item[ITEM_ID] in by_product:
        return by_product[item[ITEM_ID]]
    levels = [item[level] for level in reversed(FAMILY_LEVELS) if isinstance(item.get(level), str)]
    rows = [by_family[name] for name in levels if name in by_family]
    return min(rows, key=lambda row: (-row["funded_bp"], _name(row)), default=None)


def _left(row: Mapping[Any, Any], promised_milli: Mapping[Agreement, int]) -> int:
    return int(row["budget_minor"]) * MILLI - promised_milli.get(_name(row), 0)


def _name(row: Mapping[Any, Any]) -> Agreement:
    return str(row["funder"]), str(row["agreement"])


def _cap(row: Mapping[Any, Any]) -> int:
    return NO_CAP if pd.isna(row["unit_cap_minor"]) else int(row["unit_cap_minor"])
