"""A study in words, for a terminal and for the page."""

import numpy as np

from training.evaluation.bootstrap import Interval
from training.simulator.scores.over_seeds import OverSeeds
from training.simulator.scores.study_page import page
from training.simulator.scores.study_table import StudyRow, table

NOTHING = Interval(0.0, 0.0, 0.0, 0.95)


def row(policy: str, gain: Interval, seeds: int, regret: Interval | None = None) -> StudyRow:
    scores = OverSeeds(seeds, gain, 50.0, 0.5, 0.1, NOTHING, NOTHING, None, None, None)
    return StudyRow("calm", policy, "USD", scores, regret)


ROWS = [
    row("shipped", Interval(-40.0, -60.0, -20.0, 0.95), 10, Interval(140.0, 120.0, 160.0, 0.95)),
    row("best_known", Interval(100.0, 90.0, 110.0, 0.95), 10),
]


def test_what_the_best_known_gains_more_is_quoted_with_its_monte_carlo_error() -> None:
    for told in (table(ROWS, "A study"), page(ROWS, "A study")):
        assert "best known gains more" in told
        assert "+1.40 [+1.20, +1.60]" in told
        assert "In calm shipped surely loses money and surely gains less than the best known." in told


def test_the_best_gain_of_a_world_comes_first() -> None:
    told = table(ROWS, "A study")

    assert told.index("best_known") < told.index("shipped")


def test_fewer_than_ten_seeds_are_told_to_be_too_few() -> None:
    one = row("shipped", Interval(-40.0, np.nan, np.nan, 0.95), 1)

    assert "Of 1 seed the interval is too narrow to be relied on" in table([one], "A study")
    assert "too narrow" not in table(ROWS, "A study")
