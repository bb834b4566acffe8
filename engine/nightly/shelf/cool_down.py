"""An item, or a family, rests after it was offered; an item that is offered again and again and never used rests for longer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Removal
from engine.nightly.shelf.offered_before import Numbers, keys_of, placed, recall


@dataclass(frozen=True)
class Rest:
    """An item may return once so many of the customer's bundles, and so many days since the end of its last one, went by.

    Staples, what the customer buys at least every `staple_gap_days` by their own usual gap, have numbers of their own.
    """

    offered: pd.DataFrame
    bundles: int
    days: int
    staple_gap_days: float
    staple_bundles: int
    staple_days: int
    removal: Removal = Removal.ITEM_RESTS

    def bars(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        """See `CandidateRule`."""
        found = recall(self.offered, customers, candidates, item_id, np.arange(len(item_id), dtype=np.int64))
        if self.staple_gap_days:
            staple = candidates["item_gap_days"].to_numpy(dtype=np.float64) <= self.staple_gap_days
        else:
            staple = np.zeros(len(candidates), dtype=np.bool_)
        bundles = np.where(staple, self.staple_bundles, self.bundles)
        days = np.where(staple, self.staple_days, self.days)
        return (found.bundles_ago <= bundles) | (found.ended_days < days)


@dataclass(frozen=True)
class FamilyRest:
    """A family may return likewise; an item without a family is not held by it."""

    offered: pd.DataFrame
    bundles: int
    days: int
    family_no: Numbers  # of each item
    removal: Removal = Removal.FAMILY_RESTS

    def bars(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        """See `CandidateRule`."""
        found = recall(self.offered, customers, candidates, item_id, self.family_no)
        return (found.bundles_ago <= self.bundles) | (found.ended_days < self.days)


@dataclass(frozen=True)
class Fatigue:
    """An item that was offered so often in a row and never used rests for so many days after the last time.

    In a row are the times that it was offered at all, whatever was offered between them; a rest of that length begins anew.
    What nobody saw could not be used: a customer without offers counts as having used what they bought since.
    """

    offered: pd.DataFrame
    offers: int
    days: int
    removal: Removal = Removal.TIRED

    def bars(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        """See `CandidateRule`."""
        each = np.arange(len(item_id), dtype=np.int64)
        wanted = keys_of(customers, candidates, each)
        since_buy = pd.Series(candidates["days_since_buy"].to_numpy(dtype=np.float64), index=wanted)
        keys, kept = placed(self.offered, customers, item_id, each)
        rows = self.offered.assign(key=keys)[kept].sort_values(["key", "bundles_ago"], kind="stable")
        bought = rows["key"].map(since_buy) <= rows["begun_days"]
        used = rows["used"].astype(bool) | (rows["shadow"].astype(bool) & bought)
        newer = rows.groupby("key")["begun_days"].shift()
        rested = (rows["ended_days"] - newer) >= self.days
        stops = (used | rested).astype(np.int64)
        unused = rows[stops.groupby(rows["key"]).cumsum() == 0].groupby("key")["ended_days"]
        tired = unused.agg(["size", "min"])
        tired = tired[(tired["size"] >= self.offers) & (tired["min"] < self.days)]
        return np.isin(wanted, tired.index.to_numpy())
