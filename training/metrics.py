"""How good predictions were. Ranking metrics judge the top of each customer's list, all customers counted."""

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score


def auc(happened: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Area under the ROC curve; NaN where only one class happened."""
    if happened.all() or not happened.any():
        return float("nan")
    return float(roc_auc_score(happened, p, sample_weight=weight))


def pr_auc(happened: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Average precision; NaN where nothing happened."""
    return (
        float(average_precision_score(happened, p, sample_weight=weight)) if happened.any() else float("nan")
    )


def mean_log_loss(happened: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mean negative log likelihood."""
    return float(log_loss(happened, p, sample_weight=weight, labels=[False, True]))


def calibration_error(
    happened: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None, bins: int = 10
) -> float:
    """Expected calibration error: the mean |observed - predicted| over bins of equal numbers of rows."""
    weight = np.ones(len(p)) if weight is None else weight
    gaps = [
        abs(np.sum(weight[part] * happened[part]) - np.sum(weight[part] * p[part]))
        for part in np.array_split(np.argsort(p, kind="stable"), bins)
    ]
    return float(np.sum(gaps) / weight.sum())


def top_items(predictions: pd.DataFrame, size: int) -> pd.DataFrame:
    """Each customer's best items with their rank; ties go to the smaller item.

    Args:
        predictions: customer_id, item_id, p_buy.
        size: items a customer.
    """
    ordered = predictions.sort_values(
        ["customer_id", "p_buy", "item_id"], ascending=[True, False, True], kind="stable"
    )
    ordered["rank"] = ordered.groupby("customer_id").cumcount() + 1
    return ordered[ordered["rank"] <= size].reset_index(drop=True)
