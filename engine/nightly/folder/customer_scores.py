"""Where every known customer stands, as the night writes it: the owner's thresholds in, one row a customer out."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from engine.programme import Programme
from models.customers.lifecycle import LifecycleRules
from models.customers.loyalty import LoyaltyRules
from models.features.habits import margins_of
from models.tables import CUSTOMER_ID, STANDINGS
from models.tables.typed_frames import typed


def lifecycle_rules(programme: Programme, items: pd.DataFrame, answers: Path | None) -> LifecycleRules:
    """What it takes to say where a customer stands.

    Args:
        programme: thresholds and assumed margins.
        items: the catalogue's: index item_no, family_1..4, cost_minor (NaN where unknown).
        answers: the load's survey answers, where the shop gave any.
    """
    thresholds = programme.loyalty
    return LifecycleRules(
        # By name, so that a threshold which only one of the two has is refused here.
        loyalty=LoyaltyRules(**thresholds.model_dump()),
        margins=margins_of(items, programme.assumed_margin_bp.of, thresholds.period_days),
        answers=None if answers is None else pd.read_parquet(answers),
    )


def customer_scores(lifecycle: pd.DataFrame, arms: Mapping[str, str]) -> pd.DataFrame:
    """`models.customers.lifecycle.lifecycle` with arms, as STANDINGS: money in whole minor units, null where nothing is known."""
    table = lifecycle.assign(arm=[arms[customer_id] for customer_id in lifecycle[CUSTOMER_ID]])
    whole = {column.name for column in STANDINGS.columns if column.sql_type == "BIGINT"}
    for name in STANDINGS.names:
        if name not in table:
            table[name] = np.nan
        if name in whole:
            table[name] = table[name].astype("float64").round()
    table["margin_assumed"] = table["margin_assumed"].eq(True)
    return typed(table, STANDINGS, nullable=whole)
