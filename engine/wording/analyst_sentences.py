"""What an analyst reads: why an item is in a bundle, and where a customer stands.

English in every shop, like the names of the columns beside which it stands; codes and numbers are exported too.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from engine.wording.spoken_words import counted

OF_REASONS = {
    "due_now": "mean gap {n} days, by its rhythm between 0.75 and 2 usual gaps after the last purchase",
    "overdue": "not bought for {n} days, by its rhythm between 2 and 4 usual gaps",
    "bought_often": "bought on {n} days, not due by its own rhythm",
    "bought_before": "bought on {n} days",
    "new_on_shelf": "never bought, new on the shelf, {family} bought on {n} days of the last 84",
    "new_in_family": "never bought, {family} bought on {n} days of the last 84",
    "alike": "never bought, bought by customers with a similar history, {n} customers bought it in the last 28 days",
    "goes_with": "never bought, often bought next time after what they buy, {n} customers bought it in the last 28 days",
    "rising": "never bought, more buyers last week than in a usual one, {n} customers bought it in the last 28 days",
    "popular": "never bought, {n} customers bought it in the last 28 days",
    "something_new": "never bought, {n} customers bought it in the last 28 days",
}
# What is read of a customer for whom a flag of `models.tables.STANDINGS` is up.
OF_FLAGS = {
    "at_a_loss": "served at a loss: margin {margin_minor} in the period",
    "deal_only": "deals only: {deal_share_bp} bp of their buys with a discount",
    "at_height": "at the height of their consumption: a deeper discount has nothing left to raise",
    "reward_alarm": "rewards replace habit: discount share {discount_share_before_bp} to {discount_share_bp} bp, "
    "fewer buys at full price",
}


def reason_sentence(code: str, number: int, family: str) -> str:
    """Return the analyst's sentence for a reason."""
    return OF_REASONS[code].format(n=number, family=family)


def standing_sentences(people: pd.DataFrame) -> list[str]:
    """Return the sentence about every customer: their rung, their loyalty, and what is wrong with it.

    Args:
        people: rows of `models.tables.STANDINGS`.

    """
    return [_standing(dict(zip(people.columns, row, strict=True))) for row in people.itertuples(index=False)]


def _standing(one: Mapping[str, Any]) -> str:
    rung = str(one["ladder"]).replace("_", " ")
    if pd.isna(one["visits"]):
        return f"{rung}: known, never bought"
    basis = "by their answer" if one["loyalty_answered"] else "by behaviour"
    kind = "no loyalty" if one["loyalty"] == "none" else f"{one['loyalty']} loyalty"
    visits, days = (
        counted(one["visits"], "visit", "visits"),
        counted(one["days_since_visit"], "day", "days"),
    )
    parts = [
        f"{rung}: {visits}, the last {days} ago",
        f"usual gap {counted(round(one['visit_gap_days']), 'day', 'days')}",
        f"{kind} {basis}",
        *(text.format_map(one) for flag, text in OF_FLAGS.items() if one[flag]),
    ]
    return "; ".join(parts)
