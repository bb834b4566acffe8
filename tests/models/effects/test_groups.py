"""Shares, means and promoter scores of one group."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from models.effects.promoters import WORST_SD, answers_needed, net_promoter_score, points
from models.effects.sample_means import mean_of_sums, wilson
from models.ground.errors import BadInput


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (7, 40), (40, 40), (301, 1000)])
def test_a_share_has_wilsons_interval(hits: int, n: int) -> None:
    assert wilson(hits / n, n) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-6)


def test_a_mean_from_sums_has_students_interval() -> None:
    values = np.array([3.0, 0.0, 0.0, 8.0, 1.0])
    found = mean_of_sums(5, values.sum(), (values**2).sum())
    assert found.interval(0.95) == pytest.approx(DescrStatsW(values).tconfint_mean())


def test_nine_and_ten_promote_and_up_to_six_detracts() -> None:
    assert points([10, 9, 8, 7, 6, 0]).tolist() == [100, 100, 0, 0, -100, -100]
    assert net_promoter_score([10, 9, 9, 7, 6]).value == 40


def test_the_score_of_many_is_as_sure_as_any_mean_and_that_of_few_promoters_is_not_surely_all() -> None:
    many = np.repeat([10, 8, 3], [500, 300, 200])
    assert net_promoter_score(many).interval(0.95) == pytest.approx(
        DescrStatsW(points(many)).tconfint_mean(), abs=0.1
    )
    low, _ = net_promoter_score([10] * 30).interval(0.95)
    assert 80 < low < 95


def test_answers_needed_are_those_of_a_mean_and_fewer_in_a_small_shop() -> None:
    # (1.96 x 100 / 5) squared; of 2,000 customers fewer are enough, of 100 nearly all are needed.
    assert answers_needed(WORST_SD, 5, 10**9) == 1537
    assert answers_needed(WORST_SD, 5, 2000) == 870
    assert answers_needed(WORST_SD, 5, 100) == 94
    with pytest.raises(BadInput, match="a margin above 0"):
        answers_needed(WORST_SD, 0, 100)
