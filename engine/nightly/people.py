"""Where every known customer stands, as the night writes it: the owner's thresholds in, one row a customer out."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from engine.domain.arms import arm_of
from engine.nightly.night import Night
from engine.programme import Programme
from models.features.habits import Margins
from models.loyalty import LoyaltyRules
from models.standing import StandingRules
from models.tables import FAMILY_LEVELS, STANDINGS

_TYPES = {"VARCHAR": "str", "BIGINT": "Int64", "DOUBLE": "float64", "BOOLEAN": "bool"}


def standing_rules(programme: Programme, items: pd.DataFrame, answers: Path | None) -> StandingRules:
    """What it takes to say where a customer stands.

    Args:
        programme: thresholds and assumed margins.
        items: the catalogue's: index item_no, family_1..4, cost_minor (NaN where unknown).
        answers: the load's survey answers, where the shop gave any.
    """
    families = items[list(FAMILY_LEVELS)].drop_duplicates().astype(object)
    named = [tuple(name for name in row if isinstance(name, str)) for row in families.to_numpy()]
    assumed = families.assign(assumed_bp=[programme.assumed_margin_bp.of(names) for names in named])
    items_bp = items[list(FAMILY_LEVELS)].astype(object).merge(assumed, on=list(FAMILY_LEVELS), how="left")
    margins = pd.DataFrame(
        {
            "item_no": np.arange(len(items), dtype=np.int32),
            "cost_minor": items["cost_minor"].to_numpy(np.float64),
            "assumed_bp": items_bp["assumed_bp"].to_numpy(np.int64),
        }
    )
    thresholds = programme.loyalty
    return StandingRules(
        loyalty=LoyaltyRules(
            **{field.name: getattr(thresholds, field.name) for field in fields(LoyaltyRules)}
        ),
        margins=Margins(margins, programme.assumed_margin_bp.default, thresholds.period_days),
        answers=None if answers is None else pd.read_parquet(answers),
    )


def people_table(standing: pd.DataFrame, night: Night) -> pd.DataFrame:
    """`models.standing.standings` with arms, as STANDINGS: money in whole minor units, null where nothing is known."""
    share = night.programme.holdout.share
    table = standing.assign(
        arm=[arm_of(customer_id, night.arms_salt, share).value for customer_id in standing["customer_id"]]
    )
    for column in STANDINGS.columns:
        if column.name not in table:
            table[column.name] = np.nan
        if column.sql_type == "BIGINT":
            table[column.name] = table[column.name].astype("float64").round().astype("Int64")
    table["margin_assumed"] = table["margin_assumed"].eq(True)
    return table[list(STANDINGS.names)].astype({one.name: _TYPES[one.sql_type] for one in STANDINGS.columns})
