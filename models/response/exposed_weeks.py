"""What lots say of visits: sums over weeks of customers who were exposed to offers by lot, and the posterior they make.

Each week every customer has a dose that they would get, and a chance to be exposed that was fixed before the week. What is
learnt from is the visit hazard's residual times the *centred* lot: with L the visits expected of the customer from their own
rhythm and y those that came,

    score       sum of z (y - L)          information     sum of L z z'

where z is what was lived less what was to be expected of the lots alone: (d - p) x for the week's own savings, and for what
earlier bundles left behind the trace that they left less the mean trace that the chances of those weeks make. The score has mean zero where offers do nothing, whatever the chances were and however they followed from earlier weeks: each
week's term is a martingale difference, so sums over adaptive weeks stay valid (Hadad, Hirshberg, Zhan, Wager and Athey 2021,
"Confidence intervals for policy evaluation in adaptive experiments", PNAS 118; the estimator is Robinson's 1988
partially linear one with a known chance). A lot that is not centred would call "seen lately" an effect of offers.
The rhythm need not be right: what it misses is noise, not bias.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.ground.errors import BadArtifact
from models.response.elasticities import Doubles, with_tuples
from models.response.visit_effects import AT_ONCE, COEFFICIENTS, KINDS, VisitEffects

# Squared residuals a visit expected, before anything was seen: visits of a steady rhythm vary less than Poisson's.
_DISPERSION, _MONEY_DISPERSION = 1.0, 2.0
_PRIOR_VISITS = 100.0  # for so many expected visits these are believed
_NO_TRACE = 1e-6
TIRING_ODDS = math.log(0.1)  # of a shop where bundles tire far beyond the usual


@dataclass(frozen=True)
class ExposedWeek:
    """A week of n customers who might have been exposed.

    Attributes:
        doses: (n, K) that their bundle has or would have had.
        chance: (n,) P(exposed), fixed before the week.
        exposed: (n,) whether they were.
        expected: (n,) visits expected from their rhythm, without offers.
        visits: (n,) days on which they came.
        trace: (n,) what earlier bundles left behind, in bundle-weeks (`bundle_traces`).
        usual_trace: (n,) its mean by the chances of those weeks.
        money: (n,) sum over these of margin without what is in the bundle they have or would have had, as a share of the
            customer's usual visit's.
    """

    doses: Doubles
    chance: Doubles
    exposed: npt.NDArray[np.bool_]
    expected: Doubles
    visits: Doubles
    money: Doubles
    trace: Doubles
    usual_trace: Doubles

    @property
    def centred(self) -> Doubles:
        """(n, K) what was lived less what the lots alone make expected."""
        lot = self.exposed - self.chance
        worn = AT_ONCE * lot + self.trace - self.usual_trace
        return np.column_stack([lot[:, None] * self.doses[:, : len(KINDS)], worn])

    @property
    def untouched(self) -> npt.NDArray[np.bool_]:
        """(n,) who has and had no offers: they tell how the whole week was."""
        return ~self.exposed & (self.trace <= _NO_TRACE)


@dataclass(frozen=True)
class WeekMoments:
    """All that learning needs of the customers of a week: they add up over buckets, so nobody's rows are kept.

    Attributes:
        information: (K, K) sum of expected x centred doses x centred doses'.
        visits, money, expected: (K,) sums of centred doses x each.
        squares: (5,) sums of visits^2, visits x expected, money^2, money x expected, expected^2.
        total: of what was expected.
        without: (3,) sums of visits, money and what was expected of those whom offers never touched.
    """

    information: Doubles
    visits: Doubles
    money: Doubles
    expected: Doubles
    squares: Doubles
    total: float
    without: Doubles

    @classmethod
    def of(cls, week: ExposedWeek) -> "WeekMoments":
        """Of some customers."""
        centred, untouched = week.centred, week.untouched
        of = (week.visits, week.money, week.expected)
        pairs = (
            (week.visits, week.visits),
            (week.visits, week.expected),
            (week.money, week.money),
            (week.money, week.expected),
            (week.expected, week.expected),
        )
        visits, money, expected = (centred.T @ one for one in of)
        return cls(
            centred.T @ (week.expected[:, None] * centred),
            visits,
            money,
            expected,
            np.array([float((one * other).sum()) for one, other in pairs]),
            float(week.expected.sum()),
            np.array([float(one[untouched].sum()) for one in of]),
        )

    def plus(self, other: "WeekMoments") -> "WeekMoments":
        """Of more customers of the same week."""
        return WeekMoments(**{name: value + getattr(other, name) for name, value in vars(self).items()})


@dataclass(frozen=True)
class LotSums:
    """Sums over weeks.

    Attributes:
        information: (K, K).
        score, money_score: (K,) of visits, and of their money.
        squares, money_squares: of residuals.
        expected: visits.
    """

    information: tuple[tuple[float, ...], ...]
    score: tuple[float, ...]
    money_score: tuple[float, ...]
    squares: float
    money_squares: float
    expected: float

    @classmethod
    def nothing(cls) -> "LotSums":
        """Before the first week."""
        none = (0.0,) * len(COEFFICIENTS)
        return cls((none,) * len(COEFFICIENTS), none, none, 0.0, 0.0, 0.0)

    def plus(self, week: ExposedWeek) -> "LotSums":
        """With one more week."""
        return self.plus_moments(WeekMoments.of(week))

    def plus_moments(self, week: WeekMoments) -> "LotSums":
        """With one more week, from the moments of its customers; those whose chance was 0 or 1 only set the level."""
        if not week.total > 0:
            return self
        visits, money, expected = week.without.tolist()
        level, money_level = _level_of(visits, expected), _level_of(money, expected)
        vv, ve, mm, me, ee = week.squares.tolist()
        return LotSums(
            _nested(np.array(self.information) + level * week.information),
            tuple((np.array(self.score) + week.visits - level * week.expected).tolist()),
            tuple((np.array(self.money_score) + week.money - money_level * week.expected).tolist()),
            self.squares + max(vv - 2 * level * ve + level**2 * ee, 0.0),
            self.money_squares + max(mm - 2 * money_level * me + money_level**2 * ee, 0.0),
            self.expected + week.total,
        )

    def effects(self, prior: VisitEffects) -> VisitEffects:
        """The posterior: normal, with the noise that the residuals show."""
        information = np.array(self.information)
        noise, money_noise = self._dispersions()
        told, score = information / noise, np.array(self.score) / noise
        quiet, tiring = (_posterior(one, told, score) for one in (prior, prior.if_bundles_tire))
        tires = tiring[0][-1] < 0 and tiring[2] + TIRING_ODDS > quiet[2]
        mean, covariance, _ = tiring if tires else quiet
        # Along the effect that is believed, money over visits is what a brought visit is worth.
        along = float(mean @ information @ mean) / money_noise
        known = 1 / prior.brought_sd**2
        brought = (known * prior.brought + float(mean @ np.array(self.money_score)) / money_noise) / (
            known + along
        )
        return VisitEffects(
            tuple(mean.tolist()),
            _nested((covariance + covariance.T) / 2),
            float(brought),
            float((known + along) ** -0.5),
            prior.trip_minor,
            prior.lasting,
        )

    @property
    def money_noise(self) -> float:
        """Squared residual of a week's money, in usual visits, for a visit expected."""
        return self._dispersions()[1]

    def _dispersions(self) -> tuple[float, float]:
        """Squared residuals for a visit expected."""
        weight = self.expected + _PRIOR_VISITS
        return (
            (self.squares + _PRIOR_VISITS * _DISPERSION) / weight,
            (self.money_squares + _PRIOR_VISITS * _MONEY_DISPERSION) / weight,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content."""
        return {
            "information": [list(row) for row in self.information],
            "score": list(self.score),
            "money_score": list(self.money_score),
            "squares": self.squares,
            "money_squares": self.money_squares,
            "expected": self.expected,
        }

    @classmethod
    def read(cls, told: dict[str, Any]) -> "LotSums":
        """The inverse of `as_dict`; BadArtifact where it is none."""
        try:
            flat = with_tuples(told)
            found = cls(**flat | {"information": tuple(tuple(row) for row in flat["information"])})
        except (LookupError, TypeError, ValueError) as error:
            raise BadArtifact(
                f"The sums of lots were not written by this code: {error}; fit them again."
            ) from error
        if np.array(found.information).shape != (len(COEFFICIENTS),) * 2:
            raise BadArtifact("The sums of lots are of other coefficients than today's; fit them again.")
        return found


def _posterior(prior: VisitEffects, told: Doubles, score: Doubles) -> tuple[Doubles, Doubles, float]:
    """Mean and covariance, and the logarithm of the evidence (Gelman and others 2013, "Bayesian Data Analysis", chapter 7)."""
    believed, before = np.linalg.inv(np.array(prior.covariance)), np.array(prior.mean)
    precision = believed + told
    covariance = np.linalg.inv(precision)
    pull = believed @ before + score
    mean = covariance @ pull
    evidence = 0.5 * (
        np.linalg.slogdet(believed)[1]
        - np.linalg.slogdet(precision)[1]
        + float(mean @ pull)
        - float(before @ believed @ before)
    )
    return np.asarray(mean, dtype=np.float64), np.asarray(covariance, dtype=np.float64), float(evidence)


def _level_of(came: float, expected: float) -> float:
    found = came / expected if expected > 0 else 1.0
    return found if found > 0 else 1.0


def _nested(matrix: Doubles) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in matrix.tolist())
