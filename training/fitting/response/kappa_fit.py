"""Kappa from the chain's promotions over time: what a family keeps of a promoted product's extra margin in six weeks.

Promotions for everybody leave nobody to compare with but other weeks, and a promoted week's own sales say both how much
more was sold and, by chance alone, how much the family sold: dividing one by the other finds about 1 whatever is true.
So neither is regressed on the other. Both are regressed on what the chain did:

    family's margin a week  ~  family's season + week + theta x promotion + delta x promotion of the five weeks before, fading
    product's margin a week ~  product's season + week + phi x its promotion + the same before + the family's promotion

and kappa = (theta + delta x sum of the fading) / phi. Promotion of a product is the root of its log price cut, so that
deep cuts do not decide alone; of a family the sum over its products by their share of its margin. As instrument stands
the sum by the roots of these shares: one by the shares themselves would ask the family's largest product only, of which
more is kept. Weeks to come are in the family's regression as a placebo: promotions after a week should change nothing in it.
Standard errors are clustered by family.
"""

from dataclasses import dataclass

import numpy as np

from models.customers.rhythm.gap_beliefs import fit_centre
from models.response.elasticities import DEEPEST_BP, WHOLE_BP, Doubles, Ints
from models.response.kept_margin import WEEKS_AFTER, KeptMargin
from training.fitting.response.lift_fit import log_cuts
from training.fitting.response.promotion_panel import PROMOTED_FROM, PromotionPanel

LEADS = 2  # weeks of placebo
# A cupboard that is filled is emptied steadily: what is missing halves in less than a week and a half.
FADING = 0.6 ** np.arange(WEEKS_AFTER - 1)
# What the simulated shops' kappas were missed by beyond their standard errors (docs/response.md).
SYSTEMATIC = 0.15
# Between families: never surely alike, and never further apart than a prior of anybody's puts them; what a family of few
# purchases tells is wilder than its standard error says.
SPREADS = 0.1, 0.3
# Families have seasons, and chains promote what is in season: without these, Complete Journey's placebo is .29 +- .08.
_WAVES = 1, 2
_YEAR_WEEKS = 44  # of the 52 that a year has, those that have enough weeks before and after them
_LEAST_FAMILIES = 10
_LEAST_WEEKS = 26


@dataclass(frozen=True)
class KappaTold:
    """What promotions told of kappa, before it is joined with the prior.

    Attributes:
        kappa, error: of one product's promotion beside the others', and its standard error.
        first_week: the same without what is missing afterwards.
        of_all: kappa of all promotions of a week at once: what they take from each other is in it.
        placebo, placebo_error: of the weeks to come, in the units of kappa.
        family: (F,) each family's own kappa, NaN where it has none.
        family_error: (F,) its standard error.
    """

    kappa: float
    error: float
    first_week: float
    of_all: float
    placebo: float
    placebo_error: float
    family: Doubles
    family_error: Doubles


@dataclass(frozen=True)
class _Solved:
    """Coefficients (K,), each family's influence on them (F, K), and the parts of the first one's by family."""

    value: Doubles
    influence: Doubles


