"""What another policy would have brought on nights that are logged: bundles of slots, weighed slot by slot.

Whole bundles hardly ever agree between two policies, single slots often do. Where a bundle's outcome is a sum of what each
slot brings and slots are filled independently, the pseudo-inverse estimator (Swaminathan et al., "Off-policy evaluation for
slate recommendation", NeurIPS 2017) weighs a bundle by 1 plus the sum over slots of each ratio less 1. Here every slot is
self-normalised: its ratios divide by their own mean, which takes out most of the noise of weights (Swaminathan and
Joachims, "The self-normalized estimator for counterfactual learning", NeurIPS 2015; slot by slot: Vlassis et al., "Control
variates for slate off-policy evaluation", NeurIPS 2021):

    value = mean reward + sum over slots of (mean reward weighed by the slot's ratios - mean reward)

Where it is seen what came of each slot, such as its use, each slot's rewards are weighed by its own ratios alone, and the
value is the sum over slots (Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay, Wen, "Offline evaluation of ranking policies
with click models", KDD 2018: the item-position model). A plan that is drawn as a whole is the case of one slot, and then this is self-normalised importance sampling, without any
assumption on sums. With a model of the reward only its errors are weighed: doubly robust (Dudik, Langford, Li, ICML 2011).

Policies that learn while they are logged are handled by their own logged propensities: given the past each ratio has mean 1,
whatever the shares (Bibaut et al., NeurIPS 2021; Hadad et al., PNAS 2021). Intervals add up each customer's rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.effects.drawn_arms import summed
from models.effects.estimate import Estimate
from models.effects.logged_support import effective_customers, require_kept_propensities, require_support
from models.ground.errors import BadInput

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LoggedRewards:
    """What came of logged bundles, one row a customer and night.

    Attributes:
        reward: shape (rows,), uses, visits or margin of the bundle, in its unit; or (rows, slots) what came of each slot,
            where a slot's outcome is its own offer's affair: much surer, and wrong where offers draw to each other.
        ratio: shape (rows, slots), `logged_support.ratios`; one slot for whole plans.
        night: shape (rows,), any ids.
        customer: shape (rows,), any ids of households or customers.
        reachable: shape (rows,) or (rows, slots), the new policy's probability, all together, of what had a logged
            propensity above 0 that night: 1 where the log could have shown whatever the new policy would.
    """

    reward: npt.ArrayLike
    ratio: Floats
    night: npt.ArrayLike
    customer: npt.ArrayLike
    reachable: npt.ArrayLike


@dataclass(frozen=True)
class ExpectedRewards:
    """A model's word on the same rows, fitted on other customers or nights.

    Attributes:
        given: shape of the rewards, of what was given.
        target: the same shape, on average over what the new policy would give.
    """

    given: npt.ArrayLike
    target: npt.ArrayLike


@dataclass(frozen=True)
class PolicyValue:
    """A policy's value a bundle.

    Attributes:
        value: of the new policy.
        logged: of what was given.
        difference: the first less the second.
        effective_customers: shape (slots,), how many equally weighted customers the weights are worth.
        nights: how many there are.
        rows: bundles.
    """

    value: Estimate
    logged: Estimate
    difference: Estimate
    effective_customers: Floats
    nights: int
    rows: int


def policy_value(logged: LoggedRewards, expected: ExpectedRewards | None = None) -> PolicyValue:
    """The value of a policy on logged nights.

    Raises:
        BadInput: shapes differ, the log could not have shown what the policy would, weights are not those of the nights, or
            they are worth too few customers.

    """
    found = _valued(logged, expected)
    reward = np.asarray(logged.reward, dtype=np.float64)
    whole = reward.reshape(len(reward), -1).sum(axis=1)
    seen = float(whole.mean())
    as_given = whole - seen
    return PolicyValue(
        _estimate(found.value, found.pull, found.customer),
        _estimate(seen, as_given, found.customer),
        _estimate(found.value - seen, found.pull - as_given, found.customer),
        found.worth,
        len(np.unique(np.asarray(logged.night))),
        len(reward),
    )


def policy_difference(
    one: LoggedRewards, other: LoggedRewards, expected: ExpectedRewards | None = None
) -> Estimate:
    """One policy's value a bundle less another's, on the same rows: what both have in common is not noise.

    Args:
        one, other: the same rewards, nights and customers, each with its policy's ratios.
        expected: of both.

    Raises:
        BadInput: as `policy_value`, of either; or the rows are not the same.

    """
    if not np.array_equal(one.customer, other.customer) or not np.array_equal(one.reward, other.reward):
        raise BadInput("expected two policies on the same rows, got other customers or rewards")
    first, second = _valued(one, expected), _valued(other, expected)
    return _estimate(first.value - second.value, first.pull - second.pull, first.customer)


@dataclass(frozen=True)
class _Valued:
    """A value, how far each row pulls it, whose rows they are, and how many customers the weights are worth."""

    value: float
    pull: Floats
    customer: npt.NDArray[np.int64]
    worth: Floats


def _valued(logged: LoggedRewards, expected: ExpectedRewards | None) -> _Valued:
    reward = np.asarray(logged.reward, dtype=np.float64)
    given, target = (
        (np.asarray(one, dtype=np.float64) for one in (expected.given, expected.target))
        if expected is not None
        else (np.zeros(reward.shape), np.zeros(reward.shape))
    )
    customer, night = np.asarray(logged.customer), np.asarray(logged.night)
    if not (
        reward.shape == given.shape == target.shape
        and reward.shape in (logged.ratio.shape, logged.ratio.shape[:1])
        and len(customer) == len(night) == len(logged.ratio)
        and np.isfinite(reward).all()
    ):
        raise BadInput(
            "expected a reward that is a number, a night and a customer for every bundle or slot, got rewards of shape "
            f"{reward.shape}, ratios of shape {logged.ratio.shape}, {len(night)} nights and {len(customer)} customers"
        )
    require_support(logged.reachable)
    require_kept_propensities(logged.ratio, night, customer)
    worth = effective_customers(logged.ratio, customer)
    weight = logged.ratio / logged.ratio.mean(axis=0)
    of_errors, pull = (_by_bundle if reward.ndim == 1 else _by_slot)(reward - given, weight)
    of_model = target.reshape(len(target), -1).sum(axis=1)
    pull += of_model - of_model.mean()
    return _Valued(float(of_model.mean()) + of_errors, pull, customer, worth)


def _by_bundle(reward: Floats, weight: Floats) -> tuple[float, Floats]:
    """The value of rewards of whole bundles, and how far each row pulls it, to first order."""
    middle = float(reward.mean())
    of_slot = (weight * reward[:, None]).mean(axis=0)
    pull = (1 - weight.shape[1]) * (reward - middle) + (weight * (reward[:, None] - of_slot)).sum(axis=1)
    return middle + float((of_slot - middle).sum()), pull


def _by_slot(reward: Floats, weight: Floats) -> tuple[float, Floats]:
    """The same of rewards that came slot by slot, each weighed by its own slot alone."""
    of_slot = (weight * reward).mean(axis=0)
    return float(of_slot.sum()), (weight * (reward - of_slot)).sum(axis=1)


def _estimate(value: float, pull: Floats, customer: npt.NDArray[np.int64]) -> Estimate:
    sums = summed(pull[:, None], customer)
    error = np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / len(pull)
    return Estimate(value, float(error), len(sums) - 1.0)
