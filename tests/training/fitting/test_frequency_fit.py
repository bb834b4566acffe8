from datetime import date

import numpy as np
import pytest

from models.features.feature_matrix import FeatureMatrix
from models.features.recipe import PAIR_FEATURES
from tests.models.literal import pair_rows
from training.fitting.examples import Examples
from training.fitting.frequency_fit import fit_frequency

# Of what the shop sold in 28 days: bread a tenth, salt a thousandth.
BREAD, SALT = 0.1, 0.001


def pairs(*kinds: tuple[int, int, float, float, int]) -> Examples:
    """So many pairs of each kind, so many of them bought: (pairs, bought, buys, demand share, window days)."""
    rows = [
        (buys, share, days, place < bought)
        for many, bought, buys, share, days in kinds
        for place in range(many)
    ]
    buys, share, days, happened = (np.array(column) for column in zip(*rows, strict=True))
    matrix = pair_rows(
        len(rows),
        buys=buys,
        days_since_buy=np.where(buys > 0, 10.0, np.nan),
        demand_share_28d=share,
        window_days=days,
    )
    keys = matrix.keys.assign(cut=date(2024, 3, 25), bucket=0)
    return Examples(FeatureMatrix(keys, matrix.values, PAIR_FEATURES), happened, np.ones(len(rows)))


def expected(examples: Examples) -> np.ndarray:
    return fit_frequency(examples).predict(examples.features)


def test_what_nobody_has_bought_yet_is_likelier_where_the_shop_sells_more_of_it() -> None:
    # a bundle's new items are the popular ones: the chance of all taken together would be half of theirs
    never = pairs((4_000, 80, 0, BREAD, 7), (4_000, 4, 0, SALT, 7))
    p = expected(never)
    assert p[:4_000].sum() == pytest.approx(80, rel=0.05)
    assert p[4_000:].sum() == pytest.approx(4, abs=2)


def test_what_they_bought_often_is_likelier_than_what_they_never_bought() -> None:
    p = expected(pairs((400, 80, 6, SALT, 7), (4_000, 40, 0, SALT, 7)))
    assert p[0] == pytest.approx(0.2, rel=0.1)
    assert p[-1] == pytest.approx(0.01, rel=0.1)


def test_a_window_of_four_days_is_worth_four_sevenths_of_a_week() -> None:
    p = expected(pairs((4_000, 70, 0, BREAD, 7), (4_000, 40, 0, BREAD, 4)))
    assert p[-1] / p[0] == pytest.approx(4 / 7, rel=0.02)
    assert p.sum() == pytest.approx(110, rel=0.02)


def test_a_single_purchase_does_not_say_that_popular_items_sell_better() -> None:
    p = expected(pairs((4_000, 1, 0, BREAD, 7), (4_000, 0, 0, SALT, 7)))
    assert p[0] / p[-1] < 10
    assert 1 <= p.sum() <= 2


def test_where_nothing_was_bought_half_a_purchase_is_expected() -> None:
    never = pairs((4_000, 0, 0, BREAD, 7), (4_000, 0, 0, SALT, 7))
    assert expected(never).sum() == pytest.approx(0.5, abs=0.05)


def test_where_popular_items_sell_worse_popularity_is_left_out() -> None:
    turned = pairs((4_000, 4, 0, BREAD, 7), (4_000, 80, 0, SALT, 7))
    assert fit_frequency(turned).popular == 0
    assert expected(turned).sum() == pytest.approx(84, rel=0.02)


def test_what_was_left_out_of_the_examples_is_weighted_back_in() -> None:
    whole = pairs((4_000, 80, 0, BREAD, 7), (4_000, 4, 0, SALT, 7))
    kept = whole.happened | (np.arange(8_000) % 2 == 0)
    thinned = Examples(whole.features, whole.happened, np.where(whole.happened, 1.0, 2.0)).take(kept)
    assert fit_frequency(thinned).predict(whole.features).sum() == pytest.approx(84, rel=0.05)


def test_nothing_to_learn_from_is_no_error() -> None:
    nothing = pairs((1, 0, 0, BREAD, 7)).take(np.zeros(0, dtype=int))
    assert fit_frequency(nothing).predict(pairs((1, 0, 0, BREAD, 7)).features)[0] < 1e-4
