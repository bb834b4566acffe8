"""Who is exposed while it is not known whether offers pay: a sum that is not exceeded by much, and states that are told."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from models.ground.errors import BadArtifact
from models.response.exposure import (
    Exposure,
    LearningNight,
    LearningState,
    exposure_of,
    spent_by_night,
    uniforms,
)
from models.response.stakes import Stakes
from models.response.visit_effects import COEFFICIENTS, KINDS, VisitEffects

PRIOR = VisitEffects.prior(500.0)


def stakes(own_minor: float, along: float) -> list[Stakes]:
    """Of each kind: 500 customers who come once a week, with a dose of .4."""
    found = []
    for kind in range(len(KINDS)):
        doses = np.zeros((500, len(COEFFICIENTS)))
        doses[:, kind] = 0.4
        one = Stakes.of(np.full(500, own_minor), np.zeros(500), np.full(500, along), np.ones(500), doses)
        found.append(one)
    return found


def believed(plausible: float, deviation: float = 0.01) -> VisitEffects:
    covariance = tuple(map(tuple, (np.eye(len(COEFFICIENTS)) * deviation**2).tolist()))
    return replace(PRIOR, mean=(plausible, 0.0, 0.0, 0.0, 0.0), covariance=covariance, brought_sd=0.01)


def test_exploring_goes_on_until_the_sum_is_spent_and_then_stops() -> None:
    exposure, states = Exposure.first(0.2, sum_minor=1_000.0), []
    for _ in range(3):
        exposure = exposure.after(cost_minor=400.0).planned(
            stakes(-5.0, 500.0), PRIOR, share_paying=0.0, most=0.2
        )
        states.append((exposure.state, max(exposure.shares) > 0))

    assert states == [
        (LearningState.EXPLORING, True),
        (LearningState.EXPLORING, True),
        (LearningState.STOPPED, False),
    ]


def test_no_night_may_cost_more_than_what_is_left() -> None:
    exposure = Exposure.first(0.2, sum_minor=1_000.0).after(cost_minor=900.0)

    planned = exposure.planned(stakes(-5.0, 500.0), PRIOR, share_paying=0.0, most=0.2)

    at_stake = stakes(-5.0, 500.0)
    cost = sum(share * one.cost(PRIOR) for share, one in zip(planned.shares, at_stake, strict=True))
    assert 0 < cost <= 100.0 + 1e-6


@pytest.mark.parametrize(("plausible", "left_minor"), [(0.8, 900.0), (-0.3, 312.0)])
def test_what_lots_have_cost_is_reckoned_again_by_what_is_believed_now_and_the_worse_counts(
    plausible: float, left_minor: float
) -> None:
    """Twenty bundles that lose 5 each by themselves were booked with 100; a ninth fewer visits make that 688."""
    given = Stakes.of(
        np.full(20, -5.0), np.zeros(20), np.full(20, 500.0), np.ones(20), np.tile([0.4, 0, 0, 0, 0], (20, 1))
    )
    booked = Exposure.first(0.2, sum_minor=1_000.0).after(cost_minor=100.0, given=given)

    planned = booked.planned(stakes(-5.0, 500.0), believed(plausible, 0.1), share_paying=0.0, most=0.2)

    assert planned.left_minor == pytest.approx(left_minor, abs=2.0)
    assert planned.after(cost_minor=10.0).spent_minor == 110.0


def test_where_harm_is_likely_it_stops_though_the_sum_is_not_spent() -> None:
    exposure = Exposure.first(0.2, sum_minor=1e9).after(cost_minor=10.0)

    planned = exposure.planned(stakes(-50.0, 500.0), believed(0.02), share_paying=0.0, most=0.2)

    assert (planned.state, set(planned.shares)) == (LearningState.STOPPED, {0.0})


def test_only_the_kind_of_saving_that_may_pay_is_tried_on() -> None:
    exposure = Exposure.first(0.2, sum_minor=1e9).after(cost_minor=10.0)

    planned = exposure.planned(stakes(-50.0, 500.0), believed(0.8), share_paying=0.0, most=0.2)

    assert planned.shares[0] > 0
    assert set(planned.shares[1:]) == {0.0}


def test_the_share_waits_for_the_week_after_the_first_bundles_and_then_at_most_doubles() -> None:
    exposure, most = Exposure.first(0.05, sum_minor=1e9), []
    for night in range(1, 8):
        exposure = exposure.planned(
            stakes(5.0, 500.0), believed(0.8), share_paying=1.0, most=exposure.grown(exposure.most, 7 * night)
        )
        most.append(max(exposure.shares))

    assert most == [0.05, 0.1, 0.2, 0.4, 0.8, 0.95, 0.95]


def test_a_programme_pays_as_soon_as_a_bundle_surely_does_and_explores_again_when_none_does() -> None:
    exposure = Exposure.first(0.2, sum_minor=1_000_000.0)

    paying = exposure.planned(stakes(-5.0, 500.0), PRIOR, share_paying=0.3, most=0.2)
    again = paying.planned(stakes(-5.0, 500.0), PRIOR, share_paying=0.0, most=0.2)

    assert (paying.state, again.state) == (LearningState.PAYING, LearningState.EXPLORING)


def test_lots_are_turned_after_the_stated_weeks_in_which_bundles_paid() -> None:
    exposure = Exposure.first(0.2, 10.0, longest_weeks=2)

    turns = [exposure.turns]
    for _ in range(4):
        exposure = exposure.after(cost_minor=0.0, paid_days=7)
        turns.append(exposure.turns)

    assert turns == [0, 0, 1, 1, 2]


def test_without_a_sum_nothing_is_explored() -> None:
    assert Exposure.first(0.2, sum_minor=0.0).state is LearningState.STOPPED


def test_a_lot_is_drawn_once_for_each_customer_and_salt() -> None:
    names = [f"c{number}" for number in range(2_000)]

    drawn, again = uniforms(names, b"salt"), uniforms(names[::-1], b"salt")[::-1]

    assert np.array_equal(drawn, again)
    assert abs(drawn.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(drawn, uniforms(names, b"other"))[0, 1]) < 0.06


def test_an_exposure_survives_json() -> None:
    exposure = Exposure.first(0.2, sum_minor=10.0).after(cost_minor=3.0, given=stakes(-5.0, 500.0)[0])
    earlier = {
        name: told for name, told in exposure.as_dict().items() if name not in {"given", "known_minor"}
    }

    assert Exposure.read(exposure.as_dict()) == exposure
    assert Exposure.read(earlier) == replace(exposure, given=Stakes.nothing())


def test_what_nights_spent_stays_spent_and_the_last_weeks_stakes_decide_the_next_share() -> None:
    told = tuple(stakes(-5.0, 500.0))
    nights = [
        LearningNight("2024-03-31.1", 0.2, 100.0, 0.0, told),
        LearningNight("2024-04-07.1", 0.2, 20.0, 0.5, told),
    ]
    first = Exposure.first(0.2, 100_000.0, "words")

    spent = spent_by_night(first, nights)
    coming = exposure_of(first, nights, PRIOR, date(2024, 4, 14))

    assert [state.spent_minor for state in spent] == [0.0, 100.0, 120.0]
    assert spent[-1].paid_days == 7
    assert (coming.spent_minor, coming.salt, coming.state) == (120.0, "words", LearningState.PAYING)
    assert coming.shares == spent[-1].planned(told, PRIOR, share_paying=0.5, most=0.4).shares
    assert exposure_of(first, [], PRIOR, date(2024, 4, 14)) == first


def test_a_night_that_says_something_else_of_learning_is_named() -> None:
    with pytest.raises(BadArtifact, match=r"run 2024-03-31.1 says of learning .*bring its manifest back"):
        LearningNight.told("2024-03-31.1", {"share": 0.5})
