"""Policies that learn: told every week what a shop sees, and all they know between nights is a memory that can be kept.

A learner is named `module:name`, a class (or function) that makes a new one without arguments. The closed loop makes one for every
week and gives it the memory of the week before, so nothing that is not in the memory can decide a night, and a run that was
stopped goes on as if it had not been. Each night's policy carries the memory's digest in its state: the run's manifest names it,
and `verify` compares it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol, runtime_checkable

import pandas as pd

from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.policy_fingerprint import fingerprint
from models.ground.errors import BadInput
from models.ground.plug_ins import imported, source_digest
from training.simulator.loop.policy_memory import Memory
from training.simulator.loop.simulated_policies import POLICIES, folder_name, own_policy, simulated_policy
from training.simulator.loop.value_learner import ValueLearner
from training.simulator.oracle.oracle import Oracle
from training.simulator.scores.forecasts import Forecast


@runtime_checkable
class Learner(Protocol):
    """A policy of the night that sees what came of it: what a shop sees, never who is still a customer.

    The oracle that it is handed knows the world; a learner that asks it is none. Household h of lines and offers is the
    customer whose id is `str(h + 1)`.
    """

    def __call__(self, night: int, oracle: Oracle) -> Policy:
        """Tonight's policy."""

    def learn(self, lines: pd.DataFrame, offers: pd.DataFrame) -> None:
        """Be told a week's lines and offers (`scores.lived`: LINE_COLUMNS, OFFER_COLUMNS), also of weeks without a night."""

    def memory(self) -> Memory:
        """All that is remembered."""

    def recall(self, memory: Memory) -> None:
        """Go on from a memory that one of this kind gave."""


@runtime_checkable
class Forecaster(Learner, Protocol):
    """A learner who says beforehand what a week will bring, so that it can be held to it."""

    def forecast(self) -> Forecast | None:
        """What the week that begins will gain, told after its night's policy was asked for; None where nothing is claimed."""


# By short names: the shipped policy that learns.
LEARNERS: Mapping[str, Callable[[], Learner]] = {"value": ValueLearner}


def learner_named(name: str) -> Learner | None:
    """A new learner by its `module:name`; None where that names something else, a policy for example.

    Raises:
        BadInput: it cannot be loaded, or it learns and cannot be asked for its memory.

    """
    if name in LEARNERS:
        return LEARNERS[name]()
    if ":" not in name:
        return None
    made = imported(name, "policy")
    if not hasattr(made, "learn"):
        return None
    learner = made() if isinstance(made, type) else made
    if not isinstance(made, type) or not isinstance(learner, Learner):
        raise BadInput(
            f"Expected a class at {name} that makes a learner without arguments, with learn, memory and recall, found "
            f"{made!r}; correct it: docs/simulator.md."
        )
    return learner


def policy_named(name: str) -> Callable[[int, Oracle], Policy]:
    """Whoever gives a night's policy under a name: a new learner, or what `simulated_policy` knows."""
    learner = None if name in POLICIES else learner_named(name)
    return simulated_policy(name) if learner is None else learner


def own_digest(name: str) -> str | None:
    """What the simulator's own code does not tell of a policy: SHA-256 of what stands under its name; None of POLICIES.

    Raises:
        BadInput: there is no such policy, or its name cannot be that of a run's folder.

    """
    if name in POLICIES:
        return None
    if name in LEARNERS:
        return None
    learner = learner_named(folder_name(name))
    if learner is None:
        return fingerprint(own_policy(name))
    return source_digest([type(learner).learn], f"policy {name!r}", state="its memory")


def with_memory(policy: Policy, memory: Memory) -> Policy:
    """The policy with the memory that it was given for in its state, and so in its fingerprint."""
    return replace(policy, state=" ".join(filter(None, (policy.state, f"memory {memory.digest}"))))
