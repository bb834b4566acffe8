"""How much an offer is worth at each depth: the one decision that a shop may replace.

A policy is a plain function of the options. For every candidate and depth it returns

* a value: a float in any unit that is the same for all customers of the night, minus infinity for "never";
* a propensity: P(this depth | this item), 1 where the depth is fixed, so that later measurement can weigh it;
* the value's parts, each a named array of the same shape, which are logged and read by nobody else.

Everything else is not the policy's business: exclusions and floors stand in `options.allowed` (a value there is
ignored where it is not allowed), distinct items, novelty slots and bundle size belong to `bundling`, the budget
to `allocation`. An item takes its best depth that the budget leaves open and competes by that value.
A policy sees one bucket at a time and must give a candidate the same answer in any bucket and any order.

Until a model of response exists, nobody can say what a discount changes. The shipped `depth_rule` therefore
does not pretend to: its value is a probability of use, not money gained, and the manifest names it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.domain.errors import BadRequest
from engine.nightly.options import Options
from models.affinity import expected_uses

# P(silent for 28 days) is .14 on average in Complete Journey; twice that is a customer worth a step.
HIGH_CHURN = 0.30
# About half of the items that a night on Complete Journey offers are less likely than this (median .04).
UNCERTAIN_BELOW = 0.05
# Half the target depth loses 5 % of the value and saves half of the cost: a rising budget price makes every
# offer shallower long before it leaves a customer without a bundle.
SHALLOW_LOSS = 0.20


@dataclass(frozen=True)
class Choice:
    """A policy's answer: `value` and `propensity` of shape (N, D), and the named parts of the value."""

    value: npt.NDArray[np.float64]
    propensity: npt.NDArray[np.float64]
    parts: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)


Policy = Callable[[Options], Choice]


def depth_rule(options: Options) -> Choice:
    """Give the smallest depth, a step more to a customer about to leave, a step more on an uncertain item.

    The target is the programme's depth number 1 + (p_churn >= HIGH_CHURN) + (p_buy < UNCERTAIN_BELOW), or its
    deepest. Up to the target d* an offer at depth d is worth p_buy x (1 - SHALLOW_LOSS x (1 - d/d*)^2),
    concave in d; beyond it, never. Habitual items get the smallest depth because most of those purchases happen
    anyway. An item new to the customer is worth the next purchase too, if he likes it: its p_buy counts
    1 + P(bought again | tried) times.
    """
    steps = (options.p_churn >= HIGH_CHURN).astype(np.int64) + (options.p_buy < UNCERTAIN_BELOW)
    target = np.minimum(steps, len(options.depths_bp) - 1)
    missing = 1.0 - options.depths_bp[None, :] / options.depths_bp[target][:, None]
    share = np.where(missing >= 0, 1.0 - SHALLOW_LOSS * missing**2, -np.inf)
    uses = np.where(options.buys > 0, options.p_buy, expected_uses(options.p_buy, options.p_repeat))
    uses = np.broadcast_to(uses[:, None], share.shape)
    # An item nobody expects to be bought is worth nothing at any depth, and 0 x -inf is not a number.
    value = np.where(missing >= 0, uses * np.where(missing >= 0, share, 0.0), -np.inf)
    return Choice(value, np.ones_like(value), {"uses": uses, "depth_share": share})


def no_offers(options: Options) -> Choice:
    """Offer nothing to anybody: the yardstick of every other policy."""
    shape = options.allowed.shape
    return Choice(np.full(shape, -np.inf), np.ones(shape))


# What a run folder can name and `verify` can call again.
SHIPPED: dict[str, Policy] = {policy.__name__: policy for policy in (depth_rule, no_offers)}


def ask(policy: Policy, options: Options) -> Choice:
    """Call a policy, check its answer and blank the values of what is not allowed.

    Raises:
        BadRequest: a shape is wrong, a value is not a number or plus infinity, a propensity is outside (0, 1].

    """
    choice = policy(options)
    shape = options.allowed.shape
    for name, array in (("value", choice.value), ("propensity", choice.propensity), *choice.parts.items()):
        if array.shape != shape:
            raise BadRequest(
                f"expected the policy's {name} of shape {shape}, got {array.shape}; correct the policy"
            )
    if np.isnan(choice.value).any() or np.isposinf(choice.value).any():
        raise BadRequest("expected the policy's values to be finite or minus infinity; correct the policy")
    value = np.where(options.allowed, choice.value, -np.inf)
    propensity = choice.propensity[value > -np.inf]
    if not ((propensity > 0) & (propensity <= 1)).all():
        raise BadRequest("expected the policy's propensities above 0 and at most 1; correct the policy")
    return Choice(value, choice.propensity, choice.parts)
