import numpy as np
import pandas as pd
import pytest

from training.metrics import auc, calibration_error, mean_log_loss, pr_auc, top_items

HAPPENED = np.array([False, True, False, True])
P = np.array([0.1, 0.4, 0.5, 0.8])


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    assert auc(HAPPENED, P) == pytest.approx(3 / 4)
    assert auc(HAPPENED, P, np.array([1.0, 1.0, 3.0, 1.0])) == pytest.approx(5 / 8)


def test_pr_auc_is_the_mean_precision_at_each_hit() -> None:
    assert pr_auc(HAPPENED, P) == pytest.approx((1 + 2 / 3) / 2)
    assert pr_auc(HAPPENED, P, np.array([1.0, 1.0, 2.0, 1.0])) == pytest.approx((1 + 2 / 4) / 2)


def test_log_loss_is_the_mean_surprise() -> None:
    assert mean_log_loss(np.array([True, False]), np.array([0.25, 0.5])) == pytest.approx(
        (np.log(4) + np.log(2)) / 2
    )
    weight = np.array([3.0, 1.0])
    assert mean_log_loss(np.array([True, False]), np.array([0.25, 0.5]), weight) == pytest.approx(
        7 * np.log(2) / 4
    )


def test_calibration_error_is_the_gap_within_bins() -> None:
    happened, p = np.array([False, True, False, False]), np.array([0.9, 0.8, 0.1, 0.2])
    assert calibration_error(happened, p, bins=2) == pytest.approx((0.3 + 0.7) / 4)
    assert calibration_error(happened, p, np.array([1.0, 1.0, 2.0, 1.0]), bins=2) == pytest.approx(
        (0.4 + 0.7) / 5
    )


def test_a_forecast_that_is_right_on_the_whole_can_be_wrong_everywhere() -> None:
    happened = np.array([False, False, True, True])
    assert calibration_error(happened, np.array([0.5, 0.5, 0.5, 0.5]), bins=1) == 0
    assert calibration_error(happened, np.array([0.51, 0.51, 0.49, 0.49]), bins=2) == pytest.approx(0.51)


def test_where_only_one_thing_happened_there_is_no_order_to_judge() -> None:
    assert np.isnan(auc(np.array([True, True]), np.array([0.1, 0.2])))
    assert np.isnan(pr_auc(np.array([False, False]), np.array([0.1, 0.2])))


def test_the_top_items_are_the_likeliest_and_ties_go_to_the_smaller_item() -> None:
    predictions = pd.DataFrame(
        {
            "customer_id": ["b", "a", "a", "a", "a"],
            "item_id": ["x", "z", "y", "x", "w"],
            "p_buy": [0.1, 0.5, 0.5, 0.2, 0.9],
        }
    )
    top = top_items(predictions, 3)
    assert top[["customer_id", "item_id", "rank"]].to_numpy().tolist() == [
        ["a", "w", 1],
        ["a", "y", 2],
        ["a", "z", 3],
        ["b", "x", 1],
    ]
