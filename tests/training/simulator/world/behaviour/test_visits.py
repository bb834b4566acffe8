import numpy as np
import pytest
from scipy.stats import gamma

from training.simulator.world.behaviour.visits import (
    gap_hazard,
    journeys,
    visit_probability,
)
from training.simulator.world.world_parameters import WorldParameters


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_hazards_multiply_up_to_the_gamma_that_they_come_from() -> None:
    """Mean gap 8 days, shape 2: whole days above a continuous gap of mean 7.5."""
    days = np.arange(1, 31)
    hazard = gap_hazard(days, np.full(30, 8.0, np.float32), np.full(30, 2.0, np.float32))

    silent = np.cumprod(1 - hazard)
    assert silent == pytest.approx(gamma.sf(days, 2.0, scale=7.5 / 2), abs=1e-5)


def test_whole_day_gaps_have_about_the_mean_that_was_asked_for() -> None:
    days = np.arange(1, 400)
    hazard = gap_hazard(days, np.full(399, 8.0, np.float32), np.full(399, 2.0, np.float32))

    silent_before = np.concatenate([[1.0], np.cumprod(1 - hazard.astype(np.float64))[:-1]])
    assert (days * hazard * silent_before).sum() == pytest.approx(8.0, abs=0.05)


def test_a_gap_without_memory_has_the_same_hazard_every_day() -> None:
    hazard = gap_hazard(np.array([1, 5, 50]), floats(8, 8, 8), floats(1, 1, 1))

    assert hazard == pytest.approx([1 - np.exp(-1 / 7.5)] * 3, rel=1e-4)


def test_after_a_gap_that_hardly_anybody_has_the_hazard_is_the_limit() -> None:
    assert gap_hazard(np.array([5000]), floats(4), floats(3)) == pytest.approx(
        [1 - np.exp(-3 / 3.5)], rel=1e-4
    )


def test_a_household_moved_by_nothing_visits_by_its_gap(small: WorldParameters) -> None:
    usual = floats(small.visits.shortage_usual)

    assert visit_probability(floats(0.2), usual, floats(0), floats(0), small.visits) == pytest.approx([0.2])


@pytest.mark.parametrize(
    ("shortage", "drawn", "fatigue", "rises"),
    [(0.9, 0.0, 0.0, True), (0.4, 0.8, 0.0, True), (0.4, 0.0, 2.0, False)],
    ids=["shortage", "offers", "fatigue"],
)
def test_what_moves_a_visit(
    shortage: float, drawn: float, fatigue: float, rises: bool, small: WorldParameters
) -> None:
    moved = visit_probability(floats(0.2), floats(shortage), floats(drawn), floats(fatigue), small.visits)

    assert (moved[0] > 0.2) == rises
    assert 0 < moved[0] < 1


def test_journeys_begin_and_end_by_their_rates(small: WorldParameters) -> None:
    begins = small.visits.away_per_year / 365.25
    ends = 1 / small.visits.away_days
    away = journeys(
        np.array([False, False, True, True]),
        floats(begins / 2, begins * 2, 0.5, 0.5),
        floats(0.5, 0.5, ends / 2, min(ends * 2, 1)),
        small.visits,
    )

    assert away.tolist() == [True, False, False, True]
