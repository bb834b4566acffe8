"""Means a customer in both arms, adjusted for what was known of everybody before: what every comparison rests on.

In each arm a regression of its own on the figures of the time before says what the arm's mean would be if the arm were
like all customers (Lin, "Agnostic notes on regression adjustments to experimental data: reexamining Freedman's
critique", Annals of Applied Statistics 2013). With one figure, the same quantity of the time before, this is CUPED
(Deng, Xu, Kohavi, Walker, WSDM 2013) with a coefficient for each arm.

Where the smaller arm has fewer than fifty households for each figure, both arms share their slopes: those that a small
holdout learns by itself are mostly chance, and shared ones leave less of the variance (docs/effects.md). They favour no arm
either (Lin, section 3), their error is told by the same sandwich, and only where an effect depends much on the figures would
slopes of its own have known more.

Errors are sandwiches that add up a household's residuals (Liang and Zeger, Biometrika 1986), each residual divided by
the root of one less its leverage (HC2: MacKinnon and White, Journal of Econometrics 1985): with customers who are
households of their own and nothing known before, this is Welch's test. The mean of the figures is itself one of a sample,
which matters where the offers' effect depends on them; that part of the error is added (Ye, Shao, Yi, Zhao, "Toward better
practice of covariate adjustment in analyzing randomized clinical trials", JASA 2023).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.effects.drawn_arms import Arms, summed
from models.effects.estimate import Estimate
from models.ground.errors import BadInput

Floats = npt.NDArray[np.float64]
# Households a figure in the smaller arm, below which slopes of its own cost it more than a fiftieth of its variance.
ENOUGH_OF_ITS_OWN = 50
_SAME = 1e-9  # a direction with so little of the largest one's variance is another figure's shadow


@dataclass(frozen=True)
class ArmMeans:
    """Means of m outcomes in both arms, in the order treated, holdout.

    Attributes:
        mean: shape (2, m), a customer, in the outcome's unit.
        within: shape (2, m, m), covariance of each arm's means that its own customers bring.
        shared: shape (2, m, 2, m), covariance that comes from who all the customers are.
        degrees: shape (2,), of freedom of each arm's covariance.
    """

    mean: Floats
    within: Floats
    shared: Floats
    degrees: Floats

    def contrast(self, weights: npt.ArrayLike) -> Estimate:
        """A weighted sum of the means, weights of shape (2, m); degrees of freedom by Satterthwaite (1946)."""
        by = np.asarray(weights, dtype=np.float64).reshape(self.mean.shape)
        own = np.einsum("ai,aij,aj->a", by, self.within, by)
        common = float(np.einsum("ai,aibj,bj->", by, self.shared, by))
        whole = float(own.sum()) + common
        spread = float((own**2 / self.degrees).sum())
        degrees = whole**2 / spread if spread > 0 else float("inf")
        return Estimate(float((by * self.mean).sum()), float(np.sqrt(max(whole, 0.0))), degrees)

    def covariance(self) -> Floats:
        """Covariance of all means, shape (2, m, 2, m)."""
        whole = self.shared.copy()
        for arm in (0, 1):
            whole[arm, :, arm, :] += self.within[arm]
        return whole


def arm_means(values: npt.ArrayLike, arms: Arms, figures: npt.ArrayLike | None = None) -> ArmMeans:
    """Means of outcomes in both arms.

    Args:
        values: shape (customers,) or (customers, m), one row a customer, all customers who were drawn.
        arms: who is in which.
        figures: shape (customers,) or (customers, k), what was known of each before the experiment began; figures
            that say nothing beyond the others are passed over. None: plain means.

    Raises:
        BadInput: shapes differ, a value is no number, or an arm has fewer than k + 2 households.

    """
    outcome, known = _columns("values", values, arms), _columns("figures", figures, arms)
    k = known.shape[1]
    if int(arms.households.min()) < k + 2:
        treated, holdout = arms.households.tolist()
        raise BadInput(
            f"expected at least {k + 2} households in each arm to compare them on {k} earlier figures, "
            f"got {treated} treated and {holdout} held out; wait for more, or use fewer figures"
        )
    centred = _standardised(known)
    if int(arms.households.min()) < ENOUGH_OF_ITS_OWN * k:
        return _by_common_slopes(outcome, centred, arms)
    found = [_one_arm(outcome, centred, arms, arm) for arm in (0, 1)]
    slopes = np.stack([slope for _, _, slope in found])  # (2, k, m)
    spread = _covariance_of_mean(centred, arms.household)
    return ArmMeans(
        mean=np.stack([mean for mean, _, _ in found]),
        within=np.stack([cov for _, cov, _ in found]),
        shared=np.einsum("aki,kl,blj->aibj", slopes, spread, slopes),
        degrees=(arms.households - 1 - k).astype(np.float64),
    )


def _one_arm(outcome: Floats, centred: Floats, arms: Arms, arm: int) -> tuple[Floats, Floats, Floats]:
    """An arm's means at the middle of all figures, shape (m,), their covariance (m, m) and slopes (k, m)."""
    rows = arms.rows(arm)
    y, x, household = outcome[rows], centred[rows], arms.household[rows]
    n, households = len(y), int(arms.households[arm])
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x = x - x_mean
    inverse = np.linalg.pinv(x.T @ x, rcond=_SAME, hermitian=True)
    slope = inverse @ (x.T @ (y - y_mean))
    turned = x @ inverse
    weight = 1 / n - turned @ x_mean
    leverage = 1 / n + np.einsum("ik,ik->i", turned, x)
    residual = (y - y_mean - x @ slope) / np.sqrt(np.maximum(1 - leverage, 1e-12))[:, None]
    score = summed(weight[:, None] * residual, household)
    # One household less is free, not one customer less; 1 where each customer is a household.
    fewer = (households / (households - 1)) / (n / (n - 1))
    return y_mean - x_mean @ slope, fewer * score.T @ score, slope


