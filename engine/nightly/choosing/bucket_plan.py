"""First pass over a bucket: who may have a bundle, and everybody's by every plan, the shadow price unknown.

A plan is three small tables and one vector; it is kept on disk as Parquet and NumPy, so that a killed night
resumes with the buckets it has finished. Nothing in it depends on other buckets.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.arms import salt_of
from engine.domain.eligibility import Outcome
from engine.nightly.choosing.allocation import planned_cost
from engine.nightly.choosing.bundling import NO_ROW, Sizes, launch_first
from engine.nightly.choosing.offer_options import CUSTOMER_FACTS, Context, build_options
from engine.nightly.choosing.plan_policy import BEST, LaidOut, PlanPolicy
from engine.nightly.choosing.plans import PricedPlans, lay_out
from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.pool_cost import ALONE, COUNTING, counting_places, with_parts
from engine.nightly.choosing.reason_codes import find_reasons
from engine.nightly.choosing.rotation_cost import OF_CANDIDATES, RotationCost, rotation_cost
from engine.nightly.choosing.staples import Claims
from engine.nightly.night import Night
from engine.nightly.shelf.assortment import Assortment
from engine.nightly.shelf.candidate_rule import CandidateRule
from engine.nightly.shelf.ruled_customers import AT_MOST_BP
from engine.nightly.shelf.variety import Variety
from engine.nightly.shelf.who_is_asked import EVERYBODY_TREATED, NOBODY_PAUSED, find_asked
from engine.programme import Programme
from models.ground.durable import write_whole
from models.items.candidates import SOURCES
from models.response.exposure import uniforms
from models.response.knowledge import NOTHING_KNOWN, Knowledge
from models.tables import (
    CUSTOMER_NO,
    EXPECTED_COST_MILLI,
    EXPECTED_UNITS,
    ITEM_NO,
    P_BUY,
)

_FRAMES = ("customers", "levels", "slots")
_SPARES, CLAIMS, ROTATION = "spares.parquet", "claims.npz", "rotation.json"
# Of either side: who has more items that may not stand in all bundles loses the place.
SPARES = 6


@dataclass(frozen=True)
class BucketPlan:
    """What one bucket hands to the budget and to the second pass.

    Attributes:
        customers: one row a scored customer, as `find_asked` returns it, with outcome (that of a customer whom the shadow
            price leaves without a bundle; `budget` for all who could have one), served (what the price leaves them is
            theirs), shadow (it is only logged), exposed, p_exposed, lot_share (P(a lot forces any plan)), lot_place
            (in [0, 1), where a lot fell: `thinned_lots`), all of these missing or false for who was not asked, and
            considered_<source>.
        levels: one row a customer and possible plan: customer_no, level (1 = the policy's first plan), plan, depth_cap (place
            of its deepest depth), plan_value, plan_lower, plan_deviation, plan_parts, cost_milli, reach (the shadow prices
            below which it or a costlier plan is taken), best_reach (the same without lots), share (of the lots).
        slots: one row a place of the bundles that some shadow price leaves.
        cost_milli: (NOTHING + 1,) expected cost at every shadow price's index, thousandths of a minor unit; of the served.
        spares: rows like `slots` of what these may be exchanged for, `slot` counting them from 0; None where no item's share of
            all bundles is limited and no supplier pays a part, like `claims`, the same as `staples` reads it.
        rotation: what it takes from these bundles; None where the programme says nothing of it.

    """

    customers: pd.DataFrame
    levels: pd.DataFrame
    slots: pd.DataFrame
    cost_milli: npt.NDArray[np.int64]
    spares: pd.DataFrame | None = None
    claims: Claims | None = None
    rotation: RotationCost | None = None

    def save(self, folder: Path) -> None:
        """Write the plan; the folder appears whole or not at all."""
        write_whole(folder, self.fill)

    def fill(self, folder: Path) -> None:
        """Write the plan into a folder that is not there yet, file by file."""
        folder.mkdir()
        for name in _FRAMES:
            getattr(self, name).to_parquet(folder / f"{name}.parquet", index=False)
        np.save(folder / "cost_milli.npy", self.cost_milli)
        if self.rotation is not None:
            (folder / ROTATION).write_text(json.dumps(asdict(self.rotation)), encoding="utf-8")
        if self.spares is not None and self.claims is not None:
            self.spares.to_parquet(folder / _SPARES, index=False)
            self.claims.save(folder / CLAIMS)

    @classmethod
    def load(cls, folder: Path) -> "BucketPlan":
        """Read a plan that `save` wrote."""
        customers, levels, slots = (pd.read_parquet(folder / f"{name}.parquet") for name in _FRAMES)
        cost_milli = np.load(folder / "cost_milli.npy")
        if not (folder / CLAIMS).exists():
            return cls(customers, levels, slots, cost_milli)
        return cls(
            customers,
            levels,
            slots,
            cost_milli,
            pd.read_parquet(folder / _SPARES),
            Claims.load(folder / CLAIMS),
        )


def plan_bucket(
    night: Night,
    assortment: Assortment,
    customers: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    consent: "pd.Series[Any]",
    open_customers: Collection[str],
    paused: Mapping[str, Collection[str]] = NOBODY_PAUSED,
    open_shadows: Collection[str] = (),
    arms: Mapping[str, str] = EVERYBODY_TREATED,
    elsewhere: Collection[str] = (),
    other_members: Collection[str] = (),
    rules: Sequence[CandidateRule] = (),
    variety: Variety | None = None,
    policy: Policy,
    knowledge: Knowledge = NOTHING_KNOWN,
    every_plan: bool = False,
) -> BucketPlan:
    """Plan one bucket.

    Args:
        night: the run.
        assortment: `build_assortment` of the night's items.
        customers: one row a scored customer, ascending customer_no: customer_no, customer_id, p_churn,
            p_churn_long, p_partial, churn_reasons (a text or None), next_visit_days, days_since_visit (NaN for a
            prospect, who never bought), CUSTOMER_FACTS of `offer_options` where they are known, and gets and at_most_bp of
            `ruled_customers` where the programme has rules.
        candidates: sorted by customer_no and falling p_buy: customer_no, item_no, p_buy, expected_units, buys,
            days_since_buy, item_gap_days, item_overdue, family_buys, buyers_28d, sources.
        consent: index customer_no; True, False, or missing where the shop did not say. Customers without a row
            count as missing.
        open_customers: ids of customers who have a bundle that is valid at the night's `valid_from`.
        paused: ids of customers with an open "complaint", and of those who have "moved"; the programme says
            which of them get no bundle. Also of those who are another engine's, whom the programme is not for and who have enough
            by other programmes, by their outcome.
        open_shadows: ids of customers for whom the bundle that they would have had is still running.
        arms: the arm of each customer, by id; who is not named is treated.
        elsewhere: ids of customers who usually buy in a store that the programme is not for.
        other_members: ids of customers whose household has its bundle with another member.
        rules: what takes candidates from single customers.
        variety: what bundles as a whole keep to.
        policy: what an offer, or a bundle, is worth.
        knowledge: what is known of response.
        every_plan: also keep the places of plans that a lot passed by; a night has no use for them.

    """
    people = find_asked(
        night, customers, consent, open_customers, paused, open_shadows, arms, elsewhere, other_members
    )
    active = people[people["asked"]]
    kept = np.isin(candidates[CUSTOMER_NO].to_numpy(), active[CUSTOMER_NO].to_numpy())
    candidates = candidates[kept].reset_index(drop=True)
    programme = night.programme
    known = [*CUSTOMER_FACTS, *(name for name in (AT_MOST_BP,) if name in customers)]
    facts = customers.reindex(columns=known)[people["asked"].to_numpy()]

    def context_under(some: Sequence[CandidateRule]) -> Context:
        return build_options(
            active.assign(**{name: facts[name].to_numpy() for name in known}),
            candidates,
            assortment,
            max_units=programme.bundle.max_units,
            seed=programme.seed,
            churn_horizon_days=programme.prediction.churn_horizon_days,
            day=night.days.day_of(night.valid_from),
            rules=some,
        )

    context = context_under(rules)
    sizes = Sizes.of(programme)
    counting = counting_places(programme, context.window_days)
    first = launch_first(context, programme.novelty.launch_share, night.launch_salt)
    limits = None if variety is None else variety.limits(active, candidates, assortment.item_id)
    plans = lay_out(
        policy,
        context,
        knowledge,
        sizes=sizes,
        name_no=assortment.name_no,
        first=first,
        limits=limits,
        spares=SPARES if _is_limited(programme, assortment) else 0,
        counting=counting,
    )

    weighed = plans.weighed
    held_out = active["outcome"].to_numpy() != ""
    served = ~held_out & weighed.exposed
    why_none = np.where(weighed.exposed, _why_none(policy, plans, sizes), Outcome.NOT_YET_EXPOSED.value)
    people.loc[active.index, "outcome"] = np.where(held_out, active["outcome"], why_none)
    for name, told, otherwise in (
        ("served", served, False),
        ("shadow", ~served & ~active["shadow_open"].to_numpy(), False),
        ("exposed", weighed.exposed, False),
        ("p_exposed", weighed.p_exposed, np.nan),
        ("lot_share", weighed.plan_share.sum(axis=1), np.nan),
        ("lot_place", np.where(weighed.lot == BEST, np.nan, _lot_places(context, programme)), np.nan),
    ):
        people[name] = otherwise
        people.loc[active.index, name] = told
    for source, bit in SOURCES.items():
        counts = np.bincount(context.customer[(context.sources & bit) > 0], minlength=len(active))
        people[f"considered_{source}"] = np.int64(0)
        people.loc[active.index, f"considered_{source}"] = counts
    numbers = active[CUSTOMER_NO].to_numpy()
    cost = None
    if programme.rotation is not None:
        free = lay_out(
            policy,
            context_under([rule for rule in rules if rule.removal not in OF_CANDIDATES]),
            knowledge,
            sizes=sizes,
            name_no=assortment.name_no,
            first=first,
            every_cap=False,
        )
        cost = rotation_cost(free, plans, context, limits, np.flatnonzero(served))

    def rows_of(laid_out: Sequence[LaidOut]) -> pd.DataFrame:
        found = [
            _slots(
                level,
                numbers,
                context,
                plan,
                _kept(plans, level, every_plan=every_plan),
                candidates,
                assortment,
                counting,
            )
            for level, plan in enumerate(laid_out, start=1)
        ]
        return with_parts(pd.concat(found, ignore_index=True))

    return BucketPlan(
        customers=people,
        levels=_levels(numbers, plans),
        slots=rows_of(plans.laid_out),
        cost_milli=planned_cost(plans.reach[served], plans.cost_milli[served]),
        spares=rows_of(plans.spares) if plans.spares else None,
        claims=Claims.of(
            context,
            plans.laid_out,
            plans.spares,
            plans.reach[:, 1:],
            numbers.astype(np.int64),
            np.asarray(served),
            funded=assortment.funded is not None,
        )
        if plans.spares
        else None,
        rotation=cost,
    )


def paid_by_a_line(plan: BucketPlan) -> BucketPlan:
    """The plan of customers whose offers a line of the budget pays: whom its price leaves without are told so."""
    told = plan.customers["outcome"].replace(Outcome.BUDGET.value, Outcome.LINE_BUDGET.value)
    return replace(plan, customers=plan.customers.assign(outcome=told))


def _is_limited(programme: Programme, assortment: Assortment) -> bool:
    """Whether items may have to leave bundles: where they stand in too many, or a supplier's budget ends."""
    rotation = programme.rotation
    return assortment.funded is not None or (rotation is not None and rotation.staples_share < 1)


