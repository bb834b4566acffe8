"""What the estimators promise, over 2,000 lots and samples each; what came out is in docs/effects.md."""

import numpy as np
import numpy.typing as npt
import pytest

from engine.domain.arms import is_drawn, salt_of
from models.effects.arm_means import arm_means
from models.effects.bought_anyway import bought_anyway
from models.effects.confidence_sequence import ConfidenceSequence
from models.effects.drawn_arms import Arms
from models.effects.estimate import Estimate
from models.effects.heavy_tails import Bounds
from models.effects.not_causal import before_after
from models.effects.policy_value import policy_value
from models.effects.pre_period import pre_period_figures
from models.effects.pre_period_balance import balance
from models.effects.ratio_of_means import RatioOfMeans
from models.effects.sample_ratio import ratio_p_value, ratio_p_values
from models.effects.smallest_effect import Question
from models.effects.treatment_effect import treatment_effect
from models.ground.errors import BadInput
from tests.models.effects.logged_shop import lived_nights
from tests.models.effects.real_shops import (
    BothLives,
    WeeksOfCustomers,
    both_lives,
    complete_journey,
    simulated_shop,
    weeks_without,
    year_of,
)

pytestmark = pytest.mark.prove

SALTS = SAMPLES = 2000
LOOKS = 26
Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> WeeksOfCustomers:
    return complete_journey(tmp_path_factory.mktemp("journey") / "data")


@pytest.fixture(scope="module")
def simulated() -> tuple[WeeksOfCustomers, WeeksOfCustomers, BothLives]:
    """The year before, 26 weeks without offers, and both lives of 12 weeks."""
    shop = simulated_shop(customers=1000)
    return year_of(shop), weeks_without(shop, LOOKS), both_lives(shop, weeks=12)


def drawn(names: list[str], share: float, lots: int = SALTS) -> npt.NDArray[np.bool_]:
    """Who is treated by each salt, shape (lots, customers)."""
    salts = [salt_of(seed, "proof") for seed in range(lots)]
    return np.array([[not is_drawn(name, salt, share) for name in names] for salt in salts])


def each(weeks: int) -> Floats:
    """Contrasts of both arms, one an outcome, shape (weeks, 2, weeks)."""
    one = np.eye(weeks)
    return np.stack([one, -one], axis=1)


def told(name: str, **figures: float) -> None:
    print(f"\n{name}: " + ", ".join(f"{key} {value:.4f}" for key, value in figures.items()))


def covered(found: list[Estimate | RatioOfMeans], truth: float) -> tuple[float, float, float]:
    """Coverage at 95 %, bias and mean standard error over the spread, both in spreads of the estimate."""
    ends = np.array([one.interval(0.95) for one in found])
    values = np.array([one.value for one in found])
    error = np.median([one.standard_error for one in found])
    spread = values.std(ddof=1)
    held = ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean()
    return float(held), float((values.mean() - truth) / spread), float(error / spread)


