"""`abonement experiment`: what is tried, written down before it begins: plan, start, status, stop."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.options import AsJson, StoreUrl, Wait, Workspace, existing_store
from models.ground.currencies import written
from models.ground.exit_codes import REFUSED
from models.running.terminal import answer

if TYPE_CHECKING:
    from engine.measurement.begun_experiments import ExperimentStatus
    from engine.measurement.experiment_power import SmallestEffect
    from engine.store.nights.kept_experiments import KeptExperiment

experiment = typer.Typer(
    help="Try other rules on some customers: plan, start, status, stop.", no_args_is_help=True
)
File = Annotated[
    Path, typer.Argument(metavar="FILE", help="The experiment, as docs/experiments.md describes it.")
]


@experiment.command("plan")
def plan_experiment(
    file: File,
    workspace: Workspace,
    as_of: Annotated[
        str, typer.Option(help="Up to when the history is looked at: a local day, or a time with zone.")
    ],
    programme: Annotated[
        Path | None, typer.Option(help="The programme's rules; the classic ones without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What the experiment can see in this shop: exit code 0, or 3 where that is no more than noise."""
    import pandas as pd

    from engine.measurement.experiment_power import smallest_effects
    from engine.programme import load_programme, programme_text
    from engine.programme.experiment_file import load_experiment
    from models.features.catalogue import build_catalogue
    from models.features.habits import margins_of
    from models.ground.moment import parse_moment
    from models.sources import open_data

    tried, rules, data = load_experiment(file), load_programme(programme), open_data(workspace)
    tried.require_possible(programme_text(programme))
    moment = parse_moment(as_of, data.timezone)
    with data.held(), data.blamed_if_damaged():
        catalogue = build_catalogue(pd.read_parquet(data.products), rules.prediction.item_level)
        margins = margins_of(catalogue.items, rules.assumed_margin_bp.of, rules.loyalty.period_days)
        found = smallest_effects(data, catalogue, margins, rules, tried, moment)
    planned = [one for one in found if one.weeks == tried.weeks]
    enough = all(one.sees_enough for one in planned)
    lines = [
        f"Experiment {tried.name}: {tried.metric} a customer, arm against {tried.arms[0].name}, found four times in five.",
        *(_power_line(one, tried.metric, data.currency) for one in found),
    ]
    if not enough:
        worst = max(planned, key=lambda one: one.share)
        lines.append(
            f"This shop would see noise: over {worst.weeks} weeks {worst.customers:,} customers show nothing below "
            f"{worst.share:.0%} of the usual {tried.metric}, and offers seldom change more than a tenth. A tenth needs "
            f"{worst.needed:,} customers in both arms: larger shares, more weeks, or no experiment."
        )
    facts = {
        "experiment": tried.name,
        "metric": tried.metric,
        "sees_enough": enough,
        "effects": [asdict(one) | {"share": one.share} for one in found],
    }
    answer("\n".join(lines), facts, as_json)
    if not enough:
        raise typer.Exit(REFUSED)


