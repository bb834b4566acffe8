"""What an experiment can see: the smallest effect that it would find, told before it begins.

A shop that is too small for its question should hear so before it holds customers out, not afterwards from noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from models.effects.confidence_sequence import ConfidenceSequence
from models.ground.errors import BadInput

SHOP_SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)


@dataclass(frozen=True)
class Question:
    """What is to be seen, and how sure.

    Attributes:
        sd: standard deviation of the outcome between customers, over the whole planned time, in its unit.
        correlation: multiple correlation of the outcome with figures of the time before; 0 without them.
        household_size: customers a household, all alike within it in the worst case; 1 where each is drawn alone.
        level: of the interval, for instance .95.
        power: how often an effect of that size is to be found, for instance .8.
    """

    sd: float
    correlation: float
    household_size: float
    level: float
    power: float

    def __post_init__(self) -> None:
        if self.sd < 0 or not -1 <= self.correlation <= 1 or self.household_size < 1:
            raise BadInput(
                "expected a standard deviation of at least 0, a correlation within [-1, 1] and households of at least 1, "
                f"got {self.sd}, {self.correlation} and {self.household_size}"
            )
        if not (0 < self.level < 1 and 0 < self.power < 1):
            raise BadInput(f"expected level and power between 0 and 1, got {self.level} and {self.power}")

    def standard_error(self, customers: float, holdout_share: float) -> float:
        """Of the difference that so many customers will give, in the outcome's unit.

        Raises:
            BadInput: nobody would be in an arm.

        """
        if not 0 < holdout_share < 1 or customers <= 0:
            raise BadInput(
                f"expected customers in both arms, got {customers} of whom {holdout_share} are held out"
            )
        left = self.sd**2 * (1 - self.correlation**2) * self.household_size
        return float(np.sqrt(left / (customers * holdout_share * (1 - holdout_share))))

    def smallest_effect(self, customers: float, holdout_share: float) -> float:
        """The effect that is found with this power at the planned end, looked at once; in the outcome's unit."""
        return (self._single() + self._found()) * self.standard_error(customers, holdout_share)

    def smallest_at_any_look(self, customers: float, holdout_share: float) -> float:
        """The same where every week may be the last: a confidence sequence at its planned end."""
        error = self.standard_error(customers, holdout_share)
        if error == 0:
            return 0.0
        return float(ConfidenceSequence(self.level, error).reach([error])[0]) + self._found() * error

    def customers_needed(self, effect: float, holdout_share: float) -> int:
        """How many customers an effect of this size needs, looked at once.

        Raises:
            BadInput: the effect is 0.

        """
        if effect == 0:
            raise BadInput("expected an effect to be found, got 0; nothing is ever surely nothing")
        one = self.standard_error(1, holdout_share)
        return int(np.ceil(((self._single() + self._found()) * one / effect) ** 2))

    def _single(self) -> float:
        return float(stats.norm.ppf((1 + self.level) / 2))

    def _found(self) -> float:
        return float(stats.norm.ppf(self.power))


@dataclass(frozen=True)
class PowerRow:
    """What a shop of a size can see, in the outcome's unit."""

    customers: int
    looked_at_once: float
    looked_at_weekly: float


def power_table(
    question: Question, holdout_share: float, sizes: Sequence[int] = SHOP_SIZES
) -> list[PowerRow]:
    """The smallest effects for shops of these sizes."""
    return [
        PowerRow(
            size,
            question.smallest_effect(size, holdout_share),
            question.smallest_at_any_look(size, holdout_share),
        )
        for size in sizes
    ]