def _by_common_slopes(outcome: Floats, centred: Floats, arms: Arms) -> ArmMeans:
    """The same with slopes that both arms share, learnt within them: what one arm's slopes say counts in both means' errors."""
    k, m = centred.shape[1], outcome.shape[1]
    rows = [arms.rows(arm) for arm in (0, 1)]
    x_mean = np.stack([centred[one].mean(axis=0) for one in rows])
    y_mean = np.stack([outcome[one].mean(axis=0) for one in rows])
    side = np.where(arms.treated, 0, 1)
    x, y = centred - x_mean[side], outcome - y_mean[side]
    inverse = np.linalg.pinv(x.T @ x, rcond=_SAME, hermitian=True)
    slope, turned = inverse @ (x.T @ y), x @ inverse
    sizes = np.array([len(outcome[one]) for one in rows], dtype=np.float64)
    leverage = 1 / sizes[side] + np.einsum("ik,ik->i", turned, x)
    residual = (y - x @ slope) / np.sqrt(np.maximum(1 - leverage, 1e-12))[:, None]
    own = np.stack([side == arm for arm in (0, 1)], axis=1) / sizes
    weights = own - turned @ x_mean.T  # (n, 2): what a residual moves each arm's mean by
    fewer = (arms.households / (arms.households - 1)) / (sizes / (sizes - 1))
    weights *= np.sqrt(fewer[side])[:, None]
    score = summed((weights[:, :, None] * residual[:, None, :]).reshape(len(outcome), 2 * m), arms.household)
    whole = (score.T @ score).reshape(2, m, 2, m)
    within = np.stack([whole[arm, :, arm, :] for arm in (0, 1)])
    shared = whole.copy()
    for arm in (0, 1):
        shared[arm, :, arm, :] = 0.0
    spread = slope.T @ _covariance_of_mean(centred, arms.household) @ slope
    return ArmMeans(
        mean=y_mean - x_mean @ slope,
        within=within,
        shared=shared + spread[None, :, None, :],
        degrees=(arms.households - 1).astype(np.float64) - k * sizes / sizes.sum(),
    )


def _covariance_of_mean(centred: Floats, household: npt.NDArray[np.int64]) -> Floats:
    sums = summed(centred, household)
    return np.asarray(sums.T @ sums) * len(sums) / (len(sums) - 1) / len(centred) ** 2


def _standardised(known: Floats) -> Floats:
    """Figures less their means, over their standard deviations; one that never varies is 0."""
    spread = known.std(axis=0)
    varies = spread > _SAME * np.abs(known).max(axis=0, initial=0.0)
    return np.where(varies, (known - known.mean(axis=0)) / np.where(varies, spread, 1.0), 0.0)


def _columns(name: str, given: npt.ArrayLike | None, arms: Arms) -> Floats:
    if given is None:
        return np.zeros((len(arms.treated), 0))
    array = np.asarray(given, dtype=np.float64)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or len(array) != len(arms.treated):  # noqa: PLR2004 - rows and columns
        raise BadInput(
            f"expected {name} of {len(arms.treated)} customers, got an array of shape {array.shape}"
        )
    odd = int((~np.isfinite(array)).any(axis=1).sum())
    if odd:
        raise BadInput(
            f"expected {name} that are numbers, {odd} of {len(array)} customers have none; "
            "say what a missing one means, 0 or a figure of its own"
        )
    return array
