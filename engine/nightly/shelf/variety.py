"""What a bundle as a whole keeps to: few items of the customer's last one, and items of different families."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Removal
from engine.nightly.shelf.assortment import REMOVAL_CODES
from engine.nightly.shelf.offered_before import Numbers, recall
from models.tables import ITEM_NO


@dataclass(frozen=True)
class Limits:
    """N candidates of a bucket under the rules about whole bundles.

    Attributes:
        returns: (N,) whether the customer's last bundle had the item.
        most_returning: so many of these at most; None for any number.
        family: (N,) equal for the items of one family; below 0 where the item has none, which is like no other's.
        least_families: so many different ones at least in each bundle; 0 for any number.
    """

    returns: npt.NDArray[np.bool_]
    most_returning: int | None
    family: Numbers
    least_families: int

    def barred(
        self, customer: Numbers, value: npt.NDArray[np.float64], most_repeats: int
    ) -> npt.NDArray[np.uint8]:
        """(N,) code of the rule that keeps a candidate from competing, else 0: of each kind the most valuable may.

        Args:
            customer: (N,) place of each candidate's.
            value: (N,) minus infinity where the candidate cannot be offered.
            most_repeats: items whose family has a more valuable one among the customer's candidates.
        """
        code = np.zeros(len(value), dtype=np.uint8)
        if self.most_returning is not None:
            rows = np.flatnonzero(self.returns & (value > -np.inf))
            late = rows[rank_within(customer[rows], value[rows]) >= self.most_returning]
            code[late] = REMOVAL_CODES[Removal.RETURNING]
        if self.least_families:
            rows = np.flatnonzero((code == 0) & (value > -np.inf) & (self.family >= 0))
            key = customer[rows] * (int(self.family.max(initial=0)) + 1) + self.family[rows]
            repeats = rows[rank_within(key, value[rows]) > 0]
            late = repeats[rank_within(customer[repeats], value[repeats]) >= most_repeats]
            code[late] = REMOVAL_CODES[Removal.FAMILIES]
        return code

    def like_none_of(
        self,
        customer: Numbers,
        value: npt.NDArray[np.float64],
        rows: Numbers,
        among: npt.NDArray[np.bool_],
    ) -> npt.NDArray[np.bool_]:
        """(N,) which candidates of `among` may take any place of a bundle: they do not return, and each has a family of its own."""
        free = among if self.most_returning is None else among & ~self.returns
        if not self.least_families:
            return free
        key = np.where(self.family < 0, -1, customer * (int(self.family.max(initial=0)) + 1) + self.family)
        free = free & ~((key >= 0) & np.isin(key, key[rows[rows >= 0]]))
        which = np.flatnonzero(free & (key >= 0))
        second = which[rank_within(key[which], value[which]) > 0]
        free[second] = False
        return free

    def too_alike(self, rows: Numbers) -> npt.NDArray[np.bool_]:
        """(n,) bundles of fewer different families than asked; `rows` are (n, S) candidates, below 0 where there is none."""
        family = np.where(rows < 0, -1, np.append(self.family, -1)[rows])
        unlike = np.where(family < 0, -2 - np.arange(rows.shape[1]), family)
        ordered = np.sort(np.where(rows < 0, np.iinfo(np.int64).max, unlike), axis=1)
        new = np.diff(ordered, axis=1, prepend=np.iinfo(np.int64).min) != 0
        different = (new & (ordered < np.iinfo(np.int64).max)).sum(axis=1)
        return np.asarray((rows >= 0).any(axis=1) & (different < self.least_families), dtype=np.bool_)


@dataclass(frozen=True)
class Variety:
    """The rules about whole bundles of one night."""

    offered: pd.DataFrame
    returning: int | None
    families: int
    family_no: Numbers  # of each item

    def limits(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> Limits:
        """What they are for some candidates; the arguments are those of a `CandidateRule`."""
        found = recall(self.offered, customers, candidates, item_id, np.arange(len(item_id), dtype=np.int64))
        family = self.family_no[candidates[ITEM_NO].to_numpy(dtype=np.int64)]
        return Limits(found.bundles_ago == 1, self.returning, family, self.families)


def rank_within(key: Numbers, value: npt.NDArray[np.float64], group: Numbers | None = None) -> Numbers:
    """Each row's place within its group (the key itself by default), by key, then falling value, then in their order."""
    group = key if group is None else group
    order = np.lexsort((-value, key))
    ordered = group[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else ordered
    position = np.arange(len(ordered)) - np.repeat(starts, np.diff(np.append(starts, len(ordered))))
    rank = np.empty(len(key), dtype=np.int64)
    rank[order] = position
    return rank
