"""What a policy asks of a discount: the chance that the item is bought with it, the units, and kappa of its family.

A chance p of buying within a window is a rate -log(1 - p) of first purchases; a discount multiplies the rate, so that no
chance exceeds 1 and what would surely be bought is bought no more often. All of it is observational, estimated from
promotions for everybody (`training.fitting.response_fit`), or the prior of a shop that has none.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.ground.durable import readable_json
from models.ground.errors import BadArtifact
from models.response.elasticities import UNKNOWN, Doubles, Elasticities, Ints, WithError
from models.response.kept_margin import KeptMargin
from models.tables import FAMILY_LEVELS

FORMAT = 1
_MOST_CHANCE = 1 - 1e-9  # whoever buys for sure has a rate, too

# Grocers' published and our own observational lifts at 20 % off are +67 %, +47 % and +20 % for an item bought on no, few
# and many days (docs/simulator.md), elasticities of 2.3, 1.7 and .8. Mailers and displays that come with a promotion are
# in them, a personal offer has neither, and a lead placebo is rejected: six tenths are believed, give or take half.
_INCIDENCE = Elasticities((1.4, 1.05, 0.5), (0.7, 0.5, 0.3), family_spread=0.35, product_spread=0.35)
# Units a purchase move much less, and stockpiling is in them.
_UNITS = Elasticities((0.3, 0.3, 0.3), (0.3, 0.3, 0.3), family_spread=0.35, product_spread=0.35)
# Of a promotion's bump about a third each is another brand's, a later week's and new (van Heerde, Leeflang and Wittink,
# Marketing Science 23, 2004): a third is kept, and between categories anything from nothing to nearly all.
_KAPPA = KeptMargin(mean=0.35, sd=0.3, family_spread=0.2)


@dataclass(frozen=True)
class OfferResponse:
    """N candidates at D depths.

    Attributes:
        chance: (N, D) that the item is bought within the window, with the offer.
        units: (N, D) bought if bought, with the offer.
        rate_error: (N, D) relative standard error of the growth of the rate -log(1 - chance), which is nearly the
            chance's own where that is small.
        units_error: (N, D) relative standard error of the growth of units.
    """

    chance: Doubles
    units: Doubles
    rate_error: Doubles
    units_error: Doubles


@dataclass(frozen=True)
class PriceResponse:
    """What a discount changes, by family and product of one shop.

    Attributes:
        families: names of those of which something was learnt; a family_no is a place in it.
        products: ids of those of which something was learnt; a product_no is a place in it.
        incidence: of the rate of purchases.
        units: of the units of a purchase.
        kept: kappa.
    """

    incidence: Elasticities
    units: Elasticities
    kept: KeptMargin
    families: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse parts that are not about the same families and products; ValueError."""
        of_families = {len(self.incidence.family), len(self.units.family), len(self.kept.family)}
        of_products = {len(self.incidence.product), len(self.units.product)}
        if of_families | {len(self.families)} != {len(self.families)}:
            raise ValueError(f"expected {len(self.families)} families everywhere, got {sorted(of_families)}")
        if of_products | {len(self.products)} != {len(self.products)}:
            raise ValueError(f"expected {len(self.products)} products everywhere, got {sorted(of_products)}")

    @classmethod
    def prior(cls) -> "PriceResponse":
        """What is believed of a shop without promotions of its own: wide."""
        return cls(_INCIDENCE, _UNITS, _KAPPA)

    def family_numbers(self, names: Iterable[str | None]) -> Ints:
        """Places of families by their names (`families_of`), UNKNOWN where nothing was learnt."""
        return _places(self.families, names)

    def product_numbers(self, ids: Iterable[str]) -> Ints:
        """Places of products by their ids, UNKNOWN where nothing was learnt."""
        return _places(self.products, ids)

    def chances(
        self,
        p_buy: npt.ArrayLike,
        expected_units: npt.ArrayLike,
        buys: npt.ArrayLike,
        family_no: npt.ArrayLike,
        depths_bp: npt.ArrayLike,
        product_no: npt.ArrayLike | None = None,
    ) -> OfferResponse:
        """Chance and units of each candidate at each depth.

        Args:
            p_buy: (N,) chance of buying the item within the window without an offer.
            expected_units: (N,) units if bought, without an offer.
            buys: (N,) days on which the customer bought the item before.
            family_no: (N,) `family_numbers`; UNKNOWN for the shop's.
            depths_bp: (D,) basis points off; valid from 500 to 4000, deeper ones count as 4000.
            product_no: (N,) `product_numbers`; None for their families' only.

        Raises:
            ValueError: a depth is negative or everything, a chance is none, or a number is of no family or product.
        """
        before = np.asarray(p_buy, dtype=np.float64)
        if not ((before >= 0) & (before <= 1)).all():
            raise ValueError("expected p_buy between 0 and 1")
        family = _checked(family_no, len(self.families), "families")
        nobody = np.full(len(before), UNKNOWN)
        product = nobody if product_no is None else _checked(product_no, len(self.products), "products")
        days, depths = np.asarray(buys, dtype=np.int64), np.asarray(depths_bp, dtype=np.int64)
        rate, rate_error = self.incidence.log_growth(days, family, product, depths)
        units, units_error = self.units.log_growth(days, family, product, depths)
        usual = -np.log1p(-np.minimum(before, _MOST_CHANCE))
        return OfferResponse(
            chance=-np.expm1(-usual[:, None] * np.exp(rate)),
            units=np.asarray(expected_units, dtype=np.float64)[:, None] * np.exp(units),
            rate_error=rate_error,
            units_error=units_error,
        )

    def kappa(self, family_no: npt.ArrayLike) -> WithError:
        """Mean and standard deviation of kappa in each of some families; shape (N,)."""
        return self.kept.of_families(_checked(family_no, len(self.families), "families"))

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON; `read` takes it back."""
        return {
            "format": FORMAT,
            "families": list(self.families),
            "products": list(self.products),
            "incidence": self.incidence.as_dict(),
            "units": self.units.as_dict(),
            "kept": self.kept.as_dict(),
        }

    @classmethod
    def read(cls, told: Any) -> "PriceResponse":
        """The inverse of `as_dict`.

        Raises:
            BadArtifact: it is not what this code writes.
        """
        try:
            if told["format"] != FORMAT:
                raise BadArtifact(
                    f"The price response has format {told['format']!r}, this code reads {FORMAT}; fit it again."
                )
            return cls(
                incidence=Elasticities.read(told["incidence"]),
                units=Elasticities.read(told["units"]),
                kept=KeptMargin.read(told["kept"]),
                families=tuple(told["families"]),
                products=tuple(told["products"]),
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise BadArtifact(
                f"The price response was not written by this code ({type(error).__name__}: {error}); fit it again."
            ) from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its JSON, hexadecimal: part of the fingerprint of whatever reads it."""
        return hashlib.sha256(readable_json(self.as_dict()).encode()).hexdigest()


def families_of(products: pd.DataFrame) -> list[str | None]:
    """The family that a product's response belongs to: its second level, or its first where there is no second.

    Finer ones hold too little to buy instead.

    Args:
        products: with FAMILY_LEVELS, such as a catalogue's items.
    """
    coarse, fine = (products[level].astype(object) for level in FAMILY_LEVELS[:2])
    named = fine.where(fine.notna(), coarse)
    return [name if isinstance(name, str) else None for name in named.tolist()]


def _places(known: tuple[str, ...], names: Iterable[str | None]) -> Ints:
    place = {name: number for number, name in enumerate(known)}
    return np.array([UNKNOWN if name is None else place.get(name, UNKNOWN) for name in names], dtype=np.int64)


def _checked(numbers: npt.ArrayLike, known: int, what: str) -> Ints:
    given = np.asarray(numbers, dtype=np.int64)
    if given.size and not UNKNOWN <= given.min() <= given.max() < known:
        raise ValueError(
            f"expected numbers of {known} {what}, or {UNKNOWN}, got {given.min()} to {given.max()}"
        )
    return given
