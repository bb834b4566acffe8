import numpy as np
import pytest

from training.evaluation.bootstrap import Resamples


class Drawn:
    """Stands where a generator is expected and draws what the test wrote down."""

    def __init__(self, *rows: list[int]) -> None:
        self.rows = np.array(rows)

    def integers(self, low: int, high: int, size: tuple[int, int]) -> np.ndarray:
        assert (low, high, size) == (0, 3, self.rows.shape)
        return self.rows


def three_draws_of_three_customers() -> Resamples:
    drawn = Drawn([0, 1, 2], [0, 0, 2], [1, 1, 1])
    return Resamples(3, drawn, draws=3)  # type: ignore[arg-type]


def test_every_draw_counts_how_often_each_customer_was_drawn() -> None:
    counts = three_draws_of_three_customers().counts
    assert counts.tolist() == [[1, 1, 1], [2, 0, 1], [0, 3, 0]]


def test_a_ratio_is_of_sums_and_its_interval_of_the_draws() -> None:
    # bought 4, 1, 1 in 2, 1, 2 weeks: draws give 6/5, 9/6 and 3/3
    found = three_draws_of_three_customers().ratio(np.array([4, 1, 1]), np.array([2, 1, 2]), level=1.0)
    assert (found.value, found.low, found.high) == pytest.approx((1.2, 1.0, 1.5))


def test_a_difference_is_paired_within_each_draw() -> None:
    ones = np.ones(3)
    one, other = (np.array([3, 5, 7]), ones), (np.array([2, 4, 6]), ones)
    found = three_draws_of_three_customers().difference(one, other, level=1.0)
    assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))
    assert found.above_zero


def test_draws_without_anyone_who_counts_are_left_out() -> None:
    found = three_draws_of_three_customers().ratio(np.array([1, 0, 1]), np.array([1, 0, 1]), level=1.0)
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_where_nobody_counts_nothing_is_known() -> None:
    found = Resamples(3, np.random.default_rng(1)).ratio(np.zeros(3), np.zeros(3), level=0.95)
    assert np.isnan([found.value, found.low, found.high]).all()
    assert not found.below_zero
    assert not found.above_zero


def test_the_same_seed_draws_the_same() -> None:
    one, other = (Resamples(50, np.random.default_rng(7), draws=130).counts for _ in range(2))
    assert (one == other).all()
    assert (one.sum(axis=1) == 50).all()


def test_about_95_of_100_intervals_hold_the_true_mean_though_a_customers_weeks_are_alike() -> None:
    rng, held = np.random.default_rng(11), 0
    for _ in range(300):
        weeks = rng.integers(1, 6, size=80)
        own_mean = rng.normal(
            size=80
        )  # every week of a customer repeats it: 240 rows, 80 of them independent
        found = Resamples(80, rng, draws=300).ratio(own_mean * weeks, weeks, level=0.95)
        held += found.low <= 0 <= found.high
    assert 270 <= held <= 294
