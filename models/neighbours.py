"""Customers who shop alike, found in a seeded reference sample: the scores of TIFU-KNN and of UP-CF@r.

Both describe a customer by a weight for each item and score an item by what the customers nearest to him weigh it:

* TIFU-KNN (Hu, He, Gao, Zhang: Modeling Personalized Item Frequency Information for Next-basket Recommendation,
  SIGIR 2020): weights decay within groups of baskets and from group to group, near is Euclidean, and the k nearest
  count the same.
* UP-CF@r (Faggioli, Polato, Aiolli: Recency Aware Collaborative Filtering for Next Basket Recommendation, UMAP 2020):
  a weight is the share of the last r baskets that held the item, near is the asymmetric cosine of the sets of items
  ever bought, and everybody counts by that cosine to the power q.

Every customer's scores depend on him and on the reference alone, so neither the number of buckets nor the order of
customers matters. He is never his own neighbour: reference customers carry keys that are compared with his.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

# Customers scored at once: a block's scores are dense, 256 x 5,000 items are 5 MB.
BLOCK_CUSTOMERS = 256
WEIGHT_UNITS = 2.0**40  # parts of a weight that are told apart
LEAST_FOLLOWED = 3

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
class Baskets:
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

    def within(self, item_no: npt.NDArray[np.int32]) -> "Baskets":
        """Only the given items (ascending), whose places become the columns; baskets keep their number."""
        column = np.full(self.items, -1, dtype=np.int32)
        column[item_no] = np.arange(len(item_no), dtype=np.int32)
        kept = column[self.item] >= 0
        return Baskets(
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


def tifu_vectors(baskets: Baskets, rule: TifuKnn) -> sp.csr_array:
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


def recent_shares(baskets: Baskets, rule: UpCf) -> sp.csr_array:
    """Share of every customer's last r baskets that held the item, shape (customers, items); older ones are 0."""
    recent = baskets.baskets_ago < rule.recency
    counted = np.minimum(baskets.count, rule.recency)[baskets.customer]
    return baskets.matrix(np.where(recent, 1.0 / counted, 0.0))


def customer_keys(customer_ids: Iterable[str], seed: int) -> npt.NDArray[np.uint64]:
    """What a customer is called in a reference, and the order in which customers are drawn: (n,) hashes of ids."""
    salt = str(seed).encode()
    hashed = b"".join(
        hashlib.blake2b(identity.encode(), digest_size=8, key=salt).digest() for identity in customer_ids
    )
    return np.frombuffer(hashed, dtype="<u8").astype(np.uint64)


@dataclass(frozen=True)
class NeighbourRules:
    """How alike customers are found and what they tell.

    Attributes:
        tifu, upcf: the two methods' parameters.
        customers: of the reference sample, in memory once a worker.
        items: that most of the reference's customers bought; scores are given for these only.
        followers: items that may follow an item (`follow_ups`).
    """

    tifu: TifuKnn = field(default_factory=TifuKnn)
    upcf: UpCf = field(default_factory=UpCf)
    customers: int = 2_500
    items: int = 5_000
    followers: int = 30


@dataclass(frozen=True)
class Reference:
    """A sample of customers and what they bought before the moment at which it was drawn.

    Attributes:
        keys: (m,) `customer_keys`, ascending.
        baskets: the sample's baskets; its columns are places in `item_no`.
        item_no: (columns,) the catalogue's items that the sample knows, ascending.
        seed: of the keys.
    """

    keys: npt.NDArray[np.uint64]
    baskets: Baskets
    item_no: npt.NDArray[np.int32]
    seed: int

    def __len__(self) -> int:
        """Number of customers."""
        return len(self.keys)


def follow_ups(baskets: Baskets, keep: int) -> sp.csr_array:
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


