"""What is believed of the next gap between two purchases: own experience, shrunken towards the shop's.

The logarithms of one customer's gaps are taken as normal. The shop's customers tell beforehand (empirical Bayes)
where such a centre lies and how far centres lie apart (Paule and Mandel, 1982), what the spread around a centre is
and how much customers differ in it (Smyth, 2004, section 6.2). Own gaps then move both, and what is believed of the
next gap is a Student's t on its logarithm (Gelman and others, Bayesian Data Analysis, section 3.3): the fewer gaps,
the wider it is and the heavier its tails, so that a long silence is neither certain nor impossible to anybody.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, polygamma, stdtr, stdtrit

# Nobody is a clock: a customer who came a hundred times after exactly seven days still gets some spread.
MIN_LOG_SD = 0.3
# A purchase earlier on the day of `as_of` counts as half a day ago.
MIN_SILENCE_DAYS = 0.5
# Below this many members nothing is learnt of how they differ.
MIN_MEMBERS = 10
# The prior's spread counts as at least 2 gaps and at most as 100, whatever few or equal members seem to say.
FREEDOM = (2.0, 100.0)
MIN_BETWEEN_SD = 0.05


@dataclass(frozen=True)
class GapPrior:
    """What a shop's gaps are like before one knows whose.

    Attributes:
        log_mean: mean of the members' centres, in ln days.
        between_sd: standard deviation of the members' centres.
        within_sd: typical standard deviation of one member's log gaps.
        freedom: how many gaps the typical spread weighs against a member's own.
    """

    log_mean: float
    between_sd: float
    within_sd: float
    freedom: float

    def believe(self, gaps: np.ndarray, log_mean: np.ndarray, log_sd: np.ndarray) -> "GapBelief":
        """What is believed of everybody's next gap after their own gaps.

        Args:
            gaps: shape (n,), how many gaps each one has shown; 0 or more.
            log_mean: shape (n,), mean of their log gaps; ignored where there is none.
            log_sd: shape (n,), their sample standard deviation; ignored below two gaps.
        """
        gaps = np.maximum(np.asarray(gaps, dtype=np.float64), 0.0)
        own_freedom = np.maximum(gaps - 1.0, 0.0)
        own_mean = np.where(gaps > 0, np.nan_to_num(np.asarray(log_mean, dtype=np.float64)), 0.0)
        own_sd = np.where(own_freedom > 0, np.nan_to_num(np.asarray(log_sd, dtype=np.float64)), 0.0)
        return self.believe_around(self.log_mean, gaps, own_mean, own_sd, own_freedom)

    def believe_around(
        self,
        centre: float | np.ndarray,
        gaps: np.ndarray,
        own_mean: np.ndarray,
        own_sd: np.ndarray | float = 0.0,
        own_freedom: np.ndarray | float = 0.0,
    ) -> "GapBelief":
        """Like `believe`, around a centre of one's own: a family's, an item's.

        Args:
            centre: scalar or shape (n,), what is expected of the centre beforehand, ln days.
            gaps, own_mean, own_sd: as in `believe`, 0 where there is none.
            own_freedom: gaps that speak of the spread.
        """
        freedom = self.freedom + own_freedom
        spread = np.sqrt((self.freedom * self.within_sd**2 + own_freedom * own_sd**2) / freedom)
        weight = (self.within_sd / self.between_sd) ** 2
        total = gaps + weight
        scale = np.maximum(spread, MIN_LOG_SD) * np.sqrt(1.0 + 1.0 / total)
        return GapBelief((gaps * own_mean + weight * centre) / total, scale, freedom + np.zeros_like(total))


@dataclass(frozen=True)
class GapBelief:
    """Student's t of the logarithm of everybody's next gap.

    Attributes:
        centre: shape (n,), ln days.
        scale: shape (n,).
        freedom: shape (n,), degrees of freedom.
    """

    centre: np.ndarray
    scale: np.ndarray
    freedom: np.ndarray

    def median_days(self) -> np.ndarray:
        """Half of such gaps are shorter; shape (n,)."""
        return np.asarray(np.exp(self.centre))

    def survival(self, days: np.ndarray | float) -> np.ndarray:
        """P(gap > days), shape (n,)."""
        return np.asarray(stdtr(self.freedom, (self.centre - np.log(days)) / self.scale))

    def stays_away(self, silence_days: np.ndarray, days: float) -> np.ndarray:
        """P(nothing for `days` more | the silence so far) = S(g + days) / S(g), shape (n,)."""
        silence = _at_least_half_a_day(silence_days)
        away_now = np.maximum(self.survival(silence), np.finfo(float).tiny)
        return np.asarray(self.survival(silence + days) / away_now)

    def due_in_days(self, silence_days: np.ndarray, share: float) -> np.ndarray:
        """Days from now by which `share` of such gaps have ended, given that they did not yet; shape (n,).

        With S the survival function and g the silence, the t that solves S(g + t) = (1 - share) S(g). It supposes
        that there is a next purchase: whether there is, is the churn model's business.

        Raises:
            ValueError: the share is not between 0 and 1.
        """
        if not 0.0 < share < 1.0:
            raise ValueError(f"expected a share between 0 and 1, got {share}")
        silence = _at_least_half_a_day(silence_days)
        left = np.maximum(self.survival(silence) * (1.0 - share), np.finfo(float).tiny)
        ends = np.exp(self.centre - self.scale * stdtrit(self.freedom, left))
        return np.asarray(np.maximum(ends - silence, 0.0))

    def take(self, rows: np.ndarray) -> "GapBelief":
        """The given rows."""
        return GapBelief(self.centre[rows], self.scale[rows], self.freedom[rows])


def fit_gap_prior(
    gaps: np.ndarray, log_mean: np.ndarray, log_sd: np.ndarray, otherwise: GapPrior
) -> GapPrior:
    """Learn a prior from its members.

    Args:
        gaps: shape (n,), gaps that each member has shown.
        log_mean: shape (n,), mean of their log gaps.
        log_sd: shape (n,), their sample standard deviation, NaN below two gaps.
        otherwise: what to believe where fewer than MIN_MEMBERS members tell.
    """
    shown = gaps >= 1
    if shown.sum() < MIN_MEMBERS:
        return otherwise
    within_sd, freedom = fit_spread(gaps - 1.0, log_sd, otherwise)
    log_centre, between_sd = fit_centre(log_mean[shown], within_sd**2 / gaps[shown])
    return GapPrior(log_centre, between_sd, within_sd, freedom)


def fit_centre(means: np.ndarray, variances: np.ndarray) -> tuple[float, float]:
    """Centre and standard deviation of what `means` measure, each with a known error variance.

    The standard deviation is the one at which the weighted squared deviations are as large as expected (Paule and
    Mandel, "Consensus values and weighting factors", J. Res. Natl. Bur. Stand. 87, 1982).
    """

    def centre(between: float) -> float:
        return float(np.average(means, weights=1.0 / (variances + between)))

    def excess(between: float) -> float:
        deviations = (means - centre(between)) ** 2 / (variances + between)
        return float(deviations.sum()) - (len(means) - 1)

    smallest = MIN_BETWEEN_SD**2
    largest = max(float(np.var(means)) * len(means), smallest)
    between = smallest
    if excess(smallest) > 0:
        between = float(brentq(excess, smallest, largest + 1.0)) if excess(largest + 1.0) < 0 else largest
    return centre(between), float(np.sqrt(between))


def fit_spread(own_freedom: np.ndarray, log_sd: np.ndarray, otherwise: GapPrior) -> tuple[float, float]:
    """Typical standard deviation and its weight in gaps, by the moments of the log sample variances.

    Smyth, "Linear models and empirical Bayes methods for assessing differential expression", Stat. Appl. Genet.
    Mol. Biol. 3, 2004, section 6.2. Equal gaps have no variance whose logarithm could be taken; they are left out.
    """
    measured = (own_freedom >= 1) & (log_sd > 0)
    if measured.sum() < MIN_MEMBERS:
        return otherwise.within_sd, otherwise.freedom
    half = own_freedom[measured].astype(np.float64) / 2.0
    levels = 2.0 * np.log(log_sd[measured].astype(np.float64)) - digamma(half) + np.log(half)
    freedom = _freedom(float(np.var(levels, ddof=1) - np.mean(polygamma(1, half))))
    log_variance = float(levels.mean()) + float(digamma(freedom / 2.0)) - np.log(freedom / 2.0)
    return max(float(np.exp(log_variance / 2.0)), MIN_LOG_SD), freedom


def _freedom(surplus: float) -> float:
    """The freedom at which log variances vary by `surplus` more than chance alone would make them."""

    def lacking(freedom: float) -> float:
        return float(polygamma(1, freedom / 2.0)) - surplus

    fewest, most = FREEDOM
    if lacking(fewest) <= 0:
        return fewest
    return most if lacking(most) >= 0 else float(brentq(lacking, fewest, most))


def _at_least_half_a_day(silence_days: np.ndarray) -> np.ndarray:
    return np.maximum(np.asarray(silence_days, dtype=np.float64), MIN_SILENCE_DAYS)
