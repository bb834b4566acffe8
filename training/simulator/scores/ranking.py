"""Policies beside each other: all that was simulated into one folder, scored world by world and over worlds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.running.blas_threads import one_blas_thread
from training.evaluation.bootstrap import Resamples
from training.simulator.scores.lived import Lived
from training.simulator.scores.policy_scores import (
    Scores,
    by_week,
    position,
    score,
    share_of_oracle,
    surely_gains,
)

ORACLE, NO_OFFERS, NAIVE = "oracle", "no_offers", "top_affinities"
_DRAWS_SEED = 8


@dataclass(frozen=True)
class WorldRanking:
    """One world with its customers, seed and weeks: every policy that was run in it, best gain first.

    Attributes:
        folder: where its runs lie.
        name: the world's.
        currency: of its money.
        customers, seed, weeks: what was simulated.
        scores: by policy.
        curves: by policy, `training.simulator.scores.policy_scores.by_week`.
        facts: by policy, what its run recorded.
        foresight: the gain a customer that the oracle expected of its bundles, minor units, and the Monte Carlo error of
            its lessons; None where it was not run.
        unidentified: what the world's file says no data can tell.
    """

    folder: Path
    name: str
    currency: str
    customers: int
    seed: int
    weeks: int
    scores: dict[str, Scores]
    curves: dict[str, pd.DataFrame]
    facts: dict[str, dict[str, Any]]
    foresight: tuple[float, float] | None
    unidentified: str

    @property
    def title(self) -> str:
        """The world's name in words."""
        return self.name.replace("_", " ")

    @property
    def best(self) -> str:
        """The policy that gains most; `no_offers` where none gains more than chance would."""
        gaining = {name: found.gain.value for name, found in self.scores.items() if found.gain.above_zero}
        return max(gaining, key=lambda name: gaining[name], default=NO_OFFERS)

    @property
    def oracle_gains(self) -> bool:
        """Whether the oracle ran, and gains more than its Monte Carlo error explains."""
        return ORACLE in self.scores and surely_gains(self.scores[ORACLE])

    def share(self, policy: str) -> float | None:
        """The policy's gain over the oracle's, where that one is sure."""
        return (
            share_of_oracle({"": self.scores[policy]}, {"": self.scores[ORACLE]})
            if self.oracle_gains
            else None
        )

    def position(self, policy: str) -> float | None:
        """Where the policy stands between the naive one and the oracle."""
        if NAIVE not in self.scores or ORACLE not in self.scores:
            return None
        return position(self.scores[policy], self.scores[NAIVE], self.scores[ORACLE])


@one_blas_thread()
def standings(out: Path) -> list[WorldRanking]:
    """Score every finished run below a folder, world by world in the order of their names."""
    found = []
    for weeks in sorted(out.glob("*/*-weeks")):
        runs = sorted(file.parent for file in weeks.glob("*/run.json"))
        if runs:
            found.append(_standing(weeks, runs))
    return found


def _standing(folder: Path, runs: Sequence[Path]) -> WorldRanking:
    world = json.loads((folder.parent / "world.json").read_text(encoding="utf-8"))
    facts = {run.name: json.loads((run / "run.json").read_text(encoding="utf-8")) for run in runs}
    without = Lived.load(folder / "without")
    lived = {run.name: lived_of(run) for run in runs}
    one = next(iter(facts.values()))
    resamples = Resamples(without.households, np.random.default_rng(_DRAWS_SEED))
    scores = {
        name: score(run, without, one["weeks"], resamples, lived.get(ORACLE)) for name, run in lived.items()
    }
    order = sorted(scores, key=lambda name: (-scores[name].gain.value, name != NO_OFFERS))
    return WorldRanking(
        folder=folder,
        name=one["world"],
        currency=world["currency"],
        customers=one["customers"],
        seed=one["seed"],
        weeks=one["weeks"],
        scores={name: scores[name] for name in order},
        curves={name: by_week(lived[name], without) for name in order},
        facts=facts,
        foresight=_foresight(folder / ORACLE, one["customers"], one["weeks"]) if ORACLE in lived else None,
        unidentified=world["unidentified"],
    )


def lived_of(run: Path) -> Lived:
    """All weeks of a run's folder."""
    return Lived.joined([Lived.load(week) for week in sorted((run / "weeks").glob("[0-9]*"))])


def _foresight(run: Path, customers: int, weeks: int) -> tuple[float, float] | None:
    """Sum of what the oracle expected night by night; nights that share their lessons share their error."""
    gain, errors = 0.0, dict[str, float]()
    for file in sorted((run / "weeks").glob("*/week.json"))[:weeks]:
        week = json.loads(file.read_text(encoding="utf-8"))
        if week["foresight"] is not None:
            gain += week["foresight"]["gain_minor"]
            lessons = json.dumps(week["lessons"])
            errors[lessons] = errors.get(lessons, 0.0) + week["foresight"]["error_minor"]
    return (
        (gain / customers, float(np.sqrt(sum(error**2 for error in errors.values()))) / customers)
        if errors
        else None
    )


def over_worlds(found: Sequence[WorldRanking]) -> dict[str, float | None]:
    """Every policy's share of the oracle's gains, summed over the worlds in which the oracle surely gains."""
    policies = dict.fromkeys(name for standing in found for name in standing.scores)
    oracle = {_key(one): one.scores[ORACLE] for one in found if ORACLE in one.scores}
    return {
        policy: share_of_oracle(
            {_key(one): one.scores[policy] for one in found if policy in one.scores}, oracle
        )
        for policy in policies
    }


def _key(standing: WorldRanking) -> str:
    return f"{standing.name}-{standing.customers}-{standing.seed}-{standing.weeks}"


def as_dict(standing: WorldRanking) -> dict[str, Any]:
    """Plain JSON content: every figure with its interval."""
    return {
        "world": standing.name,
        "customers": standing.customers,
        "seed": standing.seed,
        "weeks": standing.weeks,
        "currency": standing.currency,
        "best": standing.best,
        "oracle_surely_gains": standing.oracle_gains,
        "oracle_expected": standing.foresight,
        "policies": {
            name: _plain(found)
            | {
                "share_of_oracle": standing.share(name),
                "position": standing.position(name),
                "run": standing.facts[name],
            }
            for name, found in standing.scores.items()
        },
    }


def _plain(scores: Scores) -> dict[str, Any]:
    def value(field: Any) -> Any:
        if hasattr(field, "level"):
            return {"value": field.value, "low": field.low, "high": field.high}
        return field

    return {name: value(field) for name, field in vars(scores).items()}
