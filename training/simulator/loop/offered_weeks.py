"""What the households of the fast loop were offered before, as a night's rules of rotation read it."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.nightly.choosing.offer_options import Context
from engine.nightly.shelf.assortment import Assortment
from engine.nightly.shelf.offered_before import COLUMNS, nothing_offered
from engine.nightly.shelf.rotation import RotationRules, rotation_rules
from engine.nightly.shelf.variety import Limits
from engine.programme import Programme
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_ID, ITEM_NO


def rotation_of(
    programme: Programme,
    assortment: Assortment,
    offers: pd.DataFrame,
    redeemed: npt.NDArray[np.int64],
    customer_id: npt.NDArray[np.object_],
    today: int,
) -> RotationRules:
    """The rules of a programme tonight; nothing where it asks nothing.

    Args:
        programme: the loop's.
        assortment: its products, whose finest families are the loop's only ones.
        offers: all of the nights before, OFFER_COLUMNS.
        redeemed: numbers of those that were used.
        customer_id: of the world's households.
        today: day on which tonight's bundles begin, as `offers` count days.
    """
    section = programme.rotation
    if section is None:
        return RotationRules()
    offered = nothing_offered()
    if section.remembers and len(offers):
        late = offers[offers["end_day"] > today - section.memory_days]
        offered = pd.DataFrame(
            {
                CUSTOMER_ID: customer_id[late["household"]],
                ITEM_ID: assortment.item_id[late["product"]],
                "bundles_ago": late.groupby("household")["first_day"]
                .rank(method="dense", ascending=False)
                .astype("int64"),
                "begun_days": today - late["first_day"],
                "ended_days": today - late["end_day"],
                "used": late["offer_no"].isin(redeemed),
                "shadow": False,
            }
        )[list(COLUMNS)]
    return rotation_rules(
        section.model_copy(update={"family_level": None}), offered, assortment, pd.DataFrame()
    )


def limits_of(
    rules: RotationRules, context: Context, household: npt.NDArray[np.int64], assortment: Assortment
) -> Limits | None:
    """What bundles as a whole keep to, for a night's candidates."""
    if rules.variety is None:
        return None
    customers = pd.DataFrame({CUSTOMER_NO: household, CUSTOMER_ID: context.customer_id})
    candidates = pd.DataFrame({CUSTOMER_NO: household[context.customer], ITEM_NO: context.item_no})
    return rules.variety.limits(customers, candidates, assortment.item_id)