def _lot_places(context: Context, rules: Programme) -> npt.NDArray[np.float64]:
    """(n,) drawn apart from the lots themselves, by the same words."""
    words = rules.seed if rules.explore is None else rules.explore.salt
    return uniforms([str(one) for one in context.customer_id], salt_of(words, "within_budget"))


def _why_none(policy: Policy, plans: PricedPlans, sizes: Sizes) -> npt.NDArray[np.object_]:
    """Return why the shadow price could leave each customer without a bundle, or why they could have none anyway."""
    pays = Outcome.NO_PLAN_PAYS if isinstance(policy, PlanPolicy) else Outcome.NO_VALUE
    reasons = np.select(
        [plans.offerable < sizes.min_items, (plans.reach[:, 1:] == 0).all(axis=1)],
        [Outcome.TOO_FEW_ITEMS.value, pays.value],
        Outcome.BUDGET.value,
    )
    return reasons.astype(object)


def _levels(numbers: npt.NDArray[Any], plans: PricedPlans) -> pd.DataFrame:
    weighed = plans.weighed
    share = np.where(weighed.value > -np.inf, weighed.plan_share, 0.0)
    taken = (plans.reach[:, 1:] > 0) | (plans.best_reach[:, 1:] > 0) | (share > 0)
    customer, plan = np.nonzero(taken)
    names = np.array(plans.names, dtype=object)
    return pd.DataFrame(
        {
            CUSTOMER_NO: numbers[customer],
            "level": plan + 1,
            "plan": names[plan],
            "depth_cap": plans.caps[plan],
            "plan_value": weighed.value[customer, plan],
            "plan_lower": weighed.lower[customer, plan],
            "plan_deviation": weighed.deviation[customer, plan],
            "plan_parts": as_json(
                {name: part[customer, plan] for name, part in weighed.parts.items()}, len(plan)
            ),
            "cost_milli": plans.cost_milli[customer, plan + 1],
            "reach": plans.reach[customer, plan + 1],
            "best_reach": plans.best_reach[customer, plan + 1],
            "share": share[customer, plan],
        }
    )


