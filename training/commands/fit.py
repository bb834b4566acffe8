"""`abonement-train fit`: learn from the workspace's data and publish a version."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.ground.errors import BadInput
from models.running.terminal import answer, progress_bar
from training.commands.options import AsJson, Jobs, Workspace, user


def fit(
    workspace: Workspace,
    as_of: Annotated[
        str, typer.Option(help="Learn from what lies before: a local day, or a time with zone.")
    ],
    item_level: Annotated[
        str, typer.Option(help="What an offer is on: product, or a family level.")
    ] = "product",
    customers_alike: Annotated[
        bool,
        typer.Option(
            "--customers-alike",
            help="Also ask customers who shop alike, for candidates and features; every night takes longer.",
        ),
    ] = False,
    profile: Annotated[
        Path | None,
        typer.Option(help="Hyper-parameters in a TOML file; what it leaves out is as it is by default."),
    ] = None,
    windows: Annotated[
        str | None,
        typer.Option(
            help="Windows of days to predict purchases in: such as 4-7 or 1,4-7; in-force for those of the programmes in force."
        ),
    ] = None,
    jobs: Jobs = 2,
    response: Annotated[
        bool,
        typer.Option(
            "--response",
            help="Learn what discounts change instead, from the shop's own promotions; it has versions of its own.",
        ),
    ] = False,
    promote_it: Annotated[bool, typer.Option("--promote", help="Make it current at once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Learn affinity, churn, rhythm and lifetime value; publish them as a version of the workspace's registry.

    The first version becomes the current one; later ones wait for `promote`, or for `--promote` here. With --response it is
    the shop's response that is learnt: how many more buy at which discount, what of it is kept, and, once nights have given
    bundles by lot, how many visits they bring.
    """
    if response:
        if item_level != "product" or customers_alike or profile or windows:
            raise BadInput(
                "--response learns from promotions of products and takes none of --item-level, --customers-alike, --profile and "
                "--windows; leave them out."
            )
        _fit_response(workspace, as_of, jobs, promote_it, as_json)
        return
    from models.ground.moment import parse_moment
    from models.items.baselines import TUNED
    from models.sources import open_data
    from models.versions import registry
    from training.fitting.asked_windows import asked_windows
    from training.fitting.fit import fit as learn
    from training.fitting.fit_profile import FitProfile
    from training.fitting.profile_file import load_profile

    chosen = load_profile(profile) if profile else FitProfile()
    if customers_alike:
        if chosen.neighbours:
            raise BadInput(
                f"Both --customers-alike and [neighbours] in {profile} ask customers alike; keep one."
            )
        chosen = replace(chosen, neighbours=TUNED)
    data = open_data(workspace)
    moment = parse_moment(as_of, data.timezone)
    said_windows: list[str] = []
    if windows:
        range_, asked_by = asked_windows(windows, workspace, moment)
        chosen = replace(chosen, window_days=range_)
        said_windows = [f"Purchases are predicted within {range_[0]} to {range_[1]} days."]
        said_windows += [f"  for {one}" for one in asked_by]
    with data.held(), data.blamed_if_damaged(), progress_bar() as progress:
        fitted = learn(data, moment, item_level, chosen, jobs, progress)
    folder = registry.registry_folder(workspace)
    version = registry.publish(
        folder, fitted.manifest, fitted.rhythm, fitted.affinity, fitted.churn, fitted.lifetime
    )
    before = registry.current_version(folder)
    if before is None or (promote_it and before != version):
        registry.promote(folder, version, now=datetime.now(UTC), by=user())
        said = f"Published {version}; it is the current version."
    elif before == version:
        said = f"Version {version} is the current version already."
    else:
        said = f"Published {version}; make it current with `abonement-train promote {version}`."
    about = fitted.manifest
    metrics = [f"  {name:<28} {value:,.4f}" for name, value in about.metrics.items()]
    facts = {
        "version": version,
        "current": registry.current_version(folder) == version,
        "notes": about.notes,
        "metrics": about.metrics,
        "window_days": list(about.window_days),
    }
    answer("\n".join([*said_windows, *about.notes, *metrics, said]), facts, as_json)


def _fit_response(workspace: Path, as_of: str, jobs: int, promote_it: bool, as_json: bool) -> None:
    from models.ground.moment import parse_moment
    from models.sources import open_data
    from models.versions.response_versions import promote_response, publish_response, response_folder
    from models.versions.version_pointer import current_version
    from training.evaluation.response_gate import gated
    from training.fitting.response.workspace_response import fit_response

    data = open_data(workspace)
    with data.held(), data.blamed_if_damaged(), progress_bar() as progress:
        manifest, learnt = fit_response(workspace, data, parse_moment(as_of, data.timezone), jobs, progress)
    folder = response_folder(workspace)
    version = publish_response(folder, manifest, learnt)
    before = current_version(folder)
    if before == version:
        said = f"Version {version} is the response in use already."
    elif before is None or promote_it:
        gate = gated(workspace, version)
        promote_response(folder, version, now=datetime.now(UTC), by=user(), gate=gate.state.value)
        said = f"Published {version}; it is the response in use."
        said += "" if before is None else f" {gate.said}"
    else:
        said = f"Published {version}; use it with `abonement-train promote --response {version}`."
    metrics = [f"  {name:<28} {value:,.4f}" for name, value in manifest.metrics.items()]
    learning = manifest.data["learning"]
    nights = [
        f"  {one['night']:<16} {one['state']:<10} {one['share']:6.1%} {one['spent_minor']:12,.0f} spent of {one['sum_minor']:,.0f}"
        for one in learning
    ]
    facts = {
        "version": version,
        "current": current_version(folder) == version,
        "notes": manifest.notes,
        "metrics": manifest.metrics,
        "learning": learning,
        "digest": learnt.digest,
    }
    if nights:
        metrics += ["Learning by lot before each night: state, share of customers, minor units", *nights]
    answer("\n".join([*manifest.notes, *metrics, said]), facts, as_json)