@pytest.mark.parametrize("share", [0.5, 0.1])
@pytest.mark.parametrize("shop", ["journey", "simulated"])
def test_of_2000_lots_without_any_effect_a_twentieth_looks_sure_and_no_band_looked_at_for_26_weeks_is_wrong(
    shop: str, share: float, request: pytest.FixtureRequest
) -> None:
    if shop == "journey":
        whole: WeeksOfCustomers = request.getfixturevalue("journey")
        before = pre_period_figures(whole.money[:, :26], whole.visits[:, :26])
        names, after, earlier = whole.customer_id, whole.money[:, 26:], whole.money[:, :26]
    else:
        year, weeks, _ = request.getfixturevalue("simulated")
        before = pre_period_figures(year.money, year.visits)
        names, after, earlier = year.customer_id, weeks.money, year.money[:, -26:]
    by_week = np.cumsum(after, axis=1) / np.arange(1, LOOKS + 1)
    question = Question(earlier.mean(axis=1).std(), 0.8, 1, level=0.95, power=0.8)
    sequence = ConfidenceSequence(0.95, question.standard_error(len(names), share))
    lots, contrasts = drawn(names, share), each(LOOKS)
    arrival = np.random.default_rng(0).integers(0, LOOKS, len(names))
    surely, plainly, right, naive, balanced, fixed, ever = ([] for _ in range(7))
    for treated in lots:
        arms = Arms.of(treated)
        means = arm_means(by_week, arms, before)
        looks = [means.contrast(one) for one in contrasts]
        plainly.append(arm_means(by_week[:, 3], arms).contrast([1, -1]).p_value)
        surely.append(looks[3].p_value)
        band = sequence.band([one.value for one in looks], [one.standard_error for one in looks])
        right.append(bool(((band[:, 0] <= 0) & (band[:, 1] >= 0)).all()))
        naive.append(any(one.p_value < 0.05 for one in looks))
        balanced.append(balance(before[:, [0, 3, 4]], arms).p_value)
        counts = np.array([np.bincount(arrival[treated == arm], minlength=LOOKS) for arm in (True, False)])
        fixed.append(ratio_p_value(counts.sum(axis=1), [1 - share, share]))
        ever.append(ratio_p_values(np.cumsum(counts, axis=1).T, [1 - share, share])[-1])

    def below(found: list[float], level: float) -> float:
        return float((np.array(found) < level).mean())

    figures = {
        "adjusted": below(surely, 0.05),
        "plain": below(plainly, 0.05),
        "balance": below(balanced, 0.05),
        "ratio_once": below(fixed, 0.01),
        "ratio_ever": below(ever, 0.01),
        "band": float(np.mean(right)),
        "looked_at_weekly_without_band": float(np.mean(naive)),
    }
    told(f"{shop} {share}", **figures)
    assert 0.04 <= figures["adjusted"] <= 0.06
    assert 0.04 <= figures["plain"] <= 0.06
    assert 0.005 <= figures["ratio_once"] <= 0.015
    assert figures["ratio_ever"] <= 0.01
    assert figures["band"] >= 0.95


@pytest.mark.parametrize("weeks", [4, 8])
def test_figures_of_the_time_before_leave_a_third_of_the_variance(
    journey: WeeksOfCustomers, weeks: int
) -> None:
    left = {}
    for share in (0.5, 0.1):
        lots = drawn(journey.customer_id, share, lots=20)
        for start in (26, 32, 36, 40, 44):
            before = pre_period_figures(journey.money[:, :start], journey.visits[:, :start])
            spent = journey.money[:, start : start + weeks].sum(axis=1)
            left[share, start] = float(
                np.mean([treatment_effect(spent, Arms.of(lot), before).variance_left for lot in lots])
            )
    told(f"{weeks} weeks", **{f"held_out_{share}_week_{start}": one for (share, start), one in left.items()})
    for held_out in (0.5, 0.1):
        median = np.median([one for (share, _), one in left.items() if share == held_out])
        assert median <= {4: 0.32, 8: 0.26}[weeks]


