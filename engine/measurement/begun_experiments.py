"""Beginning and ending experiments: what is written down before the first customer is drawn, and what it may not run beside."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.domain.experiments import PLACES, free_places, places_of
from engine.domain.offer_errors import BadProgramme, BadRequest
from engine.programme.experiment_file import ExperimentPlan
from engine.store import Store
from engine.store.nights.assigned_arms import InArm, counted_in_arms
from engine.store.nights.kept_experiments import (
    KeptExperiment,
    all_experiments,
    begin_experiment,
    end_experiment,
    unended_experiments,
)
from engine.store.nights.published_products import PublishedShop, published_shop
from models.ground.moment import Moment, local_midnight


@dataclass(frozen=True)
class ExperimentStatus:
    """An experiment and who has been seen in it: customers by arm; of them, erased and crossed ones."""

    about: KeptExperiment
    customers: dict[str, int]
    erased: dict[str, int]
    crossed: dict[str, int]


def start_experiment(
    store: Store, plan: ExperimentPlan, starts: Moment, *, programme_text: str | None = None
) -> KeptExperiment:
    """Write an experiment down; nights from `starts` on go by it.

    Args:
        store: where a night has been published.
        plan: as its owner wrote it.
        starts: the cut of its first night.
        programme_text: the rules that its arms change; those of the last published night without it.

    Raises:
        BadProgramme: its arms are impossible under the programme, its name is taken, its layer has too few customers
            left, or one that runs at the same time changes the same keys.
        BadRequest: no night was published yet, or one was for that day or a later one.
    """
    last = _last_night(store)
    plan.require_possible(last.programme if programme_text is None else programme_text)
    if starts.as_of <= last.as_of:
        raise BadRequest(
            f"Experiment {plan.name} cannot begin on {starts.day.isoformat()}: run {last.run_id} was published for then or "
            "later, and whoever it served was not drawn. Name a later night with --from."
        )
    # one after the other: two that begin at once would take the same places of a layer
    with store.switching() as connection:
        names = {one.name for one in all_experiments(store)}
        if plan.name in names:
            raise BadProgramme(
                f"There is an experiment {plan.name} already, and its customers are drawn by that name; give this one another."
            )
        definition = _definition(store, plan, starts)
        begin_experiment(
            connection,
            name=plan.name,
            layer=plan.layer,
            drawn_as=plan.drawn_as,
            salt=f"experiment/{plan.name}",
            definition=definition,
            started=starts.as_of,
        )
    return next(one for one in all_experiments(store) if one.name == plan.name)


def last_programme(store: Store) -> str:
    """The rules of the last published night; BadRequest where there is none."""
    return _last_night(store).programme


def stop_experiment(store: Store, name: str, *, because: str, early: bool) -> KeptExperiment:
    """End an experiment with the last published night; its customers go by the programme from the next one on.

    Raises:
        BadRequest: there is none of that name that runs, or its plan says that it is looked at once and that is not yet.
    """
    running = {one.name: one for one in unended_experiments(store)}
    found = running.get(name)
    if found is None:
        raise BadRequest(
            f"No experiment {name} runs; running are: {', '.join(running) or 'none'}. The holdout ends with a night that has "
            "holdout.share = 0."
        )
    now, ends = _last_night(store).as_of, datetime.fromisoformat(found.definition["ends"])
    if found.definition["stop"] == "planned_end" and now < ends and not early:
        raise BadRequest(
            f"Experiment {name} is planned to be looked at once, on {found.definition['until']}: stopping when a look pleases "
            "takes chance for an effect. Wait, or end it all the same with --early, which is kept beside its name."
        )
    with store.writing() as connection:
        said = f"early: {because}" if now < ends else because
        end_experiment(connection, found.number, stopped=max(now, found.started), because=said)
    return next(one for one in all_experiments(store) if one.name == name)


def statuses(store: Store) -> tuple[ExperimentStatus, ...]:
    """Every experiment, the holdouts too, in the order of beginning, with who is in which arm; an arm of nobody is named too."""
    counted = counted_in_arms(store)
    found = []
    for one in all_experiments(store):
        nobody = {arm["name"]: InArm(0, 0, 0) for arm in one.definition.get("arms", ())}
        rows = sorted((nobody | counted.get(one.number, {})).items())
        found.append(
            ExperimentStatus(
                one,
                *(
                    {arm: getattr(row, what) for arm, row in rows}
                    for what in ("customers", "erased", "crossed")
                ),
            )
        )
    return tuple(found)


def _last_night(store: Store) -> PublishedShop:
    last = published_shop(store)
    if last is None:
        raise BadRequest("No night has been published yet; an experiment begins after the first one.")
    return last


def _definition(store: Store, plan: ExperimentPlan, starts: Moment) -> dict[str, Any]:
    ends = local_midnight(starts.day + timedelta(weeks=plan.weeks), starts.timezone)
    beside = [one for one in unended_experiments(store) if _meets(one, starts.as_of, ends.as_of)]
    taken = [
        (first, end) for one in beside if one.layer == plan.layer for first, end in one.definition["places"]
    ]
    places = free_places(taken, places_of(plan.share))
    if places is None:
        left = PLACES - sum(end - first for first, end in taken)
        raise BadProgramme(
            f"Experiment {plan.name} asks for {plan.share:.0%} of layer {plan.layer!r}, which has {left / PLACES:.0%} left "
            f"beside {', '.join(one.name for one in beside if one.layer == plan.layer)}: two experiments of a layer share no "
            "customers. Lower the shares, wait until one ends, or name another layer."
        )
    mine = {key for arm in plan.tried_arms for key in _keys(arm.changes)}
    for one in beside:
        both = mine & {key for arm in one.definition["arms"] for key in _keys(arm["changes"])}
        if both and one.layer != plan.layer:
            raise BadProgramme(
                f"Experiment {plan.name} changes {', '.join(sorted(both))}, and so does {one.name} for some of the same "
                f"customers, since it is of layer {one.layer!r}: nobody could tell which of them worked. Name its layer."
            )
    return {
        "hypothesis": plan.hypothesis,
        "weeks": plan.weeks,
        "since": starts.day.isoformat(),
        "until": ends.day.isoformat(),
        "ends": ends.as_of.isoformat(),
        "metric": plan.metric,
        "guards": list(plan.guards),
        "on_guard": plan.on_guard,
        "stop": plan.stop,
        "places": [list(one) for one in places],
        "arms": [
            {"name": arm.name, "share": arm.share, "changes": dict(arm.changes)} for arm in plan.tried_arms
        ],
    }


def _meets(one: KeptExperiment, starts: datetime, ends: datetime) -> bool:
    return one.started < ends and starts < datetime.fromisoformat(one.definition["ends"])


def _keys(changes: Any) -> set[str]:
    return {f"{section}.{key}" for section, keys in changes.items() for key in keys}
