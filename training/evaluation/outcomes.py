"""What scored candidates came to: sums for each customer from which every measure is a ratio.

Items are told apart by how many days the customer had bought them on before the cut: never (new), one to three
(occasional), more (habitual). A list of everybody's staples scores well and is worth little.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.items.candidates import SOURCES
from models.tables import CUSTOMER_NO, ITEM_NO
from training.fitting.prediction_metrics import log_losses, ranking_by_customer

BUNDLE = 6
LENGTH = 10
EVERYTHING = "all"
KINDS = ("habitual", "occasional", "new")
HABITUAL_FROM = 4
FIRST = (5, 10, 20, 40, 80, 120, 160, 200, 300)
# P(buy) in steps of half a power of two; below one in two thousand nothing is ever offered.
BIN_EDGES = np.concatenate([[0.0], 2.0 ** np.arange(-11, 0.5, 0.5)])


@dataclass(frozen=True)
class Scored:
    """One bucket's candidates at one cut, scored by one method.

    Attributes:
        method: its name.
        rows: sorted by customer_no and rank: customer_no, item_no, rank, p, bought, kind, family, sources, common
            (every method proposed the pair; `common_ground`).
        truth: what was bought in the window: customer_no, item_no, kind.
        customers: everybody who got candidates of any method, shape (n,).
        shoppers: who of them came at all in the window, for items or for anything else.
    """

    method: str
    rows: pd.DataFrame
    truth: pd.DataFrame
    customers: np.ndarray
    shoppers: np.ndarray


def kind_of(buys: np.ndarray) -> np.ndarray:
    """The kind of items that a customer bought on so many days."""
    return np.select([buys >= HABITUAL_FROM, buys > 0], ["habitual", "occasional"], "new")


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by customer, best first, with their rank; ties go to the smaller item."""
    order = np.lexsort((rows[ITEM_NO], -rows["p"], rows[CUSTOMER_NO]))
    ordered = rows.iloc[order].reset_index(drop=True)
    return ordered.assign(rank=_places(ordered))


def measures(scored: Scored) -> pd.DataFrame:
    """One row a customer and kind with sums whose ratios are the measures.

    Returns:
        customer_no, method, kind; shopper, used, items (of the first six, for kind "all"); buyer, recall, ndcg (of
        the first ten, within the kind); wanted, missed (purchases, and those not among the candidates); rows, loss (of
        the pairs that every method proposed); slots, slots_bought (of the shared first six, by kind).
    """
    first = scored.rows[scored.rows["rank"] <= BUNDLE]
    parts = [_of_kind(scored, EVERYTHING, scored.rows, scored.truth, first)]
    for kind in KINDS:
        rows, wanted, slots = (frame[frame["kind"] == kind] for frame in (scored.rows, scored.truth, first))
        parts.append(_of_kind(scored, kind, rows.assign(rank=_places(rows)), wanted, slots))
    return pd.concat(parts, ignore_index=True)


def _places(ordered: pd.DataFrame) -> np.ndarray:
    return ordered.groupby(CUSTOMER_NO, sort=False).cumcount().to_numpy() + 1


def _of_kind(
    scored: Scored, kind: str, rows: pd.DataFrame, truth: pd.DataFrame, slots: pd.DataFrame
) -> pd.DataFrame:
    everybody = pd.Index(scored.customers, name=CUSTOMER_NO)
    wanted = truth.groupby(CUSTOMER_NO).size()
    wanted = wanted[wanted.index.isin(everybody)]
    reached = ranking_by_customer(rows, wanted, LENGTH)
    common = rows[rows["common"]]
    losses = pd.Series(log_losses(common["bought"].to_numpy(), common["p"].to_numpy()), index=common.index)
    by_customer = common[CUSTOMER_NO]
    hits = rows[rows["bought"]].groupby(CUSTOMER_NO).size().reindex(wanted.index, fill_value=0)
    bought = slots[slots["bought"]].groupby(CUSTOMER_NO).size()
    came = everybody.isin(scored.shoppers)
    columns = {
        "buyer": pd.Series(1.0, index=wanted.index),
        "recall": reached["recall"],
        "ndcg": reached["ndcg"],
        "wanted": wanted,
        "missed": wanted - hits,
        "rows": by_customer.groupby(by_customer).size(),
        "loss": losses.groupby(by_customer).sum(),
        "slots": slots.groupby(CUSTOMER_NO).size(),
        "slots_bought": bought,
    }
    table = pd.DataFrame({name: sums.reindex(everybody) for name, sums in columns.items()}).fillna(0.0)
    table["shopper"] = came.astype(np.float64)
    table["items"] = table["slots_bought"] * came
    table["used"] = (table["items"] > 0).astype(np.float64)
    return table.reset_index().assign(method=scored.method, kind=kind)


