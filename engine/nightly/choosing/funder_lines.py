"""What suppliers' budgets cost tonight: a price, in value, of what each is expected to pay, so that none is planned beyond."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.nightly.choosing.price_grid import (
    AT_NO_PRICE,
    FIRST_PRICE,
    Numbers,
    Values,
    enough,
    in_value,
    most_borne,
)


@dataclass(frozen=True)
class FunderLines:
    """The budgets of A agreements.

    Attributes:
        agreement_no: (I,) of each item; -1 where nobody funds it.
        price: (A,) a place on the grid: value that a thousandth of a minor unit of the supplier's must bring.
    """

    agreement_no: Numbers
    price: Numbers

    def of(self, item: Numbers) -> Numbers:
        """The agreement of each place's item; -1 where it has none, or the place is empty."""
        return np.append(self.agreement_no, -1)[item]

    def asked(self, item: Numbers, funded_milli: Numbers | None) -> Values:
        """What each place must bring for what its supplier is expected to pay."""
        asked = np.zeros(item.shape)
        if funded_milli is None:
            return asked
        price = np.append(in_value(self.price), 0.0)[self.of(item)]
        pays = (funded_milli > 0) & (price > 0)
        asked[pays] = price[pays] * funded_milli[pays]
        return asked


@dataclass(frozen=True)
class PaidByFunders:
    """What a bucket tells of its served bundles; whole numbers, which add up in any order.

    Attributes:
        milli: (A,) what suppliers are expected to pay; empty where nothing is funded.
        bearable: by agreement that has a price: (AT_NO_PRICE + 1,) of that what bears each place of the grid and no higher one.
    """

    milli: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    bearable: Mapping[int, Numbers] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: FunderLines, item: Numbers, paid_milli: Numbers, bears: Values) -> "PaidByFunders":
        """Count places: their items, what is paid of them, and the value up to which they would stay for that."""
        agreement = lines.of(item)
        funds = (agreement >= 0) & (paid_milli > 0)
        milli = np.zeros(len(lines.price), dtype=np.int64)
        np.add.at(milli, agreement[funds], paid_milli[funds])
        bearable = {}
        for one in np.flatnonzero(lines.price).tolist():
            mine = funds & (agreement == one)
            counts = np.zeros(AT_NO_PRICE + 1, dtype=np.int64)
            np.add.at(counts, most_borne(bears[mine] / paid_milli[mine]), paid_milli[mine])
            bearable[one] = counts
        return cls(milli, bearable)

    def __add__(self, other: "PaidByFunders") -> "PaidByFunders":
        """Both together."""
        return PaidByFunders(
            self.milli + other.milli,
            {one: counts + other.bearable[one] for one, counts in self.bearable.items()},
        )

    def overdrawn(self, left_milli: Numbers) -> npt.NDArray[np.bool_]:
        """(A,) agreements of which more is expected than is left."""
        return np.asarray(self.milli > left_milli)

    def raised(self, price: Numbers, left_milli: Numbers, haste: int) -> Numbers:
        """(A,) the prices at which, as far as is known, none is overdrawn; each rises by `haste` steps at least."""
        found = price.copy()
        for one in np.flatnonzero(self.overdrawn(left_milli)).tolist():
            if one not in self.bearable:
                found[one] = FIRST_PRICE
            else:
                found[one] = enough(self.bearable[one], int(left_milli[one]), int(price[one]) + haste)
        return found
