"""What a policy is told of a customer beside their chance of leaving: rhythm, margin, and their own offers of late."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.nightly.choosing.offer_options import CUSTOMER_FACTS, DAYS_A_WEEK
from models.tables import CUSTOMER_ID, CUSTOMER_NO

# For whom a deeper discount has nothing to win: none of them deepens an offer.
MARKS = ("at_a_loss", "deal_only", "at_height", "reward_alarm")
OFFERS_SEEN, OFFERS_USED = "offers_seen", "offers_used"


def customer_facts(lifecycle: pd.DataFrame, period_days: int, lately: pd.DataFrame) -> pd.DataFrame:
    """CUSTOMER_FACTS of everybody known, index customer_no; NaN where a fact is not known.

    Since when a customer is exposed no night keeps yet: `weeks_exposed` is unknown throughout.

    Args:
        lifecycle: customer_no, customer_id, visits, visits_in_period, visit_gap_days, margin_minor (of the period, after
            discounts) and MARKS as `models.customers.lifecycle` says; NaN for who never bought.
        period_days: length of the period.
        lately: customer_id, offers_seen and offers_used of those whose offers ended lately.

    """
    visits = lifecycle["visits_in_period"].to_numpy(dtype=np.float64)
    # Of who came first within the period nobody knows how long they would have come before.
    is_new = visits == lifecycle["visits"].to_numpy(dtype=np.float64)
    by_cycle = _over(DAYS_A_WEEK, lifecycle["visit_gap_days"].to_numpy(dtype=np.float64))
    told = lifecycle[[CUSTOMER_NO, CUSTOMER_ID]].merge(
        lately, on=CUSTOMER_ID, how="left", validate="one_to_one"
    )
    facts = {
        "visits_per_week": np.where(is_new, by_cycle, visits * DAYS_A_WEEK / period_days),
        "margin_per_visit_minor": _over(lifecycle["margin_minor"].to_numpy(dtype=np.float64), visits),
        "weeks_exposed": np.full(len(lifecycle), np.nan),
        OFFERS_SEEN: told[OFFERS_SEEN].to_numpy(dtype=np.float64),
        OFFERS_USED: told[OFFERS_USED].to_numpy(dtype=np.float64),
        "marked": lifecycle[list(MARKS)].to_numpy(dtype=np.bool_).any(axis=1),
    }
    index = pd.Index(lifecycle[CUSTOMER_NO].to_numpy(), name=CUSTOMER_NO)
    return pd.DataFrame(facts, index=index, columns=list(CUSTOMER_FACTS))


def _over(
    amount: float | npt.NDArray[np.float64], number: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Amount by number, NaN where there is none of it."""
    return np.asarray(amount / np.where(number > 0, number, np.nan), dtype=np.float64)
