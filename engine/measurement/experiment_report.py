"""What came of an experiment or of the holdout: the whole report as numbers, before anything is put into words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from engine.domain.arms import Arm
from engine.domain.experiments import IMPORTED_LAYER
from engine.measurement.bucket_arms import AskedArms, SaidWhen, StoreFacts
from engine.measurement.compared_arms import ComparedArms, compared_arms
from engine.measurement.customer_weeks import MOST_BEFORE, ReportedWeeks
from engine.measurement.experiment_effects import (
    LEVEL,
    BoughtAnyway,
    Look,
    Measured,
    anyway,
    looks,
    measured,
    planned_error,
)
from engine.measurement.experiment_guards import GuardRow, guards
from engine.measurement.experiment_lights import Light, lights, with_incumbent
from engine.measurement.experiment_segments import Divisions, SegmentRow, in_segments
from engine.measurement.misleading_answers import MisleadingAnswer, misleading_answers
from engine.measurement.own_offers import NightFiles
from engine.programme import Programme
from engine.store import Store
from engine.store.grants.grant_sums import granted_between
from engine.store.log.measured_arms import (
    complaints_between,
    funded_between,
    members_among,
    reached_between,
    redeemed_between,
    served_between,
)
from engine.store.nights.assigned_arms import units_in_arms
from engine.store.nights.foreign_offers import foreign_offers_of
from engine.store.nights.holdout_leaks import leaks
from engine.store.nights.kept_experiments import HOLDOUT_LAYER, KeptExperiment, all_experiments
from engine.store.nights.redrawn_arms import redrawn
from engine.store.nights.run_records import Run, all_runs
from engine.store.schema import PUBLISHED
from models.effects.promoters import POINTS, points
from models.features.catalogue import Catalogue
from models.features.habits import Margins
from models.ground.errors import BadInput
from models.ground.moment import Moment, local_midnight
from models.sources import Data
from models.tables import CUSTOMER_ID

# A holdout has no planned end; its band is narrowest for what is known after half a year.
HOLDOUT_WEEKS = 26
# From a run to its files: None where its folder was pruned.
FilesOfNight = Callable[[Run], NightFiles | None]


@dataclass(frozen=True)
class ExperimentReport:
    """Everything that a report says, money in minor units a customer over the period.

    Attributes:
        name: of the experiment or holdout.
        pair: the treated arm and the one it is compared with.
        period: which weeks.
        planned_weeks: the planned length.
        judged_once: the plan is looked at once, and its end is reached: the interval of a single look counts.
        customers, households: in both arms, treated first.
        rows: every figure.
        looks: the margin week by week.
        retention: share still active after each week, treated and other.
        anyway: what would have been bought anyway; None where no shadows tell.
        lights: whether the experiment is what it should be.
        given: share of the treated who had a bundle.
        net: margins are without VAT.
        planned_error: of the margin at the planned end, 0 where the history does not tell.
        segments: the margin by segment.
        misleading: what a shop without a lot would report.
        guards: what the experiment says must not get worse.
    """

    name: str
    pair: tuple[str, str]
    period: ReportedWeeks
    planned_weeks: int
    judged_once: bool
    customers: tuple[int, int]
    households: tuple[int, int]
    rows: Sequence[Measured]
    looks: Sequence[Look]
    retention: Sequence[tuple[float, float]]
    anyway: BoughtAnyway | None
    lights: Sequence[Light]
    given: float
    net: bool
    planned_error: float
    segments: Sequence[SegmentRow]
    misleading: Sequence[MisleadingAnswer]
    guards: Sequence[GuardRow]

    def row(self, name: str) -> Measured:
        """One of `rows`."""
        return next(one for one in self.rows if one.name == name)

    @property
    def margin_interval(self) -> tuple[float, float]:
        """Of the margin's difference: of a single look where the plan says so, else one that holds at all looks."""
        if self.judged_once or not self.looks:
            return self.row("margin").difference.interval(LEVEL)
        return self.looks[-1].low, self.looks[-1].high


def named_experiment(store: Store, name: str | None) -> KeptExperiment:
    """An experiment by name; without one the holdout that began last.

    Raises:
        BadInput: there is none.
    """
    known = all_experiments(store)
    found = [one for one in known if (one.layer == HOLDOUT_LAYER if name is None else one.name == name)]
    if not found and name is None:
        raise BadInput(
            "Nobody was ever held out, so there is nobody to compare with; set holdout.share in the programme. "
            "`abonement experiment status` lists experiments."
        )
    if not found:
        raise BadInput(
            f"There is no experiment {name}; there are: {', '.join(one.name for one in known) or 'none'}."
        )
    return found[-1]


def reported_weeks(
    data: Data, about: KeptExperiment, starts: Moment | None, ends: Moment | None
) -> ReportedWeeks:
    """The whole weeks of an experiment that the load holds, or of them those from `starts` until before `ends`.

    Raises:
        BadInput: that is less than a week, or it begins before the experiment does.
    """
    zone = data.timezone
    began = local_midnight(date.fromisoformat(about.definition["since"]), zone)
    first = began if starts is None else local_midnight(starts.day, zone)
    if first.day < began.day:
        raise BadInput(
            f"--from {first.day} is before {about.name} began, on {began.day}; expected that day or a later one."
        )
    after_last = Moment(data.last_purchased_at, zone).day + timedelta(days=1)
    limits = [after_last]
    if about.stopped is not None:
        limits.append(Moment(about.stopped, zone).day)
    if "until" in about.definition:
        limits.append(date.fromisoformat(about.definition["until"]))
    if ends is not None:
        limits.append(ends.day)
    weeks = (min(limits) - first.day).days // 7
    if weeks < 1:
        raise BadInput(
            f"From {first.day} up to {min(limits)} is less than a whole week of {about.name}; the data end on "
            f"{after_last - timedelta(days=1)}. Load newer purchases, or wait until a week is over."
        )
    before = (began.day - Moment(data.first_purchased_at, zone).day).days // 7
    return ReportedWeeks(
        began, first, weeks, max(0, min(before, MOST_BEFORE)), local_midnight(after_last, zone)
    )


