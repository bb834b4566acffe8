"""What is bought next time after what."""

import numpy as np
import scipy.sparse as sp

from models.neighbours.vectors import BasketTriples

LEAST_FOLLOWED = 3


def follow_ups(baskets: BasketTriples, keep: int) -> sp.csr_array:
    """What is bought next time after what: shape (items, items), for each item its `keep` strongest followers.

    The strength of b after a is the number of times that b was in a customer's basket and a in the one before it, over
    the geometric mean of how often each was there: the cosine of the two, as in item-based collaborative filtering
    (Deshpande and Karypis, ACM TOIS 22, 2004), of consecutive baskets instead of customers. Pairs seen fewer than
    LEAST_FOLLOWED times say nothing; an item does not follow itself, which other features tell.
    """
    starts = np.cumsum(np.append(0, baskets.count))
    place = starts[baskets.customer] + baskets.baskets_ago
    held = sp.coo_array(
        (np.ones(len(place), dtype=np.int32), (place, baskets.item)), shape=(starts[-1], baskets.items)
    ).tocsr()
    followed = np.delete(np.arange(starts[-1]), starts[:-1][baskets.count > 0])
    before, after = held[followed], held[followed - 1]
    counts = (before.T @ after).tocoo()
    told = (counts.data >= LEAST_FOLLOWED) & (counts.row != counts.col)
    row, column = counts.row[told], counts.col[told]
    size = np.sqrt(np.asarray(before.sum(axis=0), dtype=np.float64)[row])
    size = size * np.sqrt(np.asarray(after.sum(axis=0), dtype=np.float64)[column])
    strength = (counts.data[told] / size).astype(np.float32)
    order = np.lexsort((column, -strength, row))
    rank = np.arange(len(order)) - np.searchsorted(row[order], row[order])
    best = order[rank < keep]
    links = sp.csr_array((strength[best], (row[best], column[best])), shape=counts.shape)
    links.sort_indices()
    return links
