"""Every customer's bundle by every plan, with what it is worth and costs: the same for a night and the simulator's fast loop.

The plans of a policy that only values offers are its depth caps: "the best bundle up to 15 %". They are worth what their
places are worth together, everybody is exposed, and nothing is left to a lot.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.nightly.choosing.allocation import NOTHING, reaches, taken_levels
from engine.nightly.choosing.bundling import NO_ROW, Picks, Sizes, pick_bundles, repeated_names
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import BEST, LaidOut, PlanPolicy, Weighed
from engine.nightly.choosing.policy import Policy, Valuation, ask, checked
from engine.nightly.choosing.pool_cost import places_cost_milli
from engine.nightly.shelf.variety import Limits
from models.ground.errors import BadInput
from models.response.knowledge import Knowledge

NO_PLAN = "none"  # a customer without a bundle


@dataclass(frozen=True)
class PricedPlans:
    """L plans for n customers.

    Attributes:
        names: of the plans.
        caps: (L,) place of the deepest depth that each may use.
        laid_out: their bundles.
        weighed: what they are worth.
        cost_milli: (n, L + 1) expected cost, with nothing in front for no bundle, like all that follows.
        reach: (n, L + 1) shadow prices below which a plan or a costlier one is taken (`allocation.reaches`); a plan that a
            lot forces is taken at any price at which anybody gets anything.
        best_reach: (n, L + 1) the same, had no lot forced anything.
        offerable: (n,) candidates that could be offered, and told from likelier ones.
        spares: for each plan the candidates that its places may be exchanged for; none where nobody asks.

    """

    names: tuple[str, ...]
    caps: npt.NDArray[np.int64]
    laid_out: tuple[LaidOut, ...]
    weighed: Weighed
    cost_milli: npt.NDArray[np.int64]
    reach: npt.NDArray[np.int64]
    best_reach: npt.NDArray[np.int64]
    offerable: npt.NDArray[np.int64]
    spares: tuple[LaidOut, ...] = ()

    def taken(self, shadow_price_index: int) -> npt.NDArray[np.int64]:
        """(n,) place of the plan that each customer takes at a shadow price; -1 for none."""
        return taken_levels(self.reach, shadow_price_index) - 1

    def bundles(self, taken: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(n, S) candidates and places of their depths in the bundles of the plans taken; NO_ROW and 0 where none is."""
        rows = np.full(self.laid_out[0].rows.shape, NO_ROW, dtype=np.int64)
        depth = np.zeros(rows.shape, dtype=np.int64)
        for place, plan in enumerate(self.laid_out):
            theirs = taken == place
            rows[theirs], depth[theirs] = plan.rows[theirs], plan.depth[theirs]
        return rows, depth


def lay_out(
    policy: Policy,
    context: Context,
    knowledge: Knowledge,
    *,
    sizes: Sizes,
    name_no: npt.NDArray[np.int64],
    first: npt.NDArray[np.bool_] | None = None,
    every_cap: bool = True,
    limits: Limits | None = None,
    spares: int = 0,
    counting: npt.NDArray[np.int64] | None = None,
) -> PricedPlans:
    """Fill every customer's bundle by every plan of a policy and price it.

    Args:
        policy: of offers or of plans.
        context: N candidates of n customers.
        knowledge: what is known of response tonight.
        sizes: places of a bundle.
        name_no: of every item (`Assortment.name_no`).
        first: (N,) new items that come before all other new ones (`bundling.launch_first`).
        every_cap: lay out a policy of offers at every depth cap, for a budget to choose from; else at the deepest only.
        limits: what a bundle as a whole keeps to.
        spares: candidates of either side for which a place may be exchanged.
        counting: (n,) how many offers of each customer's bundle can count (`pool_cost`); all of them by default.

    Raises:
        BadInput: the policy's answer is not what it should be (`policy.ask`, `PlanPolicy.weighed`), or it has no plans.

    """
    laid_out: dict[str, LaidOut] = {}
    instead: list[LaidOut] = []
    caps: list[int] = []
    hidden = np.ones(len(context), dtype=np.bool_)
    former: Valuation | None = None
    for name, choice, cap in _proposed(policy, context, knowledge, every_cap=every_cap):
        if choice is not former:
            repeated, former = repeated_names(context, choice, name_no), choice
            hidden &= repeated
        caps.append(cap)
        picks = pick_bundles(context, choice, repeated, sizes, cap, first, limits, spares)
        laid_out[name] = _laid_out(choice, picks)
        if spares:
            instead.append(_laid_out(choice, _of_spares(picks)))
    plans = tuple(laid_out.values())
    if isinstance(policy, PlanPolicy):
        weighed = policy.weighed(context, knowledge, laid_out)
        plans = _with_worth(plans, weighed)
    else:
        weighed = Weighed.without_lots(
            np.column_stack([np.where(plan.exists, plan.total(plan.value), -np.inf) for plan in plans])
        )
    n = len(context.customer_id)
    cost_milli = np.zeros((n, len(plans) + 1), dtype=np.int64)
    for level, plan in enumerate(plans, start=1):
        cost_milli[:, level] = plan.total(places_cost_milli(plan, context, counting))
    best_reach = reaches(_competing(weighed), cost_milli)
    shown = context.allowed.any(axis=1) & ~hidden
    return PricedPlans(
        names=tuple(laid_out),
        caps=np.array(caps, dtype=np.int64),
        laid_out=plans,
        weighed=weighed,
        cost_milli=cost_milli,
        reach=_with_lots(best_reach, weighed),
        best_reach=best_reach,
        offerable=np.bincount(context.customer[shown], minlength=n),
        spares=tuple(instead),
    )


