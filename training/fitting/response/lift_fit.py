"""How incidence and units grow with the depth of a promotion, by how well customers know the item.

A customer's familiarity is frozen before each block of weeks, and every product has a level of its own in every block for
each familiarity: what is compared is a promoted week with the same customers' other weeks. What stood in the weeks before
is controlled for, because whoever has stocked up buys less.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.response.elasticities import DEEPEST_BP, WHOLE_BP, Doubles, Elasticities, Familiarity
from training.fitting.response.log_linear_counts import CountData, Slopes, fit_slopes
from training.fitting.response.promotion_panel import PromotionPanel
from training.fitting.response.shrunk_factors import ShrunkFactors, shrink

BEFORE_WEEKS = 3  # of promotion that may have filled cupboards
# Nothing of this is randomised: mailers, displays and timing may be in it however many were counted. A lead placebo is
# rejected on Complete Journey, and the simulated shops' lifts are told this well (docs/response.md).
SYSTEMATIC = 0.15  # relative standard error that no amount of data takes away
# What of a slope is the price's where nobody says which promotions came with mailer and display: on Complete Journey, which
# says it, elasticities of incidence are 1.78, 1.35 and .84 with both as controls, 2.46, 1.83 and 1.01 without; of units a day
# .26, .32 and .25 after .31, .38 and .31. A personal offer has neither.
PRICE_ALONE = {"incidence": 0.75, "units": 0.83}
_PRICE_ALONE_ERROR = 0.3  # relative; in the calibrated world it is half
_LEAST_DISPERSION = 1.0


@dataclass(frozen=True)
class Lift:
    """What was estimated, before it is joined with the prior.

    Attributes:
        slopes: by `Familiarity`: [own depth, depth before, controls...]; None where nothing could be told.
        factors: of families and products.
    """

    slopes: tuple[Slopes | None, ...]
    factors: ShrunkFactors


def fit_incidence(panel: PromotionPanel, prior: Elasticities) -> tuple[Elasticities, Lift]:
    """Growth of days with the product, in proportion to the shop's days with any product."""
    exposure = np.broadcast_to(panel.shop_days, panel.days[:, 0].shape)
    return _fit(panel, panel.days, [exposure] * len(Familiarity), prior, PRICE_ALONE["incidence"])


def fit_units(panel: PromotionPanel, prior: Elasticities) -> tuple[Elasticities, Lift]:
    """Growth of units a day with the product."""
    exposures = [panel.days[:, known] for known in Familiarity]
    return _fit(panel, panel.units, exposures, prior, PRICE_ALONE["units"])


def log_cuts(panel: PromotionPanel) -> Doubles:
    """Log of list price over price, (P, T)."""
    return np.asarray(-np.log1p(-panel.depth), dtype=np.float64)


def _fit(
    panel: PromotionPanel, counts: Doubles, exposures: list[Doubles], prior: Elasticities, price_alone: float
) -> tuple[Elasticities, Lift]:
    cut = log_cuts(panel)
    padded = np.pad(cut, ((0, 0), (BEFORE_WEEKS, 0)))
    before = np.mean([padded[:, lag : lag + cut.shape[1]] for lag in range(BEFORE_WEEKS)], axis=0)
    x = np.stack([cut, before, *panel.controls], axis=-1)
    slopes: list[Slopes | None] = []
    score, information = np.zeros(len(panel)), np.zeros(len(panel))
    beyond, freedom = 0.0, 0.0
    for known, exposure in zip(Familiarity, exposures, strict=True):
        data = _rows(panel, counts[:, known], exposure, x)
        fitted = fit_slopes(data) if len(data.counts) else None
        slopes.append(fitted)
        if fitted is None or fitted.value[0] <= 0:
            continue
        expected, centred, more = data.moments(fitted.value)
        own = fitted.value[0] * centred[:, 0]
        score += np.bincount(data.cluster, own * more, len(panel))
        information += np.bincount(data.cluster, own * own * expected, len(panel))
        counted = expected > 0
        beyond += float((more[counted] ** 2 / expected[counted]).sum())
        freedom += float(counted.sum()) - len(np.unique(data.stratum[counted]))
    dispersion = max(beyond / freedom, _LEAST_DISPERSION) if freedom > 0 else _LEAST_DISPERSION
    factors = shrink(
        score / dispersion, information / dispersion, panel.family, len(panel.family_no), prior.family_spread
    )
    lift = Lift(tuple(slopes), factors)
    controlled = len(panel.controls) > 0
    part = (1.0, SYSTEMATIC) if controlled else (price_alone, float(np.hypot(SYSTEMATIC, _PRICE_ALONE_ERROR)))
    return _with_prior(lift, prior, *part), lift


def _rows(panel: PromotionPanel, counts: Doubles, exposure: Doubles, x: Doubles) -> CountData:
    """The weeks after the training window with no deeper cut than the deepest that is believed, as rows."""
    weeks = np.arange(panel.setting.weeks)
    block = (weeks - panel.setting.first_week) // panel.setting.block_weeks
    used: npt.NDArray[np.bool_] = (exposure > 0) & (weeks >= panel.setting.first_week)
    used &= panel.depth <= DEEPEST_BP / WHOLE_BP + 1e-9
    row, week = np.nonzero(used)
    return CountData(
        counts=counts[used],
        exposure=np.asarray(exposure)[used],
        x=x[used],
        stratum=row * (int(block.max(initial=0)) + 1) + block[week],
        cluster=row,
    )


def _with_prior(lift: Lift, prior: Elasticities, part: float, systematic: float) -> Elasticities:
    value, error = [], []
    for fitted, mean, sd in zip(lift.slopes, prior.of_shop, prior.error, strict=True):
        own = 0.0 if fitted is None else part * float(fitted.value[0])
        own_error = (
            np.inf if fitted is None else float(np.hypot(part * fitted.error[0], systematic * abs(own)))
        )
        weight = 0.0 if fitted is None else sd**2 / (sd**2 + own_error**2)
        value.append(max(mean + weight * (own - mean), 0.0))
        error.append(sd * float(np.sqrt(1 - weight)))
    factors = lift.factors
    return Elasticities(
        of_shop=(value[0], value[1], value[2]),
        error=(error[0], error[1], error[2]),
        family_spread=factors.family_spread,
        product_spread=factors.product_spread,
        family=tuple(factors.family.tolist()),
        family_error=tuple(factors.family_error.tolist()),
        product=tuple(factors.product.tolist()),
        product_error=tuple(factors.product_error.tolist()),
    )
