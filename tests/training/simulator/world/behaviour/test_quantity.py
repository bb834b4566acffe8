import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from training.simulator.world.behaviour.quantity import MOST_UNITS, expected_extra_units, units, with_offer
from training.simulator.world.draws import Purpose, keyed, uniform
from training.simulator.world.world_parameters import WorldParameters


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def extra(
    parameters: WorldParameters, *, gain: float = 0, stock: float = 1, keeps: float = 1, per_gap: float = 1
) -> float:
    """Mean units beyond the first of a household whose usual stock is 2."""
    found = expected_extra_units(
        floats(per_gap), floats(stock), floats(2), floats(gain), floats(1), floats(keeps), parameters.quantity
    )
    return float(found[0])


def test_at_no_deal_a_family_of_one_unit_a_visit_has_the_extra_units_that_the_file_says(
    small: WorldParameters,
) -> None:
    assert extra(small) == pytest.approx(small.quantity.extra_units)


def test_a_gain_fills_the_cupboard(small: WorldParameters) -> None:
    assert extra(small, gain=0.3) == pytest.approx(
        small.quantity.extra_units * np.exp(0.3 * small.quantity.deal_weight), rel=1e-5
    )


def test_what_does_not_keep_is_not_stocked_up(small: WorldParameters) -> None:
    assert extra(small, gain=0.3, keeps=0) == pytest.approx(extra(small))


def test_room_at_home_runs_out(small: WorldParameters) -> None:
    full = 2 + small.quantity.room_units

    assert extra(small, stock=full) == pytest.approx(extra(small) / 2)


def test_units_are_one_and_a_poisson() -> None:
    drawn = uniform(keyed(1, Purpose.QUANTITY, np.arange(40_000)))
    counts = np.bincount(units(np.full(40_000, 1.5, np.float32), drawn) - 1, minlength=6)[:6] / 40_000

    assert counts == pytest.approx(poisson.pmf(np.arange(6), 1.5), abs=0.01)


def test_units_end_somewhere() -> None:
    assert units(floats(200), floats(0.999)).tolist() == [MOST_UNITS]


@given(st.floats(0, 20, width=32), st.floats(0, 5, width=32), st.floats(0.125, 0.9375, width=32))
def test_expecting_more_units_never_gives_fewer(mean: float, more: float, drawn: float) -> None:
    assert units(floats(mean), floats(drawn))[0] <= units(floats(mean + more), floats(drawn))[0]


def test_nobody_stocks_up_beyond_the_units_that_an_offer_covers() -> None:
    without, at_offer, covered = np.array([1, 1, 4]), np.array([2, 6, 6]), np.array([3, 3, 3])

    assert with_offer(without, at_offer, covered).tolist() == [2, 3, 4]
