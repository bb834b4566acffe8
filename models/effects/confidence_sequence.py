"""A band that may be looked at every week: it holds the truth at all looks together.

An interval at 95 % that is looked at for 26 weeks misses the truth at some look in a fifth of the runs and more. A normal
mixture's boundary does not, for any number of looks, at any time, also when the experiment goes on because of what was
seen (Robbins, "Statistical methods related to the law of the iterated logarithm", 1970; asymptotic confidence sequences:
Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
Annals of Statistics 2024). The formulas are those of the library `confseq` (Howard and Waudby-Smith).

Time is information, one over the squared error: what a look knows more than the one before is new, as in group-sequential
theory (Jennison and Turnbull, 2000, chapter 11). Customers who keep buying as they always did make looks more alike than
that, which makes the band only safer. How little is known where the band is narrowest is settled before the experiment.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.ground.errors import BadInput

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ConfidenceSequence:
    """A band for one experiment, settled before it begins.

    Attributes:
        level: of all experiments whose band holds the truth at every look.
        planned_error: the standard error that the plan expects at its end, in the outcome's unit; there the band is
            narrowest for what is known, 1.55 times an interval that is looked at once.
    """

    level: float
    planned_error: float

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise BadInput(f"expected a level between 0 and 1, got {self.level}")
        if not 0 < self.planned_error < np.inf:
            raise BadInput(
                f"expected a planned standard error above 0, got {self.planned_error}; plan the experiment first"
            )

    def reach(self, errors: npt.ArrayLike) -> Floats:
        """How far the band goes from each look's estimate, in its unit; errors of shape (looks,), 0 has no reach.

        Raises:
            BadInput: an error is negative or none.

        """
        told = self._told(errors)
        miss = 1 - self.level
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.sqrt((1 + 1 / told) * (np.log1p(told) + 2 * np.log(1 / miss)))
            return np.asarray(np.nan_to_num(times * np.asarray(errors, dtype=np.float64), nan=0.0))

    def band(self, values: npt.ArrayLike, errors: npt.ArrayLike) -> Floats:
        """Low and high at each look, shape (looks, 2), of estimates and their standard errors, shape (looks,)."""
        middle, reach = np.asarray(values, dtype=np.float64), self.reach(errors)
        return np.stack([middle - reach, middle + reach], axis=-1)

    def p_values(self, values: npt.ArrayLike, errors: npt.ArrayLike) -> Floats:
        """How sure no difference is ruled out by each look, shape (looks,), valid at all together; never rises again."""
        told, middle = self._told(errors), np.asarray(values, dtype=np.float64)
        known = np.asarray(errors, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_mixture = (middle / known) ** 2 * told / (1 + told) / 2 - np.log1p(told) / 2
        surely = np.where(middle == 0, 0.0, np.inf)  # where nothing varies
        log_mixture = np.where(known > 0, log_mixture, surely)
        return np.minimum.accumulate(np.exp(-np.maximum(log_mixture, 0.0)))

    def _told(self, errors: npt.ArrayLike) -> Floats:
        """Information of each look in units of the mixture's own."""
        known = np.asarray(errors, dtype=np.float64)
        if not (known >= 0).all():
            raise BadInput("expected standard errors of at least 0 at every look, got others")
        twice = 2 * np.log(1 / (1 - self.level))
        with np.errstate(divide="ignore"):
            return np.asarray((self.planned_error / known) ** 2 * (twice + np.log1p(twice)))
