"""How a run begins: what is to be simulated, a year lived without offers, and the shop opened with its first model."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.nightly.choosing.value_policy import value
from models.ground.durable import write_text, write_whole
from models.ground.errors import BadInput
from models.ground.progress import Progress, silent
from training.simulator.loop.premises import Premises
from training.simulator.loop.value_learner import LEARNING_MINOR
from training.simulator.world.offers_and_lines import Lines
from training.simulator.world.shop_tables import write_tables
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

BURN_IN_DAYS = 364
TIMEZONE = "UTC"


@dataclass(frozen=True)
class SimulationPlan:
    """What is to be simulated, and where it goes."""

    parameters: WorldParameters
    policy: str
    weeks: int
    customers: int
    seed: int
    out: Path
    jobs: int

    @property
    def setting(self) -> Path:
        """The folder of this world with this many customers and this seed."""
        return self.out / f"{self.parameters.name}-{self.customers}-{self.seed}"

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return self.setting / f"{self.weeks}-weeks" / self.policy

    @property
    def fits_response(self) -> bool:
        """Whether its policy is told of a response that the shop fits before each night."""
        return self.policy == value.name

    @property
    def without(self) -> Path:
        """What happens without offers."""
        return self.setting / f"{self.weeks}-weeks" / "without"

    def premises(self, workspace: Path) -> Premises:
        """A workspace of this run."""
        learning = int(LEARNING_MINOR * self.customers) if self.fits_response else None
        return Premises(workspace, TIMEZONE, self.seed, self.jobs, learning)


@lru_cache(maxsize=1)
def after_a_year(parameters: WorldParameters, customers: int, seed: int) -> tuple[World, Lines]:
    """A world after its year without offers, and the year's lines; kept for the next policy of this process."""
    world = World.new(parameters, customers, seed)
    return world, world.live(BURN_IN_DAYS)


def claim(plan: SimulationPlan) -> None:
    """Name the world in its folder; BadInput where another one has the same name."""
    file, text = plan.setting / "world.json", plan.parameters.model_dump_json(indent=2) + "\n"
    if not file.exists():
        write_text(file, text)
    elif file.read_text(encoding="utf-8") != text:
        raise BadInput(
            f"{plan.setting} holds runs of another world that is called {plan.parameters.name} too; "
            "choose another --out, or remove that folder."
        )


def claim_policy(plan: SimulationPlan, told: str) -> None:
    """Keep in the run's folder which policy it is by; BadInput where it was begun by another version of that name."""
    file = plan.folder / "policy.json"
    if not file.exists():
        write_text(file, json.dumps({"policy": plan.policy, "fingerprint": told}, indent=2) + "\n")
        return
    begun = json.loads(file.read_text(encoding="utf-8"))["fingerprint"]
    if begun != told:
        raise BadInput(
            f"{plan.folder} was begun by policy {plan.policy} in another version, {begun[:12]}, this is {told[:12]}; "
            "remove that folder, or choose another --out."
        )


def begin(plan: SimulationPlan, world: World, year: Lines, progress: Progress) -> None:
    """Make the shop of the year before: its data loaded and its first model in use."""
    start = plan.setting / "start"
    if start.exists():
        return
    progress("opening the shop", 0, 2)

    def fill(workspace: Path) -> None:
        premises = plan.premises(workspace)
        nothing = np.zeros(len(year), np.int64)
        premises.take_over(lambda folder: write_tables(world, year, nothing, folder))
        progress("opening the shop", 1, 2)
        premises.learn(world.today, silent)

    write_whole(start, fill)
    progress("opening the shop", 2, 2)
