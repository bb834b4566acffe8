"""One mean over another, with an interval that is honest where the lower one is hardly known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from models.effects.arm_means import ArmMeans


@dataclass(frozen=True)
class RatioOfMeans:
    """A ratio of two sums of means.

    Attributes:
        over: what is above the line, in its unit.
        under: what is below it.
        covariance: shape (2, 2), of both.
        degrees: of freedom of Student's t.
    """

    over: float
    under: float
    covariance: npt.NDArray[np.float64]
    degrees: float

    @property
    def value(self) -> float:
        """The ratio; NaN over nothing."""
        return self.over / self.under if self.under != 0 else float("nan")

    @property
    def standard_error(self) -> float:
        """By the delta method; NaN over nothing."""
        if self.under == 0:
            return float("nan")
        by = np.array([1.0, -self.value])
        return float(np.sqrt(max(by @ self.covariance @ by, 0.0)) / abs(self.under))

    def interval(self, level: float) -> tuple[float, float]:
        """Fieller's: all ratios that the data do not speak against (Fieller, "Some problems in interval estimation", 1954).

        From minus to plus infinity where what is below the line may be nothing.
        """
        t_square = float(stats.t.ppf((1 + level) / 2, self.degrees)) ** 2
        square = self.under**2 - t_square * self.covariance[1, 1]
        if square <= 0:
            return float("-inf"), float("inf")
        cross = self.over * self.under - t_square * self.covariance[0, 1]
        rest = self.over**2 - t_square * self.covariance[0, 0]
        reach = float(np.sqrt(max(cross**2 - square * rest, 0.0)))
        return (cross - reach) / square, (cross + reach) / square


def ratio_of(means: ArmMeans, over: npt.ArrayLike, under: npt.ArrayLike) -> RatioOfMeans:
    """The ratio of two weighted sums of means, weights of shape (2, m) each; degrees by Satterthwaite at the ratio."""
    weights = [np.asarray(by, dtype=np.float64).reshape(means.mean.shape) for by in (over, under)]
    whole = means.covariance()
    covariance = np.array([[np.einsum("ai,aibj,bj->", a, whole, b) for b in weights] for a in weights])
    above, below = (float((by * means.mean).sum()) for by in weights)
    ratio = above / below if below != 0 else 0.0
    return RatioOfMeans(above, below, covariance, means.contrast(weights[0] - ratio * weights[1]).degrees)
