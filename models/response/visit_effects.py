"""What savings do to visits: named coefficients with all that is not known of them, and what a visit brought is worth.

The hazard of a visit is multiplied by exp(sum of coefficient x dose). The dose of a kind of saving grows with what a bundle
saves on it and saturates at the trouble of a trip, S / (S + trip_minor): time has a price (Becker 1965, "A theory of the
allocation of time", Economic Journal). The kinds are alike before anything was seen and differ a little (a hierarchical
normal, Gelman and Hill 2007, chapter 12), all around zero: that offers bring nobody is what is believed until a shop's own
lots say otherwise.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from models.ground.errors import BadArtifact
from models.response.elasticities import Doubles, with_tuples

# What a saving is on: what will plausibly be used, what runs out, what is loved, what was never bought.
KINDS = ("plausible", "due", "loved", "new")
WEAR = "wear"  # what bundles leave behind, useful or not: weariness, or trust
COEFFICIENTS = (*KINDS, WEAR)
_COMMON_SD, _OWN_SD = 0.1, 0.12  # log hazard at a dose of 1: of all kinds together, and of one around them
# A bundle-week's trace is half grown in its own week, and after it fades by a half-life of two weeks (Zielske 1959, "The
# remembering and forgetting of advertising", Journal of Marketing): in weeks of a whole trace, now and in all later ones.
HALF_LIFE_DAYS = 14.0
AT_ONCE, NEXT_WEEK = 0.5, 0.85
LATER = NEXT_WEEK / (1 - 0.5 ** (7 / HALF_LIFE_DAYS))
_WEAR_SD, _TIRING_SD = 0.015, 0.15
# Of the margin of a visit: a saving that counts half. Such trips are the small ones.
_HALF = 0.5
_LASTING = 0.8  # where visits are twice as regular as chance has it (shape 1.5)
# Of an average visit's margin. Needs are finite: what a visit brought forward buys is missing later, as with a promotion's
# bump, of which a third is new (van Heerde, Leeflang and Wittink 2004), and anything from nothing to a whole visit is possible.
_BROUGHT, _BROUGHT_SD = 0.4, 0.3


@dataclass(frozen=True)
class VisitEffects:
    """What is believed of a shop; log hazard of a visit for a dose of 1.

    Attributes:
        mean: (K,) of COEFFICIENTS.
        covariance: (K, K).
        brought: margin of a brought visit without what the offers take off, as a share of the customer's average visit.
        brought_sd: what is not known of it.
        trip_minor: margin of the shop's mean visit, minor units, by which a trip's trouble is measured.
        lasting: visits more in the long run for one visit brought (`VisitHazard.lasting`).
    """

    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    brought: float
    brought_sd: float
    trip_minor: float
    lasting: float = _LASTING

    def __post_init__(self) -> None:
        """Refuse what no fit gives; ValueError."""
        mean, covariance = np.array(self.mean), np.array(self.covariance)
        if mean.shape != (len(COEFFICIENTS),) or covariance.shape != (len(COEFFICIENTS),) * 2:
            raise ValueError(f"expected {len(COEFFICIENTS)} coefficients and their covariance")
        if not (np.isfinite(mean).all() and np.isfinite(covariance).all() and np.isfinite(self.brought)):
            raise ValueError("expected finite coefficients")
        if (
            not (np.diag(covariance) > 0).all()
            or self.brought_sd <= 0
            or not self.trip_minor > 0
            or not 0 <= self.lasting <= 1
        ):
            raise ValueError("expected variances and a trip above 0, and a lasting share")

    @classmethod
    def prior(cls, trip_minor: float, lasting: float = _LASTING) -> "VisitEffects":
        """Before anything was seen, in a shop whose average visit leaves about `trip_minor`."""
        kinds = len(KINDS)
        covariance = np.zeros((len(COEFFICIENTS),) * 2)
        covariance[:kinds, :kinds] = _COMMON_SD**2 + np.eye(kinds) * _OWN_SD**2
        covariance[kinds, kinds] = _WEAR_SD**2
        return cls(
            (0.0,) * len(COEFFICIENTS), _nested(covariance), _BROUGHT, _BROUGHT_SD, trip_minor, lasting
        )

    @property
    def if_bundles_tire(self) -> "VisitEffects":
        """The same, where what bundles leave behind may be far worse than is usual."""
        covariance = np.array(self.covariance)
        covariance[-1], covariance[:, -1] = 0.0, 0.0
        covariance[-1, -1] = _TIRING_SD**2
        return replace(self, covariance=_nested(covariance))

    def doses(self, savings_minor: Doubles) -> Doubles:
        """Doses (..., K) of bundles that save so much by kind, (..., len(KINDS)) minor units; the last is wear's, of all weeks."""
        saturated = savings_minor / (savings_minor + self.half_minor)
        return np.concatenate([saturated, np.full((*saturated.shape[:-1], 1), AT_ONCE + LATER)], axis=-1)

    @property
    def half_minor(self) -> float:
        """The saving that counts half, minor units."""
        return _HALF * self.trip_minor

    def visits_worth(self, doses: Doubles) -> tuple[Doubles, Doubles]:
        """Mean and variance of what doses (..., K) add, in average visits for each visit expected."""
        mean, covariance = np.array(self.mean), np.array(self.covariance)
        more = doses @ mean
        spread = np.maximum(np.einsum("...k,kl,...l->...", doses, covariance, doses), 0.0)
        return self.brought * more, self.brought**2 * spread + self.brought_sd**2 * (more**2 + spread)

    def hoped(self, place: int, deviations: float) -> Doubles:
        """(K,) the coefficients, were one of them so many standard deviations better than its mean, and the others with it."""
        covariance = np.array(self.covariance)
        along = covariance[:, place] / np.sqrt(covariance[place, place])
        return np.asarray(np.array(self.mean) + deviations * along, dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Numbers and tuples of them, which JSON writes as lists."""
        return asdict(self)

    @classmethod
    def read(cls, told: dict[str, Any]) -> "VisitEffects":
        """The inverse of `as_dict`; BadArtifact where it is none."""
        try:
            flat = with_tuples(told)
            return cls(**flat | {"covariance": _nested(np.array(flat["covariance"], dtype=np.float64))})
        except (LookupError, TypeError, ValueError) as error:
            raise BadArtifact(
                f"The effects on visits were not written by this code: {error}; fit them again."
            ) from error


def plan_kind(name: str) -> int:
    """Place in KINDS of the saving that a plan is of; -1 of plans of several."""
    kind, _, _ = name.rpartition("_")
    return KINDS.index(kind) if kind in KINDS else -1


def _nested(matrix: Doubles) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in matrix.tolist())
