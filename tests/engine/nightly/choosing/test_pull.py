"""The rule of large savings on what is hardly bought anyway, on four candidates of one customer."""

from dataclasses import replace

import numpy as np
import pytest

from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policies import named_policy
from engine.nightly.choosing.policy import ask
from engine.nightly.choosing.pull import pull

# Never bought, once, ten times, and bought so often that its saving costs more than it draws.
OPTIONS = Options(
    seed=4,
    depths_bp=np.array([1000, 2000]),
    customer_id=np.array(["anna"], dtype=object),
    customer=np.zeros(4, dtype=np.int64),
    item_id=np.array(["milk", "bread", "wine", "eggs"], dtype=object),
    item_no=np.arange(4),
    p_buy=np.array([0.4, 0.02, 0.015, 0.01]),
    p_repeat=np.full(4, np.nan),
    expected_units=np.ones(4),
    buys=np.array([30, 1, 10, 0]),
    sources=np.ones(4, dtype=np.uint8),
    p_churn=np.full(4, 0.1),
    price_minor=np.full(4, 500),
    vat_bp=np.zeros(4),
    allowed=np.ones((4, 2), dtype=np.bool_),
    discount_minor=np.array([[50, 100]] * 4),
    expected_cost_milli=np.array([[20_000, 40_000], [1_000, 2_000], [750, 1_500], [500, 1_000]]),
    removed_by=np.zeros(4, dtype=np.uint8),
)


def test_a_saving_counts_as_it_is_liked_less_eight_times_what_it_costs() -> None:
    value = ask(pull, OPTIONS).value[:, 1]

    assert value[1:] == pytest.approx([0.6 * 100 - 8 * 2, 1.0 * 100 - 8 * 1.5, 0.8 * 100 - 8 * 1])


def test_what_would_cost_more_than_it_draws_is_never_offered() -> None:
    assert np.isneginf(ask(pull, OPTIONS).value[0]).all()


def test_everything_is_offered_at_twenty_percent() -> None:
    assert np.isneginf(ask(pull, OPTIONS).value[:, 0]).all()


def test_a_floor_leaves_out_what_was_bought_and_is_not_about_to_be() -> None:
    floored = pull.with_parameters({"least_p_buy": 0.018})

    assert np.isfinite(ask(floored, OPTIONS).value[:, 1]).tolist() == [False, True, False, True]


def test_what_the_programme_forbids_has_no_value() -> None:
    forbidden = replace(OPTIONS, allowed=np.zeros((4, 2), dtype=np.bool_))

    assert np.isneginf(ask(pull, forbidden).value).all()


def test_a_programme_finds_it_by_its_name() -> None:
    assert named_policy("pull") is pull
