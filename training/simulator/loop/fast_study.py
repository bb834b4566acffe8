"""Policies over several worlds and seeds in the fast loop, side by side on the machine's cores.

    OUT/fast/calibrated-500-8/        a world, its number of customers, its weeks
      0/shipped.json                  the scores of a policy with a seed

A result carries digests of its world, its policy and the code that made it. A study that was stopped goes on with what is
missing; what another version has made is made anew.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from engine.nightly.choosing.policy_fingerprint import fingerprint
from models.ground.durable import readable_json, write_text
from models.ground.progress import Progress
from models.running.cluster import map_buckets
from training.evaluation.bootstrap import Resamples
from training.simulator.loop.fast_weeks import FastShop, PolicyOfNight
from training.simulator.loop.simulated_policies import POLICIES, own_policy, simulated_policy
from training.simulator.scores.over_seeds import SeedScores
from training.simulator.scores.policy_scores import score
from training.simulator.world.world_parameters import WorldParameters

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

    def folder(self, world: WorldParameters, seed: int) -> Path:
        """Where the results of a world and seed are kept."""
        return self.out / "fast" / f"{world.name}-{self.customers}-{self.weeks}" / str(seed)


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
        if name not in POLICIES:
            own_policy(name)
    tasks = [(plan, world, seed) for world in plan.worlds for seed in plan.seeds]
    found = map_buckets(live_one_seed, tasks, jobs=jobs, what="living worlds", progress=progress)
    return [result for of_seed in found for result in of_seed]


def live_one_seed(plan: FastStudy, world: WorldParameters, seed: int) -> list[StudyResult]:
    """All policies in one world with one seed: they share its year and its weeks without offers."""
    folder = plan.folder(world, seed)
    kept = {name: _kept(folder / _file(name), _made_by(world, name)) for name in plan.policies}
    missing = [name for name, scores in kept.items() if scores is None]
    for name, scores in _lived(plan, world, seed, missing):
        about = {"made_by": _made_by(world, name), "policy": name, "seed": seed, "scores": asdict(scores)}
        write_text(folder / _file(name), readable_json(about))
        kept[name] = scores
    return [StudyResult(world, name, seed, scores) for name, scores in kept.items() if scores is not None]


def _lived(
    plan: FastStudy, world: WorldParameters, seed: int, names: Sequence[str]
) -> Iterator[tuple[str, SeedScores]]:
    if not names:
        return
    shop = FastShop.open(world, plan.customers, seed)
    judge = Judge(shop, plan.weeks)
    for name in names:
        yield name, judge.scores(simulated_policy(name))


class Judge:
    """A shop with the weeks that it lives without offers: scores any policy in it."""

    def __init__(self, shop: FastShop, weeks: int) -> None:
        self.shop, self.weeks = shop, weeks
        self.without = shop.without(weeks)
        self._resamples = Resamples(self.without.households, np.random.default_rng(0), _DRAWS)

    def scores(self, policy: PolicyOfNight) -> SeedScores:
        """Live the same weeks with a policy and score it."""
        lived = self.shop.live(policy, self.weeks)
        return SeedScores.of(score(lived, self.without, self.weeks, self._resamples))


def _kept(file: Path, made_by: dict[str, str]) -> SeedScores | None:
    if not file.exists():
        return None
    content = json.loads(file.read_text(encoding="utf-8"))
    return SeedScores(**content["scores"]) if content["made_by"] == made_by else None


def _made_by(world: WorldParameters, name: str) -> dict[str, str]:
    own = {} if name in POLICIES else {"policy": fingerprint(own_policy(name))}
    return {"world": _digest(world.model_dump_json()), "code": code_digest()} | own


def _file(policy: str) -> str:
    return f"{policy}.json"


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


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
