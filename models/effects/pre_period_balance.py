"""Whether both arms were alike before anything was offered: a lot that was drawn well makes them so."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from models.effects.arm_means import arm_means
from models.effects.drawn_arms import Arms

# Balance is looked at again and again, over customers who hardly change: a level that repeated looks do not use up.
BALANCE_ALARM = 0.001


@dataclass(frozen=True)
class Balance:
    """How alike both arms were.

    Attributes:
        differences: shape (k,), mean of the treated less that of the held out, in standard deviations; a tenth is little.
        p_value: how often a fair lot gives differences as large, all figures together.
    """

    differences: npt.NDArray[np.float64]
    p_value: float


def balance(figures: npt.ArrayLike, arms: Arms) -> Balance:
    """Compare the arms on figures of the time before, shape (customers, k).

    All figures together are tested by Hotelling's T-square with errors by household ("The generalization of Student's
    ratio", Annals of Mathematical Statistics 1931), the degrees of freedom those of the smaller arm.

    Raises:
        BadInput: as `arm_means`.

    """
    known = np.asarray(figures, dtype=np.float64).reshape(len(arms.treated), -1)
    spread = known.std(axis=0)
    scaled = known / np.where(spread > 0, spread, 1.0)
    means = arm_means(scaled, arms)
    apart = means.mean[0] - means.mean[1]
    covariance = means.within.sum(axis=0)
    told = int(np.linalg.matrix_rank(covariance, hermitian=True, rtol=1e-9))
    p_value = 1.0
    free = float(arms.households.min()) - told
    if told and free > 0:
        t_square = float(apart @ np.linalg.pinv(covariance, rcond=1e-9, hermitian=True) @ apart)
        p_value = float(stats.f.sf(t_square * free / (told * (free + told - 1)), told, free))
    treated, holdout = known[arms.treated], known[~arms.treated]
    return Balance(standardised_differences(treated, holdout), p_value)


def standardised_differences(
    one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Mean of one group less that of another, in standard deviations, shape (k,); 0 where neither varies.

    The standard deviation is the root of the mean of both variances (Austin, Statistics in Medicine 2009).
    """
    spread = np.sqrt((one.var(axis=0, ddof=1) + other.var(axis=0, ddof=1)) / 2)
    apart = one.mean(axis=0) - other.mean(axis=0)
    return np.asarray(np.where(spread > 0, apart / np.where(spread > 0, spread, 1.0), 0.0))
