"""What a night published, as the world and the scores want it: rows of households and products, days from day 0."""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.bundle import Kind
from engine.nightly.folder.run_folder import RunFolder
from models.tables import CUSTOMER_ID, EXPECTED_COST_MILLI, ITEM_ID, OFFER_ID
from training.simulator.scores.lived import offers_of
from training.simulator.world.offers_and_lines import PersonalOffers


def published(
    run: RunFolder, customers: "pd.Index[str]", products: "pd.Index[str]", first_no: int, day_0: pd.Timestamp
) -> pd.DataFrame:
    """The run's offers as OFFER_COLUMNS, sorted by household, with the store's `offer_id` beside.

    Args:
        run: a published run.
        customers, products: ids, in the world's order.
        first_no: number of the first offer.
        day_0: midnight of the first night.
    """
    slots = pd.concat([pd.read_parquet(file) for file in run.slot_files()], ignore_index=True)
    slots = slots.assign(household=customers.get_indexer(pd.Index(slots[CUSTOMER_ID])))
    slots = slots.sort_values(["household", "slot"], kind="stable", ignore_index=True)
    day = timedelta(days=1)
    return offers_of(
        offer_no=first_no + np.arange(len(slots)),
        household=slots["household"],
        product=products.get_indexer(pd.Index(slots[ITEM_ID])),
        discount_bp=slots["discount_bp"],
        max_units=slots["max_units"],
        first_day=(slots["valid_from"] - day_0) // day,
        end_day=(slots["valid_to"] - day_0) // day,
        is_new=slots["kind"] != Kind.PREFERRED.value,
        expected_cost_milli=slots[EXPECTED_COST_MILLI],
    ).assign(offer_id=slots[OFFER_ID])


def open_on(offers: pd.DataFrame, day: int, redeemed: npt.NDArray[np.int64]) -> PersonalOffers:
    """The offers that a till would take on a day; what was redeemed is gone."""
    valid = (offers["first_day"] <= day) & (day < offers["end_day"]) & ~offers["offer_no"].isin(redeemed)
    rows = offers[valid]
    columns = ("household", "product", "discount_bp", "max_units", "offer_no")
    return PersonalOffers(*(rows[name].to_numpy(dtype=np.int64) for name in columns))
