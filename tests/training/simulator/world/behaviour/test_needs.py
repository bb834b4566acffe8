import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from training.simulator.world.behaviour.needs import (
    household_shortage,
    incidence_log_odds,
    log_odds_drawn,
    probability,
    raised_log_odds,
    shortage,
    used_up,
    usual_stock,
)
from training.simulator.world.world_parameters import WorldParameters


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_provided_is_who_has_one_and_what_is_used_between_two_visits() -> None:
    assert usual_stock(floats(0, 0.2), floats(10, 10)).tolist() == [1, 3]


def test_shortage_runs_from_nothing_at_home_to_three_times_the_usual() -> None:
    assert shortage(floats(0, 2, 4, 40), floats(2, 2, 2, 2)).tolist() == [1, 0, -1, -2]


def test_a_household_lacks_what_it_uses_much_of() -> None:
    """Nothing left of a family of which it uses 3 a day, and plenty of one of which it uses 1."""
    assert household_shortage(floats(1, -2)[None], floats(3, 1)[None]) == pytest.approx([0.75])


def test_the_usual_stock_is_used_up_at_the_normal_rate(small: WorldParameters) -> None:
    assert used_up(floats(4), floats(0.5), floats(4), floats(1), small.needs) == pytest.approx([0.5])


def test_a_full_cupboard_is_used_up_faster_up_to_the_most(small: WorldParameters) -> None:
    needs = changed(small, {"needs": {"pace_weight": 0.5, "most_pace": 2.0}}).needs
    used = used_up(floats(8, 400), floats(0.5, 0.5), floats(4, 4), floats(1, 1), needs)

    assert used == pytest.approx([0.5 * 1.5, 0.5 * 2.0])


def test_nobody_uses_more_than_there_is(small: WorldParameters) -> None:
    assert used_up(floats(0.1), floats(5), floats(4), floats(1), small.needs).tolist() == floats(0.1).tolist()


def test_what_does_not_keep_spoils_beyond_the_usual_stock(small: WorldParameters) -> None:
    kept, spoilt = used_up(floats(14, 14), floats(0.5, 0.5), floats(4, 4), floats(1, 0), small.needs)

    assert spoilt - kept == pytest.approx(1.0)


def test_a_family_that_a_household_does_not_use_is_never_bought(small: WorldParameters) -> None:
    odds = incidence_log_odds(floats(0), floats(1), floats(3), small.needs)

    assert probability(raised_log_odds(odds, floats(5), small.needs))[0] == 0


@pytest.mark.parametrize(
    ("per_gap", "lacking", "trip"),
    [(2, 0, 0), (1, 0.5, 0), (1, 0, 1)],
    ids=["turnover", "shortage", "large trip"],
)
def test_what_makes_a_family_likelier_in_the_basket(
    per_gap: float, lacking: float, trip: float, small: WorldParameters
) -> None:
    usual = incidence_log_odds(floats(1), floats(0), floats(0), small.needs)

    assert incidence_log_odds(floats(per_gap), floats(lacking), floats(trip), small.needs)[0] > usual[0]


def test_a_uniform_stands_for_the_log_odds_that_it_falls_below() -> None:
    drawn = floats(0.001, 0.3, 0.7)

    assert probability(log_odds_drawn(drawn)) == pytest.approx(drawn, rel=1e-5)
