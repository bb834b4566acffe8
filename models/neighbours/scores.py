"""Items scored by what the customers nearest to each customer weigh them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models.neighbours.follow_ups import follow_ups
from models.neighbours.foretold import foretelling, foretelling_items, unit_vectors
from models.neighbours.reference import Reference
from models.neighbours.vectors import BasketTriples, Floats, TifuKnn, UpCf, recent_shares, tifu_vectors

# Customers scored at once: a block's scores are dense, 256 x 5,000 items are 5 MB.
BLOCK_CUSTOMERS = 256


@dataclass(frozen=True)
class NeighbourRules:
    """How alike customers are found and what they tell.

    Attributes:
        tifu, upcf: the two methods' parameters.
        customers: of the reference sample, in memory once a worker.
        items: that most of the reference's customers bought; scores are given for these only.
        followers: items that may follow an item (`follow_ups`).
        foretold_items: how many of the items the next basket is foretold for (`foretold`); 0 foretells nothing. A cut
            costs the third power of it: 2,000 items 2 s and 16 MB.
    """

    tifu: TifuKnn = field(default_factory=TifuKnn)
    upcf: UpCf = field(default_factory=UpCf)
    customers: int = 2_500
    items: int = 5_000
    followers: int = 30
    foretold_items: int = 0


@dataclass(frozen=True)
class Neighbours:
    """A reference with what is the same for every bucket that is scored against it."""

    reference: Reference
    rules: NeighbourRules

    @cached_property
    def _vectors(self) -> sp.csr_array:
        return tifu_vectors(self.reference.baskets, self.rules.tifu)

    @cached_property
    def _vectors_by_item(self) -> sp.csr_array:
        return self._vectors.T.tocsr()

    @cached_property
    def _half_norms(self) -> Floats:
        return np.asarray(self._vectors.power(2).sum(axis=1) / 2, dtype=np.float32)

    @cached_property
    def _shares(self) -> sp.csr_array:
        return recent_shares(self.reference.baskets, self.rules.upcf)

    @cached_property
    def _known(self) -> sp.csr_array:
        return _ones(self._vectors)

    @cached_property
    def _known_by_item(self) -> sp.csr_array:
        return self._known.T.tocsr()

    def named(self, item_ids: pd.Series) -> "NamedNeighbours":
        """The same in the ids that a catalogue (its `item_id`) gives its items."""
        ids = item_ids.to_numpy()[self.reference.item_no].astype(np.str_)
        return NamedNeighbours(self.reference, ids, self.rules)

    @cached_property
    def _follow_ups(self) -> sp.csr_array:
        return follow_ups(self.reference.baskets, self.rules.followers)

    @cached_property
    def _foretold_items(self) -> npt.NDArray[np.int32]:
        return foretelling_items(self.reference.baskets, self.rules.foretold_items)

    @cached_property
    def _foretelling(self) -> Floats:
        return foretelling(self.reference.baskets.within(self._foretold_items))

    def ready(self) -> "Neighbours":
        """Itself, with what takes long worked out once, before it goes to the workers."""
        if self.rules.foretold_items and len(self.reference):
            _ = self._foretelling
        return self

    def scores(
        self, baskets: BasketTriples, keys: npt.NDArray[np.uint64]
    ) -> Iterator[tuple[slice, Floats, Floats, Floats, Floats, Floats]]:
        """Score the reference's items for customers, a block at a time.

        Args:
            baskets: the customers' own, of all items.
            keys: (customers,) their `customer_keys`.

        Yields:
            The block's rows, and five arrays of shape (rows, columns): the mean vector of the TIFU-KNN neighbours;
            the UP-CF score divided by the sum of similarities (a share of baskets), 0 where nobody is alike; how
            strongly the item follows what the customer's own vector holds; how surely the next basket is foretold to
            hold it, and how surely by what else they bought, both NaN where nothing is foretold.
        """
        baskets = baskets.within(self.reference.item_no)
        own = tifu_vectors(baskets, self.rules.tifu)
        known = _ones(own)
        before = unit_vectors(baskets.within(self._foretold_items))
        for start in range(0, len(keys), BLOCK_CUSTOMERS):
            rows = slice(start, min(start + BLOCK_CUSTOMERS, len(keys)))
            if not len(self.reference):
                nothing = np.zeros((rows.stop - start, baskets.items), dtype=np.float32)
                yield rows, nothing, nothing, nothing, nothing, nothing
                continue
            themselves = self._themselves(keys[rows])
            followed = np.asarray((own[rows] @ self._follow_ups).toarray(), dtype=np.float32)
            tifu, upcf = self._tifu(own[rows], themselves), self._upcf(known[rows], themselves)
            yield rows, tifu, upcf, followed, *self._foretold(before[rows])

    def _foretold(self, before: sp.csr_array) -> tuple[Floats, Floats]:
        """By everything, and by everything but the item itself."""
        shape = (before.shape[0], len(self.reference.item_no))
        if not self.rules.foretold_items:
            unknown = np.full(shape, np.nan, dtype=np.float32)
            return unknown, unknown
        by_all, by_others = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        told = before @ self._foretelling
        by_all[:, self._foretold_items] = told
        by_others[:, self._foretold_items] = told - before.toarray() * np.diag(self._foretelling)
        return by_all, by_others

    def _themselves(
        self, keys: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows and reference places at which customers meet themselves."""
        place = np.searchsorted(self.reference.keys, keys)
        found = place < len(self.reference)
        found[found] = self.reference.keys[place[found]] == keys[found]
        return np.flatnonzero(found), place[found]

    def _tifu(
        self, own: sp.csr_array, themselves: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    ) -> Floats:
        # |u - v|^2 / 2 = |u|^2 / 2 - closeness, and |u| is the same for all their neighbours
        closeness = (own @ self._vectors_by_item).toarray() - self._half_norms
        closeness[themselves] = -np.inf
        k = min(self.rules.tifu.neighbours, len(self.reference))
        nearest = np.argpartition(-closeness, k - 1, axis=1)[:, :k]
        nearest.sort(axis=1)
        counted = np.take_along_axis(closeness, nearest, axis=1) > -np.inf
        weights = (counted / np.maximum(counted.sum(axis=1, keepdims=True), 1)).astype(np.float32)
        chosen = sp.csr_array(
            (weights.ravel(), nearest.ravel(), np.arange(0, nearest.size + 1, k)), shape=closeness.shape
        )
        return np.asarray((chosen @ self._vectors).toarray(), dtype=np.float32)

    def _upcf(
        self, known: sp.csr_array, themselves: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    ) -> Floats:
        shared = (known @ self._known_by_item).toarray()
        mine, theirs = np.diff(known.indptr)[:, None], np.diff(self._known.indptr)[None, :]
        size = (
            mine**self.rules.upcf.asymmetry * theirs ** (1.0 - self.rules.upcf.asymmetry)
            + self.rules.upcf.shrink
        )
        alike = (shared / np.maximum(size, 1.0).astype(np.float32)) ** self.rules.upcf.locality
        alike[themselves] = 0.0
        total = alike.sum(axis=1, keepdims=True)
        np.divide(alike, total, out=alike, where=total > 0)
        return np.asarray(alike @ self._shares, dtype=np.float32)


@dataclass(frozen=True)
class NamedNeighbours:
    """Neighbours as they travel with a model: items by their ids, which outlive the numbers of a load.

    Attributes:
        reference: the sample; its `item_no` are the numbers of the load it was drawn from.
        item_id: (columns,) the items' ids.
        rules: how the sample is asked.
    """

    reference: Reference
    item_id: npt.NDArray[np.str_]
    rules: NeighbourRules

    def numbered(self, item_ids: pd.Series) -> Neighbours:
        """The same in the numbers of a catalogue (its `item_id`), without the items that it has no more."""
        item_no = pd.Index(item_ids).get_indexer(self.item_id)
        baskets = self.reference.baskets
        kept = item_no[baskets.item] >= 0
        known = np.unique(item_no[item_no >= 0]).astype(np.int32)
        column = np.searchsorted(known, item_no[baskets.item[kept]]).astype(np.int32)
        left = BasketTriples(
            baskets.customer[kept], column, baskets.baskets_ago[kept], baskets.count, len(known)
        )
        return Neighbours(Reference(self.reference.keys, left, known, self.reference.seed), self.rules)


def _ones(matrix: sp.csr_array) -> sp.csr_array:
    return sp.csr_array((np.ones_like(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)