def slots(scored: Scored) -> pd.DataFrame:
    """The rows on which a budget rests: each customer's first six, and the best tenth of what every method proposed.

    Returns:
        customer_no, method, chosen, top_decile, family, kind, p, bought.
    """
    rows = scored.rows
    chosen = (rows["rank"] <= BUNDLE).to_numpy()
    common = np.flatnonzero(rows["common"])
    best = np.zeros(len(rows), dtype=bool)
    best[common[np.argsort(-rows["p"].to_numpy()[common], kind="stable")[: len(common) // 10]]] = True
    kept = rows.assign(method=scored.method, chosen=chosen, top_decile=best)[chosen | best]
    return kept[[CUSTOMER_NO, "method", "chosen", "top_decile", "family", "kind", "p", "bought"]]


def bins(scored: Scored) -> pd.DataFrame:
    """Reliability on the common pairs: customer_no, method, bin, rows, predicted, bought; bins of BIN_EDGES."""
    rows = scored.rows[scored.rows["common"]]
    place = np.digitize(rows["p"], BIN_EDGES) - 1
    gathered = pd.DataFrame(
        {
            CUSTOMER_NO: rows[CUSTOMER_NO],
            "bin": place,
            "rows": 1,
            "predicted": rows["p"],
            "bought": rows["bought"],
        }
    )
    sums = gathered.groupby([CUSTOMER_NO, "bin"], as_index=False).sum()
    return sums.assign(method=scored.method).astype({"bought": "int64"})


def gains(scored: Scored) -> pd.DataFrame:
    """The bucket's common pairs in a hundred parts, best first: method, part (1 to 100), rows, bought, wanted.

    `wanted` is how many purchases there were in all, the missed ones too; the same for every part.
    """
    rows = scored.rows[scored.rows["common"]]
    order = np.argsort(-rows["p"].to_numpy(), kind="stable")
    bought = rows["bought"].to_numpy()[order]
    parts = np.array_split(bought, 100)
    return pd.DataFrame(
        {
            "method": scored.method,
            "part": np.arange(1, 101),
            "rows": [len(part) for part in parts],
            "bought": [int(part.sum()) for part in parts],
            "wanted": int(scored.truth[CUSTOMER_NO].isin(scored.customers).sum()),
        }
    )


def found(scored: Scored) -> pd.DataFrame:
    """What of the truth is among the candidates, by source and by how many of the best are looked at.

    Returns:
        customer_no, method, wanted, found, candidates; `from SOURCE`, `only SOURCE` and `given SOURCE` (found by
        it, by no other, candidates it gave); `first N`.
    """
    rows = scored.rows
    everybody = pd.Index(scored.customers, name=CUSTOMER_NO)
    columns: dict[str, pd.Series] = {
        "wanted": _counts(scored.truth, everybody),
        "candidates": _counts(rows, everybody),
    }
    hits = rows[rows["bought"]]
    columns["found"] = _counts(hits, everybody)
    for source, bit in SOURCES.items():
        columns[f"from {source}"] = _counts(hits[(hits["sources"] & bit) > 0], everybody)
        columns[f"only {source}"] = _counts(hits[hits["sources"] == bit], everybody)
        columns[f"given {source}"] = _counts(rows[(rows["sources"] & bit) > 0], everybody)
    for first in FIRST:
        columns[f"first {first}"] = _counts(hits[hits["rank"] <= first], everybody)
    return pd.DataFrame(columns).reset_index().assign(method=scored.method)


def _counts(rows: pd.DataFrame, everybody: pd.Index) -> pd.Series:
    return rows.groupby(CUSTOMER_NO).size().reindex(everybody, fill_value=0)
