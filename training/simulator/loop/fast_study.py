"""Policies over several worlds and seeds in the fast loop, side by side on the machine's cores.

    OUT/fast/calibrated-500-8/        a world, its number of customers, its weeks
      0/shipped.json                  the scores of a policy with a seed
      0/acme:Learner.memory/          what a policy that learns remembered in the end
      best_known.json                 what was found for the yardstick, on seeds of its own

A result carries digests of its world, its policy and the code that made it. A study that was stopped goes on with what is
missing; what another version has made is made anew.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from models.ground.durable import readable_json, write_text
from models.ground.progress import Progress
from models.running.cluster import map_buckets
from training.evaluation.bootstrap import Resamples
from training.simulator.loop.best_known import BEST_KNOWN, Rule, Search, best_known, require_no_training_seed
from training.simulator.loop.counted_history import USUAL, Breadth
from training.simulator.loop.fast_weeks import FastShop, PolicyOfNight
from training.simulator.loop.learner import Learner, own_digest, policy_named
from training.simulator.scores.forecasts import Forecast, coverage
from training.simulator.scores.over_seeds import SeedScores
from training.simulator.scores.policy_scores import score, settled_money
from training.simulator.world.world_parameters import WorldParameters

SEARCHED_CUSTOMERS = 300  # at most, in each of the yardstick's training shops
_DRAWS = 2  # of households drawn again: a study's intervals come from its seeds


@dataclass(frozen=True)
class FastStudy:
    """What is to be lived: every policy in every world with every seed."""

    worlds: Sequence[WorldParameters]
    policies: Sequence[str]
    weeks: int
    customers: int
    seeds: Sequence[int]
    out: Path

    def setting(self, world: WorldParameters) -> Path:
        """Where the results of a world are kept."""
        return self.out / "fast" / f"{world.name}-{self.customers}-{self.weeks}"


@dataclass(frozen=True)
class StudyResult:
    """A policy in a world with a seed."""

    world: WorldParameters
    policy: str
    seed: int
    scores: SeedScores


def study(plan: FastStudy, jobs: int, progress: Progress) -> list[StudyResult]:
    """Live what is not there yet, `jobs` worlds and seeds at a time, and read it all.

    Raises:
        BadInput: there is no such policy.

    """
    for name in plan.policies:
        if name != BEST_KNOWN:
            own_digest(name)
    if BEST_KNOWN in plan.policies:
        require_no_training_seed(plan.seeds)
        searches = [(plan, world) for world in plan.worlds]
        for _ in map_buckets(search_one_world, searches, jobs=jobs, what="searching", progress=progress):
            pass
    tasks = [(plan, world, seed) for world in plan.worlds for seed in plan.seeds]
    found = map_buckets(live_one_seed, tasks, jobs=jobs, what="living worlds", progress=progress)
    return [result for of_seed in found for result in of_seed]


def search_one_world(plan: FastStudy, world: WorldParameters) -> Rule:
    """The yardstick of a world: found already, or searched for and kept."""
    file, made_by = plan.setting(world) / f"{BEST_KNOWN}.json", _made_by(world)
    kept = _read(file, made_by)
    if kept is None:
        found = best_known(world, Search(min(plan.customers, SEARCHED_CUSTOMERS), plan.weeks))
        gains = [one.as_dict() | {"gain_minor": gain} for one, gain in found.gains]
        kept = {"made_by": made_by, "rule": found.rule.as_dict(), "gains_of_training": gains}
        write_text(file, readable_json(kept))
    return Rule.read(kept["rule"])


def live_one_seed(plan: FastStudy, world: WorldParameters, seed: int) -> list[StudyResult]:
    """All policies in one world with one seed: they share its year and its weeks without offers."""
    found: dict[str, SeedScores] = {}
    judge: Judge | None = None
    for name in plan.policies:
        file = plan.setting(world) / str(seed) / f"{name}.json"
        rule = search_one_world(plan, world) if name == BEST_KNOWN else None
        made_by = _made_by(world) | _told(name, rule)
        kept = _read(file, made_by)
        if kept is None:
            judge = judge or Judge(FastShop.open(world, plan.customers, seed), plan.weeks)
            policy = rule or policy_named(name)
            scores = judge.scores(policy, rule.breadth if rule else USUAL)
            kept = {"made_by": made_by, "policy": name, "seed": seed, "scores": asdict(scores)}
            if isinstance(policy, Learner):
                memory = policy.memory()
                memory.save(file.with_name(f"{name}.memory"))
                kept["memory"] = memory.digest
            write_text(file, readable_json(kept))
        found[name] = SeedScores(**kept["scores"])
    return [StudyResult(world, name, seed, scores) for name, scores in found.items()]


class Judge:
    """A shop with the weeks that it lives without offers: scores any policy in it."""

    def __init__(self, shop: FastShop, weeks: int) -> None:
        self.shop, self.weeks = shop, weeks
        self.without = shop.without(weeks)
        self._resamples = Resamples(self.without.households, np.random.default_rng(0), _DRAWS)

    def scores(self, policy: PolicyOfNight, breadth: Breadth = USUAL) -> SeedScores:
        """Live the same weeks with a policy and score it."""
        heard: dict[int, Forecast] = {}
        lived = self.shop.live(policy, self.weeks, breadth, heard)
        found = score(lived, self.without, self.weeks, self._resamples)
        return SeedScores.of(found, settled_money(lived), coverage(heard, lived, self.without))


def _read(file: Path, made_by: dict[str, str]) -> dict[str, Any] | None:
    """What is kept in a file, where it was made by the same."""
    if not file.exists():
        return None
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content if content["made_by"] == made_by else None


def _made_by(world: WorldParameters) -> dict[str, str]:
    return {"world": hashlib.sha256(world.model_dump_json().encode()).hexdigest(), "code": code_digest()}


def _told(name: str, rule: Rule | None) -> dict[str, str]:
    """What the code does not tell of a policy: the rule that was found, or where somebody's own stands."""
    if rule is not None:
        return {"policy": json.dumps(rule.as_dict(), sort_keys=True)}
    told = own_digest(name)
    return {} if told is None else {"policy": told}


@cache
def code_digest() -> str:
    """SHA-256 of all files that decide a result of the fast loop: the simulator's, and how a night chooses."""
    found = hashlib.sha256()
    for package in ("training.simulator", "engine.nightly.choosing"):
        root = Path(str(resources.files(package)))
        for file in sorted(root.rglob("*")):
            if file.suffix in {".py", ".toml"} and "worlds" not in file.parts:
                found.update(str(file.relative_to(root)).encode())
                found.update(file.read_bytes())
    return found.hexdigest()
