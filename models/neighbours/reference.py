"""The reference sample: which customers are in it, and what they bought."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.neighbours.vectors import BasketTriples


def customer_keys(customer_ids: Iterable[str], seed: int) -> npt.NDArray[np.uint64]:
    """What a customer is called in a reference, and the order in which customers are drawn: (n,) hashes of ids."""
    salt = str(seed).encode()
    hashed = b"".join(
        hashlib.blake2b(identity.encode(), digest_size=8, key=salt).digest() for identity in customer_ids
    )
    return np.frombuffer(hashed, dtype="<u8").astype(np.uint64)


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
    baskets: BasketTriples
    item_no: npt.NDArray[np.int32]
    seed: int

    def __len__(self) -> int:
        """Number of customers."""
        return len(self.keys)


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
    merged = BasketTriples(
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