def as_json(parts: Mapping[str, npt.NDArray[np.float64]], rows: int) -> list[str]:
    """Named parts of a value, one JSON object a row; encoding all values at once and cutting is the fast way."""
    if not parts or not rows:
        return ["{}"] * rows
    names = [json.dumps(name) for name in parts]
    values = [json.dumps(array.tolist())[1:-1].split(", ") for array in parts.values()]
    return [
        "{" + ", ".join(f"{name}: {value}" for name, value in zip(names, row, strict=True)) + "}"
        for row in zip(*values, strict=True)
    ]


def _kept(plans: PricedPlans, level: int, *, every_plan: bool) -> npt.NDArray[np.bool_]:
    """(n,) whose places of a plan are kept: those whom some shadow price gives it, or whom a lot might have."""
    kept = plans.reach[:, level] > 0
    if every_plan:
        kept = kept | (plans.best_reach[:, level] > 0) | (plans.weighed.plan_share[:, level - 1] > 0)
    return np.asarray(kept)


def _slots(
    level: int,
    numbers: npt.NDArray[Any],
    context: Context,
    plan: LaidOut,
    kept: npt.NDArray[np.bool_],
    candidates: pd.DataFrame,
    assortment: Assortment,
    counting: npt.NDArray[np.int64] | None,
) -> pd.DataFrame:
    """Return the places of one plan's bundles, for customers whom some shadow price gives that plan."""
    customer, slot = np.nonzero(plan.filled & kept[:, None])
    rows = plan.rows[customer, slot]
    depth = plan.depth[customer, slot]
    known = context.buys[rows] > 0
    runner_up = np.where(known, plan.runner_up[customer, 0], plan.runner_up[customer, 1])
    rule = np.where(known, plan.rule[customer, 0], plan.rule[customer, 1])
    item_no = context.item_no[rows]
    runner_up_no = np.append(context.item_no, NO_ROW)[runner_up]
    code, number = find_reasons(candidates.iloc[rows], assortment.family[item_no] != "")
    parts = {f"part_{name}": array[customer, slot] for name, array in plan.parts.items()}
    alone = context.expected_cost_milli[rows, depth]
    drawn = {} if counting is None else {ALONE: alone, COUNTING: counting[customer]}
    return pd.DataFrame(
        {
            CUSTOMER_NO: numbers[customer],
            "level": np.full(len(rows), level, dtype=np.int64),
            "slot": slot.astype(np.int64),
            ITEM_NO: item_no,
            "kind": plan.kinds[customer, slot],
            "depth": depth,
            P_BUY: context.p_buy[rows],
            EXPECTED_UNITS: context.expected_units[rows],
            EXPECTED_COST_MILLI: alone,
            "propensity": plan.propensity[customer, slot],
            "value": plan.value[customer, slot],
            "reason": code,
            "reason_number": number,
            "runner_up_no": runner_up_no,
            "runner_up_rule": rule,
            **parts,
            **drawn,
        }
    )
