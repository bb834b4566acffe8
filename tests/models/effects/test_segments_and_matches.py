"""Segments judged together; answers that are no effects and say so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from models.effects.estimate import Estimate
from models.effects.lookalikes import lookalikes
from models.effects.not_causal import WHY_BEFORE_AFTER, WHY_LOOKALIKES, before_after
from models.effects.segment_effects import holm, segment_effects
from models.ground.errors import BadInput

NORMAL = float("inf")


def test_adjusted_p_values_are_those_of_statsmodels() -> None:
    p_values = np.array([0.2, 0.001, 0.04, 0.04, 0.9, 0.012, 0.0])

    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_an_adjusted_p_value_is_never_smaller_and_keeps_its_rank(p_values: list[float]) -> None:
    plain = np.array(p_values)
    adjusted = holm(plain)

    assert (plain <= adjusted).all()
    assert (adjusted <= np.minimum(plain * len(plain) * (1 + 1e-12), 1)).all()
    assert (np.diff(adjusted[np.argsort(plain)]) >= 0).all()


def test_one_of_twenty_segments_that_looks_sure_alone_is_not_sure_among_them() -> None:
    effects = [Estimate(2.2, 1.0, NORMAL)] + [Estimate(0.1 * n - 1, 1.0, NORMAL) for n in range(19)]

    found = segment_effects(effects, 0.95)

    assert effects[0].p_value < 0.05
    assert found.p_values[0] > 0.5
    assert found.intervals[0][0] < 0 < effects[0].interval(0.95)[0]
    assert found.false_discovery[0] > 0.5
    assert found.differ > 0.5


def test_segments_that_differ_are_told_apart() -> None:
    found = segment_effects([Estimate(5, 0.5, NORMAL), Estimate(0, 0.5, NORMAL)], 0.95)

    assert found.differ == pytest.approx(stats.chi2.sf(50, 1))
    assert found.p_values.tolist() == pytest.approx([2 * stats.norm.sf(10) * 2, 1.0])


def test_a_single_segment_is_judged_as_it_is() -> None:
    one = Estimate(2, 1, NORMAL)
    found = segment_effects([one], 0.95)

    assert found.differ == 1.0
    assert found.p_values[0] == pytest.approx(one.p_value)
    assert tuple(found.intervals[0]) == pytest.approx(one.interval(0.95))


def test_before_and_after_is_the_paired_test_and_says_why_it_misleads() -> None:
    before, after = [10.0, 12.0, 8.0, 9.0], [13.0, 12.0, 12.0, 10.0]

    found = before_after(before, after)

    assert found.difference.value == pytest.approx(2.0)
    assert found.difference.p_value == pytest.approx(stats.ttest_rel(after, before).pvalue)
    assert found.why == WHY_BEFORE_AFTER


def test_before_and_after_of_one_household_is_refused() -> None:
    with pytest.raises(BadInput, match="at least 2 households to compare before and after, got 1"):
        before_after([1, 2], [3, 4], ["a", "a"])


def test_each_member_is_compared_with_the_one_most_like_them() -> None:
    figures = [[10, 1], [20, 2], [10, 1], [21, 2], [90, 9]]

    found = lookalikes([7, 9, 5, 6, 50], [1, 1, 0, 0, 0], figures)

    assert found.match.tolist() == [0, 1]
    assert found.answer.difference.value == pytest.approx(((7 - 5) + (9 - 6)) / 2)
    assert found.answer.why == WHY_LOOKALIKES
    assert (np.abs(found.after_matching) < np.abs(found.before_matching)).all()


def test_matching_mends_what_the_figures_show_and_nothing_else() -> None:
    rng = np.random.default_rng(1)
    seen, wish = rng.normal(size=(2, 4000))
    member = seen + wish + rng.normal(size=4000) > 1.5
    spent = 10 * seen + 5 * wish + rng.normal(size=4000)

    found = lookalikes(spent, member, seen)

    plain = spent[member].mean() - spent[~member].mean()
    assert found.before_matching[0] > 0.5
    assert abs(found.after_matching[0]) < 0.02
    assert found.answer.difference.value < plain / 2  # the truth is 0
    assert found.answer.difference.interval(0.95)[0] > 5


@settings(deadline=None)
@given(st.integers(0, 100))
def test_neither_order_nor_units_of_the_figures_change_a_match(seed: int) -> None:
    rng = np.random.default_rng(seed)
    figures, spent, member = rng.normal(size=(30, 2)), rng.normal(size=30), np.arange(30) < 10
    order = rng.permutation(30)

    one = lookalikes(spent, member, figures).answer.difference
    other = lookalikes(spent[order], member[order], figures[order] * [5, 0.1]).answer.difference

    assert other.value == pytest.approx(one.value)
    assert other.standard_error == pytest.approx(one.standard_error)


def test_members_alone_have_nobody_to_be_like() -> None:
    with pytest.raises(BadInput, match="expected at least 2 members and 2 others to match, got 3 and 0"):
        lookalikes([1, 2, 3], [1, 1, 1], [[1], [2], [3]])