def fit_kappa(panel: PromotionPanel, prior: KeptMargin) -> tuple[KeptMargin, KappaTold | None]:
    """Kappa joined with the prior, and what it was joined from; None where promotions are too few to tell."""
    told = tell_kappa(panel)
    if told is None:
        unknown = float(np.hypot(prior.sd, prior.family_spread))
        families = len(panel.family_no)
        return KeptMargin(
            prior.mean, prior.sd, prior.family_spread, (prior.mean,) * families, (unknown,) * families
        ), None
    # Where promotions to come seem to change something, whatever does it may be in kappa, too.
    confounded2 = max(told.placebo**2 - told.placebo_error**2, 0.0)
    error = float(np.sqrt(told.error**2 + SYSTEMATIC**2 + confounded2))
    weight = prior.sd**2 / (prior.sd**2 + error**2)
    mean, sd = prior.mean + weight * (told.kappa - prior.mean), prior.sd * float(np.sqrt(1 - weight))
    known = np.isfinite(told.family) & (told.family_error > 0)
    spread = prior.family_spread
    if known.sum() >= _LEAST_FAMILIES:
        found = fit_centre(told.family[known], told.family_error[known] ** 2)[1]
        spread = float(np.clip(found, *SPREADS))
    own = np.where(known, spread**2 / (spread**2 + np.where(known, told.family_error, 1.0) ** 2), 0.0)
    # A family's own estimate is as far from the truth as the shop's: its difference from the shop's is what it tells.
    family = mean + own * np.where(known, told.family - told.kappa, 0.0)
    family_sd = np.hypot(sd, spread * np.sqrt(1 - own))
    return KeptMargin(mean, sd, spread, tuple(family.tolist()), tuple(family_sd.tolist())), told


def tell_kappa(panel: PromotionPanel) -> KappaTold | None:
    """Kappa as the panel tells it; None with fewer than 26 weeks or 10 families that promotions moved."""
    weeks = panel.setting.weeks
    if weeks < _LEAST_WEEKS or not len(panel):
        return None
    size = np.maximum(panel.margin.mean(axis=1), 0.0)  # of a product, minor units a week
    whole = panel.family_margin.mean(axis=1)
    promotion = np.sqrt(
        np.minimum(log_cuts(panel), -np.log1p(-DEEPEST_BP / WHOLE_BP)) * (panel.depth >= PROMOTED_FROM)
    )
    moved = (size > 0) & (np.ptp(promotion, axis=1) > 0) & (whole[panel.family] > 0)
    used = np.unique(panel.family[moved])
    if len(used) < _LEAST_FAMILIES:
        return None
    row, family = np.flatnonzero(moved), np.searchsorted(used, panel.family[moved])
    busy = panel.shop_days / panel.shop_days.mean()
    share, own = size[row] / whole[used][family], promotion[row]
    regressor = _by_family(family, share[:, None] * own, len(used))
    instrument = _by_family(family, np.sqrt(share)[:, None] * own, len(used))
    # Margin varies with the margin of a purchase: families of dear products are noisier at the same turnover.
    noise = whole[used] / panel.family_days[used].mean(axis=1)
    outcome = panel.family_margin[used] / busy / whole[used][:, None]
    families = np.arange(len(used))
    of_family = _solve(
        outcome, _with_leads(regressor), _with_leads(instrument), whole[used] / noise, families
    )
    first = panel.margin[row] / busy / size[row][:, None]
    columns = [*_after(own), _now(regressor[family])]
    of_product = _solve(first, columns, columns, size[row] / noise[family] / np.sqrt(share), family)
    phi = float(of_product.value[0])
    if phi <= 0:
        return None
    fading = FADING.sum()
    total = float(of_family.value[0] + fading * of_family.value[1])
    kappa = total / phi
    influence = (
        of_family.influence[:, 0] + fading * of_family.influence[:, 1] - kappa * of_product.influence[:, 0]
    )
    promoted = float(size[row] @ (own > 0).mean(axis=1) / whole[used].sum())
    told, told_error = _each_family(outcome, regressor, instrument, of_family.value, phi)
    placebo = of_family.influence[:, 2:].sum(axis=1)
    return KappaTold(
        kappa=kappa,
        error=_norm(influence) / phi,
        first_week=float(of_family.value[0]) / phi,
        of_all=total / (phi + float(of_product.value[2]) * promoted),
        placebo=float(of_family.value[2:].sum()) / phi,
        placebo_error=_norm(placebo) / phi,
        family=_placed(told, used, len(panel.family_no)),
        family_error=_placed(told_error, used, len(panel.family_no)),
    )


