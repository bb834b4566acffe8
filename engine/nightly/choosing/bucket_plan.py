"""First pass over a bucket: who may have a bundle, and everybody's at every depth cap, the shadow price unknown.

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
from engine.nightly.choosing.allocation import NOTHING, planned_cost, reaches
from engine.nightly.choosing.assortment import Assortment
from engine.nightly.choosing.bundling import NO_ROW, Picks, Sizes, launch_first, pick_bundles, repeated_names
from engine.nightly.choosing.offer_options import Options, build_options
from engine.nightly.choosing.policy import Policy, Valuation, ask
from engine.nightly.choosing.reason_codes import find_reasons
from engine.nightly.night import Night
from models.ground.durable import write_whole
from models.items.candidates import SOURCES
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
        levels: one row a customer and reachable depth cap: customer_no, level (1 = smallest depth), value,
            cost_milli, reach (the shadow prices below which it or a deeper level is taken).
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
) -> BucketPlan:
    """Plan one bucket.

    Args:
        night: the run.
        assortment: `build_assortment` of the night's items.
        customers: one row a scored customer, ascending customer_no: customer_no, customer_id, p_churn,
            p_churn_long, p_partial, churn_reasons (a text or None), next_visit_days, days_since_visit (NaN for a
            prospect, who never bought).
        candidates: sorted by customer_no and falling p_buy: customer_no, item_no, p_buy, expected_units, buys,
            days_since_buy, item_gap_days, item_overdue, family_buys, buyers_28d, sources.
        consent: index customer_no; True, False, or missing where the shop did not say. Customers without a row
            count as missing.
        open_customers: ids of customers who have a bundle that is valid at the night's `valid_from`.
        paused: ids of customers with an open "complaint", and of those who have "moved"; the programme says
            which of them get no bundle.
        policy: what an offer is worth at each depth.

    """
    people = _people(night, customers, consent, open_customers, paused)
    active = people[people["outcome"] == ""]
    kept = np.isin(candidates[CUSTOMER_NO].to_numpy(), active[CUSTOMER_NO].to_numpy())
    candidates = candidates[kept].reset_index(drop=True)
    bundle = night.programme.bundle
    options = build_options(
        active, candidates, assortment, max_units=bundle.max_units, seed=night.programme.seed
    )
    choice = ask(policy, options)
    repeated = repeated_names(options, choice, assortment.name_no)
    sizes = Sizes.of(night.programme)
    first = launch_first(options, night.programme.novelty.launch_share, night.launch_salt)
    picks = [
        pick_bundles(options, choice, repeated, sizes, cap, first) for cap in range(len(assortment.depths_bp))
    ]
    value, cost = _level_tables(options, picks)
    reach = reaches(value, cost)

    people.loc[active.index, "outcome"] = _why_none(options, repeated, value, sizes)
    for source, bit in SOURCES.items():
        counts = np.bincount(options.customer[(options.sources & bit) > 0], minlength=len(active))
        people[f"considered_{source}"] = np.int64(0)
        people.loc[active.index, f"considered_{source}"] = counts
    numbers = active[CUSTOMER_NO].to_numpy()
    slots = [
        _slots(level, numbers, options, choice, pick, reach[:, level], candidates, assortment)
        for level, pick in enumerate(picks, start=1)
    ]
    return BucketPlan(
        customers=people,
        levels=_levels(numbers, value, cost, reach),
        slots=pd.concat(slots, ignore_index=True),
        cost_milli=planned_cost(reach, cost),
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


def _level_tables(
    options: Options, picks: list[Picks]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Value and expected cost of no bundle and of the bundle at every depth cap, (n, D + 1)."""
    n = len(options.customer_id)
    value = np.zeros((n, len(picks) + 1))
    cost = np.zeros((n, len(picks) + 1), dtype=np.int64)
    rows = np.arange(len(options))
    for level, pick in enumerate(picks, start=1):
        exists = pick.rows[:, 0] != NO_ROW
        value[:, level] = np.where(exists, pick.total(pick.value), -np.inf)
        cost[:, level] = pick.total(options.expected_cost_milli[rows, pick.depth])
    return value, cost


def _why_none(
    options: Options, repeated: npt.NDArray[np.bool_], value: npt.NDArray[np.float64], sizes: Sizes
) -> npt.NDArray[np.object_]:
    """Return why the shadow price could leave each customer without a bundle, or why they could have none anyway."""
    offerable = options.allowed.any(axis=1) & ~repeated
    counts = np.bincount(options.customer[offerable], minlength=len(value))
    best = value[:, 1:].max(axis=1)
    reasons = np.select(
        [counts < sizes.min_items, best <= 0],
        [Outcome.TOO_FEW_ITEMS.value, Outcome.NO_VALUE.value],
        Outcome.BUDGET.value,
    )
    return reasons.astype(object)


def _levels(
    numbers: npt.NDArray[Any],
    value: npt.NDArray[np.float64],
    cost: npt.NDArray[np.int64],
    reach: npt.NDArray[np.int64],
) -> pd.DataFrame:
    customer, level = np.nonzero((reach > 0) & (reach <= NOTHING))
    return pd.DataFrame(
        {
            CUSTOMER_NO: numbers[customer],
            "level": level.astype(np.int64),
            "value": value[customer, level],
            "cost_milli": cost[customer, level],
            "reach": reach[customer, level],
        }
    )


def _slots(
    level: int,
    numbers: npt.NDArray[Any],
    options: Options,
    choice: Valuation,
    pick: Picks,
    reach: npt.NDArray[np.int64],
    candidates: pd.DataFrame,
    assortment: Assortment,
) -> pd.DataFrame:
    """Return the places of one level's bundles, for customers whom some shadow price gives that level."""
    customer, slot = np.nonzero((pick.rows != NO_ROW) & (reach > 0)[:, None])
    rows = pick.rows[customer, slot]
    depth = pick.depth[rows]
    known = options.buys[rows] > 0
    runner_up = np.where(known, pick.runner_up[customer, 0], pick.runner_up[customer, 1])
    rule = np.where(known, pick.rule[customer, 0], pick.rule[customer, 1])
    item_no = options.item_no[rows]
    runner_up_no = np.append(options.item_no, NO_ROW)[runner_up]
    code, number = find_reasons(candidates.iloc[rows], assortment.family[item_no] != "")
    parts = {f"part_{name}": array[rows, depth] for name, array in choice.parts.items()}
    return pd.DataFrame(
        {
            CUSTOMER_NO: numbers[customer],
            "level": np.full(len(rows), level, dtype=np.int64),
            "slot": slot.astype(np.int64),
            ITEM_NO: item_no,
            "kind": pick.kinds[customer, slot],
            "depth": depth,
            P_BUY: options.p_buy[rows],
            EXPECTED_UNITS: options.expected_units[rows],
            EXPECTED_COST_MILLI: options.expected_cost_milli[rows, depth],
            "propensity": choice.propensity[rows, depth],
            "value": pick.value[rows],
            "reason": code,
            "reason_number": number,
            "runner_up_no": runner_up_no,
            "runner_up_rule": rule,
            **parts,
        }
    )
