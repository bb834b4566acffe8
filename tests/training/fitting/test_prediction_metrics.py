import numpy as np
import pandas as pd
import pytest

from training.fitting.prediction_metrics import (
    auc,
    calibration_error,
    log_losses,
    mean_log_loss,
    pr_auc,
    ranking_by_customer,
    top_items,
)

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


def test_the_log_losses_of_rows_are_their_surprises() -> None:
    assert log_losses(np.array([True, False]), np.array([0.25, 0.5])) == pytest.approx(np.log([4, 2]))
    assert np.isfinite(log_losses(np.array([True, False]), np.array([0.0, 1.0]))).all()


def test_recall_and_ndcg_are_over_all_that_a_customer_bought() -> None:
    ranked = pd.DataFrame(
        {
            "customer_no": [1, 1, 1, 2, 2, 3],
            "rank": [1, 2, 3, 1, 2, 1],
            "bought": [False, True, True, False, False, True],
        }
    )
    # 1 bought three items, two of them ranked second and third; 2 one that is not ranked; 4 was never scored; 3 did
    # not buy anything that counts
    found = ranking_by_customer(ranked, pd.Series({1: 3, 2: 1, 4: 2}), k=2)
    assert found["hits"].tolist() == [1, 0, 0]
    assert found["recall"].tolist() == pytest.approx([1 / 3, 0, 0])
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert found["ndcg"].tolist() == pytest.approx([1 / np.log2(3) / ideal, 0, 0])


def test_a_perfect_list_has_an_ndcg_of_one() -> None:
    ranked = pd.DataFrame({"customer_no": [1, 1], "rank": [1, 2], "bought": [True, True]})
    assert ranking_by_customer(ranked, pd.Series({1: 2}), k=10)["ndcg"].tolist() == pytest.approx([1.0])


def test_nobody_wanting_anything_is_an_empty_table() -> None:
    ranked = pd.DataFrame({"customer_no": [1], "rank": [1], "bought": [False]})
    assert ranking_by_customer(ranked, pd.Series(dtype="int64"), k=10).empty
