"""Net promoter score, and how many answers it takes to know it.

Promoters answer 9 or 10, detractors 0 to 6; the score is the percentage of the first less that of the second (Reichheld,
"The one number you need to grow", 2003). An answer is thus worth +100, 0 or -100 points and the score is a mean, whose
variance needs no further theory (Rocks, "Interval estimation for the net promoter score", The American Statistician 2016).
"""

import numpy as np
import numpy.typing as npt

from models.effects.estimate import Estimate
from models.effects.sample_means import mean_of_sums
from models.ground.errors import BadInput

PROMOTER_FROM, DETRACTOR_TO = 9, 6
POINTS = 100.0
WORST_SD = POINTS  # half of them promoters and half detractors
_Z = 1.959964


def points(scores: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """What each answer adds: 100 for a promoter, -100 for a detractor, 0 between; shape (n,)."""
    score = np.asarray(scores, dtype=np.float64)
    return POINTS * ((score >= PROMOTER_FROM).astype(np.float64) - (score <= DETRACTOR_TO))


def net_promoter_score(scores: npt.ArrayLike) -> Estimate:
    """The score of answers 0 to 10, shape (n,), one a customer; BadInput for fewer than two.

    Its error is that with three quarters of an answer more at either end and one and a half between, so that thirty
    promoters and nobody else are not surely 100 (Rocks' adjusted Wald interval, around the score as it is).
    """
    worth = points(scores)
    plain = mean_of_sums(len(worth), float(worth.sum()), float((worth**2).sum()))
    n, total, squares = len(worth) + 3.0, float(worth.sum()), float((worth**2).sum()) + 1.5 * POINTS**2
    variance = squares / n - (total / n) ** 2
    return Estimate(plain.value, float(np.sqrt(variance / n)), plain.degrees)


def answers_needed(sd: float, within: float, customers: int) -> int:
    """How many answers give a mean to +- `within` in 95 of 100 surveys.

    Args:
        sd: standard deviation of an answer, in the same unit; WORST_SD where nothing is known of a promoter score.
        within: half the interval's width.
        customers: of whom they are drawn by lot; a small shop needs fewer, because it has asked a large part of all
            (Cochran, Sampling Techniques, 1977, chapter 4).

    Raises:
        BadInput: `within` is not above 0, or there is nobody.
    """
    if within <= 0 or customers < 1:
        raise BadInput(f"expected a margin above 0 and customers, got {within} and {customers}")
    endless = (_Z * sd / within) ** 2
    return int(np.ceil(endless / (1 + (endless - 1) / customers))) if endless > 1 else 1
