"""Who is in which arm, with the household as the unit that was drawn."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.ground.errors import BadInput

TREATED, HOLDOUT = 0, 1  # the order of both arms in every array


@dataclass(frozen=True)
class Arms:
    """Both arms of an experiment.

    Attributes:
        treated: shape (customers,), true for the treated.
        household: shape (customers,), numbers from 0 of the households, the units that were drawn.
        households: shape (2,), how many households are treated and held out.
    """

    treated: npt.NDArray[np.bool_]
    household: npt.NDArray[np.int64]
    households: npt.NDArray[np.int64]

    @classmethod
    def of(cls, treated: npt.ArrayLike, household: npt.ArrayLike | None = None) -> "Arms":
        """Arms of customers; without households each customer is one.

        Args:
            treated: shape (customers,), true or 1 for the treated.
            household: shape (customers,), any ids.

        Raises:
            BadInput: the shapes differ, or a household is in both arms.

        """
        is_treated = np.asarray(treated, dtype=bool)
        if household is None:
            numbers = np.arange(len(is_treated), dtype=np.int64)
        else:
            numbers = np.unique(np.asarray(household), return_inverse=True)[1].astype(np.int64)
        if len(numbers) != len(is_treated):
            raise BadInput(
                f"expected one household a customer, got {len(numbers)} for {len(is_treated)} customers"
            )
        members = np.bincount(numbers)
        of_treated = np.bincount(numbers, weights=is_treated)
        torn = int(((of_treated > 0) & (of_treated < members)).sum())
        if torn:
            raise BadInput(
                f"expected every household in one arm, {torn} of {len(members)} are in both; "
                "leave them out and report them as contamination"
            )
        all_treated = int((of_treated > 0).sum())
        return cls(is_treated, numbers, np.array([all_treated, len(members) - all_treated]))

    @property
    def customers(self) -> npt.NDArray[np.int64]:
        """How many customers are treated and held out, shape (2,)."""
        treated = int(self.treated.sum())
        return np.array([treated, len(self.treated) - treated])

    def rows(self, arm: int) -> npt.NDArray[np.bool_]:
        """Which customers are in an arm, shape (customers,)."""
        return self.treated if arm == TREATED else ~self.treated


def in_both_arms(treated: npt.NDArray[np.bool_], household: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Customers whose household, a number from 0, has members in both arms, shape (customers,)."""
    members = np.bincount(household)[household]
    of_treated = np.bincount(household, weights=treated)[household]
    return np.asarray((of_treated > 0) & (of_treated < members))


def summed(rows: npt.NDArray[np.float64], unit: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Rows of shape (n, m) added up by unit, shape (units that occur, m)."""
    names, numbers = np.unique(unit, return_inverse=True)
    if len(names) == len(unit):
        return rows
    sums = np.zeros((len(names), rows.shape[1]))
    for column in range(rows.shape[1]):
        sums[:, column] = np.bincount(numbers, weights=rows[:, column])
    return sums
