"""Which experiments a night goes by, as the store keeps them and as the run's request repeats them.

An experiment runs from its start to its planned end; the first night after that ends it, and its customers go by the
programme again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.domain.experiments import RunningExperiment
from engine.programme import Programme
from engine.programme.experiment_file import changed_programme
from engine.store import Store
from engine.store.nights.kept_experiments import (
    as_running,
    end_experiment,
    running_experiment,
    unended_experiments,
)

Changes = Mapping[str, Any]


@dataclass(frozen=True)
class TriedTonight:
    """What is tried tonight, in the order of beginning, and the numbers of what has come to its planned end."""

    running: tuple[RunningExperiment, ...] = ()
    over: tuple[int, ...] = ()

    def as_request(self) -> list[dict[str, Any]]:
        """Plain JSON content, for the run's request."""
        return [
            {
                "number": one.number,
                "name": one.name,
                "layer": one.layer,
                "drawn_as": one.drawn_as.value,
                "salt": one.salt_words,
                "places": [list(places) for places in one.places],
                "arms": [{"name": arm.name, "share": arm.share, "changes": arm.changes} for arm in one.arms],
            }
            for one in self.running
        ]


def trials_tonight(store: Store, as_of: datetime) -> TriedTonight:
    """Read which experiments a night goes by. Raises StoreUnreachable."""
    begun = [one for one in unended_experiments(store) if one.started <= as_of]
    over = [one for one in begun if datetime.fromisoformat(one.definition["ends"]) <= as_of]
    running = [as_running(one) for one in begun if one not in over]
    return TriedTonight(tuple(running), tuple(one.number for one in over))


def trials_of_request(content: Iterable[Mapping[str, Any]]) -> tuple[RunningExperiment, ...]:
    """What `TriedTonight.as_request` gave."""
    return tuple(running_experiment(one) for one in content)


def changes_in(running: Iterable[RunningExperiment], arms: Mapping[str, str]) -> list[Changes]:
    """What a customer's arms change of the programme, in the order of the experiments."""
    return [
        arm.changes for one in running for arm in one.arms if arms.get(one.name) == arm.name and arm.changes
    ]


def rules_of_arms(programme_text: str, running: Iterable[RunningExperiment]) -> list[Programme]:
    """The programme of every arm that changes it, each alone.

    Raises:
        BadProgramme: it has been edited since the experiment began, and an arm's changes are impossible in it now.
    """
    return [
        changed_programme(programme_text, [arm.changes], f"arm {arm.name} of experiment {one.name}")
        for one in running
        for arm in one.arms
        if arm.changes
    ]


def end_those_over(store: Store, trials: TriedTonight, as_of: datetime) -> None:
    """End what has come to its planned end, once the night is published that goes without it."""
    for number in trials.over:
        with store.writing() as connection:
            end_experiment(connection, number, stopped=as_of, because="planned end")
