from dataclasses import replace

import numpy as np
import pytest

from engine.domain.offer_errors import BadProgramme
from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policy import Policy, Valuation, ask, depth_rule, no_offers
from models.ground.errors import BadInput
from tests.engine.nightly.bucket import options, programme


def best_depths(p_churn: float, p_buy: list[float], *changes: tuple[str, str]) -> list[int]:
    made = options([200] * len(p_buy), p_buy, programme(*changes), customer_columns={"p_churn": p_churn})
    return made.depths_bp[depth_rule(made).value.argmax(axis=1)].tolist()  # type: ignore[no-any-return]


def test_a_loyal_customers_habit_gets_the_smallest_depth() -> None:
    assert best_depths(0.1, [0.6]) == [1000]


def test_an_uncertain_item_and_a_leaving_customer_each_get_a_step_more() -> None:
    assert best_depths(0.1, [0.05, 0.049]) == [1000, 1500]
    assert best_depths(0.3, [0.05, 0.049]) == [1500, 2000]


def test_an_unknown_churn_risk_is_not_a_high_one() -> None:
    assert best_depths(float("nan"), [0.6]) == [1000]


def test_a_programme_with_fewer_depths_ends_at_its_deepest() -> None:
    assert best_depths(0.9, [0.04], ("[1000, 1500, 2000]", "[1000]")) == [1000]


def test_value_rises_ever_more_slowly_up_to_the_target_and_is_never_beyond() -> None:
    value = depth_rule(options([200, 200], [0.04, 0.04], customer_columns={"p_churn": 0.9})).value[0]
    steps = np.diff(value)
    assert steps[0] > steps[1] > 0
    assert depth_rule(options([200], [0.5])).value[0].tolist() == [0.5, -np.inf, -np.inf]


def test_a_new_item_is_worth_the_next_purchase_too_as_far_as_it_is_repeated() -> None:
    made = options([200] * 4, [0.4] * 4, buys=[0, 0, 0, 5], p_repeat=[0.5, 0.0, np.nan, 0.5])
    np.testing.assert_allclose(depth_rule(made).value[:, 0], [0.6, 0.4, 0.4, 0.4])


def test_a_fixed_depth_has_propensity_one() -> None:
    assert (depth_rule(options([200], [0.5])).propensity == 1).all()


def test_an_item_nobody_buys_is_worth_nothing_and_breaks_nothing() -> None:
    assert ask(depth_rule, options([200], [0.0])).value[0, 0] == 0


def test_no_offers_offers_nothing() -> None:
    assert np.isneginf(ask(no_offers, options([200], [0.5])).value).all()


def test_a_value_where_nothing_is_allowed_is_ignored() -> None:
    made = options([60], [0.04], customer_columns={"p_churn": 0.9})
    assert ask(depth_rule, made).value[0].tolist()[2] == -np.inf


@pytest.mark.parametrize(
    ("value", "propensity", "message"),
    [
        (np.zeros((1, 2)), np.ones((1, 3)), r"value of shape \(1, 3\), got \(1, 2\)"),
        (np.full((1, 3), np.nan), np.ones((1, 3)), "finite or minus infinity"),
        (np.full((1, 3), np.inf), np.ones((1, 3)), "finite or minus infinity"),
        (np.zeros((1, 3)), np.zeros((1, 3)), "propensities above 0"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_refused(
    value: np.ndarray, propensity: np.ndarray, message: str
) -> None:
    def broken(_: Options) -> Valuation:
        return Valuation(value, propensity)

    with pytest.raises(BadInput, match=message):
        ask(Policy("broken", broken, frozenset()), options([200], [0.5]))


def test_a_policy_sees_no_more_than_it_says_it_needs() -> None:
    forgetful = replace(depth_rule, needs=depth_rule.needs - {"p_churn"})
    with pytest.raises(BadInput, match="reads 'p_churn' and does not say so"):
        ask(forgetful, options([200], [0.5]))


def test_an_input_that_no_night_knows_is_refused_by_name() -> None:
    with pytest.raises(
        BadInput, match="'depth_rule' needs 'p_bye', which a night does not know; it knows allowed, "
    ):
        replace(depth_rule, needs=frozenset({"p_bye", "p_buy"})).require_inputs()


def test_a_parameter_changes_what_an_offer_is_worth() -> None:
    made = options([200], [0.6], customer_columns={"p_churn": 0.2})
    assert ask(depth_rule, made).value[0].argmax() == 0
    assert ask(depth_rule.with_parameters({"high_churn": 0.2}), made).value[0].argmax() == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"high_chrun": 0.4},
            r"high_chrun is not a parameter of the policy 'depth_rule', which has high_churn, shallow_loss, uncert",
        ),
        (
            {"high_churn": "0.4"},
            r"policy.parameters.high_churn = '0.4': expected a finite number from 0 to 1, by default",
        ),
        ({"high_churn": 1.5}, r"policy.parameters.high_churn = 1.5: expected a finite number from 0 to 1"),
        ({"high_churn": True}, r"policy.parameters.high_churn = True: expected a finite number from 0 to 1"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(BadProgramme, match=message):
        depth_rule.with_parameters(given)
