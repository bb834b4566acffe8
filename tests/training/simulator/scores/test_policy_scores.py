import numpy as np
import pytest

from training.evaluation.bootstrap import Resamples
from training.simulator.scores.lived import Lived, lines_of, offers_of
from training.simulator.scores.policy_scores import (
    Scores,
    budget_error,
    by_week,
    discount_anyway,
    margin,
    offers_used,
    position,
    score,
    share_of_oracle,
    visits,
)

# Two households, five weeks. Household 0 has an offer on product 7 in the first week, household 1 on product 8.
OFFERS = offers_of(
    offer_no=[0, 1],
    household=[0, 1],
    product=[7, 8],
    discount_bp=[1000, 2000],
    max_units=[4, 4],
    first_day=[0, 0],
    end_day=[7, 7],
    is_new=[False, True],
    expected_cost_milli=[20_000, 30_000],
)
NO_OFFERS = OFFERS.iloc[:0]
HERE = np.ones((5, 2), dtype=np.bool_)


def with_offers() -> Lived:
    lines = lines_of(
        household=[0, 0, 1, 1],
        day=[1, 8, 2, 10],
        product=[7, 9, 8, 8],
        units=[3, 1, 1, 1],
        margin_minor=[60, 50, 40, 80],
        personal_minor=[30, 0, 40, 0],
        offer_no=[0, -1, 1, -1],
    )
    return Lived(lines, OFFERS, HERE)


def without_offers() -> Lived:
    lines = lines_of(
        household=[0, 0],
        day=[1, 8],
        product=[7, 9],
        units=[1, 1],
        margin_minor=[30, 50],
        personal_minor=[0, 0],
        offer_no=[-1, -1],
    )
    here = HERE.copy()
    here[-1, 1] = False
    return Lived(lines, NO_OFFERS, here)


def scored(oracle: Lived | None = None) -> Scores:
    return score(with_offers(), without_offers(), 5, Resamples(2, np.random.default_rng(1)), oracle)


def test_a_households_margin_is_the_sum_of_its_lines() -> None:
    assert margin(with_offers()).tolist() == [110.0, 120.0]


def test_the_gain_is_what_households_leave_more_than_without_offers_per_customer() -> None:
    # household 0: 110 - 80 = 30; household 1: 120 - 0
    assert scored().gain.value == 75.0


def test_the_gains_error_is_its_standard_error_over_households() -> None:
    assert scored().gain_error == pytest.approx(45 / np.sqrt(2))


def test_what_happens_after_the_last_nights_week_is_part_of_the_gain_and_told_apart() -> None:
    found = score(with_offers(), without_offers(), 1, Resamples(2, np.random.default_rng(1)))
    assert (found.gain.value, found.gain_of_nights.value) == (75.0, 35.0)


def test_discount_on_units_that_would_have_been_bought_anyway_is_told_apart() -> None:
    # of three discounted units household 0 buys one without the offer; household 1 would have bought none
    anyway, taken = discount_anyway(with_offers(), without_offers())
    assert (anyway.tolist(), taken.tolist()) == ([10.0, 0.0], [30.0, 40.0])


def test_units_beyond_the_cap_do_not_dilute_the_share_of_what_was_bought_anyway() -> None:
    lived = with_offers()
    capped = Lived(lived.lines, lived.offers.assign(max_units=2), lived.here)
    assert discount_anyway(capped, without_offers())[0].tolist() == [15.0, 0.0]


def test_a_unit_bought_anyway_after_the_offer_ended_counts_as_caused() -> None:
    late = without_offers()
    moved = Lived(late.lines.assign(day=[7, 8]), late.offers, late.here)
    assert discount_anyway(with_offers(), moved)[0].tolist() == [0.0, 0.0]


def test_the_budget_error_compares_taken_with_planned() -> None:
    assert budget_error(with_offers()) == pytest.approx(70 / 50 - 1)


def test_without_any_plan_there_is_no_budget_error() -> None:
    assert budget_error(without_offers()) is None


def test_a_day_with_two_lines_is_one_visit() -> None:
    assert visits(with_offers()).tolist() == [2.0, 2.0]
    assert visits(without_offers()).tolist() == [2.0, 0.0]


def test_retention_counts_customers_who_stayed_for_the_offers() -> None:
    assert scored().retained.value == 0.5


def test_customers_whom_the_oracle_leaves_alone_are_those_who_should_not_have_been_disturbed() -> None:
    one = with_offers()
    oracle = Lived(one.lines, one.offers[one.offers["household"] == 1], one.here)
    found = scored(oracle)
    assert found.undisturbed is not None
    assert found.undisturbed.value == 15.0  # household 0 gained 30, two customers


def test_a_new_product_is_tried_when_it_is_bought_while_the_offer_is_valid() -> None:
    assert scored().trial == (1.0, 0.0)


def test_a_tried_product_is_repeated_when_it_is_bought_again_within_four_weeks() -> None:
    assert scored().repeat == 1.0


def test_the_curves_have_one_row_a_week() -> None:
    curves = by_week(with_offers(), without_offers())
    assert curves["gain"].tolist() == [35.0, 40.0, 0.0, 0.0, 0.0]
    assert curves["discount"].tolist() == [35.0, 0.0, 0.0, 0.0, 0.0]
    assert curves["planned"].tolist() == [25.0, 0.0, 0.0, 0.0, 0.0]
    assert curves["visits"].tolist() == [0.5, 0.5, 0.0, 0.0, 0.0]


def of_gain(value: float, error: float) -> Scores:
    found = scored()
    gain = type(found.gain)(value, value - 2 * error, value + 2 * error, 0.95)
    return type(found)(**{**vars(found), "gain": gain, "gain_error": error})


def test_the_share_of_the_oracle_is_of_summed_gains_in_worlds_where_it_surely_gains() -> None:
    policy = {"a": of_gain(10, 1), "b": of_gain(20, 1), "c": of_gain(-50, 1)}
    oracle = {"a": of_gain(20, 1), "b": of_gain(40, 1), "c": of_gain(2, 1)}
    assert share_of_oracle(policy, oracle) == 0.5


def test_where_the_oracle_gains_nothing_sure_there_is_no_share() -> None:
    assert share_of_oracle({"a": of_gain(10, 1)}, {"a": of_gain(2, 1)}) is None


def test_the_position_runs_from_the_naive_policy_to_the_oracle() -> None:
    assert position(of_gain(0, 1), of_gain(-10, 1), of_gain(30, 1)) == 0.25


def test_an_oracle_no_better_than_the_naive_policy_gives_no_position() -> None:
    assert position(of_gain(0, 1), of_gain(3, 1), of_gain(3, 1)) is None


def test_an_offer_is_used_where_it_took_something_off() -> None:
    lines = with_offers().lines
    once = Lived(lines[lines["household"] == 0], OFFERS, HERE)

    assert offers_used(with_offers()) == 1.0
    assert offers_used(once) == 0.5


def test_no_offers_have_no_share_that_was_used() -> None:
    assert np.isnan(offers_used(without_offers()))
