"""What the next basket holds, foretold from everything bought before by one linear model.

`follow_ups` counts each pair of items by itself. Here all items are weighed together, so that what is bought because
of something else is not counted twice: the ridge regression of next baskets on the baskets before them, in closed
form. That is the shallow autoencoder of Steck (Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019) with the
next basket in place of the same one; an item may foretell itself.
"""

import numpy as np
import scipy.linalg
import scipy.sparse as sp

from models.neighbours.vectors import BasketTriples, Floats
from models.running.blas_threads import one_blas_thread

# Weight of a basket against the next one.
DECAY = 0.8
# Next baskets to learn from, of each customer the latest.
MOST_NEXT = 15
# So many next baskets must speak for an item before half of what they say is believed.
RIDGE = 100.0
# Solved in double precision and kept to eight decimals: machines and their BLAS differ from the thirteenth on.
DECIMALS = 8


def foretelling_items(baskets: BasketTriples, most: int) -> np.ndarray:
    """The `most` items that are in most baskets, ascending; ties go to the smaller one."""
    held = np.bincount(baskets.item, minlength=baskets.items)
    return np.sort(np.lexsort((np.arange(len(held)), -held))[:most]).astype(np.int32)


@one_blas_thread()
def foretelling(baskets: BasketTriples) -> Floats:
    """How much each item foretells each: shape (items, items), to be multiplied by `unit_vectors` from the left.

    A customer's own next baskets are among those learnt from. They lie before the moment at which they are scored, in
    learning as in a night.
    """
    items = baskets.items
    before = sp.csr_array((0, items), dtype=np.float32)
    after = sp.csr_array((0, items), dtype=np.float32)
    for ago in range(MOST_NEXT):
        held = sp.vstack([before, unit_vectors(baskets, first=ago + 1)], format="csr")
        holds = sp.vstack([after, _basket(baskets, ago)], format="csr")
        both = (np.diff(held.indptr) > 0) & (np.diff(holds.indptr) > 0)
        before, after = held[both], holds[both]
    known, came_next = before.astype(np.float64), after.astype(np.float64)
    crossed = sp.csr_array(known.T @ known).toarray()
    crossed[np.diag_indices(items)] += RIDGE
    came = sp.csr_array(known.T @ came_next).toarray()
    told = scipy.linalg.solve(crossed, came, assume_a="pos", overwrite_a=True, overwrite_b=True)
    return np.asarray(np.round(told, DECIMALS), dtype=np.float32)


def unit_vectors(baskets: BasketTriples, first: int = 0) -> sp.csr_array:
    """Every customer's baskets from the `first` last one back, the later the heavier, at length 1 (0 if none)."""
    kept = baskets.baskets_ago >= first
    left = BasketTriples(
        baskets.customer[kept], baskets.item[kept], baskets.baskets_ago[kept], baskets.count, baskets.items
    )
    vectors = left.matrix(DECAY ** (left.baskets_ago - first).astype(np.float64))
    rows = np.repeat(np.arange(len(baskets.count)), np.diff(vectors.indptr))
    length = np.sqrt(
        np.bincount(rows, weights=vectors.data.astype(np.float64) ** 2, minlength=len(baskets.count))
    )
    scaled = (vectors.data / length[rows]).astype(np.float32)
    return sp.csr_array((scaled, vectors.indices, vectors.indptr), shape=vectors.shape)


def _basket(baskets: BasketTriples, ago: int) -> sp.csr_array:
    """Every customer's basket so many before the last, 1 for each of its items."""
    kept = baskets.baskets_ago == ago
    ones = np.ones(int(kept.sum()), dtype=np.float32)
    shape = (len(baskets.count), baskets.items)
    return sp.coo_array((ones, (baskets.customer[kept], baskets.item[kept])), shape=shape).tocsr()
