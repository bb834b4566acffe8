"""Where every known customer stands, as the night writes it: the owner's thresholds in, one row a customer out."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from engine.domain.arms import arm_of
from engine.nightly.night import Night
from engine.programme import Programme
from models.customers.lifecycle import LifecycleRules
from models.customers.loyalty import LoyaltyRules
from models.features.habits import margins_of
from models.tables import CUSTOMER_ID, STANDINGS

_TYPES = {"VARCHAR": "str", "BIGINT": "Int64", "DOUBLE": "float64", "BOOLEAN": "bool"}


def lifecycle_rules(programme: Programme, items: pd.DataFrame, answers: Path | None) -> LifecycleRules:
    """What it takes to say where a customer stands.

    Args:
        programme: thresholds and assumed margins.
        items: the catalogue's: index item_no, family_1..4, cost_minor (NaN where unknown).
        answers: the load's survey answers, where the shop gave any.
    """
    thresholds = programme.loyalty
    return LifecycleRules(
        loyalty=LoyaltyRules(
            **{field.name: getattr(thresholds, field.name) for field in fields(LoyaltyRules)}
        ),
        margins=margins_of(items, programme.assumed_margin_bp.of, thresholds.period_days),
        answers=None if answers is None else pd.read_parquet(answers),
    )


def customer_scores(lifecycle: pd.DataFrame, night: Night) -> pd.DataFrame:
    """`models.customers.lifecycle.lifecycle` with arms, as STANDINGS: money in whole minor units, null where nothing is known."""
    share = night.programme.holdout.share
    table = lifecycle.assign(
        arm=[arm_of(customer_id, night.arms_salt, share).value for customer_id in lifecycle[CUSTOMER_ID]]
    )
    for column in STANDINGS.columns:
        if column.name not in table:
            table[column.name] = np.nan
        if column.sql_type == "BIGINT":
            table[column.name] = table[column.name].astype("float64").round().astype("Int64")
    table["margin_assumed"] = table["margin_assumed"].eq(True)
    return table[list(STANDINGS.names)].astype({one.name: _TYPES[one.sql_type] for one in STANDINGS.columns})