def compare(
    store: Store,
    data: Data,
    catalogue: Catalogue,
    margins: Margins,
    rules: Programme,
    about: KeptExperiment,
    pair: tuple[str, str],
    period: ReportedWeeks,
    files_of: FilesOfNight,
) -> tuple[ComparedArms, list[Light]]:
    """Collect both arms and look whether they may be compared; BadInput where an arm has nobody."""
    since, until = period.starts.as_of, period.ends.as_of
    nights = [one for one in all_runs(store) if one.state == PUBLISHED and since <= one.as_of < until]
    held_out, imported = pair[1] == Arm.HOLDOUT, about.layer == IMPORTED_LAYER
    files = [one for one in map(files_of, nights) if one is not None]

    def facts_of(names: Sequence[str]) -> StoreFacts:
        return StoreFacts(
            members_among(store, about.number, names),
            redeemed_between(store, names, since, until),
            [SaidWhen(*one) for one in funded_between(store, names, since, until)],
            served_between(store, names, since, until),
            reached_between(store, names, since, until),
            [SaidWhen(*one, 1.0) for one in complaints_between(store, names, since, until)],
            granted_between(store, names, since, until),
        )

    arms = compared_arms(
        AskedArms(
            data,
            catalogue,
            margins,
            period,
            pair,
            facts_of,
            _nps(data, period),
            files if held_out else (),
            rules.eligibility.seen_days,
            (lambda names: foreign_offers_of(store, about.number, names, since, until)) if imported else None,
        )
    )
    leaked = (
        leaks(store, about.number, covers=rules.holdout.covers, since=since, programme=rules.name)._asdict()
        if held_out
        else None
    )
    seen = lights(
        arms,
        pair,
        units_in_arms(store, about.number),
        shares_of(about),
        leaked,
        (len(nights), len(files)),
        redrawn(store, about),
    )
    if imported:
        seen = with_incumbent(seen, arms, told=about.definition["shares_told"])
    return arms, seen


def _nps(data: Data, period: ReportedWeeks) -> pd.DataFrame:
    """Everybody's NPS answers of the reported weeks: customer_id, at, value."""
    if data.answers is None:
        return pd.DataFrame(columns=list(SaidWhen._fields))
    inside = [
        ("kind", "==", "nps"),
        ("answered_at", ">=", period.starts.as_of),
        ("answered_at", "<", period.ends.as_of),
    ]
    said = pd.read_parquet(data.answers, filters=inside)
    value = points(said["score"]) / POINTS
    return pd.DataFrame({CUSTOMER_ID: said[CUSTOMER_ID], "at": said["answered_at"], "value": value})


def experiment_report(
    about: KeptExperiment,
    pair: tuple[str, str],
    period: ReportedWeeks,
    arms: ComparedArms,
    seen: Sequence[Light],
    divisions: Divisions,
    *,
    net: bool,
) -> ExperimentReport:
    """Estimate everything."""
    planned = int(about.definition.get("weeks", HOLDOUT_WEEKS))
    treated = arms.arms.treated
    return ExperimentReport(
        name=about.name,
        pair=pair,
        period=period,
        planned_weeks=planned,
        judged_once=about.definition.get("stop") == "planned_end" and period.weeks >= planned,
        customers=(int(arms.arms.customers[0]), int(arms.arms.customers[1])),
        households=(int(arms.arms.households[0]), int(arms.arms.households[1])),
        rows=measured(arms),
        looks=looks(arms, planned),
        retention=[(float(week[treated].mean()), float(week[~treated].mean())) for week in arms.active.T],
        anyway=anyway(arms) if pair[1] == Arm.HOLDOUT else None,
        lights=seen,
        given=float(arms.served[treated].mean()),
        net=net,
        planned_error=planned_error(arms, planned),
        segments=in_segments(arms, divisions),
        misleading=misleading_answers(arms, from_the_beginning=period.starts.day == period.began.day),
        guards=guards(arms, about.definition.get("guards", ()), planned),
    )


def pair_of(about: KeptExperiment, arm: str | None) -> tuple[str, str]:
    """The arm that is asked for and the one it is compared with: the first one, or who is held out.

    Raises:
        BadInput: the experiment has no such arm.
    """
    names = list(shares_of(about))
    control = Arm.HOLDOUT.value if about.layer == HOLDOUT_LAYER else names[0]
    others = [name for name in names if name != control]
    if arm is not None and arm not in others:
        raise BadInput(
            f"Experiment {about.name} has no arm {arm} to compare with {control}; expected one of: {', '.join(others)}."
        )
    return (arm or others[0]), control


def shares_of(about: KeptExperiment) -> dict[str, float]:
    """Every arm's share of all units of an experiment."""
    if about.layer == HOLDOUT_LAYER:
        share = float(about.definition["share"])
        return {Arm.HOLDOUT.value: share, Arm.TREATED.value: 1 - share}
    whole = sum(arm["share"] for arm in about.definition["arms"])
    return {arm["name"]: arm["share"] / whole for arm in about.definition["arms"]}
