import duckdb
import numpy as np
import pandas as pd
import pytest

from training.fitting.response.promotion_weekday import best_shift, price_moments


def lines(begins: int, share_off: float) -> pd.DataFrame:
    """A line of each of twenty products on 70 days; promotions change on day `begins` of the week."""
    rng = np.random.default_rng(0)
    promoted = rng.random((20, 12)) < 0.4
    product, day = (grid.ravel() for grid in np.meshgrid(np.arange(20), np.arange(-70, 0), indexing="ij"))
    off = promoted[product, (day + 77 - begins) // 7] * share_off
    return pd.DataFrame({"product": product, "day": day, "list_minor": 100.0, "off_minor": 100.0 * off})


def found(frame: pd.DataFrame) -> int:
    with duckdb.connect() as connection:
        connection.register("bought", frame)
        return best_shift([price_moments(connection, pd.Series(range(20)))])


@pytest.mark.parametrize("begins", [0, 1, 3, 6])
def test_weeks_begin_when_promotions_change(begins: int) -> None:
    assert found(lines(begins, 0.2)) == begins


def test_a_shop_without_promotions_keeps_its_weeks() -> None:
    assert found(lines(3, 0.0)) == 0
