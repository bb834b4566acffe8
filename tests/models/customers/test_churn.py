from dataclasses import dataclass

import numpy as np
import pytest

from models.customers.churn import (
    GROWING,
    Churn,
    ChurnEligibility,
    ChurnModel,
    OwnCycleSurvival,
    churn_inputs,
)
from models.customers.rhythm import GapPrior, ItemRhythm, Rhythm
from models.customers.rhythm.item_cycles import THREE_WEEKS
from models.features.feature_matrix import FeatureMatrix
from models.features.recipe import CUSTOMER_FEATURES
from tests.models.fitted_versions import boosted
from tests.models.literal import customer_rows

RHYTHM = Rhythm(GapPrior(float(np.log(7)), 0.5, 0.5, 4.0), ItemRhythm(THREE_WEEKS, {}))


def test_churn_is_for_those_with_two_visits_and_one_in_the_last_84_days() -> None:
    customers = customer_rows(5, visits=[1, 2, 2, 9, 2], days_since_visit=[3, 84, 85, 1, 0])
    assert ChurnEligibility().mask(customers).tolist() == [False, True, False, True, True]


def test_the_fallback_knows_that_forty_days_mean_little_to_a_monthly_shopper() -> None:
    customers = customer_rows(
        4, visits=50, gap_log_mean=np.log([7, 7, 30, 30]), gap_log_sd=0.9, days_since_visit=[7, 40, 7, 40]
    )
    weekly, weekly_overdue, monthly, monthly_overdue = OwnCycleSurvival(RHYTHM, 28).predict(customers)
    assert weekly_overdue > 2 * weekly
    assert monthly_overdue < 2 * monthly


def test_the_fallback_is_less_sure_of_a_longer_silence() -> None:
    customers = customer_rows(1, visits=5, gap_log_mean=np.log(7), gap_log_sd=0.5, days_since_visit=3)
    chances = [float(OwnCycleSurvival(RHYTHM, days).predict(customers)[0]) for days in (7, 28, 56)]
    assert chances == sorted(chances, reverse=True)
    assert 0 < chances[-1] < chances[0] < 1


def test_a_one_time_buyer_is_not_alive_for_ever() -> None:
    once = customer_rows(2, visits=1, gap_log_mean=np.nan, gap_log_sd=np.nan, days_since_visit=[2, 70])
    recent, long_ago = OwnCycleSurvival(RHYTHM, 28).predict(once)
    assert long_ago > recent


def test_the_fallback_is_the_rhythm_s_survival() -> None:
    customers = customer_rows(1, visits=9, gap_log_mean=np.log(7), gap_log_sd=0.5, days_since_visit=6)
    assert OwnCycleSurvival(RHYTHM, 28).predict(customers) == pytest.approx(RHYTHM.survival(customers, 28))


@dataclass(frozen=True)
class Always:
    p: float

    def predict(self, customers: FeatureMatrix) -> np.ndarray:
        return np.full(len(customers), self.p)


def known(silent_56: float = 0.1) -> Churn:
    return Churn({28: Always(0.2), 56: Always(silent_56)}, Always(0.4), 28, RHYTHM, ChurnEligibility())


def test_a_longer_silence_is_never_likelier_than_a_shorter_one() -> None:
    regular = customer_rows(1, visits=9, days_since_visit=3)
    assert known(silent_56=0.1).p_silent(regular, 56).tolist() == [0.1]
    assert known(silent_56=0.3).p_silent(regular, 56).tolist() == [0.2]


def test_who_is_not_eligible_has_the_survival_of_their_own_cycle() -> None:
    people = customer_rows(
        3,
        visits=[9, 1, 9],
        days_since_visit=[3, 3, 200],
        gap_log_mean=[2, np.nan, 2],
        gap_log_sd=[0.5, np.nan, 0.5],
    )
    p = known().p_silent(people, 28)
    assert p[0] == 0.2
    assert p[1:].tolist() == OwnCycleSurvival(RHYTHM, 28).predict(people)[1:].tolist()
    assert p[2] > 0.5, "half a year is far beyond a weekly cycle"
    np.testing.assert_array_equal(known().p_partial(people), [0.4, np.nan, np.nan])


def test_an_unknown_horizon_is_refused() -> None:
    with pytest.raises(KeyError, match="30"):
        known().p_silent(customer_rows(1, visits=2, days_since_visit=1), 30)


def test_what_grows_with_the_calendar_is_no_input() -> None:
    people = customer_rows(2, visits=[5, 50], tenure_days=[30, 3000], days_since_visit=2)
    inputs = churn_inputs(people, RHYTHM)
    assert not set(inputs.names) & set(GROWING)
    assert np.isfinite(inputs.column("own_cycle_28d")).all()


def test_the_contributions_add_up_to_the_log_odds() -> None:
    _, churn = boosted()
    model = churn.silent[28]
    assert isinstance(model, ChurnModel)
    rng = np.random.default_rng(7)
    people = customer_rows(30, **{name: rng.uniform(1, 9, 30) for name in CUSTOMER_FEATURES})
    names, parts = model.contributions(people)
    p = model.predict(people)
    base = np.log(p / (1 - p)) - parts.sum(axis=1)
    assert parts.shape == (30, len(names))
    assert base == pytest.approx(np.full(30, base[0]), abs=1e-5)


def test_nobody_is_told_nothing() -> None:
    _, churn = boosted()
    nobody = customer_rows(0)
    assert churn.p_silent(nobody, 28).shape == churn.p_partial(nobody).shape == (0,)


def test_all_horizons_at_once_are_the_same_as_one_by_one() -> None:
    churn = boosted()[1]
    customers = customer_rows(
        2, visits=[1, 30], days_since_visit=[9, 20], gap_log_mean=np.log(7), gap_log_sd=0.5
    )
    found = churn.p_silent_up_to(customers, 56)
    assert list(found) == [28, 56]
    for days, p in found.items():
        np.testing.assert_array_equal(p, churn.p_silent(customers, days))
    assert list(churn.p_silent_up_to(customers, 28)) == [28]
