"""A bucket written out by hand: items, customers, candidates and a night to try rules on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.nightly.choosing.offer_options import Context, build_options
from engine.nightly.night import Night
from engine.nightly.shelf.assortment import build_assortment
from engine.programme import Programme, parse_programme, programme_text

AS_OF = datetime(2017, 12, 4, tzinfo=UTC)


def programme(*changes: tuple[str, str]) -> Programme:
    """Return the shipped programme with pieces of its text replaced; nobody is held out unless asked for."""
    text = programme_text().replace("share = 0.10", "share = 0.0")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return parse_programme(text, "a changed programme")


def night(rules: Programme | None = None, *, as_of: datetime = AS_OF, timezone: str = "UTC") -> Night:
    return Night("2017-12-04.1", as_of, timezone, rules or programme(), "v1", "depth_rule")


def items(prices: Sequence[float], **columns: Any) -> pd.DataFrame:
    """One row an item, named a, b, c...; columns not given are empty."""
    names = [chr(ord("a") + number) if number < 26 else f"item {number}" for number in range(len(prices))]
    frame = pd.DataFrame(
        {
            "item_id": names,
            "name": [f"Item {name}" for name in names],
            "family_1": "GROCERY",
            "family_2": "BREAD",
            "family_3": None,
            "family_4": None,
            "price_minor": np.array(prices, dtype=np.float64),
            "cost_minor": np.nan,
            "flags": "",
        }
    )
    return frame.assign(**columns)


def customers(count: int = 1, **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "customer_no": np.arange(count, dtype=np.int32),
            "customer_id": [f"c{number}" for number in range(count)],
            "p_churn": 0.1,
            "p_churn_long": 0.05,
            "p_partial": 0.2,
            "churn_reasons": None,
            "next_visit_days": 4.0,
            "days_since_visit": 3.0,
        }
    )
    return frame.assign(**columns)


def candidates(p_buy: Sequence[float], **columns: Any) -> pd.DataFrame:
    """Candidates of customer 0, one an item in the order of the items, likeliest first."""
    count = len(p_buy)
    frame = pd.DataFrame(
        {
            "customer_no": np.zeros(count, dtype=np.int32),
            "item_no": np.arange(count, dtype=np.int32),
            "p_buy": np.array(p_buy, dtype=np.float64),
            "p_repeat": np.nan,
            "expected_units": 1.0,
            "buys": 5,
            "days_since_buy": 6.0,
            "item_gap_days": 6.0,
            "item_overdue": 1.0,
            "family_buys": 3,
            "buyers_28d": 40,
            "sources": np.uint8(1),
        }
    )
    return frame.assign(**columns)


def options(
    prices: Sequence[float],
    p_buy: Sequence[float],
    rules: Programme | None = None,
    *,
    item_columns: dict[str, Any] | None = None,
    customer_columns: dict[str, Any] | None = None,
    **columns: Any,
) -> Context:
    """Options of one customer on the items at these prices."""
    rules = rules or programme()
    assortment = build_assortment(items(prices, **(item_columns or {})), rules)
    return build_options(
        customers(**(customer_columns or {})),
        candidates(p_buy, **columns),
        assortment,
        max_units=rules.bundle.max_units,
        seed=rules.seed,
        churn_horizon_days=rules.prediction.churn_horizon_days,
        day=AS_OF.date(),
    )


def levels_taken(reach: npt.NDArray[np.int64], shadow_price_index: int) -> npt.NDArray[np.int64]:
    """The level (column) of each customer as a settled night takes it: the last one that is still reached."""
    still = np.where(reach > shadow_price_index, reach, reach.max() + 1)
    return np.asarray(still.argmin(axis=1))
