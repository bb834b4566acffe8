"""How much an offer is worth at each depth: the one decision that a shop may replace.

A policy is a named function of the options. For every candidate and depth it returns

* a value: a float in any unit that is the same for all customers of the night, minus infinity for "never";
* a propensity: P(this depth | this item), 1 where the depth is fixed, so that later measurement can weigh it;
* the value's parts, each a named array of the same shape, which are logged and read by nobody else.

Everything else is not the policy's business: exclusions and floors stand in `options.allowed` (a value there is
ignored where it is not allowed), distinct items, novelty slots and bundle size belong to `bundling`, the budget
to `allocation`. An item takes its best depth that the budget leaves open and competes by that value.
A policy sees one bucket at a time and must give a candidate the same answer in any bucket and any order.

Until a model of response exists, nobody can say what a discount changes. The shipped `depth_rule` therefore
does not pretend to: its value is a probability of use, not money gained, and the manifest names it. How a policy
is found by its name is in `policies`, what identifies it in `policy_fingerprint`; a policy that weighs whole bundles in
`plan_policy`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.domain.offer_errors import BadProgramme
from engine.nightly.choosing.offer_options import INPUTS, Options
from models.ground.errors import BadInput
from models.ground.plug_ins import accepted
from models.items.affinity import expected_uses


@dataclass(frozen=True)
class Valuation:
    """A policy's answer: `value` and `propensity` of shape (N, D), and the named parts of the value."""

    value: npt.NDArray[np.float64]
    propensity: npt.NDArray[np.float64]
    parts: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """A way to value offers that a programme can choose and a run can be verified by.

    Attributes:
        name: in the programme, the manifest and the slot log.
        value: called as `value(options, **parameters)`.
        needs: fields of `Context` that it reads; it is shown no others.
        parameters: what a programme may change, each with its default: a finite number, text, true or false, or a
            tuple of these.
        bounds: lowest and highest value of parameters that are numbers, where there are such.
        state: a digest of what `value` holds besides its source and parameters: a model, a world; such a function
            has no fingerprint without it.

    """

    name: str
    value: Callable[..., Any]
    needs: frozenset[str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    state: str = ""

    def __call__(self, options: Options) -> Valuation:
        """Value the candidates."""
        valuation: Valuation = self.value(options, **self.parameters)
        return valuation

    @property
    def functions(self) -> tuple[Callable[..., Any], ...]:
        """What decides."""
        return (self.value,)

    def require_inputs(self) -> None:
        """Refuse a policy that needs what no night knows; BadInput names it."""
        unknown = sorted(self.needs - INPUTS)
        if unknown:
            raise BadInput(
                f"The policy {self.name!r} needs {', '.join(map(repr, unknown))}, which a night does not know; it "
                f"knows {', '.join(sorted(INPUTS))}. Correct the policy's `needs`."
            )

    def with_parameters(self, given: Mapping[str, Any]) -> "Policy":
        """Return the policy with other values of some parameters.

        Raises:
            BadProgramme: the policy has no such parameter, or the value is of another kind than its default, or
                out of bounds.

        """
        whose, place = f"the policy {self.name!r}", "policy.parameters"
        try:
            return replace(self, parameters=accepted(self.parameters, given, self.bounds, whose, place))
        except BadInput as error:
            raise BadProgramme(str(error)) from error


def _by_steps(
    options: Options, *, high_churn: float, uncertain_below: float, shallow_loss: float
) -> Valuation:
    """Give the smallest depth, a step more to a customer about to leave, a step more on an uncertain item.

    The target is the programme's depth number 1 + (p_churn >= high_churn) + (p_buy < uncertain_below), or its
    deepest. Up to the target d* an offer at depth d is worth p_buy x (1 - shallow_loss x (1 - d/d*)^2),
    concave in d; beyond it, never. Habitual items get the smallest depth because most of those purchases happen
    anyway. An item new to the customer is worth the next purchase too, if they like it: its p_buy counts
    1 + P(bought again | tried) times.
    """
    steps = (options.p_churn >= high_churn).astype(np.int64) + (options.p_buy < uncertain_below)
    target = np.minimum(steps, len(options.depths_bp) - 1)
    missing = 1.0 - options.depths_bp[None, :] / options.depths_bp[target][:, None]
    share = np.where(missing >= 0, 1.0 - shallow_loss * missing**2, -np.inf)
    uses = np.where(options.buys > 0, options.p_buy, expected_uses(options.p_buy, options.p_repeat))
    uses = np.broadcast_to(uses[:, None], share.shape)
    # An item nobody expects to be bought is worth nothing at any depth, and 0 x -inf is not a number.
    value = np.where(missing >= 0, uses * np.where(missing >= 0, share, 0.0), -np.inf)
    return Valuation(value, np.ones_like(value), {"uses": uses, "depth_share": share})


def _nothing(options: Options) -> Valuation:
    shape = options.allowed.shape
    return Valuation(np.full(shape, -np.inf), np.ones(shape))


depth_rule = Policy(
    "depth_rule",
    _by_steps,
    frozenset({"buys", "depths_bp", "p_buy", "p_churn", "p_repeat"}),
    {
        # P(silent for 28 days) is .14 on average in Complete Journey; twice that is a customer worth a step.
        "high_churn": 0.30,
        # About half of the items that a night on Complete Journey offers are less likely than this (median .04).
        "uncertain_below": 0.05,
        # Half the target depth loses 5 % of the value and saves half of the cost: a rising shadow price makes every
        # offer shallower long before it leaves a customer without a bundle.
        "shallow_loss": 0.20,
    },
    {"high_churn": (0, 1), "uncertain_below": (0, 1), "shallow_loss": (0, 1)},
)
# Nothing for anybody: the yardstick of every other policy.
no_offers = Policy("no_offers", _nothing, frozenset({"allowed"}))


def ask(policy: Policy, options: Options) -> Valuation:
    """Call a policy, check its answer and blank the values of what is not allowed.

    Raises:
        BadInput: see `checked`; or the policy reads what it did not say it needs.

    """
    return checked(policy(options.only(policy.needs)), options)


def checked(choice: Valuation, options: Options) -> Valuation:
    """A policy's answer, the values of what is not allowed blanked.

    Raises:
        BadInput: a shape is wrong, a value is not a number or plus infinity, or a propensity is outside (0, 1].

    """
    shape = options.allowed.shape
    for name, array in (("value", choice.value), ("propensity", choice.propensity), *choice.parts.items()):
        if array.shape != shape:
            raise BadInput(
                f"expected the policy's {name} of shape {shape}, got {array.shape}; correct the policy"
            )
    if np.isnan(choice.value).any() or np.isposinf(choice.value).any():
        raise BadInput("expected the policy's values to be finite or minus infinity; correct the policy")
    value = np.where(options.allowed, choice.value, -np.inf)
    propensity = choice.propensity[value > -np.inf]
    if not ((propensity > 0) & (propensity <= 1)).all():
        raise BadInput("expected the policy's propensities above 0 and at most 1; correct the policy")
    return Valuation(value, choice.propensity, choice.parts)
