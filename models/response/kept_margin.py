"""Kappa: how much of a promoted week's extra margin is still there when six weeks have passed.

Kappa = (extra margin of the family over weeks 0 to 5) / (extra units of the promoted products in week 0 x margin at list
price): what was bought neither instead of another item of the family nor instead of buying it later.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.response.elasticities import Doubles, Ints, WithError, with_tuples

WEEKS_AFTER = 6  # the promoted one included


@dataclass(frozen=True)
class KeptMargin:
    """What is believed of kappa, in the shop and in its families.

    Attributes:
        mean, sd: of the shop's.
        family_spread: standard deviation of a family's around it.
        family: mean of each family's, shrunk towards the shop's; shape (f,).
        family_sd: what is not known of each.
    """

    mean: float
    sd: float
    family_spread: float
    family: tuple[float, ...] = ()
    family_sd: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no fit gives; ValueError."""
        if not np.isfinite((self.mean, self.sd, self.family_spread, *self.family, *self.family_sd)).all():
            raise ValueError("expected kappa as finite numbers")
        if min((self.sd, *self.family_sd)) <= 0 or self.family_spread < 0:
            raise ValueError("expected standard deviations of kappa above 0")
        if len(self.family) != len(self.family_sd):
            raise ValueError("expected a standard deviation for each family")

    def of_families(self, family_no: Ints) -> WithError:
        """Kappa of each family and what is not known of it, the shop's where it is UNKNOWN; shape (N,)."""
        unknown = float(np.hypot(self.sd, self.family_spread))
        mean: Doubles = np.array([*self.family, self.mean])[family_no]
        sd: Doubles = np.array([*self.family_sd, unknown])[family_no]
        return WithError(mean, sd)

    def as_dict(self) -> dict[str, Any]:
        """Numbers and tuples of them, which JSON writes as lists."""
        return asdict(self)

    @classmethod
    def read(cls, told: dict[str, Any]) -> "KeptMargin":
        """The inverse of `as_dict`; raises LookupError, TypeError or ValueError where it is none."""
        return cls(**with_tuples(told))
