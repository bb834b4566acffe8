import numpy as np
import pytest

from models.response import shrunk_means, shrunk_rates


def test_a_customer_seen_for_long_is_believed_and_a_new_one_is_the_shops() -> None:
    counts, weeks = [100, 0, 3, 1, 12, 0, 5], [50, 1, 10, 10, 10, 10, 10]
    told = shrunk_rates(counts, weeks)

    assert told.mean[0] == pytest.approx(2.0, abs=0.05)
    assert 0.5 < told.mean[1] < told.shape / told.weeks
    assert told.sd[2] < told.sd[1]


def test_customers_who_differ_by_chance_alone_are_shrunk_to_one_rate() -> None:
    counts = np.random.default_rng(0).poisson(2.0, 500)
    told = shrunk_rates(counts, np.full(500, 4.0))

    assert np.ptp(told.mean) < 0.2 < np.ptp(counts / 4)
    assert told.mean.mean() == pytest.approx(counts.mean() / 4)


def test_intervals_of_rates_hold_what_they_say() -> None:
    rng = np.random.default_rng(1)
    true, weeks = rng.gamma(2.0, 0.25, 4000), rng.uniform(1, 40, 4000)
    told = shrunk_rates(rng.poisson(true * weeks), weeks)

    assert np.mean(np.abs(told.mean - true) < 1.96 * told.sd) == pytest.approx(0.95, abs=0.02)


def test_nothing_that_happened_is_still_no_rate_of_nothing() -> None:
    told = shrunk_rates([0, 0], [10, 10])

    assert (told.mean > 0).all()
    assert (told.sd > 0).all()


def test_a_mean_of_few_visits_is_shrunk_more_than_one_of_many() -> None:
    rng = np.random.default_rng(2)
    true, visits = rng.normal(400.0, 80.0, 2000), rng.integers(0, 30, 2000)
    values = [rng.normal(mean, 150.0, count) for mean, count in zip(true, visits, strict=True)]
    told = shrunk_means([v.sum() for v in values], [(v**2).sum() for v in values], visits)

    assert told.centre == pytest.approx(400, abs=6)
    assert told.spread == pytest.approx(80, abs=8)
    assert np.mean(np.abs(told.mean - true) < 1.96 * told.sd) == pytest.approx(0.95, abs=0.02)
    assert told.mean[visits == 0] == pytest.approx(told.centre)


def test_customers_who_always_spend_the_same_have_a_mean_and_no_warning() -> None:
    told = shrunk_means([300.0, 600.0, 0.0], [90_000.0, 180_000.0, 0.0], [1, 2, 0])

    assert told.mean == pytest.approx([300.0, 300.0, 300.0])


def test_what_is_no_count_is_refused() -> None:
    with pytest.raises(ValueError, match="weeks above 0"):
        shrunk_rates([1, 2], [3, 0])
    with pytest.raises(ValueError, match="with a visit"):
        shrunk_means([0.0], [0.0], [0])
