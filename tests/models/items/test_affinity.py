"""What every scorer of pairs must do, LightGBM and baselines alike; and how many units are expected."""

from dataclasses import replace
from datetime import date

import lightgbm as lgb
import numpy as np
import pytest

from models.features.feature_matrix import FeatureMatrix
from models.features.recipe import PAIR_FEATURES
from models.items.affinity import AffinityModel, PairScorer, expected_units, expected_uses
from models.items.baselines import BaselineScorer, frequency, popular_in_families, recency
from models.items.month_season import MonthSeason
from models.items.probability_calibration import BetaCalibration
from tests.models.literal import pair_rows


def boosted() -> AffinityModel:
    """Twenty rounds on 400 pairs of which those bought more often are bought again."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(400, len(PAIR_FEATURES))).astype(np.float32)
    buys = PAIR_FEATURES.index("buys")
    values[:, buys] = rng.integers(0, 12, size=400)
    again = rng.random(400) < values[:, buys] / 13
    booster = lgb.train(
        {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 10, "num_leaves": 7},
        lgb.Dataset(values, label=again, feature_name=list(PAIR_FEATURES), params={"verbosity": -1}),
        num_boost_round=20,
    )
    return AffinityModel(booster, BetaCalibration(1.1, 0.9, 0.1))


SCORERS: dict[str, PairScorer] = {
    "lightgbm": boosted(),
    "frequency": BaselineScorer("frequency", slope=0.9, base=-3.0),
    "recency": BaselineScorer("recency", slope=2.0, base=-3.0),
    "tifu_knn": BaselineScorer("tifu_knn", slope=3.0, base=-3.0),
    "up_cf": BaselineScorer("up_cf", slope=3.0, base=-3.0),
}


def pairs() -> FeatureMatrix:
    return pair_rows(
        6,
        buys=[0, 1, 1, 3, 8, 11],
        days_since_buy=[np.nan, 40, 2, 9, 3, 1],
        demand_share_28d=[0.5, 0.01, 0.01, 0.04, 0.005, 0.08],
        tifu_own=[0, 0.1, 0.1, 0.2, 0.5, 0.8],
        tifu_neighbours=[0.1, 0, 0, 0.1, 0, 0.2],
        upcf=[0.01, 0, 0, 0.1, 0.3, 0.4],
    )


@pytest.fixture(params=SCORERS)
def scorer(request: pytest.FixtureRequest) -> PairScorer:
    return SCORERS[request.param]


def test_a_scorer_gives_one_probability_a_pair(scorer: PairScorer) -> None:
    p = scorer.predict(pairs())
    assert p.shape == (6,)
    assert p.dtype == np.float64
    assert ((p > 0) & (p < 1)).all()


def test_a_scorer_judges_each_pair_alone(scorer: PairScorer) -> None:
    order = np.array([5, 0, 3, 1, 4, 2])
    assert scorer.predict(pairs().take(order)).tolist() == scorer.predict(pairs())[order].tolist()


def test_a_scorer_gives_nothing_for_no_pairs(scorer: PairScorer) -> None:
    assert scorer.predict(pair_rows(0)).shape == (0,)


def test_a_scorer_changes_nothing_in_its_input(scorer: PairScorer) -> None:
    given = pairs()
    before = given.values.copy()
    scorer.predict(given)
    np.testing.assert_array_equal(given.values, before)


def test_a_scorer_thinks_more_of_a_habit_than_of_a_new_item(scorer: PairScorer) -> None:
    p = scorer.predict(pairs())
    assert p[5] > p[0]


def test_a_trial_counts_again_as_often_as_it_is_repeated() -> None:
    uses = expected_uses(np.array([0.2, 0.2, 0.1]), np.array([0.5, np.nan, 1.0]))
    assert uses.tolist() == pytest.approx([0.3, 0.2, 0.2])


def test_popular_items_of_their_own_families_come_first_among_the_new() -> None:
    new = pair_rows(3, buys=0, fine_buys_84d=[0, 1, 4], demand_share_28d=[0.9, 0.1, 0.2])
    assert np.argsort(-popular_in_families(new)).tolist() == [2, 1, 0]


def test_frequency_breaks_ties_by_recency_and_then_by_the_items_buyers() -> None:
    old = pair_rows(
        5, buys=2, days_since_buy=[300, 299, 9, 9, 8], demand_share_28d=[0.9999, 0, 0.0003, 0.0004, 0]
    )
    assert np.argsort(frequency(old)).tolist() == [0, 1, 2, 3, 4]


def test_more_buys_outweigh_the_most_recent_one() -> None:
    assert np.argsort(
        frequency(pair_rows(2, buys=[3, 2], days_since_buy=[350, 0], demand_share_28d=[0, 0.9999]))
    ).tolist() == [1, 0]


def test_recency_is_zero_for_what_was_never_bought() -> None:
    assert recency(pair_rows(3, days_since_buy=[np.nan, 4, 0])).tolist() == [0, 0.25, 1]


def test_a_baseline_s_curve_says_what_it_was_told() -> None:
    never = pair_rows(1, buys=0, days_since_buy=np.nan, demand_share_28d=0)
    assert BaselineScorer("frequency", 0.9, -3.0).predict(never)[0] == pytest.approx(1 / (1 + np.exp(3)))


def test_expected_units_lie_between_the_customer_s_and_the_items_usual_amount() -> None:
    units = expected_units(
        pair_rows(3, buys=[0, 2, 98], units_a_buy=[np.nan, 3, 3]), np.array([1.5, 1.0, 1.0])
    )
    assert units.tolist() == pytest.approx([1.5, (2 * 3 + 2 * 1) / 4, (98 * 3 + 2) / 100])


def test_one_unit_is_expected_of_what_nobody_bought() -> None:
    assert expected_units(pair_rows(1, buys=0), np.array([np.nan])).tolist() == [1.0]


def test_a_window_at_the_season_s_peak_has_the_odds_of_the_season() -> None:
    plain = replace(boosted(), calibration=BetaCalibration())
    season = MonthSeason((0.1, 0.05, 0.0, 0.02))
    rows = pair_rows(2, window_days=[4.0, 7.0])
    days = [date(2017, 12, 1), date(2017, 12, 18)]
    pairs = replace(rows, keys=rows.keys.assign(cut=days))
    odds = [p / (1 - p) for p in (plain.predict(pairs), replace(plain, season=season).predict(pairs))]
    levels = [season.window_level(days[0], 4), season.window_level(days[1], 7)]
    assert np.log(odds[1] / odds[0]) == pytest.approx(levels)
    assert levels[0] > 0 > levels[1]