@experiment.command()
def start(
    file: File,
    workspace: Workspace,
    starts: Annotated[str, typer.Option("--from", help="Its first night: a local day, or a time with zone.")],
    programme: Annotated[
        Path | None, typer.Option(help="The rules that its arms change; those of the last night without it.")
    ] = None,
    store_url: StoreUrl = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Write an experiment down; nights from then on go by it, until its planned end."""
    from engine.measurement.begun_experiments import last_programme, start_experiment
    from engine.nightly.choosing.policies import policy_of
    from engine.programme import programme_text
    from engine.programme.experiment_file import changed_programme, load_experiment
    from models.ground.locks import only_writer
    from models.ground.moment import parse_moment
    from models.sources import open_data

    tried, data = load_experiment(file), open_data(workspace)
    moment = parse_moment(starts, data.timezone, "--from")
    tried.require_somebody(data.customers_total)
    with (
        existing_store(workspace, store_url) as store,
        only_writer(workspace, f"the start of experiment {tried.name}", wait_seconds=wait),
    ):
        text = programme_text(programme) if programme is not None else last_programme(store)
        for arm in tried.arms:  # a policy that is not to be had is refused today, not in the night
            if "policy" in arm.programme:
                policy_of(
                    changed_programme(text, [arm.programme], f"arm {arm.name} of experiment {tried.name}")
                )
        begun = start_experiment(store, tried, moment, programme_text=text)
    said = f"Experiment {begun.name} begins with the night of {moment.day.isoformat()}, planned until {_day(begun)}."
    answer(said, _facts(begun), as_json)


@experiment.command()
def status(
    workspace: Workspace,
    guards: Annotated[
        bool,
        typer.Option(
            "--guards", help="Judge the guards too, on loaded purchases: as long as a report takes."
        ),
    ] = False,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Every experiment and holdout: since when, until when, how many customers are in which arm."""
    from engine.commands.experiment_guards import judged_guards
    from engine.measurement.begun_experiments import statuses
    from engine.measurement.report_words import guard_in_words

    with existing_store(workspace, store_url) as store:
        found = statuses(store)
        judged = judged_guards(workspace, store) if guards else []
    lines = [line for one in found for line in _status_lines(one)] or ["No experiment has begun."]
    if judged:
        from models.sources import open_data

        currency = open_data(workspace).currency
        lines += [
            f"{one.about.name}, arm {one.arm}, guard {guard_in_words(guard, currency)}"
            for one in judged
            for guard in one.found
        ]
    facts = [
        _facts(one.about) | {"customers": one.customers, "erased": one.erased, "crossed": one.crossed}
        for one in found
    ]
    answers: dict[str, Any] = {"experiments": facts}
    if guards:
        answers["guards"] = [
            {"experiment": one.about.name, "arm": one.arm, **guard.as_facts()}
            for one in judged
            for guard in one.found
        ]
    answer("\n".join(lines), answers, as_json)


@experiment.command()
def stop(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which experiment.")],
    workspace: Workspace,
    because: Annotated[str, typer.Option(help="Why, kept beside its name.")],
    early: Annotated[
        bool, typer.Option("--early", help="Also before the end at which it is planned to be looked at.")
    ] = False,
    store_url: StoreUrl = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """End an experiment; its customers go by the programme from the next night on."""
    from engine.measurement.begun_experiments import stop_experiment
    from models.ground.locks import only_writer

    with (
        existing_store(workspace, store_url) as store,
        only_writer(workspace, f"the end of experiment {name}", wait_seconds=wait),
    ):
        ended = stop_experiment(store, name, because=because, early=early)
    said = f"Experiment {ended.name} has ended: {ended.stopped_because}. The next night goes without it."
    answer(said, _facts(ended), as_json)


def _power_line(one: "SmallestEffect", metric: str, currency: str) -> str:
    def amount(value: float) -> str:
        return f"{value:.2f}" if metric == "visits" else f"{written(value, currency)} {currency}"

    known = f", {one.adjusted:.0%} of their spread foretold" if one.adjusted else ""
    return (
        f"  {one.weeks:>3} weeks, {one.customers:,} customers{known}: {one.arm} at least {amount(one.effect)} apart, "
        f"{one.share:.1%} of {amount(one.usual)}"
    )


def _status_lines(one: "ExperimentStatus") -> list[str]:
    about = one.about
    until = f"until {_day(about)}" if "until" in about.definition else "until it is ended"
    if about.stopped is not None:
        until = f"ended {about.stopped.date().isoformat()}: {about.stopped_because}"
    lines = [f"{about.name}  layer {about.layer}, since {about.definition['since']}, {until}"]
    if "hypothesis" in about.definition:
        guards = ", ".join(about.definition["guards"]) or "nothing"
        lines.append(
            f"  {about.definition['hypothesis']} Judged by {about.definition['metric']}, guarded by {guards}."
        )
    for arm, count in one.customers.items():
        others = [
            f"{number:,} {what}"
            for number, what in (
                (one.erased[arm], "erased since"),
                (one.crossed[arm], "with a card of another arm"),
            )
            if number
        ]
        lines.append(f"  {arm:<12} {count:,} customers{''.join(f', {said}' for said in others)}")
    return lines


def _day(about: "KeptExperiment") -> str:
    return str(about.definition["until"])


def _facts(about: "KeptExperiment") -> dict[str, Any]:
    return {
        "name": about.name,
        "layer": about.layer,
        "drawn_by": about.drawn_as.value,
        "started": about.started,
        "stopped": about.stopped,
        "stopped_because": about.stopped_because,
        **about.definition,
    }
