from dataclasses import dataclass

import numpy as np

from models.customers.churn import ChurnModel, OwnCycleSurvival
from models.customers.churn_reasons import ChurnReason, reasons_of, reasons_of_likely
from models.features.feature_matrix import FeatureMatrix
from tests.models.fitted_versions import RHYTHM, boosted
from tests.models.literal import customer_rows

FADING = customer_rows(
    1,
    visits=200,
    days_since_visit=19,
    gap_log_mean=np.log(6),
    gap_log_sd=0.5,
    visits_28d=1,
    visits_29_56d=5,
    spend_minor_28d=3000,
    spend_minor_a_28d=6000,
    regular_families=8,
    dropped_families=3,
)


@dataclass(frozen=True)
class Pushing(ChurnModel):
    """A model of which each input adds as much to the log-odds as is given."""

    pushes: tuple[tuple[str, float], ...] = ()

    def contributions(self, customers: FeatureMatrix) -> tuple[tuple[str, ...], np.ndarray]:
        names, parts = super().contributions(customers)
        given = dict(self.pushes)
        return names, np.tile([given.get(name, 0.0) for name in names], (len(parts), 1))


def pushed_by(**pushes: float) -> list[str]:
    model = boosted()[1].silent[28]
    assert isinstance(model, ChurnModel)
    pushing = Pushing(model.booster, model.curve, model.rhythm, tuple(pushes.items()))
    return [reason.code for reason in reasons_of(pushing, FADING, RHYTHM, {})[0]]


def test_the_weightiest_groups_are_told_first_and_no_more_than_three() -> None:
    assert pushed_by(visits_28d=0.3, spend_trend=0.9, dropped_families=0.5, overdue_p90=0.2) == [
        "spends_less",
        "families_dropped",
        "comes_less",
    ]


def test_inputs_of_one_group_add_up() -> None:
    assert pushed_by(visits_7d=0.06, visits_14d=0.06, spend_trend=0.09) == ["comes_less"]


def test_what_speaks_for_staying_is_no_reason() -> None:
    assert pushed_by(visits_28d=-0.5, overdue_p90=0.2) == ["late"]


def test_a_push_without_a_fact_that_holds_is_not_told() -> None:
    assert pushed_by(basket_trend=2.0, discount_share_84d=1.0) == []


def test_a_reason_has_its_numbers() -> None:
    (told,) = reasons_of(OwnCycleSurvival(RHYTHM, 28), FADING, RHYTHM, {})
    assert told == (ChurnReason("late", float(RHYTHM.visit_gap_days(FADING)[0]), 19.0),)
    assert 5.5 < told[0].usual < 6.5


def test_who_is_not_late_has_no_reason_of_their_cycle() -> None:
    regular = customer_rows(1, visits=50, days_since_visit=3, gap_log_mean=np.log(7), gap_log_sd=0.3)
    assert reasons_of(OwnCycleSurvival(RHYTHM, 28), regular, RHYTHM, {}) == [()]


def test_dropped_families_have_their_names_and_no_other_reason_has() -> None:
    model = boosted()[1].silent[28]
    assert isinstance(model, ChurnModel)
    pushing = Pushing(
        model.booster, model.curve, model.rhythm, (("dropped_families", 0.5), ("spend_trend", 0.4))
    )
    ((dropped, spends),) = reasons_of(pushing, FADING, RHYTHM, {0: ("Milk", "Bread"), 1: ("Cheese",)})
    assert dropped == ChurnReason("families_dropped", 8.0, 3.0, ("Milk", "Bread"))
    assert (spends.code, spends.families) == ("spends_less", ())


def test_only_who_is_likely_to_leave_is_asked_why() -> None:
    churn = boosted()[1]
    three = customer_rows(
        3, visits=[200, 1, 200], days_since_visit=19, gap_log_mean=np.log(6), gap_log_sd=[0.5, np.nan, 0.5]
    )
    told = reasons_of_likely(churn, three, np.array([0.29, 0.3, 0.3]), {})
    assert sorted(told) == [1, 2]
    assert {reason.code for reason in told[1]} <= {"late"}, "for one visit there is no fitted model"


def test_nobody_likely_has_no_reasons() -> None:
    assert reasons_of_likely(boosted()[1], FADING, np.array([0.1]), {}) == {}
