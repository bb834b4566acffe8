import numpy as np
import pandas as pd
import pytest

from models.items.candidates import SOURCES
from models.items.prospects import with_prospects

POPULAR, OWN = SOURCES["popular"], SOURCES["own_history"]
# 0 has come once, 2 often; both have the popular items 7 and 9 among their candidates.
CUSTOMERS = pd.DataFrame(
    {
        "customer_no": np.array([0, 2], dtype=np.int32),
        "p_churn": [0.5, 0.1],
        "visits": np.array([1, 40], dtype=np.int32),
        "days_since_visit": np.array([3, 2], dtype=np.float32),
    }
)
CANDIDATES = pd.DataFrame(
    {
        "customer_no": np.array([0, 0, 2, 2, 2], dtype=np.int32),
        "item_no": np.array([9, 7, 5, 7, 9], dtype=np.int32),
        "p_buy": [0.04, 0.02, 0.9, 0.8, 0.7],
        "expected_units": np.array([1.5, 1.0, 2.0, 3.0, 2.0], dtype=np.float32),
        "buys": np.array([0, 1, 30, 20, 10], dtype=np.int32),
        "days_since_buy": np.array([np.nan, 3, 2, 2, 2], dtype=np.float32),
        "family_buys": np.array([0, 1, 30, 20, 10], dtype=np.int32),
        "buyers_28d": np.array([50, 60, 5, 60, 50], dtype=np.int32),
        "sources": np.array([POPULAR, POPULAR | OWN, OWN, POPULAR | OWN, POPULAR | OWN], dtype=np.uint8),
    }
)


def test_a_prospect_has_a_newcomers_chances_on_the_most_bought_items() -> None:
    customers, candidates = with_prospects(CUSTOMERS, CANDIDATES, np.array([1]))
    assert customers["customer_no"].tolist() == [0, 1, 2]
    own = candidates[candidates["customer_no"] == 1]
    assert own["item_no"].tolist() == [9, 7]
    assert own["p_buy"].tolist() == pytest.approx([0.04, 0.02])
    assert own[["buys", "family_buys"]].to_numpy().tolist() == [[0, 0], [0, 0]]


def test_what_is_not_known_of_a_prospect_is_missing() -> None:
    customers, candidates = with_prospects(CUSTOMERS, CANDIDATES, np.array([1]))
    prospect = customers.set_index("customer_no").loc[1]
    assert np.isnan(prospect["days_since_visit"])
    assert np.isnan(prospect["p_churn"])
    assert candidates.loc[candidates["customer_no"] == 1, "days_since_buy"].isna().all()


def test_everybody_else_and_all_types_stay_as_they_were() -> None:
    customers, candidates = with_prospects(CUSTOMERS, CANDIDATES, np.array([1]))
    others = candidates[candidates["customer_no"] != 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, CANDIDATES)
    assert customers.dtypes.equals(CUSTOMERS.dtypes)


def test_a_bucket_without_newcomers_takes_everybodys_chances() -> None:
    often = CUSTOMERS[CUSTOMERS["visits"] > 1].reset_index(drop=True)
    theirs = CANDIDATES[CANDIDATES["customer_no"] == 2].reset_index(drop=True)
    _, candidates = with_prospects(often, theirs, np.array([1]))
    assert candidates.loc[candidates["customer_no"] == 1, "p_buy"].tolist() == pytest.approx([0.8, 0.7])


def test_where_nobody_was_scored_nobody_is_added() -> None:
    customers, candidates = with_prospects(CUSTOMERS.iloc[:0], CANDIDATES.iloc[:0], np.array([1]))
    assert (len(customers), len(candidates)) == (0, 0)
