import numpy as np
import pandas as pd
import pytest

from training.simulator.calibration.observed_response import (
    conditional_poisson,
    family_elasticities,
    lift_by_loyalty,
)
from training.simulator.calibration.sales import opened

DEAL_WEEKS = range(0, 52, 4)  # every fourth week at 20 % off


def _line(customer: int, day: int, product: int, off: int = 0, units: int = 1) -> dict[str, object]:
    return {
        "customer": customer,
        "day": day,
        "product": product,
        "family": "TEA",
        "quantity_milli": 1000 * units,
        "paid_minor": units * (100 - off),
        "discount_minor": units * off,
    }


def test_a_slope_is_found_from_counts_that_follow_it_exactly() -> None:
    counts = np.array([10.0, 20.0, 300.0, 600.0])  # half the price, twice as many, in two strata
    slope = conditional_poisson(
        np.array([0, 0, 1, 1]), counts, np.full(4, 1000.0), np.log([1.0, 0.5, 1.0, 0.5])
    )
    assert slope == pytest.approx(-1.0)


def test_a_stratum_with_more_households_is_not_mistaken_for_a_response() -> None:
    slope = conditional_poisson(
        np.array([0, 0]), np.array([10.0, 40.0]), np.array([100.0, 400.0]), np.log([1.0, 0.5])
    )
    assert slope == pytest.approx(0.0)


def test_where_no_price_ever_moved_no_slope_is_claimed() -> None:
    slope = conditional_poisson(np.array([0, 0]), np.array([1.0, 2.0]), np.array([9.0, 9.0]), np.zeros(2))
    assert np.isnan(slope)


def test_a_family_that_doubles_at_half_price_has_elasticity_minus_one() -> None:
    rows = [
        _line(0, 7 * week, 999, units=1000) for week in range(52)
    ]  # the rest of the shop, so large that it is flat
    rows += [
        _line(
            1,
            7 * week,
            product,
            off=50 if (week + product) % 4 == 0 else 0,
            units=2 if (week + product) % 4 == 0 else 1,
        )
        for week in range(52)
        for product in range(10)
    ]
    sales = pd.DataFrame(rows)
    sales.loc[sales["product"] == 999, "family"] = "REST"
    with opened(sales) as shop:
        found = family_elasticities(shop)
    assert found.to_dict() == {"TEA": pytest.approx(-1.0, abs=0.01)}


def test_lift_is_told_apart_by_how_often_a_household_had_bought() -> None:
    # Household 1 buys the tea every week; each week one of 20 newcomers visits, and tries it in deal weeks only,
    # apart from week 14 and 15.
    rows = []
    for week in range(52):
        off = 20 if week in DEAL_WEEKS else 0
        rows += [_line(1, 7 * week, 5, off), _line(1, 7 * week, 7)]
        tries = off or week in {14, 15}
        rows.append(_line(100 + week, 7 * week, 5 if tries else 7, off if tries else 0))
    with opened(pd.DataFrame(rows)) as shop:
        found = lift_by_loyalty(shop)
    assert found.loc["9+", "incidence"] == 1.0
    assert found.loc["9+", "lift"] == pytest.approx(0.0)
    assert found.loc["never", "lift"] > 1.0
    assert np.isnan(found.loc["2", "lift"])
