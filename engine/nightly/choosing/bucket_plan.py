"""First pass over a bucket: who may have a bundle, and everybody's by every plan, the shadow price unknown.

A plan is three small tables and one vector; it is kept on disk as Parquet and NumPy, so that a killed night
resumes with the buckets it has finished. Nothing in it depends on other buckets.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.arms import Arm, arm_of
from engine.domain.eligibility import Outcome, is_seen, may_receive
from engine.nightly.choosing.allocation import NOTHING, planned_cost
from engine.nightly.choosing.assortment import Assortment
from engine.nightly.choosing.bundling import NO_ROW, Sizes, launch_first
from engine.nightly.choosing.offer_options import CUSTOMER_FACTS, Context, build_options
from engine.nightly.choosing.plan_policy import LaidOut
from engine.nightly.choosing.plans import PricedPlans, lay_out
from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.reason_codes import find_reasons
from engine.nightly.night import Night
from models.ground.durable import write_whole
from models.items.candidates import SOURCES
from models.response.knowledge import NOTHING_KNOWN, Knowledge
from models.tables import (
    CUSTOMER_ID,
    CUSTOMER_NO,
    EXPECTED_COST_MILLI,
    EXPECTED_UNITS,
    ITEM_NO,
    P_BUY,
    P_CHURN,
)

NOBODY_PAUSED: Mapping[str, Collection[str]] = {"complaint": (), "moved": ()}
_FRAMES = ("customers", "levels", "slots")


@dataclass(frozen=True)
class BucketPlan:
    """What one bucket hands to the budget and to the second pass.

    Attributes:
        customers: one row a scored customer: customer_no, customer_id, arm, outcome (that of a customer whom the
            shadow price leaves without a bundle; `budget` for all who could have one), p_churn, p_churn_long,
            p_partial, churn_reasons (a text or missing), next_visit, valid_days, considered_<source>.
        levels: one row a customer and reachable plan: customer_no, level (1 = the policy's first plan), value,
            cost_milli, reach (the shadow prices below which it or a costlier plan is taken).
        slots: one row a place of those bundles.
        cost_milli: (NOTHING + 1,) expected cost at every shadow price's index, thousandths of a minor unit.

    """

    customers: pd.DataFrame
    levels: pd.DataFrame
    slots: pd.DataFrame
    cost_milli: npt.NDArray[np.int64]

    def save(self, folder: Path) -> None:
        """Write the plan; the folder appears whole or not at all."""
        write_whole(folder, self._fill)

    def _fill(self, folder: Path) -> None:
        folder.mkdir()
        for name in _FRAMES:
            getattr(self, name).to_parquet(folder / f"{name}.parquet", index=False)
        np.save(folder / "cost_milli.npy", self.cost_milli)

    @classmethod
    def load(cls, folder: Path) -> "BucketPlan":
        """Read a plan that `save` wrote."""
        customers, levels, slots = (pd.read_parquet(folder / f"{name}.parquet") for name in _FRAMES)
        return cls(customers, levels, slots, np.load(folder / "cost_milli.npy"))


def plan_bucket(
    night: Night,
    assortment: Assortment,
    customers: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    consent: "pd.Series[Any]",
    open_customers: Collection[str],
    paused: Mapping[str, Collection[str]] = NOBODY_PAUSED,
    policy: Policy,
    knowledge: Knowledge = NOTHING_KNOWN,
) -> BucketPlan:
    """Plan one bucket.

    Args:
        night: the run.
        assortment: `build_assortment` of the night's items.
        customers: one row a scored customer, ascending customer_no: customer_no, customer_id, p_churn,
            p_churn_long, p_partial, churn_reasons (a text or None), next_visit_days, days_since_visit (NaN for a
            prospect, who never bought), and CUSTOMER_FACTS of `offer_options` where they are known.
        candidates: sorted by customer_no and falling p_buy: customer_no, item_no, p_buy, expected_units, buys,
            days_since_buy, item_gap_days, item_overdue, family_buys, buyers_28d, sources.
        consent: index customer_no; True, False, or missing where the shop did not say. Customers without a row
            count as missing.
        open_customers: ids of customers who have a bundle that is valid at the night's `valid_from`.
        paused: ids of customers with an open "complaint", and of those who have "moved"; the programme says
            which of them get no bundle.
        policy: what an offer, or a bundle, is worth.
        knowledge: what is known of response.

    """
    people = _people(night, customers, consent, open_customers, paused)
    active = people[people["outcome"] == ""]
    kept = np.isin(candidates[CUSTOMER_NO].to_numpy(), active[CUSTOMER_NO].to_numpy())
    candidates = candidates[kept].reset_index(drop=True)
    rules = night.programme
    facts = customers.reindex(columns=list(CUSTOMER_FACTS))[(people["outcome"] == "").to_numpy()]
    context = build_options(
        active.assign(**{name: facts[name].to_numpy() for name in CUSTOMER_FACTS}),
        candidates,
        assortment,
        max_units=rules.bundle.max_units,
        seed=rules.seed,
        churn_horizon_days=rules.prediction.churn_horizon_days,
        day=night.days.day_of(night.valid_from),
    )
    sizes = Sizes.of(rules)
    first = launch_first(context, rules.novelty.launch_share, night.launch_salt)
    plans = lay_out(policy, context, knowledge, sizes=sizes, name_no=assortment.name_no, first=first)

    people.loc[active.index, "outcome"] = _why_none(plans, sizes)
    for source, bit in SOURCES.items():
        counts = np.bincount(context.customer[(context.sources & bit) > 0], minlength=len(active))
        people[f"considered_{source}"] = np.int64(0)
        people.loc[active.index, f"considered_{source}"] = counts
    numbers = active[CUSTOMER_NO].to_numpy()
    slots = [
        _slots(level, numbers, context, plan, plans.reach[:, level], candidates, assortment)
        for level, plan in enumerate(plans.laid_out, start=1)
    ]
    return BucketPlan(
        customers=people,
        levels=_levels(numbers, plans),
        slots=pd.concat(slots, ignore_index=True),
        cost_milli=planned_cost(plans.reach, plans.cost_milli),
    )


def _people(
    night: Night,
    customers: pd.DataFrame,
    consent: "pd.Series[Any]",
    open_customers: Collection[str],
    paused: Mapping[str, Collection[str]],
) -> pd.DataFrame:
    """Draw arms and windows, and find who cannot have a bundle tonight; outcome is empty for the others."""
    rules = night.programme
    ids = customers[CUSTOMER_ID].tolist()
    arms = [arm_of(customer_id, night.arms_salt, rules.holdout.share) for customer_id in ids]
    said = consent.reindex(customers[CUSTOMER_NO]).tolist()
    may = [may_receive(None if pd.isna(answer) else bool(answer), rules.consent.rule) for answer in said]
    # who never bought is only scored where the programme asks for prospects
    seen = [
        math.isnan(days) or is_seen(days, rules.eligibility.seen_days)
        for days in customers["days_since_visit"].tolist()
    ]
    held_out = "bundle" in rules.holdout.covers
    stopped = {why: paused[why] if why in rules.outreach.pauses_offers else () for why in NOBODY_PAUSED}
    outcome = np.select(
        [
            np.array([held_out and arm is Arm.HOLDOUT for arm in arms], dtype=np.bool_),
            ~np.array(may, dtype=np.bool_),
            ~np.array(seen, dtype=np.bool_),
            np.isin(ids, list(stopped["complaint"])),
            np.isin(ids, list(stopped["moved"])),
            np.isin(ids, list(open_customers)),
        ],
        [
            Outcome.HOLDOUT.value,
            Outcome.NO_CONSENT.value,
            Outcome.NOT_SEEN.value,
            Outcome.OPEN_COMPLAINT.value,
            Outcome.MOVED.value,
            Outcome.HAS_OPEN_BUNDLE.value,
        ],
        "",
    )
    next_visit_days = customers["next_visit_days"].to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            CUSTOMER_NO: customers[CUSTOMER_NO].to_numpy(),
            CUSTOMER_ID: customers[CUSTOMER_ID].to_numpy(),
            "arm": [arm.value for arm in arms],
            "outcome": outcome.astype(object),
            **{
                name: customers[name].to_numpy(dtype=np.float64)
                for name in (P_CHURN, "p_churn_long", "p_partial")
            },
            "churn_reasons": customers["churn_reasons"].astype("str").array,
            "next_visit": _local_dates(night, next_visit_days),
            "valid_days": night.window_days(next_visit_days),
        }
    )


def _local_dates(night: Night, days: npt.NDArray[np.float64]) -> npt.NDArray[np.datetime64]:
    """Return the local day that lies `days` after `as_of`; not a time where that is unknown."""
    today = night.days.day_of(night.as_of)
    passed = (night.as_of - night.days.start_of(today)) / timedelta(days=1)
    whole = np.floor(np.nan_to_num(days, posinf=0.0) + passed).astype("timedelta64[D]")
    dates = np.datetime64(today, "D") + whole
    return np.where(np.isfinite(days), dates, np.datetime64("NaT", "D")).astype("datetime64[ms]")


def _why_none(plans: PricedPlans, sizes: Sizes) -> npt.NDArray[np.object_]:
    """Return why the shadow price could leave each customer without a bundle, or why they could have none anyway."""
    reasons = np.select(
        [plans.offerable < sizes.min_items, plans.weighed.value.max(axis=1) <= 0],
        [Outcome.TOO_FEW_ITEMS.value, Outcome.NO_VALUE.value],
        Outcome.BUDGET.value,
    )
    return reasons.astype(object)


def _levels(numbers: npt.NDArray[Any], plans: PricedPlans) -> pd.DataFrame:
    customer, level = np.nonzero((plans.reach > 0) & (plans.reach <= NOTHING))
    return pd.DataFrame(
        {
            CUSTOMER_NO: numbers[customer],
            "level": level.astype(np.int64),
            "value": plans.weighed.value[customer, level - 1],
            "cost_milli": plans.cost_milli[customer, level],
            "reach": plans.reach[customer, level],
        }
    )


def _slots(
    level: int,
    numbers: npt.NDArray[Any],
    context: Context,
    plan: LaidOut,
    reach: npt.NDArray[np.int64],
    candidates: pd.DataFrame,
    assortment: Assortment,
) -> pd.DataFrame:
    """Return the places of one plan's bundles, for customers whom some shadow price gives that plan."""
    customer, slot = np.nonzero(plan.filled & (reach > 0)[:, None])
    rows = plan.rows[customer, slot]
    depth = plan.depth[customer, slot]
    known = context.buys[rows] > 0
    runner_up = np.where(known, plan.runner_up[customer, 0], plan.runner_up[customer, 1])
    rule = np.where(known, plan.rule[customer, 0], plan.rule[customer, 1])
    item_no = context.item_no[rows]
    runner_up_no = np.append(context.item_no, NO_ROW)[runner_up]
    code, number = find_reasons(candidates.iloc[rows], assortment.family[item_no] != "")
    parts = {f"part_{name}": array[customer, slot] for name, array in plan.parts.items()}
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
            EXPECTED_COST_MILLI: context.expected_cost_milli[rows, depth],
            "propensity": plan.propensity[customer, slot],
            "value": plan.value[customer, slot],
            "reason": code,
            "reason_number": number,
            "runner_up_no": runner_up_no,
            "runner_up_rule": rule,
            **parts,
        }
    )
