import numpy as np
import pandas as pd
import pytest

from engine.nightly.choosing.customer_facts import MARKS, customer_facts
from engine.nightly.choosing.offer_options import CUSTOMER_FACTS, Context, build_options
from engine.nightly.shelf.assortment import build_assortment
from tests.engine.nightly.bucket import AS_OF, candidates, customers, items, programme


def facts(**columns: object) -> "pd.Series[float]":
    """Of one customer, who came 12 times in the 84 days of the period, 40 times in all, and left a margin of 36.00."""
    person: dict[str, object] = {
        "customer_no": [5],
        "customer_id": ["anna"],
        "visits": [40.0],
        "visits_in_period": [12.0],
        "visit_gap_days": [4.0],
        "margin_minor": [3600.0],
        **{mark: [False] for mark in MARKS},
    }
    lately = pd.DataFrame(
        {"customer_id": ["anna", "boris"], "offers_seen": ["12", "6"], "offers_used": ["3", "0"]}
    )
    made = customer_facts(pd.DataFrame(person | columns), 84, lately)
    assert tuple(made.columns) == CUSTOMER_FACTS
    return made.loc[5]


def test_a_customer_is_told_by_visits_margin_a_visit_and_their_own_offers_of_late() -> None:
    anna = facts()
    assert (anna["visits_per_week"], anna["margin_per_visit_minor"]) == (1.0, 300.0)
    assert (anna["offers_seen"], anna["offers_used"]) == (12, 3)
    assert np.isnan(anna["weeks_exposed"])


@pytest.mark.parametrize("mark", MARKS)
def test_each_flag_of_loyalty_is_a_mark(mark: str) -> None:
    assert (facts()["marked"], facts(**{mark: [True]})["marked"]) == (False, True)


def test_who_came_first_in_this_period_comes_by_their_cycle() -> None:
    assert facts(visits=[12.0])["visits_per_week"] == 7 / 4


def test_nothing_is_known_of_a_prospect_and_no_margin_of_who_stayed_away() -> None:
    prospect = facts(
        customer_id=["clara"],
        visits=[np.nan],
        visits_in_period=[np.nan],
        visit_gap_days=[np.nan],
        margin_minor=[np.nan],
    )
    assert prospect.drop("marked").isna().all()
    away = facts(visits_in_period=[0.0], margin_minor=[0.0])
    assert (away["visits_per_week"], np.isnan(away["margin_per_visit_minor"])) == (0.0, True)


def context(**columns: object) -> Context:
    shelf = items(
        [200, 300, np.nan], cost_minor=[150.0, np.nan, 1.0], family_2=["BREAD", "MILK", "BREAD"], **columns
    )
    shelf.loc[1, "family_1"] = None
    shelf.loc[1, "family_2"] = None
    return build_options(
        customers(p_churn=0.5, visits_per_week=2.0, valid_days=5),
        candidates([0.3, 0.2, 0.1], item_overdue=[1.5, np.nan, 0.2], days_since_buy=[9.0, np.nan, 1.0]),
        build_assortment(shelf, programme()),
        max_units=4,
        seed=1,
        churn_horizon_days=28,
        day=AS_OF.date(),
    )


def test_a_policy_is_told_of_an_item_its_margin_family_stock_and_due_ness() -> None:
    made = context(stock=[7.0, np.nan, -2.0])
    # 200 - 150; the programme assumes 30 % where there is no cost; no price is no margin
    assert made.margin_minor.tolist() == [50, 90, 0]
    assert made.stock.tolist() == [7, -1, 0]
    assert made.family_no.tolist() == [0, -1, 0]
    assert (made.overdue[0], np.isnan(made.overdue[1]), made.days_since_buy[2]) == (1.5, True, 1.0)
    assert made.planned_bp.tolist() == [0, 0, 0]


def test_what_nobody_told_of_a_customer_is_unknown_or_nothing() -> None:
    made = context()
    assert (made.visits_per_week.tolist(), made.window_days.tolist(), made.day_no) == ([2.0], [5], 17_504)
    assert np.isnan([made.margin_per_visit_minor[0], made.weeks_exposed[0]]).all()
    assert (made.offers_seen.tolist(), made.offers_used.tolist(), made.stock.tolist()) == ([0], [0], [-1] * 3)


def test_a_hazard_gives_the_chance_of_silence_over_its_horizon() -> None:
    made = context()
    assert 1 - np.exp(-4 * made.hazard_per_week[0]) == pytest.approx(0.5)
