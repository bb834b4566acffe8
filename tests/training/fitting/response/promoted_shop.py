"""A shop whose response is known: weeks of counts drawn around what its promotions bring."""

from dataclasses import dataclass

import numpy as np

from models.response import Familiarity
from training.fitting.response.promotion_panel import PromotionPanel
from training.fitting.response.purchase_cells import CellSetting

FADING = 0.6 ** np.arange(5)


@dataclass(frozen=True)
class Truth:
    elasticity: tuple[float, float, float] = (2.0, 1.5, 0.8)
    taken_from_family: float = 0.4  # of a promotion's extra units, the same week
    taken_from_later: float = 0.2  # over the five weeks after
    season: float = 0.0  # by which a family's demand moves over the year, promotions with it

    @property
    def kappa(self) -> float:
        return 1 - self.taken_from_family - self.taken_from_later


def promoted_shop(truth: Truth, seed: int, *, families: int = 30, weeks: int = 60) -> PromotionPanel:
    """Six products a family, each with 20 days a week of customers of each familiarity; a margin of 100 a day."""
    rng = np.random.default_rng(seed)
    family = np.repeat(np.arange(families), 6)
    phase = rng.uniform(0, 2 * np.pi, families)
    wave = np.cos(2 * np.pi * np.arange(weeks) / 52 + phase[:, None])[family]
    promoted = rng.random((len(family), weeks)) < 0.3 + 0.25 * wave * (truth.season > 0)
    depth = promoted * rng.choice([0.1, 0.2, 0.3], promoted.shape)
    growth = np.exp(np.array(truth.elasticity)[:, None] * -np.log1p(-depth)[:, None])
    usual = 20.0 * rng.gamma(4, 0.25, (len(family), 1, 1)) * np.ones((1, 3, 1))
    usual = usual * (1 + truth.season * wave)[:, None]
    days = usual * growth
    extra = (days - usual).sum(axis=1)
    lost = truth.taken_from_family * extra
    for lag, share in enumerate(FADING / FADING.sum(), start=1):
        lost[:, lag:] += truth.taken_from_later * share * extra[:, :-lag]
    of_family = np.zeros((families, weeks))
    np.add.at(of_family, family, lost)
    # What the family loses is taken from the products of it that sell irregularly, and are not in the panel.
    others = rng.poisson(np.maximum(400.0 - of_family, 0.0))
    counted = rng.poisson(days).astype(np.float64)
    margin = 100.0 * counted.sum(axis=1)
    family_days = others.astype(np.float64)
    np.add.at(family_days, family, counted.sum(axis=1))
    return PromotionPanel(
        setting=CellSetting(weeks, 13, 8),
        product=np.arange(len(family)),
        family=family,
        family_no=np.arange(families),
        depth=depth,
        controls=np.zeros((0, len(family), weeks)),
        days=counted,
        units=counted + rng.poisson(0.2 * counted * np.exp(np.zeros((1, len(Familiarity), 1)))),
        margin=margin,
        family_margin=100.0 * family_days,
        family_days=family_days,
    )
