"""A figure that was estimated, with its standard error: intervals and p-values by Student's t."""

from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Estimate:
    """An estimate whose error is nearly normal.

    Attributes:
        value: in the unit of what was estimated.
        standard_error: in the same unit.
        degrees: of freedom of Student's t, infinite for the normal law.
    """

    value: float
    standard_error: float
    degrees: float

    def interval(self, level: float) -> tuple[float, float]:
        """The range that holds the truth in `level` of all such estimates, looked at once; NaN without an error."""
        reach = float(stats.t.ppf((1 + level) / 2, self.degrees)) * self.standard_error
        return self.value - reach, self.value + reach

    @property
    def p_value(self) -> float:
        """How often chance alone gives as much, either way; 1 where nothing varies and nothing differs."""
        if self.standard_error == 0:
            return 1.0 if self.value == 0 else 0.0
        return float(2 * stats.t.sf(abs(self.value) / self.standard_error, self.degrees))
