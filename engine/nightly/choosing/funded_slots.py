"""Which of the final places a supplier pays a part of, by which terms: frozen with the offers that are published."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from engine.domain.funding import Funding
from engine.nightly.choosing.offer_options import expected_milli
from engine.nightly.shelf.assortment import Assortment
from engine.nightly.shelf.funded_items import NO_CAP, FundedItems
from models.tables import BUNDLE_ID, CUSTOMER_ID, EXPECTED_UNITS, ITEM_ID, P_BUY


def funded_slots(slots: pd.DataFrame, assortment: Assortment, funded: FundedItems) -> pd.DataFrame:
    """The terms of funded places, as `models.tables.FUNDED_LOG`.

    Args:
        slots: a bucket's final ones, as `models.tables.SLOT_LOG`.
        assortment: by which they were chosen.
        funded: what its suppliers pay.
    """
    item_no = pd.Index(assortment.item_id).get_indexer(pd.Index(slots[ITEM_ID]))
    depth = np.searchsorted(assortment.depths_bp, slots["discount_bp"].to_numpy(dtype=np.int64))
    paid = (assortment.discount_minor - assortment.own_minor)[item_no, depth]
    uses = (slots[P_BUY] * slots[EXPECTED_UNITS]).to_numpy(dtype=np.float64)
    agreement = funded.agreement_no[item_no]
    names = [*funded.agreements, ("", "")]
    cap = funded.unit_cap_minor[item_no]
    found = pd.DataFrame(
        {
            CUSTOMER_ID: slots[CUSTOMER_ID],
            BUNDLE_ID: slots[BUNDLE_ID],
            "slot": slots["slot"],
            "funder": [names[number][0] for number in agreement],
            "agreement": [names[number][1] for number in agreement],
            "funded_bp": funded.funded_bp[item_no],
            "unit_cap_minor": pd.Series(cap, dtype="Int64").mask(cap == NO_CAP),
            "funded_milli": expected_milli(uses, paid),
        }
    )
    return found[agreement >= 0].reset_index(drop=True)


def fundings_by_bundle(rows: pd.DataFrame) -> Mapping[str, Mapping[int, Funding]]:
    """The terms by bundle and place."""
    found: dict[str, dict[int, Funding]] = {}
    for bundle, slot, funding in _fundings(rows):
        found.setdefault(bundle, {})[slot] = funding
    return found


def _fundings(rows: pd.DataFrame) -> Iterator[tuple[str, int, Funding]]:
    for one in rows.to_dict("records"):
        cap = None if pd.isna(one["unit_cap_minor"]) else int(one["unit_cap_minor"])
        terms = Funding(one["funder"], one["agreement"], one["funded_bp"], cap, one["funded_milli"])
        yield one[BUNDLE_ID], one["slot"], terms
