"""What another policy would have brought, from logged nights; and when the log does not say it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.effects.logged_support import ratios, require_kept_propensities, require_support
from models.effects.policy_value import ExpectedRewards, LoggedRewards, policy_value
from models.ground.errors import BadInput
from tests.models.effects.logged_shop import LoggedNights, lived_nights


@pytest.fixture(scope="module")
def lived() -> LoggedNights:
    return lived_nights(customers=1500, nights=6, seed=3)


def test_plans_drawn_by_lot_are_weighed_by_their_ratios() -> None:
    # Half of 400 customers got plan A with 2 uses, half B with 1; the new policy gives A to three quarters.
    plan_a = np.arange(400) < 200
    reward = np.where(plan_a, 2.0, 1.0) + np.tile([0.5, -0.5], 200)
    logged = LoggedRewards(
        reward,
        ratios(np.where(plan_a, 0.75, 0.25), np.full(400, 0.5)),
        np.zeros(400),
        np.arange(400),
        np.ones(400),
    )

    found = policy_value(logged)

    assert found.value.value == pytest.approx(0.75 * 2 + 0.25 * 1)
    assert found.logged.value == pytest.approx(1.5)
    assert found.difference.value == pytest.approx(0.25)
    assert found.effective_customers == pytest.approx([400**2 / (200 * 1.5**2 + 200 * 0.5**2)])
    assert (found.nights, found.rows) == (1, 400)


def test_a_policy_that_gives_what_was_given_has_the_value_that_was_seen(lived: LoggedNights) -> None:
    same = LoggedRewards(
        lived.logged.reward,
        np.ones_like(lived.logged.ratio),
        lived.logged.night,
        lived.logged.customer,
        lived.logged.reachable,
    )

    found = policy_value(same)

    assert found.value.value == pytest.approx(np.mean(lived.logged.reward))
    assert found.value.standard_error == pytest.approx(found.logged.standard_error)
    assert found.difference.value == pytest.approx(0.0, abs=1e-12)
    assert found.difference.standard_error == pytest.approx(0.0, abs=1e-12)


def test_six_slots_with_adapted_shares_are_valued_by_their_own_propensities(lived: LoggedNights) -> None:
    found = policy_value(lived.logged)

    low, high = found.value.interval(0.95)
    assert low < lived.truth < high
    assert found.logged.value < 0.85 * lived.truth
    assert found.value.standard_error < 0.07 * lived.truth


def test_uses_seen_slot_by_slot_make_it_twice_as_sure(lived: LoggedNights) -> None:
    found = policy_value(lived.by_slot)

    low, high = found.value.interval(0.95)
    assert low < lived.truth < high
    assert found.logged.value == pytest.approx(policy_value(lived.logged).logged.value)
    assert found.value.standard_error < 0.5 * policy_value(lived.logged).value.standard_error


def test_a_model_of_the_reward_makes_it_surer_and_not_wrong(lived: LoggedNights) -> None:
    plain, robust = policy_value(lived.logged), policy_value(lived.logged, lived.expected)

    low, high = robust.value.interval(0.95)
    assert low < lived.truth < high
    assert robust.value.standard_error < plain.value.standard_error
    assert np.mean(lived.expected.target) > 1.15 * lived.truth


def test_shares_that_are_averaged_over_nights_are_caught(lived: LoggedNights) -> None:
    assert np.ptp(lived.shares) > 0.1
    assert lived.averaged.ratio.mean() == pytest.approx(1.0, abs=0.02)

    with pytest.raises(
        BadInput,
        match=r"expected weights of mean 1 on every night, .* divide by the propensities that were logged",
    ):
        policy_value(lived.averaged)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_neither_order_nor_unit_of_the_reward_matters(seed: int, unit: float) -> None:
    logged = lived_nights(customers=300, nights=2, seed=1).logged
    order = np.random.default_rng(seed).permutation(600)
    turned = LoggedRewards(
        unit * np.asarray(logged.reward)[order],
        logged.ratio[order],
        np.asarray(logged.night)[order],
        np.asarray(logged.customer)[order],
        logged.reachable,
    )

    one, other = policy_value(logged).value, policy_value(turned).value

    assert other.value == pytest.approx(unit * one.value)
    assert other.standard_error == pytest.approx(unit * one.standard_error)


def test_a_customers_nights_are_not_so_many_customers() -> None:
    reward = np.tile(np.random.default_rng(0).normal(size=200), 9)
    night, customer = np.repeat(np.arange(9), 200), np.tile(np.arange(200), 9)

    found = policy_value(LoggedRewards(reward, np.ones((1800, 1)), night, customer, np.ones(1800)))

    assert found.effective_customers == pytest.approx([200])
    assert found.value.standard_error == pytest.approx(np.std(reward[:200], ddof=1) / np.sqrt(200))


def test_a_model_that_foretells_everything_leaves_no_doubt_but_of_the_customers() -> None:
    target = np.random.default_rng(0).normal(size=400)
    given_ratio = ratios(np.tile([0.8, 0.2], 200), np.full(400, 0.5))
    logged = LoggedRewards(target / 2, given_ratio, np.zeros(400), np.arange(400), np.ones(400))

    found = policy_value(logged, ExpectedRewards(given=target / 2, target=target))

    assert found.value.value == pytest.approx(target.mean())
    assert found.value.standard_error == pytest.approx(np.std(target, ddof=1) / 20)


def test_single_slots_of_persistent_lots_are_refused() -> None:
    # The new policy mixes items of both lots with one that neither held.
    ratio, reachable = np.ones((200, 3)), np.tile([1.0, 1.0, 0.6], (200, 1))
    logged = LoggedRewards(np.ones(200), ratio, np.zeros(200), np.arange(200), reachable)

    with pytest.raises(BadInput, match=r"could have shown at least 99% .* got 60.0% in slot 3; explore more"):
        policy_value(logged)


def test_plans_that_were_drawn_are_supported() -> None:
    require_support(np.ones(100))


def test_too_few_effective_customers_are_refused() -> None:
    target = np.where(np.arange(2000) % 40 == 0, 1.0, 0.0)
    logged = LoggedRewards(
        np.ones(2000), ratios(target, np.full(2000, 0.025)), np.zeros(2000), np.arange(2000), np.ones(2000)
    )

    with pytest.raises(BadInput, match="worth at least 100 customers in every slot, got 50 of 2000"):
        policy_value(logged)


def test_weights_that_are_all_wrong_by_the_same_are_caught() -> None:
    with pytest.raises(BadInput, match=r"those of night 0.0 in slot 1 are .* standard errors"):
        require_kept_propensities(np.full((50, 1), 1.1), np.zeros(50), np.arange(50))


def test_what_was_given_cannot_have_had_no_propensity() -> None:
    with pytest.raises(BadInput, match="what was given cannot have had none"):
        ratios([0.5, 0.5], [0.5, 0.0])


def test_probabilities_of_other_bundles_are_refused() -> None:
    with pytest.raises(BadInput, match="both policies' probabilities of the same bundles"):
        ratios([0.5, 0.5], [0.5])
