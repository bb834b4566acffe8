"""How a quantity grows with a discount: log of the growth = elasticity x log(full price / paid price).

The elasticity is the shop's own for a customer who never bought the item, did so on few days, or on many; families and
products stretch it by a factor around 1, each shrunk as far as its own sales do not speak.
"""

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

DEEPEST_BP = 4_000  # nothing is told beyond: a deeper cut is believed to do what this one does
WHOLE_BP = 10_000
UNKNOWN = -1  # number of a family or product that nothing was learnt of

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Familiarity(IntEnum):
    """On how many days a customer bought the item before."""

    NEVER = 0
    FEW = 1
    MANY = 2


FAMILIAR_FROM = (1, 5)  # days bought from which it is FEW, and MANY


def familiarity(buys: npt.ArrayLike) -> Ints:
    """The `Familiarity` of so many days bought before; shape as given."""
    return np.asarray(np.digitize(np.asarray(buys), FAMILIAR_FROM), dtype=np.int64)


def log_cut(depths_bp: npt.ArrayLike) -> Doubles:
    """Log of full price over paid price; depths beyond DEEPEST_BP count as that; shape as given.

    Raises:
        ValueError: a depth is negative, or everything.
    """
    depths = np.asarray(depths_bp, dtype=np.float64)
    if not ((depths >= 0) & (depths < WHOLE_BP)).all():
        raise ValueError(f"expected depths in basis points from 0 to below {WHOLE_BP}, got {depths.tolist()}")
    return np.asarray(-np.log1p(-np.minimum(depths, DEEPEST_BP) / WHOLE_BP), dtype=np.float64)


class WithError(NamedTuple):
    """An estimate and its standard error, arrays of one shape."""

    value: Doubles
    error: Doubles


@dataclass(frozen=True)
class Elasticities:
    """Elasticities of a shop, its families and its products.

    Attributes:
        of_shop: by `Familiarity`, 0 or more.
        error: standard error of each.
        family: factor of each family, shrunk towards 1; shape (f,).
        family_error: standard error of each.
        family_spread: standard deviation of such factors between families.
        product: factor of each product, shrunk towards its family's; shape (p,).
        product_error: standard error of each.
        product_spread: standard deviation of a product's factor around its family's.
    """

    of_shop: tuple[float, float, float]
    error: tuple[float, float, float]
    family_spread: float
    product_spread: float
    family: tuple[float, ...] = ()
    family_error: tuple[float, ...] = ()
    product: tuple[float, ...] = ()
    product_error: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no fit gives; ValueError."""
        numbers = (*self.of_shop, *self.error, *self.family, *self.product, *self.family_error)
        numbers = (*numbers, *self.product_error, self.family_spread, self.product_spread)
        if not (np.isfinite(numbers).all() and min(numbers) >= 0):
            raise ValueError("expected elasticities, factors and errors that are finite and 0 or more")
        if len(self.of_shop) != len(Familiarity) or len(self.error) != len(Familiarity):
            raise ValueError(f"expected an elasticity and its error for each of {list(Familiarity)}")
        if len(self.family) != len(self.family_error) or len(self.product) != len(self.product_error):
            raise ValueError("expected an error for each factor")

    def factor(self, family_no: Ints, product_no: Ints) -> WithError:
        """The factor of a product, else of its family, else 1; shape (N,).

        Args:
            family_no: (N,) place of the family, UNKNOWN where nothing is known of it.
            product_no: (N,) the same of the product.
        """
        family = _looked_up(self.family, family_no, 1.0)
        error = np.hypot(_looked_up(self.family_error, family_no, self.family_spread), self.product_spread)
        known = product_no >= 0
        return WithError(
            np.where(known, _looked_up(self.product, product_no, 1.0), family),
            np.where(known, _looked_up(self.product_error, product_no, 0.0), error),
        )

    def log_growth(self, buys: Ints, family_no: Ints, product_no: Ints, depths_bp: Ints) -> WithError:
        """Log of the growth at each depth; shape (N, D).

        Args:
            buys: (N,) days on which the customer bought the item before.
            family_no, product_no: (N,) as in `factor`.
            depths_bp: (D,) basis points off.
        """
        known = familiarity(buys)
        base, base_error = np.array(self.of_shop)[known], np.array(self.error)[known]
        factor, factor_error = self.factor(family_no, product_no)
        cut = log_cut(depths_bp)
        error = np.hypot(factor * base_error, base * factor_error)
        return WithError((base * factor)[:, None] * cut, error[:, None] * cut)

    def as_dict(self) -> dict[str, Any]:
        """Numbers and tuples of them, which JSON writes as lists."""
        return asdict(self)

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Elasticities":
        """The inverse of `as_dict`; raises LookupError, TypeError or ValueError where it is none."""
        return cls(**with_tuples(told))


def with_tuples(told: dict[str, Any]) -> dict[str, Any]:
    """Arguments as JSON keeps them, lists being tuples again."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}


def _looked_up(of: tuple[float, ...], place: Ints, otherwise: float) -> Doubles:
    known = np.array([*of, otherwise])  # UNKNOWN is the last place
    return np.asarray(known[place], dtype=np.float64)