def _with_worth(plans: tuple[LaidOut, ...], weighed: Weighed) -> tuple[LaidOut, ...]:
    """Plans with what their places are worth, where the policy tells it, beside the parts by which they won them."""
    if not weighed.of_slots:
        return plans
    return tuple(
        replace(plan, parts={**plan.parts, **worth})
        for plan, worth in zip(plans, weighed.of_slots, strict=True)
    )


def _proposed(
    policy: Policy, context: Context, knowledge: Knowledge, *, every_cap: bool
) -> Iterator[tuple[str, Valuation, int]]:
    """Every plan's name, its valuation and the deepest depth it may use."""
    deepest = len(context.depths_bp) - 1
    if not isinstance(policy, PlanPolicy):
        choice = ask(policy, context)
        for cap in range(0 if every_cap else deepest, deepest + 1):
            yield f"up_to_{context.depths_bp[cap]}_bp", choice, cap
        return
    plans = policy.propose(context, knowledge)
    if not plans or NO_PLAN in plans:
        raise BadInput(
            f"The policy {policy.name!r} proposes {'no plan' if not plans else repr(NO_PLAN)}; expected at least one, of "
            "another name than that of no bundle. Correct the policy."
        )
    for name, choice in plans.items():
        yield name, _shallow_for_marked(checked(choice, context), context), deepest


def _shallow_for_marked(choice: Valuation, context: Context) -> Valuation:
    """Leave customers with a mark the smallest depth only: whatever else is known of them, a mark deepens no offer."""
    value = choice.value.copy()
    value[context.marked[context.customer], 1:] = -np.inf
    return Valuation(value, choice.propensity, choice.parts)


def _of_spares(picks: Picks) -> Picks:
    """The spare candidates as if they stood in the places; kinds are those of what they are exchanged for."""
    return replace(picks, rows=picks.spare, kinds=np.zeros(picks.spare.shape, dtype=np.uint8))


def _laid_out(choice: Valuation, picks: Picks) -> LaidOut:
    """What stands in the places, so that the other candidates' values need not be kept."""
    filled = picks.rows != NO_ROW
    depth = np.where(filled, np.append(picks.depth, 0)[picks.rows], 0)

    def at(amounts: npt.NDArray[np.float64], empty: float) -> npt.NDArray[np.float64]:
        found = np.full(filled.shape, empty)
        found[filled] = amounts[picks.rows[filled], depth[filled]]
        return found

    return LaidOut(
        rows=picks.rows,
        kinds=picks.kinds,
        depth=depth,
        value=np.where(filled, np.append(picks.value, 0.0)[picks.rows], 0.0),
        propensity=at(choice.propensity, 1.0),
        parts={name: at(array, 0.0) for name, array in choice.parts.items()},
        runner_up=picks.runner_up,
        rule=picks.rule,
    )


def _competing(weighed: Weighed) -> npt.NDArray[np.float64]:
    """(n, L + 1) values of no bundle and of the plans that are surely above it."""
    plans = np.where(weighed.lower > 0, weighed.value, -np.inf)
    return np.column_stack([np.zeros(len(plans)), plans])


def _with_lots(best_reach: npt.NDArray[np.int64], weighed: Weighed) -> npt.NDArray[np.int64]:
    """Let those on whom a lot fell take its plan, or nothing where it makes no bundle."""
    reach = best_reach.copy()
    drawn = np.flatnonzero(weighed.lot != BEST)
    reach[drawn, 1:] = 0
    possible = drawn[weighed.value[drawn, weighed.lot[drawn]] > -np.inf]
    reach[possible, weighed.lot[possible] + 1] = NOTHING
    return reach
