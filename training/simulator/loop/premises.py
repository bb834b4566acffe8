"""The shop's side of the loop: a workspace with data, models, nights and a store, used as a real shop uses its own."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.value_policy import value
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run import run
from engine.settings import store_url_in
from engine.store import Store, open_store
from models.ground.moment import Moment, local_midnight
from models.ground.progress import Progress
from models.items.candidates import CandidateLimits
from models.sources import load, open_data
from models.versions import registry
from models.versions.response_versions import promote_response, publish_response, response_folder
from training.fitting.fit import fit
from training.fitting.fit_profile import FitProfile
from training.fitting.response.workspace_response import fit_response
from training.simulator.loop.value_learner import FIRST_SHARE

ITEM_LEVEL = "product"
_FULL = FitProfile()
# A fit of less than half a minute of one core: about half of the candidates; for affinity 2 weekly cuts with 1,000 customers
# each, half as many leaves, rounds at twice the rate and no cross-fitted calibration; for churn 3 of 13 cuts and a
# quarter of the rounds.
SMALL_PROFILE = replace(
    _FULL,
    affinity_cuts=2,
    example_customers=1_000,
    calibration_folds=0,
    churn_cuts=3,
    churn_step_days=28,
    limits=CandidateLimits(own_history=60, family=30, popular=20, rising=5),
    affinity_lightgbm=_FULL.affinity_lightgbm
    | {"learning_rate": 0.1, "num_leaves": 31, "max_rounds": 60, "patience": 10},
    churn_lightgbm=_FULL.churn_lightgbm | {"rounds": 150},
)


def loop_programme(seed: int, learning_minor: int | None = None) -> str:
    """The rules of the loop as a programme's text, with a seed of their own.

    With `learning_minor` they choose the policy `value`, which may lose so much by learning.
    """
    text = resources.files("training.simulator.loop").joinpath("programme.toml").read_text(encoding="utf-8")
    before, _, after = text.partition("\nseed = 1 ")
    rules = f"{before}\nseed = {seed} {after}"
    if learning_minor is None:
        return rules
    return (
        f'{rules}\n[policy]\nname = "{value.name}"\n[explore]\nfirst_share = {FIRST_SHARE}\namount_minor = {learning_minor}\n'
        f'salt = "{seed}"\n'
    )


@dataclass(frozen=True)
class Premises:
    """A workspace and how many buckets are worked on side by side."""

    workspace: Path
    timezone: str
    seed: int
    jobs: int
    learning_minor: int | None = None  # of a run by the policy `value`: what it may lose by learning

    @property
    def programme(self) -> str:
        """The loop's rules, with the run's seed."""
        return loop_programme(self.seed, self.learning_minor)

    def midnight(self, day: date) -> Moment:
        """The moment a day begins."""
        return local_midnight(day, self.timezone)

    def open_store(self) -> "closing[Store]":
        """The embedded store, to be closed by `with`."""
        return closing(open_store(store_url_in(self.workspace)))

    def take_over(self, write: Callable[[Path], object], *, append: tuple[date, date] | None = None) -> None:
        """Load what `write` puts into a data folder; with `append`, as the delivery of those days."""
        with TemporaryDirectory(dir=self.workspace.parent) as folder:
            write(Path(folder))
            days = None if append is None else f"{append[0]}..{append[1]}"
            load(Path(folder), self.workspace, append=append is not None, days=days, threads=self.jobs)

    def learn(self, as_of: date, progress: Progress) -> str:
        """Fit on what lies before a day, publish and promote; returns the version."""
        data, moment, folder = (
            open_data(self.workspace),
            self.midnight(as_of),
            registry.registry_folder(self.workspace),
        )
        with data.held():
            fitted = fit(data, moment, ITEM_LEVEL, SMALL_PROFILE, self.jobs, progress)
        version = registry.publish(
            folder, fitted.manifest, fitted.rhythm, fitted.affinity, fitted.churn, fitted.lifetime
        )
        if registry.current_version(folder) != version:
            registry.promote(folder, version, now=moment.as_of, by="simulate")
        return version

    def respond(self, as_of: date, progress: Progress) -> str:
        """Fit the response on what lies before a day, its nights by lot too, and use it; returns the version."""
        data, moment = open_data(self.workspace), self.midnight(as_of)
        with data.held():
            manifest, learnt = fit_response(self.workspace, data, moment, self.jobs, progress)
        folder = response_folder(self.workspace)
        version = publish_response(folder, manifest, learnt)
        promote_response(folder, version, now=moment.as_of, by="simulate")
        return version

    def night(self, day: date, policy: Policy, store: Store, progress: Progress) -> RunFolder:
        """Run and publish the night before a day begins."""
        moment = self.midnight(day)
        result = run(
            self.workspace,
            moment,
            self.programme,
            store,
            now=moment.as_of,
            jobs=self.jobs,
            progress=progress,
            policy=policy,
        )
        return RunFolder.of(self.workspace, result.run_id)
