"""The guards of every experiment that runs, judged after a night and at any time, and what their stop rule does."""

from typing import NamedTuple

from engine.domain.experiments import IMPORTED_LAYER
from engine.measurement.begun_experiments import stop_experiment
from engine.measurement.experiment_guards import GuardRow, guards, worse
from engine.measurement.experiment_report import compare, pair_of, reported_weeks, shares_of
from engine.measurement.report_words import guard_in_words
from engine.programme import Programme
from engine.store import Store
from engine.store.nights.kept_experiments import KeptExperiment, unended_experiments
from engine.store.nights.run_records import all_runs
from models.features.catalogue import Catalogue
from models.features.habits import Margins
from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.sources import Data


class JudgedArm(NamedTuple):
    """The guards of one arm against the first one."""

    about: KeptExperiment
    arm: str
    found: list[GuardRow]


def a_week_is_over(store: Store, as_of: Moment) -> bool:
    """Whether a week of an experiment with guards has ended with this night: then, and only then, there is news."""
    before = [run.as_of for run in all_runs(store) if run.as_of < as_of.as_of]
    last = max(before, default=None)
    for one in unended_experiments(store):
        days = (as_of.as_of - one.started).days
        since = -1 if last is None else (last - one.started).days
        if one.definition.get("guards") and days >= 7 and days // 7 > since // 7:  # noqa: PLR2004 - days a week
            return True
    return False


def judge_running(
    store: Store, data: Data, catalogue: Catalogue, margins: Margins, rules: Programme
) -> list[JudgedArm]:
    """Every arm of every experiment that runs and names guards; those without a whole week are left out."""
    judged = []
    for one in unended_experiments(store):
        names = one.definition.get("guards", ())
        if not names or one.layer == IMPORTED_LAYER:
            continue
        for arm in list(shares_of(one))[1:]:
            pair = pair_of(one, arm)
            try:
                period = reported_weeks(data, one, None, None)
                arms, _ = compare(
                    store, data, catalogue, margins, rules, one, pair, period, lambda _run: None
                )
            except BadInput:  # no week is over, or an arm has nobody yet
                continue
            judged.append(JudgedArm(one, arm, guards(arms, names, int(one.definition["weeks"]))))
    return judged


def by_the_stop_rule(store: Store, judged: list[JudgedArm], currency: str) -> list[str]:
    """What is said of guards that got worse, an arm a sentence; an experiment whose file says so is ended."""
    said, ended = [], set[str]()
    for one in judged:
        broken = worse(one.found)
        if not broken:
            continue
        name = one.about.name
        what = "; ".join(guard_in_words(guard, currency) for guard in broken)
        if one.about.definition.get("on_guard") == "stop":
            if name not in ended:
                because = f"guard {', '.join(guard.name for guard in broken)} got worse in arm {one.arm}"
                stop_experiment(store, name, because=because, early=True)
                ended.add(name)
            said.append(
                f"experiment {name}, arm {one.arm}: guard {what}. It has ended: the next night goes without it."
            )
        else:
            said.append(
                f"experiment {name}, arm {one.arm}: guard {what}. It goes on; end it with `abonement experiment stop {name} "
                "--because ... --early`."
            )
    return said
