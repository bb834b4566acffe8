"""Who bought what at which basket, and the weights that TIFU-KNN and UP-CF@r make of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

WEIGHT_UNITS = 2.0**40  # parts of a weight that are told apart

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class TifuKnn:
    """Parameters of TIFU-KNN.

    Attributes:
        group_size: baskets in a group; the oldest group may have fewer.
        within_decay: weight of a basket against the next one of its group.
        group_decay: weight of a group against the next one.
        neighbours: how many nearest customers count.
        own_share: weight of the customer's own vector in the final score, the neighbours' mean has the rest.
    """

    group_size: int = 7
    within_decay: float = 0.9
    group_decay: float = 0.7
    neighbours: int = 300
    own_share: float = 0.7


@dataclass(frozen=True)
class UpCf:
    """Parameters of UP-CF@r.

    Attributes:
        recency: the last so many baskets make a weight (r).
        asymmetry: share of the customer's own number of items in the cosine's denominator (alpha); the neighbour's
            has the rest.
        locality: the power to which a similarity is raised (q).
        shrink: items added to the denominator, against similarities that rest on few items.
    """

    recency: int = 10
    asymmetry: float = 0.75
    locality: float = 5.0
    shrink: float = 0.0


@dataclass(frozen=True)
class BasketTriples:
    """What some customers bought at which of their baskets: n triples, each once.

    Attributes:
        customer: (n,) row of the customer.
        item: (n,) column of the item.
        baskets_ago: (n,) 0 for the customer's latest basket.
        count: (customers,) how many baskets each customer has.
        items: number of columns.
    """

    customer: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    baskets_ago: npt.NDArray[np.int32]
    count: npt.NDArray[np.int32]
    items: int

    def within(self, item_no: npt.NDArray[np.int32]) -> "BasketTriples":
        """Only the given items (ascending), whose places become the columns; baskets keep their number."""
        column = np.full(self.items, -1, dtype=np.int32)
        column[item_no] = np.arange(len(item_no), dtype=np.int32)
        kept = column[self.item] >= 0
        return BasketTriples(
            self.customer[kept],
            column[self.item[kept]],
            self.baskets_ago[kept],
            self.count,
            len(item_no),
        )

    def matrix(self, weights: npt.NDArray[np.float64]) -> sp.csr_array:
        """Sum (n,) weights from 0 to 1 over each customer's baskets: shape (customers, items), columns ascending.

        Whole numbers are added, which give the same sum in any order; floats do not.
        """
        shape = (len(self.count), self.items)
        whole = np.rint(weights * WEIGHT_UNITS).astype(np.int64)
        summed = sp.coo_array((whole, (self.customer, self.item)), shape=shape).tocsr()
        summed.sort_indices()
        return sp.csr_array(
            ((summed.data / WEIGHT_UNITS).astype(np.float32), summed.indices, summed.indptr), shape=shape
        )


def tifu_vectors(baskets: BasketTriples, rule: TifuKnn) -> sp.csr_array:
    """Every customer's decayed item frequencies, shape (customers, items).

    A basket weighs within_decay ** (baskets after it in its group) / (baskets of the group), a group
    group_decay ** (groups after it) / (groups).
    """
    group = baskets.baskets_ago // rule.group_size
    count = baskets.count[baskets.customer]
    groups = -(-count // rule.group_size)
    in_group = np.where(
        group == groups - 1, count - (groups - 1) * rule.group_size, np.int32(rule.group_size)
    )
    weights = rule.within_decay ** (baskets.baskets_ago % rule.group_size) * rule.group_decay**group
    return baskets.matrix(weights / in_group / groups)


def recent_shares(baskets: BasketTriples, rule: UpCf) -> sp.csr_array:
    """Share of every customer's last r baskets that held the item, shape (customers, items); older ones are 0."""
    recent = baskets.baskets_ago < rule.recency
    counted = np.minimum(baskets.count, rule.recency)[baskets.customer]
    return baskets.matrix(np.where(recent, 1.0 / counted, 0.0))
