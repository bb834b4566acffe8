import numpy as np
import pandas as pd
import pytest

from models.customers.loyalty import (
    LoyaltyRules,
    at_height,
    deal_only,
    loyalty_types,
    reward_alarm,
    rung_of_buyers,
    rung_of_others,
    served_at_a_loss,
)

RULES = LoyaltyRules(
    period_days=84,
    client_visits=6,
    lapsing_gaps=3.0,
    lapsing_days=21,
    lost_gaps=8.0,
    lost_days=84,
    won_back_days=56,
    prospect_days=364,
    full_price_bp=5000,
    families=10,
    satisfied_score=4,
    answer_days=364,
    loss_minor=0,
    min_buys=10,
    deal_only_bp=9000,
    height_bp=9000,
    height_growth_bp=500,
    alarm_rise_bp=500,
    alarm_fall_bp=2000,
)
NOT_KNOWN = np.nan
WEEKLY = {
    "visits": 40.0,
    "days_since_visit": 4.0,
    "visit_gap_days": 7.0,
    "visits_in_period": 12.0,
    "longest_gap_days": 14.0,
    "returned_days_ago": 90.0,
    "nps": NOT_KNOWN,
    "csi": NOT_KNOWN,
    "buys": 100.0,
    "deal_buys": 40.0,
    "plain_buys_before": 60.0,
    "families": 25.0,
    "paid_minor": 30_000.0,
    "discount_minor": 3_000.0,
    "margin_minor": 8_000.0,
    "paid_minor_before": 30_000.0,
    "discount_minor_before": 3_000.0,
    "best_paid_minor": 40_000.0,
}


def buyer(**other: float) -> pd.DataFrame:
    return pd.DataFrame([WEEKLY | other])


@pytest.mark.parametrize(
    ("other", "rung"),
    [
        ({}, "client"),
        ({"nps": 9.0}, "advocate"),
        ({"nps": 8.0}, "client"),
        ({"visits_in_period": 5.0}, "repeat"),
        ({"visits_in_period": 5.0, "nps": 10.0}, "repeat"),
        ({"visits": 1.0, "visits_in_period": 1.0, "longest_gap_days": NOT_KNOWN}, "first_time"),
        ({"visits": 1.0, "days_since_visit": 300.0, "longest_gap_days": NOT_KNOWN}, "lost"),
        ({"days_since_visit": 20.0}, "client"),  # three of their gaps are not yet over
        ({"days_since_visit": 21.0}, "lapsing"),
        ({"days_since_visit": 20.0, "visit_gap_days": 1.0}, "client"),  # a daily customer on holiday
        ({"days_since_visit": 83.0}, "lapsing"),
        ({"days_since_visit": 84.0}, "lost"),
        ({"days_since_visit": 84.0, "visit_gap_days": 14.0}, "lapsing"),  # eight of their gaps are 112 days
        ({"longest_gap_days": 120.0, "returned_days_ago": 56.0}, "won_back"),
        ({"longest_gap_days": 120.0, "returned_days_ago": 57.0}, "client"),
        ({"longest_gap_days": 83.0, "returned_days_ago": 10.0}, "client"),
    ],
)
def test_a_buyers_rung(other: dict[str, float], rung: str) -> None:
    assert rung_of_buyers(buyer(**other), RULES)[0] == rung


@pytest.mark.parametrize(
    ("refused", "agreed", "joined_days_ago", "rung"),
    [
        (False, False, NOT_KNOWN, "suspect"),
        (False, True, NOT_KNOWN, "prospect"),
        (False, False, 364.0, "prospect"),
        (False, True, 365.0, "disqualified"),
        (True, False, 3.0, "disqualified"),
    ],
)
def test_the_rung_of_who_never_bought(refused: bool, agreed: bool, joined_days_ago: float, rung: str) -> None:
    other = pd.DataFrame({"refused": [refused], "agreed": [agreed], "joined_days_ago": [joined_days_ago]})
    assert rung_of_others(other, RULES)[0] == rung


@pytest.mark.parametrize(
    ("other", "kind", "said"),
    [
        ({}, "true", False),
        ({"deal_buys": 51.0}, "spurious", False),  # mostly deals
        ({"families": 9.0}, "spurious", False),  # out of habit, for a few things
        ({"visits_in_period": 5.0}, "latent", False),
        ({"visits_in_period": 5.0, "families": 3.0}, "none", False),
        ({"nps": 6.0}, "spurious", True),  # their answer outweighs their behaviour
        ({"visits_in_period": 2.0, "families": 3.0, "nps": 10.0}, "latent", True),
        ({"families": 3.0, "csi": 4.0}, "true", True),
        ({"csi": 5.0, "nps": 3.0}, "spurious", True),  # whether they would recommend it says more
        ({"visits_in_period": 0.0, "buys": 0.0, "deal_buys": 0.0, "families": 0.0}, "none", False),
    ],
)
def test_a_buyers_kind_of_loyalty(other: dict[str, float], kind: str, said: bool) -> None:
    kinds, by_answer = loyalty_types(buyer(**other), RULES)
    assert (kinds[0], by_answer[0]) == (kind, said)


@pytest.mark.parametrize(
    ("margin_minor", "buys", "loss"), [(0.0, 5.0, False), (-1.0, 5.0, True), (0.0, 0.0, False)]
)
def test_a_margin_below_the_owners_limit_is_service_at_a_loss(
    margin_minor: float, buys: float, loss: bool
) -> None:
    assert served_at_a_loss(buyer(margin_minor=margin_minor, buys=buys), RULES)[0] == loss


@pytest.mark.parametrize(
    ("buys", "deals", "only"), [(10.0, 9.0, True), (10.0, 8.0, False), (9.0, 9.0, False)]
)
def test_nine_buys_in_ten_with_a_discount_are_deals_only(buys: float, deals: float, only: bool) -> None:
    assert deal_only(buyer(buys=buys, deal_buys=deals), RULES)[0] == only


@pytest.mark.parametrize(
    ("paid", "before", "best", "height"),
    [
        (36_000.0, 36_000.0, 40_000.0, True),
        (35_999.0, 36_000.0, 40_000.0, False),  # below nine tenths of their best
        (37_801.0, 36_000.0, 40_000.0, False),  # still rising by more than a twentieth
        (50_000.0, 0.0, NOT_KNOWN, False),  # nothing to compare with
    ],
)
def test_the_height_of_consumption_is_near_the_best_period_and_flat(
    paid: float, before: float, best: float, height: bool
) -> None:
    assert (
        at_height(buyer(paid_minor=paid, paid_minor_before=before, best_paid_minor=best), RULES)[0] == height
    )


@pytest.mark.parametrize(
    ("other", "alarm"),
    [
        ({"discount_minor": 6_000.0, "deal_buys": 60.0}, True),  # 9 % to 17 % off, 60 plain buys to 40
        ({"discount_minor": 6_000.0, "deal_buys": 50.0}, False),  # 60 plain buys to 50: less than a fifth
        ({"discount_minor": 4_500.0, "deal_buys": 60.0}, False),  # 9 % to 13 % off
        ({"discount_minor": 6_000.0, "deal_buys": 60.0, "plain_buys_before": 9.0}, False),  # too few to tell
    ],
)
def test_the_alarm_needs_more_discount_and_fewer_buys_without_one(
    other: dict[str, float], alarm: bool
) -> None:
    assert reward_alarm(buyer(**other), RULES)[0] == alarm
