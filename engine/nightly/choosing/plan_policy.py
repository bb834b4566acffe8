"""A policy that chooses among whole bundles: it proposes plans, and weighs what each comes to for a customer.

A plan is a way to fill one customer's bundle tonight, such as "due at 10 %". The policy

* proposes plans: by name a value for every candidate and depth, by which `bundling` fills the places;
* weighs the bundles that these became, each as a whole and in money, with its uncertainty.

No bundle is a plan too; it is worth nothing and needs no name. Of the plans whose lower bound is above nothing the budget
leaves each customer the one that is worth most beyond its price (`allocation`). Two things a policy may leave to lots, which
it draws itself, from a salt that is not changed while it learns, and tells with their chances: which plan a customer gets,
and whether they are exposed yet, that is, among those who get offers at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.nightly.choosing.bundling import NO_ROW
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.policy import Policy, Valuation
from models.ground.errors import BadInput
from models.response.knowledge import Knowledge

BEST = -1  # of the lots: no plan is forced, the best competes


@dataclass(frozen=True)
class LaidOut:
    """The bundles of n customers by one plan, S places each, best value first.

    Attributes:
        rows: (n, S) candidate in each place; NO_ROW where there is none.
        kinds: (n, S) place in `bundling.KINDS`.
        depth: (n, S) place of its depth in the programme's; 0 where the place is empty, like the value.
        value: (n, S) by which it won the place.
        propensity: (n, S) P(this depth | this item); 1 where the place is empty.
        parts: of the value, each (n, S).
        runner_up, rule: (n, 2) as in `bundling.Picks`.

    """

    rows: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.uint8]
    depth: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    propensity: npt.NDArray[np.float64]
    parts: Mapping[str, npt.NDArray[np.float64]]
    runner_up: npt.NDArray[np.int64]
    rule: npt.NDArray[np.uint8]

    @property
    def filled(self) -> npt.NDArray[np.bool_]:
        """(n, S) places with a candidate."""
        return np.not_equal(self.rows, NO_ROW)

    @property
    def exists(self) -> npt.NDArray[np.bool_]:
        """(n,) customers for whom the plan makes a bundle."""
        return np.not_equal(self.rows[:, 0], NO_ROW)

    def of(self, amounts: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What (N,) or, at the plan's depths, (N, D) amounts of the candidates are in its places; (n, S), 0 where empty."""
        filled = self.filled
        found = np.zeros(filled.shape, dtype=amounts.dtype)
        rows = self.rows[filled]
        found[filled] = amounts[rows] if amounts.ndim == 1 else amounts[rows, self.depth[filled]]
        return found

    def total(self, places: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Sum (n, S) over each customer's places, always in the same order."""
        result = places[:, 0]
        for column in places.T[1:]:
            result = result + column
        return result


@dataclass(frozen=True)
class Weighed:
    """What L plans are worth to n customers, and what was left to lots.

    Attributes:
        value: (n, L) expected in the policy's unit, which for a policy of plans is money; minus infinity where there is none.
        lower: (n, L) bound that must be above 0 for the plan to compete.
        deviation: (n, L) standard deviation of the value; NaN where it is not told.
        parts: of the value, each (n, L).
        lot: (n,) plan that the customer's lot forces; BEST where the best competes.
        plan_share: (n, L) P(the lot forces the plan).
        exposed: (n,) false for those who are not yet among the customers with offers.
        p_exposed: (n,) P(exposed tonight).
        of_slots: of each plan what its places are worth, named arrays (n, S), for the log; none where the policy does not part it.

    """

    value: npt.NDArray[np.float64]
    lower: npt.NDArray[np.float64]
    deviation: npt.NDArray[np.float64]
    parts: Mapping[str, npt.NDArray[np.float64]]
    lot: npt.NDArray[np.int64]
    plan_share: npt.NDArray[np.float64]
    exposed: npt.NDArray[np.bool_]
    p_exposed: npt.NDArray[np.float64]
    of_slots: tuple[Mapping[str, npt.NDArray[np.float64]], ...] = ()

    @classmethod
    def without_lots(
        cls,
        value: npt.NDArray[np.float64],
        lower: npt.NDArray[np.float64] | None = None,
        deviation: npt.NDArray[np.float64] | None = None,
        parts: Mapping[str, npt.NDArray[np.float64]] | None = None,
    ) -> "Weighed":
        """Everybody is exposed and gets the best; without a bound the value must be above nothing itself."""
        customers = len(value)
        return cls(
            value=value,
            lower=value if lower is None else lower,
            deviation=np.full(value.shape, np.nan) if deviation is None else deviation,
            parts=parts or {},
            lot=np.full(customers, BEST, dtype=np.int64),
            plan_share=np.zeros(value.shape),
            exposed=np.ones(customers, dtype=np.bool_),
            p_exposed=np.ones(customers),
        )


@dataclass(frozen=True)
class PlanPolicy(Policy):
    """A policy of plans; `needs` are fields of `Context`, name and parameters as of any other.

    Attributes:
        value: called as `value(context, knowledge, **parameters)`, proposes a `Valuation` of every candidate by the
            plan's name, the same names for any customers. Only one is looked at at a time: a mapping that makes each
            when it is asked saves memory.
        weigh: called as `weigh(context, knowledge, laid_out, **parameters)` with a `LaidOut` by the plan's name;
            returns `Weighed`, its plans in that order.

    """

    weigh: Callable[..., Weighed] = field(kw_only=True)

    @property
    def functions(self) -> tuple[Callable[..., Any], ...]:
        """What decides."""
        return (self.value, self.weigh)

    def propose(self, context: Context, knowledge: Knowledge) -> Mapping[str, Valuation]:
        """The plans for these candidates."""
        plans: Mapping[str, Valuation] = self.value(context.only(self.needs), knowledge, **self.parameters)
        return plans

    def weighed(self, context: Context, knowledge: Knowledge, laid_out: Mapping[str, LaidOut]) -> Weighed:
        """What the plans are worth, nothing where a plan makes no bundle.

        Raises:
            BadInput: a shape is wrong, a value is not a number or plus infinity, one of its parts is not finite, a share or
                chance is outside 0 to 1, or a lot names no plan.

        """
        found = self.weigh(context.only(self.needs), knowledge, laid_out, **self.parameters)
        exists = np.column_stack([plan.exists for plan in laid_out.values()])
        self._check(found, exists.shape)
        return Weighed(
            np.where(exists, found.value, -np.inf),
            np.where(exists, found.lower, -np.inf),
            found.deviation,
            found.parts,
            found.lot,
            found.plan_share,
            found.exposed,
            found.p_exposed,
            found.of_slots,
        )

    def _check(self, found: Weighed, shape: tuple[int, int]) -> None:
        plans = {name: getattr(found, name) for name in ("value", "lower", "deviation", "plan_share")} | dict(
            found.parts
        )
        people = {name: getattr(found, name) for name in ("lot", "exposed", "p_exposed")}
        for name, array, wanted in (
            *((name, array, shape) for name, array in plans.items()),
            *((name, array, shape[:1]) for name, array in people.items()),
        ):
            if array.shape != wanted:
                raise BadInput(
                    f"The policy {self.name!r} weighs with a {name} of shape {array.shape}; expected {wanted}. Correct the policy."
                )
        for name in ("value", "lower"):
            if np.isnan(plans[name]).any() or np.isposinf(plans[name]).any():
                raise BadInput(
                    f"The policy {self.name!r} weighs with a {name} that is no number or plus infinity; expected finite ones or "
                    "minus infinity. Correct the policy."
                )
        for name, chances in (
            ("plan_share", found.plan_share),
            ("sum of plan_share", found.plan_share.sum(axis=1).round(9)),
            ("p_exposed", found.p_exposed),
        ):
            if not ((chances >= 0) & (chances <= 1)).all():
                raise BadInput(
                    f"The policy {self.name!r} weighs with a {name} outside 0 to 1; correct the policy."
                )
        counted = found.value > -np.inf
        for name, part in found.parts.items():
            if not np.isfinite(part[counted]).all():
                raise BadInput(
                    f"The policy {self.name!r} weighs with a part {name!r} that is not finite; correct the policy."
                )
        if ((found.lot < BEST) | (found.lot >= shape[1])).any():
            raise BadInput(
                f"The policy {self.name!r} forces a plan that is none of its {shape[1]}; expected a place from 0, or "
                f"{BEST} for the best. Correct the policy."
            )
