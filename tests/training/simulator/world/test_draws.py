import numpy as np
import pytest
from scipy.stats import gumbel_r, kstest, norm

from training.simulator.world.draws import Purpose, extended, gumbel, keyed, normal, uniform

MANY = np.arange(20_000)


def test_a_draw_depends_on_its_name_alone() -> None:
    alone = keyed(7, Purpose.VISIT, 12, 3)
    among = keyed(7, Purpose.VISIT, np.array([5, 12, 99]), 3)

    assert among[1] == alone[0]


def test_keys_can_be_given_one_after_the_other() -> None:
    assert (
        extended(keyed(7, Purpose.CHOICE, MANY, 3), 8).tolist()
        == keyed(7, Purpose.CHOICE, MANY, 3, 8).tolist()
    )


@pytest.mark.parametrize(
    "other", [keyed(8, Purpose.VISIT, 1, 2), keyed(7, Purpose.AWAY, 1, 2), keyed(7, Purpose.VISIT, 2, 1)]
)
def test_another_seed_purpose_or_order_of_keys_is_another_draw(other: np.ndarray) -> None:
    assert keyed(7, Purpose.VISIT, 1, 2)[0] != other[0]


@pytest.mark.parametrize(
    ("draw", "law"),
    [(uniform, "uniform"), (normal, norm.cdf), (gumbel, gumbel_r.cdf)],
    ids=["uniform", "normal", "gumbel"],
)
def test_neighbouring_keys_give_independent_draws_of_the_law(draw: object, law: object) -> None:
    drawn = draw(keyed(1, Purpose.TASTE, MANY))  # type: ignore[operator]

    assert kstest(drawn, law).pvalue > 0.001
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.03


def test_uniforms_stay_inside_the_open_interval() -> None:
    extremes = np.array([0, 2**64 - 1], np.uint64)

    assert (uniform(extremes) > 0).all()
    assert (uniform(extremes) < 1).all()
    assert np.isfinite(gumbel(extremes)).all()
