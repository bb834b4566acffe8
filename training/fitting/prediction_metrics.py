"""How good predictions were. Ranking metrics judge the top of each customer's list, all customers counted."""

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from models.items.probability_calibration import EDGE
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_ID, P_BUY


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


def log_losses(happened: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Negative log likelihood of every row, shape (n,)."""
    p = np.clip(p, EDGE, 1.0 - EDGE)
    return np.asarray(-np.log(np.where(happened, p, 1.0 - p)))


def ranking_by_customer(ranked: pd.DataFrame, wanted: pd.Series, k: int) -> pd.DataFrame:
    """Hits, recall and NDCG of each customer's first k.

    recall = hits / wanted. NDCG is normalised by the ideal over all that was wanted, also beyond k, as the
    published next-basket evaluations have it (Hu et al., "Modeling personalized item frequency information for
    next-basket recommendation", SIGIR 2020).

    Args:
        ranked: customer_no, rank (1 is the best), bought.
        wanted: how many items each customer bought, index customer_no, all positive; who is not in `ranked` has
            no hit, who is not in `wanted` is left out.
        k: length of the list.

    Returns:
        Index of `wanted`; hits, recall, ndcg.
    """
    first = ranked[(ranked["rank"] <= k) & ranked["bought"]]
    gain = pd.Series(1.0 / np.log2(first["rank"].to_numpy() + 1.0), index=first[CUSTOMER_NO].to_numpy())
    by_customer = gain.groupby(level=0)
    hits = by_customer.size().reindex(wanted.index, fill_value=0).astype(np.float64)
    gained = by_customer.sum().reindex(wanted.index, fill_value=0.0)
    longest = int(wanted.max()) if len(wanted) else 0
    ideal = np.cumsum(1.0 / np.log2(np.arange(longest) + 2.0))
    return pd.DataFrame(
        {"hits": hits, "recall": hits / wanted, "ndcg": gained / ideal[wanted.to_numpy() - 1]},
        index=wanted.index,
    )


def top_items(predictions: pd.DataFrame, size: int, by: str = P_BUY) -> pd.DataFrame:
    """Each customer's best items with their rank; ties go to the smaller item.

    Args:
        predictions: customer_id, item_id, and the column to rank by.
        size: items a customer.
        by: largest first.
    """
    ordered = predictions.sort_values(
        [CUSTOMER_ID, by, ITEM_ID], ascending=[True, False, True], kind="stable"
    )
    ordered["rank"] = ordered.groupby(CUSTOMER_ID).cumcount() + 1
    return ordered[ordered["rank"] <= size].reset_index(drop=True)
