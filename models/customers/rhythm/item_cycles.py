"""A customer and an item: how often they buy it, and when they are due to buy it again.

A pair's gaps are shrunken towards those of the item's family, and the family's towards the shop's, by the same
prior as visits. What a pair has shown is its mean gap alone: it is what every night knows of every pair for
nothing, and the spread around it is the shop's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.customers.rhythm.gap_beliefs import GapBelief, GapPrior, fit_centre, fit_spread
from models.features.catalogue import Catalogue
from models.tables import ITEM_NO

# Where nothing was bought twice: three weeks, give or take.
THREE_WEEKS = GapPrior(log_mean=float(np.log(21.0)), between_sd=0.7, within_sd=0.8, freedom=3.0)
# Below this many pairs nothing is learnt.
MIN_PAIRS = 50


@dataclass(frozen=True)
class ItemRhythm:
    """How the shop's customers come back to items.

    Attributes:
        pairs: the gaps of pairs around their family's centre; `log_mean` is the shop's own.
        families: the centre of each finest family, in ln days, shrunken towards the shop's; a family without
            repeated purchases is missing and has the shop's.
    """

    pairs: GapPrior
    families: Mapping[str, float]

    def centres(self, catalogue: Catalogue) -> np.ndarray:
        """What is expected of each item's gap beforehand, ln days, shape (items,)."""
        shop = self.pairs.log_mean
        known = [self.families.get(family or "", shop) for family in catalogue.finest_families]
        return np.array(known, dtype=np.float64)

    def gaps(self, centres: np.ndarray, buys: np.ndarray, mean_gap_days: np.ndarray) -> GapBelief:
        """What is believed of the next gap of each pair.

        Args:
            centres: shape (n,), from `centres`, of each pair's item.
            buys: shape (n,), days on which the customer bought the item.
            mean_gap_days: shape (n,), from the first to the last of them over their number; NaN below two.
        """
        gaps = np.maximum(np.asarray(buys, dtype=np.float64) - 1.0, 0.0)
        own_mean = own_log_mean(gaps, mean_gap_days, self.pairs.within_sd)
        return self.pairs.believe_around(centres, gaps, own_mean)

    def usual_gap_days(self, centres: np.ndarray, buys: np.ndarray, mean_gap_days: np.ndarray) -> np.ndarray:
        """The median that is believed of each pair's gap, shape (n,); arguments as for `gaps`."""
        return self.gaps(centres, buys, mean_gap_days).median_days()


def own_log_mean(gaps: np.ndarray, mean_gap_days: np.ndarray, within_sd: float) -> np.ndarray:
    """The mean log gap that a mean gap tells of, shape (n,); 0 where there is no gap.

    The logarithm of the mean of n log-normal gaps lies about within_sd^2 / 2 x (1 - 1/n) above the mean of their
    logarithms.
    """
    shown = gaps > 0
    days = np.where(shown, np.nan_to_num(np.asarray(mean_gap_days, dtype=np.float64)), 1.0).clip(0.5)
    excess = within_sd**2 / 2.0 * (1.0 - 1.0 / np.maximum(gaps, 1.0))
    return np.where(shown, np.log(days) - excess, 0.0)


def fit_item_rhythm(pairs: pd.DataFrame, catalogue: Catalogue) -> ItemRhythm:
    """Learn how items are bought again.

    Args:
        pairs: one row a pair bought on two days or more: item_no, buys, item_gap_days (the mean gap), gap_log_sd
            (sample standard deviation of its log gaps, NaN below two gaps).
        catalogue: the items.
    """
    if len(pairs) < MIN_PAIRS:
        return ItemRhythm(THREE_WEEKS, {})
    gaps = pairs["buys"].to_numpy(dtype=np.float64) - 1.0
    within_sd, freedom = fit_spread(gaps - 1.0, pairs["gap_log_sd"].to_numpy(dtype=np.float64), THREE_WEEKS)
    means = own_log_mean(gaps, pairs["item_gap_days"].to_numpy(dtype=np.float64), within_sd)
    variances = within_sd**2 / gaps
    shop, between_all = fit_centre(means, variances)

    of_item, names = pd.factorize(np.array(catalogue.finest_families, dtype=object), use_na_sentinel=False)
    place = of_item[pairs[ITEM_NO].to_numpy(dtype=np.int64)]
    weight = 1.0 / (variances + between_all**2)
    total = np.bincount(place, weight, minlength=len(names))
    told = total > 0
    families = np.bincount(place, weight * means, minlength=len(names)) / np.where(told, total, 1.0)
    _, between_pairs = fit_centre(means - families[place], variances)
    if told.sum() > 1:
        shop, between_families = fit_centre(families[told], 1.0 / total[told])
        kept = between_families**2 / (between_families**2 + 1.0 / np.where(told, total, np.inf))
        families = shop + kept * (families - shop)
    centres = {
        name: float(centre)
        for name, centre, known in zip(names, families, told, strict=True)
        if known and isinstance(name, str)
    }
    return ItemRhythm(GapPrior(shop, between_pairs, within_sd, freedom), centres)