def merge_references(parts: Sequence[Reference], size: int, items: int) -> Reference:
    """The `size` customers of smallest key, and the `items` items that most of them bought.

    Every part must hold its bucket's `size` smallest keys (or all) and all their items, so that the result does not
    depend on how customers are spread over buckets.
    """
    keys = np.concatenate([part.keys for part in parts])
    drawn = np.argsort(keys, kind="stable")[:size]
    place = np.full(len(keys), -1, dtype=np.int32)
    place[drawn] = np.arange(len(drawn), dtype=np.int32)
    starts = np.cumsum([0, *(len(part) for part in parts)])
    customer = np.concatenate(
        [place[start + part.baskets.customer] for start, part in zip(starts, parts, strict=False)]
    )
    item_no = np.concatenate([part.item_no[part.baskets.item] for part in parts])
    baskets_ago = np.concatenate([part.baskets.baskets_ago for part in parts])
    count = np.concatenate([part.baskets.count for part in parts])[drawn]

    known = _most_bought(customer, item_no, items)
    column = np.searchsorted(known, item_no)
    kept = (customer >= 0) & np.isin(item_no, known)
    order = np.lexsort((baskets_ago[kept], column[kept], customer[kept]))
    merged = Baskets(
        customer[kept][order],
        column[kept][order].astype(np.int32),
        baskets_ago[kept][order],
        count,
        len(known),
    )
    return Reference(keys[drawn], merged, known, parts[0].seed)


def _most_bought(
    customer: npt.NDArray[np.int32], item_no: npt.NDArray[np.int32], items: int
) -> npt.NDArray[np.int32]:
    """The items with most buyers among the customers drawn, ascending; ties go to the smaller number."""
    drawn = customer >= 0
    pairs = np.unique(np.stack([item_no[drawn], customer[drawn]]), axis=1)
    known, buyers = np.unique(pairs[0], return_counts=True)
    return np.sort(known[np.argsort(-buyers, kind="stable")[:items]]).astype(np.int32)


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

    def scores(
        self, baskets: Baskets, keys: npt.NDArray[np.uint64]
    ) -> Iterator[tuple[slice, Floats, Floats, Floats]]:
        """Score the reference's items for customers, a block at a time.

        Args:
            baskets: the customers' own, of all items.
            keys: (customers,) their `customer_keys`.

        Yields:
            The block's rows, and three arrays of shape (rows, columns): the mean vector of the TIFU-KNN neighbours;
            the UP-CF score divided by the sum of similarities (a share of baskets), 0 where nobody is alike; and how
            strongly the item follows what the customer's own vector holds.
        """
        baskets = baskets.within(self.reference.item_no)
        own = tifu_vectors(baskets, self.rules.tifu)
        known = _ones(own)
        for start in range(0, len(keys), BLOCK_CUSTOMERS):
            rows = slice(start, min(start + BLOCK_CUSTOMERS, len(keys)))
            if not len(self.reference):
                nothing = np.zeros((rows.stop - start, baskets.items), dtype=np.float32)
                yield rows, nothing, nothing, nothing
                continue
            himself = self._himself(keys[rows])
            followed = np.asarray((own[rows] @ self._follow_ups).toarray(), dtype=np.float32)
            yield rows, self._tifu(own[rows], himself), self._upcf(known[rows], himself), followed

    def _himself(self, keys: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows and reference places at which a customer meets himself."""
        place = np.searchsorted(self.reference.keys, keys)
        found = place < len(self.reference)
        found[found] = self.reference.keys[place[found]] == keys[found]
        return np.flatnonzero(found), place[found]

    def _tifu(
        self, own: sp.csr_array, himself: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    ) -> Floats:
        # |u - v|^2 / 2 = |u|^2 / 2 - closeness, and |u| is the same for all his neighbours
        closeness = (own @ self._vectors_by_item).toarray() - self._half_norms
        closeness[himself] = -np.inf
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
        self, known: sp.csr_array, himself: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    ) -> Floats:
        shared = (known @ self._known_by_item).toarray()
        mine, theirs = np.diff(known.indptr)[:, None], np.diff(self._known.indptr)[None, :]
        size = (
            mine**self.rules.upcf.asymmetry * theirs ** (1.0 - self.rules.upcf.asymmetry)
            + self.rules.upcf.shrink
        )
        alike = (shared / np.maximum(size, 1.0).astype(np.float32)) ** self.rules.upcf.locality
        alike[himself] = 0.0
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
        left = Baskets(baskets.customer[kept], column, baskets.baskets_ago[kept], baskets.count, len(known))
        return Neighbours(Reference(self.reference.keys, left, known, self.reference.seed), self.rules)


def _ones(matrix: sp.csr_array) -> sp.csr_array:
    return sp.csr_array((np.ones_like(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)