def test_before_and_after_calls_christmas_an_effect(journey: WeeksOfCustomers) -> None:
    found = {}
    for start in (12, 20, 28, 36, 44):
        before, after = (journey.money[:, at : at + 8].sum(axis=1) for at in (start - 8, start))
        difference = before_after(before, after).difference
        found[start] = (difference.value / before.mean(), difference.p_value)
        told(f"before and after week {start}", share=found[start][0], p_value=found[start][1])
    assert found[44][0] > 0.05
    assert found[44][1] < 0.001


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_known_effects_on_real_spend_are_within_their_intervals(
    journey: WeeksOfCustomers, share: float
) -> None:
    before = pre_period_figures(journey.money[:, :32], journey.visits[:, :32])
    without = journey.money[:, 32:36].sum(axis=1)
    usual = before[:, 3] / 8
    gain = 0.1 * np.minimum(without, np.median(without)) + 0.02 * usual  # more to those who buy little
    rng = np.random.default_rng(5)
    plain, adjusted, cut = [], [], []
    bounds = Bounds.of(before[:, 0], times=1)
    ends = (bounds.low, bounds.high)
    within = np.clip(without + gain, *ends) - np.clip(without, *ends)
    for _ in range(SAMPLES):
        who = rng.integers(0, len(without), 4000)
        treated = rng.random(4000) >= share
        spent, arms = without[who] + gain[who] * treated, Arms.of(treated)
        plain.append(arm_means(spent, arms).contrast([1, -1]))
        both = arm_means(np.column_stack([spent, np.clip(spent, *ends)]), arms, before[who])
        adjusted.append(both.contrast([[1, 0], [-1, 0]]))
        cut.append(both.contrast([[0, 1], [0, -1]]))
    for name, found, truth in (
        ("plain", plain, gain.mean()),
        ("adjusted", adjusted, gain.mean()),
        ("winsorised", cut, within.mean()),
    ):
        coverage, bias, error = covered(found, float(truth))
        told(f"{name} {share}", coverage=coverage, bias=bias, error=error, truth=float(truth))
        assert 0.94 <= coverage <= 0.96
        assert abs(bias) < 0.1


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_what_offers_do_to_simulated_households_is_within_its_intervals(
    simulated: tuple[WeeksOfCustomers, WeeksOfCustomers, BothLives], share: float
) -> None:
    lives = simulated[2]
    before = pre_period_figures(lives.before.money, lives.before.visits)
    rng = np.random.default_rng(6)
    margin, anyway = [], []
    for _ in range(SAMPLES):
        who = rng.integers(0, len(before), 5000)
        treated = rng.random(5000) >= share
        arms = Arms.of(treated)
        margin.append(
            arm_means(np.where(treated, *lives.margin[:, who]), arms, before[who]).contrast([1, -1])
        )
        anyway.append(bought_anyway(np.where(treated, *lives.discount[:, who]), arms, before[who]))
    truth = {
        "margin": float((lives.margin[0] - lives.margin[1]).mean()),
        "anyway": float(lives.discount[1].mean() / lives.discount[0].mean()),
    }
    for name, found in (("margin", margin), ("anyway", anyway)):
        coverage, bias, error = covered(found, truth[name])
        told(f"simulated {name} {share}", coverage=coverage, bias=bias, error=error, truth=truth[name])
        assert 0.94 <= coverage <= 0.96
        assert abs(bias) < 0.1


def test_bundles_of_six_slots_are_valued_within_five_percent_on_eight_nights_of_2000_customers() -> None:
    off, held, by_slot, slot_held, robust_held, caught, refused = ([] for _ in range(7))
    for seed in range(500):
        lived = lived_nights(customers=2000, nights=8, seed=seed)
        try:
            bundle, slot = policy_value(lived.logged), policy_value(lived.by_slot)
        except BadInput:
            refused.append(seed)
            continue
        robust = policy_value(lived.logged, lived.expected)
        for value, kept in ((bundle, held), (slot, slot_held), (robust, robust_held)):
            low, high = value.value.interval(0.95)
            kept.append(low <= lived.truth <= high)
        off.append(bundle.value.value / lived.truth - 1)
        by_slot.append(slot.value.value / lived.truth - 1)
        try:
            policy_value(lived.averaged)
        except BadInput:
            caught.append(seed)
    figures = {
        "rmse": float(np.sqrt(np.mean(np.square(off)))),
        "bias": float(np.mean(off)),
        "coverage": float(np.mean(held)),
        "robust_coverage": float(np.mean(robust_held)),
        "slot_rmse": float(np.sqrt(np.mean(np.square(by_slot)))),
        "slot_coverage": float(np.mean(slot_held)),
        "averaged_caught": len(caught) / len(off),
        "refused": len(refused) / 500,
    }
    told("off policy", **figures)
    assert figures["rmse"] <= 0.05
    assert figures["slot_rmse"] <= 0.04
    assert min(figures["coverage"], figures["slot_coverage"], figures["robust_coverage"]) >= 0.92
    assert figures["averaged_caught"] >= 0.95
    assert figures["refused"] <= 0.01