def _by_family(family: Ints, values: Doubles, families: int) -> Doubles:
    whole = np.zeros((families, values.shape[1]))
    np.add.at(whole, family, values)
    return whole


def _now(values: Doubles) -> Doubles:
    """The weeks that have WEEKS_AFTER - 1 before them and LEADS after them."""
    return values[:, WEEKS_AFTER - 1 : values.shape[1] - LEADS]


def _shifted(values: Doubles, weeks: int) -> Doubles:
    return values[:, WEEKS_AFTER - 1 + weeks : values.shape[1] - LEADS + weeks]


def _after(values: Doubles) -> list[Doubles]:
    """Promotion of the week, and what fades of those before it."""
    faded = sum((share * _shifted(values, -lag - 1) for lag, share in enumerate(FADING)), np.zeros(()))
    return [_now(values), np.asarray(faded)]


def _with_leads(values: Doubles) -> list[Doubles]:
    return [*_after(values), *(_shifted(values, lead) for lead in range(1, LEADS + 1))]


def _solve(
    outcome: Doubles, columns: list[Doubles], instruments: list[Doubles], weight: Doubles, family: Ints
) -> _Solved:
    """Weighted least squares with instruments, rows and weeks having levels of their own.

    Args:
        outcome: (n, T) of all weeks.
        columns, instruments: each (n, T') of the weeks that `_now` takes.
        weight: (n,) of the rows.
        family: (n,) what influences are summed over.
    """
    x, z = (
        np.stack([_levelled(column, weight) for column in one], axis=-1) for one in (columns, instruments)
    )
    y = _levelled(_now(outcome), weight)
    cross = np.einsum("ntk,ntl,n->kl", z, x, weight, optimize=True)
    value = np.linalg.pinv(cross) @ np.einsum("ntk,nt,n->k", z, y, weight, optimize=True)
    scores = np.einsum("ntk,nt,n->nk", z, y - x @ value, weight, optimize=True) @ np.linalg.pinv(cross).T
    return _Solved(value, _by_family(family, scores, int(family.max()) + 1))


def _levelled(values: Doubles, weight: Doubles) -> Doubles:
    """Values (n, T) less each row's level, trend and season, and less each week's mean over the rows."""
    season = _season(values.shape[1])
    within = values - (values @ season) @ season.T
    levelled: Doubles = within - (weight @ within) / weight.sum()
    return levelled


def _season(weeks: int) -> Doubles:
    """Orthonormal columns (T, k): a level, a trend, and where there is a year the waves of a year and of half of one."""
    time = np.arange(weeks) - (weeks - 1) / 2
    waves = [wave(2 * np.pi * turns * time / 52) for turns in _WAVES for wave in (np.cos, np.sin)]
    columns = [np.ones(weeks), time, *(waves if weeks >= _YEAR_WEEKS else [])]
    return np.asarray(np.linalg.qr(np.column_stack(columns))[0])


def _each_family(
    outcome: Doubles, regressor: Doubles, instrument: Doubles, value: Doubles, phi: float
) -> tuple[Doubles, Doubles]:
    """Each family's own kappa, what is missing afterwards taken from all, and its standard error; (F,)."""
    even = np.ones(len(outcome))
    now, faded = (_levelled(column, even) for column in _after(regressor))
    asked = _levelled(_now(instrument), even)
    left = _levelled(_now(outcome), even) - value[0] * now - value[1] * faded
    power = (asked * now).sum(axis=1)
    safe = np.where(power > 0, power, np.nan)
    total = float(value[0] + FADING.sum() * value[1])
    return (total + (asked * left).sum(axis=1) / safe) / phi, np.sqrt(
        ((asked * left) ** 2).sum(axis=1)
    ) / safe / phi


def _placed(values: Doubles, rows: Ints, length: int) -> Doubles:
    whole = np.full(length, np.nan)
    whole[rows] = values
    return whole


def _norm(values: Doubles) -> float:
    return float(np.sqrt((values**2).sum()))
