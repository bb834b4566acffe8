"""The budget from its other end: what tills have given, and how far offers are used as the scores expect.

A night plans expected discount. Tills give more or less than that: the scores do not know every till, a basket holds fewer
units, a customer who chooses three of six offers uses no more. So what offers of a kind whose bundles are over have given is
set against what they were expected to, and the next nights expect by it. The factor is the mean of a gamma
distribution that begins at one with the weight of PRIOR_USES expected uses (Poisson counts and their conjugate, as in
Buehlmann and Gisler, A Course in Credibility Theory, 2005), first of all kinds together, then of each around that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import erfc, sqrt

from engine.domain.money import WHOLE_BP

# So many uses of which nothing is known yet stand against those that were seen.
PRIOR_USES = 100.0
# Beyond these, tills that do not report, or a wrong unit, are likelier than customers who differ so much.
LEAST_BP, MOST_BP = 5_000, 20_000
AS_EXPECTED: Mapping[str, int] = {}


@dataclass(frozen=True)
class KindOfOffers:
    """Sums over offers of one kind; money in thousandths of a minor unit.

    Attributes:
        uses: expected uses, the sum of p_buy.
        expected_milli: expected discount cost.
        redeemed: offers that were used.
        given_milli: discount given at tills, less what came back.
        variance: of what they cost, in thousandths squared, if uses come as a Poisson process: the sum of
            expected² / p_buy.
    """

    uses: float = 0.0
    expected_milli: int = 0
    redeemed: int = 0
    given_milli: int = 0
    variance: float = 0.0

    def __add__(self, other: "KindOfOffers") -> "KindOfOffers":
        """Both together."""
        return KindOfOffers(
            self.uses + other.uses,
            self.expected_milli + other.expected_milli,
            self.redeemed + other.redeemed,
            self.given_milli + other.given_milli,
            self.variance + other.variance,
        )


@dataclass(frozen=True)
class Promised:
    """What the period has promised before tonight; money in thousandths of a minor unit.

    Attributes:
        expected_milli: expected cost of every bundle whose window meets the period, as it was planned.
        over_milli: given in the period by bundles that are over.
        open_kinds: offers of bundles that are not over, by kind.
    """

    expected_milli: int
    over_milli: int
    open_kinds: Mapping[str, KindOfOffers]


def use_factors(over: Mapping[str, KindOfOffers]) -> dict[str, int]:
    """Return what is given for each unit of expected cost, basis points by kind; empty where no till ever reported.

    Args:
        over: offers whose bundles are over, by kind.

    """
    every = sum(over.values(), start=KindOfOffers())
    if not every.given_milli or not every.expected_milli:
        return {}
    shop = _credible(every, 1.0)
    return {
        kind: min(max(round(_credible(sums, shop) * WHOLE_BP), LEAST_BP), MOST_BP)
        for kind, sums in sorted(over.items())
    }


def committed_by_use(promised: Promised, factor_bp: Mapping[str, int]) -> int:
    """Return what the period's promises cost: what over bundles gave, and of open ones what is to be expected.

    Without factors it is what was planned. An open kind that has given more than it was expected to counts as given.
    """
    if not factor_bp:
        return promised.expected_milli
    still = (
        max(by_use(sums.expected_milli, factor_bp.get(kind, WHOLE_BP)), sums.given_milli)
        for kind, sums in promised.open_kinds.items()
    )
    return promised.over_milli + sum(still)


def by_use(expected_milli: int, factor_bp: int) -> int:
    """Return an expected cost as tills give it, rounded up."""
    return -(-expected_milli * factor_bp // WHOLE_BP)


def overspend_chance(
    amount_milli: int,
    over_milli: int,
    to_come: Mapping[str, KindOfOffers],
    factor_bp: Mapping[str, int],
    uses_seen: float,
) -> float:
    """Return the chance that what is promised costs more than the period's amount, by a normal distribution.

    Args:
        amount_milli: the period's.
        over_milli: given by bundles that are over.
        to_come: offers of bundles that are not, tonight's among them, by kind.
        factor_bp: what is given for each unit of expected cost, by kind.
        uses_seen: expected uses that the factors were learnt from; how well they are known is one more variance.

    """
    shares = {kind: factor_bp.get(kind, WHOLE_BP) / WHOLE_BP for kind in to_come}
    expected = sum(shares[kind] * sums.expected_milli for kind, sums in to_come.items())
    by_offer = sum(shares[kind] * sums.variance for kind, sums in to_come.items())
    spread = by_offer + expected**2 / (PRIOR_USES + uses_seen)
    above = over_milli + expected - amount_milli
    if spread <= 0:
        return float(above > 0)
    return 0.5 * erfc(-above / sqrt(2 * spread))


def _credible(sums: KindOfOffers, prior: float) -> float:
    """Mean of the factor: `prior` with the weight of PRIOR_USES, and what was given over what was expected."""
    if not sums.expected_milli:
        return prior
    seen = sums.given_milli / sums.expected_milli
    return (PRIOR_USES * prior + sums.uses * seen) / (PRIOR_USES + sums.uses)
