import numpy as np
import pytest

from engine.nightly.choosing.reason_codes import REASONS, find_reasons
from engine.wording.analyst_sentences import OF_REASONS
from engine.wording.customer_sentences import PLACEHOLDERS
from tests.engine.nightly.bucket import candidates


def reason(has_family: bool = True, **columns: float) -> tuple[str, int]:
    code, number = find_reasons(candidates([0.5], **columns), np.array([has_family]))
    return REASONS[code[0]], int(number[0])


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"buys": 5, "item_gap_days": 6.4, "item_overdue": 0.75}, ("due_now", 6)),
        ({"buys": 5, "item_gap_days": 6.0, "item_overdue": 2.0}, ("due_now", 6)),
        ({"buys": 5, "item_gap_days": 6.0, "item_overdue": 0.7}, ("bought_often", 5)),
        ({"buys": 5, "item_gap_days": 6.0, "item_overdue": 2.1, "days_since_buy": 13.0}, ("overdue", 13)),
        ({"buys": 5, "item_gap_days": 6.0, "item_overdue": 4.1, "days_since_buy": 25.0}, ("bought_often", 5)),
        ({"buys": 5, "item_gap_days": 0.2, "item_overdue": 1.0}, ("bought_often", 5)),
        ({"buys": 2, "item_gap_days": 6.0, "days_since_buy": 6.0}, ("bought_before", 2)),
        ({"buys": 1, "item_gap_days": np.nan, "days_since_buy": 6.0}, ("bought_before", 1)),
        ({"buys": 0, "item_gap_days": np.nan, "days_since_buy": np.nan}, ("new_in_family", 3)),
        ({"buys": 0, "sources": 66, "item_gap_days": np.nan, "days_since_buy": np.nan}, ("new_on_shelf", 3)),
        ({"buys": 0, "family_buys": 0, "sources": 16, "item_gap_days": np.nan}, ("goes_with", 40)),
        ({"buys": 0, "family_buys": 0, "sources": 36, "item_gap_days": np.nan}, ("rising", 40)),
        ({"buys": 0, "family_buys": 0, "sources": 8, "item_gap_days": np.nan}, ("alike", 40)),
        ({"buys": 0, "family_buys": 0, "item_gap_days": np.nan, "days_since_buy": np.nan}, ("popular", 40)),
        ({"buys": 0, "family_buys": 0, "buyers_28d": 9, "item_gap_days": np.nan}, ("something_new", 9)),
    ],
)
def test_a_reason_is_the_strongest_thing_the_data_says(
    columns: dict[str, float], expected: tuple[str, int]
) -> None:
    assert reason(**columns) == expected


def test_a_family_without_a_name_is_not_named() -> None:
    assert reason(has_family=False, buys=0) == ("popular", 40)


def test_every_reason_and_no_other_has_sentences_for_customer_and_analyst() -> None:
    assert set(REASONS) == set(PLACEHOLDERS) == set(OF_REASONS)
