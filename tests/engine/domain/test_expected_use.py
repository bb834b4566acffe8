import pytest

from engine.domain.expected_use import (
    LEAST_BP,
    MOST_BP,
    KindOfOffers,
    Promised,
    by_use,
    committed_by_use,
    overspend_chance,
    use_factors,
)


def kind(uses: float, expected: int, given: int, variance: float = 0.0) -> KindOfOffers:
    return KindOfOffers(uses, expected, round(uses), given, variance)


def test_where_no_till_ever_reported_offers_count_as_expected() -> None:
    assert use_factors({}) == {}
    assert use_factors({"preferred": kind(500, 50_000, 0)}) == {}


def test_what_many_uses_show_is_believed_and_what_few_show_hardly() -> None:
    many = use_factors({"preferred": kind(100_000, 1_000_000, 670_000)})
    assert many["preferred"] == pytest.approx(6_700, abs=10)
    few = use_factors({"preferred": kind(10, 1_000, 670)})
    assert 9_400 < few["preferred"] < 10_000


def test_a_kind_that_is_seldom_used_leans_on_the_others() -> None:
    factors = use_factors({"preferred": kind(10_000, 1_000_000, 700_000), "novelty": kind(1, 100, 0)})
    assert factors["preferred"] == pytest.approx(7_000, abs=60)
    assert 6_700 < factors["novelty"] < 7_100


def test_factors_stay_within_what_customers_can_do() -> None:
    assert use_factors({"preferred": kind(10_000, 1_000_000, 1)}) == {"preferred": LEAST_BP}
    assert use_factors({"preferred": kind(10_000, 1_000_000, 9_000_000)}) == {"preferred": MOST_BP}


def test_promises_cost_what_was_given_and_what_is_still_to_be_expected() -> None:
    promised = Promised(
        90_000, 20_000, {"preferred": kind(10, 30_000, 1_000), "novelty": kind(5, 10_000, 12_000)}
    )
    assert committed_by_use(promised, {}) == 90_000, "as it was planned"
    # 20,000 over, 70 % of 30,000, and novelty has given more than was expected of it.
    assert committed_by_use(promised, {"preferred": 7_000, "novelty": 7_000}) == 20_000 + 21_000 + 12_000


def test_expected_use_is_rounded_up() -> None:
    assert [by_use(expected, 6_700) for expected in (0, 1, 100, 1_000)] == [0, 1, 67, 670]


@pytest.mark.parametrize(
    ("amount", "low", "high"), [(100_000, 0.45, 0.55), (150_000, 0.0, 0.01), (50_000, 0.99, 1.0)]
)
def test_the_chance_of_overspending_is_even_at_the_amount_and_falls_beyond_it(
    amount: int, low: float, high: float
) -> None:
    to_come = {"preferred": kind(900, 80_000, 0, variance=900 * 89.0**2)}
    assert low <= overspend_chance(amount, 20_000, to_come, {}, uses_seen=10_000) <= high


def test_the_less_is_known_of_use_the_less_sure_is_the_budget() -> None:
    to_come = {"preferred": kind(900, 80_000, 0, variance=900 * 89.0**2)}
    known, unknown = (overspend_chance(90_000, 0, to_come, {}, uses_seen=seen) for seen in (10_000, 0))
    assert known < unknown < 0.5


def test_where_nothing_is_promised_nothing_is_overspent() -> None:
    assert overspend_chance(0, 0, {}, {}, uses_seen=0) == 0.0
    assert overspend_chance(10, 11, {}, {}, uses_seen=0) == 1.0
