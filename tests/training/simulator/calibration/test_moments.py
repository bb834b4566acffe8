import numpy as np
import pandas as pd
import pytest

from training.simulator.calibration.moments import BACKGROUND, FIGURES, moments


def _sales(days_of: dict[int, list[int]], product: int = 5, discount: int = 0) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "customer": customer,
                "day": day,
                "product": product,
                "family": "TEA",
                "quantity_milli": 1000,
                "paid_minor": 100 - discount,
                "discount_minor": discount,
            }
            for customer, days in days_of.items()
            for day in days
        ]
    )


def test_gaps_are_counted_in_days_between_visits_of_one_household() -> None:
    found = moments(_sales({1: [0, 1, 3, 3, 7], 2: [5, 27]}))  # gaps 1, 2, 4 and 22
    assert [found[f"gap_{share}"] for share in (25, 50, 75, 90, 95)] == [1, 2, 4, 22, 22]
    assert [found[f"gaps_within_{days}"] for days in (1, 2, 4, 7, 22)] == [0.25, 0.5, 0.75, 0.75, 1.0]


def test_who_does_not_come_after_a_cut_is_silent() -> None:
    # Cuts lie on days 336, 308, 280 and 252. At 336 both households are eligible and 1 stays away; at 308 both come
    # back; 2 is eligible at 280 and 252 only by its visits before, and always returns.
    found = moments(_sales({1: [200, 240, 255, 290, 320], 2: [200, 251, 260, 285, 310, 340]}))
    assert found["silent_28"] == pytest.approx((1 / 2 + 0 + 0 + 0) / 4)


def test_one_visit_or_a_long_absence_makes_nobody_eligible_for_silence() -> None:
    found = moments(_sales({1: [300], 2: [10, 100]}))
    assert np.isnan(found["silent_28"])


def test_sales_on_deal_are_weighed_by_the_money_paid() -> None:
    sales = pd.concat([_sales({1: [0, 9]}), _sales({2: [0]}, discount=20)])  # 200 at full price, 80 on deal
    assert moments(sales)["on_deal"] == pytest.approx(80 / 280)


def test_an_item_repeats_once_the_household_had_it_on_an_earlier_day() -> None:
    sales = pd.concat([_sales({1: [100, 300]}), _sales({1: [300]}, product=6)])
    assert moments(sales)["repeat_share"] == 0.5


def test_what_cannot_be_told_is_not_a_number() -> None:
    found = moments(_sales({1: [0, 1]}))
    assert list(found) == [figure.key for figure in (*FIGURES, *BACKGROUND)]
    assert np.isnan(found["elasticity_mean"])
    assert np.isnan(found["lift_9+"])


def test_the_background_counts_visits_and_items() -> None:
    found = moments(pd.concat([_sales({1: [0, 9], 2: [3]}, discount=25), _sales({1: [0]}, product=6)]))
    assert (found["visits_a_year_50"], found["items_a_visit"]) == (1.5, pytest.approx(4 / 3))
    assert found["deal_depth"] == pytest.approx(0.25)
