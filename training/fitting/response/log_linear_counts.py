"""Counts that grow log-linearly, each stratum with a level of its own: Poisson regression conditional on the strata's totals.

Hausman, Hall and Griliches (Econometrica 52, 1984). Only the mean has to be right: standard errors are the sandwich's,
with clusters (Liang and Zeger, Biometrika 73, 1986), so that counts may vary more than Poisson's.
"""

from dataclasses import dataclass

import numpy as np

from models.response.elasticities import Doubles, Ints

_STEPS = 50
_LONGEST_STEP = 1.0
_NOTHING = 1e-9  # information that is none


@dataclass(frozen=True)
class CountData:
    """n counts.

    Attributes:
        counts: (n,) 0 or more.
        exposure: (n,) what they are proportional to within a stratum, above 0.
        x: (n, K) regressors.
        stratum: (n,) whose level it is.
        cluster: (n,) what is independent of each other.
    """

    counts: Doubles
    exposure: Doubles
    x: Doubles
    stratum: Ints
    cluster: Ints

    def moments(self, slopes: Doubles) -> tuple[Doubles, Doubles, Doubles]:
        """Expected counts (n,), the regressors less their stratum's mean (n, K), and what was counted beyond (n,)."""
        _, number = np.unique(self.stratum, return_inverse=True)
        strata = int(number.max()) + 1 if len(number) else 0
        rate = self.exposure * np.exp(self.x @ slopes)
        rate_of = np.bincount(number, rate, strata)
        share = rate / rate_of[number]
        expected = np.bincount(number, self.counts, strata)[number] * share
        centred = np.column_stack(
            [column - np.bincount(number, share * column, strata)[number] for column in self.x.T]
        )
        return expected, centred, self.counts - expected


@dataclass(frozen=True)
class Slopes:
    """Slopes (K,) and their covariance (K, K)."""

    value: Doubles
    covariance: Doubles

    @property
    def error(self) -> Doubles:
        """Standard errors, (K,)."""
        return np.sqrt(np.diag(self.covariance))


def fit_slopes(data: CountData) -> Slopes | None:
    """Slopes by Newton's method; None where the first regressor never varies within a stratum that counted anything."""
    slopes = np.zeros(data.x.shape[1])
    for _ in range(_STEPS):
        information, score = _information(data, slopes)
        if information[0, 0] < _NOTHING:
            return None
        step = np.clip(np.linalg.pinv(information) @ score, -_LONGEST_STEP, _LONGEST_STEP)
        slopes = slopes + step
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004 - Newton's last steps square the error
            break
    expected, centred, beyond = data.moments(slopes)
    bread = np.linalg.pinv((centred * expected[:, None]).T @ centred)
    _, number = np.unique(data.cluster, return_inverse=True)
    scores = np.column_stack([np.bincount(number, column * beyond) for column in centred.T])
    return Slopes(slopes, bread @ (scores.T @ scores) @ bread)


def _information(data: CountData, slopes: Doubles) -> tuple[Doubles, Doubles]:
    expected, centred, beyond = data.moments(slopes)
    return (centred * expected[:, None]).T @ centred, centred.T @ beyond
