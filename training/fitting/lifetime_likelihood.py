"""Fitting what a customer is worth: maximum likelihood, then corrections learnt on an inner cut.

The inner cut divides the known past as the horizon divides the future: a forecast over H days from a past of P
days is rehearsed from the first P x P / (P + H) days over the rest. Whatever the model gets wrong there in the
same proportion (a level, rates that drift, visits that vary more than they should) is what gets corrected.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import gammaln

from models.customers.lifetime import BgNbd, GammaGamma, LifetimeModel, ParetoNbd, VisitHistory
from models.customers.lifetime.lifetime_value import NO_VISITS, tilt
from models.customers.lifetime.visit_history import DAYS_A_WEEK, Floats
from training.fitting.lifetime_yardsticks import VisitsFit

# Likelihoods are flat towards the edges; parameters stay within e^-7 and e^12.
BOUNDS = (-7.0, 12.0)
# Powers of the tilt that are tried; finer steps are noise.
TRENDS = (0.0, 0.25, 0.5, 0.75, 1.0)
# Corrections beyond these say that the rehearsal was too small to learn from.
LEVELS = (0.5, 2.0)
UNLIKELY = 1e12
# A customer whose mean money of a visit is so many standard deviations (by the median distance) of its logarithm from the
# shop's median, and at least so many times it, is not learnt from: of a normal distribution one in two million is.
SPEND_SPREADS, SPEND_FACTOR = 5.0, 10.0


@dataclass(frozen=True)
class Rehearsal:
    """An inner cut: histories at it, and the visits of each within so many days after it."""

    past: VisitHistory
    came: Floats
    days: int


def fit_bgnbd(history: VisitHistory) -> BgNbd:
    """BG/NBD by maximum likelihood."""
    start = (0.25, 4.0, 0.8, 2.5)
    return BgNbd(*_maximise(lambda p: BgNbd(*p).log_likelihood(history), start))


def fit_pareto_nbd(history: VisitHistory) -> ParetoNbd:
    """Pareto/NBD by maximum likelihood."""
    start = (0.5, 10.0, 0.6, 11.0)
    return ParetoNbd(*_maximise(lambda p: ParetoNbd(*p).log_likelihood(history), start))


def fit_gamma_gamma(visits: Floats, mean_minor: Floats) -> GammaGamma:
    """Gamma-Gamma by maximum likelihood, q held above 2 so that the mean of a new customer is known and firm.

    A mean beyond all others is left out: one mistyped price must not say what everybody spends.
    """
    middle = float(np.median(mean_minor))
    distance = np.abs(np.log(mean_minor / middle))
    usual = distance <= max(SPEND_SPREADS * 1.4826 * float(np.median(distance)), float(np.log(SPEND_FACTOR)))
    visits, mean_minor = visits[usual], mean_minor[usual]
    p, q, v = _maximise(
        lambda free: GammaGamma(free[0], 2.0 + free[1], free[2] * middle).log_likelihood(visits, mean_minor),
        (5.0, 2.0, 1.0),
    )
    return GammaGamma(p, 2.0 + q, v * middle)


def fit_lifetime(
    past: VisitHistory,
    spend: tuple[Floats, Floats],
    horizon_days: int,
    rehearsal: Rehearsal | None,
    fit_visits: VisitsFit = fit_pareto_nbd,
) -> LifetimeModel:
    """Everything a shop's past tells about what its customers are worth.

    Args:
        past: histories at `as_of`.
        spend: visits, and mean money of a visit, minor units, of those who paid anything.
        horizon_days: the horizon to correct for.
        rehearsal: an inner cut and what followed it; None where the past is too short for one.
        fit_visits: how often customers come: Pareto/NBD, or what stands in for it (`lifetime_yardsticks`).
    """
    visits = fit_visits(past)
    model = LifetimeModel(visits, fit_gamma_gamma(*spend), horizon_days, 1.0, 0.0, 1.0, 1.0)
    if rehearsal is not None and rehearsal.came.sum() > 0:
        model = _corrected(model, past, rehearsal, fit_visits)
    expected, typical = (
        ask(past, horizon_days).sum() for ask in (model.expected_visits, model.typical_visits)
    )
    return replace(model, typical_level=_bounded(expected / max(typical, NO_VISITS)))


def rehearsed_miss(rehearsal: Rehearsal, fit_visits: VisitsFit) -> float:
    """Visits by which a way to tell them was off a customer in the rehearsal, in the mean, at the level that came out.

    Absolute misses, not likelihood: the surprise at a handful who were given up and came all the same would outweigh
    everybody else (six of 2,300 customers of Complete Journey were a quarter of the deviance).
    """
    visits, came = fit_visits(rehearsal.past), rehearsal.came
    trends = TRENDS if fit_visits is fit_pareto_nbd else (0.0,)
    expected = visits.expected_visits(rehearsal.past, rehearsal.days / DAYS_A_WEEK)
    tried = [_at_level(expected * tilt(rehearsal.past, trend), came) for trend in trends]
    chosen = min(tried, key=lambda each: float(np.sum(-came * np.log(each))))
    return float(np.abs(chosen - came).mean())


def _at_level(expected: Floats, came: Floats) -> Floats:
    return np.asarray(expected * came.sum() / expected.sum()).clip(NO_VISITS)


def _corrected(
    model: LifetimeModel, past: VisitHistory, rehearsal: Rehearsal, fit_visits: VisitsFit
) -> LifetimeModel:
    """Level, trend and dispersion, so that the rehearsal would have come out right.

    The level goes by the total of BG/NBD, fitted on the same customers: how many end late is what a short past
    tells Pareto/NBD least about, and its total swings with it (by a third on half of CDNOW's past, where that of
    BG/NBD is 7 % off); its order of the customers does not.
    """
    inner = replace(model, visits=fit_visits(rehearsal.past))
    came, days = rehearsal.came, rehearsal.days

    def rehearsed(trend: float) -> Floats:
        return _at_level(replace(inner, trend=trend).expected_visits(rehearsal.past, days), came)

    trends = TRENDS if fit_visits is fit_pareto_nbd else (0.0,)
    trend = min(trends, key=lambda power: float(np.sum(-came * np.log(rehearsed(power)))))
    expected, alive = rehearsed(trend), inner.visits.p_alive(rehearsal.past)
    shape = inner.visits.r + rehearsal.past.repeats
    found = minimize_scalar(
        lambda log: -_zero_inflated(came, expected, alive, np.exp(log) * shape),
        bounds=(np.log(0.02), np.log(50.0)),
        method="bounded",
    )
    rehearsed_total = fit_bgnbd(rehearsal.past).expected_visits(rehearsal.past, days / DAYS_A_WEEK).sum()
    total = fit_bgnbd(past).expected_visits(past, model.horizon_days / DAYS_A_WEEK).sum()
    uncorrected = replace(model, trend=trend).expected_visits(past, model.horizon_days).sum()
    level = came.sum() / rehearsed_total * total / uncorrected
    return replace(model, trend=trend, level=_bounded(level), dispersion=float(np.exp(found.x)))


def _zero_inflated(came: Floats, expected: Floats, alive: Floats, shape: Floats) -> float:
    """Log likelihood of counts: nothing where gone, a negative binomial around the expectation where alive."""
    alive = alive.clip(NO_VISITS, 1.0)
    mean = expected / alive
    counted = (
        gammaln(shape + came)
        - gammaln(shape)
        - gammaln(came + 1.0)
        + shape * np.log(shape / (shape + mean))
        + came * np.log(mean / (shape + mean))
        + np.log(alive)
    )
    nothing = np.logaddexp(counted, np.log(np.maximum(1.0 - alive, NO_VISITS)))
    return float(np.sum(np.where(came == 0, nothing, counted)))


def _bounded(factor: float) -> float:
    return float(np.clip(factor, *LEVELS))


def _maximise(log_likelihood: Callable[[tuple[float, ...]], Floats], start: tuple[float, ...]) -> list[float]:
    """Positive parameters of the largest total log likelihood, searched in logarithms."""

    def loss(logs: Floats) -> float:
        total = -float(np.sum(log_likelihood(tuple(np.exp(logs).tolist()))))
        return total if np.isfinite(total) else UNLIKELY

    found = minimize(
        loss,
        np.log(start),
        method="L-BFGS-B",
        bounds=[BOUNDS] * len(start),
        options={"ftol": 1e-9, "maxfun": 1000},
    )
    return [float(value) for value in np.exp(found.x)]
