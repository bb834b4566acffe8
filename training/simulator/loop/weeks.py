"""One run of the loop: a year without offers, then a night a week, baskets at the till, and retraining.

    OUT/calibrated-2000-0/            a world, its number of customers and seed
      world.json                      its parameters, so that another world is not taken for it
      start/                          the workspace after the year, with its first model: shared by all policies
      12-weeks/without/               the same weeks without any offer
      12-weeks/shipped/weeks/00/ ...  what happened (`training.simulator.scores.lived`), what a policy that learns
                                    remembers after it, and the workspace after the last one
      12-weeks/shipped/workspace/     the shop as it is; `abonement` and `abonement-train` work on it
      12-weeks/shipped/run.json       what the run was and cost, once it is done

A run that was stopped takes up after its last whole week: the world is lived again from what was recorded, which
takes seconds and must give the same baskets; what a policy had learnt is read back and must be what was kept.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.value_policy import value
from models.ground.durable import discard, sweep, write_text, write_whole
from models.ground.errors import BadInput
from models.ground.progress import Progress, silent
from models.running.blas_threads import one_blas_thread
from training.simulator.loop.learner import Forecaster, Learner, learner_named, own_digest, with_memory
from training.simulator.loop.paid_baskets import sell
from training.simulator.loop.policy_memory import Memory
from training.simulator.loop.published_offers import open_on, published
from training.simulator.loop.recorded_weeks import AFTER_WEEKS, NOTHING_OFFERED, lived_without, recorded
from training.simulator.loop.simulated_policies import POLICIES, simulated_policy
from training.simulator.loop.simulation_start import (
    BURN_IN_DAYS,
    TIMEZONE,
    SimulationPlan,
    after_a_year,
    begin,
    claim,
    claim_policy,
)
from training.simulator.oracle.oracle import Oracle, lessons_as_dict, lessons_from
from training.simulator.scores.forecasts import Forecast
from training.simulator.scores.lived import DAYS_A_WEEK, OFFER_COLUMNS, Lived
from training.simulator.scores.ranking import lived_of
from training.simulator.world.offers_and_lines import Lines, joined, personal_minor
from training.simulator.world.shop_tables import write_tables
from training.simulator.world.world import World

RETRAIN_WEEKS = 4
_MEMORY = "memory"


@dataclass(frozen=True)
class RunOutcome:
    """What came of a run: `disagreements` are lines on which till and world see another discount."""

    lived: Lived
    without: Lived
    facts: dict[str, Any]


@one_blas_thread()
def simulate(plan: SimulationPlan, progress: Progress) -> RunOutcome:
    """Live a run to its end, or take it up where it was stopped.

    Raises:
        BadInput: there is no such policy, or the folder holds another world, or a run by another policy, under
            this one's name.
    """
    told = own_digest(plan.policy)
    claim(plan)
    if told is not None:
        claim_policy(plan, told)
    facts = plan.folder / "run.json"
    if not facts.exists():
        begun = monotonic()
        progress("living a year", 0, 1)
        grown, year = after_a_year(plan.parameters, plan.customers, plan.seed)
        progress("living a year", 1, 1)
        world = grown.copy()
        begin(plan, world, year, progress)
        _keep_without(plan, world)
        disagreements = _Run(plan, world, progress).live()
        about = {
            "world": plan.parameters.name,
            "policy": plan.policy,
            "customers": plan.customers,
            "seed": plan.seed,
            "weeks": plan.weeks,
            "disagreements": disagreements,
            "seconds": round(monotonic() - begun, 1),
        }
        write_text(facts, json.dumps(about, indent=2) + "\n")
    return RunOutcome(
        lived_of(plan.folder), Lived.load(plan.without), json.loads(facts.read_text(encoding="utf-8"))
    )


def _keep_without(plan: SimulationPlan, world: World) -> None:
    """Live the same weeks without offers, in a copy, once for all policies."""
    if plan.without.exists():
        return
    lived_without(world, plan.weeks).save(plan.without)


def learner_of_week(plan: SimulationPlan, week: int) -> Learner | None:
    """A new learner that knows what was remembered after the week before, and nothing else.

    Returns:
        None where the run's policy does not learn.

    Raises:
        BadInput: the memory is missing, or was changed since.

    """
    # What `value` knows it learns as a shop does: its response is fitted before each night.
    learner = None if plan.policy in POLICIES or plan.fits_response else learner_named(plan.policy)
    if learner is not None and week:
        before = plan.folder / "weeks" / f"{week - 1:02d}"
        digest = json.loads((before / "week.json").read_text(encoding="utf-8"))["memory"]
        learner.recall(Memory.load(before / _MEMORY, digest))
    return learner


class _Run:
    """A run under way: the world, the shop's workspace and the offers made so far."""

    def __init__(self, plan: SimulationPlan, world: World, progress: Progress) -> None:
        self.plan, self.world, self.progress = plan, world, progress
        self.weeks = plan.folder / "weeks"
        self.premises = plan.premises(plan.folder / "workspace")
        self.day_0 = pd.Timestamp(world.today, tz=TIMEZONE)
        self.offers = NOTHING_OFFERED
        self.redeemed = np.zeros(0, np.int64)
        self.disagreements = 0
        self.oracle = Oracle(world, 0)
        self.memory: Memory | None = None
        self.forecast: Forecast | None = None

    def live(self) -> int:
        """Live what is left; returns on how many lines till and world disagreed."""
        total = self.plan.weeks + AFTER_WEEKS
        first = self._take_up()
        self.progress(self.plan.policy, first, total)
        for week in range(first, total):
            self._keep(week, self._week(week))
            self.progress(self.plan.policy, week + 1, total)
        discard(self.weeks / f"{total - 1:02d}" / "workspace")
        return self.disagreements

    @cached_property
    def _customers(self) -> "pd.Index[str]":
        return pd.Index(self.world.customer_id)

    @cached_property
    def _products(self) -> "pd.Index[str]":
        return pd.Index(self.world.shop.product_id)

    def _take_up(self) -> int:
        """Put the workspace where the last whole week left it and live the world up to there; returns the next week."""
        if self.weeks.exists():
            sweep(self.weeks, inside=False)
        done = sorted(self.weeks.glob("[0-9]*"))
        discard(self.premises.workspace)
        source = done[-1] / "workspace" if done else self.plan.setting / "start"
        write_whole(self.premises.workspace, lambda incoming: shutil.copytree(source, incoming))
        for folder in done:
            self._live_again(Lived.load(folder))
        if done:
            kept = json.loads((done[-1] / "week.json").read_text(encoding="utf-8"))
            self.disagreements = kept["disagreements"]
            self.oracle = Oracle(self.world, 0, lessons_from(kept["lessons"]))
        return len(done)

    def _policy(self, week: int, learner: Learner | None) -> Policy:
        """Tonight's."""
        if self.plan.fits_response:
            return value
        if learner is None:
            return simulated_policy(self.plan.policy)(week, self.oracle)
        return with_memory(learner(week, self.oracle), learner.memory())

    def _live_again(self, week: Lived) -> None:
        self.offers = pd.concat([self.offers, week.offers], ignore_index=True)
        for _ in range(DAYS_A_WEEK):
            today = self.world.day - BURN_IN_DAYS
            lines = self.world.shop_day(open_on(self.offers, today, self.redeemed))
            known = week.lines[week.lines["day"] == today]
            if not np.array_equal(lines.product, known["product"]) or not np.array_equal(
                lines.units, known["units"]
            ):
                raise BadInput(
                    f"{self.plan.folder} was made by another version of the simulator: day {today} is not lived the "
                    "same way again. Remove that folder and simulate anew."
                )
            self.world.pay(lines, known["personal_minor"].to_numpy())
            self.redeemed = np.union1d(self.redeemed, known.loc[known["personal_minor"] > 0, "offer_no"])

    def _week(self, week: int) -> Lived:
        made, learner, self.forecast = NOTHING_OFFERED, learner_of_week(self.plan, week), None
        starts = self.world.today
        with self.premises.open_store() as store:
            if week < self.plan.weeks:
                if week and week % RETRAIN_WEEKS == 0:
                    self.premises.learn(starts, silent)
                lessons = None if week % RETRAIN_WEEKS == 0 else self.oracle.lessons
                days_left = (self.plan.weeks + AFTER_WEEKS - week) * DAYS_A_WEEK
                self.oracle = Oracle(self.world, days_left, lessons)
                if self.plan.fits_response:
                    self.premises.respond(starts, silent)
                run = self.premises.night(starts, self._policy(week, learner), store, silent)
                self.forecast = learner.forecast() if isinstance(learner, Forecaster) else None
                made = published(run, self._customers, self._products, len(self.offers), self.day_0)
                self.offers = pd.concat([self.offers, made[list(OFFER_COLUMNS)]], ignore_index=True)
            days = [self._day(store) for _ in range(DAYS_A_WEEK)]
        lines = joined([day for day, _ in days])
        personal = np.concatenate([taken for _, taken in days])
        if week + 1 < self.plan.weeks:
            self.premises.take_over(
                lambda folder: write_tables(self.world, lines, personal, folder),
                append=(starts, starts + timedelta(days=DAYS_A_WEEK - 1)),
            )
        lived = recorded(self.world, lines, personal, made)
        if learner is not None:
            learner.learn(lived.lines, made)
            self.memory = learner.memory()
        return lived

    def _day(self, store: Any) -> tuple[Lines, npt.NDArray[np.int64]]:
        offers = open_on(self.offers, self.world.day - BURN_IN_DAYS, self.redeemed)
        midnight = self.premises.midnight(self.world.today).as_of
        lines = self.world.shop_day(offers)
        sold = sell(store, self.world.customer_id, self.world.shop.product_id, lines, midnight)
        self.disagreements += int((sold.personal_minor != personal_minor(lines, offers)).sum())
        self.redeemed = np.union1d(self.redeemed, sold.redeemed)
        self.world.pay(lines, sold.personal_minor)
        return lines, sold.personal_minor

    def _keep(self, week: int, lived: Lived) -> None:
        """Keep a whole week and the workspace after it; the one before needs its workspace no more."""

        def fill(folder: Path) -> None:
            lived.save(folder)
            shutil.copytree(self.premises.workspace, folder / "workspace")
            kept = {
                "disagreements": self.disagreements,
                "lessons": lessons_as_dict(self.oracle.lessons),
                "foresight": None if self.oracle.foresight is None else vars(self.oracle.foresight),
                "memory": None if self.memory is None else self.memory.digest,
                "forecast": None if self.forecast is None else vars(self.forecast),
            }
            if self.memory is not None:
                self.memory.fill(folder / _MEMORY)
            (folder / "week.json").write_text(json.dumps(kept, indent=2), encoding="utf-8")

        write_whole(self.weeks / f"{week:02d}", fill)
        if week:
            discard(self.weeks / f"{week - 1:02d}" / "workspace")
