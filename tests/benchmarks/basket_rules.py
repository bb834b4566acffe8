"""What the next basket's yardsticks say, over all customers and all products at once.

Frequency, recency and popularity; TIFU-KNN and UP-CF@r on the vectors of `models.neighbours`, with all other customers as
the reference and no choice of candidates before. In UP-CF a customer is their own nearest neighbour, as in its published
code; in TIFU-KNN they are not among their own neighbours and their own vector has a weight of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import scipy.sparse as sp

from models.items.baselines import PUBLISHED
from models.neighbours import BasketTriples, TifuKnn, UpCf, recent_shares, tifu_vectors

BLOCK = 500
# How many baskets back count as lately, for popularity.
LATELY = 4
TIFU_GRID = tuple(
    TifuKnn(group_size, within, group, neighbours, own)
    for group_size, within, group, neighbours, own in product(
        (3, 7), (0.9, 1.0), (0.7, 0.9), (100, 300, 900), (0.5, 0.7, 0.9)
    )
)
UPCF_GRID = tuple(
    UpCf(recency, asymmetry, locality)
    for recency, asymmetry, locality in product((5, 10, 100), (0.25, 0.5, 0.75), (1.0, 2.0, 5.0, 10.0))
)
# (rows, items) scores of the customers in the given rows.
Rule = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Known:
    """A history without what is judged.

    Attributes:
        baskets: everybody's baskets.
        customer_id, product_id: what rows and columns stand for.
        popular: (items,) in how many customers' last LATELY baskets, from 0 to below 1.
    """

    baskets: BasketTriples
    customer_id: np.ndarray
    product_id: np.ndarray
    popular: np.ndarray


def known_from(lines: pd.DataFrame) -> Known:
    """Baskets of lines: customer_id, product_id and `basket`, which rises with time."""
    customer, customer_id = pd.factorize(lines["customer_id"], sort=True)
    item, product_id = pd.factorize(lines["product_id"], sort=True)
    ago = (
        lines.groupby("customer_id")["basket"].rank(method="dense", ascending=False).to_numpy().astype(int)
        - 1
    )
    held = pd.DataFrame({"customer": customer, "item": item, "ago": ago}).drop_duplicates().astype("int32")
    count = np.zeros(len(customer_id), dtype=np.int32)
    np.maximum.at(count, held["customer"].to_numpy(), held["ago"].to_numpy() + 1)
    columns = (held[name].to_numpy() for name in ("customer", "item", "ago"))
    baskets = BasketTriples(*columns, count, len(product_id))
    lately = held[held["ago"] < LATELY].drop_duplicates(["customer", "item"])
    popular = np.bincount(lately["item"], minlength=len(product_id))
    return Known(baskets, np.asarray(customer_id), np.asarray(product_id), popular / (popular.max() + 1.0))


def simple_rules(known: Known) -> dict[str, Rule]:
    """Frequency with ties by recency, recency with ties by frequency, popularity; all then by popularity."""
    baskets = known.baskets
    buys = baskets.matrix(np.ones(len(baskets.item)))
    shape = buys.shape
    last = sp.coo_array((baskets.baskets_ago, (baskets.customer, baskets.item)), shape=shape)
    order = np.lexsort((last.col, last.row))
    first = np.flatnonzero(np.diff(last.row[order] * np.int64(shape[1]) + last.col[order], prepend=-1))
    since = np.minimum.reduceat(last.data[order], first)
    lately = sp.csr_array(
        (1.0 / (1.0 + since), (last.row[order][first], last.col[order][first])), shape=shape
    )
    fill = 1e-6 * known.popular
    return {
        "frequency": lambda rows: buys[rows].toarray() + 0.9 * lately[rows].toarray() + fill,
        "recency": lambda rows: lately[rows].toarray() + 1e-4 * buys[rows].toarray() + fill,
        "popularity": lambda rows: np.tile(known.popular, (len(rows), 1)),
    }


def tifu_rules(known: Known, grid: tuple[TifuKnn, ...]) -> Iterator[tuple[TifuKnn, Rule]]:
    """TIFU-KNN with each of the parameters."""
    for rule in grid:
        vectors = tifu_vectors(known.baskets, rule)
        by_item, half = vectors.T.tocsr(), np.asarray(vectors.power(2).sum(axis=1)) / 2

        def scores(
            rows: np.ndarray,
            rule: TifuKnn = rule,
            vectors: sp.csr_array = vectors,
            by_item: sp.csr_array = by_item,
            half: np.ndarray = half,
        ) -> np.ndarray:
            closeness = (vectors[rows] @ by_item).toarray() - half
            closeness[np.arange(len(rows)), rows] = -np.inf
            k = min(rule.neighbours, len(half) - 1)
            nearest = np.argpartition(-closeness, k, axis=1)[:, :k]
            chosen = sp.csr_array(
                (np.full(nearest.size, 1.0 / k), nearest.ravel(), np.arange(0, nearest.size + 1, k)),
                shape=closeness.shape,
            )
            others = (chosen @ vectors).toarray()
            return np.asarray(rule.own_share * vectors[rows].toarray() + (1.0 - rule.own_share) * others)

        yield rule, scores


def upcf_rules(known: Known, grid: tuple[UpCf, ...]) -> Iterator[tuple[UpCf, Rule]]:
    """UP-CF@r with each of the parameters."""
    ever = known.baskets.matrix(np.ones(len(known.baskets.item))).sign()
    by_item, size = ever.T.tocsr(), np.maximum(np.diff(ever.indptr), 1)
    for rule in grid:
        shares = recent_shares(known.baskets, rule)

        def scores(rows: np.ndarray, rule: UpCf = rule, shares: sp.csr_array = shares) -> np.ndarray:
            alike = (ever[rows] @ by_item).toarray()
            alike /= size[rows][:, None] ** rule.asymmetry * size ** (1.0 - rule.asymmetry) + rule.shrink
            return np.asarray((alike**rule.locality) @ shares)

        yield rule, scores


def predictions(known: Known, rule: Rule, rows: np.ndarray, k: int) -> pd.DataFrame:
    """The k best products of the customers in the given rows: customer_id, product_id, rank."""
    tops = []
    for start in range(0, len(rows), BLOCK):
        score = rule(rows[start : start + BLOCK]) + 1e-9 * known.popular
        best = np.argpartition(-score, k, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(score, best, axis=1), axis=1, kind="stable")
        tops.append(np.take_along_axis(best, order, axis=1))
    top = np.concatenate(tops)
    return pd.DataFrame(
        {
            "customer_id": np.repeat(known.customer_id[rows], k),
            "product_id": known.product_id[top.ravel()],
            "rank": np.tile(np.arange(1, k + 1), len(rows)),
        }
    )


def published(known: Known) -> dict[str, Rule]:
    """TIFU-KNN and UP-CF@r with the parameters that their papers report."""
    ((_, tifu),) = tifu_rules(known, (PUBLISHED.tifu,))
    ((_, upcf),) = upcf_rules(known, (PUBLISHED.upcf,))
    return {"TIFU-KNN, published": tifu, "UP-CF@r, published": upcf}
