import numpy as np
import pytest

from models.customers.rhythm.gap_beliefs import (
    MIN_LOG_SD,
    GapBelief,
    GapPrior,
    fit_centre,
    fit_gap_prior,
    fit_spread,
)

PRIOR = GapPrior(log_mean=float(np.log(7)), between_sd=0.5, within_sd=0.5, freedom=4.0)


def believed(gaps: float, days: float, log_sd: float = np.nan, prior: GapPrior = PRIOR) -> GapBelief:
    return prior.believe(np.array([gaps]), np.array([np.log(days)]), np.array([log_sd]))


def shown(
    rng: np.random.Generator, members: int, truth: GapPrior
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number, mean and spread of log gaps of members drawn from a known prior."""
    centres = rng.normal(truth.log_mean, truth.between_sd, members)
    spreads = truth.within_sd * np.sqrt(truth.freedom / rng.chisquare(truth.freedom, members))
    gaps = rng.integers(1, 60, members)
    drawn = [rng.normal(centres[n], spreads[n], gaps[n]) for n in range(members)]
    sds = [float(np.std(one, ddof=1)) if len(one) > 1 else np.nan for one in drawn]
    return gaps.astype(float), np.array([one.mean() for one in drawn]), np.array(sds)


def test_who_has_shown_nothing_is_believed_to_be_like_the_shop() -> None:
    nothing = believed(0, np.nan)
    assert nothing.median_days()[0] == pytest.approx(7)
    assert nothing.freedom[0] == 4
    assert nothing.scale[0] == pytest.approx(np.sqrt(0.5**2 + 0.5**2)), "the spread of one and of the centres"


def test_the_more_gaps_the_more_the_own_ones_count() -> None:
    medians = [believed(gaps, 28).median_days()[0] for gaps in (1, 3, 30, 300)]
    assert medians[0] == pytest.approx(np.sqrt(28 * 7)), "one gap weighs as much as a prior this wide"
    assert medians == sorted(medians)
    assert medians[-1] == pytest.approx(28, rel=0.02)


def test_a_hundred_equal_gaps_do_not_make_a_clock() -> None:
    assert believed(1000, 7, 0.0).scale[0] == pytest.approx(MIN_LOG_SD, rel=1e-3)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_that_share_of_gaps_which_outlast_the_silence_end_by_the_day_told(share: float) -> None:
    belief = believed(40, 10, 0.6)
    silence = np.array([8.0])
    gaps = np.exp(belief.centre + belief.scale * np.random.default_rng(7).standard_t(belief.freedom, 200_000))
    still_away = gaps[gaps > 8]
    assert np.mean(still_away <= 8 + belief.due_in_days(silence, share)) == pytest.approx(share, abs=0.01)


def test_staying_away_is_the_share_of_gaps_that_outlast_the_horizon_too() -> None:
    belief = believed(40, 10, 0.6)
    gaps = np.exp(belief.centre + belief.scale * np.random.default_rng(8).standard_t(belief.freedom, 200_000))
    expected = np.mean(gaps[gaps > 5] > 12)
    assert belief.stays_away(np.array([5.0]), 7)[0] == pytest.approx(expected, abs=0.005)


def test_the_interval_narrows_with_what_is_known() -> None:
    widths = []
    for gaps in (2, 10, 100):
        belief = believed(gaps, 7, 0.5)
        widths.append(
            belief.due_in_days(np.array([1.0]), 0.9)[0] - belief.due_in_days(np.array([1.0]), 0.1)[0]
        )
    assert widths == sorted(widths, reverse=True)


def test_after_a_very_long_silence_the_day_told_still_halves_the_chance() -> None:
    belief = GapBelief(np.log([2.0, 2.0, 1.0]), np.array([0.5, 0.6, 0.3]), np.array([300.0, 20.0, 400.0]))
    silence = np.array([60.0, 300.0, 30.0])
    days = belief.due_in_days(silence, 0.5)
    halved = [
        belief.take(np.array([row])).stays_away(silence[[row]], days[row])[0] for row in range(len(silence))
    ]
    assert halved == pytest.approx([0.5, 0.5, 0.5], rel=1e-4)


def test_a_purchase_today_is_half_a_day_ago() -> None:
    belief = believed(10, 7, 0.5)
    assert belief.due_in_days(np.array([0.0]), 0.5) == belief.due_in_days(np.array([0.5]), 0.5)
    assert np.isfinite(belief.stays_away(np.array([0.0]), 28)).all()


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    belief = believed(1, 7)
    with pytest.raises(ValueError, match="share between 0 and 1"):
        belief.due_in_days(np.array([1.0]), share)


def test_the_shop_s_prior_is_recovered_from_its_members() -> None:
    truth = GapPrior(log_mean=2.0, between_sd=0.6, within_sd=0.8, freedom=12.0)
    found = fit_gap_prior(*shown(np.random.default_rng(1), 3000, truth), otherwise=PRIOR)
    assert found.log_mean == pytest.approx(2.0, abs=0.05)
    assert found.between_sd == pytest.approx(0.6, abs=0.05)
    assert found.within_sd == pytest.approx(0.8, abs=0.05)
    assert found.freedom == pytest.approx(12, rel=0.3)


def test_members_that_are_all_alike_are_not_told_apart() -> None:
    truth = GapPrior(log_mean=2.0, between_sd=1e-9, within_sd=0.8, freedom=1e6)
    found = fit_gap_prior(*shown(np.random.default_rng(2), 500, truth), otherwise=PRIOR)
    assert found.between_sd < 0.1
    assert found.freedom > 50


def test_a_handful_of_members_teaches_nothing() -> None:
    one = np.ones(9)
    assert fit_gap_prior(one, one, one * np.nan, otherwise=PRIOR) == PRIOR


def test_members_of_one_gap_each_teach_where_it_lies_but_not_its_spread() -> None:
    rng = np.random.default_rng(3)
    found = fit_gap_prior(np.ones(400), rng.normal(3.0, 0.9, 400), np.full(400, np.nan), otherwise=PRIOR)
    assert (found.within_sd, found.freedom) == (PRIOR.within_sd, PRIOR.freedom)
    assert found.log_mean == pytest.approx(3.0, abs=0.1)
    assert found.between_sd == pytest.approx(np.sqrt(0.9**2 - 0.5**2), abs=0.1)


def test_gaps_that_are_all_equal_have_no_spread_to_learn() -> None:
    found = fit_gap_prior(np.full(50, 5.0), np.full(50, 2.0), np.zeros(50), otherwise=PRIOR)
    assert np.isfinite([found.log_mean, found.between_sd, found.within_sd, found.freedom]).all()


def test_equal_measurements_lie_no_way_apart() -> None:
    centre, apart = fit_centre(np.full(20, 1.5), np.full(20, 0.1))
    assert centre == pytest.approx(1.5)
    assert apart == pytest.approx(0.05)


def test_a_wild_spread_weighs_as_little_as_two_gaps() -> None:
    sds = np.exp(np.random.default_rng(4).normal(0, 4, 200))
    assert fit_spread(np.full(200, 50.0), sds, PRIOR)[1] == 2.0
